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
                {
                    "network": name,
                    "learning_rate": rate,
                    "seed": seed,
                    "neuron": range(8),
                    "layer": 0,
                    "community": own,
                    "strength": 1.0,
                }
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


def test_neurons_without_synapses_are_no_likeness():
    """Guards against networks that are called alike because the same neurons have no synapses, alone in both."""
    table = neurons()
    whole = likeness(table)
    alone = pd.concat(
        [
            own[own["neuron"] < 4].assign(neuron=lambda some: some["neuron"] + 8, community=[3, 4, 5, 6], strength=0.0)
            for _, own in table.groupby("network", sort=False)
        ]
    )
    more = likeness(pd.concat([table, alone], ignore_index=True))
    for name, expected in whole.items():
        pd.testing.assert_frame_equal(more[name], expected)
    # neuron 7 of network c loses its synapses: pairs without c keep it, the seeds of that rate do not
    table.loc[(table["network"] == "c") & (table["neuron"] == 7), ["community", "strength"]] = [3, 0.0]
    of = {name: own["community"].to_numpy() for name, own in table.groupby("network")}
    found = likeness(table)
    pairs = found["similarity"].set_index(["network", "other"])["nmi"]
    assert pairs["a", "b"] == pytest.approx(compare(of["a"], of["b"], method="nmi"))
    assert pairs["a", "c"] == pytest.approx(compare(of["a"][:7], of["c"][:7], method="nmi"))
    means = [compare(of[one][:7], of[other][:7], method="nmi") for one, other in ("ab", "ac", "bc")]
    assert found["seed_agreement"]["nmi"].iloc[0] == pytest.approx(np.mean(means))
    assert found["neuron_agreement"]["neuron"].tolist() == list(range(7))


def test_networks_that_share_no_neuron_with_synapses_have_no_likeness():
    """Guards against a library's traceback where nothing is left to be compared, and against a number for nothing."""
    table = neurons()
    table.loc[table["network"] == "a", ["community", "strength"]] = [[i, 0.0] for i in range(8)]
    found = likeness(table)
    assert found["similarity"].set_index("network").loc["a", list(METHODS)].isna().all(axis=None)
    assert found["seed_agreement"][list(METHODS)].isna().all(axis=None)
    assert "neuron_agreement" not in found


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
