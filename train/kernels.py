"""Compiled loops for the processor: exact pruning without sorting, and the passes of algorithm 1.

They share a file because the cache of compiled functions looks for changes only in the file of the function called.

Pruning: the bits of a float without its sign, read as a whole number (its key), are ordered as its magnitude is. So a
threshold is found between two keys like a word in a dictionary, and a good first guess saves most of the passes.

Algorithm 1: one member at a time, so that its matrix stays in the cache, and two passes over it an iteration. The first
prunes what the last iteration left to prune and computes ``W x`` and ``W^T (c f)`` together; the second adds
``r (c f) x^T`` and counts the entries below the last threshold, from which the search for the next one sets out.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int32, njit, uint32

from .lanes import LANES, lanes_within, lowest_bit

TANH, SIGMOID, SHIFTED_SIGMOID, RELU, CLIPPED_RELU, SOFTPLUS, LINEAR = range(7)
# So few that searching among them costs less than another pass over the matrix; and how many are collected at most.
CANDIDATES = 2048
ROOM = 16384
NOTHING = -1.0
# Share of the limit by which the estimate of the largest weight grows at least, far above what rounding could hide.
SLACK = 1e-5


class Cell(NamedTuple):
    """One number seen both as a magnitude and as its key: two arrays of one entry on the same memory."""

    magnitude: npt.NDArray[Any]
    key: npt.NDArray[Any]


def new_cell(dtype: npt.DTypeLike) -> Cell:
    """Return a cell for float32 or float64; each thread needs its own."""
    magnitude = np.zeros(1, dtype)
    return Cell(magnitude, magnitude.view(f"i{magnitude.itemsize}"))


@njit(nogil=True, cache=True)
def new_room(values):  # type: ignore[no-untyped-def]
    """Room to collect entries like these."""
    return np.empty(ROOM + LANES, values.dtype)


@njit(nogil=True, cache=True)
def first_reach(cell):  # type: ignore[no-untyped-def]
    """How far below and above a guess to look first: a quarter of what doubles a magnitude, in keys."""
    return np.full(2, (key_of(2, cell) - key_of(1, cell)) // 4)


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
    return int(count)


@njit(nogil=True, cache=True)
def collect(values, low, high, found):  # type: ignore[no-untyped-def]
    """Copy the magnitudes in [low, high) to `found`; return their count, or -1 if there is not room for them."""
    room = found.size - LANES
    count = 0
    end = values.size - values.size % LANES
    for start in range(0, end, LANES):
        inside = lanes_within(values, start, low, high)
        if inside:
            if count > room:
                return -1
            while inside:
                found[count] = abs(values[start + lowest_bit(inside)])
                count += 1
                inside &= inside - uint32(1)
    if count > room:
        return -1
    for j in range(end, values.size):
        magnitude = abs(values[j])
        if low <= magnitude < high:
            found[count] = magnitude
            count += 1
    return count


@njit(nogil=True, cache=True)
def narrow(values, k, low, high, below_low, below_high, pivot, below, step, enough, cell):  # type: ignore[no-untyped-def]
    """Narrow the keys [low, high) that hold the k-th smallest magnitude until few entries or one key are left.

    `below` entries lie below the first `pivot`. From there the search goes outwards in steps that double; once both
    sides were moved, or without a step, it halves.
    """
    low_moved = high_moved = step == 0
    while True:
        if below < k:
            low, below_low, low_moved = pivot, below, True
        else:
            high, below_high, high_moved = pivot, below, True
        if below_high - below_low <= enough or high - low <= 1:
            return low, high, below_low, below_high
        half = (high - low) // 2
        step = half if low_moved and high_moved else min(step, half)
        pivot = low + step if low_moved else high - step
        step *= 2
        below = count_below(values, magnitude_of(pivot, cell))


@njit(nogil=True, cache=True)
def nearby(values, k, pivot, below, reach, found, cell):  # type: ignore[no-untyped-def]
    """Collect the magnitudes between two keys that hold the k-th smallest, outwards from a first key in growing steps.

    `below` entries lie below the first `pivot`. Return the keys [low, high), and the counts of entries below `low` and
    collected; -1 for the last if there were too many.
    """
    low = high = pivot
    side, end = int(below < k), key_of(np.inf, cell)
    while True:
        if side:
            low, high = high, high + min(reach[side], end - high)
        else:
            low, high = max(low - reach[side], 0), low
        count = collect(values, magnitude_of(low, cell), magnitude_of(high, cell), found)
        if count < 0 or count > CANDIDATES:
            reach[side] = max(reach[side] // 2, 1)
        if count < 0:
            return low, high, below, count
        if not side:
            below -= count
        if below < k <= below + count:
            return low, high, below, count
        if side:
            below += count
        reach[side] = min(2 * reach[side], end // 2)


@njit(nogil=True, cache=True)
def pruning_limit(values, k, guess, below, reach, found, cell):  # type: ignore[no-untyped-def]
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
    reach
        How far to look first, below and above the guess, in keys. It adapts from call to call.
    found
        Room for the entries that lie within, as :func:`new_room` makes it.
    cell
        Room to turn magnitudes into keys and back.
    """
    if k == 0:
        return values.dtype.type(NOTHING)
    low, high, passed, count = nearby(values, k, key_of(guess, cell), below, reach, found, cell)
    if count < 0:
        step = reach[int(below < k)]
        low, high, passed, below_high = narrow(
            values, k, 0, key_of(np.inf, cell), 0, values.size, key_of(guess, cell), below, step, CANDIDATES, cell
        )
        count = below_high - passed
        if high - low > 1:
            collect(values, magnitude_of(low, cell), magnitude_of(high, cell), found)
    below_high = passed + count
    if high - low > 1:
        near, pivot = found[:count], low + (high - low) // 2
        below = count_below(near, magnitude_of(pivot, cell))
        low, high, below_low, below_high = narrow(near, k - passed, low, high, 0, count, pivot, below, 0, 0, cell)
        passed, below_high = passed + below_low, passed + below_high
    threshold = magnitude_of(low, cell)
    if below_high == k:
        return threshold
    ties, j = k - passed, 0
    while ties > 0 and j < values.size:
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


