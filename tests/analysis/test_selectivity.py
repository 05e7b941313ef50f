from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from creditgraph.analysis import community_selectivity, false_discovery, selectivity
from creditgraph.guard import DataError, OptionError

RATES = np.array([[2.0, 1.0, 0.0, 4.0], [4.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 2.0], [0.0, 1.0, 0.0, 0.0]])


def test_contrast_by_hand() -> None:
    """Fails when the rest is the mean over samples and not over classes, or silence gives NaN."""
    found = selectivity(RATES, ["a", "a", "b", "c"], index="contrast")
    # means of the classes: (3, 1, 0), (1, 1, 1), (0, 0, 0), (2, 2, 0)
    assert found.tolist() == [(3 - 0.5) / 3.5, 0.0, 0.0, (2 - 1) / 3]


def test_eta_squared_by_hand() -> None:
    """Fails when classes are not weighted by their samples, or a constant rate gives NaN."""
    found = selectivity(RATES, [0, 0, 1, 2])
    total = ((RATES[:, 0] - 1.75) ** 2).sum()
    between = 2 * (3 - 1.75) ** 2 + (1 - 1.75) ** 2 + 1.75**2
    assert found == pytest.approx([between / total, 0, 0, (2 * 0.25 + 0.25 + 2.25) / 11])


@given(seed=st.integers(0, 10_000))
def test_eta_squared_equals_scipys_analysis_of_variance(seed: int) -> None:
    """Fails when the share of variance is not that behind scipy's F statistic."""
    generator = np.random.default_rng(seed)
    classes = np.append([0, 1, 2], generator.integers(0, 3, 17))
    rates = generator.normal(size=(20, 3)) + classes[:, None]
    statistic = stats.f_oneway(*(rates[classes == k] for k in range(3))).statistic
    assert selectivity(rates, classes) == pytest.approx(statistic * 2 / (statistic * 2 + 17))


@given(seed=st.integers(0, 10_000), factor=st.floats(1e-3, 1e3))
def test_bounds_and_scale(seed: int, factor: float) -> None:
    """Fails when an index leaves 0 to 1, or depends on the unit of rates or the names of classes."""
    generator = np.random.default_rng(seed)
    classes = np.append([0, 1, 2, 3], generator.integers(0, 4, 12))
    rates = generator.exponential(size=(16, 5))
    for index in ("contrast", "eta_squared"):
        found = selectivity(rates, classes, index=index)
        assert (found >= -1e-12).all()
        assert (found <= 1 + 1e-12).all()
        renamed = np.array(["d", "a", "c", "b"])[classes]
        assert selectivity(rates * factor, renamed, index=index) == pytest.approx(found)


def planted(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Community 0 prefers class 1, the selective neurons of community 1 disagree, community 2 is noise."""
    generator = np.random.default_rng(seed)
    classes = np.repeat([0, 1, 2], 20)
    rates = generator.normal(size=(60, 45))
    rates[classes == 1, :15] += 1.0
    for neuron in range(15, 30):
        rates[classes == neuron % 3, neuron] += 1.0
    return rates, classes, np.repeat([0, 1, 2], 15)


def test_selective_and_agreeing_communities_are_told_apart() -> None:
    """Fails when selective neurons that disagree pass for a selective community, or noise for either."""
    rates, classes, membership = planted(0)
    table = community_selectivity(rates, classes, membership, samples=199).set_index(["community", "of"])
    assert table.loc[(0, "community"), "p_value"] == 1 / 200
    assert table.loc[(0, "community"), "preferred"] == 1
    assert table.loc[(0, "neurons"), "selectivity"] == pytest.approx(selectivity(rates, classes)[:15].mean())
    pooled = selectivity(rates[:, :15].mean(axis=1, keepdims=True), classes)[0]
    assert table.loc[(0, "community"), "selectivity"] == pytest.approx(pooled)
    assert table.loc[(1, "community"), "p_value"] > 0.05
    assert table.loc[(1, "neurons"), "p_value"] < 0.2
    assert table.loc[(2, "neurons"), "p_value"] > 0.9
    assert table["q_value"].tolist() == false_discovery(table["p_value"]).tolist()


def test_shuffles_stay_within_strata() -> None:
    """Fails when a community that is selective for its layer alone is called special."""
    classes, layer = np.repeat([0, 1, 2], 20), np.repeat([0, 1, 1], 15)
    membership = np.where(layer == 0, 0, np.arange(45) % 2)
    free, held = [], []
    for seed in range(20):
        rates = np.random.default_rng(seed).normal(size=(60, 45))
        rates[20:40, :15] += 1.0
        for strata, p_values in ((None, free), (layer, held)):
            table = community_selectivity(rates, classes, membership, strata=strata, samples=39)
            p_values.append(table.loc[table["of"] == "community", "p_value"].iloc[0])
    assert np.mean(np.array(free) <= 0.05) >= 0.9
    assert np.mean(np.array(held) <= 0.05) <= 0.2
    assert np.mean(held) == pytest.approx(0.5, abs=0.15)
    whole = community_selectivity(rates, classes, layer, strata=layer, samples=9)
    assert whole["p_value"].tolist() == [1.0] * 4
    assert whole["z"].tolist() == [0.0] * 4


def test_false_positives_stay_at_the_level() -> None:
    """Fails when communities of neurons in random order are called selective more often than p says."""
    count = 0
    for seed in range(200):
        rates, classes, membership = planted(seed)
        order = np.random.default_rng(seed).permutation(membership)
        table = community_selectivity(rates, classes, order, samples=19, seed=seed)
        count += int((table.loc[table["community"] == 0, "p_value"] <= 0.05).sum())
    # 400 tests at 5 %: 20 expected; those of one network hang together
    assert 6 <= count <= 38


def test_seed_and_names() -> None:
    """Fails when the same seed gives another null, or labels and class names are not those given."""
    rates, classes, membership = planted(0)
    names = np.array(["x", "y", "z"])[classes]
    one = community_selectivity(rates, names, membership * 10, samples=9, seed=3)
    assert one.equals(community_selectivity(rates, names, membership * 10, samples=9, seed=3))
    assert one["community"].tolist() == [0, 0, 10, 10, 20, 20]
    assert one["preferred"][0] == "y"
    assert not one.equals(community_selectivity(rates, names, membership * 10, samples=9, seed=4))


def test_mistakes_are_told() -> None:
    """Fails when rates or classes that cannot be used get NaN or a traceback of a library."""
    with pytest.raises(DataError, match="negative"):
        selectivity(-RATES, [0, 0, 1, 1], index="contrast")
    with pytest.raises(DataError, match="got 1 different, expected at least two"):
        selectivity(RATES, [1, 1, 1, 1])
    with pytest.raises(DataError, match="classes: got an array of shape \\(3,\\)"):
        selectivity(RATES, [0, 1, 1])
    with pytest.raises(OptionError, match="did you mean 'contrast'"):
        selectivity(RATES, [0, 0, 1, 1], index="contrasts")
    with pytest.raises(DataError, match="got 2 labels"):
        community_selectivity(RATES, [0, 0, 1, 1], [0, 1])
    with pytest.raises(DataError, match="no community has 5 neurons"):
        community_selectivity(RATES, [0, 0, 1, 1], [0, 0, 1, 1], smallest=5)
    with pytest.raises(DataError, match="strata"):
        community_selectivity(RATES, [0, 0, 1, 1], [0, 0, 1, 1], strata=[0, 1])
