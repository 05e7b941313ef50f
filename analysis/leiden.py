from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache

import igraph
import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import choice, real_number, true_or_false, whole_number
from .modularity import non_negative_view, score
from .partitions import Partition, relabelled

DIRECTIONS = ("maximise", "minimise")
OBJECTIVES = ("modularity",)

# Restart by restart, the engine starts from this many random groups (0: every neuron alone). Measured on 300 neurons
# with 18,000 synapses (Algorithm 1 at four learning rates, their shuffles, planted multipartite networks of 2 to 8
# groups): five restarts over 4, 2, 8, 3, 5 reach 98.6 % of the lowest Q known on average, 96.9 % at worst; five from 2
# groups 97.6 and 90.0, from 4 groups 98.3 and 94.2, from single neurons 98.6 and 94.8. Maximising, all starts do as
# well; on small graphs those from single neurons can all miss the optimum.
STARTS = {"maximise": (0, 2, 0, 4), "minimise": (4, 2, 8, 3, 5, 6)}

# Randomness of Leiden's refinement, on weights scaled to mean 1; 1e-6 to 1 make no difference on the networks above.
BETA = 0.01

# Up to this many neurons, minimising moves neurons along all pairs instead of synapses only (1,500: 1.1 million pairs).
COMPLETE_NEURONS = 1_500

# A restart has converged when an iteration of Leiden raises Q by no more than this. igraph's own test (n_iterations=-1)
# waits until no neuron moves, which with negative edges may never be.
PROGRESS = 1e-12

_engine = threading.Lock()


def leiden(
    g: WeightGraph,
    *,
    weights: str = "absolute",
    objective: str = "modularity",
    direction: str = "maximise",
    directed: bool = False,
    resolution: float = 1.0,
    restarts: int = 10,
    seed: int = 0,
) -> Partition:
    r"""Communities by the Leiden algorithm: the best of several restarts, each run to convergence.

    Maximal modularity finds communities that are connected within; minimal modularity finds anti-communities, connected
    across (off-diagonal blocks). The engine is igraph's. It is always given the constant Potts model with the neurons'
    strengths (Traag, Waltman and van Eck 2019),

    .. math:: \sum_{ij} \left(A_{ij} - \frac{\gamma}{2m} k_i k_j\right) \delta(g_i, g_j) = 2 m Q

    since its own modularity drops self-synapses and, in directed graphs, in-strengths. To minimise, it is given the
    negative of this sum as the weights of a complete graph: moves along synapses alone cannot bring neurons together
    that have no synapse between them, which is what anti-communities are made of. (Above 1,500 neurons a complete graph
    is too large, and moves follow synapses: expect less of minimal modularity there, above all of sparse graphs.) The
    result is scored by :func:`creditgraph.analysis.modularity`.

    Parameters
    ----------
    g
        The graph.
    weights
        View of the weights: "absolute", "positive", "negative", or "signed" where no weight is below 0.
    objective
        "modularity".
    direction
        "maximise" or "minimise".
    directed
        Whether the direction of synapses counts.
    resolution
        Gamma, above 0.
    restarts
        How many runs, at least 1; of equally good ones the first is taken.
    seed
        Seed of all restarts. The result depends on it and the graph only; the state of ``random`` is left alone, and
        igraph is left with the module ``random`` as its generator, its default.

    Returns
    -------
    Partition
        The best partition, and those of all restarts.

    Raises
    ------
    DataError
        If the view has no synapse or a negative weight.

    References
    ----------
    Traag, Waltman and van Eck, "From Louvain to Leiden", Scientific Reports 9 (2019). Minimising through negative
    weights, and starts from random groups, are ours.
    """
    choice("objective", objective, OBJECTIVES)
    choice("direction", direction, DIRECTIONS)
    real_number("resolution", resolution, above=0.0)
    whole_number("restarts", restarts, 1)
    whole_number("seed", seed, 0)
    landscape = Landscape.of(g, weights=weights, directed=directed)
    return landscape.search(direction, resolution=resolution, restarts=restarts, seed=seed)


