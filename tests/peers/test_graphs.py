"""Graphs, their files and null models beside networkx, igraph, pandas and NumPy."""

from __future__ import annotations

import random
import statistics
from dataclasses import replace
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_models, null_report, read_graph, write_graph


def random_graph(n: int = 20, density: float = 0.3, *, seed: int = 0) -> WeightGraph:
    """Signed weights, self-synapses, an isolated neuron, names and positions."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < density)
    matrix[n - 1], matrix[:, n - 1] = 0.0, 0.0
    return WeightGraph.from_matrix(
        matrix, names=[f"N{i} <é>" for i in range(n)], positions=generator.normal(size=(n, 3)), layers=[0] * n
    )


def edges(g: WeightGraph) -> set[tuple[int, int, float]]:
    return set(zip(g.pre.tolist(), g.post.tolist(), g.weight.tolist(), strict=True))


@pytest.mark.parametrize("file", ["g.graphml", "g.gexf"])
def test_networkx_reads_our_files(tmp_path: Path, file: str) -> None:
    """Fails when a file of ours is turned round, or other programs find its names and positions elsewhere."""
    g = random_graph()
    read = nx.read_gexf if file == "g.gexf" else nx.read_graphml
    graph = read(write_graph(g, tmp_path / file), node_type=int)
    assert {(u, v, w) for u, v, w in graph.edges(data="weight")} == edges(g)
    assert [graph.nodes[i]["name"] for i in range(g.n)] == list(g.names or ())
    if file == "g.gexf":
        assert [graph.nodes[i]["label"] for i in range(g.n)] == list(g.names or ())
        assert graph.nodes[3]["viz"]["position"]["y"] == g.positions[3, 1]  # type: ignore[index]


def test_igraph_reads_our_graphml(tmp_path: Path) -> None:
    """Fails when a reader that is not networkx finds other edges, weights or names."""
    g = random_graph()
    graph = igraph.Graph.Read_GraphML(str(write_graph(g, tmp_path / "g.graphml")))
    assert {(e.source, e.target, e["weight"]) for e in graph.es} == edges(g)
    assert graph.vs["name"] == list(g.names or ())
    np.testing.assert_allclose(graph.vs["x"], g.positions[:, 0])  # type: ignore[index]


def test_we_read_files_of_igraph_and_networkx(tmp_path: Path) -> None:
    """Fails when a foreign file is read turned round or loses neurons; igraph writes 15 digits."""
    g = replace(random_graph(), layers=None)
    g.to_igraph().write_graphml(str(tmp_path / "i.graphml"))
    back = read_graph(tmp_path / "i.graphml")
    assert (back.n, back.names) == (g.n, g.names)
    np.testing.assert_allclose(back.adjacency(), g.adjacency(), rtol=1e-14)
    nx.write_graphml(g.to_networkx(), tmp_path / "n.graphml")
    nx.write_gexf(g.to_networkx(), tmp_path / "n.gexf")
    assert read_graph(tmp_path / "n.graphml") == read_graph(tmp_path / "n.gexf") == g
    nx.write_weighted_edgelist(g.to_networkx(), tmp_path / "n.edgelist")
    listed = read_graph(tmp_path / "n.edgelist", source=0, target=1, weight=2)
    # an edge list knows no isolated neuron
    assert edges(listed) == edges(g)
    assert listed.n == g.n - 1


def test_pandas_and_numpy_read_our_tables(tmp_path: Path) -> None:
    """Fails when a table is no table to others, or an archive needs our code to be read."""
    g = replace(random_graph(), layers=None)
    # pandas' own numbers may differ in the last bit, depending on its version
    table = pd.read_csv(write_graph(g, tmp_path / "g.csv"), dtype={"weight": str})
    assert {(pre, post, float(weight)) for pre, post, weight in table.itertuples(index=False)} == edges(g)
    assert pd.read_csv(tmp_path / "g.neurons.csv").name.tolist() == list(g.names or ())
    matrix = pd.read_csv(write_graph(g, tmp_path / "a.csv", format="adjacency"), index_col=0, dtype=str)
    assert matrix.index.name == "post\\pre"
    assert np.array_equal(matrix.astype(float).to_numpy(), g.adjacency())
    matrix.to_csv(tmp_path / "p.csv")
    assert read_graph(tmp_path / "p.csv") == WeightGraph(g.n, g.pre, g.post, g.weight)
    with np.load(write_graph(g, tmp_path / "g.npz")) as archive:
        assert np.array_equal(archive["weight"], g.weight)


def test_reciprocity_is_networkx() -> None:
    """Fails when self-synapses count, or pairs are counted once."""
    g = random_graph()
    plain = nx.DiGraph((u, v) for u, v in g.to_networkx().edges if u != v)
    assert null_report(g, g).reciprocity == pytest.approx(nx.overall_reciprocity(plain), rel=1e-12)


def test_rewiring_is_that_of_igraph() -> None:
    """Fails when samples have another distribution than those of igraph: here of reciprocity and of common targets."""
    generator = np.random.default_rng(1)
    mask = generator.random((30, 30)) < np.linspace(0.02, 0.5, 30)[:, None]
    mask |= mask.T & (generator.random((30, 30)) < 0.5)
    np.fill_diagonal(mask, False)
    g = WeightGraph.from_matrix(mask.astype(float))

    def measured(matrix: np.ndarray) -> tuple[float, float]:
        return float((matrix * matrix.T).sum()), float(((matrix.T @ matrix) ** 2).sum())

    ours = [measured(sample.adjacency()) for sample in null_models(g, "rewire", samples=150, seed=0)]
    theirs = []
    random.seed(0)
    for _ in range(150):
        graph = g.to_igraph()
        graph.rewire(n=20 * g.synapses)
        theirs.append(measured(np.array(graph.get_adjacency().data).T))
    for own, other, graph_own in zip(
        zip(*ours, strict=True), zip(*theirs, strict=True), measured(g.adjacency()), strict=True
    ):
        error = (statistics.variance(own) / 150 + statistics.variance(other) / 150) ** 0.5
        assert abs(statistics.mean(own) - statistics.mean(other)) < 4 * error
        assert abs(statistics.mean(own) - graph_own) > 4 * error


def test_strength_is_the_fit_of_a_dense_matrix() -> None:
    """Fails when the fit differs from iterative proportional fitting as textbooks write it, from the same start."""
    matrix = np.abs(random_graph(seed=3).adjacency())
    g = WeightGraph.from_matrix(matrix)
    fitted = null_model(g, "shuffle_strength", seed=7).adjacency()
    rows, columns = matrix.sum(axis=1), matrix.sum(axis=0)
    for _ in range(3000):
        for i in np.flatnonzero(rows):
            fitted[i] *= rows[i] / fitted[i].sum()
        for j in np.flatnonzero(columns):
            fitted[:, j] *= columns[j] / fitted[:, j].sum()
    np.testing.assert_allclose(null_model(g, "strength", seed=7).adjacency(), fitted, rtol=1e-6)
