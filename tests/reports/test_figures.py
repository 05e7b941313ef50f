from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd
import pytest
from drawn_texts import assert_words_fit
from matplotlib.figure import Figure
from PIL import Image

from creditgraph.guard import DataError, OptionError
from creditgraph.reports import labels
from creditgraph.reports.content import ReportContent
from creditgraph.reports.figures import (
    accuracy_curves,
    balance_curves,
    community_order,
    modularity_curves,
    modularity_differences,
    null_distributions,
    png,
    reordered_matrices,
    reordered_matrix,
    stability_map,
    svg,
    training_curves,
    training_summary,
    verification_errors,
)
from creditgraph.reports.figures.matrices import colour_limit
from creditgraph.reports.figures.style import NULL_LOOKS, shown_rates

TWENTY = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-4, 1, 20))
FIGURES: dict[str, Callable[[ReportContent], Figure]] = {
    "modularity": lambda content: modularity_curves(content.effects, content.communities),
    "differences": lambda content: modularity_differences(content.effects),
    "nulls": lambda content: null_distributions(
        content.nulls, content.communities, content.effects["learning_rate"].unique()[[0, -1]], weights="absolute"
    ),
    "matrices": lambda content: reordered_matrices(content.matrices),
    "scored matrices": lambda content: reordered_matrices(
        content.matrices, scores=content.communities[content.communities["weights"] == "absolute"]
    ),
    "one matrix": lambda content: reordered_matrix(content.matrices[0], scores=content.communities),
    "stability": lambda content: stability_map(content.communities),
    "training": lambda content: training_curves(content.training, content.kind),
    "verification": lambda content: verification_errors(content.verification),
}
SHAPES = {
    "two rates": {"learning_rates": (0.03, 0.3), "seeds": 2, "nulls": ("initial",)},
    "one rate": {"learning_rates": (0.1,), "seeds": 1, "nulls": ("initial",)},
    "usual": {},
    "twenty rates": {"learning_rates": TWENTY, "prunings": (0.5, 0.8, 0.95), "weights": ("absolute", "positive")},
    "layered": {"kind": "layered", "learning_rates": (0.01, 0.03, 0.1), "seeds": 3, "nulls": ("shuffle_block",)},
}


@pytest.mark.parametrize(
    "shape", [pytest.param(shape, marks=[pytest.mark.slow] * (shape == "twenty rates")) for shape in SHAPES]
)
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_overlaps_or_leaves_the_figure(build, name, shape):
    """Guards against tick labels, titles and legends that run into each other or are cut off, at 1 to 20 rates."""
    assert_words_fit(FIGURES[name](build(**SHAPES[shape])))


@pytest.mark.parametrize("name", FIGURES)
def test_figures_have_a_question_and_named_axes(content, name):
    """Guards against pictures that a reader cannot read on their own."""
    figure = FIGURES[name](content)
    assert figure.get_suptitle().endswith("?")
    assert any(axes.get_xlabel() for axes in figure.axes)
    if name != "verification":
        assert any(axes.get_ylabel() for axes in figure.axes)


@pytest.mark.parametrize("name", ["modularity", "differences", "nulls", "scored matrices", "stability"])
def test_long_and_hostile_names_fit(content, name):
    """Guards against names from outside that run over the edge, are read as formulas, or turn what follows around."""
    bad = "$x_{ \u202e<b> " + "w" * 300
    tables = {
        table: getattr(content, table).replace({"initial": bad, "absolute": bad})
        for table in ("effects", "communities", "nulls")
    }
    hostile = dataclasses.replace(content, **tables)
    draw = {
        **FIGURES,
        "nulls": lambda content: null_distributions(content.nulls, content.communities, [0.001, 0.5], weights=bad),
        "scored matrices": lambda content: reordered_matrices(content.matrices, scores=content.communities),
    }
    assert_words_fit(draw[name](hostile))


