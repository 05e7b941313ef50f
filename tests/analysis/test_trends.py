from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditgraph.analysis import contrasts, trends
from creditgraph.analysis.trends import TREND_COLUMNS
from creditgraph.guard import DataError

sys.path.insert(0, str(Path(__file__).parent))
from sweep_tables import RISING, tables


def test_trends_against_the_formula() -> None:
    """Fails when Page's L or Friedman's statistic is of another table (transposed, unpaired) or p is not doubled."""
    found = trends(tables(RISING)[0])
    assert list(found.columns) == ["weights", "direction", "null", "pruning", *TREND_COLUMNS]
    row = found.iloc[0]
    ranks = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [1, 3, 2, 4]])
    assert (row["seeds"], row["learning_rates"], row["trend"], row["note"]) == (3, 4, "increasing", "")
    assert row["page_l"] == ranks.sum(axis=0) @ [1, 2, 3, 4]
    # exact by counting all 24 ** 3 rankings
    import itertools

    sums = [int(np.dot(order, [1, 2, 3, 4])) for order in itertools.permutations([1, 2, 3, 4])]
    totals = np.add.outer(np.add.outer(sums, sums), sums)
    assert row["page_p"] == pytest.approx(2 * (totals >= row["page_l"]).mean(), rel=1e-9)
    friedman = 12 / (3 * 4 * 5) * (ranks.sum(axis=0) ** 2).sum() - 3 * 3 * 5
    assert row["friedman_statistic"] == pytest.approx(friedman)
    assert row["friedman_p"] == pytest.approx(stats.chi2.sf(friedman, 3))
    assert row["q_value"] == row["page_p"]


def test_falling_trend_and_family() -> None:
    """Fails when a falling trend is missed, or q-values are not taken over all rows with a test."""
    rising, falling = tables(RISING)[0], tables(RISING[:, ::-1])[0].assign(direction="minimise")
    found = trends(pd.concat([rising, falling, tables(RISING[:1])[0].assign(direction="other")]))
    assert found["trend"].tolist()[:2] == ["increasing", "decreasing"]
    assert found["page_l"][0] == found["page_l"][1]
    assert found["q_value"][:2].tolist() == pytest.approx(found["page_p"][:2].tolist())
    assert found["q_value"][2] is pd.NA
    assert found["trend"][2] is pd.NA


def test_only_complete_seeds_count() -> None:
    """Fails when a seed that diverged at some learning rate enters the paired test, or the note does not say why."""
    partial = RISING.copy()
    partial[2, 3] = np.nan
    row = trends(tables(partial)[0]).iloc[0]
    assert row["seeds"] == 2
    assert row["page_l"] == trends(tables(RISING[:2])[0]).iloc[0]["page_l"]
    partial[1, 3] = np.nan
    row = trends(tables(partial)[0]).iloc[0]
    assert row["page_p"] is pd.NA
    assert row["note"] == (
        "1 seed complete over all learning rates, a trend needs at least 2 (learning rate 0.3 has 1 of 3)"
    )
    row = trends(tables(RISING[:, :2])[0]).iloc[0]
    assert row["note"] == "2 learning rates, a trend needs at least 3"
    assert row["friedman_p"] is pd.NA


def test_equal_values_have_no_trend() -> None:
    """Fails when ties, exact or by rounding, give NaN, a warning or a trend."""
    noise = 1e-16 * np.random.default_rng(0).normal(size=(3, 4))
    row = trends(tables(np.zeros((3, 4)) + noise)[0]).iloc[0]
    assert (row["page_p"], row["friedman_p"], row["trend"], row["note"]) == (1.0, 1.0, "none", "")
    assert row["page_l"] == 3 * 4 * 25 / 4


def test_table_with_a_member_twice() -> None:
    """Fails when a repeated member is averaged in silence."""
    communities = tables(RISING)[0]
    with pytest.raises(DataError, match="twice"):
        trends(pd.concat([communities, communities.iloc[:1]]))


@pytest.mark.parametrize("kind", ["object", "string", "text category"])
def test_texts_of_learning_rates_are_refused(kind: str) -> None:
    """Fails when learning rates that were read as text are ordered by the alphabet, which turns a trend round."""
    table = tables(RISING)[0]
    as_text = table["learning_rate"].map("{:g}".format).astype(kind.split()[-1])
    for asked in (trends, contrasts):
        with pytest.raises(DataError, match=r"column learning_rate holds .* values, expected numbers"):
            asked(table.assign(learning_rate=as_text))
    numbers = table.assign(learning_rate=table["learning_rate"].astype(object))
    pd.testing.assert_frame_equal(trends(numbers), trends(table))
    gaps = pd.Categorical.from_codes([-1, *[0] * (len(table) - 1)], categories=[1, 2])
    with pytest.raises(DataError, match=r"1 of .* values of column learning_rate is missing"):
        trends(table.assign(learning_rate=gaps))
    ordered = table.assign(learning_rate=table["learning_rate"].astype("category"))
    pd.testing.assert_frame_equal(trends(ordered), trends(table))
