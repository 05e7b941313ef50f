"""A layered sweep on digits against its peers, side by side in one run, for each member and step.

The peers train the same networks on batches of the same samples: torch.nn and SGD, one network after the other, and
torch.func.vmap of the gradient over stacked networks. The floor is the matrix products of a step alone, on numbers
that stay the same, all members in torch.bmm or one by one in torch.mm. Peers and products run with one thread and with
all of torch's, and the faster counts. Steps are timed without what a sweep measures at the end of an epoch; how much
that adds is told apart, and where the time of a step goes. An accelerator takes 256 members by default, since it is
hardly busy with fewer, and the sequential loop runs on the processor too, where it may be faster.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from measure import parser, place, ratio, ratio_figure, side_by_side, synchronise, write_results
from torch import Tensor
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn import functional

from creditgraph.train import LayeredSweep, Task, load_task
from creditgraph.train.activations import activation
from creditgraph.train.losses import loss
from creditgraph.train.sweeps.layered_step import LayeredStep
from creditgraph.train.sweeps.parameters import layered_row

OURS, SEQUENTIAL, STACKED, BATCHED, SINGLE = "sweep", "autograd, sequential", "vmap", "torch.bmm", "torch.mm"
ON_PROCESSOR = f"{SEQUENTIAL} on the processor"
REPEATED = 50
RECORDED = "sweep with its records"
STAGES = ("gather", "fire", "clamp", "assign_and_change", "keep")


def long_task(seed: int) -> Task:
    """Digits, but with every training sample 50 times, so that no epoch ends while steps are timed."""
    task = load_task("digits", seed=seed)
    return replace(task, x_train=np.tile(task.x_train, (REPEATED, 1)), y_train=np.tile(task.y_train, REPEATED))


def network(sizes: list[int]) -> torch.nn.Sequential:
    """The peers' network: linear layers with tanh between them."""
    layers: list[torch.nn.Module] = []
    for pre, post in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(pre, post), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def sequential(options: argparse.Namespace, x: Tensor, y: Tensor) -> Callable[[], object]:
    """Autograd and SGD, one network after the other, where the samples are."""
    networks = [network(options.sizes).to(x.device) for _ in range(options.sequential_members)]
    optimisers = [torch.optim.SGD(each.parameters(), lr=0.1) for each in networks]
    batches = torch.randint(len(x), (options.steps, options.batch), device=x.device)

    def run() -> None:
        for each, optimiser in zip(networks, optimisers, strict=True):
            for batch in batches:
                optimiser.zero_grad()
                functional.cross_entropy(each(x[batch]), y[batch]).backward()
                optimiser.step()

    return run


def stacked(options: argparse.Namespace, x: Tensor, y: Tensor) -> Callable[[], object]:
    """torch.func.vmap of the gradient over stacked networks, and a step of all of them."""
    networks = [network(options.sizes).to(options.device) for _ in range(options.members)]
    shape = network(options.sizes).to("meta")
    parameters, _ = stack_module_state(networks)
    parameters = {name: each.detach() for name, each in parameters.items()}
    rates = torch.full((options.members,), 0.1, device=options.device)
    batches = torch.randint(len(x), (options.steps, options.members, options.batch), device=x.device)

    def mean_loss(own: dict[str, Tensor], inputs: Tensor, classes: Tensor) -> Tensor:
        return functional.cross_entropy(functional_call(shape, own, (inputs,)), classes)

    gradients = vmap(grad(mean_loss))

    def run() -> None:
        for batch in batches:
            for name, change in gradients(parameters, x[batch], y[batch]).items():
                parameters[name].sub_(change * rates.view(-1, *[1] * (change.ndim - 1)))

    return run


def products(options: argparse.Namespace, *, batched: bool) -> Callable[[], object]:
    """The matrix products of a step and nothing else: rates, credits but those of the inputs, changes of weights."""
    pairs = []
    for layer, (pre, post) in enumerate(itertools.pairwise(options.sizes)):
        w = torch.rand(options.members, post, pre, device=options.device)
        x, e = (torch.rand(options.members, n, options.batch, device=options.device) for n in (pre, post))
        pairs += [(w, x), (e, x.mT), *([(w.mT, e)] if layer else [])]
    outs = [torch.bmm(a, b) for a, b in pairs]
    singles = [triple for (a, b), out in zip(pairs, outs, strict=True) for triple in zip(a, b, out, strict=True)]

    def all_members() -> None:
        for _ in range(options.steps):
            for (a, b), out in zip(pairs, outs, strict=True):
                torch.bmm(a, b, out=out)

    def one_by_one() -> None:
        for _ in range(options.steps):
            for a, b, out in singles:
                torch.mm(a, b, out=out)

    return all_members if batched else one_by_one


