"""The null model that keeps reciprocity and strengths: dyads exchanged at random, strengths held nearly."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from ..weight_graph import WeightGraph
from .exchanges import LOOSENESS, find, shuffle_strength, until_settled
from .undirected import answers, edges_of

ANSWERED, ALONE, SELF = range(3)
"""Kinds of dyads: a synapse each way, one without a counterpart, a self-synapse."""


def shuffle_dyads_strength(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Exchange the dyads of a kind, and hold the positive and negative in- and out-strengths nearly.

    Every edge of an undirected network answers itself, so its edges are exchanged as by :func:`shuffle_strength`.
    """
    if edges_of(g) is not None:
        return shuffle_strength(g, generator)
    if not g.synapses or g.weight.min() == g.weight.max():
        return g
    dyads = _Dyads.of(g)
    chain = _Chain.of(g, dyads)

    def ranks() -> npt.NDArray[np.float64]:
        return np.concatenate(chain.on_places(dyads.ranks))

    until_settled(len(dyads.kind), lambda tries: _exchange(*chain, tries, generator), ranks)
    weight = g.weight.copy()
    forward, back = chain.on_places(dyads.weights)
    weight[dyads.synapses[:, 0]] = forward
    answered = dyads.kind == ANSWERED
    weight[dyads.synapses[answered, 1]] = back[answered]
    return g.with_weights(weight)


class _Dyads(NamedTuple):
    """The dyads of a graph, in an order in which neighbours are of one kind and have nearly the same weights.

    Attributes
    ----------
    kind
        Which kind each is of.
    ends
        Its two neurons; the first of its weights leaves the first of them. Of an answered one it is the larger weight.
    synapses
        The numbers of the synapses of its two weights; where there is no second one, that of the first again.
    weights, ranks
        Its two weights, the second of which may be missing (0), and the places of both among all weights, as shares.
    """

    kind: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    synapses: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    ranks: npt.NDArray[np.float64]

    @classmethod
    def of(cls, g: WeightGraph) -> _Dyads:
        """Those of a directed graph."""
        pre, post = g.pre.astype(np.int64), g.post.astype(np.int64)
        partner = answers(g)
        kind = np.where(pre == post, SELF, np.where(partner >= 0, ANSWERED, ALONE))
        partner = np.where(kind == ANSWERED, partner, np.arange(g.synapses))
        # of two equal weights the one with the lower number
        ahead = (g.weight > g.weight[partner]) | ((g.weight == g.weight[partner]) & (np.arange(g.synapses) <= partner))
        first = np.flatnonzero(ahead)
        second = partner[first]
        rank = np.empty(g.synapses)
        rank[np.argsort(g.weight, kind="stable")] = np.arange(g.synapses) / g.synapses
        ranks = np.stack([rank[first], rank[second]], axis=1)
        order = np.lexsort((_along_a_curve(ranks), kind[first]))
        first, second, ranks = first[order], second[order], ranks[order]
        kind = kind[first]
        weights = np.stack([g.weight[first], np.where(kind == ANSWERED, g.weight[second], 0.0)], axis=1)
        return cls(kind, np.stack([pre[first], post[first]], axis=1), np.stack([first, second], axis=1), weights, ranks)


