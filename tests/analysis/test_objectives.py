from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditgraph.analysis import (
    constant_potts,
    layered_modularity,
    leiden,
    modularity,
    quality,
    signed_modularity,
)
from creditgraph.analysis.objectives import objective_of, view_for
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

sys.path.insert(0, str(Path(__file__).parent))
from small_graphs import SEARCHES, all_partitions, pair_matrix, qualities, random_graph

FRIENDS = [[0, 2, -1, 0], [2, 0, 0, -1], [-1, 0, 0, 2], [0, -1, 2, 0]]


def test_signed_modularity_by_hand() -> None:
    """Fails when a part has the other's share, sign or strengths."""
    g = WeightGraph.from_matrix(FRIENDS)
    # two pairs of +2 within, two of -1 across: 2w+ = 8, 2w- = 4, and both parts give every neuron a quarter
    for directed in (False, True):
        assert signed_modularity(g, [0, 0, 1, 1], directed=directed) == pytest.approx(8 / 12 * 0.5 - 4 / 12 * -0.5)
        assert signed_modularity(g, [0, 1, 0, 1], directed=directed) == pytest.approx(8 / 12 * -0.5 - 4 / 12 * 0.5)
        assert signed_modularity(g, [0] * 4, directed=directed) == pytest.approx(0.0, abs=1e-15)
        assert signed_modularity(g, range(4), directed=directed, resolution=2.0) == pytest.approx(-2 / 4 * (8 - 4) / 12)


def test_signed_modularity_of_one_sign() -> None:
    """Fails when a part without synapses divides by zero, or its share is not 0."""
    positive = WeightGraph.from_matrix(np.abs(FRIENDS))
    negative = WeightGraph.from_matrix(-np.abs(FRIENDS))
    labels = [0, 0, 0, 1]
    assert signed_modularity(positive, labels) == pytest.approx(modularity(positive, labels), abs=1e-15)
    assert signed_modularity(negative, labels) == pytest.approx(-modularity(positive, labels), abs=1e-15)


def test_signs_of_a_pair_do_not_cancel() -> None:
    """Fails when synapses of opposite sign between the same neurons are added up before they are parted."""
    g = WeightGraph.from_matrix([[0, 1, 0], [-1, 0, 0], [0, 1, 0]])
    # positive 1 -> 0 and 1 -> 2, negative 0 -> 1; within {0, 1}: 1 and -1
    expected = (1 - (3**2 + 1**2) / 8) - (1 - (2**2) / 4)
    assert signed_modularity(g, [0, 0, 1]) == pytest.approx(expected / 3, abs=1e-15)


def test_layered_modularity_by_hand() -> None:
    """Fails when the null model expects weight between layers that have no synapse, or blocks count alike."""
    # 2-2-1 neurons: the first block weighs 4, the second 8
    g = WeightGraph.from_layers([[[3, 0], [0, 1]], [[2, 6]]])
    # block 1: out and in 3, 1 and 3, 1; block 2: out 2 and 6, in 8; communities {0, 2, 4} and {1, 3}
    first = 4 - (3 * 3 + 1 * 1) / 4
    second = 2 - 2 * 8 / 8
    assert layered_modularity(g, [0, 1, 0, 1, 0]) == pytest.approx((first + second) / 12, abs=1e-15)
    assert layered_modularity(g, [0, 1, 0, 1, 0], resolution=0.5) == pytest.approx(
        (4 - 0.5 * 10 / 4 + 2 - 0.5 * 2) / 12, abs=1e-15
    )


def test_layered_modularity_of_a_skip_and_of_a_layer_with_itself() -> None:
    """Fails when synapses that skip a layer or stay in one are left out or mixed with another block."""
    g = WeightGraph.from_matrix([[0, 1, 0], [0, 0, 0], [2, 0, 0]], layers=[0, 0, 2])
    # 1 -> 0 within layer 0, alone in its block; 0 -> 2 from layer 0 to 2, alone too
    assert layered_modularity(g, [0, 0, 1]) == pytest.approx((1 - 1) / 3, abs=1e-15)
    assert layered_modularity(g, [0, 1, 0], resolution=0.5) == pytest.approx((2 - 0.5 * 2) / 3, abs=1e-15)


def test_constant_potts_by_hand() -> None:
    """Fails when pairs are counted twice, with themselves, or the weights are scaled."""
    g = WeightGraph.from_matrix([[0, 3e5, 0], [1e5, 0, 0], [0, 2e5, 7e5]])
    labels = [0, 0, 1]
    assert constant_potts(g, labels, resolution=1e5) == pytest.approx(3e5 + 1e5 + 7e5 - 1e5)
    assert constant_potts(g, labels, resolution=1e5, directed=True) == pytest.approx(11e5 - 2e5)
    assert constant_potts(g, [0, 0, 0], resolution=1e5) == pytest.approx(13e5 - 3e5)
    negative = WeightGraph.from_matrix([[0, -2.0], [1.0, 0]])
    assert constant_potts(negative, [0, 0], resolution=0.5, weights="signed") == pytest.approx(-1 - 0.5)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    search=st.sampled_from(SEARCHES),
    resolution=st.floats(0.1, 3.0),
    picked=st.integers(0, 21146),
)
def test_against_the_dense_formulas(seed: int, search: tuple[str, str, bool], resolution: float, picked: int) -> None:
    """Fails when sums over synapses and communities leave the formulas over pairs of neurons."""
    g = random_graph(seed)
    objective, weights, directed = search
    partitions = all_partitions(g.n)
    labels = partitions[picked % len(partitions)]
    b = pair_matrix(g, objective, weights, directed, resolution)
    found = quality(g, labels, objective=objective, weights=weights, directed=directed, resolution=resolution)
    assert found == pytest.approx(float((b * (labels[:, None] == labels)).sum()), abs=1e-12)
    # what the engines climb is the same sum, pair by pair
    view = view_for(g, objective, weights=weights, directed=directed)
    pairs = objective_of(view, objective, directed=directed, resolution=resolution).pairs()
    off = ~np.eye(g.n, dtype=bool)
    assert np.allclose(pairs[off], (b + b.T)[off], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("objective", "weights", "directed"), SEARCHES)
