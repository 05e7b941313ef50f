"""Iterations of algorithm 1 in one kernel for CUDA GPUs, written in Triton: one program a member.

Members share nothing but noise, so a program does all iterations of a block by itself, and nothing is launched or
waited for between them.
"""

from __future__ import annotations

import triton
import triton.language as tl
from triton.language.extra import libdevice

from .pruning_kernel import learn_and_prune, magnitude_bits


@triton.jit
def sigma_and_balance(s, ACTIVATION: tl.constexpr):  # type: ignore[no-untyped-def]
    """Activation sigma(s) and its derivative; NaN stays NaN."""
    if ACTIVATION == "tanh":
        rate = libdevice.tanh(s)
        balance = 1 - rate * rate
    elif ACTIVATION == "relu":
        rate = tl.where(s <= 0, 0.0, s)
        balance = tl.where(s <= 0, 0.0, 1.0).to(s.dtype)
    elif ACTIVATION == "clipped_relu":
        rate = tl.where(s <= 0, 0.0, tl.where(s >= 1, 1.0, s))
        balance = tl.where((s <= 0) | (s >= 1), 0.0, 1.0).to(s.dtype)
    elif ACTIVATION == "linear":
        rate = s
        balance = tl.full(s.shape, 1.0, s.dtype)
    else:
        sigmoid = 1 / (1 + libdevice.exp(-s))
        balance = sigmoid * (1 - sigmoid)
        rate = sigmoid
        if ACTIVATION == "shifted_sigmoid":
            rate = sigmoid - 0.5
        if ACTIVATION == "softplus":
            balance = sigmoid
            rate = libdevice.log1p(libdevice.exp(-tl.abs(s))) + tl.where(s < 0, 0.0, s)
    return rate, balance


@triton.jit
def fire(  # type: ignore[no-untyped-def]
    weights, rates, noise, new_rates, balance, n, ACTIVATION: tl.constexpr, SIDE: tl.constexpr, COLUMNS: tl.constexpr
):
    """Write ``x = sigma(W x) + eps_x`` and f; return the largest magnitude of x, a whole number, and the mean of f."""
    largest = magnitude_bits(tl.zeros([SIDE], weights.dtype.element_ty))
    total = tl.zeros([SIDE], weights.dtype.element_ty)
    for first in range(0, n, SIDE):
        row = first + tl.arange(0, SIDE)
        net = tl.zeros([SIDE, COLUMNS], weights.dtype.element_ty)
        for left in range(0, n, COLUMNS):
            column = left + tl.arange(0, COLUMNS)
            inside = (row < n)[:, None] & (column < n)[None, :]
            w = tl.load(weights + row[:, None] * n + column[None, :], mask=inside, other=0.0)
            net = tl.fma(w, tl.load(rates + column, mask=column < n, other=0.0)[None, :], net)
        rate, f = sigma_and_balance(tl.sum(net, 1), ACTIVATION)
        rate += tl.load(noise + row, mask=row < n, other=0.0)
        tl.store(new_rates + row, rate, mask=row < n)
        tl.store(balance + row, f, mask=row < n)
        largest = tl.maximum(largest, tl.where(row < n, magnitude_bits(rate), 0))
        total += tl.where(row < n, f, 0.0)
    return tl.max(largest, 0), tl.sum(total, 0) / n


@triton.jit
def assign_credit(  # type: ignore[no-untyped-def]
    weights,
    credits,
    balance,
    noise,
    new_credits,
    post,
    learning_rate,
    clamped,
    n,
    IDENTITY: tl.constexpr,
    SIDE: tl.constexpr,
    COLUMNS: tl.constexpr,
):
    """Write ``c = J c + eps_c`` and ``r c f``; return the largest magnitude of c as a whole number."""
    largest = magnitude_bits(tl.zeros([COLUMNS], weights.dtype.element_ty))
    for left in range(0, n, COLUMNS):
        column = left + tl.arange(0, COLUMNS)
        received = tl.zeros([SIDE, COLUMNS], weights.dtype.element_ty)
        for first in tl.range(0, n, SIDE, loop_unroll_factor=4):
            row = first + tl.arange(0, SIDE)
            inside = (row < n)[:, None] & (column < n)[None, :]
            w = tl.load(weights + row[:, None] * n + column[None, :], mask=inside, other=0.0)
            c = tl.load(credits + row, mask=row < n, other=0.0)
            effective = c * tl.load(balance + row, mask=row < n, other=0.0)
            received = tl.fma(w, effective[:, None], received)
        credit = tl.sum(received, 0)
        if IDENTITY:
            credit = tl.where(column < clamped, tl.load(credits + column, mask=column < n, other=0.0), credit)
        else:
            credit = tl.where(column < clamped, 1.0, credit)
        credit += tl.load(noise + column, mask=column < n, other=0.0)
        f = tl.load(balance + column, mask=column < n, other=0.0)
        tl.store(new_credits + column, credit, mask=column < n)
        tl.store(post + column, learning_rate * (credit * f), mask=column < n)
        largest = tl.maximum(largest, tl.where(column < n, magnitude_bits(credit), 0))
    return tl.max(largest, 0)


