from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ..guard import DataError, OptionError, choice, real_number, several, whole_number
from .effect_sizes import effect_sizes
from .false_discovery import false_discovery
from .intervals import INTERVALS, mean_interval
from .power import seeds_needed
from .sweep_table import (
    LEVEL,
    QUESTION,
    ROUNDING,
    column_of,
    difference_table,
    excess_of,
    groups,
    named,
    need,
    once,
    question,
    typed,
)

DIFFERENCE_COLUMNS = ("difference_mean", "difference_low", "difference_high")
SIZE_COLUMNS = ("d_z", "d_z_low", "d_z_high", "dominance", "dominance_low", "dominance_high")
EFFECT_COLUMNS = (
    "seeds",
    "quality_mean",
    "quality_low",
    "quality_high",
    "null_mean",
    "null_low",
    "null_high",
    *DIFFERENCE_COLUMNS,
    "z_mean",
    "p_value",
    "p_least",
    "q_value",
    "significant",
    *SIZE_COLUMNS,
    "seeds_needed",
    "note",
)
CONTRAST_COLUMNS = (
    "reference",
    "seeds",
    *DIFFERENCE_COLUMNS,
    "p_value",
    "q_value",
    *SIZE_COLUMNS,
    "seeds_needed",
    "note",
)


def effects(
    communities: pd.DataFrame, nulls: pd.DataFrame, *, interval: str = "student", seed: int = 0
) -> pd.DataFrame:
    r"""How far communities are from their null model, at each learning rate.

    Parameters
    ----------
    communities
        One row per member, weights, direction and null, with `quality`, `null_mean`, `z` and `p_value`.
    nulls
        One row per sample of the null model of each of these, with `quality`.
    interval
        How intervals over seeds are drawn: "student", with exact ones of effect sizes, or "bootstrap", with bootstrap
        ones; see :func:`mean_interval` and :func:`effect_sizes`.
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

        twice the smaller, at most 1; they are independent where each seed is a network of its own, beside samples of
        its own (networks trained on shuffled labels are shared by the seeds of a learning rate); `p_least`, the
        least that so few samples and seeds could make of it, see :func:`least_p_value`; `q_value`,
        Benjamini-Hochberg over all rows; `significant`, the count of seeds whose own p-value, one-sided in the
        direction of the search, is at most 0.05. A single network among n samples of its null model cannot get below
        p = 1 / (1 + n), which no correction for many tests survives; seeds together can.

        Of the differences, also `d_z` and `dominance` with their intervals, see :func:`effect_sizes`, and
        `seeds_needed`, see :func:`seeds_needed`, if `d_z` were the true effect. What too few seeds or equal values
        leave open is missing; `note` says why, and is empty where all is there. Equal values have the interval that is
        the value itself.

    Raises
    ------
    DataError
        If a table lacks a column or a value, is empty, or these members have no null samples.

    References
    ----------
    Fisher, "Statistical Methods for Research Workers", 4th edition (1932), for the combination of p-values.
    """
    check_interval(interval, seed)
    need("communities", communities, QUESTION, ["learning_rate", "seed", "quality", "null_mean", "p_value"])
    need("communities", communities, ["z"], [])
    keys = question(communities)
    need("communities", communities, keys, [])
    need("nulls", nulls, keys, ["learning_rate", "seed", "quality"])
    keys = [*QUESTION, "learning_rate", *keys[len(QUESTION) :]]
    once("communities", communities, [*keys, "seed"])
    samples = dict(iter(nulls.merge(communities[[*keys, "seed"]], on=[*keys, "seed"]).groupby(keys)))
    rows = []
    for key, group in groups(communities, keys):
        if key not in samples:
            raise DataError(f"nulls: no samples for {named(keys, key)}")
        null = column_of("nulls", samples[key], "quality")
        quality = column_of("communities", group, "quality")
        z = column_of("communities", group, "z")
        z = z[np.isfinite(z)]
        low, high = mean_interval(quality, method=interval, level=1 - LEVEL, seed=seed)
        null_low, null_high = np.percentile(null, [2.5, 97.5])
        row = {
            **dict(zip(keys, key, strict=True)),
            "quality_mean": quality.mean(),
            "quality_low": low,
            "quality_high": high,
            "null_mean": null.mean(),
            "null_low": null_low,
            "null_high": null_high,
            "z_mean": z.mean() if len(z) else None,
            "p_value": _combined(group, samples[key]),
            "p_least": least_p_value(samples[key].groupby("seed").size().tolist()),
            "significant": int((column_of("communities", group, "p_value") <= LEVEL).sum()),
            **summary(excess_of(group), interval=interval, seed=seed),
        }
        rows.append(row)
    found = pd.DataFrame(rows)
    found["q_value"] = false_discovery(found["p_value"])
    counts = ("seeds", "significant", "seeds_needed")
    numbers = [column for column in EFFECT_COLUMNS if column not in (*counts, "note")]
    return typed(found[[*keys, *EFFECT_COLUMNS]], numbers=numbers, counts=counts)