@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_the_optimum_of_brute_force_is_found(objective: str, weights: str, directed: bool, direction: str) -> None:
    """Fails when the search of up to 9 neurons is left to chance, and a single restart misses the optimum."""
    for seed in range(1000, 1012):
        g = random_graph(seed)
        resolution = (0.3, 1.0, 1.5)[seed % 3]
        options = {"objective": objective, "weights": weights, "directed": directed, "resolution": resolution}
        q = qualities(g, all_partitions(g.n), objective, weights, directed, resolution)
        best = q.max() if direction == "maximise" else q.min()
        for restarts in (1, 5):
            p = leiden(g, direction=direction, restarts=restarts, **options)
            assert p.qualities == pytest.approx(best, abs=1e-12)
            assert [quality(g, labels, **options) for labels in p.memberships] == p.qualities.tolist()
            assert p.membership.tolist() == p.memberships[0].tolist() or p.qualities[0] != p.quality


@pytest.mark.parametrize(("objective", "weights", "directed"), SEARCHES)
@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_engines_find_the_optimum_of_brute_force(
    objective: str, weights: str, directed: bool, direction: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when an engine climbs another objective or gets stuck: extremes over all partitions, up to 9 neurons."""
    monkeypatch.setattr(importlib.import_module("creditgraph.analysis.leiden"), "MOST_NEURONS", 0)
    for seed in range(1000, 1012):
        g = random_graph(seed)
        resolution = (0.3, 1.0, 1.5)[seed % 3]
        q = qualities(g, all_partitions(g.n), objective, weights, directed, resolution)
        p = leiden(
            g,
            objective=objective,
            weights=weights,
            directed=directed,
            resolution=resolution,
            direction=direction,
            restarts=30,
        )
        assert p.quality == pytest.approx(q.max() if direction == "maximise" else q.min(), abs=1e-12)
        assert (p.objective, p.weights, p.directed) == (objective, weights, directed)
        options = {"objective": objective, "weights": weights, "directed": directed, "resolution": resolution}
        assert quality(g, p, **options) == p.quality


@pytest.mark.parametrize("factor", [1e-300, 1e300])
@pytest.mark.parametrize("objective", ["signed", "layered"])
def test_scale_does_not_matter(objective: str, factor: float) -> None:
    """Fails when sums of very large or small weights overflow or vanish into NaN."""
    g = random_graph(7, n=9)
    options = {"objective": objective, "weights": "signed" if objective == "signed" else "absolute"}
    labels = [0, 1, 2] * 3
    scaled = g.with_weights(g.weight * factor)
    assert quality(scaled, labels, **options) == pytest.approx(quality(g, labels, **options), abs=1e-14)


def test_every_neuron_counts_in_the_constant_potts_model() -> None:
    """Fails when neurons without synapses are set apart, which would spoil the minimum: all in one."""
    g = WeightGraph.from_matrix([[0, 0.1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    p = leiden(g, objective="cpm", resolution=1.0, direction="minimise", restarts=4)
    assert p.quality == pytest.approx(0.1 - 6.0)
    assert (p.communities, p.isolated) == (1, 0)
    alone = leiden(g, objective="cpm", resolution=1.0, restarts=4)
    assert (alone.quality, alone.communities) == (0.0, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "signd"}, "objective: got 'signd'.*did you mean 'signed'"),
        ({"objective": "signed"}, "weights: got 'absolute', expected signed or change, for the objective signed"),
        ({"objective": "layered", "directed": True}, "directed: got True, expected False for the objective layered"),
        ({"objective": "cpm", "resolution": 0.0}, "resolution: got 0.0"),
        ({"objective": "cpm", "directed": 1}, "directed: got 1"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, object], message: str) -> None:
    """Fails when an impossible question gets an answer."""
    g = random_graph(1, n=6)
    for ask in (lambda: quality(g, [0] * 6, **options), lambda: leiden(g, **options)):
        with pytest.raises(OptionError, match=message):
            ask()


def test_graphs_that_have_no_answer() -> None:
    """Fails when missing layers, signs that are not allowed, no synapses or overflowing sums give a number."""
    flat = WeightGraph.from_matrix(FRIENDS)
    with pytest.raises(DataError, match="layers: the objective layered needs them"):
        layered_modularity(flat, [0] * 4)
    layered = WeightGraph.from_matrix(FRIENDS, layers=[0, 0, 1, 1])
    with pytest.raises(DataError, match="4 of 8 synapses are negative, which the objective layered does not"):
        layered_modularity(layered, [0] * 4, weights="signed")
    empty = WeightGraph.from_matrix(np.zeros((2, 2)), layers=[0, 1])
    for objective, weights in (("signed", "signed"), ("layered", "absolute"), ("cpm", "signed")):
        with pytest.raises(DataError, match="no synapse"):
            quality(empty, [0, 1], objective=objective, weights=weights)
    with pytest.raises(DataError, match="too large"):
        constant_potts(WeightGraph.from_matrix(np.full((3, 3), 1e308)), [0, 0, 1])
