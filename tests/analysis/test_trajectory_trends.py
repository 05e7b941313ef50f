from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditgraph.analysis import false_discovery, trajectory, trajectory_summary, trajectory_trends
from creditgraph.analysis.trends import TREND_COLUMNS
from creditgraph.guard import DataError, OptionError

RATES = [0.003, 0.01, 0.1, 1.0]


def courses(seeds: int = 5, **measures: np.ndarray) -> pd.DataFrame:
    """Table of a sweep whose measures are given as seeds x learning rates."""
    rows = [{"learning_rate": rate, "seed": seed, "snapshots": 6} for seed in range(seeds) for rate in RATES]
    table = pd.DataFrame(rows).assign(**{name: values.ravel() for name, values in measures.items()})
    # rows of a sweep come in any order
    return table.sample(frac=1, random_state=0)


def test_against_scipy() -> None:
    """Fails when seeds and learning rates change places or order, p is not doubled, or q leaves out a column."""
    generator = np.random.default_rng(0)
    rising = np.arange(4) + generator.normal(size=(5, 4))
    falling, noise = -rising[::-1], generator.normal(size=(5, 4))
    found = trajectory_trends(courses(births=rising, lifetime=falling, flexibility=noise))
    assert list(found.columns) == ["measure", *TREND_COLUMNS]
    assert found["measure"].tolist() == ["births", "lifetime", "flexibility"]
    assert found["trend"].tolist()[:2] == ["increasing", "decreasing"]
    for place, values in enumerate((rising, falling, noise)):
        up = stats.page_trend_test(values)
        down = stats.page_trend_test(values[:, ::-1])
        page = min((up, down), key=lambda test: test.pvalue)
        friedman = stats.friedmanchisquare(*values.T)
        row = found.iloc[place]
        assert (row["seeds"], row["learning_rates"], row["note"]) == (5, 4, "")
        assert row["page_l"] == page.statistic
        assert row["page_p"] == pytest.approx(min(1.0, 2 * page.pvalue), rel=1e-12)
        assert row["friedman_statistic"] == pytest.approx(friedman.statistic, rel=1e-12)
        assert row["friedman_p"] == pytest.approx(friedman.pvalue, rel=1e-12)
    assert found["q_value"].tolist() == pytest.approx(false_discovery(found["page_p"]).tolist())


def test_a_planted_trend_of_trajectories_is_found() -> None:
    """Fails when a course that grows more restless with the learning rate is missed, or a constant one has a trend."""
    generator = np.random.default_rng(1)
    made = {}
    for place, rate in enumerate(RATES):
        for seed in range(5):
            labels = np.repeat(np.arange(4), 10)
            snapshots = {0: labels}
            for step in range(1, 6):
                moved = generator.random(40) < 0.02 + 0.08 * place
                labels = np.where(moved, generator.integers(0, 4, 40), labels)
                snapshots[step] = labels
            made[rate, seed] = trajectory(snapshots)
    found = trajectory_trends(trajectory_summary(made)).set_index("measure")
    summary_columns = list(trajectory_summary(made).columns)
    assert found.index.tolist() == [
        name for name in summary_columns if name not in ("learning_rate", "seed", "snapshots")
    ]
    assert found.loc["flexibility", "trend"] == "increasing"
    assert found.loc["flexibility", "q_value"] < 0.01
    first = found.loc["communities_first"]
    assert (first["page_p"], first["friedman_p"], first["trend"]) == (1.0, 1.0, "none")


def test_courses_that_cannot_be_paired() -> None:
    """Fails when an incomplete seed, one of fewer snapshots, or too few of them enter a test, or nothing says so."""
    values = np.arange(4) + np.random.default_rng(2).normal(size=(3, 4))
    table = courses(3, births=values, flexibility=values).sort_values(["seed", "learning_rate"], ignore_index=True)
    table["flexibility"] = table["flexibility"].astype("Float64")
    table.loc[0, "flexibility"] = pd.NA
    found = trajectory_trends(table).set_index("measure")
    assert found["seeds"].tolist() == [3, 2]
    assert found.loc["flexibility", "page_l"] == max(
        stats.page_trend_test(values[1:]).statistic, stats.page_trend_test(values[1:, ::-1]).statistic
    )
    stopped = table.assign(snapshots=np.where(table.index == 4, 2, 6))
    found = trajectory_trends(stopped).set_index("measure")
    assert found["seeds"].tolist() == [2, 1]
    left_out = "1 of 12 networks left out, whose snapshots are not 6"
    assert found.loc["births", "note"] == left_out
    assert found.loc["flexibility", "note"] == (
        "1 seed complete over all learning rates, a trend needs at least 2 (learning rate 0.003 has 1 of 3); "
        + left_out
    )
    assert found.loc["flexibility", "page_p"] is pd.NA
    # q is of the one test that there is
    assert found.loc["births", "q_value"] == found.loc["births", "page_p"]
    two = trajectory_trends(table[table["learning_rate"] < 0.1])
    assert two["note"].tolist() == ["2 learning rates, a trend needs at least 3"] * 2
    assert two["q_value"].isna().all()
    assert two["trend"].isna().all()


def test_prunings_are_tested_apart() -> None:
    """Fails when networks of another pruning are taken for the same seed, or for other seeds."""
    values = np.arange(4) + np.random.default_rng(3).normal(size=(5, 4))
    dense, sparse = courses(births=values), courses(births=-values)
    found = trajectory_trends(pd.concat([dense.assign(pruning=0.0), sparse.assign(pruning=0.8)]))
    assert found[["pruning", "measure", "trend"]].to_numpy().tolist() == [
        [0.0, "births", "increasing"],
        [0.8, "births", "decreasing"],
    ]
    assert found["page_l"].tolist() == [trajectory_trends(dense).iloc[0]["page_l"]] * 2


def test_mistakes_are_told() -> None:
    """Fails when a table that is none, or counts a network twice, gets numbers or a traceback of pandas."""
    table = courses(births=np.zeros((5, 4)))
    with pytest.raises(OptionError, match="table: got None, expected a pandas DataFrame"):
        trajectory_trends(None)
    with pytest.raises(DataError, match="no column snapshots"):
        trajectory_trends(table.drop(columns="snapshots"))
    with pytest.raises(DataError, match="comes twice"):
        trajectory_trends(pd.concat([table, table.iloc[:1]]))
    with pytest.raises(DataError, match="no column of numbers"):
        trajectory_trends(table.assign(births="many"))
    with pytest.raises(DataError, match="20 infinite values in column births"):
        trajectory_trends(table.assign(births=np.inf))