def least_p_value(samples: Sequence[int]) -> float:
    r"""Least two-sided p that networks together can have, each beyond all samples of its own null model.

    With n_i samples of k networks,

    .. math:: \min\left(1, 2 P(\chi^2_{2k} \ge 2 \sum_{i=1}^{k} \ln (1 + n_i))\right).

    No correction makes it smaller: where it is above 0.05, no q can be at most 0.05.

    Parameters
    ----------
    samples
        How many samples each network has.

    Examples
    --------
    >>> round(least_p_value([10, 10, 10]), 4), round(least_p_value([20] * 5), 6)
    (0.0512, 0.001448)
    """
    counts = [whole_number("samples", count, 1) for count in samples] if several(samples) else []
    if not counts:
        raise OptionError("samples", samples, "how many samples each network has, such as [20, 20, 20]")
    return min(1.0, 2.0 * _fisher([1 / (1 + count) for count in counts]))


def contrasts(
    communities: pd.DataFrame, *, reference: float | None = None, interval: str = "student", seed: int = 0
) -> pd.DataFrame:
    """How far communities at each learning rate differ from those at one of them, within seeds.

    Parameters
    ----------
    communities
        One row per member, weights, direction and null, with `quality` and `null_mean`.
    reference
        Learning rate that the others are compared with, by default the lowest.
    interval, seed
        As in :func:`effects`.

    Returns
    -------
    DataFrame
        One row per weights, direction, null (and pruning) and other learning rate: `reference`; `seeds`, the count of
        those that are there at both learning rates; `difference_mean`, `difference_low`, `difference_high`, the mean
        and 95 % interval over seeds of (quality less null mean) at the learning rate less that at the reference;
        `p_value`, of the paired t test; `q_value`, Benjamini-Hochberg over all rows that have a p; `d_z`, `dominance`,
        `seeds_needed` and `note` as in :func:`effects`.

    Raises
    ------
    OptionError
        If the reference is no learning rate of the table.
    DataError
        If the table lacks a column or a value, is empty, or has a member twice.
    """
    check_interval(interval, seed)
    need("communities", communities, QUESTION, ["learning_rate", "seed", "quality", "null_mean"])
    keys = question(communities)
    need("communities", communities, keys, [])
    once("communities", communities, [*keys, "learning_rate", "seed"])
    rates = sorted(communities["learning_rate"].unique().tolist())
    fixed = rates[0] if reference is None else real_number("reference", reference)
    if fixed not in rates:
        raise OptionError("reference", reference, "one of " + ", ".join(f"{rate:g}" for rate in rates))
    rows = []
    for key, group in groups(communities, keys):
        table = difference_table(group)
        for rate in (rate for rate in rates if rate != fixed):
            pairs = table.reindex(columns=[rate, fixed]).dropna().to_numpy(np.float64)
            differences = pairs[:, 0] - pairs[:, 1]
            row = {
                **dict(zip(keys, key, strict=True)),
                "learning_rate": rate,
                "reference": fixed,
                "p_value": t_test(differences),
                **summary(differences, interval=interval, seed=seed),
            }
            rows.append(row)
    found = pd.DataFrame(rows, columns=[*keys, "learning_rate", *CONTRAST_COLUMNS])
    numbers = [column for column in CONTRAST_COLUMNS if column not in ("seeds", "seeds_needed", "note")]
    found = typed(found, numbers=numbers, counts=("seeds", "seeds_needed"))
    tested = found["p_value"].notna()
    found.loc[tested, "q_value"] = false_discovery(found.loc[tested, "p_value"])
    return found


