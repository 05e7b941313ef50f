from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError, choice, finite_array, square_matrix

KEYS = ("learning_rate", "seed")
COLUMNS = {
    "members": (*KEYS, "status", "iteration"),
    "communities": (*KEYS, "weights", "direction", "null", "quality", "communities", "z", "p_value"),
    "nulls": (*KEYS, "weights", "direction", "null", "sample", "quality"),
    "effects": (
        *("weights", "direction", "null", "learning_rate", "seeds", "quality_mean", "quality_low", "quality_high"),
        *("null_mean", "null_low", "null_high", "difference_mean", "difference_low", "difference_high"),
        *("z_mean", "p_value", "q_value", "significant"),
    ),
    "trends": ("weights", "direction", "null", "seeds", "learning_rates", "page_l", "page_p", "trend", "q_value"),
    "verification": ("network", "credit", "activation", "loss", "depth", "batch", "error", "bound", "holds"),
}
TRAINING_COLUMNS = {
    "connectome": (*KEYS, "iteration", "weight_norm", "rate_norm", "credit_norm", "mean_balance"),
    "layered": (*KEYS, "epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy"),
}


@dataclass(frozen=True)
class MatrixExample:
    """The weights of one network and its communities, as figure 4 of Fan and Mysore 2024 shows them.

    Parameters
    ----------
    learning_rate, pruning, seed
        Which network it is; `pruning` is None where the study does not prune.
    label
        ``low``, ``middle`` or ``high``: the place of its learning rate in the sweep.
    matrix
        Weights, shape (n, n), ``matrix[post, pre]``.
    membership
        Community of each neuron in the partition of maximal modularity, shape (n,), whole numbers.
    quality, null_mean, z, p_value
        Maximal modularity Q of that partition, the mean Q of the null model, and the test of one against the other.

    Raises
    ------
    DataError
        If the matrix is not square and finite, or the membership does not name one community a neuron.
    OptionError
        If the label is none of the three.
    """

    learning_rate: float
    pruning: float | None
    seed: int
    label: Literal["low", "middle", "high"]
    matrix: npt.NDArray[np.floating[Any]]
    membership: npt.NDArray[np.integer[Any]]
    quality: float
    null_mean: float
    z: float
    p_value: float

    def __post_init__(self) -> None:
        choice("label", self.label, ("low", "middle", "high"))
        matrix = square_matrix("matrix", self.matrix)
        membership = finite_array("membership", self.membership, ndim=1)
        if membership.shape[0] != matrix.shape[0]:
            raise DataError(
                f"membership: got {membership.shape[0]} entries, expected one for each of {matrix.shape[0]} neurons"
            )


@dataclass(frozen=True)
class ReportContent:
    """All that a report shows: tables, examples and words, every number already computed.

    Parameters
    ----------
    title, question
        Name of the study, and what it asks. Any text; shown as text.
    kind
        ``connectome`` (algorithm 1 of Fan and Mysore 2024) or ``layered`` (a network trained on a task).
    members, communities, nulls, effects, trends, verification
        Tidy tables; an empty table leaves its section out. Columns: see the tables of the study.
    training
        Course of training, or None where none was recorded.
    matrices
        Weight matrices to show reordered by community.
    configuration
        Options in force, nested as in the study file.
    environment
        Versions, device and whatever else tells where the numbers came from.
    command
        The command that repeats the study.
    notes
        What a reader must know, such as members that diverged.

    Raises
    ------
    DataError
        If a table lacks a column.
    OptionError
        If `kind` is unknown.
    """

    title: str
    question: str
    kind: Literal["connectome", "layered"]
    members: pd.DataFrame
    training: pd.DataFrame | None
    communities: pd.DataFrame
    nulls: pd.DataFrame
    effects: pd.DataFrame
    trends: pd.DataFrame
    verification: pd.DataFrame
    matrices: Sequence[MatrixExample] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        choice("kind", self.kind, TRAINING_COLUMNS)
        for name, columns in COLUMNS.items():
            require_columns(name, getattr(self, name), columns)
        if self.training is not None:
            require_columns("training", self.training, TRAINING_COLUMNS[self.kind])

    @property
    def diverged(self) -> pd.DataFrame:
        """The members whose training diverged; they are in no statistic."""
        return self.members if self.members.empty else self.members[self.members["status"] == "diverged"]


def require_columns(name: str, table: object, columns: Sequence[str]) -> None:
    """Check that a table has its columns; an empty table needs none.

    Raises
    ------
    DataError
        Naming the columns that are missing.
    """
    if not isinstance(table, pd.DataFrame):
        raise DataError(f"{name}: got {type(table).__name__}, expected a pandas DataFrame")
    missing = [column for column in columns if column not in table.columns]
    if len(table) and missing:
        raise DataError(f"{name}: the column {', '.join(missing)} is missing, expected {', '.join(columns)}")
