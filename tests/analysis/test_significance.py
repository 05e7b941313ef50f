from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from creditgraph.analysis import leiden, modularity, significance
from creditgraph.analysis.significance import spread, standing
from creditgraph.graphs import WeightGraph, null_models
from creditgraph.guard import DataError, OptionError


def random_matrix(seed: int, n: int = 40) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.3)


def blocks(within: float, across: float, n: int = 40) -> WeightGraph:
    """The mask is random; only the weights know the two groups."""
    labels = np.arange(n) % 2
    return WeightGraph.from_matrix(random_matrix(0, n) * np.where(labels[:, None] == labels, within, across))


def searched(samples: list[WeightGraph], *, seed: int, **options: Any) -> list[float]:
    """Quality of each sample by a search of its own, with the seed that belongs to it."""
    seeds = [int(np.random.SeedSequence((seed, i, 1)).generate_state(1)[0]) for i in range(len(samples))]
    return [leiden(sample, seed=own, **options).quality for sample, own in zip(samples, seeds, strict=True)]


def test_standing_by_hand() -> None:
    """Fails when z has another spread or sign, or p counts the wrong side, ties or the observed value."""
    null = np.array([1.0, 2.0, 3.0])
    assert standing(4.0, null, "maximise") == (2.0, 1 / 4)
    assert standing(4.0, null, "minimise") == (2.0, 1.0)
    assert standing(0.0, null, "minimise") == (-2.0, 1 / 4)
    assert standing(2.0, null, "maximise") == (0.0, 3 / 4)
    assert standing(2.0 - 1e-15, null, "minimise") == (pytest.approx(0, abs=1e-12), 3 / 4)


def test_standing_without_spread() -> None:
    """Fails when null samples that are all equal give NaN, or rounding errors a significance."""
    null = np.full(4, 0.25)
    assert standing(0.25 + 1e-16, null, "maximise") == (0.0, 1.0)
    assert standing(0.3, null + np.array([0, 1e-16, 0, 0]), "maximise") == (math.inf, 1 / 5)
    assert standing(0.2, null, "maximise") == (-math.inf, 1.0)
    assert standing(0.2, null, "minimise") == (-math.inf, 1 / 5)


@pytest.mark.parametrize("directed", [False, True])
def test_both_kinds_of_structure_are_told_apart(directed: bool) -> None:
    """Fails when block-diagonal weights pass for off-diagonal ones, or either for none."""
    for direction, g, other in (("maximise", blocks(4, 1), blocks(1, 4)), ("minimise", blocks(1, 4), blocks(4, 1))):
        found = significance(g, direction=direction, directed=directed, samples=20, restarts=3)
        assert found.p_value == 1 / 21
        assert abs(found.z) > 4
        assert (found.z > 0) == (direction == "maximise")
        missed = significance(other, direction=direction, directed=directed, samples=20, restarts=3)
        assert missed.p_value > 0.05


def test_data_and_null_get_the_same_optimiser() -> None:
    """Fails when a sample has other restarts, options or seed than documented: each repeated, to the bit."""
    g = blocks(3, 5)
    options = {"weights": "positive", "direction": "minimise", "directed": True, "resolution": 1.1, "restarts": 4}
    found = significance(g, null="shuffle_nonzero", samples=5, seed=3, **options)
    assert found.observed == leiden(g, seed=3, **options).quality == found.partition.quality
    drawn = list(null_models(g.view("positive"), "shuffle_nonzero", samples=5, seed=3))
    assert found.null.tolist() == searched(drawn, seed=3, **options)
    for other in ({"restarts": 1}, {"restarts": 3}, {"resolution": 1.0}, {"directed": False}):
        assert found.null.tolist() != searched(drawn, seed=3, **(options | other))
    assert found.null_mean == found.null.mean()
    assert found.null_sd == found.null.std(ddof=1)
    assert (found.samples, found.restarts, found.seed, found.null_model) == (5, 4, 3, "shuffle_nonzero")


