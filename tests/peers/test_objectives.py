"""Our objectives beside the quality of leidenalg's partitions, and its optimiser beside ours."""

from __future__ import annotations

import igraph
import leidenalg
import numpy as np
import pytest

from creditgraph.analysis import (
    constant_potts,
    layered_modularity,
    leiden,
    modularity,
    multislice,
    multislice_modularity,
    signed_modularity,
)
from creditgraph.graphs import WeightGraph


def signed_graph(seed: int, n: int = 30, selves: bool = True) -> WeightGraph:
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.25)
    matrix[:2], matrix[:, :2] = 0.0, 0.0
    if not selves:
        np.fill_diagonal(matrix, 0.0)
    return WeightGraph.from_matrix(matrix)


def layered_graph(seed: int) -> WeightGraph:
    generator = np.random.default_rng(seed)
    shapes = ((10, 8), (6, 10), (4, 6))
    return WeightGraph.from_layers([generator.random(shape) * (generator.random(shape) < 0.6) for shape in shapes])


def edges(g: WeightGraph, chosen: np.ndarray | slice = slice(None), *, directed: bool) -> igraph.Graph:
    """Synapses as edges, one each, with their magnitude."""
    pairs = list(zip(g.pre[chosen].tolist(), g.post[chosen].tolist(), strict=True))
    return igraph.Graph(g.n, pairs, directed=directed, edge_attrs={"weight": np.abs(g.weight[chosen]).tolist()})


def configuration(graph: igraph.Graph, labels: list[int], resolution: float = 1.0):
    return leidenalg.RBConfigurationVertexPartition(
        graph, initial_membership=labels, weights="weight", resolution_parameter=resolution
    )


