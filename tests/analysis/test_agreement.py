from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from creditgraph.analysis import (
    agreement,
    co_assignment,
    compare,
    element_similarity,
    expected_co_assignment,
    expected_element_similarity,
    similarity_matrix,
)
from creditgraph.guard import DataError, OptionError


def noisy(generator: np.random.Generator, count: int, n: int = 40, moved: float = 0.3) -> np.ndarray:
    """Partitions of one truth, 4 equal communities, in each of which a share of neurons is somewhere else."""
    truth = np.arange(n) % 4
    return np.where(generator.random((count, n)) < moved, generator.integers(0, 4, (count, n)), truth)


@pytest.mark.parametrize("method", ["ami", "vi"])
def test_agreement_against_a_plain_jackknife(method: str) -> None:
    """Fails when the interval leaves out pairs instead of partitions, or neurons are averaged over other pairs."""
    partitions = noisy(np.random.default_rng(0), 6)
    found = agreement(partitions, method=method, level=0.9)

    def mean(rows: list[int]) -> float:
        return float(np.mean([compare(partitions[i], partitions[j], method=method) for i, j in combinations(rows, 2)]))

    without = [mean([row for row in range(6) if row != left]) for left in range(6)]
    error = np.sqrt(5 / 6 * ((np.array(without) - np.mean(without)) ** 2).sum())
    assert found.mean == pytest.approx(mean(list(range(6))), abs=1e-12)
    half = stats.t.ppf(0.95, 5) * error
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half), abs=1e-12)
    pairs = [element_similarity(partitions[i], partitions[j]) for i, j in combinations(range(6), 2)]
    assert found.neurons == pytest.approx(np.mean(pairs, axis=0))


def test_interval_holds_what_it_says() -> None:
    """Fails when pairs pass for independent: that interval would hold the true agreement in too few cases."""
    generator = np.random.default_rng(1)
    truth = similarity_matrix(noisy(generator, 400), method="ari")[np.triu_indices(400, 1)].mean()
    held, as_if = 0, 0
    for _ in range(200):
        found = agreement(noisy(generator, 6), method="ari")
        held += found.low <= truth <= found.high
        pairs = found.similarity[np.triu_indices(6, 1)]
        low, high = stats.ttest_1samp(pairs, 0.0).confidence_interval(0.95)
        as_if += low <= truth <= high
    assert 0.88 <= held / 200 <= 0.99
    assert as_if < held


def test_few_partitions() -> None:
    """Fails when one partition agrees with itself, or two have an interval."""
    one = agreement([[0, 0, 1]])
    assert (one.mean, one.low, one.neurons) == (None, None, None)
    two = agreement([[0, 0, 1], [0, 0, 1]])
    assert (two.mean, two.low, two.high) == (1.0, None, None)
    three = agreement([[0, 0, 1]] * 3)
    assert (three.low, three.high) == (1.0, 1.0)
    assert agreement(noisy(np.random.default_rng(0), 4, moved=0.05)).high <= 1.0
    with pytest.raises(DataError, match="got none"):
        agreement([])
    with pytest.raises(OptionError, match="method: got 'rand'"):
        agreement([[0, 1]], method="rand")


def test_co_assignment_by_hand() -> None:
    """Fails when pairs are counted in another partition, or the diagonal is not 1."""
    found = co_assignment([[0, 0, 1, 1], [0, 0, 0, 1], [3, 1, 1, 3], [0, 1, 2, 3]])
    expected = [[1, 0.5, 0.25, 0.25], [0.5, 1, 0.5, 0], [0.25, 0.5, 1, 0.25], [0.25, 0, 0.25, 1]]
    assert found.tolist() == expected


def test_expected_co_assignment_against_all_permutations() -> None:
    """Fails when the threshold is not what permuted labels give."""
    partitions = [[0, 0, 0, 1, 1], [0, 1, 1, 2, 2], [0, 0, 0, 0, 0]]
    drawn = [
        np.mean([co_assignment([labels]) for labels in permutations(partition)], axis=0) for partition in partitions
    ]
    expected = np.mean(drawn, axis=0)
    others = ~np.eye(5, dtype=bool)
    assert expected[others] == pytest.approx(np.full(20, expected_co_assignment(partitions)), abs=1e-12)
    assert expected_co_assignment([[0]]) == 0.0


def test_expected_element_similarity_is_the_mean_over_all_permutations() -> None:
    """Fails when the closed form takes other chances than those of labels permuted in both partitions."""
    first, second = [0, 0, 0, 1, 2], [0, 0, 1, 1, 1]
    found = [element_similarity(first, [second[i] for i in order]) for order in permutations(range(5))]
    assert expected_element_similarity([first, second]) == pytest.approx(np.mean(found), abs=1e-12)
    third = [0, 1, 2, 3, 4]
    pairs = [expected_element_similarity(pair) for pair in combinations([first, second, third], 2)]
    assert expected_element_similarity([first, second, third]) == pytest.approx(np.mean(pairs), abs=1e-12)
    assert expected_element_similarity([first]) is None
    assert expected_element_similarity([[0], [0]]) == 1.0
