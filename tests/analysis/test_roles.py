from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditgraph.analysis import gateway, participation, roles, within_module_z
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

SIDES = ("undirected", "in", "out")


def random_graph(seed: int, n: int = 24) -> tuple[WeightGraph, np.ndarray]:
    """Signed weights, self-synapses, an isolated neuron, and a community of one."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.3)
    matrix[0], matrix[:, 0] = 0.0, 0.0
    return WeightGraph.from_matrix(matrix), np.append(generator.integers(0, 4, n - 1), 9)


def coupled(g: WeightGraph, weights: str, side: str) -> np.ndarray:
    """Row i: how strongly i is coupled to each other neuron."""
    matrix = g.adjacency(weights=weights)
    np.fill_diagonal(matrix, 0.0)
    return {"undirected": matrix + matrix.T, "in": matrix, "out": matrix.T}[side]


def transcribed(matrix: np.ndarray, own: np.ndarray, halved: bool) -> tuple[list[float], list[float], list[float]]:
    """Participation, z and gateway coefficient of each neuron, in loops, from the papers' formulas."""
    n = len(matrix)
    labels = sorted(set(own.tolist()))
    strength = [sum(matrix[i]) for i in range(n)]
    central = {s: sum(strength[j] for j in range(n) if own[j] == s) for s in labels}
    most = max(central.values())
    spread, z, gate = [], [], []
    for i in range(n):
        to = {s: sum(matrix[i, j] for j in range(n) if own[j] == s) for s in labels}
        inner = [sum(matrix[a, b] for b in range(n) if own[b] == own[i]) for a in range(n) if own[a] == own[i]]
        deviation = np.sqrt(np.mean((np.array(inner) - np.mean(inner)) ** 2))
        z.append((to[own[i]] - np.mean(inner)) / deviation if deviation > 1e-12 else 0.0)
        if strength[i] == 0:
            spread.append(0.0)
            gate.append(0.0)
            continue
        spread.append(1 - sum((to[s] / strength[i]) ** 2 for s in labels))
        total = 0.0
        for s in labels:
            held = sum(matrix[j, k] for j in range(n) for k in range(n) if own[j] == own[i] and own[k] == s)
            held = held / 2 if halved and s == own[i] else held
            neighbours = sum(strength[j] for j in range(n) if own[j] == s and matrix[i, j] > 0)
            share = to[s] / held if held else 0.0
            total += (to[s] / strength[i]) ** 2 * (1 - share * neighbours / most) ** 2
        gate.append(1 - total)
    return spread, z, gate


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("weights", ["absolute", "positive", "negative"])
def test_equal_to_the_formulas(weights: str, side: str) -> None:
    """Fails when a coefficient has another sum, side or normalisation than in its paper."""
    for seed in range(3):
        g, own = random_graph(seed)
        spread, z, gate = transcribed(coupled(g, weights, side), own, side == "undirected")
        assert participation(g, own, weights=weights, side=side) == pytest.approx(spread, abs=1e-12)
        assert within_module_z(g, own, weights=weights, side=side) == pytest.approx(z, abs=1e-9)
        assert gateway(g, own, weights=weights, side=side) == pytest.approx(gate, abs=1e-12)


@pytest.mark.parametrize("side", SIDES)
def test_signed_parts_are_combined(side: str) -> None:
    """Fails when negative synapses count as positive ones, or their share is of the wrong strength."""
    g, own = random_graph(1)
    plus, minus = coupled(g, "positive", side), coupled(g, "negative", side)
    share = minus.sum(1) / np.maximum(plus.sum(1) + minus.sum(1), 1e-300)
    for function in (participation, gateway):
        parts = [function(g, own, weights=view, side=side) for view in ("positive", "negative")]
        combined = function(g, own, weights="signed", side=side)
        assert combined == pytest.approx(parts[0] - share * parts[1], abs=1e-12)
    z = transcribed(plus - minus, own, False)[1]
    assert within_module_z(g, own, weights="signed", side=side) == pytest.approx(z, abs=1e-9)


def test_participation_by_hand() -> None:
    """Fails when communities count twice, or a neuron with one partner each does not reach 1 - 1/communities."""
    star = np.zeros((5, 5))
    star[0, 1:] = 1.0
    g = WeightGraph.from_matrix(star)
    assert participation(g, [0, 0, 1, 2, 3], side="in").tolist() == [0.75, 0, 0, 0, 0]
    assert participation(g, [0, 0, 1, 1, 1], side="in")[0] == 1 - (1 + 9) / 16
    assert participation(g, [0, 0, 1, 2, 3], side="out").tolist() == [0.0] * 5


