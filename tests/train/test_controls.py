from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.controls import RULES, ControlRule, control_rule, register_rule
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.plasticity import Update

GENERATOR = torch.Generator().manual_seed(6)
X = torch.randn(9, 5, generator=GENERATOR, dtype=torch.float64)
Y = torch.randn(9, 3, generator=GENERATOR, dtype=torch.float64)
CLASSES = torch.randint(3, (9,), generator=GENERATOR)


def network(activation="tanh", loss="squared_error", members=2):
    return LayeredNetwork([5, 8, 6, 3], activation=activation, loss=loss, members=members, seed=3, dtype=torch.float64)


def targets(loss):
    return Y if loss == "squared_error" else CLASSES


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus", "relu"])
def test_backprop_and_the_credit_rule_take_the_same_way(activation, loss):
    """Guards against a rule that is near the gradient without being it: 100 steps, float64."""
    nets = {name: network(activation, loss) for name in ("backprop", "credit")}
    start = [each.clone() for each in nets["credit"].weights]
    for _ in range(100):
        for name, net in nets.items():
            control_rule(name).learn(net, X, targets(loss), 0.1)
    for one, other in zip(
        [*nets["credit"].weights, *nets["credit"].biases],
        [*nets["backprop"].weights, *nets["backprop"].biases],
        strict=True,
    ):
        assert float((one - other).norm() / other.norm()) < 1e-12
    moved = [float((one - old).norm() / old.norm()) for one, old in zip(nets["credit"].weights, start, strict=True)]
    assert min(moved) > 0.01


def test_feedback_alignment_with_the_forward_weights_is_backprop(monkeypatch):
    """Guards against errors that come back transposed, from the wrong layer or without the derivative."""
    net = network("sigmoid")
    monkeypatch.setattr(ControlRule, "random_feedback", lambda self, network, shapes: network.weights)
    found = control_rule("feedback_alignment").update(net, X, Y)
    exact = control_rule("backprop").update(net, X, Y)
    for one, other in zip([*found.weights, *found.biases], [*exact.weights, *exact.biases], strict=True):
        assert torch.allclose(one, other, atol=1e-14)


def test_direct_feedback_alignment_by_hand():
    """Guards against errors that come from the wrong layer, and a missing derivative."""
    net = network("sigmoid")
    rule = control_rule("direct_feedback_alignment", seed=2)
    found = rule.update(net, X, Y)
    feedback = rule.random_feedback(net, [(8, 3), (6, 3)])
    for m in range(2):
        rates = [X.numpy()]
        for w in net.weights:
            rates.append(1 / (1 + np.exp(-rates[-1] @ w[m].numpy().T)))
        error = (Y.numpy() - rates[3]) * rates[3] * (1 - rates[3])
        deltas = [(error @ b[m].numpy().T) * x * (1 - x) for b, x in zip(feedback, rates[1:3], strict=True)]
        for w, b, delta, pre in zip(found.weights, found.biases, [*deltas, error], rates, strict=False):
            assert w[m].numpy() == pytest.approx(delta.T @ pre / 9, rel=1e-10, abs=1e-15)
            assert b[m].numpy() == pytest.approx(delta.mean(0), rel=1e-10, abs=1e-15)


def test_random_feedback_is_fixed_and_a_member_s_own():
    """Guards against feedback that is drawn anew each step, is the forward weights, or depends on the neighbours."""
    both, alone = network(), LayeredNetwork([5, 8, 6, 3], members=1, seed=4, dtype=torch.float64)
    rule = control_rule("feedback_alignment")
    first, again, other = (
        each.random_feedback(both, [(8, 5)])[0] for each in (rule, rule, control_rule("feedback_alignment", seed=1))
    )
    assert torch.equal(first, again)
    assert rule.random_feedback(both, [(8, 5)])[0] is rule.random_feedback(both, [(8, 5)])[0]
    assert torch.equal(first, control_rule("feedback_alignment").random_feedback(both, [(8, 5)])[0])
    assert not torch.equal(first, other)
    assert torch.equal(first[1], rule.random_feedback(alone, [(8, 5)])[0][0])
    assert not torch.allclose(first, both.weights[0])
    wide = rule.random_feedback(both, [(300, 400)])[0]
    assert float(wide.var()) == pytest.approx(1 / 400, rel=0.02)


def test_oja_finds_the_principal_component():
    """Guards against Oja's rule with the wrong sign or decay: a linear neuron learns the first principal component."""
    net = LayeredNetwork([4, 1, 1], activation="linear", dtype=torch.float64, seed=1)
    data = torch.randn(400, 4, generator=GENERATOR, dtype=torch.float64) * torch.tensor([3.0, 1.0, 0.5, 0.2])
    data = data @ torch.linalg.qr(torch.randn(4, 4, generator=GENERATOR, dtype=torch.float64))[0]
    for _ in range(400):
        control_rule("hebbian").learn(net, data, torch.zeros(400, 1), 0.02)
    _, vectors = torch.linalg.eigh(data.T @ data / 400)
    assert abs(float(net.weights[0][0, 0] @ vectors[:, -1])) == pytest.approx(1, abs=1e-6)
    assert float(net.weights[0].norm()) == pytest.approx(1, abs=1e-6)
    assert not net.biases[0].any()


@pytest.mark.parametrize("name", ["readout_only", "hebbian", "feedback_alignment", "direct_feedback_alignment"])
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_the_readout_learns_by_the_gradient(name, loss):
    """Guards against an output layer that learns otherwise: the rules differ in the hidden layers only."""
    net = network(loss=loss)
    found = control_rule(name).update(net, X, targets(loss))
    exact = control_rule("backprop").update(net, X, targets(loss))
    assert torch.allclose(found.weights[-1], exact.weights[-1], atol=1e-14)
    assert torch.allclose(found.biases[-1], exact.biases[-1], atol=1e-14)
    assert not torch.allclose(found.weights[0], exact.weights[0], atol=1e-3)
    if name == "readout_only":
        assert not any(each.any() for each in [*found.weights[:-1], *found.biases[:-1]])


@pytest.mark.parametrize("name", list(RULES))
def test_updates_leave_the_network_alone(name):
    """Guards against a rule that changes the network while it is only asked for an update."""
    net = network()
    before = [each.clone() for each in [*net.weights, *net.biases]]
    update = control_rule(name).update(net, X, Y)
    assert all(torch.equal(one, old) for one, old in zip([*net.weights, *net.biases], before, strict=True))
    for change, values in zip([*update.weights, *update.biases], before, strict=True):
        assert change.shape == values.shape
        assert change.dtype == values.dtype
        assert not change.requires_grad


def test_a_rule_of_one_s_own():
    """Guards against a register that only knows the rules that came with it, or lets a name be taken twice."""

    @register_rule
    class Still(ControlRule):
        name = "still"

        def update(self, network, x, y):
            return Update([w * 0 for w in network.weights], [b * 0 for b in network.biases])

    try:
        assert isinstance(control_rule("still"), Still)
        with pytest.raises(OptionError, match="name: got 'still'"):

            @register_rule
            class Other(ControlRule):
                name = "still"

                def update(self, network, x, y):
                    raise AssertionError

    finally:
        del RULES["still"]
    with pytest.raises(OptionError, match=r"rule: got 'backprob', expected one of .*; did you mean 'backprop'"):
        control_rule("backprob")
