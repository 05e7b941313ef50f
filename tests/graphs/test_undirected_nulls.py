"""Null models of undirected networks: edges, not their halves, are shuffled, rewired and fitted."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_models
from creditgraph.guard import DataError

SAME_WIRING = ("shuffle_nonzero", "shuffle_dyads", "shuffle_block", "sign_shuffle", "strength")


def undirected(n=30, share=0.3, *, seed=0, layers=None, loops=False):
    generator = np.random.default_rng(seed)
    upper = np.triu(generator.normal(size=(n, n)) * (generator.random((n, n)) < share), 0 if loops else 1)
    return WeightGraph.from_matrix(upper + np.triu(upper, 1).T, layers=layers)


@pytest.mark.parametrize("layers", [None, np.arange(30) % 3])
@pytest.mark.parametrize("name", [*SAME_WIRING, "rewire"])
def test_samples_are_symmetric_and_keep_what_their_name_says_of_edges(name, layers):
    """Guards against a symmetric network beside asymmetric ones, which differ from it whatever its structure."""
    if name == "shuffle_block" and layers is None:
        layers = np.zeros(30, dtype=int)
    g = undirected(layers=layers, loops=True)
    matrix = g.adjacency()
    for sample in null_models(g, name, samples=3, seed=1):
        found = sample.adjacency()
        np.testing.assert_array_equal(found, found.T)
        np.testing.assert_array_equal(found.diagonal() != 0, matrix.diagonal() != 0)
        assert not np.array_equal(found, matrix)
        np.testing.assert_array_equal((found != 0).sum(0), (matrix != 0).sum(0))
        if name in SAME_WIRING:
            np.testing.assert_array_equal(found != 0, matrix != 0)
        else:
            assert ((found != 0) != (matrix != 0)).any()
        if name == "strength":
            for sign in (1, -1):
                np.testing.assert_allclose(
                    np.clip(sign * found, 0, None).sum(0), np.clip(sign * matrix, 0, None).sum(0), rtol=1e-8
                )
        elif name != "sign_shuffle":
            np.testing.assert_array_equal(np.sort(found, axis=None), np.sort(matrix, axis=None))
        else:
            np.testing.assert_array_equal(np.abs(found), np.abs(matrix))
            assert (found > 0).sum() == (matrix > 0).sum()


def test_edges_between_layers_stay_between_them():
    """Guards against rewiring that joins layers which had no synapse."""
    layers = np.repeat([0, 1, 2], 10)
    joined = np.abs(layers[:, None] - layers) == 1
    g = WeightGraph.from_matrix(undirected(seed=3, share=0.6).adjacency() * joined, layers=layers)
    for sample in null_models(g, "rewire", samples=3, seed=0):
        assert (np.abs(layers[sample.pre] - layers[sample.post]) == 1).all()
        # every neuron keeps its degree towards each layer
        for layer in range(3):
            np.testing.assert_array_equal(
                (sample.adjacency() != 0)[:, layers == layer].sum(1), (g.adjacency() != 0)[:, layers == layer].sum(1)
            )


def test_two_edges_are_joined_in_all_three_ways_equally_often():
    """Guards against rewiring that keeps one end of an edge where it was."""
    g = WeightGraph.from_networkx(nx.Graph([(0, 1), (2, 3)]))
    found = Counter(tuple(np.flatnonzero(null_model(g, "rewire", seed=seed).adjacency()[0])) for seed in range(600))
    assert set(found) == {(1,), (2,), (3,)}
    # the mean is 200 and its standard deviation 11.5
    assert all(abs(count - 200) < 50 for count in found.values())


def test_every_graph_of_the_same_degrees_is_drawn_equally_often():
    """Guards against a chain that prefers some graphs: two paths of three edges' degrees, enumerated."""
    g = WeightGraph.from_networkx(nx.Graph([(0, 1), (1, 2), (2, 3), (3, 4)]))
    degrees = [1, 2, 2, 2, 1]
    every = []
    pairs = [(i, j) for i in range(5) for j in range(i)]
    for chosen in range(2 ** len(pairs)):
        edges = [pair for place, pair in enumerate(pairs) if chosen >> place & 1]
        if [sum(i in edge for edge in edges) for i in range(5)] == degrees:
            every.append(frozenset(edges))
    draws = 300 * len(every)
    found = Counter(
        frozenset((int(a), int(b)) for a, b in zip(s.post, s.pre, strict=True) if a > b)
        for s in null_models(g, "rewire", samples=draws, seed=5)
    )
    assert set(found) == set(every)
    # 300 each, with a standard deviation of about 17
    assert all(abs(count - 300) < 85 for count in found.values())


def test_a_single_synapse_that_differs_makes_the_network_directed():
    """Guards against a directed network that is shuffled as if its halves were one."""
    matrix = undirected(seed=2).adjacency()
    post, pre = np.argwhere(matrix)[0]
    matrix[post, pre] += 1e-9
    g = WeightGraph.from_matrix(matrix)
    found = null_model(g, "shuffle_nonzero", seed=0).adjacency()
    assert not np.array_equal(found, found.T)


@pytest.mark.parametrize("name", [*SAME_WIRING, "rewire"])
def test_self_synapses_keep_their_weights(name):
    """Guards against self-synapses that are shuffled among themselves or fitted, though they are no edges."""
    for seed in range(3):
        g = undirected(seed=seed, layers=np.arange(30) % 3, loops=True)
        sample = null_model(g, name, seed=seed)
        np.testing.assert_array_equal(sample.adjacency().diagonal(), g.adjacency().diagonal())
        assert (sample.adjacency() != g.adjacency()).any()


def test_signs_of_edges_decide_whether_they_can_be_shuffled():
    """Guards against a graph returned as a sample of itself, its only negative weight being a self-synapse."""
    matrix = np.abs(undirected(seed=1, loops=True).adjacency())
    matrix[0, 0] = -3.0
    with pytest.raises(DataError, match="weights: all edges have one sign, so the null model sign_shuffle"):
        null_model(WeightGraph.from_matrix(matrix), "sign_shuffle", seed=0)
