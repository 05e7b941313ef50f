from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

from ..guard import (
    DataError,
    OptionError,
    counted,
    finite_array,
    real_number,
    real_numbers,
    whole_number,
    whole_numbers,
)
from .effect_sizes import noncentral_t_tail
from .sweep_table import LEVEL
from .trends import page_test, ranked

MOST_SEEDS = 1_000_000


def power(effect: float, seeds: int, *, level: float = LEVEL) -> float:
    r"""Chance that the interval of a mean difference leaves out 0, if the true effect is as given.

    That is the power of Student's two-sided t test of paired differences, of which `effects` and `contrasts` draw the
    intervals: with T noncentral t, n - 1 degrees of freedom and noncentrality :math:`d_z \sqrt{n}`,

    .. math:: P(|T| > t_{1 - level/2,\, n-1})

    Parameters
    ----------
    effect
        True :math:`d_z`, the mean difference in units of the standard deviation of differences over seeds.
    seeds
        How many seeds, at least 2.
    level
        Error rate of the test, between 0 and 1.

    Raises
    ------
    OptionError
        If a number is out of range.

    Examples
    --------
    >>> round(power(1.0, 5), 2), round(power(1.0, 10), 2)
    (0.4, 0.8)
    """
    return _power(real_number("effect", effect), whole_number("seeds", seeds, 2), _between("level", level))


def seeds_needed(effect: float, *, power: float = 0.8, level: float = LEVEL) -> int:
    """Smallest count of seeds with which the test of :func:`power` has at least that power.

    An effect seen in few seeds is uncertain, and so is the count that follows from it: look at the count for the lower
    end of its interval, too.

    Parameters
    ----------
    effect
        True :math:`d_z`, not 0.
    power
        Chance to detect it, between 0 and 1.
    level
        Error rate of the test, between 0 and 1.

    Returns
    -------
    int
        At least 2, at most 1,000,000, which stands for that many or more.

    Examples
    --------
    >>> seeds_needed(1.0), seeds_needed(0.5), seeds_needed(2.0)
    (10, 34, 5)
    """
    if not abs(real_number("effect", effect)) > 0:
        raise OptionError("effect", effect, "a number other than 0", "no count of seeds detects what is not there")
    wanted, bound = _between("power", power), _between("level", level)
    enough = 2
    while enough < MOST_SEEDS and _power(effect, enough, bound) < wanted:
        enough *= 2
    least = enough // 2
    enough = min(enough, MOST_SEEDS)
    while enough - least > 1:
        middle = (least + enough) // 2
        least, enough = (least, middle) if _power(effect, middle, bound) >= wanted else (middle, enough)
    return enough


def detectable_effect(seeds: int, *, power: float = 0.8, level: float = LEVEL) -> float:
    """Smallest true :math:`d_z` that the test of :func:`power` detects with that power.

    Examples
    --------
    >>> round(detectable_effect(5), 2), round(detectable_effect(20), 2)
    (1.68, 0.66)
    """
    whole_number("seeds", seeds, 2)
    wanted, bound = _between("power", power), _between("level", level)
    if wanted <= bound:
        raise OptionError("power", power, f"a number above the level, {bound:g}")
    high = 1.0
    while _power(high, seeds, bound) < wanted:
        high *= 2
    return float(optimize.brentq(lambda effect: _power(effect, seeds, bound) - wanted, 0.0, high))


def power_curve(effects: Iterable[float], seeds: Iterable[int], *, level: float = LEVEL) -> pd.DataFrame:
    """Power of the test of :func:`power` over effects and counts of seeds.

    Returns
    -------
    DataFrame
        One row per effect and count: `effect`, `seeds`, `power`.
    """
    sizes, counts = real_numbers("effects", effects), whole_numbers("seeds", seeds, 2)
    rows = [(size, count, power(size, count, level=level)) for size in sizes for count in counts]
    return pd.DataFrame(rows, columns=["effect", "seeds", "power"])


