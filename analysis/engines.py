"""The Leiden algorithms of igraph and leidenalg, each given an objective as what it can optimise."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import igraph
import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import DataError
from .objectives import Objective

Labels = npt.NDArray[np.int64]

# Randomness of Leiden's refinement, on weights scaled to mean 1; 1e-6 to 1 make no difference on networks of 300.
BETA = 0.01

# A restart has converged when an iteration of Leiden raises the value by no more than this. igraph's own test
# (n_iterations=-1) waits until no neuron moves, which with negative edges may never be.
PROGRESS = 1e-12

_igraph = threading.Lock()


class Engine(Protocol):
    """One iteration of Leiden at a time."""

    def iterate(self, membership: list[int] | None, generator: random.Random) -> list[int]:
        """Membership after one more iteration; None is every neuron alone."""


def climb(
    engine: Engine,
    value: Callable[[Labels], float],
    *,
    start: list[int] | None,
    generator: random.Random,
    reached: float = -math.inf,
) -> Labels:
    """Membership after as many iterations as raise its value above what the start has `reached`.

    The engine's own quality will not do: each library leaves out another part of it, or divides by what may be 0.
    """
    best, found = start, start
    while True:
        found = engine.iterate(found, generator)
        gained = value(np.asarray(found, dtype=np.int64))
        if gained >= reached or best is None:
            best = found
        if gained <= reached + PROGRESS:
            return np.asarray(best, dtype=np.int64)
        reached = gained


@dataclass(frozen=True, eq=False)
class IgraphEngine:
    """igraph's Leiden algorithm for the constant Potts model, and all that it is given."""

    graph: igraph.Graph
    edge_weights: list[float]
    node_weights: list[float]
    node_in_weights: list[float] | None
    resolution: float

    def iterate(self, membership: list[int] | None, generator: random.Random) -> list[int]:
        """Membership after one more iteration; `generator` is the one that igraph was given, see :func:`seeded`."""
        del generator
        found: list[int] = self.graph.community_leiden(
            objective_function="CPM",
            weights=self.edge_weights,
            node_weights=self.node_weights,
            node_in_weights=self.node_in_weights,
            resolution=self.resolution,
            beta=BETA,
            initial_membership=membership,
            n_iterations=1,
        ).membership
        return found


@dataclass(frozen=True, eq=False)
class Layer:
    """A graph of leidenalg's multiplex, in which every neuron is a vertex.

    Parameters
    ----------
    graph, edge_weights
        The graph; an edge in each direction, or none.
    resolution
        Of its configuration model; 0 for none.
    share
        How much its quality counts for, per unit of its weight; below 0, against.
    """

    graph: igraph.Graph
    edge_weights: list[float]
    resolution: float
    share: float


@dataclass(frozen=True, eq=False)
class LeidenalgEngine:
    """leidenalg's Leiden algorithm for layers with a configuration model each, moving along their synapses."""

    layers: tuple[Layer, ...]

    def iterate(self, membership: list[int] | None, generator: random.Random) -> list[int]:
        """Membership after one more iteration.

        Raises
        ------
        DataError
            If leidenalg refuses the graph.
        """
        # most searches are igraph's
        import leidenalg

        optimiser = leidenalg.Optimiser()
        # it takes signed numbers of 32 bits
        optimiser.set_rng_seed(generator.getrandbits(31))
        try:
            partitions = [
                leidenalg.RBConfigurationVertexPartition(
                    layer.graph,
                    initial_membership=membership,
                    weights=layer.edge_weights,
                    resolution_parameter=layer.resolution,
                )
                for layer in self.layers
            ]
            optimiser.optimise_partition_multiplex(
                partitions, layer_weights=[layer.share for layer in self.layers], n_iterations=1
            )
        except BaseException as error:
            # leidenalg raises nothing more special, which `except Exception` would miss
            if type(error) is not BaseException:
                raise
            raise DataError(f"weights: leidenalg does not take this graph: {error}") from error
        found: list[int] = partitions[0].membership
        return found


