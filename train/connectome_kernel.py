"""Learning and exact pruning of algorithm 1 in one kernel for CUDA GPUs, written in Triton.

One program a member. It passes over the weights a few times, and in each pass makes the weights after learning anew
from those before, so that only the last pass writes. The first pass looks whether all are within bounds, and each
counts how many magnitudes lie below eight thresholds: at first around a guess, then evenly spaced between the two that
the count to prune lies between. Magnitudes are compared as whole numbers, the bits of a float without its sign, which
are ordered as they are.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def weights_after(weights, post, rates, places, n, SELF: tl.constexpr):  # type: ignore[no-untyped-def]
    """Weights after learning of one member at some places of its matrix, and their magnitudes as whole numbers.

    Places beyond the matrix have weight 0.
    """
    inside = places < n * n
    row, column = places // n, places % n
    w = tl.load(weights + places, mask=inside, other=0.0)
    w = tl.fma(tl.load(post + row, mask=inside, other=0.0), tl.load(rates + column, mask=inside, other=0.0), w)
    if not SELF:
        w = tl.where(row == column, 0.0, w)
    whole: tl.constexpr = tl.int64 if w.dtype == tl.float64 else tl.int32
    unsigned: tl.constexpr = 0x7FFF_FFFF_FFFF_FFFF if w.dtype == tl.float64 else 0x7FFF_FFFF
    # NaN is above infinity, whatever its sign
    return w, w.to(whole, bitcast=True) & unsigned, inside


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
def sign_bit(whole):  # type: ignore[no-untyped-def]
    """1 of numbers below 0, else 0; takes one instruction less than to compare."""
    wide: tl.constexpr = whole.dtype == tl.int64
    bits = whole.to(tl.uint64 if wide else tl.uint32, bitcast=True) >> (63 if wide else 31)
    return bits.to(tl.int32)


@triton.jit
def counted(bits, inside, thresholds, below):  # type: ignore[no-untyped-def]
    """Counts below some thresholds with those of more magnitudes, each lane by itself."""
    # what is beyond the matrix is below none
    bits = tl.where(inside, bits, thresholds[7])
    more = ()
    for i in tl.static_range(8):
        more = more + (below[i] + sign_bit(bits - thresholds[i]),)
    return more


@triton.jit
def narrowed(thresholds, below, k, low, lower, high, upper):  # type: ignore[no-untyped-def]
    """Bounds of the threshold, and how many magnitudes lie below each, by the counts below some thresholds."""
    for i in tl.static_range(8):
        found = tl.sum(below[i], 0)
        short = found < k
        low = tl.where(short, tl.maximum(low, thresholds[i]), low)
        lower = tl.where(short, tl.maximum(lower, found), lower)
        high = tl.where(short, high, tl.minimum(high, thresholds[i]))
        upper = tl.where(short, upper, tl.minimum(upper, found))
    return low, lower, high, upper


@triton.jit(do_not_specialize=["bound", "widest"])
def learn_and_prune(  # type: ignore[no-untyped-def]
    weights,
    post,
    rates,
    counts,
    alive,
    guesses,
    reaches,
    bound,
    widest,
    n: tl.constexpr,
    SELF: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Learn and prune, in place, the members that are alive; those beyond bounds stay as they are, no longer alive.

    Parameters
    ----------
    weights, post, rates
        (members, n, n), ``r c f`` and ``x``, (members, n).
    counts
        Entries to prune of each member.
    alive
        (members,), int8.
    guesses, reaches
        Where to look for each member's threshold first, and how far around, as whole numbers; set to where it was found
        and how far that was.
    bound
        Largest magnitude allowed, as a whole number.
    widest
        Largest reach.
    n
        Neurons, fewer than 46341, so that places are counted in 31 bits.
    SELF
        Whether the diagonal is kept.
    BLOCK
        Entries at a time.
    """
    member = tl.program_id(0).to(tl.int64)
    weights += member * n * n
    post += member * n
    rates += member * n
    if tl.load(alive + member) != 0:
        guess = tl.load(guesses + member)
        reach = tl.load(reaches + member)
        k = tl.load(counts + member).to(tl.int32)
        thresholds = around(guess, reach)
        none = tl.zeros([BLOCK], tl.int32)
        below = (none, none, none, none, none, none, none, none)
        largest = tl.zeros([BLOCK], guess.dtype)
        for start in range(0, n * n, BLOCK):
            _, bits, inside = weights_after(weights, post, rates, start + tl.arange(0, BLOCK), n, SELF)
            largest = tl.maximum(largest, bits)
            below = counted(bits, inside, thresholds, below)
        top = tl.max(largest, 0)
        if top > bound:
            tl.store(alive + member, 0)
        else:
            low = top * 0
            high = tl.where(k > 0, top + 1, low)
            lower = k * 0
            upper = tl.where(k > 0, n * n, lower)
            low, lower, high, upper = narrowed(thresholds, below, k, low, lower, high, upper)
            while (upper != k) & (high - low > 1):
                thresholds = evenly(low, tl.maximum((high - low) // 8, 1))
                below = (none, none, none, none, none, none, none, none)
                for start in range(0, n * n, BLOCK):
                    _, bits, inside = weights_after(weights, post, rates, start + tl.arange(0, BLOCK), n, SELF)
                    below = counted(bits, inside, thresholds, below)
                low, lower, high, upper = narrowed(thresholds, below, k, low, lower, high, upper)
            # below 0 where nothing is pruned and the guess was near 0
            tl.store(guesses + member, tl.maximum(high, 0))
            tl.store(reaches + member, tl.minimum(tl.maximum(tl.abs(high - guess) // 2, 1), widest))
            if upper == k:
                for start in range(0, n * n, BLOCK):
                    places = start + tl.arange(0, BLOCK)
                    w, bits, inside = weights_after(weights, post, rates, places, n, SELF)
                    tl.store(weights + places, tl.where(bits < high, 0.0, w), mask=inside)
            else:
                # among equal magnitudes the first ones
                left = k - lower
                for start in range(0, n * n, BLOCK):
                    places = start + tl.arange(0, BLOCK)
                    w, bits, inside = weights_after(weights, post, rates, places, n, SELF)
                    ties = ((bits == low) & inside).to(tl.int32)
                    pruned = (bits < low) | ((ties > 0) & (tl.cumsum(ties, 0) <= left))
                    tl.store(weights + places, tl.where(pruned, 0.0, w), mask=inside)
                    left -= tl.sum(ties, 0)