@dataclass(frozen=True, eq=False)
class Landscape:
    """A view of a graph to be searched, any number of times.

    Parameters
    ----------
    view
        The graph without negative weights.
    weights, directed
        What the view is, and whether direction counts.
    lender
        A landscape with the same synapses, whose igraph graph serves this one too.
    """

    view: WeightGraph
    weights: str
    directed: bool
    lender: Landscape | None = None

    @classmethod
    def of(cls, g: WeightGraph, *, weights: str, directed: bool, like: Landscape | None = None) -> Landscape:
        """Landscape of a graph; one `like` it lends what it can."""
        true_or_false("directed", directed)
        view = non_negative_view(g, weights)
        same = (
            like is not None
            and like.directed == directed
            and like.view.n == view.n
            and np.array_equal(like.view.pre, view.pre)
            and np.array_equal(like.view.post, view.post)
        )
        return cls(view, weights, directed, like if same else None)

    def search(self, direction: str, *, resolution: float, restarts: int, seed: int) -> Partition:
        """Best partition of several restarts; see :func:`leiden`."""
        view = self.view
        isolated = (self._out + self._into) == 0
        minimise = direction == "minimise"
        complete = minimise and view.n <= COMPLETE_NEURONS
        engine = self._complete(resolution) if complete else self._sparse(resolution, -1.0 if minimise else 1.0)

        def value(membership: npt.NDArray[np.int64]) -> float:
            return (-1.0 if minimise else 1.0) * score(view, membership, resolution, self.directed)

        memberships = np.empty((restarts, view.n), dtype=np.int64)
        for restart in range(restarts):
            with _seeded(seed, restart) as generator:
                groups = STARTS[direction][restart % len(STARTS[direction])]
                start = generator.choices(range(groups), k=view.n) if groups else None
                found = engine.climb(start, value)
            memberships[restart] = relabelled(found, isolated)
        qualities = np.array([score(view, membership, resolution, self.directed) for membership in memberships])
        best = int(np.argmin(qualities) if minimise else np.argmax(qualities))
        return Partition(
            membership=memberships[best],
            quality=float(qualities[best]),
            objective="modularity",
            direction=direction,
            weights=self.weights,
            directed=self.directed,
            resolution=resolution,
            restarts=restarts,
            seed=seed,
            isolated=int(isolated.sum()),
            memberships=memberships,
            qualities=qualities,
        )

    @cached_property
    def _out(self) -> npt.NDArray[np.float64]:
        return np.bincount(self.view.pre, self.view.weight, self.view.n).astype(np.float64, copy=False)

    @cached_property
    def _into(self) -> npt.NDArray[np.float64]:
        return np.bincount(self.view.post, self.view.weight, self.view.n).astype(np.float64, copy=False)

    @cached_property
    def _joined(self) -> tuple[igraph.Graph, npt.NDArray[np.int64]]:
        """Graph of the pairs of neurons that synapses join, and the pair of each synapse (their count, of itself)."""
        if self.lender is not None:
            return self.lender._joined
        view = self.view
        pre, post = view.pre.astype(np.int64), view.post.astype(np.int64)
        if not self.directed:
            pre, post = np.minimum(pre, post), np.maximum(pre, post)
        places, pair = np.unique(np.where(pre == post, view.n**2, pre * view.n + post), return_inverse=True)
        places = places[places < view.n**2]
        sources, targets = np.divmod(places, view.n)
        edges = list(zip(sources.tolist(), targets.tolist(), strict=True))
        return igraph.Graph(view.n, edges, directed=self.directed), pair

    def _sparse(self, resolution: float, sign: float) -> _Engine:
        """Engine over pairs joined by synapses, with strengths as node weights."""
        graph, pair = self._joined
        pairs = graph.ecount()
        joined = np.bincount(pair, self.view.weight, pairs + 1)[:pairs]
        # the engine compares differences of quality to BETA: without a scale, its luck would depend on the unit
        scale = 1.0 / float(joined.mean()) if pairs else 1.0
        total = scale * float(self.view.weight.sum())
        out, into = scale * self._out, scale * self._into
        return _Engine(
            graph=graph,
            edge_weights=(sign * scale * joined).tolist(),
            node_weights=(out if self.directed else out + into).tolist(),
            node_in_weights=into.tolist() if self.directed else None,
            resolution=sign * resolution / (total if self.directed else 2.0 * total),
        )

    def _complete(self, resolution: float) -> _Engine:
        """Engine over all pairs, to minimise: each edge the negative of what its pair adds to modularity."""
        view, out, into = self.view, self._out, self._into
        total = float(view.weight.sum())
        graph, rows, columns = _all_pairs(view.n)
        matrix = np.zeros((view.n, view.n))
        matrix[view.post, view.pre] = view.weight
        if self.directed:
            expected = (out[rows] * into[columns] + into[rows] * out[columns]) / total
        else:
            strength = out + into
            expected = strength[rows] * strength[columns] / (2.0 * total)
        pairs = resolution * expected - (matrix[rows, columns] + matrix[columns, rows])
        size = float(np.abs(pairs).mean()) if len(pairs) else 0.0
        return _Engine(
            graph=graph,
            edge_weights=(pairs / size if size else pairs).tolist(),
            node_weights=[1.0] * view.n,
            node_in_weights=None,
            resolution=0.0,
        )


@dataclass(frozen=True, eq=False)
class _Engine:
    """igraph's Leiden algorithm for the constant Potts model, and all that it is given."""

    graph: igraph.Graph
    edge_weights: list[float]
    node_weights: list[float]
    node_in_weights: list[float] | None
    resolution: float

    def climb(self, start: list[int] | None, value: Callable[[npt.NDArray[np.int64]], float]) -> npt.NDArray[np.int64]:
        """Membership after as many iterations as raise its value.

        The engine's own quality will not do: it is divided by the sum of the edge weights, which may be 0.
        """
        found, reached = start, -math.inf
        while True:
            step = self.graph.community_leiden(
                objective_function="CPM",
                weights=self.edge_weights,
                node_weights=self.node_weights,
                node_in_weights=self.node_in_weights,
                resolution=self.resolution,
                beta=BETA,
                initial_membership=found,
                n_iterations=1,
            )
            found = step.membership
            membership = np.asarray(found, dtype=np.int64)
            gained = value(membership)
            if gained <= reached + PROGRESS:
                return membership
            reached = gained


@lru_cache(maxsize=1)
def _all_pairs(n: int) -> tuple[igraph.Graph, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Complete graph and the ends of its edges, in its order."""
    rows, columns = np.triu_indices(n, 1)
    return igraph.Graph.Full(n), rows, columns


@contextmanager
def _seeded(seed: int, restart: int) -> Iterator[random.Random]:
    """Give igraph a generator of our own, then the module ``random``: which it had before cannot be asked."""
    generator = random.Random(int(np.random.SeedSequence((seed, restart)).generate_state(1, np.uint64)[0]))
    with _engine:
        igraph.set_random_number_generator(generator)
        try:
            yield generator
        finally:
            igraph.set_random_number_generator(random)
