from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from creditgraph.analysis import effect_sizes
from creditgraph.guard import DataError, OptionError

FEW = [0.1, 0.4, -0.1, 0.3, 0.5]


def test_d_z_by_hand() -> None:
    """Fails when the standard deviation is of another kind, or Hedges' correction is missing or of other degrees."""
    # mean 1, standard deviation 1; J(2) = gamma(1) / (1 gamma(1/2)) = 1 / sqrt(pi)
    assert effect_sizes([0.0, 1.0, 2.0]).d_z == pytest.approx(1 / np.sqrt(np.pi), rel=1e-12)
    # J(4) = gamma(2) / (sqrt(2) gamma(3/2)) = sqrt(2 / pi)
    assert effect_sizes(FEW).d_z == pytest.approx(np.sqrt(2 / np.pi) * np.mean(FEW) / np.std(FEW, ddof=1), rel=1e-12)


def test_d_z_is_unbiased() -> None:
    """Fails when d of few seeds is too large on average: five normal seeds of true effect 0.8."""
    seeds = np.random.default_rng(0).normal(0.8, 1.0, (4000, 5))
    sizes = [effect_sizes(row).d_z for row in seeds[:200]]
    plain = seeds.mean(axis=1) / seeds.std(axis=1, ddof=1)
    correction = sizes[0] / plain[0]
    assert sizes == pytest.approx((correction * plain[:200]).tolist())
    assert (correction * plain).mean() == pytest.approx(0.8, abs=0.03)
    assert plain.mean() > 0.95


@pytest.mark.parametrize("values", [FEW, [-x for x in FEW], [0.1, 0.2, 0.3], [5.0, 5.1, 4.9, 5.0]])
def test_interval_of_d_z_by_simulation(values: list[float]) -> None:
    """Fails when a bound is not the effect under which what was seen lies in a tail of 2.5 %, by its definition."""
    generator = np.random.default_rng(1)
    n, found = len(values), effect_sizes(values)
    t = np.mean(values) / np.std(values, ddof=1) * np.sqrt(n)
    noise, spread = generator.normal(size=200_000), np.sqrt(generator.chisquare(n - 1, 200_000) / (n - 1))
    assert ((noise + found.d_z_low * np.sqrt(n)) / spread >= t).mean() == pytest.approx(0.025, abs=0.0015)
    assert ((noise + found.d_z_high * np.sqrt(n)) / spread <= t).mean() == pytest.approx(0.025, abs=0.0015)


def test_dominance_by_hand() -> None:
    """Fails when signs are miscounted, or the interval is not the exact binomial one."""
    found = effect_sizes(FEW)
    exact = stats.binomtest(4, 5).proportion_ci(0.95)
    assert found.dominance == pytest.approx(3 / 5)
    assert (found.dominance_low, found.dominance_high) == pytest.approx((2 * exact.low - 1, 2 * exact.high - 1))
    # 0.025 ** (1 / 5): five of five still leave a chance of one half open
    all_above = effect_sizes([1.0, 2.0, 3.0, 2.0, 1.0])
    assert (all_above.dominance, all_above.dominance_high) == (1.0, 1.0)
    assert all_above.dominance_low == pytest.approx(2 * 0.025 ** (1 / 5) - 1)
    # rounding is a tie, which each bound counts against itself
    ties = effect_sizes([1.0, 1.0, 1e-15, -1.0])
    assert ties.dominance == 0.25
    assert ties.dominance_low == pytest.approx(2 * stats.binomtest(2, 4).proportion_ci(0.95).low - 1)
    assert ties.dominance_high == pytest.approx(2 * stats.binomtest(3, 4).proportion_ci(0.95).high - 1)


