"""The null model that exchanges dyads, so that reciprocity is kept, and keeps strengths nearly."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_models, null_report
from creditgraph.graphs.nulls import exchanges

NAME = "shuffle_dyads_strength"


def signed(n: int = 60, *, seed: int = 0) -> WeightGraph:
    """Signed lognormal weights of neurons whose strengths differ; half of the dyads are pairs of like weights."""
    generator = np.random.default_rng(seed)
    matrix = generator.lognormal(size=(n, n)) * np.exp(generator.normal(size=n)) * (generator.random((n, n)) < 0.3)
    matrix *= generator.choice([-1, 1], (n, n))
    like = np.triu(generator.random((n, n)) < 0.15, 1)
    return WeightGraph.from_matrix(np.where(like.T, 1.1 * matrix.T, np.where(like & (matrix == 0), 0.5, matrix)))


def strengths(matrix: np.ndarray) -> np.ndarray:
    """Positive and negative in- and out-strengths, (4 n,)."""
    return np.concatenate(
        [side.sum(axis) for side in (np.maximum(matrix, 0), np.maximum(-matrix, 0)) for axis in (0, 1)]
    )


def looseness(matrix: np.ndarray) -> np.ndarray:
    """A tenth of the root sum of squares of the weights in each of these strengths."""
    return 0.1 * np.sqrt(strengths(matrix * np.abs(matrix)))


def dyads(matrix: np.ndarray) -> list[tuple[float, ...]]:
    """The two weights of each pair of neurons, and the weight of each self-synapse, as sets with repeats."""
    pairs = [sorted((matrix[i, j], matrix[j, i])) for i, j in zip(*np.triu_indices(len(matrix), 1), strict=True)]
    return [*sorted(map(tuple, pairs)), tuple(sorted(matrix.diagonal()))]


def test_wiring_and_the_weights_that_answer_each_other_are_kept_and_no_weight_stays_where_it_was() -> None:
    """Fails when a synapse moves, a pair is torn apart or joined, a self-synapse gets another's weight, or all stay."""
    g = signed()
    for sample in null_models(g, NAME, samples=3, seed=0):
        report = null_report(g, sample)
        assert report.same_wiring
        assert report.same_pairs
        assert dyads(sample.adjacency()) == dyads(g.adjacency())
        assert report.unmoved < 0.1


def test_strengths_are_off_by_a_tenth_of_the_root_sum_of_squares() -> None:
    """Fails when strengths are forgotten, held tighter or looser than is said, or those of one side or sign only."""
    g = signed()
    before, scale = strengths(g.adjacency()), looseness(g.adjacency())
    off = np.array([(strengths(s.adjacency()) - before) / scale for s in null_models(g, NAME, samples=10, seed=1)])
    for each in np.split(off, 4, axis=1):
        assert 0.6 < np.sqrt((each**2).mean()) < 1.2
    assert np.abs(off.mean()) < 0.1
    free = strengths(null_model(g, "shuffle_dyads", seed=1).adjacency())
    assert np.sqrt((((free - before) / scale) ** 2).mean()) > 5


def test_no_weight_comes_to_a_neuron_that_had_none_of_its_sign() -> None:
    """Fails when excitatory neurons become inhibitory."""
    generator = np.random.default_rng(0)
    matrix = generator.lognormal(size=(40, 40)) * (generator.random((40, 40)) < 0.5)
    matrix[:, 30:] *= -1
    sample = null_model(WeightGraph.from_matrix(matrix), NAME, seed=0)
    assert (sample.adjacency()[:, :30] >= 0).all()
    assert (sample.adjacency()[:, 30:] <= 0).all()
    assert null_report(WeightGraph.from_matrix(matrix), sample).unmoved < 0.3


def test_which_dyad_of_a_neuron_is_strong_is_destroyed() -> None:
    """Fails when the chain hardly leaves the network that it sets out from."""
    n = 40
    planted = np.roll(np.eye(n, dtype=bool), 20, axis=1)
    matrix = np.where(planted, 30.0, np.random.default_rng(0).uniform(0.9, 1.1, (n, n)))
    np.fill_diagonal(matrix, 0)
    sample = null_model(WeightGraph.from_matrix(matrix), NAME, seed=1).adjacency()
    assert (sample[planted] > 10).mean() < 0.2
    assert ((sample > 10) == (sample > 10).T).all()
    assert ((sample > 10).sum(0) == 1).all()


CASES = {
    # 4 places of pairs in a ring
    "pairs": [(0, 2, 1.0), (2, 0, 1.3), (0, 3, 1.2), (3, 0, 1.6), (1, 2, 1.4), (2, 1, 1.5), (1, 3, 2.0), (3, 1, 1.8)],
    "single synapses": [(0, 2, 1.0), (0, 3, 1.2), (0, 4, 1.6), (1, 2, 1.4), (1, 3, 2.0), (1, 4, 1.1)],
    "a lone pair": [(0, 1, 1.0), (1, 0, 1.1), (0, 2, 1.1), (0, 3, 1.2), (1, 2, 1.3), (1, 3, 1.25)],
    # a pair of either sign, synapses without counterpart, self-synapses
    "all kinds": [
        (0, 1, 1.0), (1, 0, 1.3), (2, 3, 1.2), (3, 2, -1.1), (0, 2, 1.1), (3, 0, 1.4), (1, 3, 1.7),
        (0, 0, 1.0), (1, 1, 1.2),
    ],
}  # fmt: skip


