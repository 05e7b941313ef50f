from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ..guard import DataError, finite_array, whole_number

QUESTION = ["weights", "direction", "null"]
LEVEL = 0.05
RESAMPLES = 10_000

# differences of Q below this are rounding, and must not be ranked
ROUNDING = 1e-12

EFFECT_COLUMNS = (
    "seeds",
    "quality_mean",
    "quality_low",
    "quality_high",
    "null_mean",
    "null_low",
    "null_high",
    "difference_mean",
    "difference_low",
    "difference_high",
    "z_mean",
    "p_value",
    "q_value",
    "significant",
)
TREND_COLUMNS = (
    "seeds",
    "learning_rates",
    "page_l",
    "page_p",
    "trend",
    "friedman_statistic",
    "friedman_p",
    "q_value",
    "note",
)


def false_discovery(p_values: Any) -> npt.NDArray[np.float64]:
    """q-values of a family of tests: the false discovery rate at which each would be called (Benjamini, Hochberg 1995).

    Parameters
    ----------
    p_values
        Numbers from 0 to 1, shape (tests,).

    Returns
    -------
    ndarray
        ``q_(i) = min over j >= i of p_(j) * tests / j`` for the i-th smallest, in the order given.

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = finite_array("p_values", p_values, ndim=1).astype(np.float64)
    if ((values < 0) | (values > 1)).any():
        raise DataError("p_values: expected numbers from 0 to 1")
    return np.asarray(stats.false_discovery_control(values)) if len(values) else values


def effects(communities: pd.DataFrame, nulls: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    r"""How far communities are from their null model, at each learning rate.

    Parameters
    ----------
    communities
        One row per member, weights, direction and null, with `quality`, `null_mean`, `z` and `p_value`.
    nulls
        One row per sample of the null model of each of these, with `quality`.
    seed
        Seed of the bootstrap; a row does not depend on which others there are.

    Returns
    -------
    DataFrame
        One row per weights, direction, null and learning rate (and pruning): `seeds`, the count; `quality_mean`, the
        mean over seeds, with `quality_low` and `quality_high`, its 95 % interval; `null_mean`, `null_low`, `null_high`,
        the mean and the 2.5 and 97.5 percentiles of all null samples of these members; `difference_mean`,
        `difference_low`, `difference_high`, the mean and interval over seeds of the quality less the member's own null
        mean; `z_mean`, over the seeds whose null has a spread (missing if none has); `p_value`, two-sided: of
        Fisher's combinations of the seeds' own p-values for "higher than the null" and for "lower",

        .. math:: P(\chi^2_{2k} \ge -2 \sum_{i=1}^{k} \ln p_i)

        twice the smaller, at most 1; they are independent because each seed is a network of its own; `q_value`,
        Benjamini-Hochberg over all rows; `significant`, the count of seeds whose own p-value, one-sided in the
        direction of the search, is at most 0.05. A single network among n samples of its null model cannot get below
        p = 1 / (1 + n), which no correction for many tests survives; seeds together can.

        Intervals are percentiles of 10,000 bootstrap samples of the seeds. Of a single seed there is no interval
        (missing values); of equal values it is the value itself.

    Raises
    ------
    DataError
        If a table lacks a column, is empty, or these members have no null samples.

    References
    ----------
    Fisher, "Statistical Methods for Research Workers", 4th edition (1932), for the combination of p-values.
    """
    whole_number("seed", seed, 0)
    keys = _keys(communities)
    _need("communities", communities, [*keys, "learning_rate", "seed", "quality", "null_mean", "z", "p_value"])
    _need("nulls", nulls, [*keys, "learning_rate", "seed", "quality"])
    keys = [*QUESTION, "learning_rate", *keys[len(QUESTION) :]]
    members = communities[[*keys, "seed"]]
    if members.duplicated().any():
        raise DataError("communities: a network comes twice at one learning rate, which would count it as two seeds")
    samples = dict(iter(nulls.merge(members, on=[*keys, "seed"]).groupby(keys)))
    rows = []
    for key, group in communities.groupby(keys):
        if key not in samples:
            raise DataError(f"nulls: no samples for {_named(keys, key)}")
        null = samples[key]["quality"].to_numpy(np.float64)
        quality = group["quality"].to_numpy(np.float64)
        difference = quality - group["null_mean"].to_numpy(np.float64)
        z = group["z"].to_numpy(np.float64)
        z = z[np.isfinite(z)]
        null_low, null_high = np.percentile(null, [2.5, 97.5])
        values = (
            len(group),
            quality.mean(),
            *bootstrap_interval(quality, seed=seed),
            null.mean(),
            null_low,
            null_high,
            difference.mean(),
            *bootstrap_interval(difference, seed=seed),
            z.mean() if len(z) else None,
            _combined(group, samples[key]),
            None,
            int((group["p_value"] <= LEVEL).sum()),
        )
        rows.append((*key, *values))
    found = pd.DataFrame(rows, columns=[*keys, *EFFECT_COLUMNS])
    found["q_value"] = false_discovery(found["p_value"].to_numpy(np.float64))
    return _typed(found, EFFECT_COLUMNS, ("seeds", "significant"))


def _combined(group: pd.DataFrame, samples: pd.DataFrame) -> float:
    """Two-sided p of several networks, each among the samples of its own null model."""
    of_seed = dict(iter(samples.groupby("seed")["quality"]))
    higher, lower = [], []
    for seed, quality in zip(group["seed"], group["quality"], strict=True):
        if seed not in of_seed:
            raise DataError(f"nulls: no samples for seed {seed}, where others of its learning rate have some")
        above = of_seed[seed].to_numpy(np.float64) - float(quality)
        higher.append((1 + (above >= -ROUNDING).sum()) / (1 + len(above)))
        lower.append((1 + (above <= ROUNDING).sum()) / (1 + len(above)))
    sides = [stats.combine_pvalues(side, method="fisher").pvalue for side in (higher, lower)]
    return min(1.0, 2.0 * float(min(sides)))


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
        If the table lacks a column, is empty, or has a member twice.

    References
    ----------
    Page, "Ordered hypotheses for multiple treatments", JASA 58 (1963). Friedman, JASA 32 (1937).
    """
    keys = _keys(communities)
    _need("communities", communities, [*keys, "learning_rate", "seed", "quality", "null_mean"])
    rows = []
    for key, group in communities.groupby(keys):
        if group.duplicated(["learning_rate", "seed"]).any():
            raise DataError(f"communities: a learning rate and seed come twice in {_named(keys, key)}")
        table = (
            group.assign(difference=group["quality"] - group["null_mean"])
            .pivot_table(index="seed", columns="learning_rate", values="difference", dropna=False)
            .sort_index(axis=1)
        )
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
        tests = (None,) * 5 if note else trend_tests(complete)
        rows.append((*key, seeds, rates, *tests, None, note))
    result = pd.DataFrame(rows, columns=[*keys, *TREND_COLUMNS])
    tested = result["page_p"].notna()
    result.loc[tested, "q_value"] = false_discovery(result.loc[tested, "page_p"].to_numpy(np.float64))
    result["trend"] = result["trend"].astype("string")
    return _typed(result, [c for c in TREND_COLUMNS if c not in ("trend", "note")], ("seeds", "learning_rates"))


