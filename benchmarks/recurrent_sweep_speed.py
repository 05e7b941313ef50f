"""A recurrent sweep on digits against single recurrent networks, one after the other, for each member and step.

Both follow the same rule to the same tolerance: rates to rest, credits to rest, plasticity. The single networks check
their input and use plain iteration as well, with one thread and with all of torch's; the faster counts. Where the time
of a step goes is told apart, for one chunk on one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from measure import parser, place, ratio, ratio_figure, side_by_side, synchronise, write_results
from torch import Tensor

from creditgraph.train import RecurrentNetwork, RecurrentSweep, Task, load_task
from creditgraph.train.sweeps import recurrent_dynamics
from creditgraph.train.sweeps.recurrent_dynamics import RecurrentDynamics
from creditgraph.train.sweeps.settling import settle

OURS, SEQUENTIAL = "sweep", "single networks"
REPEATED = 50
RATES = (0.02, 0.1)
STAGES = ("fire", "assign_credit")


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


def profile(options: argparse.Namespace, members: int = 16) -> dict[str, float]:
    """Microseconds of each stage of a step for each member, and of the products of the iterations of rates alone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    sweep = made_sweep(options, members)
    sweep.advance(1)
    seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
    iterations = dict.fromkeys(STAGES, 0)

    def timed(name: str) -> Callable[..., Any]:
        stage = getattr(RecurrentDynamics, name)

        def run(*given: Any) -> Any:
            start = time.perf_counter()
            found = stage(*given)
            synchronise(options.device)
            seconds[name] += time.perf_counter() - start
            return found

        return run

    def counted(step: Callable[..., Tensor], operands: tuple[Tensor, ...], **limits: Any) -> tuple[Tensor, Tensor]:
        stage = STAGES[0] if "fire" in step.__qualname__ else STAGES[1]

        def once(*given: Tensor) -> Tensor:
            iterations[stage] += 1
            return step(*given)

        return settle(once, operands, **limits)

    with ExitStack() as stack:
        for name in STAGES:
            stack.enter_context(patch.object(RecurrentDynamics, name, timed(name)))
        stack.enter_context(patch.object(recurrent_dynamics, "settle", counted))
        start = time.perf_counter()
        sweep.advance(options.steps)
        synchronise(options.device)
        whole = time.perf_counter() - start
    weights = torch.rand(members, sweep.n - sweep.inputs, sweep.n - sweep.inputs, device=options.device)
    rates = torch.rand(members, sweep.n - sweep.inputs, options.batch, device=options.device)
    start = time.perf_counter()
    for _ in range(sum(iterations.values())):
        torch.bmm(weights, rates)
    synchronise(options.device)
    bare = time.perf_counter() - start
    torch.set_num_threads(threads)
    shares = {
        "rates to rest": seconds["fire"],
        "credits to rest": seconds["assign_credit"],
        "gather, learn, keep": whole - sum(seconds.values()),
        "bare products of the iterations": bare,
    }
    counts = {f"iterations, {name}": count / options.steps for name, count in iterations.items()}
    return {name: each / options.steps / members * 1e6 for name, each in shares.items()} | counts


def made_sweep(options: argparse.Namespace, members: int) -> RecurrentSweep:
    """A sweep of so many members, two learning rates to a seed."""
    return RecurrentSweep(
        long_task, hidden=options.hidden, learning_rates=RATES, seeds=range(members // 2), epochs=1000,
        batch_size=options.batch, gain=options.gain, snapshots=0, device=options.device,
    )  # fmt: skip


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
    sweep = made_sweep(options, options.members)
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
    stages = profile(options)
    print("one thread, 16 members, microseconds for each member and step:")
    print("\n".join(f"  {name}: {each:.1f}" for name, each in stages.items()))
    write_results(
        "recurrent_sweep_speed",
        {
            "options": vars(options),
            "alive": alive,
            "microseconds": dict(medians),
            f"{single} / {OURS}": speedup,
            "one thread": stages,
        },
        options.out,
        figure=ratio_figure(
            {f"{single} / {OURS}": speedup},
            title="How many times faster is a recurrent sweep than a loop over networks?",
            caption=f"{options.hidden} hidden neurons, batch {options.batch}, {alive} members, per member and step; "
            f"{options.repeats} repeats; {place(options.device)}",
        ),
        device=options.device,
    )


if __name__ == "__main__":
    main()
