from __future__ import annotations

from math import comb

import numpy as np
import pytest

from creditgraph.analysis import composition, false_discovery, planted_layers
from creditgraph.guard import DataError


def test_enrichment_by_counting() -> None:
    """Fails when the p-value is of another tail or urn: every choice of a community's neurons is counted."""
    membership = [0] * 5 + [1] * 3 + [2]
    layers = [0, 0, 0, 1, 1, 1, 1, 0, 1]
    table = composition(membership, layers).set_index(["community", "value"])
    assert len(table) == 4
    for (community, value), row in table.iterrows():
        size, total = membership.count(community), layers.count(value)
        found = sum(m == community and v == value for m, v in zip(membership, layers, strict=True))
        ways = sum(comb(total, k) * comb(9 - total, size - k) for k in range(found, size + 1))
        assert row["neurons"] == found
        assert row["size"] == size
        assert row["expected"] == pytest.approx(size * total / 9)
        assert row["ratio"] == pytest.approx(found / (size * total / 9))
        assert row["p_value"] == pytest.approx(ways / comb(9, size))
    assert table["q_value"].tolist() == false_discovery(table["p_value"]).tolist()


def test_layers_of_planted_groups_are_even() -> None:
    """Fails when groups that run through all layers look enriched, or a community that is a layer does not."""
    planted = planted_layers([20, 20, 20], groups=4)
    even = composition(planted.membership, planted.graph.layers)
    assert even["ratio"].tolist() == [1.0] * 12
    assert even["q_value"].min() > 0.5
    layered = composition(planted.graph.layers, planted.graph.roles)
    own = layered[layered["neurons"] == 20]
    assert own[["community", "value"]].to_numpy().tolist() == [[0, "input"], [1, "hidden"], [2, "output"]]
    assert own["q_value"].max() < 1e-10
    assert own["ratio"].tolist() == [3.0] * 3


def test_labels_are_those_given() -> None:
    """Fails when communities or values are renumbered in the table, or small ones are kept."""
    table = composition([7, 7, 7, 3, 3, 9], ["b", "b", "a", "a", "a", "a"])
    assert table["community"].tolist() == [3, 3, 7, 7]
    assert table["value"].tolist() == ["a", "b", "a", "b"]
    assert table["neurons"].tolist() == [2, 0, 1, 2]
    assert composition([7, 7, 9], ["b", "b", "a"], smallest=1)["community"].tolist() == [7, 7, 9, 9]


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (["a", "b"], "expected a value for each of the 3 neurons"),
        ("abc", "got str"),
        (None, "got NoneType"),
        ([0.5, 0.25, 0.125], "expected texts or whole numbers"),
        ([[0], [1], [2]], "shape \\(3, 1\\)"),
        ([[0], [1, 2], [3]], "rows of unequal length"),
        (["a", None, "b"], "values of type object"),
    ],
)
def test_mistakes_are_told(attribute, message: str) -> None:
    """Fails when an attribute that is none gets a traceback of a library."""
    with pytest.raises(DataError, match=message):
        composition([0, 0, 1], attribute)


def test_a_wrong_membership_is_told() -> None:
    """Fails when a membership of real numbers or several dimensions is cut to fit."""
    with pytest.raises(DataError, match="membership"):
        composition(np.zeros((2, 2)), [0, 1, 2, 3])
    with pytest.raises(DataError, match="whole numbers"):
        composition([0.5, 1.0], [0, 1])
