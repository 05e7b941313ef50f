from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ..guard import DataError
from .false_discovery import false_discovery
from .sweep_table import QUESTION, ROUNDING, difference_table, groups, named, need, question, typed

TESTS = ("page_l", "page_p", "trend", "friedman_statistic", "friedman_p")
TREND_COLUMNS = ("seeds", "learning_rates", *TESTS, "q_value", "note")


def trends(communities: pd.DataFrame) -> pd.DataFrame:
    """Whether communities, less their null model, rise or fall with the learning rate.

    Seeds are paired across learning rates (the same initial weights), so only seeds that are there at every learning
    rate count: a matrix of seeds x learning rates of the quality less the member's own null mean.

    Parameters
    ----------
    communities
        One row per member, weights, direction and null, with `quality` and `null_mean`.

    Returns
    -------
    DataFrame
        One row per weights, direction and null (and pruning): `seeds` and `learning_rates`, the counts; `page_l` and
        `page_p`, Page's statistic L of the trend ("increasing" or "decreasing", whichever has the smaller p; "none"
        where they are the same) and its p, doubled because both are tried, at most 1; `friedman_statistic` and
        `friedman_p`, of any difference at all; `q_value`, Benjamini-Hochberg over `page_p`; `note`, empty, or why there
        are no numbers: with fewer than 2 complete seeds or 3 learning rates they are missing.

    Raises
    ------
    DataError
        If the table lacks a column or a value, is empty, or has a member twice.

    References
    ----------
    Page, "Ordered hypotheses for multiple treatments", JASA 58 (1963). Friedman, JASA 32 (1937).
    """
    need("communities", communities, QUESTION, ["learning_rate", "seed", "quality", "null_mean"])
    keys = question(communities)
    need("communities", communities, keys, [])
    return trend_table(communities, keys)


def trend_table(communities: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Tests of :func:`trends`, one row per combination of the keys."""
    rows: list[tuple[Any, ...]] = []
    for key, group in groups(communities, keys):
        if group.duplicated(["learning_rate", "seed"]).any():
            raise DataError(f"communities: a learning rate and seed come twice in {named(keys, key)}")
        table = difference_table(group)
        rows.append((*key, *trend_row(table)))
    return trend_frame(rows, keys)


def trend_row(table: pd.DataFrame) -> tuple[Any, ...]:
    """Values of TREND_COLUMNS for a table of seeds x learning rates, of which incomplete seeds do not count; no q."""
    counts = table.notna().sum()
    complete = table.dropna().to_numpy(np.float64)
    seeds, rates = complete.shape
    note = ""
    if rates < 3:
        note = f"{rates} learning rate{'s' * (rates != 1)}, a trend needs at least 3"
    elif seeds < 2:
        place = int(counts.to_numpy().argmin())
        note = (
            f"{seeds} seed{'s' * (seeds != 1)} complete over all learning rates, a trend needs at least 2"
            f" (learning rate {table.columns[place]:g} has {counts.iloc[place]} of {len(table)})"
        )
    tests = (None,) * len(TESTS) if note else trend_tests(complete)
    return (seeds, rates, *tests, None, note)


def trend_frame(rows: list[tuple[Any, ...]], keys: list[str]) -> pd.DataFrame:
    """Table of keys and TREND_COLUMNS, with q-values over all rows that have a test."""
    result = pd.DataFrame(rows, columns=[*keys, *TREND_COLUMNS])
    tested = result["page_p"].notna()
    result.loc[tested, "q_value"] = false_discovery(result.loc[tested, "page_p"].to_numpy(np.float64))
    result["trend"] = result["trend"].astype("string")
    numbers = [column for column in (*TESTS, "q_value") if column != "trend"]
    return typed(result, numbers=numbers, counts=("seeds", "learning_rates"))


def trend_tests(table: npt.NDArray[np.float64]) -> tuple[float, float, str, float, float]:
    """Page's L, its p and trend, Friedman's statistic and p, of a table of seeds x learning rates."""
    page_l, page_p, trend = page_test(table)
    if _tied(table):
        # Friedman's statistic would be 0 / 0
        return page_l, page_p, trend, 0.0, 1.0
    friedman = stats.friedmanchisquare(*ranked(table).T)
    return page_l, page_p, trend, float(friedman.statistic), float(friedman.pvalue)


def page_test(table: npt.NDArray[np.float64]) -> tuple[float, float, str]:
    """Page's L, its p doubled for both directions, and the trend, of a table of seeds x learning rates."""
    size = table.shape[1]
    if _tied(table):
        # all ranks tie: L is its expectation
        return len(table) * size * (size + 1) ** 2 / 4, 1.0, "none"
    orders = {"increasing": np.arange(1, size + 1), "decreasing": np.arange(size, 0, -1)}
    pages = {trend: stats.page_trend_test(ranked(table), predicted_ranks=order) for trend, order in orders.items()}
    up, down = (float(page.pvalue) for page in pages.values())
    trend = "increasing" if up <= down else "decreasing"
    return float(pages[trend].statistic), min(1.0, 2 * min(up, down)), "none" if up == down else trend


def ranked(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The table (or several) without rounding errors, which must not be ranked."""
    return table.round(int(-np.log10(ROUNDING)))


def _tied(table: npt.NDArray[np.float64]) -> bool:
    values = ranked(table)
    return bool((values == values[:, :1]).all())
