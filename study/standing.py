"""How far the training of a sweep is: told by each batch in a small file, added up for one bar."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ..train import SweepSummary

SECONDS_BETWEEN = 0.5
"""Least time between two files of a batch, and between two looks at them."""
FILE = "standing.json"


@dataclass(frozen=True)
class Standing:
    """How far the training of some members is.

    Attributes
    ----------
    members
        How many there are.
    done
        Their training that is done, in members: the sum of each one's share of steps done.
    before
        What of it was done by earlier calls.
    alive
        Members that are still learning, or have learned to the end.
    best_accuracy
        The best accuracy of a member on test data so far; None where there is none.
    """

    members: int
    done: float
    before: float
    alive: int
    best_accuracy: float | None

    @classmethod
    def of(cls, summary: SweepSummary, share: float, before: float) -> Standing:
        """The standing of a sweep of which that share of the steps is done, and was when this call took it up."""
        return cls(
            summary.members, share * summary.members, before * summary.members, summary.alive, summary.best_accuracy
        )

    @classmethod
    def total(cls, parts: Iterable[Standing]) -> Standing:
        """The standing of all members of some parts together."""
        parts = list(parts)
        accuracies = [part.best_accuracy for part in parts if part.best_accuracy is not None]
        return cls(
            sum(part.members for part in parts),
            sum(part.done for part in parts),
            sum(part.before for part in parts),
            sum(part.alive for part in parts),
            max(accuracies, default=None),
        )

    def seconds_left(self, elapsed: float) -> float | None:
        """Time left at the pace of this call, in which `elapsed` seconds have gone; None before anything is done.

        Examples
        --------
        >>> Standing(members=10, done=6.0, before=4.0, alive=10, best_accuracy=None).seconds_left(30.0)
        60.0
        """
        pace = (self.done - self.before) / elapsed if elapsed > 0 else 0.0
        return (self.members - self.done) / pace if pace > 0 else None


class Bulletin:
    """The file in which a batch that is being trained tells how far it is, written at most twice a second.

    Parameters
    ----------
    folder
        Where it lies.
    call
        Name of the call that trains the batch; a file that an earlier, killed call left bears another.
    """

    def __init__(self, folder: Path, call: str) -> None:
        self.path, self.call = folder / FILE, call
        self._written = -SECONDS_BETWEEN

    def tell(self, standing: Callable[[], Standing]) -> None:
        """Write the standing, unless the last one is half a second old at most."""
        now = time.monotonic()
        if now - self._written < SECONDS_BETWEEN:
            return
        self._written = now
        # no more than a display: it need not survive a crash, nor stop the training where it cannot be written
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            part = self.path.with_name(f".{FILE}.part")
            part.write_text(json.dumps({"call": self.call, **asdict(standing())}))
            os.replace(part, self.path)

    def read(self) -> Standing | None:
        """The standing that was told last; of an earlier call, all of it was done before. None if there is none."""
        try:
            told = json.loads(self.path.read_text())
            call = told.pop("call")
            standing = Standing(**told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return standing if call == self.call else Standing(**{**told, "before": standing.done})


@contextmanager
def watched(
    standings: Mapping[str, Standing], bulletins: Mapping[str, Bulletin], show: Callable[[Standing], None]
) -> Iterator[Callable[[str, Standing], None]]:
    """Show the standing of all batches together twice a second, and once more at the end.

    Parameters
    ----------
    standings
        Of all batches, by name, as this call finds them.
    bulletins
        Of the batches that this call trains, by name.
    show
        Is told, from a thread of its own.

    Returns
    -------
    context manager
        Gives a function to call with the name and the standing of each batch when it is done.
    """
    known, open_, lock, over = dict(standings), dict(bulletins), threading.Lock(), threading.Event()

    def collect() -> Standing:
        with lock:
            told = {name: bulletin.read() for name, bulletin in open_.items()}
            known.update({name: standing for name, standing in told.items() if standing is not None})
            return Standing.total(known.values())

    def finish(name: str, standing: Standing) -> None:
        with lock:
            del open_[name]
            known[name] = standing

    def watch() -> None:
        while not over.wait(SECONDS_BETWEEN):
            show(collect())

    show(collect())
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield finish
    finally:
        over.set()
        watcher.join()
        show(collect())
