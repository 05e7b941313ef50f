"""What networks are held against where nobody says it, and scores that no network can change."""

from dataclasses import replace

import numpy as np
import pytest

from creditgraph.analysis import leiden
from creditgraph.graphs import WeightGraph, write_graph
from creditgraph.study import (
    analyse,
    config,
)
from creditgraph.study.analyses import minimum
from creditgraph.study.analyses.minimum import fixed_minimum
from creditgraph.study.analyses.networks import FileNetwork, why_minimum_is_fixed
from creditgraph.study.analyses.options import AnalysisOptions

QUICK = {"samples": 9, "restarts": 2, "parts": ["stability"], "workers": 1}


@pytest.mark.parametrize(
    ("pairs", "directed", "fixed"),
    [
        ([(0, 1), (1, 2)], False, True),
        ([(0, 1), (1, 2)], True, False),
        ([(0, 1), (1, 2), (0, 3)], False, True),
        # a skip over an even number of layers, and synapses within a layer
        ([(0, 1), (1, 2), (0, 2)], False, False),
        ([(0, 1), (1, 1)], False, False),
    ],
)
def test_layers_that_fix_minimal_q(pairs, directed, fixed):
    """Guards against leaving out a score that could differ, as that of networks with skips can."""
    neurons = np.arange(8)
    layers = neurons // 2
    matrix = np.zeros((8, 8))
    for before, after in pairs:
        matrix[np.ix_(layers == after, layers == before)] = 1.0
    np.fill_diagonal(matrix, 0.0)
    g = replace(WeightGraph.from_matrix(matrix), layers=layers)
    assert (fixed_minimum(g, directed=directed, resolution=1.0) is not None) is fixed
    if not directed:
        assert (leiden(g, direction="minimise", restarts=8).quality == pytest.approx(-0.5, abs=1e-9)) is fixed


def test_two_groups_without_synapses_within_fix_minimal_q_without_layers():
    """Guards against a false finding in a feedforward network whose file names no layers."""
    generator = np.random.default_rng(0)
    matrix = np.kron([[0, 0, 0], [1, 0, 0], [0, 1, 0]], generator.random((5, 5)))
    g = WeightGraph.from_matrix(matrix)
    for resolution in (0.5, 1.0, 1.7):
        assert f"{-resolution / 2:g}" in str(fixed_minimum(g, directed=False, resolution=resolution))
        found = leiden(g, direction="minimise", restarts=8, resolution=resolution).quality
        assert found == pytest.approx(-resolution / 2, abs=1e-9)
    assert fixed_minimum(g, directed=True, resolution=1.0) is None
    matrix[0, 1] = 1.0
    assert fixed_minimum(WeightGraph.from_matrix(matrix), directed=False, resolution=1.0) is None


def test_it_is_the_view_that_fixes_minimal_q():
    """Guards against changes that are judged by the weights that they led to, and the other way round."""
    generator = np.random.default_rng(1)
    feedforward = np.kron([[0, 0], [1, 0]], generator.random((6, 6)))
    everywhere = generator.random((12, 12))
    for matrix, initial, fixed in ((feedforward, everywhere, False), (everywhere + feedforward, everywhere, True)):
        g = WeightGraph.from_matrix(matrix, initial=initial)
        options = AnalysisOptions(weights="absolute_change")
        assert (why_minimum_is_fixed(FileNetwork("g", g), options) is not None) is fixed
        found = leiden(g, weights="absolute_change", direction="minimise", restarts=5).quality
        assert (found == pytest.approx(-0.5, abs=1e-6)) is fixed


def test_from_a_resolution_of_2_on_minimal_q_is_a_constant():
    """Guards against minimal Q that is tested for nothing at high resolutions."""
    assert config.BOUND_BY_ALL == minimum.BOUND_BY_ALL
    for seed, resolution in ((0, 2.0), (1, 2.5), (2, 4.0)):
        g = WeightGraph.from_matrix(np.random.default_rng(seed).random((12, 12)))
        assert "whatever the weights" in str(fixed_minimum(g, directed=False, resolution=resolution))
        found = leiden(g, direction="minimise", restarts=5, resolution=resolution).quality
        assert found == pytest.approx(1 - resolution, abs=1e-9)
    assert fixed_minimum(g, directed=False, resolution=1.9) is None


@pytest.mark.parametrize(
    ("matrix", "options", "nulls"),
    [
        ([[0, 1.0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], {}, {"shuffle_nonzero"}),
        (np.ones((6, 6)), {"parts": ["structure"]}, {"shuffle_nonzero"}),
        ([[0, 1.0], [-2.0, 0]], {"weights": "signed"}, {"shuffle_nonzero", "sign_shuffle"}),
    ],
)
def test_null_models_that_can_change_nothing_are_not_chosen(matrix, options, nulls, tmp_path, no_page):
    """Guards against a command that fails by its own defaults on a small or complete graph."""
    write_graph(WeightGraph.from_matrix(matrix), tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, **options})
    assert set(found.tables["scores"]["null"]) == nulls


def test_an_unweighted_graph_is_held_against_rewired_ones(tmp_path, no_page):
    """Guards against shuffling equal weights, which is the network itself."""
    generator = np.random.default_rng(1)
    g = WeightGraph.from_matrix((generator.random((30, 30)) < 0.2).astype(float))
    write_graph(g, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, "parts": ["structure"]})
    assert set(found.tables["scores"]["null"]) == {"rewire"}
    assert set(found.tables["structure"]["null"]) == {"rewire"}
    # fewer were asked for of the scores
    assert set(found.tables["structure"]["samples"]) == {59}
    assert set(found.tables["scores"]["samples"]) < set(range(59))


def test_layers_of_other_scales_are_no_structure(tmp_path):
    """Guards against a verdict that is only that an output layer has larger weights than the layers before it."""
    random = np.random.default_rng(5)
    layers = [random.normal(size=(16, 20)), 8.0 * random.normal(size=(8, 16))]
    file = write_graph(WeightGraph.from_layers(layers), tmp_path / "layers.npz")
    found = analyse(file, tmp_path, **{**QUICK, "parts": ["structure"]})
    assert set(found.tables["structure"]["null"]) == {"shuffle_block"}
    assert found.tables["networks"]["verdict"].tolist() == ["none"]
