from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from creditgraph.analysis import compare, leiden, modularity, multislice, multislice_modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

sys.path.insert(0, str(Path(__file__).parent))
from small_graphs import all_partitions

MODULE = sys.modules[multislice.__module__]


def random_slices(seed: int, n: int, count: int) -> list[WeightGraph]:
    generator = np.random.default_rng(seed)
    found = []
    for scale in 10.0 ** np.arange(count):
        matrix = generator.random((n, n)) * (generator.random((n, n)) < 0.6) * scale
        matrix[0, 0], matrix[0, 1] = scale, scale
        found.append(WeightGraph.from_matrix(matrix))
    return found


def dense(graphs: list[WeightGraph], coupling: float, resolution: float) -> np.ndarray:
    """B with Q = sum B_ij delta(g_i, g_j) over all neurons of all slices: Mucha's formula, transcribed."""
    n, count = graphs[0].n, len(graphs)
    b, two_mu = np.zeros((n * count, n * count)), 0.0
    for s, g in enumerate(graphs):
        a = g.adjacency()
        a = a + a.T
        off = a[~np.eye(n, dtype=bool)]
        a = a / off[off > 0].mean()
        k = a.sum(axis=0)
        b[s * n : (s + 1) * n, s * n : (s + 1) * n] = a - resolution * np.outer(k, k) / k.sum()
        two_mu += k.sum()
    for i in range(n * (count - 1)):
        b[i, i + n] = b[i + n, i] = coupling
        two_mu += 2 * coupling
    return b / two_mu


@pytest.mark.parametrize("resolution", [1.0, 0.6])
@pytest.mark.parametrize("coupling", [0.0, 0.3, 2.0])
def test_against_the_dense_formula_and_brute_force(coupling: float, resolution: float) -> None:
    """Fails when a slice, a tie or the norm is counted otherwise than in the formula, or the best is missed."""
    for n, count in ((3, 3), (4, 2), (9, 1)):
        graphs = random_slices(n, n, count)
        b = dense(graphs, coupling, resolution)
        partitions = all_partitions(n * count)
        q = np.full(len(partitions), np.trace(b))
        for i in range(n * count):
            for j in range(i):
                q += 2 * b[i, j] * (partitions[:, i] == partitions[:, j])
        options = {"coupling": coupling, "resolution": resolution}
        for row in (0, 17 % len(q), len(q) - 1):
            found = multislice_modularity(graphs, partitions[row].reshape(count, n), **options)
            assert found == pytest.approx(q[row], abs=1e-12)
        assert multislice(graphs, restarts=20, **options).quality == pytest.approx(q.max(), abs=1e-12)


def test_limits_of_the_coupling() -> None:
    """Fails when uncoupled slices influence each other, or strongly coupled ones let a neuron change."""
    graphs = random_slices(1, 20, 3)
    free = multislice(graphs, coupling=0.0, restarts=10)
    for g, labels in zip(graphs, free.memberships, strict=True):
        assert modularity(g, labels) == pytest.approx(leiden(g, restarts=20).quality, abs=0.01)
    bound = multislice(graphs, coupling=1e4, restarts=10)
    assert (bound.memberships == bound.memberships[0]).all()
    assert bound.quality == pytest.approx(multislice_modularity(graphs, bound.memberships, coupling=1e4), abs=1e-15)


@pytest.mark.parametrize("engine", ["pairs", "multiplex"])
def test_planted_communities_are_followed(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when communities keep no label over time, or a move of neurons is missed; in both engines."""
    if engine == "multiplex":
        monkeypatch.setattr(MODULE, "PAIRS", 0)
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 3
    moved = labels.copy()
    moved[:9] = (labels[:9] + 1) % 3
    truth = np.array([labels, labels, moved, moved])
    graphs = [
        WeightGraph.from_matrix(generator.random((60, 60)) < np.where(own[:, None] == own, 0.7, 0.05)) for own in truth
    ]
    found = multislice(graphs, coupling=0.5, restarts=4, seed=3)
    assert found.communities == 3
    assert compare(found.memberships.ravel(), truth.ravel()) == pytest.approx(1.0, abs=1e-12)
    assert found.quality == multislice_modularity(graphs, found.memberships, coupling=0.5)
    assert found.qualities.shape == (4,)


@pytest.mark.slow
def test_seed_and_workers() -> None:
    """Fails when the result depends on how many processes share the restarts, or not on the seed."""
    graphs = random_slices(2, 30, 2)
    first = multislice(graphs, restarts=3, seed=1)
    again = multislice(graphs, restarts=3, seed=1, workers=2)
    assert np.array_equal(first.memberships, again.memberships)
    assert np.array_equal(first.qualities, again.qualities)
    assert not np.array_equal(multislice(graphs, restarts=3, seed=2).qualities, first.qualities)


def test_what_it_refuses() -> None:
    """Fails when slices that do not fit together, or impossible options, reach the engine."""
    g, other = random_slices(0, 4, 1)[0], random_slices(0, 5, 1)[0]
    for graphs, message in (
        ([], "no slice"),
        (g, "expected a list of WeightGraph"),
        ([g, other], r"graphs\[1\]: got 5 neurons, expected 4"),
        ([g, 3], r"graphs\[1\]: got a value of type int"),
        ([g, WeightGraph.from_matrix(np.zeros((4, 4)))], "no synapse"),
    ):
        with pytest.raises(DataError, match=message):
            multislice(graphs)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"coupling: got -1\.0"):
        multislice([g], coupling=-1.0)
    with pytest.raises(DataError, match=r"memberships: got an array of shape \(4,\), expected \(2, 4\)"):
        multislice_modularity([g, g], [0, 0, 1, 1])
    selves = WeightGraph.from_matrix(np.eye(3))
    assert multislice([selves, selves], coupling=0.0).quality == pytest.approx(2 / 3)
