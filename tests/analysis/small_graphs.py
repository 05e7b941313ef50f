"""Every partition of a small graph, and the best of them from dense formulas."""

from __future__ import annotations

from functools import cache

import numpy as np

from creditgraph.graphs import WeightGraph

SEARCHES = [
    ("modularity", "absolute", False),
    ("modularity", "absolute", True),
    ("signed", "signed", False),
    ("signed", "signed", True),
    ("layered", "absolute", False),
    ("cpm", "absolute", False),
    ("cpm", "signed", True),
]


@cache
def all_partitions(n: int) -> np.ndarray:
    """Every partition of n neurons, as restricted growth strings: shape (Bell number, n)."""
    found = [[0]]
    for _ in range(n - 1):
        found = [[*labels, label] for labels in found for label in range(max(labels) + 2)]
    return np.array(found)


def pair_matrix(g: WeightGraph, objective: str, weights: str, directed: bool, resolution: float) -> np.ndarray:
    """B with quality = sum_ij B_ij delta(g_i, g_j), from the dense formulas of the papers."""
    v = g.adjacency(weights=weights)
    n = g.n
    if objective == "cpm":
        # pairs are ordered here, so that each unordered one counts twice half
        return v - resolution * (1 - np.eye(n)) * (1.0 if directed else 0.5)
    if objective == "modularity":
        return configuration(v, directed, resolution)
    if objective == "signed":
        positive, negative = v.clip(0), (-v).clip(0)
        share = positive.sum() / np.abs(v).sum()
        return share * configuration(positive, directed, resolution) - (1 - share) * configuration(
            negative, directed, resolution
        )
    assert g.layers is not None
    total = np.zeros((n, n))
    for above in set(g.layers.tolist()):
        for below in set(g.layers.tolist()):
            block = v * np.outer(g.layers == above, g.layers == below)
            # Barber: the null model of a block has the strengths of the block
            total += block.sum() / v.sum() * configuration(block, True, resolution)
    return total


def configuration(v: np.ndarray, directed: bool, resolution: float) -> np.ndarray:
    if not v.any():
        return np.zeros(v.shape)
    a = v if directed else v + v.T
    return a / a.sum() - resolution * np.outer(a.sum(axis=1), a.sum(axis=0)) / a.sum() ** 2


def qualities(g: WeightGraph, labels: np.ndarray, *search: object) -> np.ndarray:
    """Quality of many partitions, shape (partitions,), each pair of neurons in turn."""
    b = pair_matrix(g, *search)  # type: ignore[arg-type]
    found = np.full(len(labels), np.trace(b))
    for i in range(g.n):
        for j in range(i):
            found += (b[i, j] + b[j, i]) * (labels[:, i] == labels[:, j])
    return found


def random_graph(seed: int, n: int | None = None) -> WeightGraph:
    """Up to 9 neurons in up to 3 layers, signed, with self-synapses and often with ties or isolated neurons."""
    generator = np.random.default_rng(seed)
    n = int(generator.integers(2, 10)) if n is None else n
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < generator.choice([0.3, 0.6, 1.0]))
    if seed % 3 == 0:
        matrix = np.sign(matrix)
    if not matrix.any():
        matrix[0, 1] = -1.0
    return WeightGraph.from_matrix(matrix, layers=np.sort(generator.integers(0, 3, n)))
