"""Compiled selection on the processor: the exact limit of pruning from passes that count, without sorting.

The bits of a float without its sign, read as a whole number (its key), are ordered as its magnitude is. So a threshold
is found between two keys like a word in a dictionary, and a good first guess saves most of the passes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int32, njit

# Fewer passes over the matrix against more candidates that are copied one by one: about equal in time here.
CANDIDATES = 128
SEGMENT = 64
NOTHING = -1.0


class Cell(NamedTuple):
    """One number seen both as a magnitude and as its key: two arrays of one entry on the same memory."""

    magnitude: npt.NDArray[Any]
    key: npt.NDArray[Any]


def new_cell(dtype: npt.DTypeLike) -> Cell:
    """Return a cell for float32 or float64; each thread needs its own."""
    magnitude = np.zeros(1, dtype)
    return Cell(magnitude, magnitude.view(f"i{magnitude.itemsize}"))


@njit(nogil=True, cache=True)
def key_of(magnitude, cell):  # type: ignore[no-untyped-def]
    """Key of a magnitude."""
    cell.magnitude[0] = magnitude
    return np.int64(cell.key[0])


@njit(nogil=True, cache=True)
def magnitude_of(key, cell):  # type: ignore[no-untyped-def]
    """Magnitude with that key."""
    cell.key[0] = key
    return cell.magnitude[0]


@njit(nogil=True, cache=True)
def count_below(values, bound):  # type: ignore[no-untyped-def]
    """Count of entries with magnitude below a bound."""
    count = int32(0)
    for j in range(values.size):
        count = int32(count + (abs(values[j]) < bound))
    return count


@njit(nogil=True, cache=True)
def collect(values, low, high, found):  # type: ignore[no-untyped-def]
    """Copy the magnitudes in [low, high) to `found`, which has room for one more; return their count."""
    count = 0
    for start in range(0, values.size, SEGMENT):
        segment = values[start : start + SEGMENT]
        inside = int32(0)
        for j in range(segment.size):
            magnitude = abs(segment[j])
            inside = int32(inside + ((magnitude >= low) & (magnitude < high)))
        if inside > 0:
            for j in range(segment.size):
                magnitude = abs(segment[j])
                found[count] = magnitude
                count += (magnitude >= low) & (magnitude < high)
    return count


@njit(nogil=True, cache=True)
def narrow(values, k, low, high, below_low, below_high, pivot, below, step, enough, cell):  # type: ignore[no-untyped-def]
    """Narrow the keys [low, high) that hold the k-th smallest magnitude until few entries or one key are left.

    `below` entries lie below the first `pivot`. From there the search goes outwards in steps that double, and once both
    sides were moved it halves.
    """
    low_moved = high_moved = step == 0
    while True:
        if below < k:
            low, below_low, low_moved = pivot, below, True
        else:
            high, below_high, high_moved = pivot, below, True
        if below_high - below_low <= enough or high - low <= 1:
            return low, high, below_low, below_high
        if low_moved and high_moved:
            pivot = low + (high - low) // 2
        elif low_moved:
            pivot = min(low + step, high - 1)
            step *= 2
        else:
            pivot = max(high - step, low + 1)
            step *= 2
        below = count_below(values, magnitude_of(pivot, cell))


@njit(nogil=True, cache=True)
def pruning_limit(values, k, guess, below, cell):  # type: ignore[no-untyped-def]
    """Magnitude up to which entries must become zero so that exactly k do; -1 where none must.

    Where only some of the entries at the threshold are pruned, these are set to zero at once, lowest index first, and
    the limit is the next smaller magnitude.

    Parameters
    ----------
    values
        The entries, one after the other, finite.
    k
        Count of entries to prune.
    guess, below
        A magnitude near the threshold, and the count of entries below it.
    cell
        Room to turn magnitudes into keys and back.
    """
    if k == 0:
        return values.dtype.type(NOTHING)
    step = (key_of(2, cell) - key_of(1, cell)) // 4
    low, high, below_low, below_high = narrow(
        values, k, 0, key_of(np.inf, cell), 0, values.size, key_of(guess, cell), below, step, CANDIDATES, cell
    )
    if high - low > 1:
        passed = below_low
        found = np.empty(CANDIDATES + 1, values.dtype)
        found = found[: collect(values, magnitude_of(low, cell), magnitude_of(high, cell), found)]
        pivot = low + (high - low) // 2
        below = count_below(found, magnitude_of(pivot, cell))
        low, high, below_low, below_high = narrow(found, k - passed, low, high, 0, found.size, pivot, below, 0, 0, cell)
        below_low += passed
        below_high += passed
    threshold = magnitude_of(low, cell)
    if below_high == k:
        return threshold
    ties, j = k - below_low, 0
    while ties > 0:
        if abs(values[j]) == threshold:
            values[j] = 0
            ties -= 1
        j += 1
    return magnitude_of(low - 1, cell) if low > 0 else values.dtype.type(NOTHING)


@njit(nogil=True, cache=True)
def zero_up_to(values, limit):  # type: ignore[no-untyped-def]
    """Set entries with magnitude up to the limit to zero."""
    for j in range(values.size):
        if abs(values[j]) <= limit:
            values[j] = 0
