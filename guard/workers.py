from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Generic, TypeVar

from .errors import WorkerError
from .options import whole_number
from .spelling import spelt

T = TypeVar("T")
R = TypeVar("R")
SECONDS_BETWEEN_LOOKS = 0.5


def cores() -> int:
    """Number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(given: int | None) -> int:
    """Number of worker processes: as given, or one for each core."""
    return cores() if given is None else whole_number("workers", given, minimum=1, maximum=1024)


def work_through(task: Callable[[T], R], items: Iterable[T], *, workers: int) -> Iterator[R]:
    """Apply `task` to each item in worker processes of one thread each, and yield what comes back as it comes.

    With one worker everything runs in this process. The order of the results is not the order of the items, so a task
    must say in its result what it belongs to. Ctrl-C reaches this process alone, which then ends its workers; where
    this process is killed, they end by themselves within a second.

    Raises
    ------
    WorkerError
        If a worker process is killed.
    """
    items = list(items)
    if workers == 1 or len(items) <= 1:
        for item in items:
            yield task(item)
        return
    # joblib takes a quarter of a second to import, and few callers need it
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    watched = _EndsWithCaller(task, os.getpid())
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(
            n_jobs=min(workers, len(items)), return_as="generator_unordered", pre_dispatch="2*n_jobs"
        )
    with _untroubled_by_cancelled_tasks():
        try:
            with _deaf_to_interrupts():
                results = parallel(joblib.delayed(watched)(item) for item in items)
            try:
                for result in results:  # noqa: UP028 - `yield from` would close it before warnings are silenced
                    yield result
            finally:
                with warnings.catch_warnings():
                    # joblib advises whoever leaves early, and here that is who pressed Ctrl-C
                    warnings.filterwarnings("ignore", message="[0-9]+ tasks")
                    results.close()
        except TerminatedWorkerError as error:
            raise WorkerError(
                f"a worker process was killed, most likely for want of memory: say the same again with fewer "
                f"{spelt('workers')}; what a run has done is kept"
            ) from error


class _EndsWithCaller(Generic[T, R]):
    """A task that ends its worker process once the process that wants its results is gone."""

    watching: ClassVar[set[int]] = set()

    def __init__(self, task: Callable[[T], R], caller: int) -> None:
        self._task, self._caller = task, caller

    def __call__(self, item: T) -> R:
        if os.getpid() not in {self._caller, *self.watching}:
            self.watching.add(os.getpid())
            threading.Thread(target=self._watch, daemon=True).start()
        return self._task(item)

    def _watch(self) -> None:
        while os.getppid() == self._caller:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        os._exit(1)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes and threads that Ctrl-C does not reach, where the system can.

    A terminal sends Ctrl-C to every process of a command, and a worker that it meets between two tasks prints a
    traceback of its own. What is started here inherits a blocked signal, also over `exec` and before a line of Python
    is run; for this process it waits until the end of the block. The trackers of shared resources are started before,
    for whoever starts one lets the signal through again.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_resource_tracker

    resource_tracker.ensure_running()
    loky_resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _untroubled_by_cancelled_tasks() -> Iterator[None]:
    """Say nothing of one error of the thread that hands tasks to workers.

    Where work is broken off, that thread of loky's cancels what has not begun, and may then look for the next task
    among what it has cancelled. Its workers have been ended by then, and nothing is lost.
    """
    before, over = threading.excepthook, False

    def hook(raised: threading.ExceptHookArgs) -> None:
        handing_out = raised.thread is not None and raised.thread.name == "ExecutorManagerThread"
        if over or not (handing_out and raised.exc_type is KeyError):
            before(raised)

    threading.excepthook = hook
    try:
        yield
    finally:
        # where another has been set above it, it stays below that, and passes all on
        over = True
        if threading.excepthook is hook:
            threading.excepthook = before
