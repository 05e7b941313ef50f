from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from creditgraph.analysis import detectable_effect, mean_interval, power, power_curve, seeds_needed, trend_power
from creditgraph.guard import DataError, OptionError


@pytest.mark.parametrize(("effect", "seeds"), [(0.0, 5), (0.5, 10), (1.0, 5), (-1.0, 5), (2.0, 3)])
def test_power_by_simulation(effect: float, seeds: int) -> None:
    """Fails when power is not how often the t test of that many normal seeds rejects, or forgets the other tail."""
    draws = np.random.default_rng(0).normal(effect, 1.0, (40_000, seeds))
    rejected = (stats.ttest_1samp(draws, 0.0, axis=1).pvalue <= 0.05).mean()
    assert power(effect, seeds) == pytest.approx(rejected, abs=0.008)


def test_power_is_of_the_interval() -> None:
    """Fails when power is stated for another test than the interval that effects report."""
    draws = np.random.default_rng(1).normal(1.5, 1.0, (1000, 5))
    outside = 0
    for values in draws:
        low, high = mean_interval(values)
        assert low is not None
        outside += low > 0 or high < 0
    assert outside / 1000 == pytest.approx(power(1.5, 5), abs=0.04)


def test_seeds_needed_is_the_smallest_count() -> None:
    """Fails when the count is too small, too large, or not that of published tables (34, 15, 199)."""
    assert [seeds_needed(effect) for effect in (0.5, 0.8, 0.2)] == [34, 15, 199]
    for effect, wanted in ((3.0, 0.8), (1.0, 0.9), (-0.3, 0.5), (100.0, 0.999)):
        count = seeds_needed(effect, power=wanted)
        assert power(effect, count) >= wanted
        assert count == 2 or power(effect, count - 1) < wanted
    assert seeds_needed(1e-9) == 1_000_000


def test_seeds_needed_by_simulation() -> None:
    """Fails when the seeds that are said to be enough detect the effect less often than promised."""
    count = seeds_needed(0.9, power=0.8)
    draws = np.random.default_rng(2).normal(0.9, 1.0, (20_000, count))
    assert 0.79 <= (stats.ttest_1samp(draws, 0.0, axis=1).pvalue <= 0.05).mean() <= 0.87


def test_detectable_effect_inverts_power() -> None:
    """Fails when the effect that is said to be detectable has another power than asked."""
    for seeds, wanted, level in ((2, 0.8, 0.05), (5, 0.8, 0.05), (40, 0.95, 0.001)):
        effect = detectable_effect(seeds, power=wanted, level=level)
        assert power(effect, seeds, level=level) == pytest.approx(wanted, abs=1e-9)
    table = power_curve([0.5, 1.0], [5, 10, 20])
    assert table["power"].tolist() == [power(d, n) for d in (0.5, 1.0) for n in (5, 10, 20)]


def test_trend_power_by_simulation() -> None:
    """Fails when the simulated sweeps have other means or noise than the pilot: an independent two-way simulation."""
    # a pilot whose rests are known: residual variance 0.16 / 3 x ... from a two-way table with exact effects
    slopes = np.array([0.0, 0.1, 0.2, 0.3])
    rest = 0.2 * np.array([[1, -1, 1, -1], [-1, 1, -1, 1], [0, 0, 0, 0]])
    pilot = slopes + np.array([[5.0], [0.0], [-5.0]]) + rest
    spread = np.sqrt((rest**2).sum() / (2 * 3))
    found = trend_power(pilot, [3, 6], simulations=600, seed=3)
    generator = np.random.default_rng(9)
    for row in found.to_dict("records"):
        rejected = 0
        for _ in range(400):
            ranks = stats.rankdata(generator.normal(slopes, spread, (int(row["seeds"]), 4)), axis=1)
            sides = [stats.page_trend_test(order, ranked=True).pvalue for order in (ranks, 5 - ranks)]
            rejected += 2 * min(sides) <= 0.05
        assert row["power"] == pytest.approx(rejected / 400, abs=0.09)
        assert row["power_low"] < row["power"] < row["power_high"]
    assert found["power"][0] < found["power"][1]


def test_trend_power_without_a_trend() -> None:
    """Fails when the test that is simulated exceeds its level, or a certain trend is missed."""
    noise = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]])
    flat = trend_power(noise, [8], simulations=800)["power"][0]
    assert 0.01 < flat <= 0.065
    certain = trend_power(np.array([[0.0, 1.0, 2.0]] * 2) + 1e-3 * noise, [4], simulations=50)
    assert certain["power"][0] == 1.0
    rows = trend_power(noise, [5, 8], simulations=800)
    assert rows["power"][1] == flat


def test_what_is_refused() -> None:
    """Fails when an impossible power, effect or pilot is answered with a number."""
    with pytest.raises(OptionError, match="other than 0"):
        seeds_needed(0.0)
    with pytest.raises(OptionError, match="power: got 1"):
        seeds_needed(1.0, power=1)
    with pytest.raises(OptionError, match="above the level"):
        detectable_effect(5, power=0.01)
    with pytest.raises(OptionError, match="seeds: got 1"):
        power(1.0, 1)
    with pytest.raises(OptionError, match="level: got 0"):
        power(1.0, 5, level=0)
    with pytest.raises(DataError, match="1 seed x 4 learning rates, a pilot needs 2 x 3"):
        trend_power([[1.0, 2.0, 3.0, 4.0]], [5])
    with pytest.raises(DataError, match="NaN"):
        trend_power([[1.0, 2.0, np.nan]] * 2, [5])