def summary(differences: npt.NDArray[np.float64], *, interval: str, seed: int) -> dict[str, Any]:
    """Count, mean, interval, effect sizes and seeds needed of paired differences, and why some are missing."""
    drawn = "bootstrap" if interval == "bootstrap" else "exact"
    sizes = effect_sizes(differences, level=1 - LEVEL, interval=drawn, seed=seed)
    low, high = mean_interval(differences, method=interval, level=1 - LEVEL, seed=seed)
    return {
        "seeds": sizes.seeds,
        "difference_mean": differences.mean() if len(differences) else None,
        "difference_low": low,
        "difference_high": high,
        **{column: getattr(sizes, column) for column in SIZE_COLUMNS},
        "seeds_needed": seeds_needed(sizes.d_z) if sizes.d_z else None,
        "note": _missing(differences, low is not None, sizes.d_z is not None, interval),
    }


def t_test(differences: npt.NDArray[np.float64]) -> float | None:
    """Two-sided p of Student's t test that the mean of paired differences is 0; None where they have no spread."""
    n = len(differences)
    if n < 2:
        return None
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread <= ROUNDING:
        return 1.0 if abs(mean) <= ROUNDING else None
    return float(2 * stats.t.sf(abs(mean) / spread * np.sqrt(n), n - 1))


def check_interval(interval: str, seed: int) -> None:
    """Check the options of an interval before any work is done."""
    choice("interval", interval, INTERVALS)
    whole_number("seed", seed, 0)


def _missing(differences: npt.NDArray[np.float64], has_interval: bool, has_d_z: bool, interval: str) -> str:
    """What too few or equal differences leave open."""
    seeds = len(differences)
    counted = f"{seeds} seed{'s' * (seeds != 1)}"
    if not seeds:
        return "no seed at both"
    if seeds < 2:
        return f"{counted}: no interval, no d_z"
    if not has_interval:
        return f"{counted}: no {interval} interval"
    if np.ptp(differences) <= ROUNDING:
        return "equal differences: no d_z, no t test"
    return "" if has_d_z else f"{counted}: no d_z"


def _combined(group: pd.DataFrame, samples: pd.DataFrame) -> float:
    """Two-sided p of several networks, each among the samples of its own null model."""
    of_seed = dict(iter(samples.groupby("seed")["quality"]))
    higher, lower = [], []
    for seed, quality in zip(group["seed"], group["quality"], strict=True):
        if seed not in of_seed:
            raise DataError(f"nulls: no samples for seed {seed}, where others of its learning rate have some")
        above, rounding = of_seed[seed].to_numpy(np.float64) - float(quality), ROUNDING * max(1.0, abs(float(quality)))
        higher.append((1 + (above >= -rounding).sum()) / (1 + len(above)))
        lower.append((1 + (above <= rounding).sum()) / (1 + len(above)))
    return min(1.0, 2.0 * min(_fisher(higher), _fisher(lower)))


def _fisher(p_values: Sequence[float]) -> float:
    """Fisher's combination of independent p; of a single one itself, which the formula gives but for rounding."""
    if len(p_values) == 1:
        return float(p_values[0])
    return float(stats.combine_pvalues(p_values, method="fisher").pvalue)
