from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from creditgraph.analysis import similarity_matrix

THEIRS = {
    "ami": metrics.adjusted_mutual_info_score,
    "nmi": metrics.normalized_mutual_info_score,
    "ari": metrics.adjusted_rand_score,
}


@pytest.mark.parametrize("method", THEIRS)
def test_matrix_equals_scikit_learn(method: str) -> None:
    """Fails when sizes of communities are mixed up: unequal, many, few, alone, and in a large network."""
    generator = np.random.default_rng(0)
    for n in (7, 300, 3_000):
        skewed = np.searchsorted(np.cumsum([0.5, 0.3, 0.1, 0.05]), generator.random(n))
        moved = np.where(generator.random(n) < 0.2, generator.integers(0, 9, n), skewed)
        partitions = [skewed, moved, generator.integers(0, 60, n), np.zeros(n, int), np.arange(n) // 2]
        found = similarity_matrix(partitions, method=method)
        expected = [[THEIRS[method](p, q) for q in partitions] for p in partitions]
        assert found == pytest.approx(np.array(expected), abs=1e-10)
