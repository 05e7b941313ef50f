"""Work on independent parts, shared among as many threads as torch is set to use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

T = TypeVar("T")


def in_threads(work: Callable[[Sequence[T]], object], parts: Sequence[T]) -> None:
    """Give each thread its share of the parts; `work` must let go of the interpreter for this to gain.

    The shares are interleaved, and what comes of a part must not depend on the others.
    """
    threads = min(torch.get_num_threads(), len(parts))
    if threads <= 1:
        work(parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, parts[first::threads]) for first in range(threads)]:
            done.result()
