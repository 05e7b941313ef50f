"""The null model that keeps strengths."""

from __future__ import annotations

import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_models, null_report
from creditgraph.graphs.nulls import strengths
from creditgraph.guard import DataError


def signed(n: int = 50) -> WeightGraph:
    """Heavy-tailed weights of both signs, an isolated neuron, one with a single synapse, unequal strengths."""
    generator = np.random.default_rng(3)
    matrix = generator.standard_t(2, size=(n, n)) * np.exp(generator.normal(size=n)) * (generator.random((n, n)) < 0.3)
    matrix[0], matrix[:, 0] = 0.0, 0.0
    matrix[1], matrix[:, 1] = 0.0, 0.0
    matrix[1, 2] = -4.0
    return WeightGraph.from_matrix(matrix)


def parts(g: WeightGraph) -> list[np.ndarray]:
    w = g.adjacency()
    return [side.sum(axis=axis) for side in (np.maximum(w, 0), np.maximum(-w, 0)) for axis in (0, 1)]


def test_strengths_of_both_signs_stay() -> None:
    """Fails when a positive or negative in- or out-strength changes, a synapse moves, or a sign turns."""
    g = signed()
    for sample in null_models(g, "strength", samples=4, seed=0):
        for before, after in zip(parts(g), parts(sample), strict=True):
            np.testing.assert_allclose(after, before, rtol=2e-9)
        assert np.array_equal(np.sign(sample.adjacency()), np.sign(g.adjacency()))
        report = null_report(g, sample)
        assert report.same_wiring
        assert max(report.in_strength_error, report.out_strength_error) < 2e-9
        assert not report.same_weights


def test_which_synapse_is_strong_is_destroyed() -> None:
    """Fails when fitted weights are the graph's own: no shuffle before the fit, or a fit from the graph itself.

    The largest weight of each neuron of an otherwise even network is planted; in samples it is gone.
    """
    n = 40
    matrix = np.ones((n, n))
    np.fill_diagonal(np.roll(matrix, 7, axis=1), 30.0)
    matrix[np.arange(n), (np.arange(n) + 7) % n] = 30.0
    g = WeightGraph.from_matrix(matrix)
    planted = matrix == 30.0
    sample = null_model(g, "strength", seed=1).adjacency()
    np.testing.assert_allclose(sample.sum(axis=0), matrix.sum(axis=0), rtol=2e-9)
    np.testing.assert_allclose(sample.sum(axis=1), matrix.sum(axis=1), rtol=2e-9)
    assert sample[planted].mean() < 5.0
    assert np.corrcoef(sample.ravel(), matrix.ravel())[0, 1] < 0.1


def test_two_by_two_has_its_closed_form() -> None:
    """Fails when the fit is another than proportional: it keeps the odds ratio of the exchanged weights.

    With strengths all s, the fitted matrix is [[x, s - x], [s - x, x]] with x / (s - x) the root of the odds ratio.
    """
    g = WeightGraph.from_layers([np.array([[1.0, 4.0], [4.0, 1.0]])])
    found = set()
    for seed in range(40):
        x = null_model(g, "strength", seed=seed).to_layers()[0]
        np.testing.assert_allclose(x.sum(axis=0), 5.0, rtol=1e-8)
        np.testing.assert_allclose(x[0, 0], x[1, 1], rtol=1e-7)
        found.add(round(float(x[0, 0] / x[0, 1]), 5))
    # of the arrangements of 1, 4, 4, 1 those of odds ratio 16 and 1/16 keep strengths, and 1 hardly ever comes
    assert {4.0, 0.25} <= found <= {4.0, 0.25, 1.0}


def test_a_tree_leaves_no_choice() -> None:
    """Fails when a weight changes that strengths and wiring determine, as documented."""
    g = WeightGraph(4, [0, 0, 3], [1, 2, 2], [1.0, 2.0, 5.0])
    np.testing.assert_allclose(null_model(g, "strength", seed=0).weight, g.weight, rtol=1e-8)


def test_extreme_weights() -> None:
    """Fails when sums of large weights overflow or tiny ones vanish: strengths are a matter of proportion."""
    g = signed()
    for scale in (1e300, 1e-300):
        sample = null_model(g.with_weights(g.weight * scale), "strength", seed=0)
        np.testing.assert_allclose(sample.weight / scale, null_model(g, "strength", seed=0).weight, rtol=1e-7)


def test_no_convergence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when a sample whose strengths are off is handed out."""
    monkeypatch.setattr(strengths, "ITERATIONS", 2)
    monkeypatch.setattr(strengths, "STEPS", 1)
    with pytest.raises(
        DataError,
        match=r"did not converge in 2 iterations and 1 of Newton's steps \(largest relative error of a strength",
    ):
        null_model(signed(), "strength", seed=0)


def sparse(seed: int, *, undirected: bool = False) -> WeightGraph:
    """Lognormal weights of both signs on a twentieth of the places."""
    generator = np.random.default_rng(seed)
    matrix = generator.lognormal(0, 2, (60, 60)) * (generator.random((60, 60)) < 0.05)
    matrix *= generator.choice([-1, 1], (60, 60))
    return WeightGraph.from_matrix(np.triu(matrix) + np.triu(matrix, 1).T if undirected else matrix)


@pytest.mark.parametrize("undirected", [False, True])
def test_sparse_heavy_tailed_weights_are_fitted(undirected: bool) -> None:
    """Fails when the fit of sparse heavy-tailed weights is given up, as turns alone are too slow there."""
    for seed in range(4):
        g = sparse(seed, undirected=undirected)
        report = null_report(g, null_model(g, "strength", seed=seed))
        assert report.same_wiring
        assert report.unmoved < 0.6
        assert max(report.in_strength_error, report.out_strength_error) < 2e-9


def test_newton_s_steps_and_turns_fit_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when Newton's steps find other weights than proportional fitting, of which there is one matrix only."""
    g = signed()
    by_turns = null_model(g, "strength", seed=0)
    monkeypatch.setattr(strengths, "ITERATIONS", 1)
    np.testing.assert_allclose(null_model(g, "strength", seed=0).weight, by_turns.weight, rtol=1e-6)


def test_heavy_tails_stay_heavy() -> None:
    """Fails when weights shuffled at random are fitted: the spread of these is 0.74 to 0.84 of the network's."""
    generator = np.random.default_rng(0)
    g = WeightGraph.from_matrix(generator.lognormal(0, 2, (40, 40)) * (generator.random((40, 40)) < 0.3))
    for sample in null_models(g, "strength", samples=5, seed=0):
        assert 0.9 < sample.weight.std() / g.weight.std() < 1.1
