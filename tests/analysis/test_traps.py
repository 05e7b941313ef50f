"""What other libraries do silently, and that ours is immune to it."""

from __future__ import annotations

import importlib
import random

import igraph
import leidenalg
import networkx as nx
import numpy as np
import pytest

from creditgraph.analysis import leiden, modularity
from creditgraph.graphs import WeightGraph, null_model
from creditgraph.guard import DataError, OptionError


def random_matrix(seed: int, n: int = 30) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.random((n, n)) * (generator.random((n, n)) < 0.3) * generator.pareto(1.5, (n, 1))


def test_trap_1_directed_strengths() -> None:
    """igraph's Leiden on a directed graph uses out-strengths only, so that its quality is not directed modularity."""
    g = WeightGraph.from_matrix(random_matrix(0))
    random.seed(0)
    theirs = g.to_igraph().community_leiden(objective_function="modularity", weights="weight", n_iterations=-1)
    ours = leiden(g, directed=True)
    true = modularity(g, theirs.membership, directed=True)
    assert abs(theirs.quality - true) > 1e-3
    assert ours.quality == modularity(g, ours, directed=True)
    assert ours.quality >= true


def test_trap_2_self_loops() -> None:
    """igraph's Leiden leaves self-loops out of strengths: heavy self-synapses would change nothing."""
    matrix = random_matrix(1) + np.diag(np.random.default_rng(2).random(30) * 30)
    g = WeightGraph.from_matrix(matrix)
    undirected = nx.Graph()
    undirected.add_nodes_from(range(30))
    for post, pre in zip(*np.nonzero(matrix), strict=True):
        before = undirected.get_edge_data(pre, post, {"weight": 0.0})["weight"]
        undirected.add_edge(pre, post, weight=before + matrix[post, pre])
    p = leiden(g, restarts=20)
    groups = [set(np.flatnonzero(p.membership == label).tolist()) for label in range(p.membership.max() + 1)]
    assert p.quality == pytest.approx(nx.community.modularity(undirected, groups, weight="weight"), abs=1e-12)
    engine = igraph.Graph.from_networkx(undirected)
    random.seed(0)
    for _ in range(5):
        theirs = engine.community_leiden(objective_function="modularity", weights="weight", n_iterations=-1)
        assert p.quality >= modularity(g, theirs.membership) - 1e-12


def test_trap_3_capital_m() -> None:
    """igraph runs CPM when modularity has a capital M; ours says what is allowed."""
    engine = igraph.Graph.Full(6)
    communities = engine.community_leiden(objective_function="Modularity")
    assert len(communities) in (1, 6)
    with pytest.raises(OptionError, match="objective"):
        leiden(WeightGraph.from_igraph(engine), objective="Modularity")


