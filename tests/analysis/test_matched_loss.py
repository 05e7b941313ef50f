from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import contrasts, false_discovery, matched_loss, mean_interval, trends
from creditgraph.guard import DataError

sys.path.insert(0, str(Path(__file__).parent))
from sweep_tables import RATES, tables

SEEDS = 5
NOISE = 0.01 * np.array([[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [1, 3, 2, 0]])
RISING = np.array([0.1, 0.2, 0.3, 0.4]) + NOISE


def sweep(difference: np.ndarray, target: float | None = None) -> pd.DataFrame:
    """Rows at a fixed step, or at a target loss, where a NaN is a network that never reached it."""
    table = tables(np.nan_to_num(difference, nan=9.0))[0][
        ["weights", "direction", "null", "learning_rate", "seed", "quality", "null_mean"]
    ]
    missing = table["quality"] - table["null_mean"] > 8
    table.loc[missing, ["quality", "null_mean"]] = np.nan
    return table if target is None else table.assign(target=target)


def test_answers() -> None:
    """Fails when a trend that comes from how much was learned passes for one of the learning rate, or the reverse."""
    answers = {
        "the same trend": (RISING, RISING),
        "opposite trends": (RISING, RISING[:, ::-1]),
        "only at a fixed step": (RISING, NOISE),
        "only at matched loss": (NOISE, RISING),
        "no trend": (NOISE, 2 * NOISE),
    }
    for answer, (fixed, matched) in answers.items():
        found = matched_loss(sweep(matched, 0.3), sweep(fixed)).comparison
        assert found["answer"].tolist() == [answer]


def test_comparison_holds_both_tests() -> None:
    """Fails when a column of one answer stands under the other, or q is of another family."""
    matched = pd.concat([sweep(RISING[:, ::-1], 0.3), sweep(NOISE, 0.1)])
    found = matched_loss(matched, sweep(RISING)).comparison
    step, high, low = (trends(sweep(values)).iloc[0] for values in (RISING, RISING[:, ::-1], NOISE))
    assert found["target"].tolist() == [0.1, 0.3]
    assert found["fixed_p"].tolist() == [step["page_p"]] * 2
    assert found["fixed_trend"].tolist() == ["increasing"] * 2
    assert found["matched_p"].tolist() == [low["page_p"], high["page_p"]]
    assert found["matched_q"].tolist() == pytest.approx(false_discovery([low["page_p"], high["page_p"]]).tolist())
    assert found["matched_trend"][1] == "decreasing"
    assert (found["seeds"].tolist(), found["learning_rates"].tolist()) == ([SEEDS] * 2, [4] * 2)
    assert found["left_out"].tolist() == found["note"].tolist() == ["", ""]


def test_effects_at_each_target() -> None:
    """Fails when effects mix targets, or leave out what they were compared with."""
    found = matched_loss(pd.concat([sweep(RISING, 0.3), sweep(2 * RISING, 0.1)]), sweep(NOISE)).effects
    assert found["basis"].tolist() == ["fixed step"] * 4 + ["matched loss"] * 8
    assert found["target"].tolist() == [pd.NA] * 4 + [0.1] * 4 + [0.3] * 4
    assert found["learning_rate"].tolist() == [*RATES] * 3
    for place, values in ((1, NOISE), (5, 2 * RISING), (9, RISING)):
        assert found["difference_mean"][place] == pytest.approx(values[:, 1].mean())
        bounds = (found["difference_low"][place], found["difference_high"][place])
        assert bounds == pytest.approx(mean_interval(values[:, 1]))
    # against a learning rate at which nothing differs, the contrast is the difference itself
    plain = contrasts(sweep(np.column_stack([np.zeros(SEEDS), RISING[:, 1]])))
    assert found["p_value"][9] == pytest.approx(plain["p_value"][0])
    assert found["q_value"].tolist() == pytest.approx(false_discovery(found["p_value"].astype(float)).tolist())


def test_who_did_not_reach_a_target() -> None:
    """Fails when networks that never had the loss are dropped in silence, or take a learning rate's test with them."""
    partial = RISING.copy()
    partial[3, 0] = partial[4, 0] = np.nan
    partial[:, 3] = np.nan
    rows = sweep(partial, 0.1)
    # one is not in the table at all
    rows = rows[~((rows["seed"] == 2) & (rows["learning_rate"] == 0.01))]
    found = matched_loss(pd.concat([rows, sweep(RISING, 0.3)]), sweep(RISING))
    strict = found.reached[found.reached["target"] == 0.1]
    assert strict["learning_rate"].tolist() == [*RATES]
    assert strict["seeds"].tolist() == [5, 5, 5, 5]
    assert strict["reached"].tolist() == [3, 4, 5, 0]
    assert strict["not_reached"].tolist() == ["3, 4", "2", "", "0, 1, 2, 3, 4"]
    assert found.reached[found.reached["target"] == 0.3]["reached"].tolist() == [5, 5, 5, 5]
    row = found.comparison.iloc[0]
    assert (row["target"], row["seeds"], row["learning_rates"], row["left_out"]) == (0.1, 2, 3, "0.3")
    assert row["matched_p"] == trends(sweep(RISING[:2, :3])).iloc[0]["page_p"]
    effects = found.effects[found.effects["target"].eq(0.1).fillna(False)]
    assert effects["seeds"].tolist() == [3, 4, 5]


def test_too_few_to_test() -> None:
    """Fails when a target that few or no networks reach ends in a crash, or without a word."""
    nobody = matched_loss(pd.concat([sweep(np.full((5, 4), np.nan), 0.01), sweep(RISING, 0.3)]), sweep(RISING))
    row = nobody.comparison.iloc[0]
    assert (row["seeds"], row["answer"], row["note"]) == (0, "not tested", "no network reached the target")
    assert row["left_out"] == "0.001, 0.01, 0.1, 0.3"
    assert row["matched_p"] is pd.NA
    assert row["matched_trend"] is pd.NA
    only = matched_loss(sweep(np.full((5, 4), np.nan), 0.01), sweep(RISING))
    assert only.comparison["answer"].tolist() == ["not tested"]
    one_seed = matched_loss(sweep(RISING[:1], 0.3), sweep(RISING)).comparison.iloc[0]
    assert one_seed["answer"] == "not tested"
    assert one_seed["note"].startswith("1 seed complete over all learning rates")


def test_what_is_refused() -> None:
    """Fails when tables that cannot be compared are."""
    fixed, matched = sweep(RISING), sweep(RISING, 0.3)
    with pytest.raises(DataError, match="matched: the table has no column target"):
        matched_loss(fixed, fixed)
    with pytest.raises(DataError, match="comes twice"):
        matched_loss(pd.concat([matched, matched]), fixed)
    with pytest.raises(DataError, match="are not those of fixed"):
        matched_loss(matched.assign(direction="minimise"), fixed)
    with pytest.raises(DataError, match="both missing"):
        matched_loss(matched.assign(null_mean=np.nan), fixed)
