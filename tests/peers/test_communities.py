from __future__ import annotations

import igraph
import leidenalg
import networkx as nx
import numpy as np
import pytest
from sklearn import metrics

from creditgraph.analysis import compare, leiden, modularity
from creditgraph.graphs import WeightGraph


def random_graph(seed: int, n: int = 30, density: float = 0.25) -> WeightGraph:
    """Signed weights, self-synapses, reciprocal pairs, and isolated neurons."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < density)
    matrix[:2], matrix[:, :2] = 0.0, 0.0
    return WeightGraph.from_matrix(matrix)


def undirected(g: WeightGraph, weights: str = "absolute") -> nx.Graph:
    """Every synapse an undirected edge; reciprocal ones added up."""
    view = g.view(weights)
    graph = nx.Graph()
    graph.add_nodes_from(range(g.n))
    for pre, post, weight in zip(view.pre.tolist(), view.post.tolist(), view.weight.tolist(), strict=True):
        before = graph.get_edge_data(pre, post, {"weight": 0.0})["weight"]
        graph.add_edge(pre, post, weight=before + weight)
    return graph


def as_sets(membership: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(membership == label).tolist()) for label in np.unique(membership)]


@pytest.mark.parametrize("weights", ["absolute", "positive", "negative"])
@pytest.mark.parametrize("resolution", [1.0, 0.7, 2.3])
def test_modularity_equals_networkx(weights: str, resolution: float) -> None:
    """Fails when self-synapses, isolated neurons, direction or resolution are counted otherwise than in networkx."""
    for seed in range(10):
        g = random_graph(seed, density=0.05 + 0.09 * seed)
        membership = np.random.default_rng(seed).integers(0, 5, g.n)
        for directed, graph in ((False, undirected(g, weights)), (True, g.to_networkx(weights=weights))):
            theirs = nx.community.modularity(graph, as_sets(membership), weight="weight", resolution=resolution)
            ours = modularity(g, membership, directed=directed, weights=weights, resolution=resolution)
            assert ours == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("directed", [False, True])
def test_at_least_as_good_as_louvain(directed: bool) -> None:
    """Fails when our best of 10 restarts falls behind networkx's: on average at all, on a single graph by 0.005."""
    gaps = []
    for seed in range(8):
        g = random_graph(seed)
        graph = g.to_networkx(weights="absolute") if directed else undirected(g)
        runs = [nx.community.louvain_communities(graph, weight="weight", seed=s) for s in range(10)]
        theirs = max(nx.community.modularity(graph, run, weight="weight") for run in runs)
        gaps.append(leiden(g, directed=directed).quality - theirs)
    assert np.mean(gaps) >= 0
    assert min(gaps) >= -0.005


def test_at_least_as_good_as_leidenalg() -> None:
    """Fails when our best of 10 falls behind leidenalg's: the same Leiden algorithm, another engine."""
    for seed in range(4):
        g = random_graph(seed, n=60)
        graph = undirected(g)
        engine = igraph.Graph(60, list(graph.edges), edge_attrs={"weight": [w for *_, w in graph.edges(data="weight")]})
        runs = [
            leidenalg.find_partition(
                engine, leidenalg.ModularityVertexPartition, weights="weight", n_iterations=-1, seed=s
            )
            for s in range(10)
        ]
        for run in runs:
            assert modularity(g, run.membership) == pytest.approx(run.quality(), abs=1e-9)
        assert leiden(g).quality >= max(run.quality() for run in runs) - 0.005


def test_minimum_at_least_as_good_as_leidenalg() -> None:
    """Fails when our minimal modularity is worse than leidenalg's with layer weight -1."""
    g = random_graph(1, n=60)
    graph = undirected(g)
    engine = igraph.Graph(60, list(graph.edges), edge_attrs={"weight": [w for *_, w in graph.edges(data="weight")]})
    lowest = 0.0
    for seed in range(10):
        start = np.random.default_rng(seed).integers(0, 4, 60).tolist()
        partition = leidenalg.ModularityVertexPartition(engine, initial_membership=start, weights="weight")
        optimiser = leidenalg.Optimiser()
        optimiser.set_rng_seed(seed)
        optimiser.optimise_partition_multiplex([partition], layer_weights=[-1], n_iterations=-1)
        lowest = min(lowest, modularity(g, partition.membership))
    assert lowest < -0.05
    assert leiden(g, direction="minimise").quality <= lowest + 0.005


def test_similarities_equal_scikit_learn() -> None:
    """Fails when compare passes labels, averages or arguments otherwise than scikit-learn's functions by name."""
    generator = np.random.default_rng(0)
    p, q = generator.integers(0, 4, 50), generator.integers(0, 6, 50)
    assert compare(p, q) == pytest.approx(metrics.adjusted_mutual_info_score(p, q), abs=1e-12)
    assert compare(p, q, method="nmi") == pytest.approx(metrics.normalized_mutual_info_score(p, q), abs=1e-12)
    assert compare(p, q, method="ari") == pytest.approx(metrics.adjusted_rand_score(p, q), abs=1e-12)
    joint = metrics.mutual_info_score(p, q)
    entropies = metrics.mutual_info_score(p, p) + metrics.mutual_info_score(q, q)
    assert compare(p, q, method="vi") == pytest.approx(entropies - 2 * joint, abs=1e-12)
