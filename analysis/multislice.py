from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import igraph
import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..graphs.weight_graph import weight_graph
from ..guard import DataError, counted, real_number, whole_number, work_through, worker_count
from .engines import Engine, Layer, LeidenalgEngine, climb, joined_pairs, pair_engine, seeded
from .membership import community_labels
from .objectives import Objective, objective_of, view_for
from .partitions import relabelled

# Restart by restart, each slice starts from this many random groups of neurons, the same in all (0: everyone alone).
STARTS = (0, 8, 0, 4)

# Up to this many pairs of neurons in all slices together, moves follow all of them instead of synapses only.
PAIRS = 1_200_000


@dataclass(frozen=True, eq=False, repr=False)
class MultislicePartition:
    """Neurons of several slices divided into communities that may reach over slices.

    Parameters
    ----------
    memberships
        Community of each neuron in each slice, shape (slices, n); labels from 0 by falling size over all slices.
    quality
        Multislice modularity; see :func:`multislice_modularity`.
    qualities
        That of every restart, shape (restarts,).
    coupling, weights, resolution, restarts, seed
        What was asked; see :func:`multislice`.
    """

    memberships: npt.NDArray[np.int64]
    quality: float
    qualities: npt.NDArray[np.float64]
    coupling: float
    weights: str
    resolution: float
    restarts: int
    seed: int

    @property
    def communities(self) -> int:
        """Count of communities in all slices together."""
        return int(self.memberships.max()) + 1

    def __repr__(self) -> str:
        slices, n = self.memberships.shape
        return (
            f"MultislicePartition(slices={slices}, neurons={n}, communities={self.communities},"
            f" quality={self.quality:.6g}, coupling={self.coupling:g}, weights={self.weights!r},"
            f" resolution={self.resolution:g}, restarts={self.restarts}, seed={self.seed})"
        )


def multislice(
    graphs: Sequence[WeightGraph],
    *,
    coupling: float = 1.0,
    weights: str = "absolute",
    resolution: float = 1.0,
    restarts: int = 5,
    seed: int = 0,
    workers: int | None = 1,
) -> MultislicePartition:
    """Communities of a network over time: the partition of all slices with the highest multislice modularity.

    Up to 1.2 million pairs of neurons in all slices together the engine is igraph's Leiden algorithm: each pair within
    a slice is an edge that weighs what it adds, and each neuron is tied to itself in the next slice. That is faster and
    finds more than the multiplex of leidenalg, which is used above.

    Parameters
    ----------
    graphs
        The slices in their order, all of the same neurons.
    coupling
        What it is worth that a neuron stays in its community from one slice to the next, at least 0, in units of the
        mean weight of the pairs of neurons that synapses join; 0 leaves slices to themselves.
    weights
        View of the weights, of all slices.
    resolution
        Gamma, above 0.
    restarts
        How many runs; the best is taken, of equally good ones the first.
    seed
        Seed of all restarts; the result does not depend on `workers`.
    workers
        How many processes share the restarts; None for one each core.

    Returns
    -------
    MultislicePartition
        The best partition.

    Raises
    ------
    DataError
        If there is no slice, their neurons differ in number, or a slice has no synapse or a negative weight.

    References
    ----------
    Mucha et al., "Community structure in time-dependent, multiscale, and multiplex networks", Science 328 (2010).
    """
    whole_number("restarts", restarts, 1)
    whole_number("seed", seed, 0)
    stack = _stack(graphs, coupling=coupling, weights=weights, resolution=resolution)
    share = min(worker_count(workers), restarts)
    tasks = [_Restarts(stack, seed, range(first, restarts, share)) for first in range(share)]
    slices, n = len(stack.slices), stack.neurons
    found = np.empty((restarts, slices * n), dtype=np.int64)
    for climbed in work_through(_climbs, tasks, workers=share):
        for restart, membership in climbed:
            found[restart] = relabelled(membership, np.zeros(slices * n, dtype=np.bool_))
    qualities = np.array([stack.value(membership) for membership in found])
    best = int(np.argmax(qualities))
    return MultislicePartition(
        memberships=found[best].reshape(slices, n),
        quality=float(qualities[best]),
        qualities=qualities,
        coupling=coupling,
        weights=weights,
        resolution=resolution,
        restarts=restarts,
        seed=seed,
    )


