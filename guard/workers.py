from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .errors import WorkerError
from .options import whole_number
from .spelling import spelt

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(given: int | None) -> int:
    """Number of worker processes: as given, or one for each core."""
    return cores() if given is None else whole_number("workers", given, minimum=1, maximum=1024)


def work_through(task: Callable[[T], R], items: Iterable[T], *, workers: int) -> Iterator[R]:
    """Apply `task` to each item in worker processes of one thread each, and yield what comes back as it comes.

    With one worker everything runs in this process. The order of the results is not the order of the items, so a task
    must say in its result what it belongs to.

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

    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(
            n_jobs=min(workers, len(items)), return_as="generator_unordered", pre_dispatch="2*n_jobs"
        )
        try:
            yield from parallel(joblib.delayed(task)(item) for item in items)
        except TerminatedWorkerError as error:
            raise WorkerError(
                f"a worker process was killed, most likely for want of memory: say the same again with fewer "
                f"{spelt('workers')}; what a run has done is kept"
            ) from error
