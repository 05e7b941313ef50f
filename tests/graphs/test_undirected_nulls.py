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
    draws = 100 * len(every)
    found = Counter(
        frozenset((int(a), int(b)) for a, b in zip(s.post, s.pre, strict=True) if a > b)
        for s in null_models(g, "rewire", samples=draws, seed=5)
    )
    assert set(found) == set(every)
    # 100 each, with a standard deviation of about 10
    assert all(abs(count - 100) < 45 for count in found.values())


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


@pytest.mark.parametrize("layers", [None, np.arange(30) % 3])
@pytest.mark.parametrize("name", ["initial", "shuffled_labels"])
def test_other_weights_are_pruned_edge_by_edge(name, layers):
    """Guards against half an edge that is pruned, since self-synapses make the count of synapses odd."""
    given = "initial" if name == "initial" else "trained"
    g = undirected(share=0.2, layers=layers, loops=True)
    assert (g.pre == g.post).sum() % 2 == 1
    dense = undirected(share=1.0, seed=1, layers=layers, loops=True).adjacency()
    found = null_model(g, name, seed=0, **{given: dense}).adjacency()
    np.testing.assert_array_equal(found, found.T)
    kept, wanted = found != 0, g.adjacency() != 0
    assert (kept.sum(), np.trace(kept)) == (wanted.sum(), np.trace(wanted))
    group = np.zeros(30, dtype=int) if layers is None else layers
    for one in range(group.max() + 1):
        for other in range(one, group.max() + 1):
            block = np.ix_(group == one, group == other)
            here, off = dense[block], ~np.eye(30, dtype=bool)[block]
            assert kept[block].sum() == wanted[block].sum()
            weakest = np.abs(here[kept[block] & off]).min(initial=np.inf)
            assert weakest >= np.abs(here[~kept[block] & off]).max(initial=0.0)


def test_other_weights_of_an_undirected_network_are_symmetric():
    """Guards against directed samples that an undirected network is held against."""
    g = undirected(loops=True)
    dense = np.random.default_rng(0).normal(size=(30, 30))
    with pytest.raises(DataError, match="initial: got untrained weights that are not symmetric, expected W = W"):
        null_model(g, "initial", seed=0, initial=dense)
    bare = undirected(share=1.0, seed=1)
    with pytest.raises(DataError, match="have 0 edges or self-synapses, expected at least the"):
        null_model(g, "initial", seed=0, initial=bare)
