"""Where an iteration of algorithm 1 spends its time, for one network on one thread, and how far that is from the floor.

The parts are the compiled loops themselves, called on the state of a network in mid-simulation. The floor is what four
bare passes over the matrix in the cache take: two that read it (for the credits, for a count), and two that rewrite it
(to prune and fire, and to learn). The processor only. Repeats are short and many, and the fastest counts: what is
slower was disturbed by other work.

    python benchmarks/connectome_profile.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from measure import parser, side_by_side, write_results
from numba import njit

from creditgraph.train import ConnectomeSimulation, kernels

Array = npt.NDArray[Any]

NOISE = 0.1
MEMBERS = 8
ENDLESS = 10**9
WHOLE, FLOOR = "whole iteration", "four bare passes"
PARTS = ("fire, credit", "prune, learn, count", "selection", "noise")


class State(NamedTuple):
    """Weights, rates and credits; what they learn; the last threshold; weights after, and how many lie below it."""

    weights: Array
    rates: Array
    credits: Array
    post: Array
    pre: Array
    guess: np.floating[Any]
    after: Array
    below: int


@njit(fastmath=True)
def bare_passes(W: Array, calls: int) -> float:
    """Read and rewrite the matrix twice each, doing as little as keeps a compiler from leaving it out."""
    total = W.dtype.type(0)
    for _ in range(calls):
        for _ in range(2):
            for i in range(W.shape[0]):
                row = W[i]
                for j in range(row.size):
                    total += row[j]
            for i in range(W.shape[0]):
                row = W[i]
                for j in range(row.size):
                    row[j] = -row[j]
    return float(total)


@njit
def fire_and_credit(calls, W, rates, credits, limit, x, c, f):  # type: ignore[no-untyped-def]
    """The first pass of an iteration, again and again."""
    for _ in range(calls):
        kernels.fire_and_assign_credit(W, rates, credits, limit, kernels.TANH, x, c, f)


@njit
def prune_and_learn(calls, W, post, x, limit, bound):  # type: ignore[no-untyped-def]
    """The second pass, there and back."""
    for _ in range(calls // 2):
        kernels.prune_and_learn(W, post, x, limit, bound)
        kernels.prune_and_learn(W, -post, x, limit, bound)


@njit
def selection(calls, entries, k, guess, below, reach, cell):  # type: ignore[no-untyped-def]
    """The search for the next threshold from the last one."""
    found = kernels.new_room(entries)
    for _ in range(calls):
        kernels.pruning_limit(entries, k, guess, below, reach, found, cell)


def parts(n: int, p: float, r: float, calls: int) -> dict[str, Callable[[], object]]:
    """The parts of an iteration, from the state after 320 iterations, `calls` times each."""
    simulation = ConnectomeSimulation(
        n=n, learning_rates=[r], pruning=[p], seeds=range(MEMBERS), noise=NOISE, iterations=ENDLESS
    )
    simulation.advance(320)
    draw = np.random.default_rng(0)
    states = [learned(simulation, member, p, np.float32(r), draw) for member in range(MEMBERS)]
    W, rates, credits, post, pre, guess, _, _ = states[0]
    x, c, f = (np.zeros(n, W.dtype) for _ in range(3))
    fired, added, bare = W.copy(), W.copy(), W.copy()
    cell = kernels.new_cell(W.dtype)
    k, reach = round(p * n * n), kernels.first_reach(cell)

    def select() -> None:
        # how many passes a search takes differs from state to state
        for state in states:
            selection(calls // MEMBERS, state.after.reshape(-1), k, state.guess, state.below, reach, cell)

    return {
        WHOLE: lambda: simulation.advance(calls),
        PARTS[0]: lambda: fire_and_credit(calls, fired, rates, credits, guess / 2, x, c, f),
        PARTS[1]: lambda: prune_and_learn(calls, added, post, pre, guess / 2, guess),
        PARTS[2]: select,
        PARTS[3]: lambda: draw.standard_normal((calls, 2, n), dtype=np.float32),
        FLOOR: lambda: bare_passes(bare, calls),
    }


def learned(simulation: ConnectomeSimulation, member: int, p: float, r: np.float32, draw: np.random.Generator) -> State:
    """A member before and after it learns once more, as it stands before it is pruned, from the threshold before."""
    W, rates, credits = (getattr(simulation, name)[member].numpy().copy() for name in ("weights", "rates", "credits"))
    n = len(rates)
    k = round(p * n * n)
    guess = np.partition(np.abs(W), k, axis=None)[k]
    # once to get at a threshold, which pruned weights do not show, and once more from there
    for _ in range(2):
        x, c, f = (np.zeros(n, W.dtype) for _ in range(3))
        kernels.fire_and_assign_credit(W, rates, credits, guess / 2, kernels.TANH, x, c, f)
        c[: n // 10] = 1
        pre = x + NOISE * draw.standard_normal(n, dtype=np.float32)
        post = r * (c + NOISE * draw.standard_normal(n, dtype=np.float32)) * f
        before, after, last = W, W.copy(), guess
        below = kernels.prune_and_learn(after, post, pre, guess / 2, guess)
        guess = np.partition(np.abs(after), k - 1, axis=None)[k - 1]
        W, rates, credits = np.where(np.abs(after) > guess, after, 0), pre, c
    return State(before, rates, credits, post, pre, last, after, below)


def main() -> None:
    """Print the microseconds of each part for each learning rate."""
    arguments = parser(__doc__, processor_only=True)
    arguments.add_argument("--n", type=int, default=300, help="neurons")
    arguments.add_argument("--pruning", type=float, default=0.8, help="fraction pruned")
    arguments.add_argument("--learning-rates", type=float, nargs="+", default=[0.001, 0.01, 0.1, 0.3])
    arguments.add_argument("--calls", type=int, default=16, help="iterations in a repeat")
    arguments.add_argument("--repeats", type=int, default=201)
    options = arguments.parse_args()
    if options.quick:
        options.repeats = 5
    torch.set_num_threads(1)
    results = []
    for r in options.learning_rates:
        seconds = side_by_side(parts(options.n, options.pruning, r, options.calls), repeats=options.repeats)
        members = (seconds["contestant"] == WHOLE).map({True: MEMBERS, False: 1})
        seconds["seconds"] /= options.calls * members
        microseconds = seconds.groupby("contestant", sort=False)["seconds"].min() * 1e6
        distance = microseconds[WHOLE] / microseconds[FLOOR]
        results.append({"learning_rate": r, "microseconds": microseconds.to_dict(), "distance": distance})
        print(f"r = {r:g}: " + ", ".join(f"{name} {value:.1f} us" for name, value in microseconds.items()))
        print(f"  whole iteration over the floor: {distance:.2f}")
    write_results("connectome_profile", {"n": options.n, "pruning": options.pruning, "parts": results}, options.out)


if __name__ == "__main__":
    main()
