"""Which networks a report shows as matrices, and their communities."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from ..reports import MatrixExample
from .store import Cell, RunDirectory, cells_of
from .sweeps import trained_graph

MOST_EXAMPLES = 12
LARGEST_BROWSED = 1_000
"""Matrices of more neurons swell a page: of those, only the low, the middle and the high learning rate are shown."""

Place = Literal["low", "middle", "high", ""]


def examples_of(directory: RunDirectory, members: pd.DataFrame, communities: pd.DataFrame) -> list[MatrixExample]:
    """Networks of the first seed that did not diverge: those that stand side by side, and others to go through.

    Side by side stand the lowest, the middle and the highest learning rate, at the strongest pruning, with their
    labels. Without a label follow all other learning rates, then the weaker prunings, or as many as make
    `MOST_EXAMPLES` in all, evenly spread; none of networks of more than `LARGEST_BROWSED` neurons.
    """
    completed = members[members["status"] == "completed"]
    firsts = _firsts(cells_of(directory.study), completed)
    rates = sorted(completed["learning_rate"].unique())
    strongest = {rate: next(cell for cell in firsts if cell.learning_rate == rate) for rate in rates}
    places: dict[int, Place] = {len(rates) // 2: "middle", len(rates) - 1: "high", 0: "low"}
    labelled = [_example(directory, communities, strongest[rates[at]], label) for at, label in sorted(places.items())]
    if labelled[0].matrix.shape[0] > LARGEST_BROWSED:
        return labelled
    shown = {strongest[rates[at]] for at in places}
    others = [cell for cell in firsts if cell not in shown]
    return [*labelled, *(_example(directory, communities, cell, "") for cell in _spread(others, len(labelled)))]


def _firsts(cells: list[Cell], completed: pd.DataFrame) -> list[Cell]:
    """The first completed seed of each learning rate and pruning: the strongest pruning first, rates rising."""
    keys = [name for name in ("learning_rate", "pruning", "seed") if name in completed]
    there = set(completed[keys].itertuples(index=False, name=None))
    found: dict[tuple[float, float], Cell] = {}
    for cell in sorted(cells, key=lambda each: each.seed):
        if tuple(cell.keys.values()) in there:
            found.setdefault((-(cell.pruning or 0.0), cell.learning_rate), cell)
    return [cell for _, cell in sorted(found.items(), key=lambda each: each[0])]


def _spread(cells: list[Cell], shown: int) -> list[Cell]:
    room = MOST_EXAMPLES - shown
    if len(cells) <= room:
        return cells
    return [cells[at] for at in np.linspace(0, len(cells) - 1, room).round().astype(int)]


def _example(directory: RunDirectory, communities: pd.DataFrame, cell: Cell, label: Place) -> MatrixExample:
    study = directory.study
    view, directions = study.communities.weights[0], study.communities.directions
    direction = "maximise" if "maximise" in directions else directions[0]
    rows = communities[
        (communities["learning_rate"] == cell.learning_rate)
        & (communities["seed"] == cell.seed)
        & (communities["weights"] == view)
        & (communities["direction"] == direction)
    ]
    if cell.pruning is not None:
        rows = rows[rows["pruning"] == cell.pruning]
    row = rows.iloc[0]
    partitions = directory.partitions(cell)
    return MatrixExample(
        learning_rate=cell.learning_rate,
        pruning=cell.pruning,
        seed=cell.seed,
        label=label,
        matrix=trained_graph(study, directory.weights(cell)).adjacency(),
        membership=partitions[f"{view}_{direction}"],
        quality=float(row["quality"]),
        null_mean=float(row["null_mean"]),
        z=float(row["z"]),
        p_value=float(row["p_value"]),
        minimal=partitions.get(f"{view}_minimise") if direction == "maximise" else None,
    )