@njit(nogil=True, cache=True)
def prune_rows(rows, k, cell):  # type: ignore[no-untyped-def]
    """Set the k entries of smallest magnitude of each row to zero."""
    found, reach = new_room(rows), first_reach(cell)
    for values in rows:
        guess = abs(values[values.size // 2])
        zero_up_to(values, pruning_limit(values, k, guess, count_below(values, guess), reach, found, cell))


@njit(nogil=True, cache=True)
def advance_members(  # type: ignore[no-untyped-def]
    members,
    weights,
    rates,
    credits,
    learning_rates,
    pruned,
    seed_index,
    alive,
    iterations,
    mean_balance,
    noise,
    start,
    stop,
    code,
    clamped,
    clamp_is_identity,
    self_synapses,
    divergence,
    cell,
):
    """Advance each of some members from `start` to `stop`, or until it diverges."""
    n = rates.shape[1]
    kind = weights.dtype
    x, c, f, post = np.empty(n, kind), np.empty(n, kind), np.empty(n, kind), np.empty(n, kind)
    found = new_room(weights)
    for m in members:
        W = weights[m]
        entries = W.reshape(-1)
        # the norm is no less than the largest magnitude, and faster to find
        largest = math.sqrt(sums(entries)[0])
        threshold = smallest_nonzero(entries, cell)
        limit = kind.type(NOTHING)
        reach = first_reach(cell)
        noise_of_rates, noise_of_credits = noise[seed_index[m], 0], noise[seed_index[m], -1]
        for t in range(start, stop):
            fire_and_assign_credit(W, rates[m], credits[m], limit, code, x, c, f)
            for i in range(clamped):
                c[i] = credits[m, i] if clamp_is_identity else 1
            for i in range(n):
                x[i] += noise_of_rates[t, i]
                c[i] += noise_of_credits[t, i]
                post[i] = learning_rates[m] * (c[i] * f[i])
            if all_within(x, divergence) and all_within(c, divergence):
                largest += np.float64(largest_magnitude(x)) * largest_magnitude(post) + SLACK * divergence
                if not largest <= divergence:
                    largest = largest_after(W, post, x, limit, self_synapses, divergence)
            else:
                largest = np.float64(np.inf)
            if not largest <= divergence:
                alive[m] = False
                break
            below = prune_and_learn(W, post, x, limit, threshold)
            if not self_synapses:
                for i in range(n):
                    below += int(threshold > 0) - int(abs(W[i, i]) < threshold)
                    W[i, i] = 0
            limit = pruning_limit(entries, pruned[m], threshold, below, reach, found, cell)
            threshold = max(limit, kind.type(0))
            rates[m] = x
            credits[m] = c
            mean_balance[m] = f.mean()
            iterations[m] += 1
        zero_up_to(entries, limit)
        if not self_synapses:
            for i in range(n):
                W[i, i] = 0


@njit(nogil=True, cache=True)
def fire_and_assign_credit(W, rates, credits, limit, code, x, c, f):  # type: ignore[no-untyped-def]
    """Fire to `x`, balance to `f`, ``W^T (c f)`` to `c`, as if the entries of W up to the limit were pruned.

    Four rows at a time are read from the nearest cache for both products.
    """
    n = W.shape[0]
    effective = np.empty(4, W.dtype)
    c[:] = 0
    for first in range(0, n, 4):
        end = min(first + 4, n)
        for i in range(first, end):
            x[i] = weigh(W[i], rates, limit)
        effective[:] = 0
        for i in range(first, end):
            x[i], f[i] = sigma_and_balance(x[i], code)
            effective[i - first] = credits[i] * f[i]
        rows = W[first], W[min(first + 1, n - 1)], W[min(first + 2, n - 1)], W[min(first + 3, n - 1)]
        add_rows(c, effective, rows[0], rows[1], rows[2], rows[3], limit)


@njit(nogil=True, cache=True)
def pruned_to(weight, limit):  # type: ignore[no-untyped-def]
    """Weight as pruning up to the limit leaves it."""
    return weight if abs(weight) > limit else type(weight)(0)


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def weigh(row, rates, limit):  # type: ignore[no-untyped-def]
    """Product of a pruned row with the rates."""
    s = row.dtype.type(0)
    for j in range(row.size):
        s += pruned_to(row[j], limit) * rates[j]
    return s


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def add_rows(c, effective, row0, row1, row2, row3, limit):  # type: ignore[no-untyped-def]
    """Add four pruned rows to `c`, each times its effective credit."""
    e0, e1, e2, e3 = effective[0], effective[1], effective[2], effective[3]
    for j in range(c.size):
        w0, w1 = pruned_to(row0[j], limit), pruned_to(row1[j], limit)
        w2, w3 = pruned_to(row2[j], limit), pruned_to(row3[j], limit)
        c[j] += (w0 * e0 + w1 * e1) + (w2 * e2 + w3 * e3)


@njit(nogil=True, cache=True)
def prune_and_learn(W, post, x, limit, bound):  # type: ignore[no-untyped-def]
    """Prune W up to the limit and add ``post x^T``; return the count of entries that are then below a bound."""
    n, zero = W.shape[0], W.dtype.type(0)
    below = 0
    for i in range(n):
        row, effective = W[i], post[i]
        count = int32(0)
        for j in range(n):
            # written out: a call of pruned_to keeps the compiler from vectors here
            w = (row[j] if abs(row[j]) > limit else zero) + effective * x[j]
            row[j] = w
            count = int32(count + (abs(w) < bound))
        below += int(count)
    return below


@njit(nogil=True, cache=True)
def largest_after(W, post, x, limit, self_synapses, bound):  # type: ignore[no-untyped-def]
    """Largest magnitude of pruned ``W + post x^T``, or infinity where one exceeds the bound or is NaN."""
    largest = W.dtype.type(0)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            if i == j and not self_synapses:
                continue
            magnitude = abs(pruned_to(W[i, j], limit) + post[i] * x[j])
            if not magnitude <= bound:
                return np.inf
            largest = max(largest, magnitude)
    return np.float64(largest)


@njit(nogil=True, cache=True)
def all_within(values, bound):  # type: ignore[no-untyped-def]
    """Whether no magnitude exceeds the bound or is NaN."""
    count = int32(0)
    for j in range(values.size):
        count = int32(count + (abs(values[j]) <= bound))
    return count == values.size


@njit(nogil=True, cache=True)
def largest_magnitude(values):  # type: ignore[no-untyped-def]
    """Largest magnitude of entries that are not NaN."""
    largest = values.dtype.type(0)
    for j in range(values.size):
        largest = max(largest, abs(values[j]))
    return largest


@njit(nogil=True, cache=True)
def smallest_nonzero(values, cell):  # type: ignore[no-untyped-def]
    """Smallest magnitude other than zero: in pruned weights a good guess at the last threshold. 0 if all are zero."""
    keys = values.view(cell.key.dtype)
    smallest = unsigned = np.iinfo(keys.dtype).max
    for j in range(keys.size):
        key = keys[j] & unsigned
        smallest = min(smallest, key if key > 0 else unsigned)
    return magnitude_of(smallest if smallest < unsigned else 0, cell)


@njit(nogil=True, cache=True, fastmath={"reassoc"})
def sums(values):  # type: ignore[no-untyped-def]
    """Sum of squares and sum of magnitudes, accumulated in float64."""
    squares = magnitudes = 0.0
    for j in range(values.size):
        value = np.float64(values[j])
        squares += value * value
        magnitudes += abs(value)
    return squares, magnitudes


@njit(nogil=True, cache=True, fastmath={"reassoc"})
def imbalance(weights, rates):  # type: ignore[no-untyped-def]
    """Mean over neurons of the size of the summed input over the summed sizes of inputs, accumulated in float64."""
    mean = 0.0
    for i in range(rates.size):
        net = sizes = 0.0
        for j in range(rates.size):
            part = np.float64(weights[i, j]) * np.float64(rates[j])
            net += part
            sizes += abs(part)
        if sizes > 0:
            mean += abs(net) / sizes
    return mean / rates.size


@njit(nogil=True, cache=True)
def sigma_and_balance(s, code):  # type: ignore[no-untyped-def]
    """Activation sigma(s) and its derivative; NaN stays NaN."""
    if code == TANH:
        rate = math.tanh(s)
        return rate, 1 - rate * rate
    if code in (SIGMOID, SHIFTED_SIGMOID):
        rate = 1 / (1 + math.exp(-s))
        return rate - (0.5 if code == SHIFTED_SIGMOID else 0.0), rate * (1 - rate)
    if code == RELU:
        return (0.0, 0.0) if s <= 0 else (s, 1.0)
    if code == CLIPPED_RELU:
        return (0.0, 0.0) if s <= 0 else ((1.0, 0.0) if s >= 1 else (s, 1.0))
    if code == SOFTPLUS:
        return math.log1p(math.exp(-abs(s))) + max(s, 0.0), 1 / (1 + math.exp(-s))
    return s, 1.0
