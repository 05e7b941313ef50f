"""Algorithm 1 in bulk against a plain NumPy loop over networks, side by side in one run.

The plain loop does an iteration with two matrix-vector products, an outer product and np.partition, always on the
processor. Both are timed in turns, per network and iteration, noise and records included. An accelerator takes 256
members by default, since it is hardly busy with fewer.

    python benchmarks/connectome_speed.py --threads 1 2
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from measure import parser, place, ratio, ratio_figure, side_by_side, write_results

from creditgraph.train import ConnectomeSimulation

NOISE = 0.1
PLAIN, OURS = "plain NumPy", "creditgraph"


def plain_loop(
    n: int, p: float, r: float, iterations: int, kind: type[np.float32] | type[np.float64] = np.float32
) -> Callable[[], None]:
    """One network in plain NumPy; each call goes on where the last ended."""
    draw = np.random.default_rng(0)
    W = draw.normal(0, 0.01, (n, n)).astype(kind)
    x, c = np.zeros(n, kind), np.zeros(n, kind)
    k, clamped = round(p * n * n), n // 10

    def run() -> None:
        nonlocal x, c
        for _ in range(iterations):
            s = W @ x
            x = np.tanh(s)
            f = 1 - x * x
            x = x + kind(NOISE) * draw.standard_normal(n, dtype=kind)
            c = W.T @ (c * f)
            c[:clamped] = 1
            c = c + kind(NOISE) * draw.standard_normal(n, dtype=kind)
            W[...] += np.outer(kind(r) * (c * f), x)
            magnitudes = np.abs(W)
            W[magnitudes <= np.partition(magnitudes, k - 1, axis=None)[k - 1]] = 0

    return run


def measured(options: argparse.Namespace, threads: int) -> dict[str, Any]:
    """Microseconds for each network and iteration of both, and their ratio."""
    torch.set_num_threads(threads)
    simulation = ConnectomeSimulation(
        n=options.n,
        learning_rates=options.learning_rates,
        pruning=[options.pruning],
        seeds=list(range(options.seeds)),
        noise=NOISE,
        dtype=getattr(torch, options.dtype),
        device=options.device,
    )
    work = {PLAIN: options.plain_iterations, OURS: options.iterations * len(simulation.keys)}
    contestants = {
        PLAIN: plain_loop(
            options.n,
            options.pruning,
            options.learning_rates[-1],
            options.plain_iterations,
            getattr(np, options.dtype),
        ),
        OURS: lambda: simulation.run(options.iterations),
    }
    seconds = side_by_side(contestants, repeats=options.repeats, device=options.device)
    seconds["seconds"] /= seconds["contestant"].map(work)
    medians = seconds.groupby("contestant")["seconds"].median() * 1e6
    speedup = ratio(seconds, PLAIN, OURS)
    print(
        f"{threads} thread(s), {len(simulation.keys)} members, per network and iteration: "
        f"{PLAIN} {medians[PLAIN]:.0f} us, {OURS} {medians[OURS]:.1f} us, ratio {speedup}"
    )
    return {"threads": threads, "members": len(simulation.keys), "microseconds": medians.to_dict(), "ratio": speedup}


def main() -> None:
    """Time both in turns for each number of threads and print the ratio."""
    arguments = parser(__doc__)
    arguments.add_argument("--n", type=int, default=300, help="neurons")
    arguments.add_argument("--pruning", type=float, default=0.8, help="fraction pruned")
    arguments.add_argument("--learning-rates", type=float, nargs="+", default=[0.001, 0.01, 0.1, 0.3])
    arguments.add_argument("--seeds", type=int, help="seeds for each learning rate; by default 4, on accelerators 64")
    arguments.add_argument("--iterations", type=int, default=1500, help="iterations of each member in a repeat")
    arguments.add_argument("--plain-iterations", type=int, default=250, help="iterations of the plain loop in a repeat")
    arguments.add_argument("--repeats", type=int, default=7)
    arguments.add_argument("--threads", type=int, nargs="+", help="by default 1 and 2, on accelerators those of torch")
    arguments.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    options = arguments.parse_args()
    if options.quick:
        options.iterations, options.plain_iterations, options.repeats = 100, 20, 3
    accelerated = options.device != "cpu"
    options.seeds = options.seeds or (64 if accelerated else 4)
    options.threads = options.threads or ([torch.get_num_threads()] if accelerated else [1, 2])
    results = [measured(options, threads) for threads in options.threads]
    settings = {name: getattr(options, name) for name in ("n", "pruning", "learning_rates", "seeds", "dtype")}
    figure = ratio_figure(
        {f"{PLAIN} / {OURS}, {each['members']} members, {each['threads']} threads": each["ratio"] for each in results},
        title="How many times faster is algorithm 1 in bulk than a plain loop?",
        caption=f"n = {options.n}, p = {options.pruning:g}, {options.dtype}, per network and iteration; "
        f"{options.repeats} repeats; {place(options.device)}",
    )
    write_results(
        "connectome_speed",
        {"settings": settings, "threads": results},
        options.out,
        figure=figure,
        device=options.device,
    )


if __name__ == "__main__":
    main()
