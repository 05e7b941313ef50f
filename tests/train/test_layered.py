from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.activations import ACTIVATIONS
from creditgraph.train.layered import LayeredNetwork, Rates
from creditgraph.train.losses import LOSSES

SIZES = [5, 7, 6, 3]


def randn(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def targets(loss, *shape, seed=1):
    if loss == "cross_entropy":
        return torch.randint(SIZES[-1], shape, generator=torch.Generator().manual_seed(seed))
    return randn(*shape, SIZES[-1], seed=seed)


def network(sizes=SIZES, **options):
    net = LayeredNetwork(sizes, **{"dtype": torch.float64, "seed": 4, **options})
    net.biases = [0.3 * randn(*each.shape, seed=9).to(net.dtype) for each in net.biases]
    return net


def test_three_neurons_in_a_row_by_hand():
    """Guards against any slip in the rule: sigmoid chain of two synapses, worked out on paper.

    x1 = 2, w1 = 0.5, b1 = -1: s = 0, x = 1/2, f = 1/4. w2 = 4, b2 = -2: s = 0, x = 1/2, f = 1/4. With y = 1:
    c3 = 1/2, c2 = 4 * 1/8 = 1/2, c1 = 0.5 * 1/8 = 1/16; dw2 = 1/8 * 1/2 = 1/16, dw1 = 1/8 * 2 = 1/4.
    """
    net = LayeredNetwork([1, 1, 1], activation="sigmoid", dtype=torch.float64)
    net.weights = [torch.tensor([[[0.5]]]).double(), torch.tensor([[[4.0]]]).double()]
    net.biases = [torch.tensor([[-1.0]]).double(), torch.tensor([[-2.0]]).double()]
    rates = net.fire([[2.0]])
    assert [each.item() for each in rates] == [2, 0.5, 0.5]
    credits = net.assign_credit(rates, [[1.0]])
    assert [each.item() for each in credits] == [1 / 16, 1 / 2, 1 / 2]
    update = net.plasticity(rates, credits)
    assert [each.item() for each in update.weights] == [1 / 4, 1 / 16]
    assert [each.item() for each in update.biases] == [1 / 8, 1 / 8]
    net.apply(update, 8)
    assert [each.item() for each in net.weights] == [2.5, 4.5]
    assert [each.item() for each in net.biases] == [0, -1]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_update_is_minus_the_gradient(activation, loss):
    """Guards against a wrong sign, transpose, derivative or mean: 3 members, each with its own inputs and targets."""
    net = network(members=3, activation=activation, loss=loss)
    x, y = randn(3, 8, 5), targets(loss, 3, 8)
    rates = net.fire(x)
    update = net.plasticity(rates, net.assign_credit(rates, y))
    parameters = [each.clone().requires_grad_() for each in [*net.weights, *net.biases]]
    outputs = x
    for layer in range(3):
        linear = layer == 2 and loss == "cross_entropy"
        s = outputs @ parameters[layer].mT + parameters[3 + layer][:, None]
        outputs = s if linear else net.activation.function(s)
    if loss == "cross_entropy":
        value = -torch.log_softmax(outputs, -1).gather(-1, y[..., None]).sum() / 8
    else:
        value = 0.5 * (y - outputs).square().sum() / 8
    gradients = torch.autograd.grad(value, parameters)
    for change, gradient in zip([*update.weights, *update.biases], gradients, strict=True):
        assert gradient.norm() > 0
        assert (change + gradient).norm() <= 1e-12 * gradient.norm()


def test_credits_are_minus_the_gradients_of_the_rates():
    """Guards against credits that are effective credits already, or shifted by a layer (the theorem's c_i)."""
    net = network(members=2)
    x, y = randn(6, 5), targets("squared_error", 6)
    rates = net.fire(x)
    credits = net.assign_credit(rates, y)
    assert [each.shape for each in credits] == [each.shape for each in rates]
    for first in range(4):
        layer = rates[first].clone().requires_grad_()
        outputs = layer
        for w, b in zip(net.weights[first:], net.biases[first:], strict=True):
            outputs = torch.tanh(outputs @ w.mT + b[:, None])
        (gradient,) = torch.autograd.grad(0.5 * (y - outputs).square().sum(), layer)
        torch.testing.assert_close(credits[first], -gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", LOSSES)
def test_equilibrium_is_exact_after_m_minus_1_steps(loss):
    """Guards against dynamics whose equilibrium is another than what fire and assign_credit compute."""
    net = network(members=2, loss=loss)
    x, y = randn(6, 5), targets(loss, 6)
    rates = net.fire(x)
    credits = net.assign_credit(rates, y)
    stepped = [rates[0], *(randn(*each.shape, seed=20 + k) for k, each in enumerate(rates[1:]))]
    gaps = []
    for _ in range(len(SIZES) - 1):
        stepped = net.step_rates(stepped)
        gaps.append(max(float((a - b).abs().max()) for a, b in zip(stepped, rates, strict=True)))
    assert gaps[-1] == 0
    assert gaps[-2] > 0.01
    sent = [*(randn(*each.shape, seed=30 + k) for k, each in enumerate(credits[:-1])), credits[-1]]
    gaps = []
    for _ in range(len(SIZES) - 1):
        sent = net.step_credits(rates, sent)
        gaps.append(max(float((a - b).abs().max()) for a, b in zip(sent, credits, strict=True)))
    assert gaps[-1] == 0
    assert gaps[-2] > 0.01


def test_update_is_local():
    """Guards against dW[i, j] that depends on anything but x_j, c_i and f(s_i): exact equality."""
    net = network(activation="sigmoid")
    rates = net.fire(randn(4, 5))
    credits = net.assign_credit(rates, targets("squared_error", 4))
    before = net.plasticity(rates, credits)
    i, j, layer = 2, 3, 1

    def disturbed(keep, values):
        changed = values + 1
        if keep is not None:
            changed[..., keep] = values[..., keep]
        return changed

    other_rates = [disturbed(j if k == layer else None, each) for k, each in enumerate(rates)]
    other_inputs = [disturbed(i if k == layer else None, each) for k, each in enumerate(rates.net_inputs)]
    other_credits = [disturbed(i if k == layer + 1 else None, each) for k, each in enumerate(credits)]
    net.weights = [each + 1 for each in net.weights]
    net.biases = [each + 1 for each in net.biases]
    after = net.plasticity(Rates(other_rates, other_inputs, rates._balances), other_credits)
    assert torch.equal(after.weights[layer][:, i, j], before.weights[layer][:, i, j])
    assert torch.equal(after.biases[layer][:, i], before.biases[layer][:, i])
    assert not torch.any(after.weights[layer][:, i + 1 :, j + 1 :] == before.weights[layer][:, i + 1 :, j + 1 :])


def test_rates_as_a_plain_list_get_their_net_inputs_anew():
    """Guards against an AttributeError, or stale net inputs, for rates that someone rebuilt or disturbed."""
    net = network(loss="cross_entropy")
    y = targets("cross_entropy", 4)
    rates = net.fire(randn(4, 5))
    credits = net.assign_credit(rates, y)
    plain = [each.clone() for each in rates]
    for a, b in zip(net.assign_credit(plain, y), credits, strict=True):
        assert torch.equal(a, b)
    for a, b in zip(net.plasticity(plain, credits).weights, net.plasticity(rates, credits).weights, strict=True):
        assert torch.equal(a, b)
    for a, b in zip(net.step_credits(plain, credits), credits, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)
    plain[1] += 0.3
    s = plain[1] @ net.weights[1].mT + net.biases[1][:, None]
    effective = credits[2] * (1 - torch.tanh(s) ** 2)
    found = net.plasticity(plain, credits)
    torch.testing.assert_close(found.weights[1], effective.mT @ plain[1] / 4, rtol=1e-12, atol=1e-15)
    for bad in (plain[:-1], [each[0] for each in plain], [each.float() for each in plain], [1, 2, 3, 4]):
        with pytest.raises(DataError, match="rates: got"):
            net.plasticity(bad, credits)


def test_another_balance_function_is_not_the_gradient():
    """Guards against a balance function that is ignored, and a theorem that holds for any f."""
    x, y = randn(8, 5), targets("squared_error", 8)
    exact, other = network(), network(balance=torch.ones_like)
    updates = []
    for net in (exact, other):
        rates = net.fire(x)
        updates.append(net.plasticity(rates, net.assign_credit(rates, y)).weights[0])
    assert (updates[0] - updates[1]).norm() > 0.1 * updates[0].norm()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_member_in_a_batch_learns_as_it_does_alone(loss):
    """Guards against members that leak into each other: 100 steps in float32, 5 learning rates, relative 1e-5."""
    learning_rates = [0.01, 0.03, 0.1, 0.2, 0.3]
    options = {"loss": loss, "dtype": torch.float32}
    together = network(members=5, seed=[7, 3, 7, 1, 0], **options)
    alone = [network(seed=seed, **options) for seed in (7, 3, 7, 1, 0)]
    for m, net in enumerate(alone):
        net.biases = [each[m : m + 1].clone() for each in together.biases]
    for step in range(100):
        x, y = randn(16, 5, seed=step), targets(loss, 16, seed=step)
        learned = together.learn(x, y, torch.tensor(learning_rates))
        for m, net in enumerate(alone):
            single = net.learn(x, y, learning_rates[m])
            assert single.loss.item() == pytest.approx(learned.loss[m].item(), rel=1e-4)
    for m, net in enumerate(alone):
        for a, b in zip([*together.weights, *together.biases], [*net.weights, *net.biases], strict=True):
            assert (a[m] - b[0]).norm() <= 1e-5 * b.norm()
    assert (together.weights[0][0] - together.weights[0][2]).norm() > 0.01


def test_learning_lowers_the_loss_and_reports_it():
    """Guards against a learn() that climbs, or reports the loss after the step."""
    net = network(members=2, loss="cross_entropy")
    x, y = randn(16, 5), targets("cross_entropy", 16)
    before = net.loss.value(net.fire(x)[-1], y).mean(1)
    losses = [net.learn(x, y, 0.5).loss for _ in range(50)]
    assert torch.equal(losses[0], before)
    assert (losses[-1] < 0.5 * losses[0]).all()
    assert net.learn(x, y, 0.0).unconverged.tolist() == [0, 0]


def test_initial_weights_depend_on_the_members_seed_alone():
    """Guards against seeds that depend on the neighbours or the dtype, and against a wrong variance."""
    several = LayeredNetwork([400, 300, 10], members=3, seed=5)
    for m in range(3):
        for a, b in zip(several.weights, LayeredNetwork([400, 300, 10], seed=5 + m).weights, strict=True):
            assert torch.equal(a[m], b[0])
    double = LayeredNetwork([400, 300, 10], members=3, seed=[5, 6, 7], dtype=torch.float64)
    assert torch.equal(double.weights[1].float(), several.weights[1])
    assert double.weights[0].var().item() == pytest.approx(1 / 400, rel=0.02)
    assert all(each.eq(0).all() for each in several.biases)
    assert not torch.equal(several.weights[0][0], several.weights[0][1])


def test_inputs_as_arrays_lists_or_per_member():
    """Guards against shared inputs that give another result than the same inputs repeated for each member."""
    net = network(members=2)
    x = np.random.default_rng(0).normal(size=(3, 5))
    x.flags.writeable = False
    shared = net.fire(x)
    for given in (x.tolist(), np.stack([x, x]), torch.tensor(x).float().double() * 0 + torch.tensor(x)):
        for a, b in zip(shared, net.fire(given), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.ones(3, 4), r"x: got shape \(3, 4\), expected \(batch, 5\) or \(2, batch, 5\)"),
        (torch.ones(3, 2, 5), r"x: got shape \(3, 2, 5\)"),
        (torch.ones(5), r"x: got shape \(5,\)"),
        (torch.ones(0, 5), "x: got an empty batch"),
        (torch.full((2, 5), torch.nan), "x: 10 values are NaN or infinite"),
        ([[1.0, 2.0, 3.0, 4.0, float("inf")]], "x: 1 value is NaN or infinite"),
        (torch.ones(2, 5, dtype=torch.complex64), "x: got complex numbers"),
        ("abc", "x: got values of type"),
        ([[1.0], [2.0, 3.0]], "x: rows of unequal length"),
    ],
)
def test_bad_inputs_are_named(x, message):
    """Guards against a library's traceback or a NaN that spreads through the weights."""
    with pytest.raises(DataError, match=message):
        network(members=2).fire(x)


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ([5], {}, "sizes: got"),
        ("53", {}, "sizes: got"),
        ([5, 0], {}, "sizes: got 0, expected a whole number of at least 1"),
        ([5, 2.5], {}, "sizes: got 2.5"),
        ([5, 3], {"members": 0}, "members: got 0"),
        ([5, 3], {"members": 2, "seed": [1]}, "seed: got"),
        ([5, 3], {"seed": -1}, "seed: got -1"),
        ([5, 3], {"seed": 2**63}, "seed: got"),
        ([5, 3], {"dtype": torch.int64}, "dtype: got torch.int64"),
        ([5, 3], {"device": "gpu7"}, "device: got 'gpu7'"),
        ([5, 3], {"activation": "gelu"}, "activation: got 'gelu'"),
        ([5, 3], {"loss": "crossentropy"}, "did you mean 'cross_entropy'"),
    ],
)
def test_bad_options_are_named(sizes, options, message):
    """Guards against an impossible network that fails later with a library's traceback."""
    with pytest.raises(OptionError, match=message):
        LayeredNetwork(sizes, **options)


def test_weights_set_to_another_shape_or_dtype_are_named():
    """Guards against weights without the members' dimension, which would broadcast or crash inside torch."""
    net = network()
    net.weights[0] = net.weights[0][0]
    with pytest.raises(DataError, match=r"weights: got .*expected \[\(1, 7, 5\)"):
        net.fire(torch.ones(2, 5))
    net = network()
    net.biases = [each.float() for each in net.biases]
    with pytest.raises(DataError, match="biases: got"):
        net.fire(torch.ones(2, 5))
