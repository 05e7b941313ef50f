"""What a report shows of a run: its tables, and the matrices of a low, a middle and a high learning rate."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from ..reports import MatrixExample, ReportContent
from .store import Cell, RunDirectory, cells_of
from .sweeps import trained_graph


def report_content(directory: RunDirectory, command: str) -> ReportContent:
    """Gather from the stored files of a run what its report shows.

    Raises
    ------
    FileError
        If the run is not finished, or a file is corrupt.
    """
    study = directory.study
    members = directory.read_table("members")
    communities = directory.read_table("communities")
    return ReportContent(
        title=study.name,
        question=study.question,
        kind=study.experiment,
        members=members,
        training=directory.read_table("training"),
        communities=communities,
        nulls=directory.read_table("nulls"),
        effects=directory.read_table("effects"),
        trends=directory.read_table("trends"),
        verification=directory.read_table("verification"),
        matrices=_examples(directory, members, communities),
        configuration=study.to_dict(),
        environment=directory.read_json("environment.json"),
        command=command,
        notes=_notes(members),
    )


def _examples(directory: RunDirectory, members: pd.DataFrame, communities: pd.DataFrame) -> list[MatrixExample]:
    """One network of the first seed for the lowest, the middle and the highest learning rate that did not diverge."""
    study = directory.study
    completed = members[members["status"] == "completed"]
    rates = sorted(completed["learning_rate"].unique())
    places: dict[int, Literal["low", "middle", "high"]] = {
        len(rates) // 2: "middle",
        len(rates) - 1: "high",
        0: "low",
    }
    view, directions = study.communities.weights[0], study.communities.directions
    direction = "maximise" if "maximise" in directions else directions[0]
    examples = []
    for place, label in sorted(places.items()):
        cell = _first(cells_of(study), completed, rates[place])
        graph = trained_graph(study, directory.weights(cell))
        rows = communities[
            (communities["learning_rate"] == cell.learning_rate)
            & (communities["seed"] == cell.seed)
            & (communities["weights"] == view)
            & (communities["direction"] == direction)
        ]
        if cell.pruning is not None:
            rows = rows[rows["pruning"] == cell.pruning]
        row = rows.iloc[0]
        examples.append(
            MatrixExample(
                learning_rate=cell.learning_rate,
                pruning=cell.pruning,
                seed=cell.seed,
                label=label,
                matrix=graph.adjacency(),
                membership=directory.partitions(cell)[f"{view}_{direction}"],
                quality=float(row["quality"]),
                null_mean=float(row["null_mean"]),
                z=float(row["z"]),
                p_value=float(row["p_value"]),
            )
        )
    return examples


def _first(cells: list[Cell], completed: pd.DataFrame, rate: float) -> Cell:
    """The first completed member at a learning rate, at the strongest pruning."""
    mine = completed[completed["learning_rate"] == rate]
    keys = [name for name in ("learning_rate", "pruning", "seed") if name in mine]
    there = set(mine[keys].itertuples(index=False, name=None))
    candidates = [cell for cell in cells if tuple(cell.keys.values()) in there]
    return max(candidates, key=lambda cell: (cell.pruning or 0.0, -cell.seed))


def _notes(members: pd.DataFrame) -> list[str]:
    """Networks that are in no score, and why."""
    reasons = {
        "diverged": "diverged; their weights were frozen at the last state within bounds",
        "no_equilibrium": "found no equilibrium of rates or credits; their weights were frozen there",
    }
    notes = []
    for status, reason in reasons.items():
        lost = members[members["status"] == status]
        if len(lost):
            rates = ", ".join(f"{rate:g}" for rate in sorted(lost["learning_rate"].unique()))
            notes.append(
                f"{len(lost)} of {len(members)} networks (learning rates {rates}) {reason}, and they are left out of "
                "every score."
            )
    return notes
