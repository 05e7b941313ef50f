"""Algorithm 1 in bulk against a plain NumPy loop over networks, side by side in one run.

The plain loop does an iteration with two matrix-vector products, an outer product and np.partition. Both are timed in
turns, so that a machine that slows down slows both, and per network and iteration, noise and records included.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from creditgraph.guard import write_whole
from creditgraph.train.connectome import ConnectomeSimulation


def plain_loop(
    n: int, p: float, r: float, noise: float, iterations: int, dtype: type[np.floating]
) -> Callable[[], None]:
    """One network in plain NumPy; each call goes on where the last ended."""
    draw = np.random.default_rng(0)
    W = draw.normal(0, 0.01, (n, n)).astype(dtype)
    x, c = np.zeros(n, dtype), np.zeros(n, dtype)
    k, clamped = round(p * n * n), n // 10

    def run() -> None:
        nonlocal x, c
        for _ in range(iterations):
            s = W @ x
            x = np.tanh(s)
            f = 1 - x * x
            x = x + dtype(noise) * draw.standard_normal(n, dtype=dtype)
            c = W.T @ (c * f)
            c[:clamped] = 1
            c = c + dtype(noise) * draw.standard_normal(n, dtype=dtype)
            W[...] += np.outer(dtype(r) * (c * f), x)
            magnitudes = np.abs(W)
            W[magnitudes <= np.partition(magnitudes, k - 1, axis=None)[k - 1]] = 0

    return run


def timed(run: Callable[[], object], network_iterations: int) -> float:
    """Microseconds for each network and iteration."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / network_iterations * 1e6


def spread(values: list[float]) -> dict[str, float]:
    """Median, lowest and highest."""
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def main() -> None:
    """Time both in turns for each number of threads and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=300, help="neurons")
    parser.add_argument("--pruning", type=float, default=0.8, help="fraction pruned")
    parser.add_argument("--learning-rates", type=float, nargs="+", default=[0.001, 0.01, 0.1, 0.3])
    parser.add_argument("--seeds", type=int, default=4, help="seeds for each learning rate")
    parser.add_argument("--iterations", type=int, default=1500, help="iterations of each member in a turn")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", help="write the figures to this file (JSON)")
    options = parser.parse_args()

    noise, per_turn = 0.1, 250
    plain = plain_loop(
        options.n, options.pruning, options.learning_rates[-1], noise, per_turn, getattr(np, options.dtype)
    )
    simulation = ConnectomeSimulation(
        n=options.n,
        learning_rates=options.learning_rates,
        pruning=[options.pruning],
        seeds=list(range(options.seeds)),
        noise=noise,
        dtype=getattr(torch, options.dtype),
        device=options.device,
    )
    members = len(simulation.keys)
    simulation.run(options.iterations)
    plain()
    results = []
    for threads in options.threads:
        torch.set_num_threads(threads)
        ours, theirs = [], []
        for _ in range(options.turns):
            theirs.append(timed(plain, per_turn))
            ours.append(timed(lambda: simulation.run(options.iterations), members * options.iterations))
        ratios = [slow / fast for slow, fast in zip(theirs, ours, strict=True)]
        results.append(
            {"threads": threads, "plain_us": spread(theirs), "ours_us": spread(ours), "ratio": spread(ratios)}
        )
        low, middle, high = (results[-1]["ratio"][each] for each in ("lowest", "median", "highest"))
        print(
            f"{threads} thread(s), per network and iteration: plain NumPy {statistics.median(theirs):.0f} us, "
            f"ours {statistics.median(ours):.1f} us, ratio {middle:.1f} ({low:.1f} to {high:.1f})"
        )
    if options.out:
        figures = {**vars(options), "members": members, "machine": platform.processor(), "results": results}
        write_whole(options.out, json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
