"""Undirected networks, which are symmetric graphs: an edge is a synapse each way, and both have one fate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..layers import layer_blocks
from ..weight_graph import WeightGraph

# a directed network is told by the first few synapses, without a search of all
FIRST = 64


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of a symmetric graph, self-synapses apart.

    Attributes
    ----------
    forward
        One synapse of each edge, by number: that from the lower layer, in a layer from the lower neuron.
    back
        Its counterpart, with the same weight.
    """

    forward: npt.NDArray[np.int64]
    back: npt.NDArray[np.int64]

    def blocks(self, g: WeightGraph) -> npt.NDArray[np.int64]:
        """Number of the block of layers of each edge."""
        return layer_blocks(g)[self.forward]

    def with_weights(self, g: WeightGraph, weight: npt.NDArray[np.float64]) -> WeightGraph:
        """The graph with these weights of the edges; self-synapses keep theirs."""
        every = g.weight.copy()
        every[self.forward] = every[self.back] = weight
        return g.with_weights(every)


def edges_of(g: WeightGraph) -> Edges | None:
    """Edges of a symmetric graph (``W = W^T`` to the bit, with an edge); None of any other, which is directed."""
    if not _symmetric(g, min(FIRST, g.synapses)) or not _symmetric(g, g.synapses):
        return None
    rank = np.zeros(g.n, dtype=np.int64) if g.layers is None else g.layers.astype(np.int64)
    lower = (rank[g.pre] < rank[g.post]) | ((rank[g.pre] == rank[g.post]) & (g.pre < g.post))
    forward = np.flatnonzero(lower)
    if not len(forward):
        return None
    return Edges(forward, _counterparts(g, len(lower))[forward])


def answers(g: WeightGraph) -> npt.NDArray[np.int64]:
    """Number of the synapse that answers each one the other way (a self-synapse itself), -1 where there is none."""
    partner = _counterparts(g, g.synapses)
    there = np.append(partner < g.synapses, False)[:-1]
    there[there] = (g.pre[partner[there]] == g.post[there]) & (g.post[partner[there]] == g.pre[there])
    return np.where(there, partner, -1)


def _symmetric(g: WeightGraph, first: int) -> bool:
    """Whether each of the first synapses has a counterpart of the same weight."""
    partner = _counterparts(g, first)
    found = partner < g.synapses
    if not found.all():
        return False
    same_ends = (g.pre[partner] == g.post[:first]) & (g.post[partner] == g.pre[:first])
    return bool((same_ends & (g.weight[partner] == g.weight[:first])).all())


def _counterparts(g: WeightGraph, first: int) -> npt.NDArray[np.int64]:
    """Where the counterpart of each of the first synapses is, or would be, in the order of synapses."""
    places = g.post.astype(np.int64) * g.n + g.pre
    mirrored = g.pre[:first].astype(np.int64) * g.n + g.post[:first]
    return np.searchsorted(places, mirrored)
