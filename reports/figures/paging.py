"""What becomes of more panels than a printed page holds: fewer in one figure, or several figures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def thinned(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly chosen, the first and the last among them.

    Examples
    --------
    >>> thinned([1, 2, 3, 4, 5], 3), thinned("ab", 3)
    ([1, 3, 5], ['a', 'b'])
    """
    if len(items) <= most:
        return list(items)
    return [items[int(place)] for place in np.linspace(0, len(items) - 1, most).round()]


def in_pages(items: Sequence[T], most: int) -> list[list[T]]:
    """The items in order, in as few parts as have at most so many each, about as many in every part.

    Examples
    --------
    >>> in_pages([1, 2, 3, 4, 5], 3)
    [[1, 2], [3, 4, 5]]
    """
    parts = -(-len(items) // most)
    edges = [len(items) * i // parts for i in range(parts + 1)]
    return [list(items[low:high]) for low, high in pairwise(edges)]
