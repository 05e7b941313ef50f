"""Figures that set groups of networks side by side, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ...guard import DataError
from .. import labels
from .heat import colour_bar, heat_map
from .hover import mark_points
from .style import INK, LEVEL, WIDTH, learning_rate_axis, new_figure, null_looks, pick, styled

MOST_ROWS = 40
MOST_GROUPS = 24
ROW = 0.21
"""Height of a row in inches."""
# Okabe and Ito's palette with a marker and dash each, so that colour is never alone
SOURCE_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#007F5C", "marker": "^", "linestyle": "-."},
    {"color": "#A8417D", "marker": "D", "linestyle": ":"},
    {"color": "#B07900", "marker": "v", "linestyle": (0, (4, 1, 1, 1))},
    {"color": "#56B4E9", "marker": "P", "linestyle": (0, (6, 2))},
    {"color": "#6B6B6B", "marker": "X", "linestyle": (0, (1, 1))},
    {"color": "#000000", "marker": "*", "linestyle": (0, (3, 1, 1, 1, 1, 1))},
)
SMALLEST_SPAN = 0.002
"""Least half-width of an axis of Q: below it, differences are rounding."""


def source_looks(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Colour, marker and dash of each source, the same in every figure of a page; they repeat after eight."""
    return {name: SOURCE_LOOKS[i % len(SOURCE_LOOKS)] for i, name in enumerate(dict.fromkeys(names))}


@styled
def group_scores(groups: pd.DataFrame) -> Figure:
    """Q minus null mean of every group of networks, all on one scale.

    A row is a group: the networks of one source at one learning rate. Markers are means over its networks with 95 %
    intervals, one for each null model; zero is what the null model reaches. Columns are the directions. A full marker
    has q <= 0.05.

    Parameters
    ----------
    groups
        One row per group x weights x objective x direction x null: `group`, `source`, `direction`, `null`,
        `difference_mean`, `difference_low`, `difference_high`, `q_value`, of one view of the weights and objective.
        Of more than 40 groups, the first 40 are drawn.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    _need_rows("groups", groups)
    names = labels.distinct(groups, "group")[:MOST_ROWS]
    table = groups[groups["group"].isin(names)]
    sources = table.drop_duplicates("group").set_index("group")["source"].loc[names].tolist()
    return _forest(
        table,
        key="group",
        rows=names,
        breaks=[i for i in range(1, len(names)) if sources[i] != sources[i - 1]],
        title="Are the communities of each group more than chance?",
        label="Q − null mean",
    )


@styled
def group_differences(differences: pd.DataFrame) -> Figure:
    """Differences of Q minus null mean between groups of networks, with their 95 % intervals.

    A row is a pair of groups, first minus second; a marker is a null model, full where q <= 0.05; columns are the
    directions.

    Parameters
    ----------
    differences
        As :func:`creditgraph.analysis.score_differences` returns, the rows of one measure, view of the weights and
        objective. Of more than 40 pairs, the 40 with the largest differences are drawn.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    _need_rows("differences", differences)
    table = differences.assign(pair=_pair_names(differences))
    size = table["difference_mean"].astype(float).abs().groupby(table["pair"], sort=False).max()
    kept = set(size.nlargest(MOST_ROWS).index)
    names = [name for name in size.index if name in kept]
    return _forest(
        table[table["pair"].isin(kept)],
        key="pair",
        rows=names,
        breaks=[],
        title="How far are the groups apart in Q − null mean?",
        # short, since the names of pairs leave the panels little room
        label="first − second",
    )


