"""What is recorded of algorithm 1: the course of training, the members, and weights on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from .dynamics import Population

RECORDS = 60
RECORDED = ("iteration", "weight_norm", "mean_abs_weight", "rate_norm", "credit_norm", "mean_balance", "ei_imbalance")
Key = tuple[float, float, int]


@dataclass(frozen=True)
class ConnectomeResult:
    """What a simulation leaves behind.

    Attributes
    ----------
    weights
        (members, n, n), ``W[m, post, pre]``: the last state within bounds, pruned.
    initial_weights
        The weights before the first iteration, of the same shape.
    members
        One row a member: learning_rate, pruning, seed, status (``completed`` or ``diverged``), iteration (iterations
        done within bounds).
    training
        One row a member and recorded iteration: learning_rate, pruning, seed, iteration, weight_norm (Frobenius),
        mean_abs_weight (over all n^2 entries), rate_norm, credit_norm (Euclidean), mean_balance (mean of f(s) over the
        neurons), ei_imbalance (ours: mean over the neurons of :math:`|E - I| / (E + I)`, where E and I are the sums of
        the positive and of the negative parts of a neuron's inputs :math:`w_{ij} x_j`, of the weights and rates after
        the iteration; 0 is balanced, 1 is excitation or inhibition alone, and a neuron without input counts as 0). A
        member's rows end where it diverged.
    snapshots
        Weights on the way, (snapshots, members, n, n); none unless asked for.
    snapshot_steps
        The iterations after which they were taken, (snapshots,). A member that diverged before stays as it was frozen.
    """

    weights: Tensor
    initial_weights: Tensor
    members: pd.DataFrame
    training: pd.DataFrame
    snapshots: Tensor
    snapshot_steps: list[int]


def recorded_iterations(first: int, last: int) -> list[int]:
    """About 60 evenly spaced iterations after `first`, with the next one and the last."""
    spaced: list[int] = np.unique(np.linspace(1, last - first, RECORDS).round().astype(int)).tolist()
    return [first + each for each in spaced]


def record(population: Population, sizes: tuple[Tensor, Tensor], imbalance: Tensor) -> npt.NDArray[np.float64]:
    """A row for each member: whether it is alive, then iteration to ei_imbalance; (members, 8).

    Parameters
    ----------
    population
        The state.
    sizes
        Frobenius norm and mean magnitude of each member's weights.
    imbalance
        E-I imbalance of each member.
    """
    norm = torch.linalg.vector_norm
    columns = (
        population.alive,
        population.iterations,
        *sizes,
        norm(population.rates, dim=1),
        norm(population.credits, dim=1),
        population.mean_balance,
        imbalance,
    )
    # to double precision on the processor: not every device has it
    return np.stack([each.cpu().numpy().astype(np.float64) for each in columns], axis=1)


class Recording:
    """All that is recorded of a simulation on the way: its first weights, the course of training, and snapshots.

    Parameters
    ----------
    keys
        (learning rate, pruning, seed) of each member.
    snapshot_steps
        The iterations after which weights are kept.
    """

    def __init__(self, keys: Sequence[Key], snapshot_steps: Sequence[int]) -> None:
        self._keys, self._due = list(keys), frozenset(snapshot_steps)
        self._initial: Tensor | None = None
        self._history: list[npt.NDArray[np.float64]] = []
        self._snapshots: dict[int, Tensor] = {}

    @property
    def snapshot_steps(self) -> frozenset[int]:
        """The iterations after which weights are kept."""
        return self._due

    def begin(self, weights: Tensor) -> Tensor:
        """Keep the weights before the first iteration, unless they are kept already; return the first ones."""
        if self._initial is None:
            self._initial = weights.clone()
            self.keep(0, weights)
        return self._initial

    def forget(self) -> None:
        """Void the weights that were kept before the first iteration, since others were set."""
        self._initial = None
        self._snapshots.pop(0, None)

    def add(self, rows: npt.NDArray[np.float64]) -> None:
        """Add what :func:`record` found."""
        self._history.append(rows)

    def keep(self, iteration: int, weights: Tensor) -> None:
        """Keep weights after an iteration, where they are due and not kept already."""
        if iteration in self._due and iteration not in self._snapshots:
            self._snapshots[iteration] = weights.cpu().clone()

    def result(self, population: Population) -> ConnectomeResult:
        """What a simulation leaves behind so far."""
        return ConnectomeResult(
            weights=population.weights.clone(),
            initial_weights=self.begin(population.weights).clone(),
            members=members_table(self._keys, population),
            training=training_table(self._keys, self._recorded()),
            snapshots=self._kept(population),
            snapshot_steps=list(self._snapshots),
        )

    def put_away(self, population: Population) -> dict[str, npt.NDArray[Any]]:
        """All of it as numeric arrays."""
        return {
            "initial_weights": self.begin(population.weights).cpu().numpy().copy(),
            "history": self._recorded(),
            "snapshots": self._kept(population).numpy(),
            "snapshots_taken": np.array(list(self._snapshots), np.int64),
        }

    def take_up(self, state: Mapping[str, npt.NDArray[Any]], like: Tensor) -> None:
        """Be what it was when it was put away; weights take the dtype and device of `like`."""
        self._initial = torch.from_numpy(state["initial_weights"].copy()).to(like)
        self._history = list(state["history"].copy())
        kept = torch.from_numpy(state["snapshots"].copy())
        self._snapshots = dict(zip(state["snapshots_taken"].tolist(), kept, strict=True))

    def _recorded(self) -> npt.NDArray[np.float64]:
        """The course so far, (records, members, 8)."""
        return np.stack(self._history) if self._history else np.empty((0, len(self._keys), 1 + len(RECORDED)))

    def _kept(self, population: Population) -> Tensor:
        """Snapshots so far, (snapshots, members, n, n), on the processor."""
        if self._snapshots:
            return torch.stack(list(self._snapshots.values()))
        return torch.empty(0, *population.weights.shape, dtype=population.weights.dtype)


def training_table(keys: Sequence[Key], history: npt.NDArray[np.float64]) -> pd.DataFrame:
    """The table of training of what was recorded, (records, members, 8)."""
    by_member = history.transpose(1, 0, 2).reshape(-1, history.shape[2])
    columns = {name: by_member[:, 1 + index] for index, name in enumerate(RECORDED)}
    table = key_columns(keys).loc[np.repeat(np.arange(len(keys)), len(history))].assign(**columns)
    return table[by_member[:, 0] > 0].astype({"iteration": int}).reset_index(drop=True)


def members_table(keys: Sequence[Key], population: Population) -> pd.DataFrame:
    """The table of members as they are."""
    status = ["completed" if alive else "diverged" for alive in population.alive.tolist()]
    return key_columns(keys).assign(status=status, iteration=population.iterations.cpu().numpy())


def key_columns(keys: Sequence[Key]) -> pd.DataFrame:
    """Columns learning_rate, pruning and seed."""
    return pd.DataFrame(keys, columns=["learning_rate", "pruning", "seed"])
