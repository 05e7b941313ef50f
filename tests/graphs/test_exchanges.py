"""The null model that exchanges weights and keeps strengths nearly."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_models, null_report
from creditgraph.graphs.nulls import exchanges

NAME = "shuffle_strength"


def heavy(n: int = 60, *, seed: int = 0, signed: bool = False) -> WeightGraph:
    """Lognormal weights of neurons whose strengths differ, on three tenths of the pairs, some of them self-synapses."""
    generator = np.random.default_rng(seed)
    matrix = generator.lognormal(size=(n, n)) * np.exp(generator.normal(size=n)) * (generator.random((n, n)) < 0.3)
    return WeightGraph.from_matrix(matrix * generator.choice([-1, 1], (n, n)) if signed else matrix)


def strengths(matrix: np.ndarray) -> np.ndarray:
    """Positive and negative in- and out-strengths, (4 n,)."""
    return np.concatenate(
        [side.sum(axis) for side in (np.maximum(matrix, 0), np.maximum(-matrix, 0)) for axis in (0, 1)]
    )


def looseness(matrix: np.ndarray) -> np.ndarray:
    """A tenth of the root sum of squares of the weights in each of these strengths."""
    return 0.1 * np.sqrt(strengths(matrix * np.abs(matrix)))


def test_wiring_signs_and_weights_as_sets_are_kept_and_no_weight_stays_where_it_was() -> None:
    """Fails when a synapse moves, a sign turns, weights are fitted, or nothing is exchanged."""
    g = heavy(signed=True)
    for sample in null_models(g, NAME, samples=3, seed=0):
        report = null_report(g, sample)
        assert report.same_wiring
        assert report.same_weights
        assert np.array_equal(np.sign(sample.weight), np.sign(g.weight))
        assert report.unmoved < 0.05


def test_strengths_are_off_by_a_tenth_of_the_root_sum_of_squares() -> None:
    """Fails when strengths are forgotten, held tighter or looser than is said, or those of one side or sign only."""
    g = heavy(signed=True)
    before, scale = strengths(g.adjacency()), looseness(g.adjacency())
    off = np.array([(strengths(s.adjacency()) - before) / scale for s in null_models(g, NAME, samples=20, seed=1)])
    for each in np.split(off, 4, axis=1):
        assert 0.6 < np.sqrt((each**2).mean()) < 1.05
    assert np.abs(off.mean()) < 0.1
    free = strengths(null_model(g, "shuffle_nonzero", seed=1).adjacency())
    assert np.sqrt((((free - before) / scale) ** 2).mean()) > 5


def test_which_synapse_of_a_neuron_is_strong_is_destroyed() -> None:
    """Fails when the chain hardly leaves the network that it sets out from."""
    n = 40
    planted = np.roll(np.eye(n, dtype=bool), 7, axis=1)
    matrix = np.where(planted, 30.0, np.random.default_rng(0).uniform(0.9, 1.1, (n, n)))
    sample = null_model(WeightGraph.from_matrix(matrix), NAME, seed=1).adjacency()
    assert (sample[planted] > 10).mean() < 0.2
    assert ((sample > 10).sum(0) == 1).all()
    assert ((sample > 10).sum(1) == 1).all()


@pytest.mark.parametrize("undirected", [False, True])
def test_arrangements_are_as_frequent_as_their_energy_says(undirected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when moves are not as likely forwards as backwards, or the energy is another than what the docs say.

    Of six weights, from two neurons to three others or on all edges of four, each of the 720 arrangements is known, and
    how likely it is.
    """
    monkeypatch.setattr(exchanges, "FEWEST_TRIES", 3000)
    monkeypatch.setattr(exchanges, "MOST_SWEEPS", 0)
    weights = np.array([1.0, 1.2, 1.6, 1.4, 2.0, 1.1])

    def placed(values: np.ndarray) -> np.ndarray:
        matrix = np.zeros((5, 5))
        if undirected:
            matrix[np.triu_indices(4, 1)] = values
            return matrix + matrix.T
        matrix[2:, :2] = values.reshape(3, 2)
        return matrix

    def values(g: WeightGraph) -> tuple[float, ...]:
        matrix = g.adjacency()
        return tuple(matrix[np.triu_indices(4, 1)] if undirected else matrix[2:, :2].ravel())

    def held(matrix: np.ndarray) -> np.ndarray:
        """Each neuron's one strength, or its in- and its out-strength."""
        sums = matrix.sum(0) if undirected else np.concatenate([matrix.sum(0), matrix.sum(1)])
        return sums[sums > 0]

    matrix = placed(weights)
    before, scale = held(matrix), 0.1 * np.sqrt(held(matrix**2))
    arrangements = [np.array(each) for each in itertools.permutations(weights)]
    shares = np.array([np.exp(-0.5 * (((held(placed(each)) - before) / scale) ** 2).sum()) for each in arrangements])
    samples = 6000
    drawn = null_models(WeightGraph.from_matrix(matrix), NAME, samples=samples, seed=0)
    counts = Counter(values(sample) for sample in drawn)
    found = np.array([counts[tuple(each)] for each in arrangements])
    expected = samples * shares / shares.sum()
    often = expected > 10
    assert expected[often].sum() > 0.8 * samples
    statistic = ((found - expected) ** 2 / expected)[often].sum()
    # about chi-square with as many degrees of freedom
    assert abs(statistic - often.sum()) < 4 * np.sqrt(2 * often.sum())
    free = samples / len(arrangements)
    assert ((found - free) ** 2 / free)[often].sum() > 2 * statistic, "as if strengths did not matter"


