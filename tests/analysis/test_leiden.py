from __future__ import annotations

import random
import subprocess
import sys
from functools import cache

import igraph
import numpy as np
import pytest

from creditgraph.analysis import compare, leiden, modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError


def random_graph(seed: int, n: int = 40, density: float = 0.3) -> WeightGraph:
    generator = np.random.default_rng(seed)
    return WeightGraph.from_matrix(generator.normal(size=(n, n)) * (generator.random((n, n)) < density))


def planted(groups: int, seed: int, *, within: float, across: float, n: int = 120) -> tuple[WeightGraph, np.ndarray]:
    """Signed weights whose chance of being there depends on whether both neurons are in one group."""
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(n) % groups)
    chance = np.where(labels[:, None] == labels, within, across)
    return WeightGraph.from_matrix(generator.normal(size=(n, n)) * (generator.random((n, n)) < chance)), labels


@cache
def all_partitions(n: int) -> np.ndarray:
    """Every partition of n neurons, as restricted growth strings: shape (Bell number, n)."""
    found = [[0]]
    for _ in range(n - 1):
        found = [[*labels, label] for labels in found for label in range(max(labels) + 2)]
    return np.array(found)


def brute_force(g: WeightGraph, directed: bool, resolution: float) -> tuple[float, float]:
    """Lowest and highest modularity over all partitions, from the dense formula."""
    a = np.abs(g.adjacency())
    a = a if directed else a + a.T
    b = a / a.sum() - resolution * np.outer(a.sum(axis=1), a.sum(axis=0)) / a.sum() ** 2
    labels = all_partitions(g.n)
    q = ((labels[:, :, None] == labels[:, None, :]) * b).sum(axis=(1, 2))
    return float(q.min()), float(q.max())


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("resolution", [0.6, 1.0, 1.5])
def test_optimum_of_small_graphs(directed: bool, resolution: float) -> None:
    """Fails when the engine is given another objective: extreme Q against all partitions, up to 8 neurons."""
    for seed in range(16):
        generator = np.random.default_rng(seed)
        n = int(generator.integers(2, 9))
        g = random_graph(seed, n, density=float(generator.choice([0.3, 0.6, 1.0])))
        if seed % 3 == 0:
            # ties everywhere
            g = g.with_weights(np.ones(g.synapses))
        if not g.synapses:
            continue
        low, high = brute_force(g, directed, resolution)
        options = {"directed": directed, "resolution": resolution, "restarts": 30}
        assert leiden(g, direction="maximise", **options).quality == pytest.approx(high, abs=1e-12)
        assert leiden(g, direction="minimise", **options).quality == pytest.approx(low, abs=1e-12)


@pytest.mark.parametrize("groups", [2, 4, 7])
@pytest.mark.parametrize("directed", [False, True])
def test_planted_communities_are_recovered(groups: int, directed: bool) -> None:
    """Fails when communities that nobody could miss are missed."""
    g, labels = planted(groups, seed=groups, within=0.8, across=0.05)
    p = leiden(g, directed=directed)
    assert compare(p, labels) == pytest.approx(1.0, abs=1e-12)
    assert p.communities == groups


@pytest.mark.parametrize("groups", [2, 3, 5])
@pytest.mark.parametrize("directed", [False, True])
def test_planted_anti_communities_are_recovered(groups: int, directed: bool) -> None:
    """Fails when minimal modularity does not find the groups that only talk to others."""
    g, labels = planted(groups, seed=groups, within=0.0, across=0.9)
    p = leiden(g, direction="minimise", directed=directed)
    assert compare(p, labels) == pytest.approx(1.0, abs=1e-12)
    assert p.quality < 0


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
@pytest.mark.parametrize("directed", [False, True])
def test_every_restart_is_rescored(direction: str, directed: bool) -> None:
    """Fails when a quality is the engine's and not our modularity's, or the best is not the best, or not the first."""
    g = random_graph(3)
    p = leiden(g, direction=direction, directed=directed, resolution=1.2, restarts=12, weights="positive", seed=5)
    options = {"resolution": 1.2, "directed": directed, "weights": "positive"}
    assert p.memberships.shape == (12, 40)
    for membership, quality in zip(p.memberships, p.qualities, strict=True):
        assert modularity(g, membership, **options) == quality
    best = p.qualities.max() if direction == "maximise" else p.qualities.min()
    assert p.quality == best
    assert np.array_equal(p.membership, p.memberships[np.flatnonzero(p.qualities == best)[0]])
    asked = (p.objective, p.direction, p.weights, p.directed, p.resolution, p.restarts, p.seed)
    assert asked == ("modularity", direction, "positive", directed, 1.2, 12, 5)