def test_few_and_equal_values() -> None:
    """Fails when what cannot be known is a number, NaN, an endless search or a warning."""
    none = effect_sizes([])
    assert (none.seeds, none.d_z, none.dominance) == (0, None, None)
    two = effect_sizes([0.1, 0.2])
    assert (two.d_z, two.d_z_low, two.dominance) == (None, None, 1.0)
    assert effect_sizes([0.2] * 5).d_z is None
    tight = effect_sizes([0.5, 0.5 + 1e-9, 0.5, 0.5])
    # beside so small a spread only the spread is uncertain: quantiles of chi squared with 3 degrees of freedom
    bounds = 1e9 * np.sqrt(stats.chi2.ppf([0.025, 0.975], 3) / 3)
    assert (tight.d_z_low, tight.d_z_high) == pytest.approx(bounds.tolist(), rel=1e-6)
    level = effect_sizes([-1.0, 0.0, 1.0])
    assert level.d_z == 0
    assert level.d_z_low == pytest.approx(-level.d_z_high)
    with pytest.raises(DataError, match="differences: 1 value"):
        effect_sizes([np.inf, 1.0])


def test_bootstrap_intervals_by_all_resamples() -> None:
    """Fails when a bound is no percentile of the sizes of resamples, of which five values have 5 ** 5."""
    found = effect_sizes(FEW, interval="bootstrap")
    resamples = np.array(list(itertools.product(FEW, repeat=5)))
    spread = resamples.std(axis=1, ddof=1)
    varied = spread > 1e-12
    d_z = np.sqrt(2 / np.pi) * resamples[varied].mean(axis=1) / spread[varied]
    # d_z of 10,000 resamples is a sample of that of all
    for bound, share in ((found.d_z_low, 0.025), (found.d_z_high, 0.975)):
        assert (d_z <= bound).mean() == pytest.approx(share, abs=0.01)
    dominance = np.sign(resamples).mean(axis=1)
    assert (found.dominance_low, found.dominance_high) == pytest.approx(np.quantile(dominance, [0.025, 0.975]).tolist())
    exact = effect_sizes(FEW)
    assert (found.d_z, found.dominance, found.interval) == (exact.d_z, exact.dominance, "bootstrap")
    assert exact.interval == "exact"
    assert effect_sizes(FEW, interval="bootstrap") == found
    assert effect_sizes(FEW, interval="bootstrap", seed=1) != found
    narrow = effect_sizes(FEW, interval="bootstrap", level=0.5)
    assert found.d_z_low < narrow.d_z_low < narrow.d_z_high < found.d_z_high


def test_bootstrap_of_few_and_equal_values() -> None:
    """Fails when too few values, or resamples of equal ones, give a bound, a warning or NaN."""
    three = effect_sizes([0.1, 0.2, 0.4], interval="bootstrap")
    assert three.d_z == effect_sizes([0.1, 0.2, 0.4]).d_z
    assert (three.d_z_low, three.d_z_high, three.dominance_low, three.dominance_high) == (None,) * 4
    assert effect_sizes([], interval="bootstrap").dominance is None
    equal = effect_sizes([0.2] * 5, interval="bootstrap")
    assert (equal.d_z, equal.d_z_low, equal.d_z_high) == (None, None, None)
    assert (equal.dominance_low, equal.dominance_high) == (1.0, 1.0)
    # of four values, one in 64 resamples is of equal ones
    four = effect_sizes([0.1, 0.2, 0.3, 0.4], interval="bootstrap")
    assert 0 < four.d_z_low < four.d_z < four.d_z_high < np.inf
    # whose spread is rounding, and no 0, where values are large
    values = np.random.default_rng(5).normal(3e9, 1e9, 5)
    assert np.full(5, values[4]).std(ddof=1) > 1e-7
    large = effect_sizes(values, interval="bootstrap", level=0.9999)
    assert large.d_z_high < 1e4
    with pytest.raises(OptionError, match="interval: got 'student'"):
        effect_sizes(FEW, interval="student")
    with pytest.raises(OptionError, match="seed: got -1"):
        effect_sizes(FEW, interval="bootstrap", seed=-1)
