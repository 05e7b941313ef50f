from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import compare, leiden, similarity_matrix
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


@pytest.mark.parametrize("isolated", [0, 5, 60])
def test_neurons_without_synapses_do_not_make_restarts_agree(isolated: int) -> None:
    """Fails when neurons that are alone in every partition count as agreement of the searches."""
    random = np.random.default_rng(0)
    matrix = np.zeros((40 + isolated, 40 + isolated))
    matrix[:40, :40] = random.random((40, 40)) * (random.random((40, 40)) < 0.2)
    found = leiden(WeightGraph.from_matrix(matrix), restarts=5, seed=1)
    alone = leiden(WeightGraph.from_matrix(matrix[:40, :40]), restarts=5, seed=1)
    assert found.isolated == isolated
    assert found.placed.tolist() == [True] * 40 + [False] * isolated
    expected = similarity_matrix(found.memberships[:, :40])[np.triu_indices(5, 1)].mean()
    assert found.agreement() == pytest.approx(expected)
    assert abs(found.agreement() - alone.agreement()) < 0.3
    assert found.agreement() < 0.9


def test_the_constant_potts_model_places_all_neurons() -> None:
    """Fails when neurons count as set apart of an objective that looks for a place for each."""
    matrix = np.zeros((6, 6))
    matrix[0, 1] = 1.0
    assert leiden(WeightGraph.from_matrix(matrix), objective="cpm", resolution=0.1, restarts=3).placed.all()
    assert leiden(WeightGraph.from_matrix(matrix), restarts=3).placed.tolist() == [True, True] + [False] * 4
