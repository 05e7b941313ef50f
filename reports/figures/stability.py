from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from ...guard import DataError, square_matrix
from .. import labels
from .heat import NAME_SIZE, colour_bar, heat_map
from .names import fitted, width_of
from .paging import thinned
from .style import TALLEST, WIDTH, new_figure, pick, row_title, rows_of, styled

ROWS = 7
"""So many rows of panels fit a printed page."""

TITLE_HEIGHT, FRAME_HEIGHT = 0.3, 0.85
GROUP_ROOM = 0.7
"""Inches that the name of a group of partitions may take."""


@styled
def stability_map(communities: pd.DataFrame) -> Figure:
    """How far restarts agree on the communities, for every learning rate and seed.

    A cell is the mean adjusted mutual information (AMI) over pairs of restarts of one network: 1 where all found the
    same communities, about 0 where chance decides. Columns of panels are the directions, rows the views of the weights
    and prunings (of more than seven, seven are drawn, evenly chosen). Grey: no partition, as the network diverged or
    had one restart.

    Parameters
    ----------
    communities
        One row per network x weights x direction x null, with `agreement`.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If no agreement is in the table.

    References
    ----------
    Vinh, Epps and Bailey, JMLR 11 (2010), for the adjusted mutual information.
    """
    if "agreement" not in communities or communities["agreement"].notna().sum() == 0:
        raise DataError("communities: no agreement of restarts is in the table, so there is nothing to draw")
    rates, seeds = (sorted(communities[name].unique()) for name in ("learning_rate", "seed"))
    directions, rows = labels.distinct(communities, "direction"), thinned(rows_of(communities), ROWS)
    room = (TALLEST - FRAME_HEIGHT) / len(rows) - TITLE_HEIGHT
    height = min(float(np.clip(0.22 * len(seeds), 0.8, 2.4)), room)
    figure = new_figure((height + TITLE_HEIGHT) * len(rows) + FRAME_HEIGHT, "Do restarts agree on the communities?")
    panels = figure.subplots(len(rows), len(directions), squeeze=False, sharex=True, sharey=True)
    image = None
    for i, (weights, pruning) in enumerate(rows):
        for j, direction in enumerate(directions):
            cell = pick(communities, weights=weights, pruning=pruning, direction=direction)
            wide = cell.pivot_table(index="seed", columns="learning_rate", values="agreement", aggfunc="mean")
            values = wide.reindex(index=seeds, columns=rates).astype("Float64").to_numpy(float, na_value=np.nan)
            axes = panels[i, j]
            image = heat_map(
                axes,
                values,
                rows=[str(seed) for seed in seeds],
                columns=[labels.rate(rate, 3) for rate in rates],
                size=((WIDTH - 1.4) / len(directions), height),
                limits=(0.0, 1.0),
                colours="cividis",
                texts=[[f"{value:.2f}" if np.isfinite(value) else "" for value in row] for row in values],
                said=[
                    [
                        f"r = {labels.rate(rate)}, seed {seed}: agreement {labels.number(values[a, b], 2)}"
                        for b, rate in enumerate(rates)
                    ]
                    for a, seed in enumerate(seeds)
                ],
            )
            axes.set_title(f"{labels.capital(labels.direction(direction))}, {row_title(weights, pruning, 2)}")
            if j == 0:
                axes.set_ylabel("seed")
            if i == len(rows) - 1:
                axes.set_xlabel("learning rate r")
    colour_bar(figure, image, panels, "agreement of restarts (AMI)")
    return figure


@styled
def similarity_map(similarity: npt.ArrayLike, groups: Sequence[str], *, measure: str = "AMI", axis: str = "") -> Figure:
    """How alike partitions are, of every learning rate and seed with every other.

    Parameters
    ----------
    similarity
        Symmetric matrix of similarities, shape (partitions, partitions), 1 on the diagonal; such as
        :func:`creditgraph.analysis.similarity_matrix` gives.
    groups
        What each partition belongs to, its learning rate say, length partitions; those of one group stand side by
        side, and a line parts the groups.
    measure
        What the similarity is, in words: the adjusted mutual information (AMI) if nothing else is said.
    axis
        What the groups are, in words. If nothing is said, groups whose names are numbers are learning rates.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the matrix is not square, or the groups are not as many.
    """
    matrix = square_matrix("similarity", similarity).astype(float)
    if len(groups) != len(matrix):
        raise DataError(
            f"groups: got {len(groups)}, expected one for each of {labels.counted(len(matrix), 'partition')}"
        )
    named = [str(group) for group in groups]
    order = [i for name in dict.fromkeys(named) for i, group in enumerate(named) if group == name]
    sorted_groups = [named[i] for i in order]
    starts = [i for i, name in enumerate(sorted_groups) if i == 0 or name != sorted_groups[i - 1]]
    ends = [*starts[1:], len(order)]
    side = 4.2
    figure = new_figure(side + 0.9, "Are communities alike across learning rates and seeds?", width=side + 1.9)
    axes = figure.subplots()
    shown = matrix[np.ix_(order, order)]
    few = len(order) <= 36
    image = heat_map(
        axes,
        shown,
        rows=sorted_groups,
        columns=sorted_groups,
        size=(side, side),
        limits=(min(0.0, float(shown.min())), 1.0),
        colours="cividis",
        said=[
            [
                f"{labels.short(a)} ({i + 1}) and {labels.short(b)} ({j + 1}): {shown[i, j]:.2f}"
                for j, b in enumerate(sorted_groups)
            ]
            for i, a in enumerate(sorted_groups)
        ]
        if few
        else None,
    )
    axes.set_aspect("equal")
    middles = [(start + end - 1) / 2 for start, end in zip(starts, ends, strict=True)]
    names = [fitted(sorted_groups[start], GROUP_ROOM, NAME_SIZE) for start in starts]
    step = max(1, int(np.ceil(len(names) * 0.15 / side)))
    for which in (axes.set_xticks, axes.set_yticks):
        which(middles[::step], labels=names[::step], fontsize=NAME_SIZE, parse_math=False)
    needed = max(width_of(name, NAME_SIZE) for name in names) + 0.08
    nearest = min((b - a for a, b in pairwise(middles[::step])), default=len(order)) / len(order) * side
    axes.tick_params(axis="x", rotation=0 if needed <= nearest else 90)
    for start in starts[1:]:
        axes.axhline(start - 0.5, color="white", linewidth=0.8)
        axes.axvline(start - 0.5, color="white", linewidth=0.8)
    words = axis or ("learning rate r (cells: seeds)" if all(map(_is_number, names)) else "partition, by group")
    axes.set_xlabel(words)
    axes.set_ylabel(words)
    colour_bar(figure, image, axes, f"similarity ({measure})")
    return figure


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