def arrangements(synapses: list[tuple[int, int, float]]) -> Iterator[np.ndarray]:
    """All matrices that exchanges of dyads of a kind lead to."""
    matrix = np.zeros((5, 5))
    for pre, post, weight in synapses:
        matrix[post, pre] = weight
    wired = {(pre, post) for pre, post, _ in synapses}
    pairs = [(a, b) for a, b in wired if a < b and (b, a) in wired]
    alone = [(a, b) for a, b in wired if a != b and (b, a) not in wired]
    own = [(a, b) for a, b in wired if a == b]
    for order in itertools.permutations(pairs):
        for turns in itertools.product((False, True), repeat=len(pairs)):
            for others in itertools.product(itertools.permutations(alone), itertools.permutations(own)):
                made = np.zeros_like(matrix)
                for (a, b), (c, d), turn in zip(pairs, order, turns, strict=True):
                    made[b, a], made[a, b] = (matrix[c, d], matrix[d, c]) if turn else (matrix[d, c], matrix[c, d])
                for places, given in zip((alone, own), others, strict=True):
                    for (a, b), (c, d) in zip(places, given, strict=True):
                        made[b, a] = matrix[d, c]
                yield made


@pytest.mark.parametrize("case", CASES)
def test_arrangements_are_as_frequent_as_their_energy_says(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when moves are not as likely forwards as backwards, or the energy is another than what the docs say."""
    monkeypatch.setattr(exchanges, "FEWEST_TRIES", 3000)
    monkeypatch.setattr(exchanges, "MOST_SWEEPS", 0)
    monkeypatch.setattr("creditgraph.graphs.nulls.dyad_exchanges.LOOSENESS", 0.2)
    every = list(arrangements(CASES[case]))
    matrix = np.zeros((5, 5))
    for pre, post, weight in CASES[case]:
        matrix[post, pre] = weight
    before, scale = strengths(matrix), 2 * looseness(matrix)
    shares = []
    for each in every:
        off = strengths(each) - before
        impossible = ((scale == 0) & (off != 0)).any()
        shares.append(0.0 if impossible else np.exp(-0.5 * ((off[scale > 0] / scale[scale > 0]) ** 2).sum()))
    samples = 6000
    drawn = null_models(WeightGraph.from_matrix(matrix), NAME, samples=samples, seed=0)
    counts = Counter(sample.adjacency().tobytes() for sample in drawn)
    assert sum(counts[each.tobytes()] for each in every) == samples
    found = np.array([counts[each.tobytes()] for each in every])
    expected = samples * np.array(shares) / sum(shares)
    often = expected > 10
    assert often.sum() > 5
    assert expected[often].sum() > 0.8 * samples
    statistic = ((found - expected) ** 2)[often] / expected[often]
    # about chi-square with as many degrees of freedom
    assert abs(statistic.sum() - often.sum()) < 4 * np.sqrt(2 * often.sum())
    free = samples / len(every)
    assert ((found - free) ** 2 / free)[often].sum() > 2 * statistic.sum(), "as if strengths did not matter"


def test_undirected_networks_are_those_of_single_edges() -> None:
    """Fails when halves of an edge differ."""
    half = np.triu(np.abs(signed().adjacency()), 1)
    g = WeightGraph.from_matrix(half + half.T)
    assert null_model(g, NAME, seed=3) == null_model(g, "shuffle_strength", seed=3)


@pytest.mark.parametrize("ratio", [1e-6, 1e-20])
def test_faint_neurons_keep_their_strengths_beside_strong_ones(ratio: float) -> None:
    """Fails when what is added and taken away again wipes out the strengths of neurons with faint weights."""
    n = 40
    matrix = np.random.default_rng(0).uniform(0.5, 1.5, (n, n))
    matrix[: n // 2] *= ratio
    matrix[:, : n // 2] *= ratio
    # else weights come there that would be faint elsewhere, and all faint strengths grow
    matrix[: n // 2, : n // 2] = 0
    before, scale = matrix.sum(0), 0.1 * np.sqrt((matrix**2).sum(0))
    samples = [s.adjacency() for s in null_models(WeightGraph.from_matrix(matrix), NAME, samples=5, seed=0)]
    off = np.array([(s.sum(0) - before) / scale for s in samples])
    assert 0.6 < np.sqrt((off[:, : n // 2] ** 2).mean()) < 1.2
    assert 0.6 < np.sqrt((off[:, n // 2 :] ** 2).mean()) < 1.2


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_scale_of_the_weights_does_not_matter(scale: float) -> None:
    """Fails when squares overflow or vanish."""
    g = signed(20)
    sample = null_model(g.with_weights(g.weight * scale), NAME, seed=0)
    np.testing.assert_allclose(sample.weight / scale, null_model(g, NAME, seed=0).weight, rtol=1e-12)


@pytest.mark.parametrize(
    "matrix", [np.zeros((3, 3)), np.diag([1.0, 0, 0]), np.ones((3, 3)), [[0, 2, 0], [0, 0, 0], [0, 0, 3]]]
)
def test_where_nothing_can_be_exchanged_the_graph_stays(matrix: np.ndarray) -> None:
    g = WeightGraph.from_matrix(matrix)
    assert null_model(g, NAME, seed=0) == g