def _along_a_curve(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Places of points of the unit square along a curve (Morton's) on which near points are near as a rule."""
    whole = (shares * 2**16).astype(np.int64)
    place = np.zeros(len(whole), np.int64)
    for bit in range(16):
        place |= ((whole[:, 0] >> bit) & 1) << (2 * bit + 1) | ((whole[:, 1] >> bit) & 1) << (2 * bit)
    return place


class _Chain(NamedTuple):
    """Where the pairs of weights are, and how far strengths are from those of the start.

    Pairs and places are those of the dyads, by their numbers.

    Attributes
    ----------
    pairs
        The two weights of each pair, as shares of the largest magnitude, (dyads, 2).
    kind, ends
        Of each place, as of its dyad.
    place, pair, turned
        Which place each pair is on, which pair each place has, and whether its first weight leaves the second end.
    keys, found
        A number of each place, of its ends and kind, in ascending order, and which place it is of.
    deviation, precision
        Of each neuron's positive out- and in-strength and its negative ones, how much more it is, and one over its
        variance, (n, 4).
    """

    pairs: npt.NDArray[np.float64]
    kind: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    pair: npt.NDArray[np.int64]
    turned: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    found: npt.NDArray[np.int64]
    deviation: npt.NDArray[np.float64]
    precision: npt.NDArray[np.float64]

    @classmethod
    def of(cls, g: WeightGraph, dyads: _Dyads) -> _Chain:
        """The chain at its start."""
        # without a scale, squares of the largest numbers would overflow
        scale = np.abs(g.weight).max()
        share = g.weight / scale
        side = np.where(share > 0, 0, 2)
        squares = np.zeros((g.n, 4))
        np.add.at(squares, (g.pre, side), share**2)
        np.add.at(squares, (g.post, side + 1), share**2)
        precision = 1.0 / np.maximum(LOOSENESS**2 * squares, np.finfo(np.float64).tiny)
        # what a neuron has none of it never gets, however faint
        none = np.ones((g.n, 4), np.bool_)
        none[g.pre, side] = none[g.post, side + 1] = False
        precision[none] = np.inf
        low, high = dyads.ends.min(axis=1), dyads.ends.max(axis=1)
        keys = np.where(dyads.kind == ANSWERED, low * g.n + high, g.n**2 + dyads.ends[:, 0] * g.n + dyads.ends[:, 1])
        found = np.argsort(keys)
        every = np.arange(len(keys))
        return cls(
            dyads.weights / scale,
            dyads.kind,
            dyads.ends,
            every.copy(),
            every.copy(),
            np.zeros_like(every),
            keys[found],
            found,
            np.zeros((g.n, 4)),
            precision,
        )

    def on_places(self, values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Values of the weights, (pairs, 2), on each place from its first end to its second, and back."""
        some = values[self.pair]
        turned = self.turned.astype(np.bool_)
        return np.where(turned, some[:, 1], some[:, 0]), np.where(turned, some[:, 0], some[:, 1])


@njit(nogil=True, cache=True)
def _exchange(  # type: ignore[no-untyped-def]
    pairs, kind, ends, place, pair, turned, keys, found, deviation, precision, tries, generator
):
    """Try so many exchanges of two pairs of a kind whose distance in their order is log-uniform (Metropolis).

    By the toss of a coin they change places with each other (of answered pairs, by another toss, the one turns round
    instead), or with the pairs on two other places, as in rewiring: with neurons i and j at the ends of the one and k
    and l at those of the other, they go to (i, l) and (k, j), and what was there comes to (i, j) and (k, l). To i and k
    all are as they were. The way back is as likely.
    """
    count = len(pairs)
    longest = math.log(count)
    # an answered pair without another of its kind can still turn round
    lone = kind[0] == ANSWERED and (count == 1 or kind[1] != ANSWERED)
    at, its_pair, its_turn = np.empty(4, np.int64), np.empty(4, np.int64), np.empty(4, np.int64)
    held = np.empty((4, 4))
    for _ in range(tries):
        one = int(generator.random() * count)
        apart = int(math.exp(generator.random() * longest))
        two = one + apart if generator.random() < 0.5 else one - apart
        if lone and one == 0:
            two = 0
        if two < 0 or two >= count:
            continue
        a, b = place[one], place[two]
        if kind[a] != kind[b]:
            continue
        # the first weights leave i and k, or come to them
        toward = _coin(generator)
        i, j = ends[a, turned[a] ^ toward], ends[a, turned[a] ^ toward ^ 1]
        k, l = ends[b, turned[b] ^ toward], ends[b, turned[b] ^ toward ^ 1]
        at[0], at[1] = a, b
        if a != b and _coin(generator):
            c = _between(i, l, toward, kind[a], kind, keys, found, len(deviation))
            if c < 0 or c in (a, b):
                continue
            d = _between(k, j, toward, kind[a], kind, keys, found, len(deviation))
            if d < 0:
                continue
            at[2], at[3] = c, d
            its_pair[0], its_pair[1], its_pair[2], its_pair[3] = pair[c], pair[d], one, two
            its_turn[0] = ends[a, 0] != (i if ends[c, turned[c]] == i else j)
            its_turn[1] = ends[b, 0] != (k if ends[d, turned[d]] == k else l)
            its_turn[2] = ends[c, 0] != (l if toward else i)
            its_turn[3] = ends[d, 0] != (j if toward else k)
            places = 4
        elif kind[a] == ANSWERED and (a == b or _coin(generator)):
            its_pair[0], its_turn[0] = one, turned[a] ^ 1
            places = 1
        else:
            its_pair[0], its_pair[1] = two, one
            its_turn[0], its_turn[1] = turned[a], turned[b]
            places = 2
        held[0], held[1], held[2], held[3] = deviation[i], deviation[j], deviation[k], deviation[l]
        energy = _add(-1.0, at, places, pairs, ends, pair, turned, deviation, precision)
        _put(at, its_pair, its_turn, places, place, pair, turned)
        energy += _add(1.0, at, places, pairs, ends, pair, turned, deviation, precision)
        # drawn always, so that rounding, of an energy of 0, does not change what is drawn later
        if generator.random() >= math.exp(-0.5 * energy):
            _put(at, its_pair, its_turn, places, place, pair, turned)
            # without the rounding of what was added and taken away
            deviation[i], deviation[j], deviation[k], deviation[l] = held[0], held[1], held[2], held[3]


@njit(nogil=True, cache=True)
def _coin(generator):  # type: ignore[no-untyped-def]
    """0 or 1."""
    return int(generator.random() < 0.5)


@njit(nogil=True, cache=True)
def _between(neuron, other, toward, which, kind, keys, found, n):  # type: ignore[no-untyped-def]
    """The place of an answered dyad of these neurons, or of the synapse to the other or towards this one, or -1."""
    if which == ANSWERED:
        return find(min(neuron, other) * n + max(neuron, other), keys, found)
    there = find(n * n + (other * n + neuron if toward else neuron * n + other), keys, found)
    return there if there >= 0 and kind[there] == which else -1


@njit(nogil=True, cache=True)
def _put(at, its_pair, its_turn, places, place, pair, turned):  # type: ignore[no-untyped-def]
    """Put pairs on some places, and take what was there instead of them: a second time, all is as before."""
    for each in range(places):
        where = at[each]
        its_pair[each], pair[where] = pair[where], its_pair[each]
        its_turn[each], turned[where] = turned[where], its_turn[each]
        place[pair[where]] = where


@njit(nogil=True, cache=True)
def _add(sign, at, places, pairs, ends, pair, turned, deviation, precision):  # type: ignore[no-untyped-def]
    """Add the pairs on some places to strengths, or take them away; by how much the energy grows."""
    energy = 0.0
    for where in at[:places]:
        for each in range(2):
            weight = pairs[pair[where], each]
            if weight == 0.0:
                continue
            side = 0 if weight > 0.0 else 2
            pre, post = ends[where, turned[where] ^ each], ends[where, turned[where] ^ each ^ 1]
            energy += _grow(sign * weight, pre, side, deviation, precision)
            energy += _grow(sign * weight, post, side + 1, deviation, precision)
    return energy


@njit(nogil=True, cache=True)
def _grow(gain, neuron, strength, deviation, precision):  # type: ignore[no-untyped-def]
    """Add to a strength; by how much its part of the energy grows."""
    before = deviation[neuron, strength]
    deviation[neuron, strength] = before + gain
    return precision[neuron, strength] * gain * (2.0 * before + gain)
