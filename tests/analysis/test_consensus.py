from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import co_assignment, compare, consensus, expected_co_assignment, leiden
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

TRUTH = np.arange(60) % 4


def noisy(count: int, moved: float, seed: int = 0) -> np.ndarray:
    """Partitions of one truth, in each of which a share of neurons is somewhere else."""
    generator = np.random.default_rng(seed)
    return np.where(generator.random((count, 60)) < moved, generator.integers(0, 4, (count, 60)), TRUTH)


def test_the_truth_behind_noisy_partitions() -> None:
    """Fails when the consensus is no better than the partitions it is made of."""
    partitions = noisy(20, 0.5)
    found = consensus(partitions)
    assert max(compare(partition, TRUTH) for partition in partitions) < 0.55
    assert compare(found.membership, TRUTH) == 1.0
    assert found.converged
    assert found.rounds >= 1
    assert found.co_assignment.tolist() == co_assignment(partitions).tolist()
    assert found.threshold == pytest.approx(expected_co_assignment(partitions))
    assert found.similarity == pytest.approx(np.mean([compare(TRUTH, partition) for partition in partitions]))


def test_partitions_that_are_the_same() -> None:
    """Fails when there is something to find in partitions that agree, under other names."""
    found = consensus([TRUTH, (TRUTH + 1) % 4, -TRUTH])
    assert (found.rounds, found.converged, found.similarity) == (0, True, 1.0)
    assert compare(found.membership, TRUTH) == 1.0
    assert consensus([np.zeros(5, int)] * 2).membership.tolist() == [0] * 5


def test_partitions_that_have_nothing_in_common() -> None:
    """Fails when a consensus of unrelated partitions looks like one."""
    found = consensus(noisy(20, 1.0))
    assert found.similarity < 0.15
    # a threshold that chance does not reach leaves every neuron alone
    alone = consensus(noisy(20, 1.0), threshold=0.9)
    assert alone.membership.tolist() == list(range(60))
    assert alone.converged


def test_threshold() -> None:
    """Fails when the threshold does not cut: two groups that are together in one of three partitions."""
    partitions = [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0]]
    assert consensus(partitions, threshold=0.0).threshold == 0.0
    assert consensus(partitions, threshold=0.4).membership.tolist() == [0, 0, 0, 1, 1, 1]
    # at 1 even those always together count as none
    assert consensus(partitions, threshold=1.0).membership.tolist() == [0, 1, 2, 3, 4, 5]


def test_restarts_on_a_random_network() -> None:
    """Fails when the consensus of restarts does not converge, depends on chance, or is worse than a typical restart."""
    g = WeightGraph.from_matrix(np.random.default_rng(0).random((60, 60)))
    restarts = leiden(g, restarts=10)
    first, again = (consensus(restarts.memberships, seed=3) for _ in range(2))
    assert first.converged
    assert first.membership.tolist() == again.membership.tolist()
    assert first.similarity > restarts.agreement()


def test_what_is_refused() -> None:
    """Fails when nothing, or an impossible threshold, has a consensus."""
    with pytest.raises(DataError, match="got none"):
        consensus([])
    with pytest.raises(OptionError, match="threshold: got 2"):
        consensus([[0, 1], [0, 0]], threshold=2)
    with pytest.raises(OptionError, match="restarts: got 1"):
        consensus([[0, 1], [0, 0]], restarts=1)
