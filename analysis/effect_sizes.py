from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from ..guard import finite_array, real_number
from .sweep_table import ROUNDING

# above this t, SciPy's noncentral t fails
LARGEST_T = 1e4


@dataclass(frozen=True)
class EffectSizes:
    """How large paired differences are, free of their unit; None where too few values, or equal ones, leave it open.

    Parameters
    ----------
    seeds
        Count of differences.
    d_z, d_z_low, d_z_high
        Standardised mean difference and its interval.
    dominance, dominance_low, dominance_high
        Share of differences above 0 less share below, and its interval.
    level
        Coverage of the intervals.
    """

    seeds: int
    d_z: float | None
    d_z_low: float | None
    d_z_high: float | None
    dominance: float | None
    dominance_low: float | None
    dominance_high: float | None
    level: float


def effect_sizes(differences: Any, *, level: float = 0.95) -> EffectSizes:
    r"""Effect sizes of paired differences, one for each seed.

    The standardised mean difference, with Hedges' correction for few values (without it, d of five values is too large
    by a quarter on average):

    .. math:: d_z = J(n - 1) \, \frac{\bar{d}}{s_d}, \qquad
        J(\nu) = \frac{\Gamma(\nu / 2)}{\sqrt{\nu / 2} \; \Gamma((\nu - 1) / 2)}

    and its interval: all effects under which the t of these differences, noncentral t with n - 1 degrees of freedom, is
    not in a tail; exact for normal differences. Cliff's dominance within pairs needs no such assumption:

    .. math:: \delta = \frac{\#\{d > 0\} - \#\{d < 0\}}{n}

    with the exact interval of a binomial proportion (Clopper and Pearson), which ties widen. Neither is a bootstrap
    interval, because that of five values of one sign is a single point.

    Parameters
    ----------
    differences
        One for each seed, shape (n,); below 1e-12 they count as 0.
    level
        Coverage of the intervals, between 0 and 1.

    Returns
    -------
    EffectSizes
        Fewer than 3 differences, or equal ones, have no d_z; none have no dominance.

    References
    ----------
    Hedges, Journal of Educational Statistics 6 (1981). Cliff, Psychological Bulletin 114 (1993). Clopper and Pearson,
    Biometrika 26 (1934).

    Examples
    --------
    >>> sizes = effect_sizes([0.1, 0.2, 0.3, 0.2, 0.2])
    >>> round(sizes.d_z, 2), sizes.dominance, round(sizes.dominance_low, 2)
    (2.26, 1.0, -0.04)
    """
    real_number("level", level, above=0.0, maximum=np.nextafter(1.0, 0.0))
    values = finite_array("differences", differences, ndim=1).astype(np.float64)
    d_z, d_z_low, d_z_high = _standardised(values, level)
    dominance, dominance_low, dominance_high = _dominance(values, level)
    return EffectSizes(len(values), d_z, d_z_low, d_z_high, dominance, dominance_low, dominance_high, level)


def hedges_correction(degrees: int) -> float:
    """J of :func:`effect_sizes`, for 2 degrees of freedom or more."""
    return math.exp(special.gammaln(degrees / 2) - special.gammaln((degrees - 1) / 2)) / math.sqrt(degrees / 2)


def _standardised(
    values: npt.NDArray[np.float64], level: float
) -> tuple[float, float, float] | tuple[None, None, None]:
    n = len(values)
    spread = float(values.std(ddof=1)) if n > 2 else 0.0
    if spread <= ROUNDING:
        return None, None, None
    plain = float(values.mean()) / spread
    low, high = (_noncentrality(plain * math.sqrt(n), n - 1, tail) / math.sqrt(n) for tail in reversed(_tails(level)))
    return hedges_correction(n - 1) * plain, low, high


def noncentral_t_tail(t: float, degrees: int, noncentrality: float) -> float:
    """Chance that noncentral t lies above `t`, a number from 0 on."""
    if t <= LARGEST_T:
        return float(stats.nct.sf(t, degrees, noncentrality))
    # beside so large a t the numerator of T is its noncentrality and nothing else
    return float(stats.chi2.cdf(degrees * (max(noncentrality, 0.0) / t) ** 2, degrees))


def _noncentrality(t: float, degrees: int, tail: float) -> float:
    """Noncentrality at which noncentral t lies above `t` with chance `tail`."""
    if t < 0:
        return -_noncentrality(-t, degrees, 1 - tail)

    def excess(noncentrality: float) -> float:
        return noncentral_t_tail(t, degrees, noncentrality) - tail

    low, high = t - 1, t + 1
    while excess(low) > 0:
        low -= max(1.0, abs(low))
    while excess(high) < 0:
        high += max(1.0, abs(high))
    return float(optimize.brentq(excess, low, high))


def _dominance(values: npt.NDArray[np.float64], level: float) -> tuple[float, float, float] | tuple[None, None, None]:
    n = len(values)
    if not n:
        return None, None, None
    above, below = int((values > ROUNDING).sum()), int((values < -ROUNDING).sum())
    # ties could be on either side: they count against each bound
    upper, lower = _tails(level)
    low = float(stats.beta.ppf(lower, above, n - above + 1)) if above else 0.0
    high = float(stats.beta.ppf(upper, n - below + 1, below)) if below else 1.0
    return (above - below) / n, 2 * low - 1, 2 * high - 1


def _tails(level: float) -> tuple[float, float]:
    return (1 + level) / 2, (1 - level) / 2
