"""A recurrent sweep on digits against single recurrent networks, one after the other, for each member and step.

Both follow the same rule to the same tolerance: rates to rest, credits to rest, plasticity. The single networks check
their input and use plain iteration as well, with one thread and with all of torch's; the faster counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from measure import parser, ratio, side_by_side, write_results

from creditgraph.train import RecurrentNetwork, RecurrentSweep, Task, load_task

OURS, SEQUENTIAL = "sweep", "single networks"
REPEATED = 50
RATES = (0.02, 0.1)


def long_task(seed: int) -> Task:
    """Digits, but with every training sample 50 times, so that no epoch ends while steps are timed."""
    task = load_task("digits", seed=seed)
    return replace(task, x_train=np.tile(task.x_train, (REPEATED, 1)), y_train=np.tile(task.y_train, REPEATED))


def sequential(options: argparse.Namespace, threads: int) -> Callable[[], None]:
    """One network after the other, each with its own loop."""
    task = load_task("digits")
    x, y = (torch.from_numpy(each).to(options.device) for each in (task.x_train.astype(np.float32), task.y_train))
    networks = [
        RecurrentNetwork(
            task.features, options.hidden, task.classes, loss="cross_entropy", seed=seed, gain=options.gain,
            device=options.device,
        )
        for seed in range(options.sequential_members)
    ]  # fmt: skip
    batches = torch.randint(len(x), (options.steps, options.batch), device=options.device)

    def run() -> None:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        for number, network in enumerate(networks):
            for batch in batches:
                network.learn(x[batch], y[batch], RATES[number % len(RATES)])
        torch.set_num_threads(before)

    return run


def main() -> None:
    """Time both in turns and print the ratio."""
    made = parser(__doc__)
    made.add_argument("--members", type=int, default=32, help="networks in the sweep, an even number")
    made.add_argument("--sequential-members", type=int, default=4, help="networks of the sequential loop")
    made.add_argument("--hidden", type=int, default=64)
    made.add_argument("--gain", type=float, default=0.5)
    made.add_argument("--batch", type=int, default=64)
    made.add_argument("--steps", type=int, default=10, help="steps of each member in a turn")
    made.add_argument("--repeats", type=int, default=7)
    options = made.parse_args()
    if options.quick:
        options.steps, options.repeats = 3, 2
    sweep = RecurrentSweep(
        long_task, hidden=options.hidden, learning_rates=RATES, seeds=range(options.members // 2), epochs=1000,
        batch_size=options.batch, gain=options.gain, snapshots=0, device=options.device,
    )  # fmt: skip
    sweep.advance(1)
    contestants: dict[str, Callable[[], object]] = {OURS: lambda: sweep.advance(options.steps)}
    for threads in sorted({1, torch.get_num_threads()}):
        contestants[f"{SEQUENTIAL}, {threads} threads"] = sequential(options, threads)
    seconds = side_by_side(contestants, repeats=options.repeats, device=options.device)
    alive = sweep.summary().alive
    work = dict.fromkeys(contestants, options.steps * options.sequential_members) | {OURS: options.steps * alive}
    seconds["seconds"] /= seconds["contestant"].map(work)
    medians = seconds.groupby("contestant")["seconds"].median() * 1e6
    single = min((name for name in contestants if name != OURS), key=lambda name: medians[name])
    speedup = ratio(seconds, single, OURS)
    print(f"{alive} of {options.members} members alive, {torch.get_num_threads()} threads")
    print("microseconds for each member and step:", dict(medians.round(1)))
    print(f"{single} / {OURS}: {speedup}")
    write_results(
        "recurrent_sweep_speed",
        {"options": vars(options), "alive": alive, "microseconds": dict(medians), f"{single} / {OURS}": speedup},
        options.out,
        device=options.device,
    )


if __name__ == "__main__":
    main()
