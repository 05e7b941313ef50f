from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from creditgraph.analysis import mean_interval
from creditgraph.guard import DataError, OptionError


def test_student_against_scipy() -> None:
    """Fails when the quantile, the degrees of freedom or the standard error is another than of Student's t."""
    for n in (2, 5, 30):
        values = np.random.default_rng(n).normal(3.0, 2.0, n)
        for level in (0.5, 0.95):
            theirs = stats.ttest_1samp(values, 0.0).confidence_interval(level)
            assert mean_interval(values, level=level) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_bootstrap_against_an_enumeration() -> None:
    """Fails when the tails are swapped, or t is not studentised: against all 4 ** 4 resamples of four values."""
    values = np.array([0.0, 1.0, 2.0, 7.0])
    resampled = values[np.stack(np.meshgrid(*[np.arange(4)] * 4), axis=-1).reshape(-1, 4)]
    spread = resampled.std(axis=1, ddof=1)
    t = (resampled[spread > 0].mean(axis=1) - values.mean()) / (spread[spread > 0] / 2)
    high, low = values.mean() - np.quantile(t, [0.1, 0.9]) * values.std(ddof=1) / 2
    found = mean_interval(values, method="bootstrap", level=0.8, seed=0)
    assert found == pytest.approx((low, high), rel=0.03)
    # the values are skewed to the right, and so is where their mean may be
    assert found[1] - values.mean() > values.mean() - found[0]


@pytest.mark.parametrize(("method", "least"), [("student", 0.93), ("bootstrap", 0.92)])
def test_five_seeds_are_covered(method: str, least: float) -> None:
    """Fails when the interval of five normal values is too narrow, as that of a percentile bootstrap is (0.84)."""
    sweeps = np.random.default_rng(0).normal(size=(400, 5))
    held = 0
    for values in sweeps:
        low, high = mean_interval(values, method=method)
        assert low is not None
        held += low <= 0 <= high
    assert least <= held / 400 <= 0.98


def test_few_and_equal_values() -> None:
    """Fails when too few values have an interval, or equal ones a NaN or a warning."""
    assert mean_interval([]) == mean_interval([0.3]) == (None, None)
    assert mean_interval([1.0, 2.0, 3.0], method="bootstrap") == (None, None)
    assert mean_interval([0.3] * 3) == mean_interval([0.3] * 5, method="bootstrap") == (0.3, 0.3)
    low, high = mean_interval([0.3, 0.3, 0.3, np.nextafter(0.3, 1)], method="bootstrap")
    assert low == pytest.approx(0.3, abs=1e-12)
    assert high == pytest.approx(0.3, abs=1e-12)


def test_seed() -> None:
    """Fails when the bootstrap is not repeatable, or does not hear its seed."""
    values = [0.1, 0.5, 0.2, 0.9, 0.4]
    first, again, other = (mean_interval(values, method="bootstrap", seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_what_is_refused() -> None:
    """Fails when an unknown interval, level or value gives a number."""
    with pytest.raises(OptionError, match=r"method: got 'studnet'.*did you mean 'student'"):
        mean_interval([1.0, 2.0], method="studnet")
    with pytest.raises(OptionError, match=r"level: got 1\.0"):
        mean_interval([1.0, 2.0], level=1.0)
    with pytest.raises(DataError, match="values: 1 value is NaN"):
        mean_interval([1.0, np.nan])


def test_resamples_of_one_value_are_not_forgotten() -> None:
    """Fails when ties make the bootstrap's interval end at the mean, as they did when such resamples were left out."""
    # all zeros in a third of the resamples, which say that the mean is far above theirs
    assert mean_interval([0, 0, 0, 0, 1], method="bootstrap") == (None, None)
    assert mean_interval([1, 1, 1, 2], method="bootstrap") == (None, None)
    low, high = mean_interval([1, 2, 3, 4, 5], method="bootstrap")
    assert low is not None
    assert high is not None
    assert low < 1.2
    assert high > 4.8
    # equal but for the order of a sum
    assert mean_interval([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2, 0.9], method="bootstrap") == (None, None)
    generator, held, missing = np.random.default_rng(0), 0, 0
    for _ in range(200):
        low, high = mean_interval(generator.poisson(0.5, 15), method="bootstrap")
        missing += low is None
        held += low is not None and high is not None and low <= 0.5 <= high
    assert missing < 30
    # 95 % of all that there are, give or take four standard errors
    assert held / (200 - missing) > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200)


@pytest.mark.parametrize("method", ["student", "bootstrap"])
def test_values_of_any_size(method: str) -> None:
    """Fails when squares of large values overflow, and those of small ones vanish, without a word."""
    expected = mean_interval([1.0, 2.0, 3.0, 5.0], method=method)
    for scale in (1e300, 1e-300):
        found = mean_interval([1 * scale, 2 * scale, 3 * scale, 5 * scale], method=method)
        np.testing.assert_allclose(np.array(found) / scale, expected)
