from __future__ import annotations

import io
import itertools
from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from creditgraph.guard import DataError, OptionError
from creditgraph.reports.content import ReportContent
from creditgraph.reports.figures import (
    community_order,
    modularity_curves,
    modularity_differences,
    null_distributions,
    png,
    reordered_matrices,
    svg,
    training_curves,
    training_summary,
    verification_errors,
)
from creditgraph.reports.figures.matrices import colour_limit
from creditgraph.reports.figures.style import shown_rates

TWENTY = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-4, 1, 20))
FIGURES: dict[str, Callable[[ReportContent], Figure]] = {
    "modularity": lambda content: modularity_curves(content.effects, content.communities),
    "differences": lambda content: modularity_differences(content.effects),
    "nulls": lambda content: null_distributions(
        content.nulls, content.communities, content.effects["learning_rate"].unique()[[0, -1]], weights="absolute"
    ),
    "matrices": lambda content: reordered_matrices(content.matrices),
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


def texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Every text of a figure that is seen, with its box in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    seen = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            if box.width > 0 and box.height > 0:
                seen.append((text, box))
    hidden = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label, on in ((tick.label1, _shown(axis, tick, 1)), (tick.label2, _shown(axis, tick, 2)))
        if not on
    }
    return [(text, box) for text, box in seen if text not in hidden]


def _shown(axis, tick, side: int) -> bool:
    low, high = sorted(axis.get_view_interval())
    label = tick.label1 if side == 1 else tick.label2
    return label.get_visible() and low <= tick.get_loc() <= high


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_overlaps_or_leaves_the_figure(build, name, shape):
    """Guards against tick labels, titles and legends that run into each other or are cut off, at 1 to 20 rates."""
    figure = FIGURES[name](build(**SHAPES[shape]))
    boxes = texts(figure)
    assert len(boxes) > 5
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{text.get_text()!r} is cut off"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across < 1 or along < 1, f"{one.get_text()!r} overlaps {other.get_text()!r}"


@pytest.mark.parametrize("name", FIGURES)
def test_figures_have_a_question_and_named_axes(content, name):
    """Guards against pictures that a reader cannot read on their own."""
    figure = FIGURES[name](content)
    assert figure.get_suptitle().endswith("?")
    assert any(axes.get_xlabel() for axes in figure.axes)
    if name != "verification":
        assert any(axes.get_ylabel() for axes in figure.axes)


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
    assert faces == {"#A8417D": 2, "white": 6}


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
