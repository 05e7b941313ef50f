from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.paired import PairedData
from creditgraph.train.rule_comparison import compare_rules, dale_cost
from creditgraph.train.sweeps import LayeredSweep

SMALL = {"hidden": [12], "seeds": [0, 3], "epochs": 2}


@pytest.fixture(scope="module")
def rules():
    return compare_rules(["readout_only", "backprop", "credit"], learning_rate=0.1, **SMALL)


def test_all_rules_start_alike(rules):
    """Guards against rules that start from other weights or see other data."""
    start = rules[rules["epoch"] == 0].groupby("seed")[["train_loss", "test_loss", "test_accuracy"]]
    assert (start.nunique() == 1).all().all()
    assert rules["rule"].unique().tolist() == ["readout_only", "backprop", "credit"]
    assert (rules.loc[rules["epoch"] == 0, "distance"] == 0).all()


def test_the_credit_rule_is_backprop_and_the_readout_is_not(rules):
    """Guards against a distance or an angle that sees no difference, or sees one where there is none."""
    last = rules[rules["epoch"] == 2].groupby("rule")[["angle", "distance"]].agg(["min", "max"])
    assert last.loc["backprop", ("distance", "max")] < 1e-13
    assert last.loc["credit", ("angle", "max")] < 1e-10
    assert last.loc["readout_only", ("angle", "min")] > 10
    assert last.loc["readout_only", ("distance", "min")] > 0.01


def test_same_training_as_a_sweep(rules):
    """Guards against batches, splits or initial weights other than a sweep's with the same seeds."""
    sweep = LayeredSweep("digits", learning_rates=[0.1], dtype=torch.float64, **SMALL).run().training
    own = rules[rules["rule"] == "credit"]
    for column in ("train_loss", "test_accuracy"):
        assert own[column].to_numpy() == pytest.approx(sweep[column].to_numpy(), rel=1e-9)


def test_dale_cost():
    """Guards against networks that are compared from other weights, and an angle without the projection."""
    training, balance = dale_cost(activation="clipped_relu", learning_rate=0.3, **SMALL)
    start = training[training["epoch"] == 0].set_index(["network", "seed"])["train_loss"]
    assert start["dale"].tolist() == start["released"].tolist()
    assert start["dale"].tolist() != start["free"].tolist()
    angles = training.groupby("network")["angle"].agg(["min", "max"])
    assert angles.loc["released", "max"] < 1e-8
    assert angles.loc["dale", "min"] > 0.01
    assert training.query("network == 'dale' and epoch == 2")["silent"].min() > 0
    assert sorted(balance["epoch"].unique()) == [0, 1, 2]
    assert np.isfinite(balance["excitation"]).all()


def test_targets_fit_the_loss():
    """Guards against classes where one-hot codes are due."""
    data = PairedData("digits", seeds=[1], loss="squared_error")
    targets = data.probe(7)[1]
    assert targets.shape == (1, 7, 10)
    assert targets.sum(-1).tolist() == [[1.0] * 7]


def test_bad_options_are_named():
    """Guards against hours of training before a misspelt rule is told."""
    for bad in (["credit", "credit"], [], ["oja"]):
        with pytest.raises(OptionError, match="rules: got"):
            compare_rules(bad, **SMALL)
    with pytest.raises(OptionError, match="learning_rate: got"):
        dale_cost(learning_rate=-1, **SMALL)
    with pytest.raises(OptionError, match="batch_size: got"):
        compare_rules(["credit"], batch_size=10_000, **SMALL)
    with pytest.raises(OptionError, match="activation: got 'tanh'"):
        dale_cost(activation="tanh", **SMALL)
