from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.activations import ACTIVATIONS, activation
from creditgraph.train.balance import BALANCES, balance_function, balance_width
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.recurrent import RecurrentNetwork

S = torch.tensor([-3.0, -0.9, 0.0, 0.2, 0.6, 2.1], dtype=torch.float64)
FORMS = {
    "gaussian": lambda s, w: math.exp(-(s * s) / (2 * w * w)),
    "boxcar": lambda s, w: 1.0 if abs(s) < w else 0.0,
    "widened_derivative": lambda s, w: 1 / math.cosh(s / w) ** 2,
}


@pytest.mark.parametrize("name", FORMS)
def test_values_follow_the_closed_forms(name):
    """Guards against a wrong formula, or a width that acts elsewhere than it says."""
    f = balance_function(name, activation("tanh"), 0.7)
    assert f(S).tolist() == pytest.approx([FORMS[name](float(s), 0.7) for s in S], rel=1e-12, abs=1e-15)
    assert f(S.float()).dtype == torch.float32
    assert set(FORMS) | {"derivative"} == set(BALANCES)


def test_the_derivative_and_its_widening_by_1_are_the_derivative():
    """Guards against an exact balance function that is not exact."""
    for name in ACTIVATIONS:
        found = activation(name)
        assert torch.equal(balance_function("derivative", found)(S), found.derivative(S))
        assert torch.equal(balance_function("widened_derivative", found, 1)(S), found.derivative(S))


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "shifted_sigmoid", "clipped_relu"])
def test_default_widths_keep_the_area_under_the_bell(name):
    """Guards against default widths that are not what the docs say: the area under sigma' at height 1."""
    found = activation(name)
    s = torch.linspace(-40, 40, 800_001, dtype=torch.float64)
    bell = found.derivative(s)
    area = float(torch.trapezoid(bell / bell.max(), s))
    for balance in ("gaussian", "boxcar"):
        f = balance_function(balance, found)(s)
        assert float(torch.trapezoid(f, s)) == pytest.approx(area, rel=1e-3)
        # the centres agree too
        assert float(torch.trapezoid(f * s, s)) == pytest.approx(float(torch.trapezoid(bell * s, s)), abs=2e-3)
    assert balance_width("widened_derivative", found) == 2.0
    assert balance_width("derivative", found) is None


def test_clipped_relus_boxcar_is_its_derivative():
    """Guards against a boxcar off its centre."""
    found = activation("clipped_relu")
    assert torch.equal(balance_function("boxcar", found)(S), found.derivative(S))


def layered(**options):
    return LayeredNetwork([3, 6, 5, 2], dtype=torch.float64, seed=1, **options)


def recurrent(**options):
    return RecurrentNetwork(3, 6, 2, dtype=torch.float64, seed=1, **options)


@pytest.mark.parametrize("make", [layered, recurrent])
@pytest.mark.parametrize("name", BALANCES)
def test_networks_take_names_as_they_take_functions(make, name):
    """Guards against a name that is ignored, or another width than asked for."""
    x, y = np.random.default_rng(0).normal(size=(4, 3)), np.ones((4, 2))

    def learned(net):
        rates = net.fire(x)
        update = net.plasticity(rates, net.assign_credit(rates, y))
        return torch.cat([each.flatten() for each in update.weights])

    width = None if name == "derivative" else 0.4
    named = learned(make(balance=name, balance_width=width))
    assert torch.equal(named, learned(make(balance=balance_function(name, activation("tanh"), width))))
    assert torch.equal(named, learned(make().with_balance(name, width=width)))
    assert torch.equal(named, learned(make())) is (name == "derivative")


@pytest.mark.parametrize("make", [layered, recurrent])
def test_a_copy_with_another_balance_leaves_the_network_alone(make):
    """Guards against copies that share weights with the original."""
    net = make()
    before = [each.clone() for each in net.weights]
    twin = net.with_balance("boxcar")
    twin.learn(torch.ones(4, 3), torch.ones(4, 2), 0.1)
    assert all(torch.equal(a, b) for a, b in zip(net.weights, before, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(twin.weights, before, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"balance": "gausian"}, "did you mean 'gaussian'"),
        ({"balance": "gaussian", "balance_width": 0}, "balance_width: got 0"),
        ({"balance": "boxcar", "balance_width": float("nan")}, "balance_width: got nan"),
        ({"balance": "derivative", "balance_width": 1.0}, "balance_width: got 1.0, expected no width"),
        ({"balance_width": 1.0}, "balance_width: got 1.0"),
        ({"balance": torch.ones_like, "balance_width": 1.0}, "balance_width: got 1.0"),
        ({"balance": 3}, "balance: got 3"),
    ],
)
def test_bad_balances_are_named(options, message):
    """Guards against an impossible balance function that fails later, or a width that is ignored."""
    for make in (layered, recurrent):
        with pytest.raises(OptionError, match=message):
            make(**options)