def test_seed_and_number_of_samples() -> None:
    """Fails when a sample depends on how many there are, or the same seed gives another result."""
    g = blocks(1, 1)
    few, many = (significance(g, samples=count, restarts=2, seed=1) for count in (3, 6))
    assert np.array_equal(few.null, many.null[:3])
    assert not np.array_equal(significance(g, samples=3, restarts=2, seed=2).null, few.null)


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
@pytest.mark.parametrize("directed", [False, True])
def test_shared_topology_changes_nothing(direction: str, directed: bool) -> None:
    """Fails when the igraph graph that null samples borrow puts a weight on another pair of neurons."""
    from creditgraph.analysis.leiden import Landscape

    g = WeightGraph.from_matrix(random_matrix(5))
    first = Landscape.of(g, weights="absolute", directed=directed)
    search = {"resolution": 1.0, "restarts": 3, "seed": 0}
    first.search(direction, **search)
    for sample in null_models(g, "shuffle_nonzero", samples=2, seed=0):
        borrowed = Landscape.of(sample, weights="absolute", directed=directed, like=first)
        assert borrowed.lender is first
        alone = leiden(sample, direction=direction, directed=directed, restarts=3, seed=0)
        assert np.array_equal(borrowed.search(direction, **search).memberships, alone.memberships)
    signs = Landscape.of(g, weights="positive", directed=directed, like=first)
    assert signs.lender is None


def test_untrained_network_is_not_significant_against_initial() -> None:
    """Fails when the null initial is not pruned alike, so that an untrained network seems to have learned."""

    def untrained(seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(40, 40))

    matrix = untrained(10**6)
    matrix[np.abs(matrix) < np.quantile(np.abs(matrix), 0.8)] = 0.0
    g = WeightGraph.from_matrix(matrix)
    found = significance(g, null="initial", initial=untrained, samples=20, restarts=3)
    assert abs(found.z) < 3
    # a fixed network has no spread but that of the search, and z and p of that would mean nothing
    with pytest.raises(OptionError, match="one network is one sample, however often it is searched"):
        significance(g, null="initial", initial=matrix, samples=3, restarts=2)
    fixed = significance(g, null="initial", initial=lambda seed: matrix, samples=3, restarts=30)
    assert fixed.null_mean == pytest.approx(fixed.observed, abs=0.01)


def test_a_partition_at_hand() -> None:
    """Fails when a given partition is searched for again, or one found with other options is accepted."""
    g = blocks(2, 1)
    p = leiden(g, restarts=3, seed=2)
    found = significance(g, partition=p, restarts=3, seed=2, samples=3)
    assert found.partition is p
    assert np.array_equal(found.null, significance(g, restarts=3, seed=2, samples=3).null)
    with pytest.raises(OptionError, match="partition: got 'one with restarts=3', expected one with restarts=5"):
        significance(g, partition=p)
    with pytest.raises(OptionError, match="neurons=40"):
        significance(WeightGraph.from_matrix(random_matrix(0, 20)), partition=p, restarts=3)


def test_what_it_refuses() -> None:
    """Fails when impossible options or an empty graph reach the search."""
    g = blocks(1, 1)
    for options, name in (
        ({"samples": 1}, "samples"),
        ({"restarts": 0}, "restarts"),
        ({"null": "shuffle"}, "null"),
        ({"direction": "up"}, "direction"),
        ({"null": "initial"}, "initial"),
    ):
        with pytest.raises(OptionError, match=f"^{name}: got"):
            significance(g, **options)
    with pytest.raises(DataError, match="no synapse"):
        significance(WeightGraph.from_matrix(np.zeros((3, 3))))


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_false_positives_on_random_networks(direction: str) -> None:
    """Fails when chance is called significant far more or less often than 1 time in 20 (19 samples: p = 1/20)."""
    trials = 150
    p = np.array(
        [
            significance(
                WeightGraph.from_matrix(random_matrix(seed, 30)), samples=19, restarts=2, seed=seed, direction=direction
            ).p_value
            for seed in range(trials)
        ]
    )
    # binomial: 7.5 expected, standard deviation 2.7
    assert 1 <= (p <= 0.05).sum() <= 16
    assert 0.4 < p.mean() < 0.65