@styled
def group_similarity_map(similarity: pd.DataFrame, *, method: str = "ami") -> Figure:
    """How alike the communities of groups are whose neurons correspond.

    Groups are called by their sources where each source has one of them. Off the diagonal: mean over seeds that both
    groups share (above) and over pairs of different seeds (below); on it: the mean over pairs of different seeds of one
    group. Grey: not compared.

    Parameters
    ----------
    similarity
        As :func:`creditgraph.analysis.group_similarity` returns; of more than 24 groups the first 24 are drawn.
    method
        Which of its measures.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table has no rows of that measure.
    """
    table = pick(similarity, method=method)
    _need_rows("similarity", table)
    within = table[table["group"] == table["other"]]
    groups = list(dict.fromkeys([*within["group"], *table["group"], *table["other"]]))[:MOST_GROUPS]
    names = _shortest(table, groups)
    values = np.full((len(names), len(names)), np.nan)
    place = {name: i for i, name in enumerate(groups)}
    for row in table.to_dict("records"):
        if row["group"] not in place or row["other"] not in place:
            continue
        i, j = sorted((place[row["group"]], place[row["other"]]))
        if i != j:
            values[i, j] = _or_nan(row["same_seed"])
        values[j, i] = _or_nan(row["other_seed"])
    side = float(np.clip(0.42 * len(names), 2.2, 4.6))
    figure = new_figure(side + 1.3, "Do groups have the same communities?", width=min(WIDTH, side + 2.6))
    axes = figure.subplots()
    image = heat_map(
        axes,
        values,
        rows=names,
        columns=names,
        size=(side, side),
        limits=(min(0.0, float(np.nanmin(values))), 1.0),
        colours="cividis",
        texts=[[labels.number(value, 2) if np.isfinite(value) else "" for value in row] for row in values],
        said=[
            [
                f"{labels.short(a)} and {labels.short(b)}, "
                f"{'same' if j > i else 'different'} seeds: {labels.number(float(values[i, j]), 2)}"
                for j, b in enumerate(names)
            ]
            for i, a in enumerate(names)
        ],
    )
    axes.set_aspect("equal")
    axes.set_xlabel("above the diagonal: same seeds", color=INK)
    axes.set_ylabel("below and on it: different seeds")
    colour_bar(figure, image, axes, "AMI" if method == "ami" else method.replace("_", " "))
    return figure


