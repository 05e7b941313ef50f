"""Sweeps over learning rates and seeds: trained in steps, measured, frozen member by member, resumed from a state."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from torch import Tensor

from ...guard import DataError, real_numbers, whole_number, whole_numbers
from ..identity import identity_of
from ..members import as_learning_rates
from ..threads import one_thread_each
from .data import SweepData
from .measuring import MEASURED, PROBED
from .memory import Need, chunk_size
from .parameters import ParameterRow
from .records import SnapshotStore, TrainingRecord
from .result import Snapshots, SweepResult, SweepSummary
from .timetable import Timetable

T = TypeVar("T")

STATUSES = ("running", "diverged", "no_equilibrium")
RUNNING, DIVERGED, NO_EQUILIBRIUM = range(len(STATUSES))
LARGEST_RATE = 1e18


@dataclass(frozen=True)
class Trained:
    """What became of some members: parameters (members, numbers), status and steps made, (members,)."""

    parameters: Tensor
    status: Tensor
    made: Tensor


@dataclass(frozen=True)
class Measured:
    """Values of some members, (members, columns), float64, and their status, (members,)."""

    values: Tensor
    status: Tensor


def sweep_keys(learning_rates: object, seeds: object) -> tuple[list[tuple[float, int]], list[int]]:
    """Learning rate and seed of each member, the seeds fastest, and the seeds.

    Raises
    ------
    OptionError
        If either is no list of distinct numbers in range.
    """
    rates = real_numbers("learning_rates", learning_rates, maximum=LARGEST_RATE, above=0.0)
    found = whole_numbers("seeds", seeds, minimum=0)
    return list(itertools.product(rates, found)), found


class Sweep(ABC):
    """Members that learn side by side, each with its own learning rate and seed.

    Members are trained in chunks, as many at a time as memory and cores suggest: on the processor each chunk on one
    thread, as many chunks at once as torch is set to use threads. A member comes out the same whatever the chunks
    (layered ones that a control rule trains, up to rounding), and whatever the steps that are asked for at a time.
    Between two steps after which something is measured or taken, nothing is said to Python but that a step was made,
    and no accelerator is waited for (but by control rules).

    Attributes
    ----------
    keys
        Learning rate and seed of each member.
    steps_done, steps_total
        Steps of the training.
    parameters
        What the sweep was made with.
    need
        Bytes that it takes on its device.
    """

    def __init__(
        self,
        keys: list[tuple[float, int]],
        data: SweepData,
        timetable: Timetable,
        *,
        row: ParameterRow,
        initial: Tensor,
        need: Need,
        free: int,
        parameters: dict[str, Any],
    ) -> None:
        self.keys, self._data, self._timetable, self._row = keys, data, timetable, row
        self._initial, self.need, self._free = initial, need, free
        self.steps_done, self.steps_total = 0, timetable.total
        self._seed_index = torch.tensor([data.seeds.index(seed) for _, seed in keys])
        self._learning_rates = as_learning_rates([rate for rate, _ in keys], initial.dtype, initial.device)
        self.parameters = {
            "learning_rates": list(dict.fromkeys(rate for rate, _ in keys)),
            "seeds": data.seeds,
            "epochs": timetable.epochs,
            "batch_size": data.batch_size,
            "snapshots": timetable.snapshot_steps,
            "matched_losses": timetable.matched_losses,
            "evaluate_every": timetable.evaluate_every,
            **parameters,
        }
        members = len(keys)
        self._numbers = initial[self._seed_index.to(initial.device)]
        self._status = np.full(members, RUNNING, np.int8)
        self._made = np.zeros(members, np.int64)
        # members train together from one stop of the timetable to the next, whatever becomes of one on the way: the
        # moments at which a sweep is asked to go on, or is stopped, then cannot matter to anything
        self._together = np.ones(members, np.uint8)
        parts = [f"{part}_{what}" for part in data.samples for what in MEASURED]
        self._record = TrainingRecord([*parts, *PROBED])
        self._snapshots = SnapshotStore(members * timetable.taken, row.size, initial.dtype, timetable.matched_losses)

    def run(self, progress: Callable[[int, int], None] | None = None) -> SweepResult:
        """Train to the end.

        Parameters
        ----------
        progress
            Called after each epoch with the steps done and the steps in all.
        """
        while self.steps_done < self.steps_total:
            self.advance(self._data.steps - self.steps_done % self._data.steps)
            if progress is not None:
                progress(self.steps_done, self.steps_total)
        return self.result()

    def advance(self, steps: int) -> None:
        """Train all living members that many more steps, or to the end if it comes first.

        Raises
        ------
        OptionError
            If `steps` is not a whole number of at least 1.
        """
        last = min(self.steps_done + whole_number("steps", steps, minimum=1), self.steps_total)
        self._begin()
        while self.steps_done < last:
            stop = min(self._timetable.next_stop(self.steps_done), last)
            self._train(range(self.steps_done, stop))
            self._stopped_at(stop)

    def result(self) -> SweepResult:
        """What the sweep leaves behind; before the last step, what there is so far."""
        self._begin()
        keys = self._key_columns()
        completed = self.steps_done == self.steps_total
        names = np.array(["completed" if completed else "running", *STATUSES[1:]], object)
        training = self._record.table(keys).sort_values(["learning_rate", "seed", "epoch"], ignore_index=True)
        weights, biases = self._tensors(self._numbers.clone())
        initial, _ = self._tensors(self._initial[self._seed_index.to(self._initial.device)])
        return SweepResult(
            weights,
            biases,
            initial,
            keys.assign(
                status=names[self._status],
                iteration=self._made,
                **{f"{part}_samples": count for part, count in self._data.samples.items()},
                **{
                    f"{part}_largest_class": shares[self._seed_index.numpy()]
                    for part, shares in self._data.largest_class.items()
                },
            ),
            training,
            Snapshots(self._snapshots.table(keys), *self._tensors(self._snapshots.parameters())),
            dict(self.parameters),
        )

    def summary(self) -> SweepSummary:
        """Where the sweep stands."""
        alive = self._status == RUNNING
        return SweepSummary(
            int(alive.sum()),
            len(self.keys),
            self._record.best("test_accuracy"),
            self._record.last_mean("train_loss", alive),
        )

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that the rest of the training depends on, and all that is recorded, as arrays of numbers."""
        values, present = self._record.arrays(len(self.keys))
        entries, snapshots = self._snapshots.arrays()
        return {
            "identity": self._identity(),
            "steps_done": np.array([self.steps_done], np.int64),
            "parameters": self._numbers.cpu().numpy().copy(),
            "status": self._status.copy(),
            "together": self._together.copy(),
            "made": self._made.copy(),
            "record": values,
            "recorded": present,
            "snapshot_entries": entries,
            "snapshot_parameters": snapshots,
        }

    def restore(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Take up a state of this sweep; on the processor, what follows is to the bit what would have followed there.

        Raises
        ------
        DataError
            If it is not the state of a sweep made with the same options on the same data.
        """
        own = self.state()
        missing = sorted(set(own) ^ set(state))
        if missing:
            raise DataError(f"state: {', '.join(missing)} missing or unknown, expected what state() returned")
        if not np.array_equal(state["identity"], own["identity"]):
            raise DataError("state: that of a sweep with other options or data; make the sweep with the options it had")
        open_ended = ("record", "recorded", "snapshot_entries", "snapshot_parameters")
        for name, array in own.items():
            free = int(name in open_ended)
            given = state[name]
            if given.dtype != array.dtype or given.shape[free:] != array.shape[free:]:
                raise DataError(f"state: {name} has another shape or type than this sweep's; it is damaged")
        steps, entries = int(state["steps_done"][0]), len(state["snapshot_entries"])
        fits = 0 <= steps <= self.steps_total and len(state["record"]) == len(state["recorded"])
        if not fits or entries != len(state["snapshot_parameters"]) or entries > self._snapshots.capacity:
            raise DataError("state: its parts do not fit together; it is damaged")
        self.steps_done = steps
        self._numbers = torch.from_numpy(state["parameters"].copy()).to(self._numbers.device)
        self._status, self._made = state["status"].copy(), state["made"].copy()
        self._together = state["together"].copy()
        self._record.restore(state["record"], state["recorded"])
        self._snapshots.restore(state["snapshot_entries"], state["snapshot_parameters"])

    @abstractmethod
    def _train_chunk(self, members: Tensor, steps: range) -> Trained:
        """Train some members (indices, on the CPU) for some steps of one epoch, but those that no longer run."""

    @abstractmethod
    def _measure_chunk(self, members: Tensor, parts: Sequence[str], *, probe: bool) -> Measured:
        """Loss and accuracy of some members on some parts of the data, and what the probe batch tells if asked for."""

    @abstractmethod
    def _tensors(self, numbers: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Weights and biases of members whose parameters are given, (members, numbers)."""

    def _train(self, steps: range) -> None:
        # nothing is taken over before all chunks are done: whoever is interrupted stands where the steps began
        for members, trained in self._in_chunks(
            np.flatnonzero(self._together), lambda members: self._train_living(members, steps)
        ):
            if trained is None:
                continue
            self._numbers[members.to(self._numbers.device)] = trained.parameters
            self._status[members.numpy()] = trained.status.cpu().numpy()
            self._made[members.numpy()] += trained.made.cpu().numpy()
        self.steps_done = steps.stop

    def _train_living(self, members: Tensor, steps: range) -> Trained | None:
        running = (self._status[members.numpy()] == RUNNING).any()
        return self._train_chunk(members, steps) if running else None

    def _running(self, members: Tensor) -> Tensor:
        """Which of some members run, on the device."""
        return torch.from_numpy(self._status[members.numpy()] == RUNNING).to(self._numbers.device)

    def _begin(self) -> None:
        if not len(self._record):
            self._stopped_at(0)

    def _stopped_at(self, step: int) -> None:
        """Measure and take what is due after a step."""
        times = self._timetable
        epoch, snapshot, match = times.ends_epoch(step), times.takes_snapshot(step), times.looks_at_loss(step)
        if not (epoch or snapshot or match):
            return
        parts = list(self._data.samples) if epoch else ["train"]
        values, members = self._measure(parts, probe=epoch)
        self._together = (self._status == RUNNING).astype(np.uint8)
        if epoch:
            self._record.add(members, values, len(self.keys))
        if snapshot or match:
            parameters = self._numbers[torch.from_numpy(members).to(self._numbers.device)]
            if snapshot:
                self._snapshots.take(members, parameters, step, values[:, 0])
            if match:
                self._snapshots.match(members, parameters, step, values[:, 0])

    def _measure(self, parts: Sequence[str], *, probe: bool) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Values of the living members, (members, columns), and which these are; the others are frozen first."""
        rows = []
        for members, found in self._in_chunks(
            self._living(), lambda members: self._measure_chunk(members, parts, probe=probe)
        ):
            values, status = found.values.cpu().numpy(), found.status.cpu().numpy().astype(np.int8)
            # what is within bounds may still give a loss beyond all numbers
            status[(status == RUNNING) & ~np.isfinite(values).all(1)] = DIVERGED
            self._status[members.numpy()] = status
            rows.append(values[status == RUNNING])
        width = len(parts) * len(MEASURED) + (len(PROBED) if probe else 0)
        return np.concatenate([np.empty((0, width)), *rows]), self._living()

    def _in_chunks(self, members: npt.NDArray[np.int64], work: Callable[[Tensor], T]) -> list[tuple[Tensor, T]]:
        """Do some work on members (indices), chunk by chunk, each chunk on one thread of the processor."""
        if not len(members):
            return []
        device = self._numbers.device
        threads = torch.get_num_threads() if device.type == "cpu" else 1
        size, at_once = chunk_size(len(members), device=device, threads=threads, need=self.need, free=self._free)
        chunks = list(torch.split(torch.from_numpy(members), size))
        if threads == 1:
            return [(chunk, work(chunk)) for chunk in chunks]
        # sums are split by thread: with one thread a chunk, results do not depend on the count of threads
        return list(zip(chunks, one_thread_each(work, chunks, at_once), strict=True))

    def _living(self) -> npt.NDArray[np.int64]:
        return np.flatnonzero(self._status == RUNNING)

    def _key_columns(self) -> pd.DataFrame:
        return pd.DataFrame(self.keys, columns=["learning_rate", "seed"])

    def _identity(self) -> npt.NDArray[np.uint8]:
        """SHA-256 of the options and the data."""
        return identity_of({**self.parameters, "data": self._data.fingerprint})
