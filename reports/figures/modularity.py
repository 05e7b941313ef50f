from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ...guard import DataError
from .. import labels
from .hover import mark_points
from .legends import legend_columns
from .paging import in_pages, thinned
from .style import (
    DIRECTION_COLOURS,
    INK,
    LEAST_HALF_RANGE,
    LEVEL,
    TALLEST,
    WIDTH,
    learning_rate_axis,
    new_figure,
    null_looks,
    pick,
    row_title,
    rows_of,
    steady,
    styled,
)

ROW_HEIGHT = 2.15
FRAME_HEIGHT = 1.05
ROWS = 8
"""So many rows of panels fit a printed page."""

FLATTENED = 3.0
"""Where all rows together spread so many times more than one of them, on one scale that one would look flat."""


@styled
def modularity_curves(effects: pd.DataFrame, communities: pd.DataFrame | None = None) -> Figure:
    """Maximal and minimal modularity against the learning rate, beside what the null models reach.

    One column of panels for each direction (maximal Q, minimal Q), one row for each view of the weights and pruning.
    The line is the mean Q over seeds with its 95 % interval; a faint point is one network; the band holds
    95 % of the samples of a null model around their mean. Rows share one scale, unless that would flatten one of them
    (:func:`own_scales`). Of more than eight rows eight are drawn, evenly chosen; :func:`by_page` parts the table so
    that none is left out.

    Parameters
    ----------
    effects
        One row per weights x direction x null x learning rate (x pruning).
    communities
        One row per network x weights x direction x null, for the faint points; left out if None.

    Returns
    -------
    Figure
        Not shown and not saved; it belongs to no pyplot window.

    Raises
    ------
    DataError
        If the table is empty.

    Examples
    --------
    >>> effects = pd.DataFrame({"weights": "absolute", "direction": "maximise", "null": "shuffle_nonzero",
    ...     "learning_rate": [0.01, 0.1], "seeds": 5, "quality_mean": [0.1, 0.2], "quality_low": [0.09, 0.19],
    ...     "quality_high": [0.11, 0.21], "null_mean": 0.08, "null_low": 0.07, "null_high": 0.09,
    ...     "difference_mean": [0.02, 0.12], "difference_low": [0.01, 0.11], "difference_high": [0.03, 0.13],
    ...     "z_mean": [1.0, 8.0], "p_value": [0.2, 0.001], "q_value": [0.2, 0.002], "significant": [0, 5]})
    >>> modularity_curves(effects).axes[0].get_ylabel()
    'maximal Q'
    """
    figure, grid, looks = _grid(effects, "Do communities differ from chance at any learning rate?", "quality")
    for direction, view, pruning, axes in grid:
        cell = pick(effects, weights=view, direction=direction, pruning=pruning)
        for name, look in looks.items():
            _band(axes, cell[cell["null"] == name].sort_values("learning_rate"), look)
        colour = DIRECTION_COLOURS.get(direction, INK)
        if communities is not None and len(communities):
            networks = pick(communities, weights=view, direction=direction, pruning=pruning)
            networks = networks.drop_duplicates(["learning_rate", "seed"])
            axes.plot(
                networks["learning_rate"],
                networks["quality"],
                "o",
                color=colour,
                markersize=3,
                alpha=0.35,
                markeredgewidth=0,
                zorder=3,
            )
        observed = cell.drop_duplicates("learning_rate").sort_values("learning_rate")
        _with_interval(axes, observed, "quality", colour)
        mark_points(axes, *_said(observed, "quality", labels.direction(direction)))
        axes.set_ylabel(labels.direction(direction))
    steady(*(axes for *_, axes in grid))
    handles: list[Any] = []
    names = []
    for direction in labels.distinct(effects, "direction"):
        # trained networks have the colour of their direction, in the panels as here
        colour, score = DIRECTION_COLOURS.get(direction, INK), labels.direction(direction)
        handles.append(Line2D([], [], color=colour, marker="o", markersize=4))
        names.append(f"trained, {score}: mean, 95 % interval")
        if communities is not None:
            handles.append(Line2D([], [], marker="o", markersize=3, color=colour, alpha=0.35, ls="", markeredgewidth=0))
            names.append(f"one trained network, {score}")
    for name, look in looks.items():
        handles.append((Patch(color=look["color"], alpha=0.2, lw=0), Line2D([], [], **_line(look))))
        names.append(f"{labels.brief(name)}: mean, 95 % of samples")
    figure.legend(handles, names, loc="outside lower center", ncols=legend_columns(names))
    return figure


