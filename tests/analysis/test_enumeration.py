from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from creditgraph.analysis import leiden, quality, significance
from creditgraph.analysis.enumeration import MOST_NEURONS, all_partitions
from creditgraph.graphs import WeightGraph

sys.path.insert(0, str(Path(__file__).parent))
import small_graphs

SQUARE = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]], dtype=float)


@pytest.mark.parametrize("n", range(1, MOST_NEURONS + 1))
def test_all_partitions(n: int) -> None:
    """Fails when a partition is missing, there twice, or labelled in another way: counts are Bell's numbers."""
    found = all_partitions(n)
    assert len(found) == (1, 2, 5, 15, 52, 203, 877, 4140, 21147)[n - 1]
    assert found.tolist() == sorted(small_graphs.all_partitions(n).tolist())


def test_equally_good_partitions_are_drawn() -> None:
    """Fails when restarts agree on one of several best partitions, as if the others were worse, or ignore the seed."""
    g = WeightGraph.from_matrix(np.roll(np.eye(9), 1, axis=1))
    p = leiden(g, restarts=30)
    # a ring of 9 has three ways to be cut in three arcs of 3; Q = 6/9 - 3 (6/18)^2
    assert len(np.unique(p.memberships, axis=0)) == 3
    assert p.qualities == pytest.approx(1 / 3, abs=1e-15)
    agreement = p.agreement()
    assert agreement is not None
    assert agreement < 0.9
    again, other = leiden(g, restarts=10), leiden(g, restarts=10, seed=1)
    assert np.array_equal(again.memberships, p.memberships[:10])
    assert not np.array_equal(other.memberships, again.memberships)
    # a best partition that differs only in where neurons without synapses are is no other
    alone = np.zeros((9, 9))
    alone[:2, :2] = [[0, 1], [1, 0]]
    p = leiden(WeightGraph.from_matrix(alone), direction="minimise")
    assert p.membership.tolist() == list(range(9))
    assert (p.communities, p.isolated, p.agreement()) == (2, 7, 1.0)
    # self-synapses only: nothing to decide
    assert leiden(WeightGraph.from_matrix(np.diag([1.0] + [0.0] * 8))).communities == 1


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_a_warm_start(direction: str) -> None:
    """Fails when a warm start that is as good as any is left, one that is worse is kept, or other restarts follow."""
    g = WeightGraph.from_matrix(np.roll(np.eye(9), 1, axis=1))
    cold = leiden(g, direction=direction, restarts=20)
    best = cold.memberships[~(cold.memberships == cold.membership).all(axis=1)][0]
    warm = leiden(g, direction=direction, restarts=3, initial_membership=best + 4)
    assert warm.qualities[0] == pytest.approx(cold.quality, abs=1e-15)
    assert np.array_equal(warm.memberships[1:], cold.memberships[1:3])
    sign = -1 if direction == "minimise" else 1
    assert sign * warm.qualities[0] >= sign * quality(g, best) - 1e-15
    # of partitions that are equally good but for rounding, the warm one stays
    for each in np.unique(cold.memberships, axis=0):
        kept = leiden(g, direction=direction, restarts=1, initial_membership=each).membership
        assert np.array_equal(kept, each)
    poor = leiden(g, direction=direction, restarts=1, initial_membership=np.arange(9) % 2)
    assert poor.quality == pytest.approx(cold.quality, abs=1e-15)


def test_workers_change_nothing() -> None:
    """Fails when the number of processes decides which of the best partitions are drawn."""
    g = WeightGraph.from_matrix(SQUARE)
    search = {"direction": "minimise", "restarts": 7, "seed": 3}
    assert np.array_equal(leiden(g, **search).memberships, leiden(g, workers=3, **search).memberships)


def test_null_samples_are_searched_alike() -> None:
    """Fails when a small network is enumerated and its null samples are not: chance would look worse than it is."""
    generator = np.random.default_rng(4)
    g = WeightGraph.from_matrix(generator.normal(size=(9, 9)) * (generator.random((9, 9)) < 0.5))
    few, many = (significance(g, null="shuffle_nonzero", samples=8, restarts=restarts) for restarts in (1, 25))
    assert few.observed == many.observed
    assert few.null.tolist() == many.null.tolist()
