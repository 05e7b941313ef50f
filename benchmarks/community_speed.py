"""The analysis of a sweep beside the same work with networkx and leidenalg, in one run.

The work: 40 networks of 300 neurons as algorithm 1 leaves them at a pruning of 0.8, each searched for its maximal
modularity with 5 restarts, and 20 shuffles of each alike: 840 graphs, 4,200 searches.

Ours does all of it with ``significance``, the networks shared by 2 processes (started before the clock) and, beside,
in one. The peer is what one would write without creditgraph: a loop over matrices, each read by
``networkx.from_numpy_array``, turned into an igraph graph, and searched by ``leidenalg.find_partition`` with 5 seeds,
by its default of 2 iterations and to convergence (-1). It gets the very same graphs, but only a sample of them in each
repeat, since all would take a quarter of an hour; seconds are compared per graph, which is all the extrapolation.
"""

from __future__ import annotations

from itertools import cycle, islice

import igraph
import leidenalg
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from measure import parser, ratio, side_by_side, write_results

from creditgraph.analysis import Significance, significance
from creditgraph.graphs import WeightGraph, null_models
from creditgraph.guard import work_through
from creditgraph.train import ConnectomeSimulation

LEARNING_RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0]
PRUNING = 0.8
RESTARTS = 5
PROCESSES = 2
OURS, ALONE = f"creditgraph, {PROCESSES} processes", "creditgraph, one process"
PEERS = {"networkx and leidenalg, 2 iterations": 2, "networkx and leidenalg, to convergence": -1}


def networks(n: int, seeds: int, iterations: int) -> list[WeightGraph]:
    """Networks of algorithm 1, learning rates in turns."""
    simulation = ConnectomeSimulation(n=n, learning_rates=LEARNING_RATES, pruning=[PRUNING], seeds=range(seeds))
    weights = simulation.run(iterations=iterations).weights.numpy()
    order = np.arange(len(weights)).reshape(len(LEARNING_RATES), seeds).T.ravel()
    return [WeightGraph.from_matrix(weights[i]) for i in order]


class Ours:
    """Analyses the next networks of a sweep at each call, and keeps what it found."""

    def __init__(self, sweep: list[WeightGraph], at_once: int, samples: int, processes: int) -> None:
        self.next = cycle(enumerate(sweep))
        self.at_once, self.samples, self.processes = at_once, samples, processes
        self.found: dict[int, Significance] = {}

    def __call__(self) -> None:
        """Analyse."""
        items = [(number, g, self.samples) for number, g in islice(self.next, self.at_once)]
        self.found |= dict(work_through(analysed, items, workers=self.processes))


def analysed(item: tuple[int, WeightGraph, int]) -> tuple[int, Significance]:
    """Network number, graph and samples -> number and what significance finds."""
    number, g, samples = item
    return number, significance(g, samples=samples, restarts=RESTARTS, seed=number)


class Peer:
    """Searches the next network of the sweep and the first of its null samples at each call."""

    def __init__(self, sweep: list[WeightGraph], stride: int, nulls: int, samples: int, iterations: int) -> None:
        self.iterations, self.nulls = iterations, nulls
        self.found: dict[int, list[float]] = {}
        self.matrices = {
            number: [matrix(g) for g in islice(self._graphs(g, number, samples), 1 + nulls)]
            for number, g in islice(enumerate(sweep), 0, None, stride)
        }
        self.next = cycle(self.matrices)

    @staticmethod
    def _graphs(g: WeightGraph, number: int, samples: int):
        yield g
        yield from null_models(g.view("absolute"), "shuffle_nonzero", samples=samples, seed=number)

    def __call__(self) -> None:
        """Search."""
        number = next(self.next)
        self.found[number] = [self._best(weights) for weights in self.matrices[number]]

    def _best(self, weights: npt.NDArray[np.float64]) -> float:
        graph = igraph.Graph.from_networkx(nx.from_numpy_array(weights))
        return max(
            leidenalg.find_partition(
                graph,
                leidenalg.ModularityVertexPartition,
                weights="weight",
                n_iterations=self.iterations,
                seed=seed,
            ).quality()
            for seed in range(RESTARTS)
        )


def matrix(g: WeightGraph) -> npt.NDArray[np.float64]:
    """``|W| + |W|^T``, a self-synapse once: networkx makes an edge of it, which counts for both its ends."""
    weights = g.adjacency(weights="absolute")
    return weights + weights.T - np.diag(np.diag(weights))


def main() -> None:
    """Time, compare, write."""
    options = parser(__doc__).parse_args()
    n, seeds, iterations, samples, repeats = (60, 1, 50, 3, 2) if options.quick else (300, 5, 300, 20, 5)
    sweep = networks(n, seeds, iterations)
    at_once, nulls = len(sweep) // (repeats if not options.quick else 2), 2 if options.quick else 3
    contestants: dict[str, Ours | Peer] = {
        OURS: Ours(sweep, at_once, samples, PROCESSES),
        ALONE: Ours(sweep, max(at_once // 4, 1), samples, 1),
    }
    for name, steps in PEERS.items():
        contestants[name] = Peer(sweep, at_once, nulls, samples, steps)
    seconds = side_by_side(contestants, repeats=repeats)
    graphs = {
        name: contestant.at_once * (1 + samples) if isinstance(contestant, Ours) else 1 + nulls
        for name, contestant in contestants.items()
    }
    seconds["seconds"] /= seconds["contestant"].map(graphs)
    print(f"{len(sweep)} networks of {n} neurons, {samples} null samples, {RESTARTS} restarts; per graph:")
    ours = contestants[OURS]
    assert isinstance(ours, Ours)
    rows = []
    for name in contestants:
        own = seconds.loc[seconds["contestant"] == name, "seconds"]
        row = {"contestant": name, "milliseconds": 1e3 * own.median()}
        contestant = contestants[name]
        if isinstance(contestant, Peer):
            gaps = np.array(
                [
                    [ours.found[number].observed, *ours.found[number].null[:nulls]] - np.array(theirs)
                    for number, theirs in contestant.found.items()
                ]
            )
            row |= {
                "ratio": str(ratio(seconds, name, OURS)),
                "ratio_one_process": str(ratio(seconds, name, ALONE)),
                "graphs_compared": gaps.size,
                "q_ours_minus_theirs": gaps.mean(),
                "q_network_gap": gaps[:, 0].mean(),
                "lowest_gap": gaps.min(),
                "highest_gap": gaps.max(),
            }
        rows.append(row)
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    write_results("community_speed", {"summary": table, "seconds_per_graph": seconds}, options.out)


if __name__ == "__main__":
    main()