def sparse_engine(
    objective: Objective, sign: float, joined: tuple[igraph.Graph, npt.NDArray[np.int64]]
) -> IgraphEngine:
    """Engine over the pairs that synapses join, for an objective of one part; `sign` -1 to minimise.

    igraph's own modularity drops self-synapses and, in directed graphs, in-strengths; its constant Potts model with
    strengths as node weights does not.
    """
    (part,) = objective.parts
    graph, pair = joined
    pairs = graph.ecount()
    weight = np.bincount(pair, objective.view.weight, pairs + 1)[:pairs]
    # the engine compares differences of quality to BETA: without a scale, its luck would depend on the unit
    size = float(np.abs(weight).mean()) if pairs else 0.0
    scale = sign / size if size else sign
    factor = part.factor * objective.unit * scale
    return IgraphEngine(
        graph=graph,
        edge_weights=(scale * weight).tolist(),
        node_weights=part.out.tolist(),
        node_in_weights=part.into.tolist() if objective.directed else None,
        # an undirected community is charged for half the square of its node weights
        resolution=factor if objective.directed else 2.0 * factor,
    )


def joined_pairs(view: WeightGraph, *, directed: bool) -> tuple[igraph.Graph, npt.NDArray[np.int64]]:
    """Graph of the pairs of neurons that synapses join, and the pair of each synapse (their count, of itself)."""
    pre, post = view.pre.astype(np.int64), view.post.astype(np.int64)
    if not directed:
        pre, post = np.minimum(pre, post), np.maximum(pre, post)
    places, pair = np.unique(np.where(pre == post, view.n**2, pre * view.n + post), return_inverse=True)
    places = places[places < view.n**2]
    sources, targets = np.divmod(places, view.n)
    edges = list(zip(sources.tolist(), targets.tolist(), strict=True))
    return igraph.Graph(view.n, edges, directed=directed), pair


def complete_engine(objective: Objective, sign: float) -> IgraphEngine:
    """Engine over all pairs of neurons, each edge what its pair adds to the objective; `sign` -1 to minimise."""
    graph, rows, columns = _all_pairs(objective.view.n)
    return pair_engine(graph, sign * objective.pairs()[rows, columns])


def pair_engine(graph: igraph.Graph, pairs: npt.NDArray[np.float64]) -> IgraphEngine:
    """Engine of the sum over edges within communities, and nothing else."""
    size = float(np.abs(pairs).mean()) if len(pairs) else 0.0
    return IgraphEngine(
        graph=graph,
        edge_weights=(pairs / size if size else pairs).tolist(),
        node_weights=[1.0] * graph.vcount(),
        node_in_weights=None,
        resolution=0.0,
    )


def multiplex_engine(objective: Objective, sign: float) -> LeidenalgEngine:
    """Engine over the synapses of every part of an objective; `sign` -1 to minimise."""
    view = objective.view
    layers = []
    for part in objective.parts:
        synapses = part.synapses
        graph = igraph.Graph(
            view.n,
            list(zip(view.pre[synapses].tolist(), view.post[synapses].tolist(), strict=True)),
            directed=objective.directed,
        )
        weight = np.abs(view.weight[synapses]).tolist()
        layers.append(Layer(graph, weight, objective.resolution, sign * part.sign / objective.unit))
    return LeidenalgEngine(tuple(layers))


@contextmanager
def seeded(seed: int, restart: int) -> Iterator[random.Random]:
    """Give igraph a generator of our own, then the module ``random``: which it had before cannot be asked."""
    generator = random.Random(int(np.random.SeedSequence((seed, restart)).generate_state(1, np.uint64)[0]))
    with _igraph:
        igraph.set_random_number_generator(generator)
        try:
            yield generator
        finally:
            igraph.set_random_number_generator(random)


@lru_cache(maxsize=1)
def _all_pairs(n: int) -> tuple[igraph.Graph, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Complete graph and the ends of its edges, in its order."""
    rows, columns = np.triu_indices(n, 1)
    return igraph.Graph.Full(n), rows, columns
