from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.predictions import amplitude_by_balance, retrograde_amplitudes, synaptic_ratios

GENERATOR = torch.Generator().manual_seed(8)
X = 2 * torch.randn(12, 5, generator=GENERATOR, dtype=torch.float64)
Y = torch.randint(3, (12,), generator=GENERATOR)


def network(activation="sigmoid", **options):
    net = LayeredNetwork(
        [5, 7, 6, 3], activation=activation, loss="cross_entropy", members=2, dtype=torch.float64, **options
    )
    net.weights = [4 * each for each in net.weights]
    return net


def test_amplitudes_by_hand():
    """Guards against an amplitude of the wrong layer, neuron or sample: every row against a loop over synapses."""
    net = network()
    table = retrograde_amplitudes(net, X, Y)
    assert len(table) == 2 * 12 * (7 + 6)
    assert not table.duplicated(["seed", "layer", "neuron", "sample"]).any()
    rates = net.fire(X)
    credits = net.assign_credit(rates, Y)
    for row in table.sample(60, random_state=0).itertuples():
        s = float(rates.net_inputs[row.layer - 1][row.seed, row.sample, row.neuron])
        x = 1 / (1 + np.exp(-s))
        c = float(credits[row.layer][row.seed, row.sample, row.neuron])
        w = net.weights[row.layer - 1][row.seed, row.neuron].tolist()
        assert row.net_input == pytest.approx(s)
        assert row.amplitude == pytest.approx(np.mean([abs(c * x * (1 - x) * each) for each in w]))
    means = table.groupby(["seed", "layer"])["relative"].mean()
    assert means.tolist() == pytest.approx([1] * 4)


def test_states_follow_the_net_input():
    """Guards against silent and saturated neurons that are taken for each other."""
    table = retrograde_amplitudes(network(), X, Y)
    grouped = table.groupby("state")["net_input"]
    assert grouped.max()["silent"] < grouped.min()["between, below"] < 0
    assert grouped.min()["saturated"] > grouped.max()["between, above"] > 0
    assert (table.loc[table["state"] == "balanced", "balance"] >= 2 / 3).all()
    assert (table.loc[table["state"].isin(["silent", "saturated"]), "balance"] < 1 / 3).all()


def test_summary_by_balance():
    """Guards against bins with the wrong rows, and a correlation of other things."""
    table = retrograde_amplitudes(network(), X, Y)
    summary = amplitude_by_balance(table, bins=4)
    own = table[table["seed"] == 1]
    value = summary.query("seed == 1 and by == 'balance' and group == '0.6250'")
    inside = own[(own["balance"] >= 0.5) & (own["balance"] < 0.75)]
    assert value["value"].item() == pytest.approx(inside["relative"].mean())
    assert value["neurons"].item() == len(inside)
    from scipy.stats import spearmanr

    found = summary.query("seed == 1 and by == 'correlation' and group == 'credit'")["value"].item()
    assert found == pytest.approx(spearmanr(own["relative"], own["credit"].abs()).statistic)


def test_a_flat_balance_answers_nothing():
    """Guards against a figure of nothing: linear neurons have no balance to compare."""
    with pytest.raises(DataError, match="balance is the same"):
        retrograde_amplitudes(network("linear"), X, Y)
    with pytest.raises(DataError, match="at least one hidden layer"):
        retrograde_amplitudes(LayeredNetwork([5, 3], members=1), X, torch.zeros(12, 3))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_ratio_is_exact_to_rounding(activation):
    """Guards against the prediction with the wrong factor, neuron or synapse, in any layer."""
    net = network(activation)
    before = [each.clone() for each in [*net.weights, *net.biases]]
    table = synaptic_ratios(net, X, Y, learning_rate=0.3, synapses=300, seed=1)
    assert all(torch.equal(one, old) for one, old in zip([*net.weights, *net.biases], before, strict=True))
    assert table.groupby("seed").size().tolist() == [300, 300]
    assert set(table["layer"]) == {1, 2, 3}
    assert (table["error"] <= 4 * table["rounding"]).all()
    assert table["error"].median() < 1e-13
    for row in table.sample(20, random_state=0).itertuples():
        pre = net.fire(X)[row.layer - 1][row.seed, row.sample, row.pre]
        w = net.weights[row.layer - 1][row.seed, row.post, row.pre]
        assert row.predicted == pytest.approx(float(0.3 * pre / w))
        assert row.measured == pytest.approx(row.change / row.retrograde)
