"""The null model that keeps strengths and the weights as a set: weights exchanged at random, strengths held nearly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from ..weight_graph import WeightGraph
from .undirected import edges_of

LOOSENESS = 0.1
"""Standard deviation of a strength, in root sums of squares of the neuron's weights."""

FEWEST_TRIES = 100_000
FIRST_SWEEPS, MOST_SWEEPS = 32, 4096
"""Exchanges tried, for each weight, before the chain is first looked at, and at most."""
SETTLED = 0.02
"""The chain ends when as many tries again take less from the correlation with what was given."""


def shuffle_strength(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Exchange the magnitudes of each sign among its synapses, or edges, and hold the strengths of that sign nearly.

    Self-synapses of an undirected network are no edges: they stay.
    """
    edges = edges_of(g)
    places = np.arange(g.synapses) if edges is None else edges.forward
    weight = g.weight[places]
    pre, post = g.pre[places].astype(np.int64), g.post[places].astype(np.int64)
    for sign in (1.0, -1.0):
        part = np.flatnonzero(sign * weight > 0)
        # an undirected neuron has one strength, and any other an outgoing and an incoming one
        ends = np.stack([pre[part], post[part] + (g.n if edges is None else 0)], axis=1)
        weight[part] = sign * _exchanged(sign * weight[part], ends, edges is not None, generator)
    return g.with_weights(weight) if edges is None else edges.with_weights(g, weight)


def _exchanged(
    magnitude: npt.NDArray[np.float64], ends: npt.NDArray[np.int64], undirected: bool, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """The magnitudes, put where the chain left them."""
    if len(magnitude) < 2 or magnitude.min() == magnitude.max():
        return magnitude
    chain = _Chain.of(magnitude, ends, undirected)
    until_settled(len(magnitude), lambda tries: _exchange(*chain, tries, generator), lambda: chain.rank)
    return np.sort(magnitude)[chain.rank]


def until_settled(
    places: int, exchange: Callable[[int], object], ranks: Callable[[], npt.NDArray[np.float64 | np.int64]]
) -> None:
    """Exchange what is on some places until it hardly moves further from where it was.

    Parameters
    ----------
    places
        How many there are.
    exchange
        Tries so many exchanges.
    ranks
        Ranks of what is on each place.
    """
    start = ranks().copy()
    tries, most = (max(sweeps * places, FEWEST_TRIES) for sweeps in (FIRST_SWEEPS, MOST_SWEEPS))
    done, alike = 0, 1.0
    while done < most:
        exchange(tries - done)
        done, before, alike = tries, alike, float(np.corrcoef(ranks(), start)[0, 1])
        if before - alike < SETTLED:
            break
        tries = min(2 * done, most)


class _Chain(NamedTuple):
    """Where the weights are, by their ranks, and how far strengths are from those of the start.

    Attributes
    ----------
    weight
        Magnitudes in ascending order, as shares of the largest.
    place, rank
        Which synapse each of them is on, and which of them each synapse has.
    ends
        Of each synapse, the numbers of its two strengths, (synapses, 2).
    keys, found
        The ends of all synapses, each pair as one number, in ascending order, and which synapse it is of.
    undirected
        Whether the two ends are of one kind.
    deviation, precision
        Of each strength, how much more it is, and one over its variance.
    """

    weight: npt.NDArray[np.float64]
    place: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    found: npt.NDArray[np.int64]
    undirected: bool
    deviation: npt.NDArray[np.float64]
    precision: npt.NDArray[np.float64]

    @classmethod
    def of(cls, magnitude: npt.NDArray[np.float64], ends: npt.NDArray[np.int64], undirected: bool) -> _Chain:
        """The chain at its start."""
        place = np.argsort(magnitude, kind="stable")
        rank = np.empty_like(place)
        rank[place] = np.arange(len(place))
        # without a scale, squares of the largest numbers would overflow
        share = magnitude / magnitude.max()
        squares = np.bincount(ends.ravel(), np.repeat(share**2, 2))
        precision = 1.0 / np.maximum(LOOSENESS**2 * squares, np.finfo(np.float64).tiny)
        keys = ends.min(axis=1) * len(squares) + ends.max(axis=1)
        found = np.argsort(keys)
        return cls(share[place], place, rank, ends, keys[found], found, undirected, np.zeros(len(squares)), precision)


@njit(nogil=True, cache=True)
def _exchange(  # type: ignore[no-untyped-def]
    weight, place, rank, ends, keys, found, undirected, deviation, precision, tries, generator
):
    """Try so many exchanges of the weights of synapses a and b, of ranks whose distance is log-uniform (Metropolis).

    By the toss of a coin they change places with each other, or with those of the two synapses that join an end of a to
    an end of b, as in rewiring: so a strong synapse moves that is most of a neuron's strength. The way back is as
    likely, whatever the ranks of the other two.
    """
    count = len(weight)
    longest = math.log(count)
    for _ in range(tries):
        one = int(generator.random() * count)
        apart = int(math.exp(generator.random() * longest))
        two = one + apart if generator.random() < 0.5 else one - apart
        if two < 0 or two >= count:
            continue
        a, b = place[one], place[two]
        held = (deviation[ends[a, 0]], deviation[ends[a, 1]], deviation[ends[b, 0]], deviation[ends[b, 1]])
        if generator.random() < 0.5:
            energy = _swap(a, b, weight, place, rank, ends, deviation, precision)
            if energy > 0.0 and generator.random() >= math.exp(-0.5 * energy):
                _swap(a, b, weight, place, rank, ends, deviation, precision)
                _hold(held, a, b, ends, deviation)
            continue
        turned = undirected and generator.random() < 0.5
        c = _between(ends[a, 0], ends[b, 0 if turned else 1], keys, found, len(deviation))
        d = _between(ends[b, 1 if turned else 0], ends[a, 1], keys, found, len(deviation))
        if c < 0 or d < 0 or c in (a, b):
            continue
        if generator.random() < 0.5:
            c, d = d, c
        energy = _swap(a, c, weight, place, rank, ends, deviation, precision)
        energy += _swap(b, d, weight, place, rank, ends, deviation, precision)
        if energy > 0.0 and generator.random() >= math.exp(-0.5 * energy):
            _swap(a, c, weight, place, rank, ends, deviation, precision)
            _swap(b, d, weight, place, rank, ends, deviation, precision)
            _hold(held, a, b, ends, deviation)


@njit(nogil=True, cache=True)
def _hold(held, a, b, ends, deviation):  # type: ignore[no-untyped-def]
    """Put back four strengths as they were, without the rounding of what was added and taken away."""
    deviation[ends[a, 0]], deviation[ends[a, 1]], deviation[ends[b, 0]], deviation[ends[b, 1]] = held


@njit(nogil=True, cache=True)
def _between(one, other, keys, found, strengths):  # type: ignore[no-untyped-def]
    """The synapse with these two ends, or -1."""
    return find(min(one, other) * strengths + max(one, other), keys, found)


@njit(nogil=True, cache=True)
def find(key, keys, found):  # type: ignore[no-untyped-def]
    """What has this one of some rising keys, or -1."""
    at = np.searchsorted(keys, key)
    return found[at] if at < len(keys) and keys[at] == key else -1


@njit(nogil=True, cache=True)
def _swap(a, b, weight, place, rank, ends, deviation, precision):  # type: ignore[no-untyped-def]
    """Exchange the weights of two synapses; by how much the energy grows."""
    gain = weight[rank[b]] - weight[rank[a]]
    rank[a], rank[b] = rank[b], rank[a]
    place[rank[a]], place[rank[b]] = a, b
    energy = 0.0
    for end in range(2):
        energy += _add(gain, ends[a, end], deviation, precision) + _add(-gain, ends[b, end], deviation, precision)
    return energy


@njit(nogil=True, cache=True)
def _add(gain, strength, deviation, precision):  # type: ignore[no-untyped-def]
    """Add to a strength; by how much its part of the energy grows."""
    before = deviation[strength]
    deviation[strength] = before + gain
    return precision[strength] * gain * (2.0 * before + gain)
