from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from creditgraph.analysis import compare, element_similarity, similarity_matrix
from creditgraph.guard import DataError, OptionError

METHODS = ("ami", "nmi", "ari", "vi", "element_centric")


def page_rank(membership: np.ndarray, follow: float) -> np.ndarray:
    """Personalised PageRank of each neuron over neurons that share a community, from the definition of Gates et al."""
    same = (membership[:, None] == membership[None, :]).astype(float)
    walk = same / same.sum(axis=1, keepdims=True)
    return (1 - follow) * np.linalg.inv(np.eye(len(membership)) - follow * walk)


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 4), min_size=n, max_size=n), min_size=2, max_size=2)
    )
)
@settings(max_examples=60, deadline=None)
def test_element_similarity_against_page_rank(partitions: list[list[int]]) -> None:
    """Fails when the closed form departs from the random walks that define it, whatever their chance to go on."""
    p, q = map(np.array, partitions)
    for follow in (0.9, 0.4):
        distance = np.abs(page_rank(p, follow) - page_rank(q, follow)).sum(axis=1)
        assert element_similarity(p, q) == pytest.approx(1 - distance / (2 * follow), abs=1e-12)
    assert compare(p, q, method="element_centric") == pytest.approx(element_similarity(p, q).mean(), abs=1e-12)


def test_element_similarity_by_hand() -> None:
    """Fails when an overlap is divided by the union or by the smaller community, or p and q are swapped by neuron."""
    assert element_similarity([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1]).tolist() == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert element_similarity([0, 0, 0, 1], [2, 2, 2, 2]).tolist() == [0.75, 0.75, 0.75, 0.25]
    assert element_similarity([0, 0, 0], [0, 1, 2]).tolist() == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("method", METHODS)
def test_names_of_communities_do_not_matter(method: str) -> None:
    """Fails when a similarity depends on labels, or is not symmetric."""
    alike = 0.0 if method == "vi" else 1.0
    p, q = np.array([0, 0, 1, 1, 2, 2]), np.array([5, 5, -1, -1, 9, 9])
    r = np.array([0, 1, 1, 1, 2, 0])
    assert compare(p, q, method=method) == alike
    assert compare(p, r, method=method) == pytest.approx(compare(r, q, method=method), abs=1e-12)
    assert compare(p, r, method=method) != pytest.approx(alike, abs=1e-2)


def test_variation_of_information_by_hand() -> None:
    """Fails when an entropy has a wrong sign or base: halves against halves that cross, H(p|q) = H(q|p) = log 2."""
    assert compare([0, 0, 1, 1], [0, 1, 0, 1], method="vi") == pytest.approx(2 * np.log(2), abs=1e-14)
    assert compare([0, 0, 0, 0], [0, 1, 2, 3], method="vi") == pytest.approx(np.log(4), abs=1e-14)
    # p refines q: H(q|p) = 0, H(p|q) = 3/4 (log 3 - 2/3 log 2)
    found = compare([0, 0, 1, 2], [0, 0, 0, 1], method="vi")
    assert found == pytest.approx(0.75 * (np.log(3) - 2 / 3 * np.log(2)), abs=1e-14)


def test_rand_index_by_hand() -> None:
    """Fails when pairs are counted otherwise than Hubert and Arabie do: halves that cross share no pair."""
    assert compare([0, 0, 1, 1], [0, 1, 0, 1], method="ari") == pytest.approx((0 - 2 / 3) / (2 - 2 / 3), abs=1e-14)