@triton.jit
def copy(source, target, n, SIZE: tl.constexpr):  # type: ignore[no-untyped-def]
    """Copy numbers from one place to another."""
    for first in range(0, n, SIZE):
        place = first + tl.arange(0, SIZE)
        tl.store(target + place, tl.load(source + place, mask=place < n), mask=place < n)


@triton.jit(do_not_specialize=["start", "stop", "clamped", "bound", "widest"])
def advance(  # type: ignore[no-untyped-def]
    weights,
    rates,
    credits,
    learning_rates,
    counts,
    seed_index,
    alive,
    iterations,
    mean_balance,
    guesses,
    reaches,
    room,
    noise,
    start,
    stop,
    clamped,
    bound,
    widest,
    n: tl.constexpr,
    BLOCK_OF_NOISE: tl.constexpr,
    SHARED: tl.constexpr,
    ACTIVATION: tl.constexpr,
    IDENTITY: tl.constexpr,
    SELF: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    SIDE: tl.constexpr,
):
    """Do some iterations, in place, with the members that are alive; each until it diverges.

    Parameters
    ----------
    weights, rates, credits, learning_rates, counts, seed_index, alive, iterations, mean_balance
        The state, see :class:`~creditgraph.train.connectome.dynamics.Population`; alive as int8.
    guesses, reaches
        Where to look for each member's threshold first, and how far around, as whole numbers; set to where it was found
        last and how far that was.
    room
        For what is new in an iteration, (members, 4, n).
    noise
        Noise of rates and of credits, (seeds, 2, BLOCK_OF_NOISE, n), or of both alike, (seeds, 1, BLOCK_OF_NOISE, n).
    start, stop
        Which of the noise drives the iterations.
    clamped
        Count of neurons whose credit is clamped, the first ones.
    bound
        Largest magnitude allowed, as a whole number.
    widest
        Largest reach.
    n
        Neurons, fewer than 46341, so that places are counted in 31 bits.
    BLOCK_OF_NOISE
        Iterations of a block of noise.
    SHARED
        Whether the noise is that of both alike.
    ACTIVATION
        Name of sigma.
    IDENTITY
        Whether clamped credits keep their value before noise; else they are 1.
    SELF
        Whether the diagonal is kept.
    ROWS, COLUMNS
        Entries at a time while thresholds are looked for.
    SIDE
        Rows at a time while neurons fire and are assigned credit; twice as many while weights are written.
    """
    member = tl.program_id(0).to(tl.int64)
    weights += member * n * n
    rates += member * n
    credits += member * n
    new_rates = room + member * 4 * n
    new_credits = new_rates + n
    balance = new_credits + n
    post = balance + n
    kinds: tl.constexpr = 1 if SHARED else 2
    noise += tl.load(seed_index + member) * kinds * BLOCK_OF_NOISE * n
    noise_of_credits = noise + (kinds - 1) * BLOCK_OF_NOISE * n
    learning_rate = tl.load(learning_rates + member)
    k = tl.load(counts + member).to(tl.int32)
    guess = tl.load(guesses + member)
    reach = tl.load(reaches + member)
    living = tl.load(alive + member) != 0
    done = tl.load(iterations + member)
    mean = tl.load(mean_balance + member)
    step = start
    while living & (step < stop):
        largest, new_mean = fire(weights, rates, noise + step * n, new_rates, balance, n, ACTIVATION, SIDE, COLUMNS)
        # what other threads wrote is read from here on
        tl.debug_barrier()
        largest_credit = assign_credit(
            weights,
            credits,
            balance,
            noise_of_credits + step * n,
            new_credits,
            post,
            learning_rate,
            clamped,
            n,
            IDENTITY,
            SIDE,
            COLUMNS,
        )
        tl.debug_barrier()
        living = (largest <= bound) & (largest_credit <= bound)
        if living:
            living, guess, reach = learn_and_prune(
                weights, post, new_rates, k, guess, reach, bound, widest, n, SELF, ROWS, COLUMNS, 2 * SIDE
            )
        if living:
            copy(new_rates, rates, n, ROWS * COLUMNS)
            copy(new_credits, credits, n, ROWS * COLUMNS)
            mean = new_mean
            done += 1
        tl.debug_barrier()
        step += 1
    tl.store(alive + member, living.to(tl.int8))
    tl.store(iterations + member, done)
    tl.store(mean_balance + member, mean)
    tl.store(guesses + member, guess)
    tl.store(reaches + member, reach)
