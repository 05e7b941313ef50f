from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.balance_cost import angle_to_gradient
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.recurrent import RecurrentNetwork

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(16, 3)), RANDOM.normal(size=(16, 2))


def test_one_synapse_by_hand():
    """Guards against a wrong angle or ratio: one tanh synapse and its bias, w = 0, so that s = b for every sample.

    Then x = tanh(b), c = y - x. The update is f(b) times a vector that does not depend on f: angle 0, ratio
    f(b) / tanh'(b).
    """
    net = LayeredNetwork([1, 1], dtype=torch.float64)
    net.weights, net.biases = [torch.zeros(1, 1, 1).double()], [torch.full((1, 1), 0.5).double()]
    table = angle_to_gradient(net, [[1.0], [2.0]], [[1.0], [3.0]], balances=[("gaussian", 2.0)], steps=1)
    first = table.iloc[0]
    assert first["angle"] == pytest.approx(0, abs=1e-6)
    assert first["norm_ratio"] == pytest.approx(math.exp(-0.25 / 8) * math.cosh(0.5) ** 2, rel=1e-12)
    assert first["loss"] == pytest.approx(((1 - math.tanh(0.5)) ** 2 + (3 - math.tanh(0.5)) ** 2) / 4, rel=1e-12)
    assert table["step"].tolist() == [0, 1]


@pytest.mark.parametrize("credit", [None, "inject", "clamp"])
def test_angles_against_autograd(credit):
    """Guards against an angle to something else than the gradient: against autograd and the arc cosine."""
    if credit is None:
        net = LayeredNetwork([3, 7, 2], dtype=torch.float64, members=2)
    else:
        net = RecurrentNetwork(3, 7, 2, credit=credit, dtype=torch.float64, members=2)
    table = angle_to_gradient(net, X, Y, balances=["derivative", "boxcar"], steps=4, every=3)
    assert table["step"].tolist() == [0, 0, 3, 3, 4, 4] * 2
    exact = table[table["balance"] == "derivative"]
    if credit == "clamp":
        assert (exact["angle"] > 0.1).all()
    else:
        assert (exact["angle"] < 1e-6).all()
        assert exact["norm_ratio"].to_numpy() == pytest.approx(1, rel=1e-9)
    assert exact["width"].isna().all()
    boxcar = table[(table["balance"] == "boxcar") & (table["step"] == 0)]
    assert boxcar["width"].tolist() == [1.0, 1.0]
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    for m in range(2):
        if credit is None:
            parameters = [each[m].clone().requires_grad_() for each in (*net.weights, *net.biases)]
            hidden = torch.tanh(x @ parameters[0].T + parameters[2])
            outputs = torch.tanh(hidden @ parameters[1].T + parameters[3])
            masks = [1, 1, 1, 1]
        else:
            parameters = [net.weights[m].clone().requires_grad_(), net.biases[m].clone().requires_grad_()]
            free = torch.zeros(16, 9, dtype=torch.float64)
            for _ in range(150):
                state = torch.cat([x, free], 1)
                free = torch.tanh(state @ parameters[0][3:].T + parameters[1][3:])
            outputs = free[:, -2:]
            masks = [net.mask, 1]
        gradients = torch.autograd.grad(0.5 * (y - outputs).square().sum() / 16, parameters)
        gradient = -torch.cat([(g * mask).flatten() for g, mask in zip(gradients, masks, strict=True)])
        twin = net.with_balance("boxcar")
        rates = twin.fire(X)
        update = twin.plasticity(rates, twin.assign_credit(rates, Y))
        changes = [*update.weights, *update.biases] if credit is None else [update.weights, update.biases]
        flat = torch.cat([each[m].flatten() for each in changes])
        cosine = float(flat @ gradient / flat.norm() / gradient.norm())
        assert boxcar["angle"].iloc[m] == pytest.approx(math.degrees(math.acos(cosine)), rel=1e-6)
        assert boxcar["norm_ratio"].iloc[m] == pytest.approx(float(flat.norm() / gradient.norm()), rel=1e-8)


def test_wider_bells_are_further_from_the_gradient():
    """Guards against widths that do nothing, and training that changes the network it was given."""
    net = LayeredNetwork([3, 20, 20, 2], dtype=torch.float64, seed=2)
    before = [each.clone() for each in net.weights]
    widths = [1.0, 2.0, 8.0]
    table = angle_to_gradient(net, X, Y, balances=[("widened_derivative", w) for w in widths], steps=60, every=60)
    end = table[table["step"] == 60]
    assert end["width"].tolist() == widths
    assert end["angle"].iloc[0] < 1e-6
    assert end["angle"].is_monotonic_increasing
    assert end["angle"].iloc[2] > 10
    assert (end["loss"].to_numpy() < 0.9 * table[table["step"] == 0]["loss"].to_numpy()).all()
    assert all(torch.equal(a, b) for a, b in zip(net.weights, before, strict=True))


def test_no_angle_where_nothing_changes():
    """Guards against NaN: a network that already answers right has no gradient."""
    net = LayeredNetwork([1, 1], dtype=torch.float64)
    table = angle_to_gradient(net, [[0.0]], [[0.0]], balances=["boxcar"], steps=1)
    assert table["angle"].isna().all()
    assert table["norm_ratio"].isna().all()
    assert table["loss"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps: got 0"),
        ({"every": 0}, "every: got 0"),
        ({"balances": "gaussian"}, "balances: got 'gaussian'"),
        ({"balances": ["gaus"]}, "balances: got 'gaus'"),
        ({"balances": [("gaussian", -1.0)]}, "balance_width: got -1"),
        ({"learning_rate": -1.0}, "learning_rate: got -1"),
    ],
)
def test_bad_options_are_named(options, message):
    """Guards against a library's traceback for an impossible option."""
    with pytest.raises(OptionError, match=message):
        angle_to_gradient(LayeredNetwork([3, 2]), X, Y, **options)
