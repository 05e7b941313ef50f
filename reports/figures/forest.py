"""Means with their intervals in rows, all on one scale: groups of networks, and differences between them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .. import labels
from ..columns import require_rows
from .hover import mark_points
from .names import fitted, legend_columns, width_of
from .style import INK, LEVEL, new_figure, null_looks, pick, styled

MOST_ROWS = 36
"""As many as a printed page holds (9 inches)."""
ROW = 0.21
"""Height of a row in inches."""
NAME_SIZE = 7.5
NAME_ROOM = 3.6
"""Inches that the name of a row may take: two panels need the others."""
SMALLEST_SPAN = 0.002
"""Least half-width of an axis of Q: below it, differences are rounding."""


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
        Of more than 36 groups, the first 36 are drawn.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    require_rows("groups", groups)
    names = labels.distinct(groups, "group")[:MOST_ROWS]
    table = groups[groups["group"].isin(names)]
    sources = table.drop_duplicates("group").set_index("group")["source"].loc[names].tolist()
    return _forest(
        table,
        key="group",
        rows={name: _cut(*_parts(name, source), NAME_ROOM) for name, source in zip(names, sources, strict=True)},
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
        objective. Of more than 36 pairs, the 36 with the largest differences are drawn.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    require_rows("differences", differences)
    # whole names say which pair it is: two that are long may look alike once they are cut
    table = differences.assign(pair=differences[["group", "other"]].apply(tuple, axis=1))
    size = table["difference_mean"].astype(float).abs().groupby(table["pair"], sort=False).max()
    kept = set(size.nlargest(MOST_ROWS).index)
    table = table[table["pair"].isin(kept)]
    return _forest(
        table,
        key="pair",
        rows={row["pair"]: _pair_name(row) for row in table.drop_duplicates("pair").to_dict("records")},
        breaks=[],
        title="How far are the groups apart in Q − null mean?",
        # short, since the names of pairs leave the panels little room
        label="first − second",
    )


def of_objective(table: pd.DataFrame) -> str:
    """What a title adds where another score than plain modularity is drawn."""
    objectives = labels.distinct(table, "objective")
    return (
        ""
        if objectives in ([], ["modularity"])
        else f", {labels.listed([labels.objective(each) for each in objectives])}"
    )


def _forest(
    table: pd.DataFrame,
    *,
    key: str,
    rows: Mapping[Hashable, str],
    breaks: list[int],
    title: str,
    label: str,
) -> Figure:
    """Means and intervals, a row each with its name, a marker for each null model, a panel for each direction."""
    directions, nulls = labels.distinct(table, "direction"), labels.distinct(table, "null")
    looks = null_looks(nulls)
    figure = new_figure(ROW * max(len(rows), 3) + 1.35, title)
    panels = figure.subplots(1, len(directions), squeeze=False, sharey=True)[0]
    for axes, direction in zip(panels, directions, strict=True):
        _rows(axes, pick(table, direction=direction), key, rows, looks)
        axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        for place in breaks:
            axes.axhline(place - 0.5, color="#CCCCCC", linewidth=0.6, zorder=0)
        axes.set_title(labels.capital(labels.direction(direction)) + of_objective(table))
        axes.set_xlabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(5 if len(directions) == 1 else 3))
        axes.set_xlim(*_span(axes))
        seaborn.despine(ax=axes)
    panels[0].set_yticks(range(len(rows)), labels=list(rows.values()), fontsize=NAME_SIZE, parse_math=False)
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
    columns = legend_columns([str(handle.get_label()) for handle in handles])
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure


def _rows(
    axes: Axes, table: pd.DataFrame, key: str, rows: Mapping[Hashable, str], looks: dict[str, dict[str, Any]]
) -> None:
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
                f"{rows[name]}, {labels.null(null)}: {labels.score(m)} [{labels.score(a)}, {labels.score(b)}]"
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


def _pair_name(row: Mapping[Hashable, Any]) -> str:
    """The two groups of a row; what both have beside their sources, a learning rate say, is said once."""
    (one, of_one), (other, of_other) = (
        _parts(row[group], row.get(source)) for group, source in (("group", "source"), ("other", "other_source"))
    )
    both = of_one if of_one == of_other else ""
    room = (NAME_ROOM - width_of(f" − {both}", NAME_SIZE)) / 2
    first, second = _cut(one, "" if both else of_one, room), _cut(other, "" if both else of_other, room)
    return f"{first} − {second}{both}"


def _parts(group: Any, source: Any) -> tuple[str, str]:
    """The source of a group, and what its name adds: ``credit`` and ``, r = 0.1``."""
    whole, start = str(group), str(source)
    return (start, whole.removeprefix(start)) if whole.startswith(start) else (whole, "")


def _cut(source: str, rest: str, inches: float) -> str:
    """Both in one line; where they are too wide, the source is cut, so that its groups are still told apart."""
    ending = fitted(rest, inches / 2, NAME_SIZE)
    return fitted(source, inches - width_of(ending, NAME_SIZE), NAME_SIZE) + ending