@pytest.mark.parametrize("name", ["modularity", "differences", "nulls", "scored matrices"])
def test_four_null_models_of_long_names_fit(content, name):
    """Guards against legends cut at both edges, z of neighbouring matrices over each other, and one that is missing."""
    nulls = ["shuffle_nonzero", "shuffle_dyads", "shuffle_strength", "shuffle_dyads_strength"]

    def of_four(table):
        one = table[table["null"] == "initial"]
        return pd.concat([one.assign(null=null) for null in nulls], ignore_index=True)

    tables = {table: of_four(getattr(content, table)) for table in ("effects", "communities", "nulls")}
    many = dataclasses.replace(content, **tables)
    draw = {
        **FIGURES,
        "scored matrices": lambda content: reordered_matrices(content.matrices, scores=content.communities),
    }
    figure = draw[name](many)
    assert_words_fit(figure)
    if name == "scored matrices":
        titles = [axes.get_title() for axes in figure.axes if "z = " in axes.get_title()]
        assert titles
        assert all(title.endswith("and 1 null model more") for title in titles)
    if name == "nulls":
        # as many samples about each seed, so none is nearer to another
        for line in figure.axes[0].lines[:4]:
            assert len(set(np.unique(np.round(line.get_xdata()), return_counts=True)[1])) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_figures_repeat_byte_for_byte_and_leave_settings_alone(content, name):
    """Guards against dates, random names and a changed global style."""
    before = dict(matplotlib.rcParams)
    assert svg(FIGURES[name](content)) == svg(FIGURES[name](content))
    assert dict(matplotlib.rcParams) == before


def test_curves_draw_the_numbers_of_the_table(content):
    """Guards against lines that show another row than they say."""
    figure = modularity_curves(content.effects, content.communities)
    rows = content.effects[(content.effects["direction"] == "minimise") & (content.effects["null"] == "initial")]
    rows = rows.sort_values("learning_rate")
    panel = next(axes for axes in figure.axes if axes.get_ylabel() == "minimal Q")
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in panel.lines]
    for column in ("quality_mean", "null_mean"):
        assert any(y.shape == (len(rows),) and np.allclose(y, rows[column]) for y in drawn), column
    networks = content.communities[content.communities["direction"] == "minimise"]
    assert sorted(next(y for y in drawn if len(y) == 39)) == sorted(networks["quality"].unique())


def test_differences_fill_markers_by_significance(content):
    """Guards against a full marker where no test passed, and a missing q passing for one that did."""
    effects = content.effects[content.effects["null"] == "initial"].sort_values("learning_rate").copy()
    effects = effects[effects["direction"] == "maximise"]
    effects["q_value"] = pd.array([0.05, 0.051, 0.001, pd.NA, 0.9, 1, 1, 1], dtype="Float64")
    panel = modularity_differences(effects).axes[0]
    faces = {line.get_markerfacecolor(): len(line.get_xdata()) for line in panel.lines if line.get_marker() == "s"}
    assert faces == {NULL_LOOKS["initial"]["color"]: 2, "white": 6}


def test_missing_learning_rates_leave_gaps_not_errors(content):
    """Guards against NaN in the table (all networks of a rate diverged) breaking the figure."""
    effects = content.effects.copy()
    measured = [c for c in effects if c.endswith(("_mean", "_low", "_high"))]
    effects.loc[effects["learning_rate"] == 0.5, measured] = np.nan
    effects.loc[effects["learning_rate"] == 0.5, ["seeds", "significant"]] = 0
    for figure in (modularity_curves(effects), modularity_differences(effects)):
        ends = [max(line.get_xdata()) for line in figure.axes[0].lines if len(line.get_xdata()) >= 7]
        assert ends
        assert max(ends) < 0.4


def test_community_order_by_hand():
    """Guards against blocks that do not hold the neurons of a community."""
    order, sizes = community_order([7, 2, 2, 7, 5, 2])
    assert order.tolist() == [1, 2, 5, 0, 3, 4]
    assert sizes == [3, 2, 1]


def test_colour_limit_looks_at_existing_synapses_only():
    """Guards against strong pruning making the 99th percentile zero, and one outlier whitening the rest."""
    matrix = np.zeros((100, 100))
    matrix[0, :] = 1.0
    matrix[0, 0] = -500.0
    assert 1.0 <= colour_limit(matrix) < 10.0
    assert colour_limit(np.zeros((3, 3))) == 1.0