def test_seed_decides_and_nothing_else() -> None:
    """Fails when the result depends on, or changes, the state of random, or on what ran before."""
    g = random_graph(0, density=1.0)
    random.seed(1)
    state = random.getstate()
    first = leiden(g, seed=4, restarts=3)
    assert random.getstate() == state
    random.seed(2)
    leiden(random_graph(1), restarts=2, direction="minimise")
    again = leiden(g, seed=4, restarts=6)
    assert np.array_equal(first.memberships, again.memberships[:3])
    other = leiden(g, seed=5, restarts=6)
    assert not np.array_equal(other.memberships, again.memberships)
    # neighbouring seeds share no restart
    assert not np.array_equal(other.memberships[:5], again.memberships[1:])


@pytest.mark.slow
def test_same_result_in_another_process() -> None:
    """Fails when the result depends on the process, such as on the hashing of texts."""
    code = (
        "import numpy as np; from creditgraph.graphs import WeightGraph; from creditgraph.analysis import leiden;"
        "g = WeightGraph.from_matrix(np.random.default_rng(0).normal(size=(40, 40)));"
        "print(leiden(g, seed=9).membership.tolist())"
    )
    g = WeightGraph.from_matrix(np.random.default_rng(0).normal(size=(40, 40)))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(leiden(g, seed=9).membership.tolist())


def test_generator_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when igraph is left with our generator after an error: its own random calls would follow our seed."""

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    g = random_graph(0)
    random.seed(3)
    expected = igraph.Graph.Erdos_Renyi(20, 0.3).get_edgelist()
    with monkeypatch.context() as patch:
        patch.setattr(igraph.Graph, "community_leiden", fail)
        with pytest.raises(KeyboardInterrupt):
            leiden(g)
    random.seed(3)
    assert igraph.Graph.Erdos_Renyi(20, 0.3).get_edgelist() == expected
    leiden(g)
    random.seed(3)
    assert igraph.Graph.Erdos_Renyi(20, 0.3).get_edgelist() == expected


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_labels_by_size_and_isolated_neurons_last(direction: str) -> None:
    """Fails when labels depend on the engine, or a neuron without synapses joins a community by chance."""
    g, _ = planted(3, seed=1, within=0.8 if direction == "maximise" else 0.02, across=0.4)
    matrix = np.zeros((125, 125))
    matrix[5:, 5:] = g.adjacency()
    p = leiden(WeightGraph.from_matrix(matrix), direction=direction, restarts=4)
    assert p.isolated == 5
    assert p.membership[:5].tolist() == list(range(p.communities, p.communities + 5))
    assert p.sizes.sum() == 120
    assert (np.diff(p.sizes) <= 0).all()
    ties = leiden(WeightGraph.from_matrix(np.kron(np.eye(3), np.ones((2, 2)) - np.eye(2))))
    assert ties.membership.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_unit_of_weights_does_not_matter(direction: str) -> None:
    """Fails when the engine's randomness is compared to the unit of the weights."""
    g = random_graph(2)
    p = leiden(g, direction=direction)
    for factor in (2.0**-300, 2.0**300):
        scaled = leiden(g.with_weights(g.weight * factor), direction=direction)
        assert np.array_equal(p.memberships, scaled.memberships)


def test_self_synapses_only() -> None:
    """Fails when a graph whose neurons are not joined at all ends in an error or NaN."""
    for direction, quality in (("maximise", 2 / 3), ("minimise", 0.0)):
        p = leiden(WeightGraph.from_matrix(np.eye(3)), direction=direction)
        assert p.quality == pytest.approx(quality, abs=1e-15)


def test_symmetric_graphs_end() -> None:
    """Fails when ties keep the engine moving neurons for ever, as igraph's own test of convergence does here."""
    complete = np.ones((30, 30)) - np.eye(30)
    ring = np.roll(np.eye(70), 1, axis=1)
    bipartite = np.kron(1 - np.eye(2), np.ones((8, 8)))
    mask = np.random.default_rng(0).random((8, 8)) < 0.5
    for matrix in (complete, ring, bipartite, mask.astype(float)):
        for direction in ("maximise", "minimise"):
            p = leiden(WeightGraph.from_matrix(matrix * 0.1), direction=direction, restarts=12)
            assert np.isfinite(p.qualities).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "max"}, "direction: got 'max'"),
        ({"objective": "Modularity"}, "objective: got 'Modularity'.*did you mean 'modularity'"),
        ({"restarts": 0}, "restarts: got 0"),
        ({"resolution": -1.0}, "resolution"),
        ({"seed": 0.5}, "seed"),
        ({"weights": "plus"}, "weights"),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    """Fails when an impossible option is taken, or answered by a library."""
    with pytest.raises(OptionError, match=message):
        leiden(random_graph(0), **options)


def test_bad_graphs() -> None:
    """Fails when no synapses, or negative ones, give communities."""
    with pytest.raises(DataError, match="no synapse"):
        leiden(WeightGraph.from_matrix(np.zeros((4, 4))))
    with pytest.raises(DataError, match="negative"):
        leiden(random_graph(0), weights="signed")