# in the second pair, any two of the large communities must overlap
@pytest.mark.parametrize(
    ("p", "q"), [([0, 0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 1, 2, 1]), ([0, 0, 0, 0, 0, 1, 2], [1, 1, 0, 0, 0, 0, 2])]
)
def test_adjusted_information_against_all_permutations(p: list[int], q: list[int]) -> None:
    """Fails when the expectation is not the mean of the mutual information over all ways to hand out the labels."""

    def information(a: np.ndarray, b: np.ndarray) -> float:
        joint = np.histogram2d(a, b, bins=(np.arange(4), np.arange(4)))[0] / len(a)
        return float(stats.entropy(joint.sum(0)) + stats.entropy(joint.sum(1)) - stats.entropy(joint.ravel()))

    expected = np.mean([information(np.array(p), np.array(labels)) for labels in set(permutations(q))])
    entropy = (stats.entropy(np.bincount(p)) + stats.entropy(np.bincount(q))) / 2
    assert compare(p, q) == pytest.approx(
        (information(np.array(p), np.array(q)) - expected) / (entropy - expected), abs=1e-12
    )


@pytest.mark.parametrize("method", METHODS)
def test_trivial_partitions(method: str) -> None:
    """Fails when one community, or each neuron alone, gives 0 / 0."""
    one, alone = np.zeros(5, int), np.arange(5)
    alike = 0.0 if method == "vi" else 1.0
    assert compare(one, one, method=method) == compare(alone, alone, method=method) == alike
    unlike = {"vi": np.log(5), "element_centric": 0.2}.get(method, 0.0)
    assert compare(one, alone, method=method) == pytest.approx(unlike, abs=1e-12)
    assert compare([3], [4], method=method) == alike


def test_unrelated_partitions() -> None:
    """Fails when similarities that are adjusted for chance are not about 0 for unrelated partitions."""
    generator = np.random.default_rng(0)
    pairs = [generator.integers(0, 5, (2, 200)) for _ in range(20)]
    for method in ("ami", "ari"):
        assert abs(np.mean([compare(p, q, method=method) for p, q in pairs])) < 0.02
    assert np.mean([compare(p, q, method="nmi") for p, q in pairs]) > 0.02


@pytest.mark.parametrize("method", METHODS)
def test_matrix_holds_all_pairs(method: str) -> None:
    """Fails when partitions are mixed up in the matrix, or it is not symmetric."""
    generator = np.random.default_rng(1)
    partitions = [generator.integers(0, k, 40) for k in (2, 3, 7, 40, 1, 3)]
    found = similarity_matrix(partitions, method=method)
    assert (found == found.T).all()
    for i, p in enumerate(partitions):
        for j, q in enumerate(partitions):
            assert found[i, j] == pytest.approx(compare(p, q, method=method), abs=1e-12)


def test_what_is_refused() -> None:
    """Fails when partitions of different neurons, or an unknown measure, give a number."""
    with pytest.raises(DataError, match="got 3 labels, expected one for each of the 2"):
        compare([0, 1], [0, 1, 1])
    with pytest.raises(DataError, match="no neurons"):
        compare([], [])
    with pytest.raises(DataError, match="whole numbers"):
        compare([0.5, 1.0], [0, 1])
    with pytest.raises(OptionError, match=r"method: got 'amii'.*did you mean 'ami'"):
        compare([0, 1], [0, 1], method="amii")
    with pytest.raises(DataError, match="got none"):
        similarity_matrix([])
    with pytest.raises(OptionError, match="partitions"):
        similarity_matrix("no")
    with pytest.raises(DataError, match="expected 1 dimensions"):
        element_similarity([0, 1], 3)


def test_labels_may_be_tensors_and_a_table_is_refused() -> None:
    """Fails when the labels of a tensor end in a library's traceback, or the names of columns are taken for labels."""
    labels = [[0, 0, 1, 1, 2], [1, 1, 0, 0, 0]]
    tensors = [torch.tensor(each) for each in labels]
    assert compare(*tensors) == compare(*labels)
    np.testing.assert_array_equal(similarity_matrix(tensors), similarity_matrix(labels))
    with pytest.raises(OptionError, match="expected a list of partitions, or an array of labels, a row each"):
        similarity_matrix(pd.DataFrame(labels))
