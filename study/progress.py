from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

import rich.progress
from rich.console import Console
from rich.markup import escape

from ..guard import printable

if TYPE_CHECKING:
    # it loads torch, which takes seconds, and a misspelt option is told before that
    from .standing import Standing

Advance = Callable[[int], None]
Course = Callable[[int, int], None]


class Progress:
    """Told by a run what it is at; this one shows nothing."""

    def stage(self, name: str, total: int, done: int = 0) -> AbstractContextManager[Advance]:
        """Begin a stage.

        Parameters
        ----------
        name
            What is done in it.
        total
            Number of items.
        done
            Of these, how many were done by an earlier call.

        Returns
        -------
        context manager
            Gives a function to call with the number of items just done.
        """
        del name, total, done
        return nullcontext(_ignore)

    def course(self, name: str) -> AbstractContextManager[Course]:
        """Begin a stage that tells by itself how far it is.

        Returns
        -------
        context manager
            Gives a function to call with the number of items done and of items in all.
        """
        del name
        return nullcontext(_ignore)

    def training(self) -> AbstractContextManager[Callable[[Standing], None]]:
        """Begin the training of all networks of a study.

        Returns
        -------
        context manager
            Gives a function to call with the :class:`~creditgraph.study.standing.Standing` of them all, from any
            thread.
        """
        return nullcontext(_ignore)

    def tell(self, message: str) -> None:
        """Tell the user what a stage that follows is for."""

    def warn(self, message: str) -> None:
        """Tell the user of something that was mended on the way."""


def _ignore(*counts: object) -> None:
    del counts


class Bars(Progress):
    """Progress as one bar a stage, with what is done, the time gone and the time left, on standard error.

    Parameters
    ----------
    console
        Where to draw; by default standard error.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    @contextmanager
    def stage(self, name: str, total: int, done: int = 0) -> Iterator[Advance]:
        """Begin a stage and draw its bar."""
        with self._bars() as bars:
            task = bars.add_task(name, total=total, completed=done)

            def advance(count: int) -> None:
                bars.advance(task, count)

            yield advance

    @contextmanager
    def course(self, name: str) -> Iterator[Course]:
        """Begin a stage that tells by itself how far it is, and draw its bar."""
        with self._bars() as bars:
            task = bars.add_task(name, total=None)

            def tell(done: int, total: int) -> None:
                bars.update(task, completed=done, total=total)

            yield tell

    @contextmanager
    def training(self) -> Iterator[Callable[[Standing], None]]:
        """Begin the training and draw its one bar: networks that are alive, best accuracy so far, time left.

        The time left goes by the pace of this call; what earlier calls did fills the bar but does not count for it.
        """
        began = time.monotonic()
        with rich.progress.Progress(
            rich.progress.TextColumn("{task.description:<12}"),
            rich.progress.BarColumn(),
            rich.progress.TaskProgressColumn(),
            rich.progress.TextColumn("{task.fields[standing]}"),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TextColumn("left {task.fields[left]}"),
            console=self.console,
        ) as bars:
            task = bars.add_task("training", total=None, standing="", left="-:--:--")

            def show(standing: Standing) -> None:
                left = standing.seconds_left(time.monotonic() - began)
                bars.update(
                    task,
                    completed=standing.done,
                    total=standing.members,
                    standing=in_words(standing),
                    left="-:--:--" if left is None else str(timedelta(seconds=round(left))),
                )

            yield show

    def _bars(self) -> rich.progress.Progress:
        return rich.progress.Progress(
            rich.progress.TextColumn("{task.description:<12}"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TextColumn("left"),
            rich.progress.TimeRemainingColumn(),
            console=self.console,
        )

    def tell(self, message: str) -> None:
        """Print a line."""
        self.console.print(printable(message), markup=False, highlight=False, soft_wrap=True)

    def warn(self, message: str) -> None:
        """Print a line."""
        self.console.print(f"[yellow]warning:[/yellow] {escape(printable(message))}", highlight=False, soft_wrap=True)


def in_words(standing: Standing) -> str:
    """Networks that are alive, and the best accuracy where there is one."""
    alive = f"{standing.alive} of {standing.members} alive"
    return alive if standing.best_accuracy is None else f"{alive}, best {100 * standing.best_accuracy:.1f} %"
