from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditgraph.analysis import (
    contrasts,
    effect_sizes,
    effects,
    false_discovery,
    mean_interval,
    seeds_needed,
    trends,
)
from creditgraph.analysis.effects import CONTRAST_COLUMNS, EFFECT_COLUMNS, least_p_value
from creditgraph.guard import DataError, OptionError

sys.path.insert(0, str(Path(__file__).parent))
from sweep_tables import RISING, tables


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
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(mean_interval(RISING[:, 2]))
    sizes = effect_sizes(RISING[:, 2])
    assert (row["d_z"], row["d_z_low"], row["dominance_low"]) == pytest.approx(
        (sizes.d_z, sizes.d_z_low, sizes.dominance_low)
    )
    assert row["seeds_needed"] == seeds_needed(sizes.d_z)
    assert set(found["note"]) == {""}


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
    assert one["note"] == "1 seed: no interval, no d_z"
    assert effects(*tables(RISING[:2])).iloc[0]["note"] == "2 seeds: no d_z"
    assert effects(*tables(RISING), interval="bootstrap").iloc[0]["note"] == "3 seeds: no bootstrap interval"
    communities, nulls = tables(np.full((3, 4), 0.25))
    communities["quality"], communities["null_mean"] = 0.5, 0.25
    communities["z"] = np.inf
    equal = effects(communities, nulls).iloc[0]
    assert equal["difference_low"] == equal["difference_high"] == 0.25
    assert equal["z_mean"] is pd.NA
    assert equal["d_z"] is pd.NA
    assert (equal["dominance"], equal["note"]) == (1.0, "equal differences: no d_z, no t test")
    unknown = ["z_mean", "d_z", "d_z_low", "d_z_high", "seeds_needed"]
    assert not effects(communities, nulls).drop(columns=unknown).isna().any(axis=None)


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


def test_missing_values_and_wrong_columns_are_told() -> None:
    """Fails when a NaN, a text or no table at all goes through in silence or ends in a traceback of pandas."""
    communities, nulls = tables(RISING)
    broken = communities.copy()
    broken.loc[3, "quality"] = np.nan
    with pytest.raises(DataError, match="1 of 12 values of column quality is missing"):
        effects(broken, nulls)
    with pytest.raises(DataError, match=r"column quality holds .* values, expected numbers"):
        effects(communities, nulls.assign(quality="high"))
    with pytest.raises(OptionError, match="communities: got None, expected a pandas DataFrame"):
        effects(None, nulls)
    with pytest.raises(OptionError, match="interval: got 'normal'"):
        effects(communities, nulls, interval="normal")


def test_contrasts_within_seeds() -> None:
    """Fails when learning rates are compared across seeds, against another rate, or p is of another test."""
    communities = pd.concat([tables(RISING)[0], tables(-RISING)[0].assign(direction="minimise")])
    found = contrasts(communities)
    assert list(found.columns) == ["weights", "direction", "null", "pruning", "learning_rate", *CONTRAST_COLUMNS]
    assert found["learning_rate"].tolist() == [0.01, 0.1, 0.3] * 2
    row = found.iloc[1]
    paired = RISING[:, 2] - RISING[:, 0]
    assert (row["reference"], row["seeds"], row["note"]) == (0.001, 3, "")
    assert row["difference_mean"] == pytest.approx(paired.mean())
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(mean_interval(paired))
    assert row["p_value"] == pytest.approx(stats.ttest_rel(RISING[:, 2], RISING[:, 0]).pvalue)
    assert row["d_z"] == pytest.approx(effect_sizes(paired).d_z)
    assert found["difference_mean"][4] == pytest.approx(-paired.mean())
    assert found["q_value"].tolist() == pytest.approx(false_discovery(found["p_value"].astype(float)).tolist())
    assert contrasts(communities, reference=0.1)["learning_rate"].tolist() == [0.001, 0.01, 0.3] * 2
    with pytest.raises(OptionError, match=r"reference: got 0.2, expected one of 0.001, 0.01, 0.1, 0.3"):
        contrasts(communities, reference=0.2)


