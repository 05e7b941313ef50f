from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import compare, leiden
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError


@pytest.mark.parametrize(("method", "alike"), [("ami", 1.0), ("nmi", 1.0), ("ari", 1.0), ("vi", 0.0)])
def test_names_of_communities_do_not_matter(method: str, alike: float) -> None:
    """Fails when a similarity depends on labels, or is not symmetric."""
    p, q = np.array([0, 0, 1, 1, 2, 2]), np.array([5, 5, -1, -1, 9, 9])
    r = np.array([0, 1, 1, 1, 2, 0])
    assert compare(p, q, method=method) == pytest.approx(alike, abs=1e-12)
    assert compare(p, r, method=method) == pytest.approx(compare(r, q, method=method), abs=1e-12)
    assert compare(p, r, method=method) != pytest.approx(alike, abs=1e-2)


def test_variation_of_information_by_hand() -> None:
    """Fails when an entropy has a wrong sign or base: halves against halves that cross, H(p|q) = H(q|p) = log 2."""
    assert compare([0, 0, 1, 1], [0, 1, 0, 1], method="vi") == pytest.approx(2 * np.log(2), abs=1e-14)
    assert compare([0, 0, 0, 0], [0, 1, 2, 3], method="vi") == pytest.approx(np.log(4), abs=1e-14)
    # p refines q: H(q|p) = 0, H(p|q) = 3/4 (log 3 - 2/3 log 2)
    found = compare([0, 0, 1, 2], [0, 0, 0, 1], method="vi")
    assert found == pytest.approx(0.75 * (np.log(3) - 2 / 3 * np.log(2)), abs=1e-14)


def test_unrelated_partitions() -> None:
    """Fails when similarities that are adjusted for chance are not about 0 for unrelated partitions."""
    generator = np.random.default_rng(0)
    pairs = [generator.integers(0, 5, (2, 200)) for _ in range(20)]
    for method in ("ami", "ari"):
        assert abs(np.mean([compare(p, q, method=method) for p, q in pairs])) < 0.02
    assert np.mean([compare(p, q, method="nmi") for p, q in pairs]) > 0.02


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


def test_what_compare_refuses() -> None:
    """Fails when partitions of different neurons, or an unknown measure, give a number."""
    with pytest.raises(DataError, match="got 3 labels, expected one for each of the 2"):
        compare([0, 1], [0, 1, 1])
    with pytest.raises(DataError, match="no neurons"):
        compare([], [])
    with pytest.raises(DataError, match="whole numbers"):
        compare([0.5, 1.0], [0, 1])
    with pytest.raises(OptionError, match="method: got 'amii'"):
        compare([0, 1], [0, 1], method="amii")