def multislice_modularity(
    graphs: Sequence[WeightGraph],
    memberships: Any,
    *,
    coupling: float = 1.0,
    weights: str = "absolute",
    resolution: float = 1.0,
) -> float:
    r"""Modularity of a partition of several slices.

    With ``A_s = V_s + V_s^T`` the undirected weights of slice s, ``k_is`` and ``2 m_s`` their sums:

    .. math:: Q = \frac{1}{2\mu} \left[ \sum_s \sum_{ij} \left(A_{ijs} - \gamma \frac{k_{is} k_{js}}{2 m_s}\right)
        \delta(g_{is}, g_{js}) + 2 \omega \sum_s \sum_i \delta(g_{is}, g_{i,s+1}) \right]

    with ``2 mu`` the sum of all ``2 m_s`` and of ``2 omega`` for each tie of a neuron to itself in the next slice.
    Each slice is scaled first, so that the pairs of neurons that synapses join have weight 1 on average: weights that
    grow in training do not outweigh earlier slices, and `coupling` (omega) means the same for any network. The scale is
    ours.

    Parameters
    ----------
    graphs, coupling, weights, resolution
        As for :func:`multislice`.
    memberships
        Community of each neuron in each slice, whole numbers, shape (slices, n).

    Raises
    ------
    DataError
        As for :func:`multislice`, or if the memberships have another shape.

    References
    ----------
    Mucha et al., "Community structure in time-dependent, multiscale, and multiplex networks", Science 328 (2010).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> multislice_modularity([g, g], [[0, 0, 1, 1], [0, 0, 1, 1]], coupling=0.0)
    0.5
    >>> multislice_modularity([g, g], [[0, 0, 1, 1], [0, 0, 1, 1]], coupling=1.0)
    0.75
    """
    stack = _stack(graphs, coupling=coupling, weights=weights, resolution=resolution)
    expected = (len(stack.slices), stack.neurons)
    given = np.asarray(memberships)
    if given.shape != expected:
        raise DataError(f"memberships: got an array of shape {given.shape}, expected {expected}, as slices and neurons")
    return stack.value(community_labels(given.ravel(), given.size))


@dataclass(frozen=True, eq=False)
class _Stack:
    """Slices, one after the other: neuron i of slice s has the number ``s n + i``."""

    slices: tuple[Objective, ...]
    coupling: float

    @property
    def neurons(self) -> int:
        return self.slices[0].view.n

    @property
    def total(self) -> float:
        return sum(one.unit for one in self.slices) + self.coupling * self.neurons * (len(self.slices) - 1)

    def value(self, membership: npt.NDArray[np.int64]) -> float:
        labels = membership.reshape(len(self.slices), self.neurons)
        within = sum(one.unit * one.value(own) for one, own in zip(self.slices, labels, strict=True))
        stayed = int((labels[1:] == labels[:-1]).sum())
        return (within + self.coupling * stayed) / self.total

    def ties(self) -> list[tuple[int, int]]:
        """A neuron and itself in the next slice."""
        last = self.neurons * (len(self.slices) - 1)
        return [(i, i + self.neurons) for i in range(last)]

    def engine(self) -> Engine:
        n, count = self.neurons, len(self.slices)
        rows, columns = np.triu_indices(n, 1)
        if len(rows) * count > PAIRS:
            return self._multiplex()
        edges: list[tuple[int, int]] = []
        for s in range(count):
            edges += zip((rows + s * n).tolist(), (columns + s * n).tolist(), strict=True)
        pairs = [one.unit * one.pairs()[rows, columns] for one in self.slices]
        ties = self.ties()
        weight = np.concatenate([*pairs, np.full(len(ties), self.coupling)])
        return pair_engine(igraph.Graph(n * count, edges + ties), weight)

    def _multiplex(self) -> LeidenalgEngine:
        n, count = self.neurons, len(self.slices)
        layers = []
        for s, one in enumerate(self.slices):
            edges = zip((one.view.pre + s * n).tolist(), (one.view.post + s * n).tolist(), strict=True)
            graph = igraph.Graph(n * count, list(edges))
            layers.append(Layer(graph, one.view.weight.tolist(), one.resolution, 1.0))
        ties = self.ties()
        if ties and self.coupling:
            layers.append(Layer(igraph.Graph(n * count, ties), [self.coupling] * len(ties), 0.0, 1.0))
        return LeidenalgEngine(tuple(layers))


@dataclass(frozen=True)
class _Restarts:
    """Restarts that one process runs, by their numbers."""

    stack: _Stack
    seed: int
    numbers: range


def _climbs(task: _Restarts) -> list[tuple[int, npt.NDArray[np.int64]]]:
    stack, engine, found = task.stack, task.stack.engine(), []
    for restart in task.numbers:
        with seeded(task.seed, restart) as generator:
            groups = STARTS[restart % len(STARTS)]
            start = generator.choices(range(groups), k=stack.neurons) * len(stack.slices) if groups else None
            found.append((restart, climb(engine, stack.value, start=start, generator=generator)))
    return found


def _stack(graphs: Sequence[WeightGraph], *, coupling: float, weights: str, resolution: float) -> _Stack:
    real_number("coupling", coupling, 0.0)
    real_number("resolution", resolution, above=0.0)
    if isinstance(graphs, WeightGraph) or not isinstance(graphs, Iterable):
        raise DataError(f"graphs: got a value of type {type(graphs).__name__}, expected a list of WeightGraph")
    given = [weight_graph(f"graphs[{number}]", g) for number, g in enumerate(graphs)]
    if not given:
        raise DataError("graphs: got no slice, expected at least one")
    for number, g in enumerate(given):
        if g.n != given[0].n:
            raise DataError(
                f"graphs[{number}]: got {counted(g.n, 'neuron')}, expected {given[0].n}, as in the first slice"
            )
    slices = []
    for g in given:
        view = view_for(g, "modularity", weights=weights, directed=False)
        pairs = joined_pairs(view, directed=False)[0].ecount()
        # nothing but self-synapses joins no pair
        mean = float(view.weight[view.pre != view.post].sum()) / pairs if pairs else float(view.weight.mean())
        view = view.with_weights(view.weight / mean)
        slices.append(objective_of(view, "modularity", directed=False, resolution=resolution))
    return _Stack(tuple(slices), coupling)
