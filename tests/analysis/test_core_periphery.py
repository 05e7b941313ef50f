from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from creditgraph.analysis import core_periphery, core_periphery_score, planted_structure
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError


def random_graph(seed: int, n: int) -> WeightGraph:
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < generator.uniform(0.3, 1.0))
    return WeightGraph.from_matrix(matrix)


def transcribed(g: WeightGraph, core: np.ndarray) -> float | None:
    """Pearson's correlation over pairs, in loops; None where it is not defined."""
    matrix = np.abs(g.adjacency())
    pairs = [
        (matrix[i, j] + matrix[j, i], float(core[i]))
        for i in range(g.n)
        for j in range(i)
        if bool(core[i]) == bool(core[j])
    ]
    values, ideal = np.array(pairs).T
    if np.ptp(values) < 1e-9 or np.ptp(ideal) == 0:
        return None
    return float(np.corrcoef(values, ideal)[0, 1])


def all_cores(n: int) -> list[np.ndarray]:
    return [np.array(core) for core in product([False, True], repeat=n) if 2 <= sum(core) <= n - 2]


def test_score_equals_its_definition() -> None:
    """Fails when pairs between core and periphery count, directions are lost, or the diagonal counts."""
    generator = np.random.default_rng(0)
    for seed in range(20):
        g = random_graph(seed, 12)
        core = generator.permutation(np.arange(12) < generator.integers(2, 11))
        assert core_periphery_score(g, core) == pytest.approx(transcribed(g, core), abs=1e-12)


def test_finds_the_best_of_all_cores() -> None:
    """Fails when the search misses the optimum of brute force on graphs of up to 9 neurons."""
    for seed in range(25):
        g = random_graph(seed, 5 + seed % 5)
        scores = [transcribed(g, core) for core in all_cores(g.n)]
        best = max(score for score in scores if score is not None)
        found = core_periphery(g, restarts=20, seed=seed)
        assert found.score == pytest.approx(best, abs=1e-9)
        assert found.score == core_periphery_score(g, found.core)


def test_perfect_core_whatever_lies_between() -> None:
    """Fails when weights between core and periphery change the score, or the ideal network does not reach 1."""
    core = np.arange(20) < 6
    for between in (0.0, 0.4, 3.0):
        matrix = np.where(np.outer(core, core), 1.0, np.where(np.outer(~core, ~core), 0.0, between))
        np.fill_diagonal(matrix, 0.0)
        g = WeightGraph.from_matrix(matrix)
        assert core_periphery_score(g, core) == pytest.approx(1.0, abs=1e-12)
        assert core_periphery_score(g, ~core) == pytest.approx(-1.0, abs=1e-12)
        found = core_periphery(g)
        assert found.score == pytest.approx(1.0, abs=1e-12)
        # one neuron outside leaves both parts as pure as they were
        assert (found.core != core).sum() <= 1


def test_recovers_a_planted_core() -> None:
    """Fails when core and periphery are swapped, or the search stops early."""
    planted = planted_structure("core-periphery", n=100, strength=5.0, density=0.5, seed=2)
    found = core_periphery(planted.graph, seed=1)
    assert (found.core == (planted.membership == 0)).mean() >= 0.97
    assert found.score >= core_periphery_score(planted.graph, planted.membership == 0)


def test_scale_and_view() -> None:
    """Fails when the unit of weights matters, or a view is not the one that is asked for."""
    g = random_graph(3, 20)
    found = core_periphery(g, weights="positive")
    assert found.score == core_periphery(g.view("positive"), weights="signed").score != core_periphery(g).score
    for factor in (1e-200, 1e200):
        scaled = core_periphery(g.with_weights(g.weight * factor), weights="positive")
        assert scaled.core.tolist() == found.core.tolist()
        assert scaled.score == pytest.approx(found.score, abs=1e-12)


def test_seed_and_restarts() -> None:
    """Fails when the same seed gives another result, a restart depends on their count, or the best is lost."""
    g = random_graph(0, 30)
    few, many = core_periphery(g, restarts=3, seed=4), core_periphery(g, restarts=6, seed=4)
    assert few.scores.tolist() == many.scores[:3].tolist()
    assert many.score == many.scores.max()
    assert (many.restarts, many.seed, many.weights) == (6, 4, "absolute")


def test_equal_pairs_have_no_core() -> None:
    """Fails when a network of equal weights gives NaN, or rounding makes a core."""
    found = core_periphery(WeightGraph.from_matrix((np.ones((6, 6)) - np.eye(6)) * 0.1))
    assert found.score == 0.0
    assert not found.core.any()


def test_mistakes_are_told() -> None:
    """Fails when what has no core or periphery is answered by NaN or a traceback of a library."""
    g = random_graph(0, 6)
    with pytest.raises(DataError, match="3 neurons, expected at least 4"):
        core_periphery(WeightGraph.from_matrix(np.ones((3, 3))))
    with pytest.raises(DataError, match="at least two neurons each"):
        core_periphery_score(g, np.arange(6) < 1)
    with pytest.raises(DataError, match="True or False for 6 neurons"):
        core_periphery_score(g, np.arange(6))
    with pytest.raises(DataError, match="negative"):
        core_periphery(g, weights="signed")
    with pytest.raises(OptionError, match="restarts"):
        core_periphery(g, restarts=0)