def trend_tests(table: npt.NDArray[np.float64]) -> tuple[float, float, str, float, float]:
    """Page's L, its p and trend, Friedman's statistic and p, of a table of seeds x learning rates."""
    ranked = table.round(int(-np.log10(ROUNDING)))
    size = ranked.shape[1]
    if (ranked == ranked[:, :1]).all():
        # all ranks tie: L is its expectation, and Friedman's statistic would be 0 / 0
        return len(ranked) * size * (size + 1) ** 2 / 4, 1.0, "none", 0.0, 1.0
    orders = {"increasing": np.arange(1, size + 1), "decreasing": np.arange(size, 0, -1)}
    pages = {trend: stats.page_trend_test(ranked, predicted_ranks=order) for trend, order in orders.items()}
    up, down = (float(page.pvalue) for page in pages.values())
    trend = "increasing" if up <= down else "decreasing"
    page_l, page_p = float(pages[trend].statistic), min(1.0, 2 * min(up, down))
    friedman = stats.friedmanchisquare(*ranked.T)
    return page_l, page_p, "none" if up == down else trend, float(friedman.statistic), float(friedman.pvalue)


def bootstrap_interval(
    values: npt.NDArray[np.float64], *, seed: int, level: float = 0.95, resamples: int = RESAMPLES
) -> tuple[float | None, float | None]:
    """Percentile bootstrap interval of the mean: None and None for one value, the value itself where all are equal."""
    if len(values) < 2:
        return None, None
    if (values == values[0]).all():
        return float(values[0]), float(values[0])
    chosen = np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))
    low, high = np.quantile(values[chosen].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _keys(communities: pd.DataFrame) -> list[str]:
    return [*QUESTION, "pruning"] if "pruning" in communities else list(QUESTION)


def _need(name: str, table: pd.DataFrame, columns: list[str]) -> None:
    missing = [column for column in columns if column not in table]
    if missing:
        raise DataError(f"{name}: the table has no column {', '.join(missing)}")
    if table.empty:
        raise DataError(f"{name}: the table is empty")


def _named(keys: list[str], values: Any) -> str:
    return ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))


def _typed(table: pd.DataFrame, columns: Any, counts: tuple[str, ...]) -> pd.DataFrame:
    # nullable types, so that what is missing is pd.NA and not NaN
    return table.astype({column: "int64" if column in counts else "Float64" for column in columns})
