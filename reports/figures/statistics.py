"""Figures of the statistics across learning rates: at the same loss, and with how many seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...guard import DataError
from .. import labels
from .hover import mark_points
from .paging import in_pages, thinned
from .style import INK, TALLEST, WIDTH, learning_rate_axis, new_figure, pick, steady, styled

FIXED = "fixed step"
TARGETS = 4
ROWS = 6
SERIES = ("#0072B2", "#D55E00", "#007F5C", "#A8417D", "#B07900", "#000000")
MARKERS = "os^Dv*"
DASHES = ("-", "--", "-.", ":", (0, (4, 1, 1, 1)))
ENOUGH = 0.8


@styled
def matched_loss_curves(effects: pd.DataFrame) -> Figure:
    """Q minus null against the learning rate, after the same number of steps and at the same training loss.

    A sweep of fixed length confounds the learning rate with how much was learned; networks taken where they first
    reach the same training loss are free of that. What all lines show is the learning rate's; what the first alone
    shows is not. Columns are the directions, rows the views of the weights and null models (of more than six, six are
    drawn, evenly chosen); bars are 95 % intervals over seeds.

    Parameters
    ----------
    effects
        One row per basis x target x weights x direction x null x learning rate, as
        :attr:`creditgraph.analysis.MatchedLoss.effects`; of more than four target losses, four are drawn, the largest
        and the smallest included. Learning rates that did not reach a loss have no point.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if effects.empty:
        raise DataError("effects: the table is empty, so there is nothing to draw")
    directions = labels.distinct(effects, "direction")
    rows = thinned(list(effects[["weights", "null"]].drop_duplicates().itertuples(index=False, name=None)), ROWS)
    rates = sorted(effects["learning_rate"].unique())
    targets = sorted(effects["target"].dropna().astype(float).unique(), reverse=True)
    targets = thinned(targets, TARGETS)
    figure = new_figure(
        min(1.9 * len(rows) + 1.0, TALLEST), "Is it the learning rate, or how much was learned, that makes communities?"
    )
    panels = figure.subplots(len(rows), len(directions), squeeze=False, sharex=True, sharey="col")
    words = ["after the same number of steps", *(f"at training loss {labels.number(target)}" for target in targets)]
    gap = " " if len(rows) < 5 else "\n"
    several = len(labels.distinct(effects, "weights")) > 1
    decades = np.log10(rates[-1] / rates[0]) if len(rates) > 1 else 1.0
    for i, (weights, null) in enumerate(rows):
        for j, direction in enumerate(directions):
            axes = panels[i, j]
            axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
            own = pick(effects, weights=weights, null=null, direction=direction).sort_values("learning_rate")
            at = [own["basis"] == FIXED, *((own["target"] == target).fillna(False) for target in targets)]
            for place, (chosen, word) in enumerate(zip(at, words, strict=True)):
                aside = 10 ** ((place - (len(at) - 1) / 2) * 0.012 * decades)
                _curve(axes, own[chosen].dropna(subset=["difference_mean"]), place, word, aside)
            learning_rate_axis(axes, rates, WIDTH / len(directions) - 0.8, label=i == len(rows) - 1)
            name = labels.brief(null)
            view = f", {labels.brief(weights)}" if several else ""
            axes.set_title(f"{labels.capital(labels.direction(direction))}{view}, against {name}")
            axes.set_ylabel(f"{labels.direction(direction)}{gap}− null mean" if j == 0 else "")
            seaborn.despine(ax=axes)
    steady(*panels.flat)
    handles = [
        Line2D([], [], color=SERIES[k], marker=MARKERS[k], ls=DASHES[k], markersize=4) for k in range(len(words))
    ]
    figure.legend(handles, words, loc="outside lower center", ncols=2)
    return figure


def by_null(effects: pd.DataFrame, most: int = ROWS) -> list[pd.DataFrame]:
    """The table in parts of at most so many views of the weights and null models each."""
    rows = list(effects[["weights", "null"]].drop_duplicates().itertuples(index=False, name=None))
    return [
        pd.concat([pick(effects, weights=weights, null=null) for weights, null in part])
        for part in in_pages(rows, most)
    ]


def _curve(axes: Axes, table: pd.DataFrame, place: int, word: str, aside: float) -> None:
    x, mean = table["learning_rate"].to_numpy(float) * aside, table["difference_mean"].to_numpy(float)
    low, high = (
        table[name].astype("Float64").to_numpy(float, na_value=np.nan) for name in ("difference_low", "difference_high")
    )
    axes.errorbar(
        x, mean, yerr=np.nan_to_num(np.clip([mean - low, high - mean], 0, None)), color=SERIES[place],
        marker=MARKERS[place], linestyle=DASHES[place], markersize=4, capsize=2, elinewidth=1, zorder=3,
    )  # fmt: skip
    mark_points(
        axes,
        x,
        mean,
        [
            f"r = {labels.rate(row['learning_rate'])}, {word}: {labels.score(row['difference_mean'])} "
            f"({labels.score(row['difference_low'])} to {labels.score(row['difference_high'])})"
            for row in table.to_dict("records")
        ],
    )


@styled
def power_curves(power: pd.DataFrame, *, seeds: int | None = None) -> Figure:
    """With how many seeds an effect would be seen: power of the test against the number of seeds.

    Parameters
    ----------
    power
        One row per effect and number of seeds: `effect` (d_z: mean difference over its standard deviation), `seeds`,
        `power` (share of studies in which the test would find it at the 5 % level).
    seeds
        Seeds of this study, drawn as a line.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if power.empty:
        raise DataError("power: the table is empty, so there is nothing to draw")
    effects = sorted(power["effect"].unique())
    figure = new_figure(2.9, "How many seeds would it take to see an effect?", width=WIDTH * 0.75)
    axes = figure.subplots()
    colours = dict(zip(effects, seaborn.color_palette("viridis_r", max(len(effects), 2)), strict=False))
    for place, effect in enumerate(effects):
        own = pick(power, effect=effect).sort_values("seeds")
        colour = SERIES[place] if len(effects) <= len(SERIES) else colours[effect]
        words = f"d_z = {labels.number(effect, 2)}"
        axes.plot(
            own["seeds"], own["power"], color=colour, marker=MARKERS[place % len(MARKERS)], markersize=3.5,
            linewidth=1.3, label=words if len(effects) <= 12 or place in (0, len(effects) - 1) else None,
        )  # fmt: skip
        mark_points(
            axes,
            own["seeds"],
            own["power"],
            [
                f"{words}, {labels.counted(int(n), 'seed')}: power {value:.2f}"
                for n, value in zip(own["seeds"], own["power"], strict=True)
            ],
        )
    axes.axhline(ENOUGH, color=INK, linewidth=0.8, linestyle=":", label="power 0.8")
    if seeds is not None:
        axes.axvline(seeds, color="#6B6B6B", linewidth=0.9, linestyle="--", label=f"this study: {seeds}")
    axes.set_ylim(-0.02, 1.03)
    axes.set_xlabel("seeds")
    axes.set_ylabel("power at the 5 % level")
    seaborn.despine(ax=axes)
    title = "effect d_z: mean difference\nin units of its spread\nover seeds (s.d.)"
    figure.legend(loc="outside right center", title=title, title_fontsize=7.5, alignment="left")
    return figure
