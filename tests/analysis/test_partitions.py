from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import compare, leiden
from creditgraph.graphs import WeightGraph


def test_agreement() -> None:
    """Fails when restarts that all agree do not score 1, or those on a random network do, or one agrees with itself."""
    clear = np.kron(np.eye(3), np.ones((6, 6)) - np.eye(6))
    noise = np.random.default_rng(0).random((60, 60))
    assert leiden(WeightGraph.from_matrix(clear)).agreement() == pytest.approx(1.0, abs=1e-12)
    p = leiden(WeightGraph.from_matrix(noise), restarts=4)
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    expected = np.mean([compare(p.memberships[i], p.memberships[j]) for i, j in pairs])
    assert p.agreement() == pytest.approx(expected, abs=1e-12)
    assert expected < 0.6
    assert leiden(WeightGraph.from_matrix(noise), restarts=1).agreement() is None
