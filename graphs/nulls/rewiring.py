"""The null model that keeps degrees: exchanges of the ends of synapses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..ranks import places_within
from ..weight_graph import WeightGraph, layer_blocks

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

    In each round synapses are paired at random and half of the pairs try. A pair succeeds if none of the four places
    concerned, old and new, is occupied or tried by any other synapse. That rule reads the same backwards in time, so
    every wiring that can be reached is equally likely in the end.
    """
    moving = np.flatnonzero(g.pre != g.post)
    moving = moving[np.argsort(layer_blocks(g)[moving], kind="stable")]
    block = layer_blocks(g)[moving]
    # within each block, the synapses at places 0, 2, ... of a random order are paired with those at 1, 3, ...
    counts = np.unique(block, return_counts=True)[1]
    place = places_within(counts)
    left = np.flatnonzero((place % 2 == 0) & (place + 1 < np.repeat(counts, counts)))
    post, exchanged, idle = g.post.astype(np.int64), 0, 0
    remaining = MOST_ROUNDS
    while remaining:
        remaining -= 1
        order = generator.permutation(len(moving))
        order = moving[order[np.argsort(block[order], kind="stable")]]
        tried = left[generator.random(len(left)) < 0.5]
        done = _exchange(g, post, order[tried], order[tried + 1])
        before, exchanged = exchanged, exchanged + 2 * done
        idle = 0 if done else idle + 1
        if idle == IDLE_ROUNDS:
            break
        if before < EXCHANGES * len(moving) <= exchanged:
            remaining = min(remaining, LAST_ROUNDS)
    if not exchanged:
        raise DataError(
            "synapses: no two can exchange their ends, so the null model rewire changes nothing; shuffle the weights"
        )
    return replace(g, post=post.astype(np.int32))


def _exchange(g: WeightGraph, post: npt.NDArray[Any], one: npt.NDArray[Any], other: npt.NDArray[Any]) -> int:
    """Exchange the ends of pairs of synapses where that is possible, in place; return how many pairs did."""
    pre = g.pre.astype(np.int64)
    old = pre * g.n + post
    new_one, new_other = pre[one] * g.n + post[other], pre[other] * g.n + post[one]
    times = _occurrences(np.concatenate([old, new_one, new_other]), g.n)
    at_old, at_one, at_other = np.split(times, [len(old), len(old) + len(one)])
    free = (at_old[one] == 1) & (at_old[other] == 1) & (at_one == 1) & (at_other == 1)
    free &= (g.pre[one] != post[other]) & (g.pre[other] != post[one])
    one, other = one[free], other[free]
    post[one], post[other] = post[other], post[one]
    return len(one)


def _occurrences(places: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """How often each entry occurs among places of an n x n matrix."""
    if n * n <= TABLE:
        return np.bincount(places, minlength=1)[places]
    _, which, counts = np.unique(places, return_inverse=True, return_counts=True)
    return counts[which]
