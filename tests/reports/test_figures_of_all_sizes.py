"""Figures of one item, of three and of 300: they fit a printed page, and their words fit in them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from drawn_texts import assert_words_fit
from matplotlib.figure import Figure
from synthetic_comparison import comparison

from creditgraph.reports import (
    ComparisonContent,
    MatrixExample,
    accuracy_curves,
    balance_costs,
    dale_balance,
    development_modules,
    group_differences,
    group_scores,
    group_similarity_map,
    matched_loss_curves,
    modularity_curves,
    modularity_differences,
    network_drawing,
    null_distributions,
    phase_diagram,
    reordered_matrices,
    retrograde_amplitude,
    rule_curves,
    stability_map,
    timescale_angles,
    timescale_raster,
    training_curves,
    verification_errors,
)
from creditgraph.reports.figures.modularity import by_page
from creditgraph.reports.figures.names import fitted, width_of
from creditgraph.reports.figures.style import TALLEST


def grid(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(list(itertools.product(*columns.values())), columns=list(columns))


def names(count: int) -> list[str]:
    return [f"item {i}" for i in range(count)]


def effects(views: int) -> pd.DataFrame:
    """Scores of so many views of the weights."""
    table = grid(
        weights=names(views),
        direction=["maximise", "minimise"],
        null=["initial"],
        pruning=[0.5, 0.8],
        learning_rate=[0.01, 0.1],
    )
    means = {f"{name}_mean": 0.1 for name in ("quality", "null", "difference", "z")}
    ends = {
        f"{name}_{end}": value
        for name in ("quality", "null", "difference")
        for end, value in (("low", 0.0), ("high", 0.2))
    }
    return table.assign(**means, **ends, seeds=2, p_value=0.01, q_value=0.01, significant=1)


def networks(rates: int) -> pd.DataFrame:
    table = grid(
        weights=["absolute"],
        direction=["maximise", "minimise"],
        null=["initial"],
        learning_rate=np.geomspace(1e-3, 1, rates),
        seed=range(rates),
    )
    return table.assign(quality=0.1, sample=0)


def matrices(count: int) -> list[MatrixExample]:
    matrix, groups = np.eye(4), np.array([0, 0, 1, 1])
    return [MatrixExample(0.1, None, i, "", matrix, groups, 0.1, 0.0, 2.0, 0.01, groups) for i in range(count)]


def comparisons(activations: int) -> pd.DataFrame:
    table = grid(network=["layered", "recurrent"], activation=names(activations), loss=["squared_error"])
    return table.assign(credit="inject", depth=1, batch=1, error=1e-15, bound=1e-12, holds=True)


def course(prunings: int) -> pd.DataFrame:
    table = grid(learning_rate=[0.1, 0.3], pruning=np.linspace(0, 0.9, prunings), seed=[0, 1], iteration=[0, 10])
    return table.assign(weight_norm=1.0, rate_norm=2.0, credit_norm=3.0, mean_balance=0.5)


def training(key: str, count: int) -> pd.DataFrame:
    table = grid(**{"learning_rate": [0.1, 0.3], key: names(count), "seed": [0, 1], "epoch": [0, 1, 2]})
    return table.assign(test_accuracy=table["epoch"] / 3, angle=1.0, distance=table["epoch"] * 0.1, silent=0.1)


def events(groups: int) -> pd.DataFrame:
    table = grid(seed=[0], step=[1, 5, 9], quantity=["firing", "credit", "plasticity"], group=names(groups))
    return table.assign(change=table["step"] + 0.5)


def angles(count: int) -> pd.DataFrame:
    few = min(count, 40)
    table = grid(network=names(count), seed=[0], credit_every=[1, 10], plasticity_every=[10], overlap=[30])
    more = grid(
        network=["item 0"], seed=[0], credit_every=range(1, few + 1), plasticity_every=range(few), overlap=range(few)
    )
    return pd.concat([table, more]).assign(angle=2.0)


def amplitudes(count: int) -> pd.DataFrame:
    table = made.amplitudes()
    one = table[table["network"] == "tanh"]
    return pd.concat([one.assign(network=name) for name in names(count)])


def inputs(layers: int) -> pd.DataFrame:
    table = grid(seed=[0, 1], epoch=[0, 1], layer=range(1, layers + 1))
    return table.assign(excitation=3.0, inhibition=1.0, difference=2.0, spread=1.0)


def development(schedules: int) -> pd.DataFrame:
    table = grid(schedule=names(schedules), seed=[0, 1], stage=[1, 2, 3])
    return table.assign(
        learning_rate=1 / table["stage"], iteration=table["stage"] * 10, within=0.2, across=0.1, ratio=0.5
    )


def costs(functions: int) -> pd.DataFrame:
    return grid(balance=names(functions), seed=[0, 1], step=[0, 10]).assign(angle=5.0, loss=1.0)


def matched(count: int) -> pd.DataFrame:
    one = made.matched_loss()
    one = one[one["null"] == "initial"]
    return pd.concat([one.assign(null=name) for name in names(count)])


def groups(count: int) -> pd.DataFrame:
    """Scores of so many groups of networks, of which each is also compared with the first."""
    table = grid(group=names(count), direction=["maximise", "minimise"], null=["initial", "shuffle_block"])
    return table.assign(
        source=table["group"],
        other="item 0",
        difference_mean=0.1,
        difference_low=0.0,
        difference_high=0.2,
        q_value=0.01,
    )


def layers(count: int) -> Figure:
    return network_drawing(*made.layered_graph((3,) * max(2, min(count, 40))))


FIGURES: dict[str, Callable[[int], Figure]] = {
    "modularity": lambda count: modularity_curves(effects(count)),
    "differences": lambda count: modularity_differences(effects(count)),
    "phases": lambda count: phase_diagram(effects(count)),
    "nulls": lambda count: null_distributions(
        networks(min(count, 40)),
        networks(min(count, 40)),
        list(np.geomspace(1e-3, 1, min(count, 40))),
        weights="absolute",
    ),
    "matrices": lambda count: reordered_matrices(matrices(count)),
    "training": lambda count: training_curves(course(count), "connectome"),
    "verification": lambda count: verification_errors(comparisons(count)),
    "raster": lambda count: timescale_raster(events(count), input_window=(0, 6), output_window=(3, 9)),
    "angles": lambda count: timescale_angles(angles(count)),
    "amplitude": lambda count: retrograde_amplitude(amplitudes(count)),
    "development": lambda count: development_modules(development(count)),
    "rules": lambda count: rule_curves(training("rule", count)),
    "inputs": lambda count: dale_balance(inputs(count)),
    "costs": lambda count: balance_costs(costs(count)),
    "matched loss": lambda count: matched_loss_curves(matched(count)),
    "stability": lambda count: stability_map(effects(count).assign(seed=0, agreement=0.5)),
    "layers": layers,
    "groups": lambda count: group_scores(groups(count)),
    "pairs of groups": lambda count: group_differences(groups(count)),
}


SLOW = ("modularity", "differences", "phases", "matrices", "training", "angles", "matched loss")
SIZES = [(name, count) for name in FIGURES for count in ((1, 300) if name in SLOW else (1, 3, 300))]


@pytest.mark.parametrize(("name", "count"), SIZES)
def test_it_fits_a_printed_page_and_its_words_fit_in_it(name, count):
    """Guards against figures that grow with their items until nobody can print them, and labels that run together."""
    figure = FIGURES[name](count)
    assert figure.get_figheight() <= TALLEST
    assert_words_fit(figure)


NAMES = {
    "rules": ("credit", "backprop", "feedback_alignment"),
    "capitals": ("W" * 60, "M" * 60),
    "without spaces": ("漢" * 60, "字" * 60),
    "sentences": ("word " * 30, "x" * 200),
    "of either direction": ("שלום <script>alert(1)<script> " + "z" * 60, "h<b>\"'&$_%;x y"),
}
OF_GROUPS: dict[str, Callable[[ComparisonContent], Figure]] = {
    "scores": lambda content: group_scores(content.groups),
    "differences": lambda content: group_differences(content.differences.query("measure == 'excess'")),
    "similarity": lambda content: group_similarity_map(content.similarity),
    "accuracy": lambda content: accuracy_curves(content.accuracy),
}


@pytest.mark.parametrize("name", OF_GROUPS)
@pytest.mark.parametrize("kind", NAMES)
def test_names_fit_whatever_their_letters(name, kind):
    """Guards against names that a file cuts off at its edge, and wide letters that leave the panels no room."""
    figure = OF_GROUPS[name](comparison(NAMES[kind]))
    assert_words_fit(figure)
    assert figure.axes[0].get_position().width > 0.15


def test_groups_of_long_names_are_told_apart():
    """Guards against pairs whose names begin alike drawn into one row, and a learning rate that is cut off."""
    start = "a run of very many words that all begin alike and end in "
    content = comparison((f"{start}one", f"{start}two", f"{start}three"))
    rows = [label.get_text() for label in group_scores(content.groups).axes[0].get_yticklabels()]
    assert sum(row.endswith(", r = 0.01") for row in rows) == 2
    assert sum(row.endswith(", r = 0.1") for row in rows) == 2
    assert any("…" in row for row in rows)
    table = content.differences.query("measure == 'excess'")
    rows = [label.get_text() for label in group_differences(table).axes[0].get_yticklabels()]
    assert len(rows) == len(table[["group", "other"]].drop_duplicates())


def test_names_are_cut_by_their_width():
    """Guards against a cut that counts characters, and one that is wider than its place."""
    for text in ("i" * 60, "W" * 60, "漢" * 60, "one two three " * 9):
        cut = fitted(text, 1.0, 7.5)
        assert cut.endswith("…")
        assert 0.75 < width_of(cut, 7.5) <= 1.0
    assert fitted("whole", 1.0, 7.5) == "whole"


def test_pages_lose_no_row():
    """Guards against views of the weights that no figure of a page shows."""
    table = effects(9)
    pages = by_page(table)
    assert len(pages) == 3
    assert pd.concat(pages).sort_index().equals(table)
    assert max(len(page[["weights", "pruning"]].drop_duplicates()) for page in pages) <= 8
    assert by_page(effects(1))[0].equals(effects(1))


def test_the_largest_errors_are_drawn_where_not_all_fit():
    """Guards against a broken bound that is left out of the picture for want of room."""
    table = comparisons(300)
    table.loc[137, "error"] = 1e-3
    drawn = [value for axes in verification_errors(table).axes for line in axes.lines for value in line.get_xdata()]
    assert 1e-3 in drawn
