from __future__ import annotations

import importlib
import random
import subprocess
import sys

import igraph
import numpy as np
import pytest

from creditgraph.analysis import compare, leiden, modularity, quality
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

SEARCHES = [
    {"objective": "modularity"},
    {"objective": "modularity", "directed": True},
    {"objective": "signed", "weights": "signed"},
    {"objective": "signed", "weights": "signed", "directed": True},
    {"objective": "layered"},
    {"objective": "cpm", "resolution": 0.2},
    {"objective": "cpm", "resolution": 0.2, "directed": True, "weights": "signed"},
]


def random_graph(seed: int, n: int = 40, density: float = 0.3) -> WeightGraph:
    generator = np.random.default_rng(seed)
    return WeightGraph.from_matrix(generator.normal(size=(n, n)) * (generator.random((n, n)) < density))


def planted(groups: int, seed: int, *, within: float, across: float, n: int = 120) -> tuple[WeightGraph, np.ndarray]:
    """Signed weights whose chance of being there depends on whether both neurons are in one group."""
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(n) % groups)
    chance = np.where(labels[:, None] == labels, within, across)
    return WeightGraph.from_matrix(generator.normal(size=(n, n)) * (generator.random((n, n)) < chance)), labels


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
    for membership, scored in zip(p.memberships, p.qualities, strict=True):
        assert modularity(g, membership, **options) == scored
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
    for direction, expected in (("maximise", 2 / 3), ("minimise", 0.0)):
        p = leiden(WeightGraph.from_matrix(np.eye(3)), direction=direction)
        assert p.quality == pytest.approx(expected, abs=1e-15)


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


def layered_graph(seed: int) -> WeightGraph:
    generator = np.random.default_rng(seed)
    return WeightGraph.from_layers(
        [generator.normal(size=shape) * (generator.random(shape) < 0.5) for shape in ((16, 12), (8, 16))]
    )


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
@pytest.mark.parametrize("options", SEARCHES)
def test_large_graphs_are_searched_along_their_synapses(
    options: dict[str, object], direction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when the engines for graphs too large to be made complete climb another objective, or the other way."""
    g = layered_graph(1)
    complete = leiden(g, direction=direction, restarts=12, **options)
    monkeypatch.setattr(importlib.import_module("creditgraph.analysis.leiden"), "COMPLETE_NEURONS", 0)
    p = leiden(g, direction=direction, restarts=12, **options)
    assert p.quality == quality(g, p, **options)
    everyone, alone = (quality(g, labels, **options) for labels in ([0] * g.n, range(g.n)))
    sign = -1 if direction == "minimise" else 1
    # of what can be gained over the better of the two trivial partitions, most is
    trivial = max(sign * everyone, sign * alone)
    assert sign * complete.quality > trivial + 1e-3 or options["objective"] == "cpm"
    assert sign * p.quality - trivial >= 0.6 * (sign * complete.quality - trivial) - 1e-12
    again = leiden(g, direction=direction, restarts=12, **options)
    assert np.array_equal(again.memberships, p.memberships)


@pytest.mark.parametrize("options", [{}, {"objective": "signed", "weights": "signed"}])
@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_a_warm_start_is_never_worse_and_the_others_as_ever(options: dict[str, object], direction: str) -> None:
    """Fails when the search leaves its start for something worse, or a start changes the restarts that have none."""
    g = random_graph(4)
    cold = leiden(g, direction=direction, restarts=8, **options)
    best = cold.membership
    warm = leiden(g, direction=direction, restarts=3, initial_membership=best + 5, **options)
    sign = -1 if direction == "minimise" else 1
    assert sign * warm.qualities[0] >= sign * cold.quality
    assert np.array_equal(warm.memberships[1:], cold.memberships[1:3])
    assert warm.initial_membership is not None
    assert compare(warm.initial_membership, best) == pytest.approx(1.0)
    # something poor is left
    poor = leiden(g, direction=direction, restarts=1, initial_membership=np.arange(40) % 2, **options)
    assert sign * poor.quality > sign * quality(g, np.arange(40) % 2, **options)
    with pytest.raises(DataError, match="membership: got 3 labels, expected one for each of the 40 neurons"):
        leiden(g, direction=direction, initial_membership=[0, 1, 1], **options)


def test_a_start_that_cannot_be_left_is_kept() -> None:
    """Fails when an engine that only gets worse replaces the start, or equal partitions loop for ever."""
    from creditgraph.analysis.engines import climb

    class Falling:
        def iterate(self, membership: list[int] | None, generator: random.Random) -> list[int]:
            return [label + 1 for label in membership or [0, 0]]

    def value(membership: np.ndarray) -> float:
        return -float(membership.sum())

    kept = climb(Falling(), value, start=[3, 3], generator=random.Random(0), reached=-6.0)
    assert kept.tolist() == [3, 3]
    # drawn by chance, the start is no result: what was made of it is
    assert climb(Falling(), value, start=[3, 3], generator=random.Random(0)).tolist() == [4, 4]


@pytest.mark.slow
@pytest.mark.parametrize("options", SEARCHES)
def test_workers_change_nothing(options: dict[str, object]) -> None:
    """Fails when the result depends on how many processes share the restarts."""
    g = layered_graph(2)
    alone = leiden(g, restarts=5, seed=3, **options)
    for workers in (2, 3):
        shared = leiden(g, restarts=5, seed=3, workers=workers, **options)
        assert np.array_equal(shared.memberships, alone.memberships)
        assert np.array_equal(shared.qualities, alone.qualities)
    with pytest.raises(OptionError, match="workers: got 0"):
        leiden(g, workers=0)
