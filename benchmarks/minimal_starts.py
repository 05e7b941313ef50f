"""How low each start of a search for minimal modularity reaches, and five restarts together.

Networks of 300 neurons: algorithm 1 at four learning rates and a shuffle of each, planted multipartite networks dense
and sparse, and random ones. The figure of a start is the share of the lowest Q that any search found of that network,
the mean over networks and repeats; the worst is that of the network where it does worst. Five restarts are the best of
the five first starts that searches use, beside five from drawn groups only.

    python benchmarks/minimal_starts.py
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from measure import parser, write_results

from creditgraph.analysis.engines import climb, seeded
from creditgraph.analysis.leiden import Landscape
from creditgraph.analysis.starts import STARTS, Start
from creditgraph.graphs import WeightGraph, null_model
from creditgraph.guard import cores, work_through
from creditgraph.train import ConnectomeSimulation

NEURONS = 300
LEARNING_RATES = (0.001, 0.01, 0.1, 0.3)
KINDS = (Start(4, leading=True), Start(2, leading=True), *(Start(groups) for groups in (2, 3, 4, 5, 8)), Start(0))
FIVE = {"the five first": STARTS["minimise"][:5], "five drawn": tuple(Start(groups) for groups in (4, 2, 8, 3, 5))}


def networks(iterations: int) -> Iterator[tuple[str, WeightGraph]]:
    """Networks by name."""
    simulation = ConnectomeSimulation(NEURONS, learning_rates=LEARNING_RATES, pruning=[0.8], iterations=iterations)
    for rate, weights in zip(LEARNING_RATES, simulation.run().weights.numpy(), strict=True):
        g = WeightGraph.from_matrix(weights)
        yield f"algorithm 1, r = {rate:g}", g
        yield f"algorithm 1, r = {rate:g}, shuffled", null_model(g, "shuffle_nonzero", seed=0)
    for groups in (2, 3, 5, 8):
        yield f"{groups} groups", multipartite(groups, between=0.25, within=0.15)
    for groups in (2, 3, 4):
        yield f"{groups} groups, sparse", multipartite(groups, between=0.012, within=0.001)
    yield "random, sparse", multipartite(1, between=0.0, within=0.02)


def multipartite(groups: int, *, between: float, within: float) -> WeightGraph:
    """Log-normal weights, with one probability of a synapse between groups and another within."""
    draw = np.random.default_rng((groups, round(1000 * between)))
    group = draw.integers(groups, size=NEURONS)
    probability = np.where(group[:, None] == group, within, between)
    matrix = (draw.random(probability.shape) < probability) * draw.lognormal(0, 0.7, probability.shape)
    np.fill_diagonal(matrix, 0)
    return WeightGraph.from_matrix(matrix)


def name_of(start: Start) -> str:
    """What a start is called."""
    if not start.groups:
        return "every neuron alone"
    return f"{start.groups} {'leading' if start.leading else 'drawn'} groups"


def reached(item: tuple[str, WeightGraph], *, repeats: int) -> list[dict[str, Any]]:
    """Minimal Q of a network from each start, in each repeat."""
    name, g = item
    landscape = Landscape.of(g, weights="absolute", directed=False)
    objective = landscape.objective_at(1.0)
    engine = landscape.engine(objective, -1.0)

    def value(membership: npt.NDArray[np.int64]) -> float:
        return -objective.value(membership)

    rows = []
    for repeat in range(repeats):
        for place, start in enumerate(KINDS):
            with seeded(repeat, place) as generator:
                membership = start.membership(objective, -1.0, generator)
                first = -np.inf if membership is None else value(np.asarray(membership))
                found = climb(engine, value, start=membership, generator=generator, reached=first)
            rows.append({"network": name, "repeat": repeat, "start": name_of(start), "q": objective.value(found)})
    return rows


def together(found: pd.DataFrame, name: str, starts: Sequence[Start]) -> pd.DataFrame:
    """Lowest Q over some starts in each repeat."""
    some = found[found["start"].isin([name_of(start) for start in starts])]
    return some.groupby(["network", "repeat"], as_index=False, sort=False)["q"].min().assign(start=name)


def main() -> None:
    """Search, compare, write."""
    arguments = parser(__doc__, processor_only=True)
    arguments.add_argument("--repeats", type=int, default=8)
    options = arguments.parse_args()
    if options.quick:
        options.repeats = 1
    items = list(networks(20 if options.quick else 1500))
    rows = work_through(functools.partial(reached, repeats=options.repeats), items, workers=cores())
    found = pd.DataFrame([row for each in rows for row in each])
    found = pd.concat([found, *(together(found, name, starts) for name, starts in FIVE.items())])
    found["share"] = found["q"] / found.groupby("network")["q"].transform("min")
    by_network = found.pivot_table(index="network", columns="start", values="share", sort=False)
    summary = pd.DataFrame({"mean": by_network.mean(), "worst": by_network.min()})
    print(summary.to_string(float_format="{:.3f}".format))
    write_results("minimal_starts", by_network.reset_index(), options.out)


if __name__ == "__main__":
    main()
