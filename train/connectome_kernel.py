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

THRESHOLDS = tl.constexpr(8)


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
    return w, magnitude_bits(w), inside


@triton.jit
def magnitude_bits(w):  # type: ignore[no-untyped-def]
    """Bits without the sign, as whole numbers."""
    return tl.abs(w).to(tl.int64 if w.dtype == tl.float64 else tl.int32, bitcast=True)


@triton.jit(do_not_specialize=["most"])
def smallest_left(weights, smallest, most, n: tl.constexpr, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]
    """Smallest magnitude above 0 of each member's weights, as a whole number, or `most` if that is less."""
    member = tl.program_id(0).to(tl.int64)
    weights += member * n * n
    least = tl.zeros([BLOCK], smallest.dtype.element_ty) + most
    for start in range(0, n * n, BLOCK):
        places = start + tl.arange(0, BLOCK)
        bits = magnitude_bits(tl.load(weights + places, mask=places < n * n, other=0.0))
        least = tl.where(bits > 0, tl.minimum(least, bits), least)
    tl.store(smallest + member, tl.min(least, 0))


@triton.jit
def narrowed(thresholds, found, k, low, lower, high, upper):  # type: ignore[no-untyped-def]
    """Bounds of the threshold, and how many magnitudes lie below each, by the counts below some thresholds."""
    short = found < k
    low = tl.maximum(low, tl.max(tl.where(short, thresholds, low), 0))
    lower = tl.maximum(lower, tl.max(tl.where(short, found, lower), 0))
    high = tl.minimum(high, tl.min(tl.where(short, high, thresholds), 0))
    upper = tl.minimum(upper, tl.min(tl.where(short, upper, found), 0))
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
        Neurons.
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
        eight = tl.arange(0, THRESHOLDS)
        # -64, -16, -4, -1, 1, 4, 16, 64
        steps = tl.where(eight < 4, -(1 << (2 * (3 - eight))), 1 << (2 * (eight - 4)))
        thresholds = guess + reach * steps.to(guess.dtype)
        below = tl.zeros([THRESHOLDS, BLOCK], tl.int32)
        largest = tl.zeros([BLOCK], guess.dtype)
        for start in range(0, n * n, BLOCK):
            _, bits, inside = weights_after(weights, post, rates, start + tl.arange(0, BLOCK), n, SELF)
            largest = tl.maximum(largest, bits)
            below += ((bits[None, :] < thresholds[:, None]) & inside[None, :]).to(tl.int32)
        top = tl.max(largest, 0)
        if top > bound:
            tl.store(alive + member, 0)
        else:
            low = top * 0
            high = tl.where(k > 0, top + 1, low)
            lower = k * 0
            upper = tl.where(k > 0, n * n, lower)
            low, lower, high, upper = narrowed(thresholds, tl.sum(below, 1), k, low, lower, high, upper)
            while (upper != k) & (high - low > 1):
                step = tl.maximum((high - low) // THRESHOLDS, 1)
                thresholds = low + step * (1 + eight).to(guess.dtype)
                below = tl.zeros([THRESHOLDS, BLOCK], tl.int32)
                for start in range(0, n * n, BLOCK):
                    _, bits, inside = weights_after(weights, post, rates, start + tl.arange(0, BLOCK), n, SELF)
                    below += ((bits[None, :] < thresholds[:, None]) & inside[None, :]).to(tl.int32)
                low, lower, high, upper = narrowed(thresholds, tl.sum(below, 1), k, low, lower, high, upper)
            tl.store(guesses + member, high)
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
