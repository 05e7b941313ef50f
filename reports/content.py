from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError, choice, finite_array, square_matrix
from . import labels
from .columns import require_columns
from .findings import Findings

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
TASK_COLUMNS = (*KEYS, "epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
TRAINING_COLUMNS = {
    "connectome": (*KEYS, "iteration", "weight_norm", "rate_norm", "credit_norm", "mean_balance"),
    "layered": TASK_COLUMNS,
    "recurrent": TASK_COLUMNS,
}


@dataclass(frozen=True)
class MatrixExample:
    """The weights of one network and its communities, as figure 4 of Fan and Mysore 2024 shows them.

    Parameters
    ----------
    learning_rate, pruning, seed
        Which network it is; `pruning` is None where the study does not prune.
    label
        ``low``, ``middle`` or ``high``: the place of its learning rate in the sweep; or empty.
    matrix
        Weights, shape (n, n), ``matrix[post, pre]``.
    membership
        Community of each neuron in the partition of maximal modularity, shape (n,), whole numbers.
    quality, null_mean, z, p_value
        Maximal modularity Q of that partition, the mean Q of the null model, and the test of one against the other.
    minimal
        Community of each neuron in the partition of minimal modularity, shape (n,), or None where there is none.
    name
        What the network is called where no learning rate tells it from others; any text.

    Raises
    ------
    DataError
        If the matrix is not square and finite, or the membership does not name one community a neuron.
    OptionError
        If the label is none of those.
    """

    learning_rate: float
    pruning: float | None
    seed: int
    label: Literal["low", "middle", "high", ""]
    matrix: npt.NDArray[np.floating[Any]]
    membership: npt.NDArray[np.integer[Any]]
    quality: float
    null_mean: float
    z: float
    p_value: float
    minimal: npt.NDArray[np.integer[Any]] | None = None
    name: str = ""

    @property
    def place(self) -> str:
        """Which network it is, in words."""
        if self.name:
            return labels.short(self.name)
        pruning = "" if self.pruning is None else f", pruning {self.pruning:g}"
        return f"r = {labels.rate(self.learning_rate, 3)}{pruning}, seed {self.seed}"

    def __post_init__(self) -> None:
        choice("label", self.label, ("low", "middle", "high", ""))
        matrix = square_matrix("matrix", self.matrix)
        partitions = {"membership": self.membership, **({} if self.minimal is None else {"minimal": self.minimal})}
        for name, given in partitions.items():
            count = finite_array(name, given, ndim=1).shape[0]
            if count != matrix.shape[0]:
                raise DataError(
                    f"{name}: got {labels.counted(count, 'entry', 'entries')}, expected one for each of "
                    f"{labels.counted(matrix.shape[0], 'neuron')}"
                )


@dataclass(frozen=True)
class ReportContent:
    """All that a report shows: tables, examples and words, every number already computed.

    Parameters
    ----------
    title, question
        Name of the study, and what it asks. Any text; shown as text.
    kind
        ``connectome`` (algorithm 1 of Fan and Mysore 2024), ``layered`` or ``recurrent`` (networks trained on a task).
    members, communities, nulls, effects, trends, verification
        Tidy tables; an empty table leaves its section out. Columns: see the tables of the study.
    training
        Course of training, or None where none was recorded.
    matrices
        Weight matrices to show reordered by community. Those with a label (low, middle, high) stand side by side; if
        some have none, all can be gone through one by one.
    configuration
        Options in force, nested as in the study file.
    environment
        Versions, device and whatever else tells where the numbers came from.
    command, files
        The command that repeats the study, and the text of each file that it takes, by name: the page holds them.
    notes
        What a reader must know, such as members that diverged.
    findings
        What was found beyond scores against nulls: structure, similarity, function, trajectory, statistics.

    Raises
    ------
    DataError
        If a table lacks a column.
    OptionError
        If `kind` is unknown.
    """

    title: str
    question: str
    kind: Literal["connectome", "layered", "recurrent"]
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
    files: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    findings: Findings = field(default_factory=Findings)

    @property
    def neurons(self) -> int | None:
        """Neurons of each network, which all are of one size; None where there is no matrix to tell."""
        return self.matrices[0].matrix.shape[0] if self.matrices else None

    def __post_init__(self) -> None:
        choice("kind", self.kind, TRAINING_COLUMNS)
        for name, columns in COLUMNS.items():
            require_columns(name, getattr(self, name), columns)
        if self.training is not None:
            require_columns("training", self.training, TRAINING_COLUMNS[self.kind])

    @property
    def diverged(self) -> pd.DataFrame:
        """The members that were frozen: they diverged, or found no equilibrium; they are in no statistic."""
        return self.members if self.members.empty else self.members[self.members["status"] != "completed"]