def test_a_gateway_is_told_from_neurons_that_share_their_links() -> None:
    """Fails when who alone holds the links to a community gets no more than each of two that have the same."""
    matrix = np.zeros((14, 14))
    for first, size in ((0, 6), (6, 4), (10, 4)):
        matrix[first : first + size, first : first + size] = 1.0 - np.eye(size)
    for here, there in ((0, 6), (1, 10), (2, 11)):
        matrix[here, there] = matrix[there, here] = 1.0
    g, own = WeightGraph.from_matrix(matrix), np.repeat([0, 1, 2], [6, 4, 4])
    assert participation(g, own)[:3].tolist() == [participation(g, own)[0]] * 3
    gate = gateway(g, own)
    assert gate[0] > gate[1] == pytest.approx(gate[2])
    assert gate[1] > participation(g, own)[1]


@given(seed=st.integers(0, 10_000), side=st.sampled_from(SIDES), factor=st.floats(0.01, 100.0))
def test_bounds_and_scale(seed: int, side: str, factor: float) -> None:
    """Fails when a coefficient leaves its range, a unit of weights changes it, or z has another mean."""
    g, own = random_graph(seed, n=12)
    spread, gate = participation(g, own, side=side), gateway(g, own, side=side)
    assert spread.min() >= -1e-12
    assert spread.max() <= 1 - 1 / len(np.unique(own)) + 1e-12
    assert (gate >= spread - 1e-12).all()
    assert gate.max() <= 1
    scaled = g.with_weights(g.weight * factor)
    assert gateway(scaled, own, side=side) == pytest.approx(gate, abs=1e-9)
    z = within_module_z(g, own, side=side)
    assert within_module_z(scaled, own, side=side) == pytest.approx(z, abs=1e-6)
    assert np.bincount(np.unique(own, return_inverse=True)[1], z) == pytest.approx(0, abs=1e-9)


def test_table_of_roles() -> None:
    """Fails when a role is named beyond its bounds, or a column is of another coefficient."""
    matrix = np.zeros((32, 32))
    matrix[0, 1:25] = 1.0  # a hub of its community
    matrix[1:25, 0] = 1.0
    for i in range(25, 31):
        matrix[i, 24 if i < 30 else 1] = matrix[24 if i < 30 else 1, i] = 1.0
    own = np.repeat([0, 1, 2, 3, 4, 5], [25, 2, 2, 1, 1, 1])
    g = WeightGraph.from_matrix(matrix)
    table = roles(g, own)
    assert table["role"].tolist()[:2] == ["provincial hub", "peripheral"]
    assert table["role"][24] == "connector"
    assert table["participation"][24] == pytest.approx(1 - (1 + 4 + 4 + 1) / 36)
    assert table["role"][2] == "ultra-peripheral"
    assert table["role"][31] == "isolated"
    assert table["participation"].tolist() == participation(g, own).tolist()
    assert table["gateway"].tolist() == gateway(g, own).tolist()
    assert table["within_module_z"].tolist() == within_module_z(g, own).tolist()
    assert table["strength"].tolist() == (matrix.sum(0) + matrix.sum(1)).tolist()
    assert table["community"].tolist() == own.tolist()


def test_mistakes_are_told() -> None:
    """Fails when a wrong side, view or length gets NaN or a traceback of a library."""
    g, own = random_graph(0)
    with pytest.raises(OptionError, match="side: got 'input', expected one of undirected, in, out"):
        participation(g, own, side="input")
    with pytest.raises(OptionError, match="weights"):
        gateway(g, own, weights="positiv")
    with pytest.raises(DataError, match="got 3 labels"):
        roles(g, [0, 1, 2])
    with pytest.raises(DataError, match="expected a WeightGraph"):
        within_module_z(np.ones((3, 3)), [0, 1, 2])


@pytest.mark.parametrize("factor", [2.0**1000, 2.0**-500])
def test_within_module_z_does_not_depend_on_the_unit_of_weights(factor):
    """Guards against squares that overflow, and a NaN in place of a score."""
    generator = np.random.default_rng(4)
    matrix = generator.random((12, 12))
    labels = np.arange(12) % 3
    plain = within_module_z(WeightGraph.from_matrix(matrix), labels)
    np.testing.assert_array_equal(within_module_z(WeightGraph.from_matrix(matrix * factor), labels), plain)


def test_weights_whose_sums_overflow_are_told():
    """Guards against a traceback, or a silent NaN, for weights near the largest number."""
    g = WeightGraph.from_matrix(np.full((12, 12), 4e307))
    with pytest.raises(DataError, match="sum is too large"):
        roles(g, np.arange(12) % 3)
