from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..guard import choice, finite_array, real_number, whole_number
from .sweep_table import ROUNDING

INTERVALS = ("student", "bootstrap")
RESAMPLES = 10_000

# a resample of fewer values than these is often of equal values only, which has no t
SMALLEST_BOOTSTRAP = 4


def mean_interval(
    values: Any, *, method: str = "student", level: float = 0.95, seed: int = 0
) -> tuple[float, float] | tuple[None, None]:
    r"""Confidence interval of a mean of few values.

    With the mean m of n values and its standard error :math:`s / \sqrt{n}`, "student" is

    .. math:: m \pm t_{(1 + level) / 2,\, n - 1} \; s / \sqrt{n}

    and "bootstrap" the studentised bootstrap: the quantiles of t are not Student's but those of
    :math:`(m^* - m) \sqrt{n} / s^*` over 10,000 resamples of the values. The plainer percentile and BCa bootstraps are
    not offered: of five normal values, their 95 % intervals hold the mean in 85 % of cases.

    Parameters
    ----------
    values
        Numbers that are independent of each other, shape (n,).
    method
        "student": holds what it says for values that are near to normal, from 2 of them on, and for skewed ones too
        little (89 % for five exponential values). "bootstrap": also for skewed values (93 %), wider by a quarter at
        five values, and not below 4.
    level
        Coverage, between 0 and 1.
    seed
        Seed of the bootstrap.

    Returns
    -------
    low, high
        None and None for too few values, and with "bootstrap" where resamples of one value alone, which are sure of a
        wrong mean, are more than a tail: where many values are equal, and for few values at a high level (of five at
        0.999). The value itself where all are equal.

    Raises
    ------
    DataError
        If a value is missing or no number.

    References
    ----------
    Student, Biometrika 6 (1908). Efron, "Nonparametric standard errors and confidence intervals", Canadian Journal of
    Statistics 9 (1981), for the studentised bootstrap.

    Examples
    --------
    >>> low, high = mean_interval([1.0, 2.0, 3.0])
    >>> round(low, 3), round(high, 3)
    (-0.484, 4.484)
    """
    choice("method", method, INTERVALS)
    real_number("level", level, above=0.0, maximum=np.nextafter(1.0, 0.0))
    whole_number("seed", seed, 0)
    numbers = finite_array("values", values, ndim=1).astype(np.float64)
    n = len(numbers)
    if n < (2 if method == "student" else SMALLEST_BOOTSTRAP):
        return None, None
    # of any size: squares of the largest numbers are none any more, and of the smallest 0
    scale = float(np.abs(numbers).max()) or 1.0
    numbers = numbers / scale
    if np.ptp(numbers) <= ROUNDING:
        return float(numbers[0] * scale), float(numbers[0] * scale)
    mean, error = float(numbers.mean()), float(numbers.std(ddof=1)) / np.sqrt(n)
    tails = np.array([(1 + level) / 2, (1 - level) / 2])
    t = stats.t.ppf(tails, n - 1) if method == "student" else _quantiles(_studentised(numbers, seed), tails)
    if not np.isfinite(t).all():
        return None, None
    low, high = (mean - t * error) * scale
    return float(low), float(high)


def _studentised(values: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    """T of the means of resamples, sorted; infinite for those of equal values, which are sure of another mean."""
    chosen = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    resampled, mean = values[chosen], values.mean()
    equal = np.ptp(resampled, axis=1) <= ROUNDING
    error = np.where(equal, 1.0, resampled.std(axis=1, ddof=1)) / np.sqrt(len(values))
    apart = resampled.mean(axis=1) - mean
    t = np.where(np.abs(apart) > ROUNDING, apart, 0.0) / error
    return np.sort(np.where(equal & (t != 0), np.copysign(np.inf, t), t))


def _quantiles(t: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Quantiles of sorted numbers, infinite where they are beyond the finite ones."""
    finite = np.isfinite(t)
    found = np.quantile(np.where(finite, t, np.clip(t, t[finite][0], t[finite][-1])), shares)
    below, above = (t == -np.inf).mean(), (t == np.inf).mean()
    return np.where(shares < below, -np.inf, np.where(shares > 1 - above, np.inf, found))