def test_contrasts_of_few_seeds() -> None:
    """Fails when a seed without a partner counts, or too few seeds give a number, a crash or no note."""
    partial = RISING.copy()
    partial[1, 0] = partial[2, 1] = np.nan
    found = contrasts(tables(partial)[0])
    assert found["seeds"].tolist() == [1, 2, 2]
    assert found["note"].tolist() == [
        "1 seed: no interval, no d_z",
        "equal differences: no d_z, no t test",
        "2 seeds: no d_z",
    ]
    assert found["p_value"].isna().tolist() == [True, True, False]
    assert found["q_value"][0] is pd.NA
    partial[0, 0] = np.nan
    assert contrasts(tables(partial)[0])["note"].tolist()[:2] == ["no seed at both", "1 seed: no interval, no d_z"]
    alone = contrasts(tables(RISING[:, :1])[0])
    assert alone.empty
    equal = contrasts(tables(np.zeros((4, 2)))[0])
    assert (equal["p_value"][0], equal["note"][0]) == (1.0, "equal differences: no d_z, no t test")


def test_bootstrap_intervals_of_effect_sizes() -> None:
    """Fails when a table asked for bootstrap intervals keeps exact ones of its effect sizes, or loses the seed."""
    five = np.vstack([RISING, RISING[:2] + 0.05])
    communities, nulls = tables(five)
    for seed in (0, 7):
        sizes = effect_sizes(five[:, 2], interval="bootstrap", seed=seed)
        row = effects(communities, nulls, interval="bootstrap", seed=seed).iloc[2]
        bounds = [sizes.d_z_low, sizes.d_z_high, sizes.dominance_low, sizes.dominance_high]
        names = ["d_z_low", "d_z_high", "dominance_low", "dominance_high"]
        assert row[names].tolist() == pytest.approx(bounds)
        paired = effect_sizes(five[:, 2] - five[:, 0], interval="bootstrap", seed=seed)
        row = contrasts(communities, interval="bootstrap", seed=seed).iloc[1]
        assert row[names[:2]].tolist() == pytest.approx([paired.d_z_low, paired.d_z_high])
    exact = effect_sizes(five[:, 2])
    assert effects(communities, nulls).iloc[2]["d_z_low"] == pytest.approx(exact.d_z_low)


def test_no_p_is_below_the_least_that_samples_and_seeds_allow() -> None:
    """Fails when networks beyond all of their samples do not have the p that is called the least."""
    communities, nulls = tables(RISING)
    beyond = effects(communities.assign(quality=9.0), nulls)
    assert beyond["p_value"].to_numpy() == pytest.approx(beyond["p_least"].to_numpy(), rel=1e-12)
    assert (effects(communities, nulls)["p_value"] >= beyond["p_least"] * (1 - 1e-12)).all()


def test_one_network_beyond_all_of_39_samples_has_a_p_of_5_percent_and_no_more() -> None:
    """Fails when rounding in Fisher's formula puts p just above the level that as many samples are taken for."""
    communities, nulls = tables(np.array([[1.0]]), samples=39)
    assert effects(communities, nulls)["p_value"].tolist() == [0.05]
    assert least_p_value([39]) == 0.05


@pytest.mark.parametrize("column", ["null", "pruning", "seed"])
def test_a_row_without_a_key_is_not_dropped(column: str) -> None:
    """Fails when rows that do not say what they are of vanish from a table without a word."""
    communities, nulls = tables(RISING, pruning=True)
    communities[column] = communities[column].astype(object)
    communities.loc[communities.index[0], column] = None
    for compute in (lambda: effects(communities, nulls), lambda: contrasts(communities), lambda: trends(communities)):
        with pytest.raises(
            DataError, match=f"communities: 1 of {len(communities)} values of column {column} is missing"
        ):
            compute()


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e6])
def test_differences_of_large_qualities_are_not_made_of_rounding(scale: float) -> None:
    """Fails when the last digits of qualities that have a unit (cpm) are ranked, or give an effect size."""
    communities, nulls = tables(np.zeros_like(RISING))
    noise = np.resize([1e-16, -1e-16, 2e-16, 0.0], len(communities))
    communities["quality"] = scale * (1.0 + noise)
    communities["null_mean"] = scale
    nulls["quality"] = scale
    found = effects(communities, nulls)
    assert (found["difference_mean"].abs() <= 1e-15).all()
    assert (found["p_value"] == 1).all()
    assert found["d_z"].isna().all()
    assert (found["dominance"] == 0).all()
    assert (contrasts(communities)["p_value"] == 1).all()
    assert (trends(communities)["trend"] == "none").all()
