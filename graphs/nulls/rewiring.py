"""The null model that keeps degrees: exchanges of the ends of synapses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..layers import layer_blocks
from ..ranks import places_within
from ..weight_graph import WeightGraph
from .undirected import edges_of

# exchanges of a synapse on average, before the last rounds
EXCHANGES = 10

# rounds at the end, so that where the chain stops depends on no count of exchanges
LAST_ROUNDS = 10

# rounds without any exchange after which there is none to be found, and rounds at most
IDLE_ROUNDS = 100
MOST_ROUNDS = 2000

# places of a matrix that are counted in a table rather than sorted
TABLE = 1 << 25


def rewire(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Exchange the ends of synapses a -> b, c -> d to a -> d, c -> b, within each block of layers.

    Edges of an undirected network exchange theirs to a - d, c - b or to a - c, d - b, by the toss of a coin.

    In each round synapses are paired at random and half of the pairs try. A pair succeeds if none of the four places
    concerned, old and new, is occupied or tried by any other synapse. That rule reads the same backwards in time, so
    every wiring that can be reached is equally likely in the end.
    """
    edges = edges_of(g)
    # the ends of what moves: of an edge, one of its two synapses
    chosen = np.flatnonzero(g.pre != g.post) if edges is None else edges.forward
    chosen = chosen[np.argsort(layer_blocks(g)[chosen], kind="stable")]
    block = layer_blocks(g)[chosen]
    ends = _Ends(g.n, g.pre[chosen].astype(np.int64), g.post[chosen].astype(np.int64), edges is not None)
    # an edge within a layer has no direction, one between two layers has
    turning = np.zeros(len(chosen), dtype=bool)
    if edges is not None:
        turning[:] = True if g.layers is None else g.layers[ends.pre] == g.layers[ends.post]
    # within each block, what is at places 0, 2, ... of a random order is paired with what is at 1, 3, ...
    counts = np.unique(block, return_counts=True)[1]
    place = places_within(counts)
    left = np.flatnonzero((place % 2 == 0) & (place + 1 < np.repeat(counts, counts)))
    exchanged, idle = 0, 0
    remaining = MOST_ROUNDS
    while remaining:
        remaining -= 1
        order = generator.permutation(len(chosen))
        order = order[np.argsort(block[order], kind="stable")]
        tried = left[generator.random(len(left)) < 0.5]
        if turning.any():
            ends.turn(np.flatnonzero(turning & (generator.random(len(chosen)) < 0.5)))
        done = ends.exchange(order[tried], order[tried + 1])
        before, exchanged = exchanged, exchanged + 2 * done
        idle = 0 if done else idle + 1
        if idle == IDLE_ROUNDS:
            break
        if before < EXCHANGES * len(chosen) <= exchanged:
            remaining = min(remaining, LAST_ROUNDS)
    if not exchanged:
        raise DataError(
            "synapses: no two can exchange their ends, so the null model rewire changes nothing; shuffle the weights"
        )
    pre, post = g.pre.astype(np.int64), g.post.astype(np.int64)
    pre[chosen], post[chosen] = ends.pre, ends.post
    if edges is not None:
        back = edges.back[np.searchsorted(edges.forward, chosen)]
        pre[back], post[back] = ends.post, ends.pre
    return replace(g, pre=pre.astype(np.int32), post=post.astype(np.int32))


@dataclass(eq=False)
class _Ends:
    """Where synapses, or edges, begin and end.

    Attributes
    ----------
    n
        Neurons.
    pre, post
        Both ends of each, exchanged in place.
    undirected
        Whether they are edges, for which a -> b and b -> a are one place.
    """

    n: int
    pre: npt.NDArray[np.int64]
    post: npt.NDArray[np.int64]
    undirected: bool

    def turn(self, some: npt.NDArray[np.int64]) -> None:
        """Call the other end of some edges the first."""
        self.pre[some], self.post[some] = self.post[some], self.pre[some]

    def exchange(self, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> int:
        """Exchange the ends of pairs where that is possible; return how many pairs did."""
        pre, post = self.pre, self.post
        old = self._places(pre, post)
        new_one, new_other = self._places(pre[one], post[other]), self._places(pre[other], post[one])
        times = _occurrences(np.concatenate([old, new_one, new_other]), self.n)
        at_old, at_one, at_other = np.split(times, [len(old), len(old) + len(one)])
        free = (at_old[one] == 1) & (at_old[other] == 1) & (at_one == 1) & (at_other == 1)
        free &= (pre[one] != post[other]) & (pre[other] != post[one])
        one, other = one[free], other[free]
        post[one], post[other] = post[other], post[one]
        return len(one)

    def _places(self, pre: npt.NDArray[np.int64], post: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if self.undirected:
            pre, post = np.minimum(pre, post), np.maximum(pre, post)
        return pre * self.n + post


def _occurrences(places: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """How often each entry occurs among places of an n x n matrix."""
    if n * n <= TABLE:
        return np.bincount(places, minlength=1)[places]
    _, which, counts = np.unique(places, return_inverse=True, return_counts=True)
    return counts[which]
