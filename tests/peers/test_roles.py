"""Roles and modularity beside the Brain Connectivity Toolbox for Python, whose matrices are ``W[pre, post]``."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from creditgraph.analysis import modularity, participation, within_module_z
from creditgraph.graphs import WeightGraph

with warnings.catch_warnings():
    # its sources have doubtful syntax, which Python tells when it first compiles them
    warnings.simplefilter("ignore", SyntaxWarning)
    import bct


def network(seed: int, n: int = 30) -> tuple[WeightGraph, np.ndarray, np.ndarray]:
    """Signed directed weights without self-synapses (some neurons have no output, some no input), and communities."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.3)
    np.fill_diagonal(matrix, 0.0)
    matrix[0], matrix[:, 1] = 0.0, 0.0
    return WeightGraph.from_matrix(matrix), matrix.T, generator.integers(0, 4, n)


@pytest.mark.filterwarnings("ignore:invalid value encountered in divide")
def test_participation() -> None:
    """Fails when a side is taken for the other, or neurons without synapses on it have another coefficient."""
    for seed in range(3):
        g, matrix, own = network(seed)
        sizes = np.abs(matrix)
        for side in ("in", "out"):
            theirs = bct.participation_coef(sizes, own, degree=side)
            assert participation(g, own, side=side) == pytest.approx(theirs, abs=1e-12)
        theirs = bct.participation_coef(sizes + sizes.T, own)
        assert participation(g, own) == pytest.approx(theirs, abs=1e-12)


def test_participation_of_each_sign() -> None:
    """Fails when a view of one sign has synapses of the other."""
    g, matrix, own = network(3)
    # both signs between two neurons would cancel in what bct reads as undirected
    theirs = bct.participation_coef_sign(np.triu(matrix) + np.triu(matrix).T, own)
    upper = g.keep_synapses(g.pre < g.post)
    for view, expected in zip(("positive", "negative"), theirs, strict=True):
        assert participation(upper, own, weights=view) == pytest.approx(expected, abs=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value encountered in divide")
def test_within_module_z() -> None:
    """Fails when the spread is that of n - 1, or a side is taken for the other.

    Flag 1 sums the rows of what it is given and flag 2 its columns, so with rows that are presynaptic flag 2 is of
    inputs; the docstring of bct 0.6.1 says the opposite.
    """
    for seed in range(3):
        g, matrix, own = network(seed)
        sizes = np.abs(matrix)
        for side, flag in (("out", 1), ("in", 2), ("undirected", 3)):
            theirs = bct.module_degree_zscore(sizes, own, flag=flag)
            assert within_module_z(g, own, side=side) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("resolution", [1.0, 0.7])
def test_modularity(resolution: float) -> None:
    """Fails when the null model of directed or undirected modularity is scaled otherwise, at any resolution."""
    for seed in range(3):
        g, matrix, own = network(seed)
        sizes = np.abs(matrix)
        undirected = bct.modularity_und(sizes + sizes.T, gamma=resolution, kci=own)[1]
        assert modularity(g, own, resolution=resolution) == pytest.approx(undirected, abs=1e-12)
        directed = bct.modularity_dir(sizes, gamma=resolution, kci=own)[1]
        assert modularity(g, own, directed=True, resolution=resolution) == pytest.approx(directed, abs=1e-12)