@styled
def accuracy_curves(accuracy: pd.DataFrame) -> Figure:
    """Accuracy after training against the learning rate, a line for each source.

    Parameters
    ----------
    accuracy
        One row a group: `source`, `learning_rate`, `accuracy_mean`, `accuracy_low`, `accuracy_high` (95 % interval over
        seeds), `of` (``test`` or ``validation``).

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    _need_rows("accuracy", accuracy)
    figure = new_figure(2.9, "How much did each learn?")
    axes = figure.subplots()
    looks = source_looks(labels.distinct(accuracy, "source"))
    rates = sorted(accuracy["learning_rate"].astype(float).unique())
    width = 4.6
    for name, own in accuracy.groupby("source", sort=False):
        own = own.sort_values("learning_rate")
        look = looks[str(name)]
        mean = own["accuracy_mean"].astype(float).to_numpy()
        low, high = (
            own[f"accuracy_{end}"].astype("Float64").to_numpy(float, na_value=np.nan) for end in ("low", "high")
        )
        axes.errorbar(
            own["learning_rate"].astype(float),
            mean,
            yerr=np.nan_to_num(np.abs(np.stack([mean - low, high - mean]))),
            markersize=4,
            capsize=2,
            linewidth=1.2,
            elinewidth=0.8,
            label=labels.short(name),
            **look,
        )
        mark_points(
            axes,
            own["learning_rate"].astype(float).to_numpy(),
            mean,
            [
                f"{labels.short(name)}, r = {labels.rate(rate)}: {value:.3f}"
                for rate, value in zip(own["learning_rate"].astype(float), mean, strict=True)
            ],
        )
    learning_rate_axis(axes, rates, width)
    axes.set_ylabel(f"{accuracy['of'].iloc[0]} accuracy")
    axes.set_ylim(top=min(1.02, axes.get_ylim()[1]))
    seaborn.despine(ax=axes)
    figure.legend(loc="outside right center", handlelength=3.2)
    return figure


def _forest(
    table: pd.DataFrame,
    *,
    key: str,
    rows: Sequence[str],
    breaks: Sequence[int],
    title: str,
    label: str,
) -> Figure:
    """Means and intervals, a row each, a marker for each null model, a panel for each direction."""
    directions, nulls = labels.distinct(table, "direction"), labels.distinct(table, "null")
    looks = null_looks(nulls)
    figure = new_figure(ROW * max(len(rows), 3) + 1.35, title)
    panels = figure.subplots(1, len(directions), squeeze=False, sharey=True)[0]
    for axes, direction in zip(panels, directions, strict=True):
        _rows(axes, pick(table, direction=direction), key, rows, looks)
        axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        for place in breaks:
            axes.axhline(place - 0.5, color="#CCCCCC", linewidth=0.6, zorder=0)
        axes.set_title(labels.capital(labels.direction(direction)))
        axes.set_xlabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(5 if len(directions) == 1 else 3))
        axes.set_xlim(*_span(axes))
        seaborn.despine(ax=axes)
    panels[0].set_yticks(range(len(rows)), labels=[labels.short(name, 64) for name in rows], parse_math=False)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    handles = [
        Line2D([], [], color=looks[null]["color"], marker=looks[null]["marker"], linestyle="", label=labels.brief(null))
        for null in nulls
    ]
    handles.append(
        Line2D(
            [],
            [],
            color=INK,
            marker="o",
            markerfacecolor="white",
            linestyle="",
            label=f"hollow: q > {LEVEL:g}, or not tested",
        )
    )
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _rows(axes: Axes, table: pd.DataFrame, key: str, rows: Sequence[str], looks: dict[str, dict[str, Any]]) -> None:
    place = {name: i for i, name in enumerate(rows)}
    offsets = np.linspace(-0.22, 0.22, len(looks)) if len(looks) > 1 else np.zeros(1)
    for (null, look), offset in zip(looks.items(), offsets, strict=True):
        own = pick(table, null=null)
        if own.empty:
            continue
        y = own[key].map(place).to_numpy(float) + offset
        mean, low, high = (_numbers(own, f"difference_{end}") for end in ("mean", "low", "high"))
        axes.hlines(
            y,
            np.where(np.isfinite(low), low, mean),
            np.where(np.isfinite(high), high, mean),
            color=look["color"],
            linewidth=1.0,
        )
        full = _numbers(own, "q_value") <= LEVEL
        for filled in (True, False):
            axes.plot(
                mean[full == filled],
                y[full == filled],
                linestyle="",
                marker=look["marker"],
                markersize=4.2,
                color=look["color"],
                markerfacecolor=look["color"] if filled else "white",
                zorder=3,
            )
        mark_points(
            axes,
            mean,
            y,
            [
                f"{labels.short(name, 60)}, {labels.null(null)}: {labels.score(m)} "
                f"[{labels.score(a)}, {labels.score(b)}]"
                for name, m, a, b in zip(own[key], mean, low, high, strict=True)
            ],
        )


def _span(axes: Axes) -> tuple[float, float]:
    """Limits that hold what is drawn and zero, and are no narrower than rounding."""
    low, high = axes.get_xlim()
    middle, half = (low + high) / 2, max((high - low) / 2, SMALLEST_SPAN)
    return middle - half, middle + half


def _numbers(table: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[column].astype("Float64").to_numpy(float, na_value=np.nan), dtype=np.float64)


def _shortest(table: pd.DataFrame, groups: Sequence[str]) -> list[str]:
    """The sources of the groups, where each has one group here; or else the groups' own names."""
    if not {"source", "other_source"} <= set(table.columns):
        return list(groups)
    sources = dict(zip(table["group"], table["source"], strict=True))
    sources |= dict(zip(table["other"], table["other_source"], strict=True))
    named = [str(sources[name]) for name in groups]
    return named if len(set(named)) == len(named) else list(groups)


def _or_nan(value: Any) -> float:
    return float("nan") if labels.missing(value) else float(value)


def _pair_names(differences: pd.DataFrame) -> list[str]:
    """The two groups of each row; a learning rate that both have is said once."""
    known = {"source", "other_source", "learning_rate", "other_learning_rate"} <= set(differences.columns)
    names = []
    for row in differences.to_dict("records"):
        one, other = labels.short(row["group"], 30), labels.short(row["other"], 30)
        shared = (
            known and not labels.missing(row["learning_rate"]) and row["learning_rate"] == row["other_learning_rate"]
        )
        if shared:
            sources = (labels.short(row[name], 22) for name in ("source", "other_source"))
            names.append(f"{' − '.join(sources)}, r = {labels.rate(row['learning_rate'], 3)}")
        else:
            names.append(f"{one} − {other}")
    return names


def _need_rows(name: str, table: pd.DataFrame) -> None:
    if table.empty:
        raise DataError(f"{name}: the table is empty, so there is nothing to draw")