@pytest.mark.parametrize("null", ["shuffle_nonzero", "shuffle_dyads", "shuffle_block"])
@pytest.mark.parametrize("weights", ["positive", "negative"])
def test_shuffles_keep_the_wiring_of_the_view(null: str, weights: str) -> None:
    """Fails when signs move: of weights +1 and -1, the positive part is all ones and no shuffle may change it."""
    g = WeightGraph.from_matrix(np.sign(random_matrix(3)), layers=[0] * 40)
    found = significance(g, null=null, weights=weights, samples=4, restarts=2, seed=6)
    assert found.null.tolist() == searched([g] * 4, seed=6, weights=weights, restarts=2)
    # the whole matrix shuffled is another network, so that the test can tell
    moved = list(null_models(g, null, samples=4, seed=6))
    assert found.null.tolist() != searched(moved, seed=6, weights=weights, restarts=2)


def test_a_partition_of_another_graph() -> None:
    """Fails when a partition at hand passes for one of this graph, though its quality here is another."""
    g = blocks(2, 1)
    p = leiden(g, restarts=2)
    other = blocks(1, 2)
    with pytest.raises(OptionError, match=r"which on this graph has .*expected one that was found on this graph"):
        significance(other, partition=p, restarts=2, samples=2)
    for quality in (p.quality + 1e-8, math.nan):
        with pytest.raises(OptionError, match=r"^partition: "):
            significance(g, partition=replace(p, quality=quality), restarts=2, samples=2)
    close = replace(p, quality=p.quality + 1e-11)
    assert significance(g, partition=close, restarts=2, samples=2).partition is close
    with pytest.raises(OptionError, match="partition: got 5, expected what leiden returned"):
        significance(g, partition=5)


def test_a_matrix_is_no_graph_and_a_text_no_truth() -> None:
    """Fails when a matrix gives an AttributeError, or directed='no' counts as yes."""
    g = blocks(1, 1)
    for ask in (leiden, significance, lambda given, **options: modularity(given, [0] * 40, **options)):
        with pytest.raises(DataError, match="g: got a value of type ndarray, expected a WeightGraph"):
            ask(random_matrix(0))
        with pytest.raises(OptionError, match="directed: got 'no', expected True or False"):
            ask(g, directed="no")


def test_ties_are_told_in_the_unit_of_the_quality() -> None:
    """Fails when rounding errors of a quality with a unit, as of the constant Potts model, count as differences."""
    null = np.full(4, 3e9)
    assert standing(3e9 + 1e-6, null, "maximise") == (0.0, 1.0)
    assert standing(3e9 + 1.0, null, "maximise") == (math.inf, 1 / 5)


def test_a_warm_start_is_refused() -> None:
    """Fails when a partition from a better start than the samples have is held against them."""
    g = blocks(2, 1)
    warm = leiden(g, restarts=2, initial_membership=np.arange(40) % 2)
    with pytest.raises(OptionError, match="partition: got 'one from a warm start'"):
        significance(g, partition=warm, restarts=2)
    with pytest.raises(OptionError, match="objective=modularity"):
        significance(g, partition=leiden(g, restarts=2), restarts=2, objective="cpm", resolution=1.0)


def test_the_spread_of_very_large_values_is_finite_and_scales_with_them():
    """Guards against z = 0 for every quality of a network with very large weights."""
    values = np.array([1.0, 2.0, 4.0])
    assert spread(values) == pytest.approx(np.std(values, ddof=1), rel=1e-15)
    assert spread(values * 2.0**900) == spread(values) * 2.0**900
    assert spread(np.zeros(3)) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("null", ["shuffle_nonzero", "rewire"])
def test_random_undirected_networks_are_one_more_sample_of_their_null_models(null):
    """Guards against null models that treat the halves of an edge apart: they made z of 2 to 11 of nothing."""
    z = []
    for number in range(30):
        generator = np.random.default_rng(number)
        upper = np.triu(generator.lognormal(size=(40, 40)) * (generator.random((40, 40)) < 0.125), 1)
        g = WeightGraph.from_matrix(upper + upper.T)
        z.append(significance(g, null=null, samples=19, restarts=2, seed=number).z)
    # of 30 standard normal numbers the mean has a standard deviation of 0.18
    assert abs(np.mean(z)) < 0.75
