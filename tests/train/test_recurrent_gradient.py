from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from creditgraph.train.activations import ACTIVATIONS
from creditgraph.train.losses import LOSSES
from creditgraph.train.masks import all_to_all_mask

sys.path.insert(0, str(Path(__file__).parent))
from recurrent_networks import HIDDEN, INPUTS, OUTPUTS, N, network, randn, targets


def implicit_gradient(net, x, y, loss):
    """Gradient of the mean loss by autograd through the loop x <- sigma(W x + b), long after it has settled."""
    weights, biases = net.weights.clone().requires_grad_(), net.biases.clone().requires_grad_()
    rates = torch.zeros(net.members, len(x), N, dtype=torch.float64)
    rates[..., :INPUTS] = x
    for _ in range(300):
        s = rates @ weights.mT + biases[:, None]
        fired = net.activation.function(s)
        if loss == "cross_entropy":
            fired = torch.cat([fired[..., :-OUTPUTS], s[..., -OUTPUTS:]], -1)
        rates = torch.cat([x.expand(net.members, -1, -1), fired[..., INPUTS:]], -1)
    outputs = rates[..., -OUTPUTS:]
    if loss == "cross_entropy":
        value = -torch.log_softmax(outputs, -1).gather(-1, y.expand(net.members, -1)[..., None]).sum() / len(x)
    else:
        value = 0.5 * (y - outputs).square().sum() / len(x)
    in_weights, in_biases = torch.autograd.grad(value, [weights, biases])
    return in_weights * net.mask, in_biases


def relative_error(net, x, y, loss, **options):
    rates = net.fire(x)
    update = net.plasticity(rates, net.assign_credit(rates, y, **options))
    gradients = implicit_gradient(net, x, y, loss)
    assert all(gradient.norm() > 0 for gradient in gradients)
    pairs = zip((update.weights, update.biases), gradients, strict=True)
    return max(float((change + gradient).norm() / gradient.norm()) for change, gradient in pairs)


@pytest.mark.parametrize("solver", ["iterate", "direct"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_inject_is_the_implicit_gradient(activation, loss, solver):
    """Guards against a wrong sign, transpose, derivative or mean in an all-to-all network."""
    net = network(activation=activation, loss=loss, members=2)
    assert relative_error(net, randn(7, INPUTS), targets(loss, 7), loss, solver=solver) <= 1e-9


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_clamp_is_the_gradient_where_outputs_send_nothing(activation, loss):
    """Guards against a clamp that is wrong even where the paper's theorem extends to it."""
    mask = all_to_all_mask(INPUTS, HIDDEN, OUTPUTS)
    mask[:, -OUTPUTS:] = False
    net = network(activation=activation, loss=loss, credit="clamp", mask=mask)
    x, y = randn(7, INPUTS), targets(loss, 7)
    assert relative_error(net, x, y, loss) <= 1e-9
    inject = network(activation=activation, loss=loss, credit="inject", mask=mask)
    assert torch.equal(inject.weights, net.weights)
    rates = net.fire(x)
    torch.testing.assert_close(net.assign_credit(rates, y), inject.assign_credit(rates, y), rtol=1e-9, atol=1e-11)


def test_clamp_is_not_the_gradient_where_outputs_send():
    """Guards against the claim that clamp is exact in an all-to-all network, or a clamp that is inject in disguise."""
    x, y = randn(7, INPUTS), targets("squared_error", 7)
    error = relative_error(network(credit="clamp"), x, y, "squared_error")
    assert 1e-3 < error < 1
    assert relative_error(network(credit="inject"), x, y, "squared_error") <= 1e-9


MASK_CASES = {
    "layered": {"mask": "layered", "mask_options": {"layers": [7, 5]}},
    "skip": {"mask": "skip", "mask_options": {"layers": [7, 5]}},
    "all_to_all": {"mask": "all_to_all"},
    "self_synapses": {"mask": "all_to_all", "mask_options": {"self_synapses": True}},
    "random": {"mask": "random", "mask_options": {"density": 0.6, "seed": 5}},
    "small_world": {"mask": "small_world", "mask_options": {"neighbours": 8, "rewiring": 0.3, "seed": 2}},
    "matrix": {"mask": np.tril(np.ones((N, N), dtype=bool)) & (np.arange(N) >= INPUTS)[:, None]},
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", MASK_CASES)
def test_both_statements_hold_on_every_mask(case, loss):
    """Guards against inject that is not the gradient, or clamp that is where it must not be, on some kind of mask."""
    x, y = randn(6, INPUTS), targets(loss, 6)
    inject = network(**MASK_CASES[case], loss=loss)
    gradients = implicit_gradient(inject, x, y, loss)
    for net, exact in (
        (inject, True),
        (network(**MASK_CASES[case], loss=loss, credit="clamp"), not inject.mask[:, -OUTPUTS:].any()),
    ):
        rates = net.fire(x)
        update = net.plasticity(rates, net.assign_credit(rates, y))
        errors = [
            float((change + gradient).norm() / gradient.norm().clamp(min=1e-300))
            for change, gradient in zip((update.weights, update.biases), gradients, strict=True)
        ]
        assert gradients[1].norm() > 0
        assert all(error <= 1e-9 for error in errors) is bool(exact), errors
    if inject.mask[:, -OUTPUTS:].any():
        silent = inject.mask.clone()
        silent[:, -OUTPUTS:] = False
        assert relative_error(network(mask=silent, loss=loss, credit="clamp"), x, y, loss) <= 1e-9
