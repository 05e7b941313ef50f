"""Learning and exact pruning of algorithm 1 for CUDA GPUs, written in Triton: one program a member.

It passes over the weights a few times, and in each pass makes the weights after learning anew from those before, so
that only the last pass writes. Each of the others counts how many magnitudes lie below eight thresholds: at first
around a guess, then evenly spaced between the two that the count to prune lies between. Thresholds are whole numbers,
the bits of a float without its sign, which are ordered as magnitudes are.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def magnitude_bits(values):  # type: ignore[no-untyped-def]
    """Magnitudes as whole numbers; NaN is above infinity, whatever its sign."""
    whole: tl.constexpr = tl.int64 if values.dtype == tl.float64 else tl.int32
    unsigned: tl.constexpr = 0x7FFF_FFFF_FFFF_FFFF if values.dtype == tl.float64 else 0x7FFF_FFFF
    return values.to(whole, bitcast=True) & unsigned


@triton.jit
def weights_after(weights, post, rates, row, column, n, SELF: tl.constexpr):  # type: ignore[no-untyped-def]
    """Weights after learning of one member, at rows and columns that are broadcast, and which are in its matrix.

    Elsewhere the weight is 0.
    """
    inside = (row < n) & (column < n)
    w = tl.load(weights + row * n + column, mask=inside, other=0.0)
    outer_post = tl.load(post + row, mask=row < n, other=0.0)
    outer_rates = tl.load(rates + column, mask=column < n, other=0.0)
    w = tl.fma(outer_post, outer_rates, w)
    if not SELF:
        w = tl.where(row == column, 0.0, w)
    return w, inside


@triton.jit
def around(guess, reach):  # type: ignore[no-untyped-def]
    """Eight thresholds, rising: 64, 16, 4 and 1 reaches below a guess and above it."""
    below = ()
    above = ()
    for i in tl.static_range(4):
        below = below + (guess - reach * (64 >> (2 * i)),)
        above = above + (guess + reach * (1 << (2 * i)),)
    return below + above


@triton.jit
def evenly(low, step):  # type: ignore[no-untyped-def]
    """Eight thresholds, rising by a step."""
    thresholds = ()
    for i in tl.static_range(8):
        thresholds = thresholds + (low + step * (i + 1),)
    return thresholds


@triton.jit
def sign_bit(values):  # type: ignore[no-untyped-def]
    """1 of numbers below 0, else 0; takes one instruction less than to compare."""
    wide: tl.constexpr = values.dtype == tl.float64
    bits = values.to(tl.uint64 if wide else tl.uint32, bitcast=True) >> (63 if wide else 31)
    return bits.to(tl.int32)


@triton.jit
def counted(  # type: ignore[no-untyped-def]
    weights, post, rates, thresholds, n, SELF: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr
):
    """How many magnitudes after learning lie below each threshold, and the largest, each lane by itself."""
    largest = tl.zeros([ROWS, COLUMNS], thresholds[0].dtype)
    none = tl.zeros([ROWS, COLUMNS], tl.int32)
    below = (none, none, none, none, none, none, none, none)
    # a difference of floats is below 0 just where the first is smaller, and adders of floats are the more numerous
    limits = ()
    for i in tl.static_range(8):
        limits = limits + (tl.maximum(thresholds[i], 0).to(weights.dtype.element_ty, bitcast=True),)
    for left in range(0, n, COLUMNS):
        column = left + tl.arange(0, COLUMNS)[None, :]
        # four reads on their way at a time
        for first in tl.range(0, n, ROWS, loop_unroll_factor=4):
            row = first + tl.arange(0, ROWS)[:, None]
            w, inside = weights_after(weights, post, rates, row, column, n, SELF)
            largest = tl.maximum(largest, magnitude_bits(w))
            # what is beyond the matrix is below none
            size = tl.where(inside, tl.abs(w), limits[7])
            more = ()
            for i in tl.static_range(8):
                more = more + (below[i] + sign_bit(size - limits[i]),)
            below = more
    return below, largest


@triton.jit
def narrowed(thresholds, below, k, low, lower, high, upper):  # type: ignore[no-untyped-def]
    """Bounds of the threshold, and how many magnitudes lie below each, by the counts below some thresholds."""
    for i in tl.static_range(8):
        found = tl.sum(tl.sum(below[i], 1), 0)
        short = found < k
        low = tl.where(short, tl.maximum(low, thresholds[i]), low)
        lower = tl.where(short, tl.maximum(lower, found), lower)
        high = tl.where(short, high, tl.minimum(high, thresholds[i]))
        upper = tl.where(short, upper, tl.minimum(upper, found))
    return low, lower, high, upper


@triton.jit
def learn_and_prune(  # type: ignore[no-untyped-def]
    weights,
    post,
    rates,
    k,
    guess,
    reach,
    bound,
    widest,
    n,
    SELF: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    SIDE: tl.constexpr,
):
    """Learn and prune the weights of one member in place, unless one is beyond bounds.

    Parameters
    ----------
    weights, post, rates
        (n, n), ``r c f`` and ``x``, (n,).
    k
        Entries to prune.
    guess, reach
        Where to look for the threshold first, and how far around, as whole numbers.
    bound
        Largest magnitude allowed, as a whole number.
    widest
        Largest reach.
    n
        Neurons, fewer than 46341, so that places are counted in 31 bits.
    SELF
        Whether the diagonal is kept.
    ROWS, COLUMNS
        Entries at a time while thresholds are looked for.
    SIDE
        Rows at a time while weights are written: more, since no read is begun before what comes first is written.

    Returns
    -------
    within, guess, reach
        Whether all were within bounds; where the threshold was found, and how far to look around it next time.
    """
    thresholds = around(guess, reach)
    below, largest = counted(weights, post, rates, thresholds, n, SELF, ROWS, COLUMNS)
    top = tl.max(tl.max(largest, 1), 0)
    within = top <= bound
    if within:
        low = top * 0
        high = tl.where(k > 0, top + 1, low)
        lower = k * 0
        upper = tl.where(k > 0, n * n, lower)
        low, lower, high, upper = narrowed(thresholds, below, k, low, lower, high, upper)
        while (upper != k) & (high - low > 1):
            thresholds = evenly(low, tl.maximum((high - low) // 8, 1))
            below, _ = counted(weights, post, rates, thresholds, n, SELF, ROWS, COLUMNS)
            low, lower, high, upper = narrowed(thresholds, below, k, low, lower, high, upper)
        # of entries that are 0 it does not matter which are pruned
        if (upper == k) | (low == 0):
            for left in range(0, n, COLUMNS):
                column = left + tl.arange(0, COLUMNS)[None, :]
                for first in range(0, n, SIDE):
                    row = first + tl.arange(0, SIDE)[:, None]
                    w, inside = weights_after(weights, post, rates, row, column, n, SELF)
                    pruned = magnitude_bits(w) < high
                    tl.store(weights + row * n + column, tl.where(pruned, 0.0, w), mask=inside)
        else:
            # among equal magnitudes the first ones
            left_over = k - lower
            for start in range(0, n * n, ROWS * COLUMNS):
                place = start + tl.arange(0, ROWS * COLUMNS)
                row = place // n
                column = place - row * n
                w, inside = weights_after(weights, post, rates, row, column, n, SELF)
                bits = magnitude_bits(w)
                ties = ((bits == low) & inside).to(tl.int32)
                pruned = (bits < low) | ((ties > 0) & (tl.cumsum(ties, 0) <= left_over))
                tl.store(weights + place, tl.where(pruned, 0.0, w), mask=inside)
                left_over -= tl.sum(ties, 0)
        reach = tl.minimum(tl.maximum(tl.abs(high - guess) // 2, 1), widest)
        # below 0 where nothing is pruned and the guess was near 0
        guess = tl.maximum(high, 0)
    return within, guess, reach