def test_matrices_are_reordered_in_rows_and_columns(build):
    """Guards against post and pre being ordered differently, and colours that are not symmetric about zero."""
    example = build(n=30).matrices[0]
    figure = reordered_matrices([example])
    images = [axes.images[0] for axes in figure.axes if axes.images]
    order, sizes = community_order(example.membership)
    assert np.allclose(images[0].get_array(), example.matrix)
    assert np.allclose(images[1].get_array(), example.matrix[order][:, order])
    low, high = images[1].get_clim()
    assert low == -high
    outlined = [patch for patch in images[1].axes.patches if not patch.get_fill()]
    assert [patch.get_width() for patch in outlined] == sizes


def test_matrices_name_their_own_scores(content):
    """Guards against the score of the other direction, of another network or of a single null model above a matrix."""
    example = content.matrices[1]
    own = content.communities[
        (content.communities["learning_rate"] == example.learning_rate) & (content.communities["seed"] == example.seed)
    ]
    figure = reordered_matrix(example, scores=content.communities)
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles[0] == ""
    for title, direction, name in zip(titles[1:], ("maximise", "minimise"), ("maximal", "minimal"), strict=True):
        rows = own[own["direction"] == direction]
        assert len(rows) == 2
        assert title == "\n".join(
            [
                f"{name} Q = {labels.score(rows['quality'].iloc[0])}, agreement {rows['agreement'].iloc[0]:.2g}",
                *(f"z = {labels.number(row['z'])} ({labels.null(row['null'])})" for row in rows.to_dict("records")),
            ]
        )


def test_groups_of_minimal_modularity_are_drawn_apart(content):
    """Guards against the communities of maximal modularity standing under the name of the minimal ones."""
    example = content.matrices[0]
    images = [axes.images[0] for axes in reordered_matrix(example).axes if axes.images]
    order, sizes = community_order(example.minimal)
    assert np.allclose(images[2].get_array(), example.matrix[order][:, order])
    assert [patch.get_width() for patch in images[2].axes.patches] == sizes


def test_validation_and_balance_are_drawn_where_they_were_recorded(build):
    """Guards against panels of what was not recorded, and records that nobody sees."""
    training = build(**SHAPES["layered"]).training
    names = [axes.get_ylabel() for axes in training_curves(training, "layered").axes]
    assert "loss, validation data" not in names
    more = training.assign(
        validation_loss=training["test_loss"], validation_accuracy=0.5, ei_imbalance=0.25, credit_norm=2.0
    )
    names = [axes.get_ylabel() for axes in training_curves(more, "recurrent").axes]
    assert {"loss, validation data", "accuracy, validation data", "loss, test data"} <= set(names)
    with pytest.raises(DataError, match="nothing to draw"):
        balance_curves(training, "layered")
    figure = balance_curves(more, "layered")
    assert [axes.get_ylabel() for axes in figure.axes[:2]] == [
        "E-I imbalance |E − I| / (E + I)",
        "norm of the credits",
    ]
    assert all(np.allclose(line.get_ydata(), 0.25) for line in figure.axes[0].lines)


