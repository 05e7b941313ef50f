from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditgraph.analysis import effects, false_discovery, trends
from creditgraph.analysis.trends import EFFECT_COLUMNS, TREND_COLUMNS, bootstrap_interval
from creditgraph.guard import DataError

RATES = (0.001, 0.01, 0.1, 0.3)


def tables(
    difference: np.ndarray, *, samples: int = 4, directions: tuple[str, ...] = ("maximise",), pruning: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of a sweep whose quality exceeds its null mean by `difference`, shape (seeds, learning rates)."""
    communities, nulls = [], []
    for direction in directions:
        for seed, row in enumerate(difference):
            for rate, value in zip(RATES, row, strict=False):
                if np.isnan(value):
                    continue
                keys = {"learning_rate": rate, "pruning": 0.8, "seed": seed, "weights": "absolute"}
                keys |= {"direction": direction, "null": "shuffle_nonzero"}
                if not pruning:
                    del keys["pruning"]
                null = 0.1 * seed + np.arange(samples) / 100
                communities.append(
                    {
                        **keys,
                        "quality": null.mean() + value,
                        "null_mean": null.mean(),
                        "z": value / null.std(ddof=1),
                        "p_value": 0.05 if value > 0.25 else 0.06,
                    }
                )
                nulls += [{**keys, "sample": i, "quality": quality} for i, quality in enumerate(null)]
    return pd.DataFrame(communities), pd.DataFrame(nulls)


RISING = np.array([[0.1, 0.2, 0.3, 0.4], [0.15, 0.18, 0.33, 0.5], [0.0, 0.3, 0.2, 0.6]])


def test_false_discovery_by_hand() -> None:
    """Fails when the step-up is not monotone, or tests are weighted by the wrong rank."""
    assert false_discovery([0.01, 0.02, 0.03, 0.5]) == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert false_discovery(pd.Series([0.8, 0.01])).tolist() == [0.8, 0.02]
    assert false_discovery([]).tolist() == []
    for bad in ([0.5, np.nan], [1.5], [[0.5]]):
        with pytest.raises(DataError, match="p_values"):
            false_discovery(bad)


@pytest.mark.parametrize("pruning", [True, False])
def test_effects_against_plain_arithmetic(pruning: bool) -> None:
    """Fails when seeds, null samples or learning rates are mixed, or a column is missing or misnamed."""
    communities, nulls = tables(RISING, directions=("maximise", "minimise"), pruning=pruning)
    found = effects(communities, nulls)
    keys = ["weights", "direction", "null", "learning_rate"] + ["pruning"] * pruning
    assert list(found.columns) == [*keys, *EFFECT_COLUMNS]
    assert len(found) == 8
    row = found[(found["direction"] == "minimise") & (found["learning_rate"] == 0.1)].iloc[0]
    null = np.concatenate([0.1 * seed + np.arange(4) / 100 for seed in range(3)])
    assert row["seeds"] == 3
    assert row["difference_mean"] == pytest.approx(RISING[:, 2].mean())
    assert row["quality_mean"] == pytest.approx(RISING[:, 2].mean() + null.mean())
    assert row["null_mean"] == pytest.approx(null.mean())
    assert [row["null_low"], row["null_high"]] == pytest.approx(np.percentile(null, [2.5, 97.5]))
    assert row["z_mean"] == pytest.approx((RISING[:, 2] / (np.arange(4) / 100).std(ddof=1)).mean())
    assert row["significant"] == 2
    # by hand: every seed beats its 4 samples; the tail of chi squared with 6 degrees of freedom is a short sum
    half = -3 * np.log(1 / 5)
    assert row["p_value"] == pytest.approx(2 * np.exp(-half) * (1 + half + half**2 / 2))
    assert found["q_value"].tolist() == pytest.approx(false_discovery(found["p_value"].astype(float)).tolist())
    assert row["difference_low"] < row["difference_mean"] < row["difference_high"]


def test_bootstrap_interval() -> None:
    """Fails when the interval is not of the mean or not 95 %: against the normal interval, and SciPy's."""
    values = np.random.default_rng(0).normal(size=400)
    low, high = bootstrap_interval(values, seed=0)
    half = 1.96 * values.std(ddof=1) / 20
    assert [low, high] == pytest.approx([values.mean() - half, values.mean() + half], abs=0.01)
    few = np.array([0.1, 0.5, 0.2, 0.9, 0.4])
    theirs = stats.bootstrap((few,), np.mean, method="percentile", n_resamples=20_000).confidence_interval
    assert bootstrap_interval(few, seed=1) == pytest.approx((theirs.low, theirs.high), abs=0.03)
    assert bootstrap_interval(few, seed=1) == bootstrap_interval(few, seed=1)
    assert bootstrap_interval(np.array([0.3]), seed=0) == (None, None)
    assert bootstrap_interval(np.full(3, 0.3), seed=0) == (0.3, 0.3)


def test_seeds_together_can_show_what_one_network_cannot() -> None:
    """Fails when the smallest p of a small null ensemble, 1/21, bars every effect of a sweep from significance."""
    communities, nulls = tables(np.tile([0.0, 0.3, -0.3, 0.0], (5, 1)), samples=20)
    found = effects(communities, nulls).set_index("learning_rate")
    # the other side counts as well: the search says where to look, not what may be found
    assert (found.loc[[0.01, 0.1], "q_value"] < 0.01).all()
    assert (found.loc[[0.001, 0.3], "q_value"] > 0.5).all()


def test_what_equals_its_null_is_on_neither_side() -> None:
    """Fails when ties count for one side only: every network and sample of a bipartite graph has minimal Q = -1/2."""
    communities, nulls = tables(np.zeros((5, 4)))
    communities["quality"] = nulls["quality"] = communities["null_mean"] = -0.5
    assert set(effects(communities, nulls)["q_value"]) == {1.0}


def test_a_network_counts_once() -> None:
    """Fails when copies of one network pass for independent seeds."""
    communities, nulls = tables(RISING)
    with pytest.raises(DataError, match="comes twice"):
        effects(pd.concat([communities, communities]), nulls)
    with pytest.raises(DataError, match="no samples for seed 1"):
        effects(communities, nulls[nulls["seed"] != 1])


def test_effects_of_one_seed_and_of_equal_values() -> None:
    """Fails when a degenerate sweep gives NaN, a warning or an interval out of nothing."""
    one = effects(*tables(RISING[:1])).iloc[0]
    assert one["quality_low"] is pd.NA
    assert one["difference_high"] is pd.NA
    assert one["difference_mean"] == pytest.approx(0.1)
    assert one["p_value"] == pytest.approx(2 / 5)
    communities, nulls = tables(np.full((3, 4), 0.25))
    communities["quality"], communities["null_mean"] = 0.5, 0.25
    communities["z"] = np.inf
    equal = effects(communities, nulls).iloc[0]
    assert equal["difference_low"] == equal["difference_high"] == 0.25
    assert equal["z_mean"] is pd.NA
    assert not effects(communities, nulls).drop(columns="z_mean").isna().any(axis=None)


def test_effects_count_only_their_own_null_samples() -> None:
    """Fails when samples of members that are not in the table widen the null's band, or missing ones go unnoticed."""
    communities, nulls = tables(RISING)
    stray = nulls.assign(seed=77, quality=99.0)
    found = effects(communities, pd.concat([nulls, stray]))
    pd.testing.assert_frame_equal(found, effects(communities, nulls))
    with pytest.raises(DataError, match=r"no samples for weights=absolute.*learning_rate=0.1"):
        effects(communities, nulls[nulls["learning_rate"] != 0.1])
    with pytest.raises(DataError, match="no column p_value"):
        effects(communities.drop(columns="p_value"), nulls)
    with pytest.raises(DataError, match="empty"):
        effects(communities.iloc[:0], nulls)


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
