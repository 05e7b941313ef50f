from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditgraph.analysis import block_matrices, leiden, modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError

MATRIX = [[0.0, 3.0, 0.0], [1.0, 0.0, 2.0], [0.0, -4.0, 0.0]]


def test_blocks_by_hand() -> None:
    """Fails when post and pre are swapped, or a neuron with itself counts as a pair."""
    blocks = block_matrices(WeightGraph.from_matrix(MATRIX), [5, 5, 2])
    assert blocks.labels.tolist() == [2, 5]
    assert blocks.sizes.tolist() == [1, 2]
    assert blocks.sum.tolist() == [[0, 4], [2, 4]]
    assert blocks.pairs.tolist() == [[0, 2], [2, 2]]
    assert blocks.synapses.tolist() == [[0, 1], [1, 2]]
    assert blocks.mean.tolist() == [[0, 2], [1, 2]]
    assert blocks.density.tolist() == [[0, 0.5], [0.5, 1]]
    assert blocks.expected.tolist() == [[0.8, 3.2], [1.2, 4.8]]
    assert blocks.ratio == pytest.approx(np.array([[0, 1.25], [2 / 1.2, 4 / 4.8]]))


def test_self_synapses_are_pairs_where_there_are_any() -> None:
    """Fails when a density rises above 1."""
    blocks = block_matrices(WeightGraph.from_matrix(np.ones((4, 4))), [0, 0, 0, 1])
    assert blocks.pairs.tolist() == [[9, 3], [3, 1]]
    assert (blocks.density == 1).all()


def test_signed_weights_have_no_expectation() -> None:
    """Fails when a configuration model of negative strengths is invented."""
    blocks = block_matrices(WeightGraph.from_matrix(MATRIX), [0, 0, 1], weights="signed")
    assert blocks.sum.tolist() == [[4, 2], [-4, 0]]
    assert blocks.expected is None
    assert blocks.table()["ratio"].isna().all()
    with pytest.raises(DataError, match="negative weights"):
        _ = blocks.ratio


def test_table_holds_the_arrays() -> None:
    """Fails when rows of the table and entries of the matrices are in another order."""
    blocks = block_matrices(WeightGraph.from_matrix(MATRIX), [5, 5, 2])
    table = blocks.table().set_index(["post", "pre"])
    assert table.loc[(2, 5), "sum"] == 4
    assert table.loc[(5, 2), "sum"] == 2
    for column in ("sum", "mean", "density", "synapses", "pairs", "expected", "ratio"):
        assert table[column].tolist() == getattr(blocks, column).ravel().tolist()
    assert isinstance(blocks.table(), pd.DataFrame)


@given(seed=st.integers(0, 10_000))
def test_diagonal_less_expectation_is_directed_modularity(seed: int) -> None:
    """Fails when the expectation is of another configuration model than that of modularity."""
    generator = np.random.default_rng(seed)
    g = WeightGraph.from_matrix(generator.normal(size=(12, 12)) * (generator.random((12, 12)) < 0.6) + np.eye(12))
    membership = generator.integers(0, 4, 12)
    blocks = block_matrices(g, membership)
    excess = np.trace(blocks.sum - blocks.expected) / blocks.sum.sum()
    assert excess == pytest.approx(modularity(g, membership, directed=True), abs=1e-12)
    assert blocks.expected.sum() == pytest.approx(blocks.sum.sum())


def test_sums_equal_networkx() -> None:
    """Fails when a block holds other synapses than networkx counts between the same neurons."""
    generator = np.random.default_rng(1)
    g = WeightGraph.from_matrix(generator.normal(size=(20, 20)) * (generator.random((20, 20)) < 0.4))
    found = leiden(g)
    blocks = block_matrices(g, found)
    graph = g.to_networkx(weights="absolute")
    for a in range(found.communities):
        for b in range(found.communities):
            pre, post = np.flatnonzero(found.membership == b), np.flatnonzero(found.membership == a)
            theirs = sum(w for u, v, w in nx.edge_boundary(graph, pre, post, data="weight"))
            assert blocks.sum[a, b] == pytest.approx(theirs)


def test_a_membership_of_another_length_is_refused() -> None:
    """Fails when labels are cut or wrapped to fit."""
    with pytest.raises(DataError, match="got 2 labels"):
        block_matrices(WeightGraph.from_matrix(MATRIX), [0, 1])


@pytest.mark.parametrize("weights", ["absolute", "signed"])
def test_sums_that_are_no_number_are_refused(weights: str) -> None:
    """Fails when sums of very large weights overflow, which made infinite sums and ratios of NaN."""
    matrix = np.random.default_rng(0).normal(size=(8, 8))
    large = WeightGraph.from_matrix(np.abs(matrix) * 1e307)
    with pytest.raises(DataError, match="weights: their sum is too large a number"):
        block_matrices(large, np.arange(8) // 4, weights=weights)
    # just below, ratios are those of the same weights divided
    plain, below = (WeightGraph.from_matrix(matrix * scale) for scale in (1.0, 1e306))
    ratio = block_matrices(below, np.arange(8) // 4).ratio
    np.testing.assert_allclose(ratio, block_matrices(plain, np.arange(8) // 4).ratio, rtol=1e-12)
