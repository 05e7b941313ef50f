"""What a sweep measures on the way: a row a member and epoch, and the snapshots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

Floats = npt.NDArray[np.float64]
KINDS = ("step", "loss")


class TrainingRecord:
    """Measured values of each member at the end of each epoch, epoch 0 first.

    Parameters
    ----------
    columns
        Names of the values.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        self._values: list[Floats] = []
        self._present: list[npt.NDArray[np.bool_]] = []

    def __len__(self) -> int:
        return len(self._values)

    def add(self, members: npt.NDArray[np.int64], values: Floats, of: int) -> None:
        """Add an epoch: values (some members, columns) of these members out of all."""
        present, whole = np.zeros(of, bool), np.zeros((of, len(self.columns)))
        present[members], whole[members] = True, values
        self._values.append(whole)
        self._present.append(present)

    def best(self, column: str) -> float | None:
        """The largest value in any epoch; None if there is none."""
        found = [
            values[present, self.columns.index(column)].max()
            for values, present in zip(self._values, self._present, strict=True)
            if present.any()
        ]
        return float(max(found)) if found else None

    def last_mean(self, column: str, members: npt.NDArray[np.bool_]) -> float | None:
        """Mean over some members in the last epoch; None if there is none."""
        if not self._values or not members.any():
            return None
        return float(self._values[-1][members, self.columns.index(column)].mean())

    def table(self, keys: pd.DataFrame) -> pd.DataFrame:
        """One row a member and epoch, members slowest."""
        values, present = self.arrays(len(keys))
        epochs = np.tile(np.arange(len(self)), len(keys))
        table = keys.loc[np.repeat(keys.index, len(self))].assign(epoch=epochs)
        flat = values.transpose(1, 0, 2).reshape(-1, len(self.columns))
        table[self.columns] = flat
        return table[present.T.ravel().astype(bool)].reset_index(drop=True)

    def arrays(self, members: int) -> tuple[Floats, npt.NDArray[np.uint8]]:
        """Values (epochs, members, columns), and which of them are there (epochs, members)."""
        shape = (len(self), members)
        values = np.array(self._values, np.float64).reshape(*shape, len(self.columns))
        return values, np.array(self._present, np.uint8).reshape(shape)

    def restore(self, values: Floats, present: npt.NDArray[np.uint8]) -> None:
        """Take up what :meth:`arrays` gave."""
        self._values, self._present = [each.copy() for each in values], [each.astype(bool) for each in present]


class SnapshotStore:
    """Snapshots of members' parameters, in one block of memory on the CPU.

    Parameters
    ----------
    capacity
        Snapshots that there can be at most.
    numbers
        Numbers of a member.
    dtype
        Of the numbers.
    losses
        Losses to match, the highest first.
    """

    def __init__(self, capacity: int, numbers: int, dtype: torch.dtype, losses: Sequence[float]) -> None:
        # the system hands out the pages as they are written
        self._numbers = torch.empty(capacity, numbers, dtype=dtype)
        self._entries: list[tuple[float, ...]] = []
        self._reached: set[tuple[int, float]] = set()
        self._losses = list(losses)

    @property
    def capacity(self) -> int:
        """Snapshots that there can be at most."""
        return len(self._numbers)

    def take(self, members: npt.NDArray[np.int64], parameters: Tensor, step: int, losses: Floats) -> None:
        """Take the parameters of some members, (members, numbers), after a step."""
        for member, row, loss in zip(members.tolist(), parameters.cpu(), losses.tolist(), strict=True):
            self._add(row, (member, 0, 0.0, step, loss))

    def match(self, members: npt.NDArray[np.int64], parameters: Tensor, step: int, losses: Floats) -> None:
        """Take the parameters of those members that are found for the first time at or below a loss to match."""
        for index, (member, loss) in enumerate(zip(members.tolist(), losses.tolist(), strict=True)):
            for target in self._losses:
                if loss <= target and (member, target) not in self._reached:
                    self._reached.add((member, target))
                    self._add(parameters[index].cpu(), (member, 1, target, step, loss))

    def table(self, keys: pd.DataFrame) -> pd.DataFrame:
        """One row a snapshot, in the order in which they were taken."""
        entries, _ = self.arrays()
        kinds = entries[:, 1].astype(int)
        chosen = keys.loc[entries[:, 0].astype(int)].reset_index(drop=True)
        return chosen.assign(
            kind=np.array(KINDS, object)[kinds],
            target=np.where(kinds == KINDS.index("loss"), entries[:, 2], np.nan),
            step=entries[:, 3].astype(int),
            loss=entries[:, 4],
        )

    def parameters(self) -> Tensor:
        """Parameters of all snapshots so far, (snapshots, numbers)."""
        return self._numbers[: len(self._entries)]

    def arrays(self) -> tuple[Floats, npt.NDArray[np.floating]]:
        """Member, kind, target, step and loss of each snapshot, (snapshots, 5), and its parameters."""
        return np.array(self._entries, np.float64).reshape(-1, 5), self.parameters().numpy()

    def restore(self, entries: Floats, parameters: npt.NDArray[np.floating]) -> None:
        """Take up what :meth:`arrays` gave."""
        self._numbers[: len(entries)] = torch.from_numpy(parameters)
        self._entries = [tuple(entry) for entry in entries.tolist()]
        self._reached = {(int(entry[0]), entry[2]) for entry in self._entries if entry[1] == KINDS.index("loss")}

    def _add(self, row: Tensor, entry: tuple[float, ...]) -> None:
        self._numbers[len(self._entries)] = row
        self._entries.append(entry)
