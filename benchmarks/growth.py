"""How cost grows: algorithm 1 with neurons and members, the layered sweep with members and layers.

All sizes of an axis are timed in turns. The exponent is the slope of log time over log size, fitted to the larger half
of the sizes, where fixed costs matter less; its spread is that of the repeats.

    python benchmarks/growth.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import seaborn as sns
import torch
from connectome_speed import NOISE, OURS, PLAIN, plain_loop
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measure import parser, side_by_side, synchronise, write_results

from creditgraph.train import ConnectomeSimulation, LayeredSweep

RATE, PRUNING = 0.1, 0.8
BLOCK = 64  # algorithm 1 draws its noise for so many iterations at once
ENDLESS = 10**9
COLOURS = dict(zip((OURS, PLAIN), sns.color_palette("colorblind"), strict=False))


class Axis(NamedTuple):
    """What grows, what a unit of work is, and how to make a contestant of a size that does some units."""

    name: str
    label: str
    cost: str
    sizes: list[int]
    unit: int
    makers: dict[str, Callable[[int], Callable[[int], object]]]


def members_of(count: int) -> tuple[list[float], list[int]]:
    """Learning rates and seeds of so many members: up to 10 rates."""
    rates = max(rate for rate in range(1, 11) if count % rate == 0)
    return np.geomspace(0.01, 0.3, rates).tolist(), list(range(count // rates))


def simulated(n: int, members: int, device: str) -> Callable[[int], object]:
    """Algorithm 1 with so many members; does some iterations."""
    rates, seeds = members_of(members)
    simulation = ConnectomeSimulation(
        n=n, learning_rates=rates, pruning=[PRUNING], seeds=seeds, noise=NOISE, device=device, iterations=ENDLESS
    )
    return simulation.advance


def trained(members: int, hidden: list[int], device: str) -> Callable[[int], object]:
    """A layered sweep on digits with so many members; does some steps."""
    rates, seeds = members_of(members)
    sweep = LayeredSweep(
        "digits", hidden=hidden, learning_rates=rates, seeds=seeds, epochs=10**6, snapshots=0, device=device
    )
    return sweep.advance


def plain(n: int) -> Callable[[int], object]:
    """The plain NumPy loop with one network; does some iterations."""
    runs: dict[int, Callable[[], None]] = {}
    return lambda count: runs.setdefault(count, plain_loop(n, PRUNING, RATE, count))()


def axes_of(options: argparse.Namespace) -> list[Axis]:
    """What is measured."""
    device, n, epoch = options.device, options.n, 22
    return [
        Axis(
            "neurons",
            "neurons of algorithm 1",
            "network and iteration",
            options.neurons,
            BLOCK,
            {OURS: lambda size: simulated(size, 2, device), PLAIN: plain},
        ),
        Axis(
            "members",
            f"members of algorithm 1, {n} neurons",
            "iteration of all members",
            options.members,
            BLOCK,
            {OURS: lambda size: simulated(n, size, device)},
        ),
        Axis(
            "layered members",
            "members of a layered sweep, 64-128-64-10",
            "step of all members",
            options.members,
            epoch,
            {OURS: lambda size: trained(size, [128, 64], device)},
        ),
        Axis(
            "layers",
            "hidden layers of 64 neurons, 32 members",
            "step of all members",
            options.layers,
            epoch,
            {OURS: lambda size: trained(32, [64] * size, device)},
        ),
    ]


def measured(axis: Axis, options: argparse.Namespace) -> pd.DataFrame:
    """Seconds of a unit of cost: contestant, size, repeat, seconds."""
    contestants, work = {}, {}
    for name, make in axis.makers.items():
        for size in axis.sizes:
            run = make(size)
            unit = axis.unit if name == OURS else 1
            # the second call is timed: the first compiles
            run(unit)
            start = time.perf_counter()
            run(unit)
            synchronise(options.device)
            count = unit * max(1, round(options.budget / (time.perf_counter() - start)))
            contestants[name, size] = lambda run=run, count=count: run(count)
            per_network = 2 if axis.name == "neurons" and name == OURS else 1
            work[name, size] = count * per_network
    seconds = side_by_side(contestants, repeats=options.repeats, device=options.device)
    seconds["seconds"] /= seconds["contestant"].map(work)
    names = pd.DataFrame(seconds.pop("contestant").tolist(), columns=["contestant", "size"])
    return pd.concat([names, seconds], axis=1)


def exponent(seconds: pd.DataFrame) -> dict[str, float]:
    """Slope of log seconds over log size in the larger half of the sizes: median, lowest and highest of the repeats."""
    sizes = np.sort(seconds["size"].unique())
    larger = seconds[seconds["size"] >= sizes[len(sizes) // 2 - (len(sizes) % 2 == 0)]]
    slopes = [np.polyfit(np.log(each["size"]), np.log(each["seconds"]), 1)[0] for _, each in larger.groupby("repeat")]
    return {"median": float(np.median(slopes)), "low": min(slopes), "high": max(slopes)}


def draw(on: Axes, axis: Axis, seconds: pd.DataFrame, exponents: dict[str, dict[str, float]]) -> None:
    """Medians with their range over the repeats, on logarithmic scales."""
    for name, part in seconds.groupby("contestant", sort=False):
        microseconds = part.groupby("size")["seconds"].agg(["median", "min", "max"]) * 1e6
        found = exponents[str(name)]
        on.errorbar(
            microseconds.index,
            microseconds["median"],
            yerr=[microseconds["median"] - microseconds["min"], microseconds["max"] - microseconds["median"]],
            marker="o",
            markersize=4,
            capsize=2,
            color=COLOURS[str(name)],
            label=f"{name}: exponent {found['median']:.2f} ({found['low']:.2f} to {found['high']:.2f})",
        )
    on.set(xscale="log", yscale="log", xlabel=axis.label, ylabel=f"microseconds per\n{axis.cost}")
    on.set_title(f"How does the cost grow with {axis.name}?", loc="left")
    on.grid(which="major", alpha=0.3)
    on.legend(frameon=False, fontsize="small")


def main() -> None:
    """Print and draw the cost at each size, and the exponents."""
    arguments = parser(__doc__)
    arguments.add_argument("--n", type=int, default=300, help="neurons where members grow")
    arguments.add_argument("--neurons", type=int, nargs="+", default=[100, 200, 300, 500, 1000, 2000, 3000])
    arguments.add_argument("--members", type=int, nargs="+", default=[1, 2, 4, 10, 30, 100, 300, 1000])
    arguments.add_argument("--layers", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--budget", type=float, default=0.15, help="seconds that a repeat takes at least")
    options = arguments.parse_args()
    if options.quick:
        options.n, options.neurons, options.members, options.layers = 50, [50, 100, 200], [1, 4, 16], [1, 2, 4]
        options.repeats, options.budget = 2, 0.02
    axes = axes_of(options)
    figure = Figure(figsize=(11, 8), layout="constrained")
    panels = figure.subplots(2, 2).flat
    results = {}
    for axis, panel in zip(axes, panels, strict=True):
        seconds = measured(axis, options)
        exponents = {str(name): exponent(part) for name, part in seconds.groupby("contestant")}
        draw(panel, axis, seconds, exponents)
        table = seconds.groupby(["contestant", "size"], sort=False)["seconds"].agg(["median", "min", "max"])
        results[axis.name] = {"cost": axis.cost, "seconds": table.reset_index(), "exponents": exponents}
        print(f"{axis.label}: microseconds per {axis.cost}")
        medians = seconds.pivot_table(index="size", columns="contestant", values="seconds", aggfunc="median")
        print((medians * 1e6).round(1).to_string())
        for name, found in exponents.items():
            print(f"  {name}: exponent {found['median']:.2f} ({found['low']:.2f} to {found['high']:.2f})")
    where = options.device if options.device != "cpu" else f"{torch.get_num_threads()} threads"
    figure.supxlabel(f"{where}; medians and ranges of {options.repeats} repeats, sizes in turns", fontsize="small")
    write_results("growth", results, options.out, figure=figure, device=options.device)


if __name__ == "__main__":
    main()
