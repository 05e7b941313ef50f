"""From the batches of a study to trained cells: resumed where they stopped, stored when they are done."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from ..train import CheckpointWarning, Stepped, run_with_checkpoints
from .batches import Batch
from .config import Study
from .standing import Bulletin, Standing
from .store import TRAINED, RunDirectory
from .sweeps import Result, snapshots_of, sweep_of, weights_of

SECONDS_BETWEEN_CHECKPOINTS = 10.0


@dataclass(frozen=True)
class Training:
    """A batch to be trained.

    Attributes
    ----------
    run, study, batch
        What is trained, and where it is stored.
    call
        Name of the call that wants it, apart from earlier, killed ones.
    process
        Process of that call.
    memory
        Bytes that it may take; by default half of what is free.
    """

    run: RunDirectory
    study: Study
    batch: Batch
    call: str
    process: int
    memory: int | None = None

    @property
    def bulletin(self) -> Bulletin:
        """Where it tells how far it is."""
        return Bulletin(self.run.checkpoints(self.batch.name), self.call)


@dataclass(frozen=True)
class Trained:
    """A batch that is trained and stored: its name, its standing, and what was mended on the way."""

    name: str
    standing: Standing
    mended: tuple[str, ...]


def train_batch(training: Training) -> Trained:
    """Train the members of a batch, from its checkpoint if there is one, and store those that are not stored yet."""
    run, study, batch = training.run, training.study, training.batch
    checkpoints = run.checkpoints(batch.name)
    with _noted() as mended, _one_thread():
        sweep = sweep_of(study, batch, memory=training.memory)
        tell = Teller(training, sweep)
        result = run_with_checkpoints(
            sweep,
            checkpoints,
            identity={"study": study.to_dict(), "batch": batch.name},
            every_seconds=SECONDS_BETWEEN_CHECKPOINTS,
            progress=tell,
        )
        for member, cell in enumerate(batch.cells):
            if run.state(cell, TRAINED) != "done":
                keys = (result.training[list(cell.keys)] == list(cell.keys.values())).all(axis=1)
                run.write_trained(
                    cell,
                    weights_of(result, member),
                    result.members.iloc[[member]],
                    result.training[keys],
                    snapshots_of(result, member),
                )
        run.delete_checkpoints(batch.name)
    return Trained(batch.name, Standing.of(sweep.summary(), 1.0, tell.before), tuple(mended))


class Teller:
    """Told how far a sweep is, passes it on; ends a worker process whose call is gone.

    Parameters
    ----------
    training
        What is trained.
    sweep
        Its sweep.

    Attributes
    ----------
    before
        Share of the steps that were done when this call took the sweep up.
    """

    def __init__(self, training: Training, sweep: Stepped[Result]) -> None:
        self._sweep, self._process, self._bulletin = sweep, training.process, training.bulletin
        self.before = 0.0
        self._begun = False

    def __call__(self, done: int, total: int) -> None:
        """Take note of the steps done and the steps in all."""
        if os.getpid() != self._process and os.getppid() != self._process:
            # the call was killed; another may be at work on this batch already
            os._exit(1)
        if not self._begun:
            self.before, self._begun = done / total, True
        self._bulletin.tell(lambda: Standing.of(self._sweep.summary(), done / total, self.before))


def waiting_standing(batch: Batch) -> Standing:
    """The standing of a batch of which nothing is known to be trained."""
    return Standing(len(batch.cells), 0.0, 0.0, len(batch.cells), None)


def stored_standing(run: RunDirectory, batch: Batch) -> Standing:
    """The standing of a batch that an earlier call has trained and stored."""
    members = [run.cell_table(cell, "members") for cell in batch.cells]
    courses = [run.cell_table(cell, "training") for cell in batch.cells]
    best = [course["test_accuracy"].max() for course in courses if "test_accuracy" in course and len(course)]
    count = len(batch.cells)
    alive = sum(table["status"].iloc[0] == "completed" for table in members)
    return Standing(count, count, count, alive, max(best, default=None))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are split by thread, so results are the same for any number of workers only at a fixed number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _noted() -> Iterator[list[str]]:
    """Note what is said of checkpoints, which only the process of the call can show; other warnings go on."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CheckpointWarning)
        yield said
    for each in caught:
        if issubclass(each.category, CheckpointWarning):
            said.append(str(each.message))
        else:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
