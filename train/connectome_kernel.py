"""Algorithm 1 compiled for the processor: one member at a time, so that its matrix stays in the cache.

Two passes over the matrix do an iteration. The first prunes what the last iteration left to prune and computes ``W x``
and ``W^T (c f)`` together; the second adds ``r (c f) x^T`` and counts the entries below the last threshold, from which
the search for the next one sets out.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from numba import int32, njit

from .connectome_dynamics import Dynamics, Population
from .pruning_kernel import NOTHING, new_cell, pruning_limit, zero_up_to

TANH, SIGMOID, SHIFTED_SIGMOID, RELU, CLIPPED_RELU, SOFTPLUS, LINEAR = range(7)
CODES = {
    "tanh": TANH,
    "sigmoid": SIGMOID,
    "shifted_sigmoid": SHIFTED_SIGMOID,
    "relu": RELU,
    "clipped_relu": CLIPPED_RELU,
    "softplus": SOFTPLUS,
    "linear": LINEAR,
}
# Added to the estimate of the largest weight in each iteration, far above what rounding could hide from it.
SLACK = 1e-5


def advance(population: Population, dynamics: Dynamics, noise: torch.Tensor) -> None:
    """Do some iterations with the members that are alive, in as many threads as torch is set to use.

    The state of a member does not depend on the other members, nor on the number of threads.

    Parameters
    ----------
    population
        The state, on the processor; changed in place.
    dynamics
        What all members share.
    noise
        Noise of rates and of credits, (iterations, 2, seeds, n).
    """
    state = {name: tensor.numpy() for name, tensor in vars(population).items()}
    alive = np.flatnonzero(state["alive"])

    def advance_some(members: npt.NDArray[np.int64]) -> None:
        advance_members(
            members,
            state["weights"],
            state["rates"],
            state["credits"],
            state["learning_rates"],
            state["pruned"],
            state["seed_index"],
            state["alive"],
            state["iterations"],
            state["mean_balance"],
            noise.numpy(),
            CODES[dynamics.activation.name],
            dynamics.clamped,
            dynamics.clamp == "identity",
            dynamics.self_synapses,
            dynamics.divergence,
            new_cell(state["weights"].dtype),
        )

    threads = min(torch.get_num_threads(), len(alive))
    if threads <= 1:
        advance_some(alive)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(advance_some, [alive[first::threads] for first in range(threads)]))


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
    code,
    clamped,
    clamp_is_identity,
    self_synapses,
    divergence,
    cell,
):
    """Advance each of some members until the noise ends or the member diverges."""
    n = rates.shape[1]
    kind = weights.dtype
    x, c, f, post = np.empty(n, kind), np.empty(n, kind), np.empty(n, kind), np.empty(n, kind)
    for m in members:
        W = weights[m]
        entries = W.reshape(-1)
        largest = np.float64(largest_within(entries, divergence))
        threshold = smallest_nonzero(entries)
        limit = kind.type(NOTHING)
        for t in range(noise.shape[0]):
            fire_and_assign_credit(W, rates[m], credits[m], limit, code, x, c, f)
            limit = kind.type(NOTHING)
            for i in range(clamped):
                c[i] = credits[m, i] if clamp_is_identity else 1
            for i in range(n):
                x[i] += noise[t, 0, seed_index[m], i]
                c[i] += noise[t, 1, seed_index[m], i]
                post[i] = learning_rates[m] * (c[i] * f[i])
            if not self_synapses:
                for i in range(n):
                    W[i, i] = -(post[i] * x[i])
            largest_x = largest_within(x, divergence)
            largest_c = largest_within(c, divergence)
            largest += np.float64(largest_x) * largest_within(post, np.inf) + SLACK * divergence
            if not largest <= divergence and max(largest_x, largest_c) <= divergence:
                largest = largest_after(W, post, x, divergence)
            if not (largest <= divergence and largest_c <= divergence):
                alive[m] = False
                break
            below = add_outer_product(W, post, x, threshold)
            limit = pruning_limit(entries, pruned[m], threshold, below, cell)
            threshold = max(limit, kind.type(0))
            rates[m] = x
            credits[m] = c
            mean_balance[m] = f.mean()
            iterations[m] += 1
        zero_up_to(entries, limit)
        if not self_synapses:
            for i in range(n):
                W[i, i] = 0


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def fire_and_assign_credit(W, rates, credits, limit, code, x, c, f):  # type: ignore[no-untyped-def]
    """Prune W up to the limit; sigma(s) to `x`, f(s) to `f`, ``W^T (c f)`` to `c`, with ``s = W x``."""
    n = W.shape[0]
    zero = W.dtype.type(0)
    c[:] = zero
    for i in range(n):
        row = W[i]
        s = zero
        for j in range(n):
            w = row[j] if abs(row[j]) > limit else zero
            row[j] = w
            s += w * rates[j]
        x[i], f[i] = sigma_and_balance(s, code)
        effective = credits[i] * f[i]
        for j in range(n):
            c[j] += row[j] * effective


@njit(nogil=True, cache=True)
def add_outer_product(W, post, x, bound):  # type: ignore[no-untyped-def]
    """``W += post x^T``; return the count of entries that are then below a bound in magnitude.

    Products are rounded before they are added, so that a synapse of ``-(post[i] * x[j])`` becomes 0 exactly.
    """
    n = W.shape[0]
    below = 0
    for i in range(n):
        row, effective = W[i], post[i]
        count = int32(0)
        for j in range(n):
            w = row[j] + effective * x[j]
            row[j] = w
            count = int32(count + (abs(w) < bound))
        below += count
    return below


@njit(nogil=True, cache=True)
def largest_within(values, bound):  # type: ignore[no-untyped-def]
    """Largest magnitude, or infinity where one exceeds the bound or is NaN."""
    largest = values.dtype.type(0)
    for j in range(values.size):
        magnitude = abs(values[j])
        if not magnitude <= bound:
            return values.dtype.type(np.inf)
        largest = max(largest, magnitude)
    return largest


@njit(nogil=True, cache=True)
def largest_after(W, post, x, bound):  # type: ignore[no-untyped-def]
    """Largest magnitude of ``W + post x^T``, or infinity where one exceeds the bound or is NaN."""
    largest = W.dtype.type(0)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            magnitude = abs(W[i, j] + post[i] * x[j])
            if not magnitude <= bound:
                return np.inf
            largest = max(largest, magnitude)
    return np.float64(largest)


@njit(nogil=True, cache=True)
def smallest_nonzero(values):  # type: ignore[no-untyped-def]
    """Smallest magnitude other than zero: in pruned weights a good guess at the last threshold. 0 if all are zero."""
    smallest = values.dtype.type(np.inf)
    for j in range(values.size):
        magnitude = abs(values[j])
        if magnitude > 0:
            smallest = min(smallest, magnitude)
    return smallest if smallest < np.inf else values.dtype.type(0)


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