@styled
def modularity_differences(effects: pd.DataFrame) -> Figure:
    """How far modularity lies above or below each null model, against the learning rate.

    The point is the mean over seeds of Q minus the mean Q of that network's null samples, with its 95 %
    interval over seeds. A full marker: q <= 0.05, the seeds' p-values combined (Fisher 1932) and corrected for all
    tests (Benjamini and Hochberg 1995). They are two-sided. Rows are those of :func:`modularity_curves`.

    Parameters
    ----------
    effects
        One row per weights x direction x null x learning rate (x pruning).

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    figure, grid, looks = _grid(effects, "How far is modularity from that of the null models?", "difference")
    rates = sorted(effects["learning_rate"].unique())
    decades = np.log10(rates[-1] / rates[0]) if len(rates) > 1 else 1.0
    gap = " " if _row_height(effects) == ROW_HEIGHT else "\n"
    for direction, view, pruning, axes in grid:
        cell = pick(effects, weights=view, direction=direction, pruning=pruning)
        axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
        for i, (name, look) in enumerate(looks.items()):
            of_null = cell[cell["null"] == name].dropna(subset=["difference_mean"]).sort_values("learning_rate")
            aside = 10 ** ((i - (len(looks) - 1) / 2) * 0.016 * decades)
            x = of_null["learning_rate"].to_numpy(float) * aside
            mean = of_null["difference_mean"].to_numpy(float)
            below = mean - of_null["difference_low"].to_numpy(float)
            above = of_null["difference_high"].to_numpy(float) - mean
            bars = np.nan_to_num(np.clip([below, above], 0, None))
            axes.plot(x, mean, color=look["color"], linestyle=look["linestyle"], linewidth=1, zorder=2)
            axes.errorbar(x, mean, yerr=bars, fmt="none", ecolor=look["color"], elinewidth=1.2, zorder=3)
            words = f"{labels.direction(direction)} minus {labels.brief(name)}"
            _, _, texts = _said(of_null, "difference", words)
            mark_points(axes, x, mean, texts)
            passed = of_null["q_value"].astype(float).to_numpy() <= LEVEL
            for full in (False, True):
                of_fill = passed == full
                axes.plot(
                    x[of_fill],
                    mean[of_fill],
                    linestyle="",
                    marker=look["marker"],
                    color=look["color"],
                    markersize=5.5 if len(rates) <= 10 else 4.2,
                    # an open marker hides the line behind it, or it would not look open
                    markerfacecolor=look["color"] if full else "white",
                    zorder=4,
                )
        axes.set_ylabel(f"{labels.direction(direction)}{gap}− null mean")
    steady(*(axes for *_, axes in grid))
    handles = [Line2D([], [], markersize=5, **look) for look in looks.values()]
    names = [f"against {labels.brief(name)}: mean, 95 % interval" for name in looks]
    for face, words in ((INK, "q ≤ 0.05"), ("white", "q > 0.05")):
        handles.append(Line2D([], [], color=INK, ls="", marker="o", markersize=5, markerfacecolor=face))
        names.append(words)
    figure.legend(handles, names, loc="outside lower center", ncols=legend_columns(names), handlelength=3.4)
    return figure


def by_page(table: pd.DataFrame, most: int = ROWS) -> list[pd.DataFrame]:
    """A table of scores in parts of which each has no more rows of panels than one figure draws."""
    return [
        pd.concat([pick(table, weights=view, pruning=pruning) for view, pruning in rows]).sort_index()
        for rows in in_pages(rows_of(table), most)
    ]


def own_scales(effects: pd.DataFrame, name: str) -> bool:
    """Whether each row of panels has a scale of its own, as one would take up a third of that of all at most.

    Parameters
    ----------
    effects
        The table of the figure.
    name
        ``quality`` for Q and its null models, ``difference`` for their difference.
    """
    columns = [f"{name}_low", f"{name}_mean", f"{name}_high"]
    columns += ["null_low", "null_high"] if name == "quality" else []
    for direction in labels.distinct(effects, "direction"):
        spans, ends = [], []
        for view, pruning in thinned(rows_of(effects), ROWS):
            cell = pick(effects, weights=view, direction=direction, pruning=pruning)[columns]
            values = cell.astype("Float64").to_numpy(float, na_value=np.nan)
            values = values[np.isfinite(values)]
            if values.size:
                spans.append(max(float(np.ptp(values)), 2 * LEAST_HALF_RANGE))
                ends += [values.min(), values.max()]
        if spans and max(np.ptp(ends), *spans) > FLATTENED * min(spans):
            return True
    return False


def _row_height(effects: pd.DataFrame) -> float:
    return min(ROW_HEIGHT, (TALLEST - FRAME_HEIGHT) / min(ROWS, len(rows_of(effects))))


def _grid(
    effects: pd.DataFrame, title: str, name: str
) -> tuple[Figure, list[tuple[str, str, float | None, Axes]], dict[str, dict[str, Any]]]:
    """Panels (rows: view of the weights and pruning; columns: direction) with their learning-rate axes."""
    if effects.empty:
        raise DataError("effects: the table is empty, so there is nothing to draw")
    rows = thinned(rows_of(effects), ROWS)
    directions = labels.distinct(effects, "direction")
    height = _row_height(effects)
    figure = new_figure(height * len(rows) + FRAME_HEIGHT, title)
    shared: Literal["none", "col"] = "none" if own_scales(effects, name) else "col"
    panels = figure.subplots(len(rows), len(directions), squeeze=False, sharex=True, sharey=shared)
    rates = effects["learning_rate"].tolist()
    prunings = len(labels.distinct(effects, "pruning"))
    grid = []
    for i, (view, pruning) in enumerate(rows):
        for j, direction in enumerate(directions):
            axes = panels[i, j]
            learning_rate_axis(axes, rates, WIDTH / len(directions) - 0.8, label=i == len(rows) - 1)
            axes.set_title(f"{labels.capital(labels.direction(direction))}, {row_title(view, pruning, prunings)}")
            axes.margins(y=0.08)
            axes.yaxis.set_major_locator(MaxNLocator(6 if height == ROW_HEIGHT else 4, steps=[1, 2, 2.5, 5, 10]))
            seaborn.despine(ax=axes)
            grid.append((direction, view, pruning, axes))
    return figure, grid, null_looks(labels.distinct(effects, "null"))


def _said(table: pd.DataFrame, name: str, words: str) -> tuple[pd.Series[float], pd.Series[float], list[str]]:
    """Places of the means and what each says under the pointer."""
    texts = []
    for row in table.to_dict("records"):
        text = f"r = {labels.rate(row['learning_rate'])}: {words} {labels.score(row[f'{name}_mean'])}"
        if not labels.missing(row[f"{name}_low"]):
            text += f" ({labels.score(row[f'{name}_low'])} to {labels.score(row[f'{name}_high'])})"
        texts.append(text + (f", q = {labels.probability(row['q_value'])}" if name == "difference" else ""))
    return table["learning_rate"], table[f"{name}_mean"].astype(float), texts


def _line(look: dict[str, Any]) -> dict[str, Any]:
    return {"color": look["color"], "linestyle": look["linestyle"], "linewidth": 1.2}


def _band(axes: Axes, null: pd.DataFrame, look: dict[str, Any]) -> None:
    null = null.dropna(subset=["null_mean"])
    x = null["learning_rate"].to_numpy(float)
    low, high = null["null_low"].to_numpy(float), null["null_high"].to_numpy(float)
    if len(x) == 1:  # a band of no width shows nothing
        x, low, high = np.array([x[0] / 1.1, x[0] * 1.1]), np.repeat(low, 2), np.repeat(high, 2)
    axes.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0, zorder=1)
    mean = null["null_mean"].to_numpy(float)
    axes.plot(x, np.repeat(mean, 2) if len(mean) == 1 else mean, zorder=2, **_line(look))


def _with_interval(axes: Axes, table: pd.DataFrame, name: str, colour: str) -> None:
    table = table.dropna(subset=[f"{name}_mean"])
    mean = table[f"{name}_mean"].to_numpy(float)
    below = mean - table[f"{name}_low"].to_numpy(float)
    above = table[f"{name}_high"].to_numpy(float) - mean
    axes.errorbar(
        table["learning_rate"].to_numpy(float),
        mean,
        yerr=np.nan_to_num(np.clip([below, above], 0, None)),
        color=colour,
        marker="o",
        markersize=4,
        capsize=2,
        elinewidth=1,
        zorder=4,
    )
