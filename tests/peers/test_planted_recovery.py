from __future__ import annotations

import networkx as nx
import numpy as np

from creditgraph.analysis import compare, leiden, planted_communities, planted_layers


def louvain(matrix: np.ndarray) -> np.ndarray:
    """Labels of networkx's best of five restarts."""
    graph = nx.from_numpy_array(np.abs(matrix) + np.abs(matrix.T))
    runs = [nx.community.louvain_communities(graph, weight="weight", seed=seed) for seed in range(5)]
    best = max(runs, key=lambda run: nx.community.modularity(graph, run, weight="weight"))
    labels = np.empty(len(matrix), dtype=int)
    for label, members in enumerate(best):
        labels[list(members)] = label
    return labels


def test_planted_communities_are_found_as_well_as_by_louvain() -> None:
    """Fails when easy communities are missed, or hard ones are found clearly worse than by networkx."""
    for mixing, least in ((0.2, 0.97), (0.5, 0.6)):
        ours, theirs = [], []
        for seed in range(3):
            planted = planted_communities(n=200, mixing=mixing, smallest=20, largest=50, seed=seed)
            ours.append(compare(planted.membership, leiden(planted.graph, restarts=5, seed=seed)))
            theirs.append(compare(planted.membership, louvain(planted.graph.adjacency())))
        assert np.mean(ours) >= least
        assert np.mean(ours) >= np.mean(theirs) - 0.03


def test_planted_groups_of_layers_are_found_as_well_as_by_louvain() -> None:
    """Fails when groups that run through layers are missed where networkx finds them."""
    ours, theirs = [], []
    for seed in range(3):
        planted = planted_layers([30, 40, 30], groups=3, mixing=0.45, seed=seed)
        ours.append(compare(planted.membership, leiden(planted.graph, objective="layered", restarts=5, seed=seed)))
        theirs.append(compare(planted.membership, louvain(planted.graph.adjacency())))
    assert np.mean(ours) >= 0.9
    assert np.mean(ours) >= np.mean(theirs) - 0.03