def test_what_always_the_same_answer_reaches_is_drawn_where_it_is_known():
    """Guards against an accuracy that looks high where one class is most of the data, and a line at another height."""
    courses = pd.DataFrame({"learning_rate": 0.1, "seed": [0, 0], "epoch": [0, 1], "train_loss": [1.0, 0.5]})
    courses = courses.assign(test_loss=1.0, train_accuracy=[0.5, 0.9], test_accuracy=[0.5, 0.8])

    def dotted(figure):
        return {
            axes.get_ylabel(): line.get_ydata()[0]
            for axes in figure.axes
            for line in axes.lines
            if line.get_linestyle() == ":"
        }

    constant = {"train_accuracy": 0.6, "test_accuracy": 0.7}
    found = dotted(training_curves(courses, "layered", constant=constant))
    assert found == {"accuracy, training data": 0.6, "accuracy, test data": 0.7}
    assert not dotted(training_curves(courses, "layered"))
    accuracy = pd.DataFrame(
        {"source": ["a", "b"], "learning_rate": 0.1, "accuracy_mean": 0.8, "accuracy_low": 0.7, "accuracy_high": 0.9}
    ).assign(of="test", largest_class=[0.5, 0.5])
    for shares, heights in (([0.7, 0.7], [0.7]), ([0.65, 0.7], [0.65, 0.7]), ([0.1, 0.7], [0.7]), ([None, 0.1], [])):
        axes = accuracy_curves(accuracy.assign(largest_class=shares)).axes[0]
        across = [line for line in axes.lines if line.get_linestyle() == ":" and len(line.get_xdata()) == 2]
        assert [line.get_ydata()[0] for line in across] == heights


def test_diverged_networks_do_not_bend_the_mean(content):
    """Guards against a mean that jumps where a diverging network ends."""
    summary = training_summary(content.training, "connectome")
    at = summary[(summary["learning_rate"] == 0.5) & (summary["quantity"] == "weight_norm")]
    assert set(at["seeds"]) == {4}
    assert at["high"].max() < 100
    assert content.training["weight_norm"].max() > 10_000
    crosses = [
        line for line in training_curves(content.training, "connectome").axes[0].lines if line.get_marker() == "x"
    ]
    assert [float(line.get_xdata()[0]) for line in crosses] == [640.0]


def test_training_summary_by_hand():
    """Guards against a mean over the wrong rows."""
    training = pd.DataFrame(
        {
            "learning_rate": 0.1,
            "seed": [0, 0, 1, 1],
            "epoch": [0, 1, 0, 1],
            "train_loss": [2.0, 1.0, 4.0, 3.0],
            "train_accuracy": 0.5,
            "test_loss": 1.0,
            "test_accuracy": 0.25,
        }
    )
    summary = training_summary(training, "layered")
    loss = summary[summary["quantity"] == "train_loss"]
    assert loss[["epoch", "mean", "low", "high"]].to_numpy().tolist() == [[0, 3.0, 2.0, 4.0], [1, 2.0, 1.0, 3.0]]


def test_shown_rates_keep_the_ends_and_the_decades():
    """Guards against axes whose labels are odd rates while 0.01 and 0.1 go unlabelled."""
    shown = shown_rates([0.001, 0.002, 0.005, 0.009, 0.01, 0.011, 0.1, 0.5], 2.5)
    assert {0.001, 0.01, 0.5} <= set(shown)
    assert not {0.009, 0.011} & set(shown)


def test_broken_bounds_are_seen(content):
    """Guards against an error beyond its bound being cut off by the axis."""
    table = content.verification.copy()
    table.loc[0, ["error", "holds"]] = [3e-3, False]
    panel = verification_errors(table).axes[0]
    assert panel.get_xlim()[1] > 3e-3


@pytest.mark.parametrize("draw", [modularity_curves, modularity_differences, verification_errors])
def test_empty_tables_are_refused(draw):
    """Guards against an empty picture."""
    with pytest.raises(DataError, match="nothing to draw"):
        draw(pd.DataFrame())
    with pytest.raises(DataError, match="nothing to draw"):
        reordered_matrices([])


def test_unknown_kind_is_refused(content):
    """Guards against a key error of a dictionary."""
    with pytest.raises(OptionError, match="kind: got 'conectome'"):
        training_curves(content.training, "conectome")


def test_picture_is_coloured_where_it_should_be(content):
    """Guards against an empty or blacked-out picture: the colours of both directions and both nulls are in it."""
    pixels = np.asarray(Image.open(io.BytesIO(png(modularity_curves(content.effects), dpi=80))).convert("RGB")).astype(
        int
    )
    assert (pixels == 255).all(axis=2).mean() > 0.6
    for colour in ("#0072B2", "#D55E00", "#A8417D"):
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        assert (np.abs(pixels - wanted).sum(axis=2) < 60).sum() > 30, colour