def total(partition: object, directed: bool) -> float:
    """leidenalg counts undirected edges from both ends."""
    return partition.quality() / (1.0 if directed else 2.0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("resolution", [1.0, 0.6])
def test_signed_modularity_by_layer_weights(directed: bool, resolution: float) -> None:
    """Fails when the shares of the signs are not those of a multiplex with layer weights 1 and -1."""
    for seed in range(6):
        g = signed_graph(seed)
        labels = np.random.default_rng(seed).integers(0, 4, g.n).tolist()
        signs = [
            total(configuration(edges(g, chosen, directed=directed), labels, resolution), directed)
            for chosen in (np.flatnonzero(g.weight > 0), np.flatnonzero(g.weight < 0))
        ]
        expected = (signs[0] - signs[1]) / np.abs(g.weight).sum()
        found = signed_modularity(g, labels, directed=directed, resolution=resolution)
        assert found == pytest.approx(expected, abs=1e-12)


def test_layered_modularity_is_a_multiplex_of_its_blocks() -> None:
    """Fails when a block has other strengths than leidenalg's directed graph of the block."""
    for seed in range(6):
        g = layered_graph(seed)
        assert g.layers is not None
        labels = np.random.default_rng(seed).integers(0, 4, g.n).tolist()
        blocks = [np.flatnonzero(g.layers[g.pre] == layer) for layer in range(3)]
        expected = sum(configuration(edges(g, block, directed=True), labels).quality() for block in blocks)
        assert layered_modularity(g, labels) == pytest.approx(expected / g.weight.sum(), abs=1e-12)


def test_layered_modularity_of_one_block_is_bipartite() -> None:
    """Fails when a single block is not leidenalg's bipartite modularity: three layers of weights 1, -1 and -1."""
    generator = np.random.default_rng(0)
    # leidenalg takes degrees, not strengths, as sizes of bipartite nodes: so all synapses weigh 1
    g = WeightGraph.from_layers([(generator.random((9, 12)) < 0.4).astype(float)])
    graph = edges(g, directed=False)
    graph.vs["type"] = [int(layer) for layer in g.layers]
    m = graph.ecount()
    for seed in range(4):
        labels = np.random.default_rng(seed).integers(0, 3, g.n).tolist()
        parts = leidenalg.CPMVertexPartition.Bipartite(graph, resolution_parameter_01=1 / m, degree_as_node_size=True)
        for part in parts:
            part.set_membership(labels)
        # sizes of pairs are counted as n (n - 1) / 2; over the three layers the -n cancels
        expected = sum(share * total(part, False) for share, part in zip((1, -1, -1), parts, strict=True)) / m
        assert layered_modularity(g, labels) == pytest.approx(expected, abs=1e-12)
        # plain modularity is another
        assert abs(modularity(g, labels) - expected) > 1e-3


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("resolution", [0.05, 0.7])
def test_constant_potts_equals_leidenalg(directed: bool, resolution: float) -> None:
    """Fails when a pair is counted twice, a weight scaled, or a direction confused; self-synapses are counted apart."""
    for seed in range(6):
        g = signed_graph(seed, selves=False).view("absolute")
        labels = np.random.default_rng(seed).integers(0, 4, g.n).tolist()
        theirs = leidenalg.CPMVertexPartition(
            edges(g, directed=directed), initial_membership=labels, weights="weight", resolution_parameter=resolution
        )
        found = constant_potts(g, labels, directed=directed, resolution=resolution)
        assert found == pytest.approx(total(theirs, directed), abs=1e-10)


@pytest.mark.parametrize("directed", [False, True])
def test_constant_potts_with_self_synapses_is_leidenalgs_but_for_a_constant(directed: bool) -> None:
    """Guards against a documented difference that is another, or depends on the partition."""
    g = signed_graph(1, selves=True).view("absolute")
    assert (g.pre == g.post).any()
    for labels in (np.arange(g.n), np.zeros(g.n, dtype=int), np.arange(g.n) % 3):
        theirs = leidenalg.CPMVertexPartition(
            edges(g, directed=directed),
            initial_membership=labels.tolist(),
            weights="weight",
            resolution_parameter=0.3,
        )
        found = constant_potts(g, labels, directed=directed, resolution=0.3)
        assert found == pytest.approx(theirs.quality() / (1 if directed else 2) + 0.3 * g.n, abs=1e-10)


def slices(seed: int) -> list[WeightGraph]:
    generator = np.random.default_rng(seed)
    labels = np.arange(24) % 3
    found = []
    for _ in range(4):
        labels = np.where(generator.random(24) < 0.1, generator.integers(0, 3, 24), labels)
        mask = generator.random((24, 24)) < np.where(labels[:, None] == labels, 0.5, 0.15)
        found.append(WeightGraph.from_matrix(generator.random((24, 24)) * mask * (1 - np.eye(24))))
    return found


def theirs_multislice(graphs: list[WeightGraph], coupling: float) -> tuple[list[object], float]:
    """leidenalg's own layers of slices, each scaled as documented; and 2 mu."""
    snapshots, norm = [], 0.0
    for g in graphs:
        a = g.adjacency()
        a = np.triu(a + a.T)
        a /= a[a > 0].mean()
        graph = igraph.Graph(g.n, np.argwhere(a > 0).tolist(), edge_attrs={"weight": a[a > 0].tolist()})
        graph.vs["id"] = range(g.n)
        snapshots.append(graph)
        norm += 2 * a.sum()
    layers, between, whole = leidenalg.time_slices_to_layers(snapshots, interslice_weight=coupling)
    parts = [leidenalg.RBConfigurationVertexPartition(layer, weights="weight") for layer in layers]
    parts.append(
        leidenalg.CPMVertexPartition(between, resolution_parameter=0, node_sizes="node_size", weights="weight")
    )
    order = np.lexsort((whole.vs["id"], whole.vs["slice"]))
    assert order.tolist() == list(range(whole.vcount()))
    return parts, norm + 2 * coupling * graphs[0].n * (len(graphs) - 1)


@pytest.mark.parametrize("coupling", [0.2, 1.0, 4.0])
def test_multislice_beside_leidenalg(coupling: float) -> None:
    """Fails when the quality is not that of leidenalg's layers over 2 mu, or our best falls behind its best."""
    for seed in range(3):
        graphs = slices(seed)
        best = 0.0
        for run in range(5):
            parts, norm = theirs_multislice(graphs, coupling)
            optimiser = leidenalg.Optimiser()
            optimiser.set_rng_seed(run)
            optimiser.optimise_partition_multiplex(parts, n_iterations=-1)
            labels = np.array(parts[0].membership).reshape(4, 24)
            quality = sum(part.quality() for part in parts) / norm
            assert multislice_modularity(graphs, labels, coupling=coupling) == pytest.approx(quality, abs=1e-12)
            best = max(best, quality)
        assert multislice(graphs, coupling=coupling, restarts=20).quality >= best - 1e-3


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_signed_search_at_least_as_good_as_leidenalg(direction: str) -> None:
    """Fails when our best of 5 falls behind the multiplex's best of 5."""
    sign = -1 if direction == "minimise" else 1
    for seed in range(4):
        g = signed_graph(seed, n=60)
        chosen = [np.flatnonzero(g.weight > 0), np.flatnonzero(g.weight < 0)]
        best = -1.0
        for run in range(5):
            start = (np.arange(60) if run % 2 else np.random.default_rng(run).integers(0, 4, 60)).tolist()
            parts = [configuration(edges(g, part, directed=False), start) for part in chosen]
            optimiser = leidenalg.Optimiser()
            optimiser.set_rng_seed(run)
            optimiser.optimise_partition_multiplex(parts, layer_weights=[sign, -sign], n_iterations=-1)
            best = max(best, sign * signed_modularity(g, parts[0].membership))
        ours = leiden(g, objective="signed", weights="signed", direction=direction, restarts=5)
        assert sign * ours.quality >= best - 0.003
