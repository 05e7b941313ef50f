"""Work on independent parts, shared among as many threads as torch is set to use."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from typing import TypeVar

import torch

T = TypeVar("T")
S = TypeVar("S")


def in_threads(work: Callable[[Sequence[T]], object], parts: Sequence[T]) -> None:
    """Give each thread its share of the parts; `work` must let go of the interpreter for this to gain.

    The shares are interleaved, and what comes of a part must not depend on the others. The thread that asks does one
    share itself. All are done when this ends, whatever happens to one of them. Work must not ask for threads itself.
    """
    threads = min(torch.get_num_threads(), len(parts))
    if threads <= 1:
        work(parts)
        return
    helpers = _helpers(torch.get_num_threads(), os.getpid())
    others = [helpers.submit(work, parts[first::threads]) for first in range(1, threads)]
    try:
        work(parts[::threads])
    finally:
        wait(others)
    for other in others:
        other.result()


def one_thread_each(work: Callable[[T], S], parts: Sequence[T], at_once: int | None = None) -> list[S]:
    """What comes of each part, where torch gives each one thread, so that it is the same whatever their count.

    As many parts are worked on at once as torch has threads, or `at_once` if those are fewer.
    """
    threads = torch.get_num_threads()
    if threads == 1:
        return [work(part) for part in parts]

    def alone(part: T) -> S:
        # also for the products, whose count of threads is the process's and not a thread's
        torch.set_num_threads(1)
        return work(part)

    pending: list[Future[S]] = []
    try:
        helpers = _helpers(min(threads, at_once or threads), os.getpid())
        pending.extend(helpers.submit(alone, part) for part in parts)
        return [each.result() for each in pending]
    finally:
        try:
            for each in pending:
                each.cancel()
            wait(pending)
        finally:
            # also where a second Ctrl-C ends the wait
            torch.set_num_threads(threads)


@lru_cache
def _helpers(count: int, _process: int) -> ThreadPoolExecutor:
    """Threads kept from call to call: a new one begins on the core of its maker, and leaves it after milliseconds.

    They are a process's own, since a fork has none of its parent's.
    """
    return ThreadPoolExecutor(count)
