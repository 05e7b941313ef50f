"""Rewiring keeps degrees and nothing else about the wiring."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_models, null_report
from creditgraph.graphs.nulls import rewiring
from creditgraph.guard import DataError


def foreign(n: int = 60, density: float = 0.15) -> WeightGraph:
    """Signed weights, unequal degrees, self-synapses, many reciprocal pairs, two isolated neurons."""
    generator = np.random.default_rng(5)
    mask = generator.random((n, n)) < density * np.linspace(0.2, 2.0, n)[:, None]
    mask |= mask.T & (generator.random((n, n)) < 0.8)
    mask[:2], mask[:, :2] = False, False
    return WeightGraph.from_matrix(generator.normal(size=(n, n)) * mask, names=[f"N{i}" for i in range(n)])


def degrees(g: WeightGraph) -> tuple[list[int], list[int]]:
    mask = g.adjacency() != 0
    return mask.sum(axis=0).tolist(), mask.sum(axis=1).tolist()


@pytest.mark.parametrize("table", [rewiring.TABLE, 0])
def test_degrees_weights_and_out_strengths_stay(table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when a degree changes, a synapse gets lost or doubled, or a weight leaves its presynaptic neuron."""
    monkeypatch.setattr(rewiring, "TABLE", table)
    g = foreign()
    for sample in null_models(g, "rewire", samples=5, seed=0):
        assert degrees(sample) == degrees(g)
        assert sample.names == g.names
        before, after = g.adjacency(), sample.adjacency()
        for neuron in range(g.n):
            outgoing = np.sort(before[:, neuron]), np.sort(after[:, neuron])
            assert np.array_equal(*outgoing)


def test_self_synapses_stay_and_none_arises() -> None:
    """Fails when a self-synapse is moved, or one is made of others."""
    g = foreign()
    loops = np.diag(g.adjacency())
    assert (loops != 0).sum() > 3
    for sample in null_models(g, "rewire", samples=5, seed=1):
        assert np.array_equal(np.diag(sample.adjacency()), loops)


def test_wiring_in_strengths_and_reciprocity_are_destroyed() -> None:
    """Fails when samples stay near the graph: too few exchanges, or only some synapses take part."""
    g = foreign()
    reports = [null_report(g, sample) for sample in null_models(g, "rewire", samples=10, seed=2)]
    # what is left by chance, of a graph of this density
    assert np.mean([report.overlap for report in reports]) < 0.35
    assert reports[0].reciprocity > 0.7
    assert np.mean([report.null_reciprocity for report in reports]) < 0.4
    assert min(report.in_strength_error for report in reports) > 0.5
    assert max(report.out_strength_error for report in reports) < 1e-12


def wirings(g: WeightGraph) -> set[tuple[tuple[int, int], ...]]:
    """All wirings with the degrees of a graph and no self-synapses, by trying every one."""
    into = np.bincount(g.post, minlength=g.n)
    out = np.bincount(g.pre, minlength=g.n)
    rows = [list(itertools.combinations([j for j in range(g.n) if j != i], int(into[i]))) for i in range(g.n)]
    return {
        tuple((j, i) for i, row in enumerate(chosen) for j in row)
        for chosen in itertools.product(*rows)
        if np.array_equal(np.bincount([j for row in chosen for j in row], minlength=g.n), out)
    }


@pytest.mark.slow
def test_every_wiring_is_equally_likely() -> None:
    """Fails when some wirings are reached more often: a rule for refused exchanges that favours some, or a parity."""
    g = WeightGraph(5, [0, 1, 2, 3, 0, 4], [1, 2, 3, 0, 2, 1], [1.0] * 6)
    possible = wirings(g)
    samples = 1200
    seen = Counter(
        tuple(zip(s.pre.tolist(), s.post.tolist(), strict=True))
        for s in null_models(g, "rewire", samples=samples, seed=3)
    )
    assert set(seen) == possible
    assert len(possible) == 21
    expected = samples / len(possible)
    # chi-square with 20 degrees of freedom is above 45 once in a thousand
    assert sum((count - expected) ** 2 / expected for count in seen.values()) < 45


def test_two_synapses_exchange_half_of_the_time() -> None:
    """Fails when a chain that may only go back and forth always ends at the same place."""
    g = WeightGraph(4, [0, 1], [2, 3], [1.0, 2.0])
    turned = [
        sample.post.tolist() != [2, 3] or sample.pre.tolist() != [0, 1]
        for sample in null_models(g, "rewire", samples=400, seed=0)
    ]
    assert 0.4 < np.mean(turned) < 0.6


def test_layers_are_rewired_block_by_block() -> None:
    """Fails when a synapse leaves its block of layers, or a degree within a block changes."""
    generator = np.random.default_rng(0)
    blocks = [generator.normal(size=s) * (generator.random(s) < 0.4) for s in ((20, 12), (9, 20))]
    g = WeightGraph.from_layers(blocks)
    sample = null_model(g, "rewire", seed=4)
    for block, rewired in zip(blocks, sample.to_layers(), strict=True):
        for axis in (0, 1):
            assert np.array_equal((block != 0).sum(axis=axis), (rewired != 0).sum(axis=axis))
        assert 0.1 < ((block != 0) & (rewired != 0)).sum() / (block != 0).sum() < 0.8
        assert np.array_equal(np.sort(block, axis=None), np.sort(rewired, axis=None))


def test_nothing_to_rewire_is_said() -> None:
    """Fails when a graph with only one wiring of its degrees passes for a sample of a null model."""
    full = WeightGraph.from_layers([np.ones((3, 4)), np.ones((2, 3))])
    alone = WeightGraph(2, [0], [1], [1.0])
    for g in (full, alone, WeightGraph.from_matrix(np.zeros((3, 3)))):
        with pytest.raises(DataError, match="no two can exchange their ends"):
            null_model(g, "rewire", seed=0)