def test_trap_4_negative_weights() -> None:
    """igraph takes negative weights silently, leidenalg raises a bare BaseException; ours says what to do."""
    engine = igraph.Graph.Full(4)
    engine.es["weight"] = [-1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    engine.community_leiden(objective_function="modularity", weights="weight")
    with pytest.raises(BaseException, match="negative"):
        leidenalg.find_partition(engine, leidenalg.ModularityVertexPartition, weights="weight")
    with pytest.raises(DataError, match="2 of 12 synapses are negative"):
        leiden(WeightGraph.from_igraph(engine), weights="signed")


def test_trap_4_what_except_exception_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare BaseException of leidenalg would end a program past every ``except Exception``; ours is a DataError."""
    monkeypatch.setattr(importlib.import_module("creditgraph.analysis.leiden"), "COMPLETE_NEURONS", 0)
    g = WeightGraph.from_matrix(random_matrix(4) - random_matrix(5))

    def refuse(*_: object, **__: object) -> None:
        raise BaseException("Cannot accept NaN weights.")

    monkeypatch.setattr(leidenalg, "RBConfigurationVertexPartition", refuse)
    with pytest.raises(DataError, match="leidenalg does not take this graph: Cannot accept NaN weights"):
        leiden(g, objective="signed", weights="signed")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(leidenalg, "RBConfigurationVertexPartition", interrupt)
    with pytest.raises(KeyboardInterrupt):
        leiden(g, objective="signed", weights="signed")


def test_trap_5_modularity_that_ignores_weights() -> None:
    """leidenalg's ``partition.modularity`` ignores weights; ours equals its ``quality()``, which does not."""
    g = WeightGraph.from_matrix(np.triu(random_matrix(3), 1))
    engine = igraph.Graph(30, g.to_igraph().get_edgelist(), edge_attrs={"weight": g.weight.tolist()})
    theirs = leidenalg.find_partition(engine, leidenalg.ModularityVertexPartition, weights="weight", seed=0)
    assert modularity(g, theirs.membership) == pytest.approx(theirs.quality(), abs=1e-12)
    assert abs(theirs.modularity - theirs.quality()) > 1e-3


def test_trap_6_seeds() -> None:
    """igraph follows Python's ``random``, leidenalg folds seeds to 32 bits; ours follows its own seed, of any size."""
    g = WeightGraph.from_matrix(np.random.default_rng(0).random((40, 40)))
    engine = g.to_igraph()

    def theirs() -> list[int]:
        return engine.community_leiden(objective_function="modularity", weights="weight", beta=1.0).membership

    random.seed(0)
    first = [theirs() for _ in range(5)]
    random.seed(0)
    assert [theirs() for _ in range(5)] == first
    results = []
    for state in (1, 2):
        random.seed(state)
        np.random.seed(state)  # noqa: NPY002
        results.append(leiden(g, seed=3).memberships.tolist())
    assert results[0] == results[1]
    large = leiden(g, seed=3 + 2**31).memberships.tolist()
    assert large != results[0]
    assert large != leiden(g, seed=3 + 2**63).memberships.tolist()


def test_trap_6_seeds_of_leidenalg(monkeypatch: pytest.MonkeyPatch) -> None:
    """leidenalg refuses or folds seeds beyond 32 bits; ours, where it is the engine, takes any and repeats."""
    monkeypatch.setattr(importlib.import_module("creditgraph.analysis.leiden"), "COMPLETE_NEURONS", 0)
    g = WeightGraph.from_matrix(np.random.default_rng(0).normal(size=(40, 40)))
    search = {"objective": "signed", "weights": "signed", "restarts": 4}
    found = [leiden(g, seed=seed, **search).memberships for seed in (3, 3 + 2**32, 3 + 2**63, 3)]
    assert np.array_equal(found[0], found[3])
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[1], found[2])


@pytest.mark.parametrize("symmetric", [True, False])
def test_trap_7_adjacency_modes(symmetric: bool) -> None:
    """igraph's mode "plus" doubles symmetric matrices, "max" drops negative weights beside zeros; ours neither."""
    matrix = random_matrix(6)
    matrix = matrix + matrix.T if symmetric else np.triu(matrix, 1) - np.triu(random_matrix(7), 1)
    np.fill_diagonal(matrix, 0.0)
    if symmetric:
        theirs = igraph.Graph.Weighted_Adjacency(matrix.tolist(), mode="plus")
        assert sum(theirs.es["weight"]) == pytest.approx(matrix.sum())
        assert sum(theirs.es["weight"]) == pytest.approx(2 * np.triu(matrix).sum())
    else:
        theirs = igraph.Graph.Weighted_Adjacency(matrix.tolist(), mode="max")
        assert min(theirs.es["weight"]) >= 0 > matrix.min()
    g = WeightGraph.from_matrix(matrix)
    assert np.array_equal(g.adjacency(), matrix)
    # undirected modularity counts both synapses of a pair once each: that of the symmetric sum, over its total
    labels = np.arange(30) % 3
    a = np.abs(matrix) + np.abs(matrix).T
    k = a.sum(axis=0)
    expected = ((a - np.outer(k, k) / k.sum()) * (labels[:, None] == labels)).sum() / k.sum()
    assert modularity(g, labels) == pytest.approx(expected, abs=1e-12)


def test_trap_8_random_networks_score_too() -> None:
    """A random dense network has communities by any raw Q; only beside its null, and its restarts, do they vanish."""
    generator = np.random.default_rng(0)
    g = WeightGraph.from_layers([generator.normal(size=shape) for shape in ((128, 64), (64, 128), (10, 64))])
    p = leiden(g, restarts=4)
    assert p.quality > 0.05
    agreement = p.agreement()
    assert agreement is not None
    assert agreement < 0.5
    null = leiden(null_model(g, "shuffle_block", seed=0), restarts=4)
    assert abs(null.quality - p.quality) < 0.01