def test_an_edge_is_one_weight_of_both_neurons() -> None:
    """Fails when halves of an edge differ, or an undirected neuron's strength is not held."""
    half = np.triu(heavy().adjacency(), 1)
    g = WeightGraph.from_matrix(half + half.T + np.diag(np.arange(60.0)))
    before, scale = (half + half.T).sum(0), 0.1 * np.sqrt(((half + half.T) ** 2).sum(0))
    off = []
    for sample in null_models(g, NAME, samples=20, seed=0):
        matrix = sample.adjacency()
        np.testing.assert_array_equal(matrix, matrix.T)
        np.testing.assert_array_equal(matrix.diagonal(), np.arange(60.0))
        np.fill_diagonal(matrix, 0.0)
        off.append((matrix.sum(0) - before) / scale)
    assert 0.6 < np.sqrt((np.array(off) ** 2).mean()) < 1.05


@pytest.mark.parametrize("ratio", [1e-6, 1e-20])
def test_faint_neurons_keep_their_strengths_beside_strong_ones(ratio: float) -> None:
    """Fails when what is added and taken away again wipes out the strengths of neurons with faint weights."""
    n = 40
    matrix = np.random.default_rng(0).uniform(0.5, 1.5, (n, n))
    matrix[:, : n // 2] *= ratio
    before, scale = matrix.sum(0), 0.1 * np.sqrt((matrix**2).sum(0))
    samples = [s.adjacency() for s in null_models(WeightGraph.from_matrix(matrix), NAME, samples=10, seed=0)]
    off = np.array([(s.sum(0) - before) / scale for s in samples])
    assert 0.6 < np.sqrt((off[:, : n // 2] ** 2).mean()) < 1.05
    assert 0.6 < np.sqrt((off[:, n // 2 :] ** 2).mean()) < 1.05


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_scale_of_the_weights_does_not_matter(scale: float) -> None:
    """Fails when squares overflow or vanish."""
    g = heavy(20)
    sample = null_model(g.with_weights(g.weight * scale), NAME, seed=0)
    np.testing.assert_allclose(sample.weight / scale, null_model(g, NAME, seed=0).weight, rtol=1e-12)


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.diag([1.0, 0, 0]), np.ones((3, 3)), [[0, -2], [3, 0]]])
def test_where_nothing_can_be_exchanged_the_graph_stays(matrix: np.ndarray) -> None:
    g = WeightGraph.from_matrix(matrix)
    assert null_model(g, NAME, seed=0) == g
