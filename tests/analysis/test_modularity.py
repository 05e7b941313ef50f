from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from creditgraph.analysis import leiden, modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

TRIANGLES = np.kron(np.eye(2), np.ones((3, 3)) - np.eye(3))


def test_hand_derived_values() -> None:
    """Fails when a factor of 2, the null term or the resolution is off: two triangles, by hand."""
    g = WeightGraph.from_matrix(TRIANGLES)
    two = [0, 0, 0, 1, 1, 1]
    for directed in (False, True):
        assert modularity(g, two, directed=directed) == 1 - 2 / 4
        assert modularity(g, two, directed=directed, resolution=1.5) == 1 - 1.5 * 2 / 4
        assert modularity(g, [0] * 6, directed=directed) == 0.0
        assert modularity(g, range(6), directed=directed) == pytest.approx(-1 / 6, abs=1e-15)


def test_direction_by_hand() -> None:
    """Fails when in- and out-strengths are exchanged or averaged: 0 -> 1, 0 -> 2, 1 -> 2 with {0, 1} and {2}."""
    g = WeightGraph.from_matrix([[0, 0, 0], [1, 0, 0], [1, 1, 0]])
    # m = 3, one synapse within; out and in of {0, 1}: 3 and 1; of {2}: 0 and 2
    assert modularity(g, [0, 0, 1], directed=True) == pytest.approx(1 / 3 - 3 * 1 / 9, abs=1e-15)
    assert modularity(g, [0, 0, 1]) == pytest.approx(1 / 3 - (4**2 + 2**2) / 36, abs=1e-15)


def test_self_synapse_by_hand() -> None:
    """Fails when a self-synapse is left out of strengths (trap 2's error) or counted once there."""
    g = WeightGraph.from_matrix([[1, 0], [2, 0]])
    assert modularity(g, [0, 1]) == pytest.approx(1 / 3 - (4**2 + 2**2) / 36, abs=1e-15)


@pytest.mark.parametrize("directed", [False, True])
def test_against_the_dense_formula(directed: bool) -> None:
    """Fails when the sums over synapses leave the formula over pairs of neurons."""
    generator = np.random.default_rng(0)
    matrix = generator.normal(size=(25, 25)) * (generator.random((25, 25)) < 0.4)
    labels = generator.integers(0, 4, 25)
    g = WeightGraph.from_matrix(matrix)
    for weights, v in (("absolute", abs(matrix)), ("positive", matrix.clip(0)), ("negative", (-matrix).clip(0))):
        a = v if directed else v + v.T
        expected = np.outer(a.sum(axis=1), a.sum(axis=0)) / a.sum()
        q = ((a - 0.8 * expected) * (labels[:, None] == labels)).sum() / a.sum()
        found = modularity(g, labels, resolution=0.8, directed=directed, weights=weights)
        assert found == pytest.approx(q, abs=1e-13)


@pytest.mark.parametrize("factor", [1e-300, 1e-30, 1.0, 1e30, 1e305])
def test_scale_does_not_matter(factor: float) -> None:
    """Fails when sums of very large or small weights overflow or vanish into NaN."""
    g = WeightGraph.from_matrix(np.random.default_rng(0).random((6, 6)) * factor)
    plain = WeightGraph.from_matrix(np.random.default_rng(0).random((6, 6)))
    labels = [0, 0, 1, 1, 2, 2]
    assert modularity(g, labels) == pytest.approx(modularity(plain, labels), abs=1e-14)
    assert modularity(g, labels, directed=True) == pytest.approx(modularity(plain, labels, directed=True), abs=1e-14)


def test_labels_may_be_any_whole_numbers() -> None:
    """Fails when the value depends on the names of communities."""
    g = WeightGraph.from_matrix(TRIANGLES)
    assert modularity(g, [-7, -7, -7, 10**12, 10**12, 10**12]) == 0.5
    assert modularity(g, leiden(g)) == 0.5


def test_what_it_refuses() -> None:
    """Fails when an empty graph, a negative weight or labels of another graph give a number."""
    g = WeightGraph.from_matrix([[0, -1.0], [-2.0, 0]])
    with pytest.raises(DataError, match="no positive synapse"):
        modularity(g, [0, 1], weights="positive")
    with pytest.raises(DataError, match="no synapse"):
        modularity(WeightGraph.from_matrix(np.zeros((2, 2))), [0, 1])
    with pytest.raises(DataError, match="2 of 2 synapses are negative"):
        modularity(g, [0, 1], weights="signed")
    with pytest.raises(DataError, match="got 3 labels, expected one for each of the 2"):
        modularity(g, [0, 1, 1])
    with pytest.raises(DataError, match="expected whole numbers"):
        modularity(g, [0.0, 1.0])
    with pytest.raises(OptionError, match="resolution"):
        modularity(g, [0, 1], resolution=0)
    with pytest.raises(OptionError, match="weights"):
        modularity(g, [0, 1], weights="abs")


@pytest.mark.parametrize("resolution", [1.0, 0.7])
@pytest.mark.parametrize("multigraph", [False, True])
def test_foreign_undirected_graphs_score_as_in_networkx(resolution: float, multigraph: bool) -> None:
    """Fails when a self-loop of an undirected networkx graph weighs other than there, beside edges."""
    generator = np.random.default_rng(8)
    graph = nx.MultiGraph() if multigraph else nx.Graph()
    graph.add_nodes_from(range(12))
    pairs = [(i, j) for i in range(12) for j in range(i + 1) if generator.random() < (0.9 if i == j else 0.4)]
    for i, j in pairs * (2 if multigraph else 1):
        graph.add_edge(i, j, weight=float(generator.random()) * (5 if i == j else 1))
    labels = generator.integers(0, 3, 12)
    groups = [set(np.flatnonzero(labels == label).tolist()) for label in range(3)]
    expected = nx.algorithms.community.modularity(graph, groups, resolution=resolution)
    g = WeightGraph.from_networkx(graph, duplicates="sum")
    assert modularity(g, labels, resolution=resolution) == pytest.approx(expected, abs=1e-12)