def trend_power(
    differences: Any,
    seeds: Iterable[int],
    *,
    level: float = LEVEL,
    simulations: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Power of Page's test over learning rates, by simulation from a pilot study.

    The pilot's differences :math:`d_{sr}` of seed s at learning rate r are taken apart into the mean at each learning
    rate, an offset for each seed (which ranks within seeds do not see), and a rest; sweeps are simulated with the same
    means and normal rests of the same variance,

    .. math:: \hat\sigma^2 = \frac{\sum_{sr} (d_{sr} - \bar d_{s\cdot} - \bar d_{\cdot r} + \bar d_{\cdot\cdot})^2}
        {(S - 1)(R - 1)}

    and put to the test of :func:`trends`. The means are the pilot's own, errors included, so the power of a pilot of
    few seeds is a guess, and too high where there is no trend.

    Parameters
    ----------
    differences
        Quality less null mean of the pilot, seeds x learning rates, at least 2 x 3.
    seeds
        Counts of seeds whose power is asked, at least 2 each.
    level
        Error rate of the test, between 0 and 1.
    simulations
        How many sweeps are simulated for each count.
    seed
        Seed of the simulation; a row does not depend on which others there are.

    Returns
    -------
    DataFrame
        One row per count: `seeds`, `simulations`, `power`, and `power_low` and `power_high`, its 95 % interval from the
        count of simulations (Wilson).

    Raises
    ------
    DataError
        If the pilot is too small or has missing values.
    """
    pilot = finite_array("differences", differences, ndim=2).astype(np.float64)
    if pilot.shape[0] < 2 or pilot.shape[1] < 3:
        raise DataError(
            f"differences: got {counted(pilot.shape[0], 'seed')} x "
            f"{counted(pilot.shape[1], 'learning rate')}, a pilot needs 2 x 3"
        )
    counts = whole_numbers("seeds", seeds, 2)
    bound = _between("level", level)
    whole_number("simulations", simulations, 1)
    whole_number("seed", seed, 0)
    means = pilot.mean(axis=0)
    rest = pilot - means - pilot.mean(axis=1, keepdims=True) + pilot.mean()
    spread = math.sqrt(float((rest**2).sum()) / ((pilot.shape[0] - 1) * (pilot.shape[1] - 1)))
    rows = []
    for count in counts:
        generator = np.random.default_rng((seed, count))
        sweeps = means + spread * generator.normal(size=(simulations, count, len(means)))
        detected = _detected(sweeps, bound)
        interval = stats.binomtest(detected, simulations).proportion_ci(0.95, method="wilson")
        rows.append((count, simulations, detected / simulations, float(interval.low), float(interval.high)))
    return pd.DataFrame(rows, columns=["seeds", "simulations", "power", "power_low", "power_high"])


def _detected(sweeps: npt.NDArray[np.float64], level: float) -> int:
    """How many sweeps, shape (sweeps, seeds, learning rates), have a p of :func:`page_test` of at most `level`.

    That p hangs on L alone and falls with its distance from the expectation, so the distance from which on L is
    significant is found by halves, with a test of one sweep each.
    """
    ranks = stats.rankdata(ranked(sweeps), axis=2)
    size = ranks.shape[2]
    distance = np.abs((ranks * np.arange(1, size + 1)).sum(axis=(1, 2)) - ranks.shape[1] * size * (size + 1) ** 2 / 4)
    distances, example, counts = np.unique(distance, return_index=True, return_counts=True)
    first, after = 0, len(distances)
    while first < after:
        middle = (first + after) // 2
        if page_test(sweeps[example[middle]])[1] <= level:
            after = middle
        else:
            first = middle + 1
    return int(counts[first:].sum())


def _power(effect: float, seeds: int, level: float) -> float:
    degrees = seeds - 1
    threshold = float(stats.t.isf(level / 2, degrees))
    noncentrality = abs(effect) * math.sqrt(seeds)
    # SciPy's noncentral t fails far from the threshold, where the power is 1 beyond any doubt
    if noncentrality > 40 * threshold:
        return 1.0
    tails = (noncentral_t_tail(threshold, degrees, side) for side in (noncentrality, -noncentrality))
    return min(1.0, sum(tails))


def _between(option: str, value: object) -> float:
    return real_number(option, value, above=0.0, maximum=float(np.nextafter(1.0, 0.0)))