def made_sweep(options: argparse.Namespace, task: str | Callable[[int], Task]) -> LayeredSweep:
    """A sweep of so many members, two learning rates to a seed."""
    return LayeredSweep(
        task,
        hidden=options.sizes[1:-1],
        learning_rates=[0.05, 0.1],
        seeds=range(options.members // 2),
        epochs=1000,
        batch_size=options.batch,
        snapshots=0,
        device=options.device,
    )


class TimedStep(LayeredStep):
    """A step that notes how long each of its stages takes."""

    seconds: dict[str, float]

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.removeprefix("_") not in STAGES:
            return found

        def timed(*given: Any) -> None:
            start = time.perf_counter()
            found(*given)
            self.seconds[name.removeprefix("_")] += time.perf_counter() - start

        return timed


def profile(options: argparse.Namespace, members: int = 16) -> dict[str, float]:
    """Microseconds of each stage for each member and step: one chunk, one thread."""
    task = load_task("digits")
    x = torch.from_numpy(task.x_train).float().to(options.device)
    step = TimedStep(
        options.sizes,
        activation("tanh"),
        loss("cross_entropy"),
        parameters=torch.randn(members, layered_row(options.sizes).size, device=options.device) * 0.1,
        learning_rates=torch.full((members,), 0.1, device=options.device),
        batch=options.batch,
        largest_input=float(x.norm(dim=1).max()),
    )
    y = functional.one_hot(torch.from_numpy(task.y_train)).float().to(options.device)
    for _ in range(2):
        step.seconds = dict.fromkeys(STAGES, 0.0)
        for _ in range(options.steps):
            step.learn(x, y, torch.randint(len(x), (members * options.batch,), device=options.device))
        synchronise(options.device)
    found = {name: each / options.steps / members * 1e6 for name, each in step.seconds.items()}
    bare = products(argparse.Namespace(**{**vars(options), "members": members}), batched=True)
    bare()
    start = time.perf_counter()
    bare()
    synchronise(options.device)
    return {**found, "bare products": (time.perf_counter() - start) / options.steps / members * 1e6}


def with_threads(threads: int, run: Callable[[], object]) -> Callable[[], None]:
    """The same, with so many threads of torch."""

    def threaded() -> None:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        run()
        torch.set_num_threads(before)

    return threaded


def main() -> None:
    """Time all in turns, print the ratios, and where the time goes."""
    made = parser(__doc__)
    made.add_argument("--members", type=int, help="networks in the sweep, even; by default 32, on accelerators 256")
    made.add_argument("--sequential-members", type=int, default=4, help="networks of the sequential loop")
    made.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 64, 10])
    made.add_argument("--batch", type=int, default=64)
    made.add_argument("--steps", type=int, default=44, help="steps of each member in a turn")
    made.add_argument("--repeats", type=int, default=9)
    options = made.parse_args()
    if options.quick:
        options.steps, options.repeats = 10, 2
    options.members = options.members or (32 if options.device == "cpu" else 256)
    task = load_task("digits")
    x = torch.from_numpy(task.x_train).float().to(options.device)
    y = torch.from_numpy(task.y_train).to(options.device)
    sweep, measured = made_sweep(options, long_task), made_sweep(options, "digits")
    sweep.advance(1)
    epoch = len(x) // options.batch
    others = {
        SEQUENTIAL: sequential(options, x, y),
        STACKED: stacked(options, x, y),
        BATCHED: products(options, batched=True),
        SINGLE: products(options, batched=False),
    }
    if options.device != "cpu":
        others[ON_PROCESSOR] = sequential(options, x.cpu(), y.cpu())
    threads = torch.get_num_threads()
    contestants = {OURS: lambda: sweep.advance(options.steps), RECORDED: lambda: measured.advance(2 * epoch)}
    for (name, run), count in itertools.product(others.items(), sorted({1, threads})):
        contestants[f"{name}, {count} threads"] = with_threads(count, run)
    seconds = side_by_side(contestants, repeats=options.repeats, device=options.device)
    work = dict.fromkeys(contestants, options.steps * options.members) | {RECORDED: 2 * epoch * options.members}
    work |= {name: options.steps * options.sequential_members for name in contestants if name.startswith(SEQUENTIAL)}
    seconds["seconds"] /= seconds["contestant"].map(work)
    medians = seconds.groupby("contestant")["seconds"].median() * 1e6

    def fastest(*kinds: str) -> str:
        return min((name for name in contestants if name.startswith(kinds)), key=lambda name: medians[name])

    loop, stack, floor = fastest(SEQUENTIAL), fastest(STACKED), fastest(BATCHED, SINGLE)
    ratios = {
        f"{loop} / {OURS}": ratio(seconds, loop, OURS),
        f"{stack} / {OURS}": ratio(seconds, stack, OURS),
        f"{OURS} / {floor}": ratio(seconds, OURS, floor),
        f"{RECORDED} / {OURS}": ratio(seconds, RECORDED, OURS),
    }
    torch.set_num_threads(1)
    stages = profile(options)
    torch.set_num_threads(threads)
    print(f"{options.members} members, {threads} threads, microseconds for each member and step:")
    print(pd.DataFrame({"median": medians, "low": seconds.groupby("contestant")["seconds"].min() * 1e6}).round(1))
    for name, each in ratios.items():
        print(f"{name}: {each}")
    print("one thread, 16 members, microseconds for each member and step:")
    print("\n".join(f"  {name}: {each:.1f}" for name, each in stages.items()))
    write_results(
        "layered_sweep_speed",
        {"options": vars(options), "microseconds": dict(medians), "ratios": ratios, "one thread": stages},
        options.out,
        figure=ratio_figure(
            ratios,
            title="How fast is a layered sweep, beside its peers and its floor?",
            caption=f"{'-'.join(map(str, options.sizes))}, batch {options.batch}, {options.members} members, "
            f"per member and step; {options.repeats} repeats; {place(options.device)}",
        ),
        device=options.device,
    )


if __name__ == "__main__":
    main()
