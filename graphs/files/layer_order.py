"""In which order the weight matrices of layers follow each other, by their names and shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise

Ends = tuple[int, int]
"""Neurons that a matrix leads from, and to."""

Numbered = tuple[tuple[str, ...], tuple[int, ...]]
"""What of a name is no number, and its numbers."""

# matrices, and steps of the search, beyond which an order counts as one that cannot be told
MOST_MATRICES, MOST_STEPS = 100, 100_000


def numbered(ends: Mapping[str, Ends]) -> dict[str, Numbered]:
    """The names of matrices in parts; numbers that are their sizes, as all names have them then, are no numbers.

    Examples
    --------
    >>> numbered({"fc1.weight": (64, 32)}), numbered({"W_64_32": (64, 32)})
    ({'fc1.weight': (('fc', '.weight'), (1,))}, {'W_64_32': (('W_', '_', ''), ())})
    """
    found = {}
    for name in ends:
        parts = re.split(r"(\d+)", name)
        found[name] = tuple(parts[::2]), tuple(map(int, parts[1::2]))
    sized = all(any(number in ends[name] for number in numbers) for name, (_, numbers) in found.items())
    if not sized:
        return found
    return {
        name: (text, tuple(number for number in numbers if number not in ends[name]))
        for name, (text, numbers) in found.items()
    }


def follow(ends: Sequence[Ends]) -> bool:
    """Whether each matrix leads from where the one before leads to."""
    return all(below[1] == above[0] for below, above in pairwise(ends))


def orders(ends: Mapping[str, Ends]) -> list[list[str]] | None:
    """Orders in which matrices follow each other, at most two of them; None where there are too many to be tried.

    Names that differ in numbers alone stand in the order of these.
    """
    parts = numbered(ends)
    if len({text for text, _ in parts.values()}) == 1 and len({numbers for _, numbers in parts.values()}) == len(ends):
        order = sorted(ends, key=lambda name: parts[name])
        return [order] if follow([ends[name] for name in order]) else []
    if len(ends) > MOST_MATRICES:
        return None
    steps = 0

    def waits(name: str, left: Sequence[str]) -> bool:
        """Whether a matrix that is left goes before by its number."""
        text, numbers = parts[name]
        return any(parts[other][0] == text and parts[other][1] < numbers for other in left)

    def extended(order: list[str], left: list[str]) -> Iterator[list[str]]:
        nonlocal steps
        steps += 1
        if not left:
            yield order
        for name in left:
            if steps > MOST_STEPS:
                return
            follows = not order or ends[order[-1]][1] == ends[name][0]
            if follows and not waits(name, left):
                yield from extended([*order, name], [other for other in left if other != name])

    found = list(islice(extended([], list(ends)), 2))
    return None if len(found) < 2 and steps > MOST_STEPS else found
