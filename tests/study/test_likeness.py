import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import compare, element_similarity
from creditgraph.study.analyses.across import trends_and_power
from creditgraph.study.analyses.likeness import METHODS, likeness


def neurons() -> pd.DataFrame:
    """Three seeds at one learning rate, one at another: 8 neurons."""
    partitions = {
        ("a", 0, 0.1): [0, 0, 0, 0, 1, 1, 1, 1],
        ("b", 1, 0.1): [0, 0, 0, 1, 1, 1, 1, 1],
        ("c", 2, 0.1): [1, 1, 0, 0, 0, 0, 2, 2],
        ("d", 0, 0.3): [0, 1, 0, 1, 0, 1, 0, 1],
    }
    return pd.concat(
        [
            pd.DataFrame(
                {"network": name, "learning_rate": rate, "seed": seed, "neuron": range(8), "layer": 0, "community": own}
            )
            for (name, seed, rate), own in partitions.items()
        ],
        ignore_index=True,
    )


def test_pairs_and_seeds_by_every_measure():
    """Guards against a measure under another's name, and against means that count a pair twice or of other rates."""
    table = neurons()
    of = {name: own["community"].to_numpy() for name, own in table.groupby("network")}
    found = likeness(table)
    assert len(found["similarity"]) == 6
    for row in found["similarity"].to_dict("records"):
        for method in METHODS:
            assert row[method] == pytest.approx(compare(of[row["network"]], of[row["other"]], method=method))
    seeds = found["seed_agreement"].set_index("learning_rate")
    for method in METHODS:
        pairs = [compare(of[one], of[other], method=method) for one, other in ("ab", "ac", "bc")]
        assert seeds.loc[0.1, method] == pytest.approx(np.mean(pairs))
        assert seeds.loc[0.1, f"{method}_low"] <= np.mean(pairs) <= seeds.loc[0.1, f"{method}_high"]
        assert seeds.loc[0.3, method] is pd.NA
    assert seeds["seeds"].tolist() == [3, 1]


def test_neuron_by_neuron_beside_chance():
    """Guards against neurons of another order, and against a rate of one seed that has nothing to compare."""
    table = neurons()
    of = {name: own["community"].to_numpy() for name, own in table.groupby("network")}
    found = likeness(table.sample(frac=1, random_state=3))["neuron_agreement"]
    assert found["learning_rate"].unique().tolist() == [0.1]
    expected = np.mean([element_similarity(of[one], of[other]) for one, other in ("ab", "ac", "bc")], axis=0)
    np.testing.assert_allclose(found["element_centric"], expected)
    generator = np.random.default_rng(0)
    shuffled = [
        element_similarity(generator.permutation(of[one]), generator.permutation(of[other]))
        for one, other in ("ab", "ac", "bc")
        for _ in range(400)
    ]
    assert found["expected"].iloc[0] == pytest.approx(np.mean(shuffled), abs=0.01)


def test_seeds_that_a_trend_needs():
    """Guards against a count that is not that of the simulated power, and one for a trend that nobody tested."""
    generator = np.random.default_rng(1)
    rows = [
        {"weights": "absolute", "direction": "maximise", "null": null, "learning_rate": rate, "seed": seed,
         "quality": 0.3 + slope * rate + 0.05 * generator.normal(), "null_mean": 0.2}
        for null, slope, rates in (("rewire", 1.0, (0.1, 0.2, 0.3)), ("strength", 0.0, (0.1, 0.2)))
        for rate in rates
        for seed in range(4)
    ]  # fmt: skip
    tested, power = trends_and_power(pd.DataFrame(rows))
    needed = tested.set_index("null")["seeds_needed"]
    assert needed["strength"] is pd.NA
    assert set(power["null"]) == {"rewire"}
    curve = power.set_index("seeds")["power"]
    assert curve[needed["rewire"]] >= 0.8
    assert (curve[curve.index < needed["rewire"]] < 0.8).all()
