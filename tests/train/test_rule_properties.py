from __future__ import annotations

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from creditgraph.train.activations import ACTIVATIONS
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.losses import LOSSES
from creditgraph.train.masks import MASKS
from creditgraph.train.recurrent import RecurrentNetwork

few = settings(max_examples=25, deadline=None, derandomize=True, database=None)
activations = st.sampled_from(sorted(ACTIVATIONS))
losses = st.sampled_from(sorted(LOSSES))
seeds = st.integers(0, 10_000)


def data(loss, batch, inputs, outputs, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, inputs, generator=generator, dtype=torch.float64)
    if loss == "cross_entropy":
        return x, torch.randint(outputs, (batch,), generator=generator)
    return x, torch.randn(batch, outputs, generator=generator, dtype=torch.float64)


def mean_loss(loss, outputs, y):
    """Mean loss over the batch, summed over members."""
    if loss == "cross_entropy":
        each = [functional.cross_entropy(member, y) for member in outputs]
    else:
        each = [0.5 * (y - member).square().sum(1).mean() for member in outputs]
    return torch.stack(each).sum()


def gap(update, gradient):
    """Difference to minus the gradient, relative to its norm; absolute where the gradient is 0."""
    size = gradient.norm()
    return float((update + gradient).norm() / (size if size > 1e-8 else 1.0))


@few
@given(st.lists(st.integers(1, 6), min_size=2, max_size=7), activations, losses, st.integers(1, 64), seeds)
def test_layered_updates_are_the_gradient_for_any_sizes(sizes, activation, loss, batch, seed):
    """Guards against an update that is the gradient only at the sizes someone thought of."""
    net = LayeredNetwork(sizes, activation=activation, loss=loss, members=2, seed=seed, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    net.biases = [0.3 * torch.randn(each.shape, generator=generator, dtype=each.dtype) for each in net.biases]
    x, y = data(loss, batch, sizes[0], sizes[-1], seed)
    rates = net.fire(x)
    update = net.plasticity(rates, net.assign_credit(rates, y))
    parameters = [each.clone().requires_grad_() for each in (*net.weights, *net.biases)]
    layers = len(sizes) - 1
    outputs = x.expand(2, -1, -1)
    for layer in range(layers):
        s = outputs @ parameters[layer].mT + parameters[layers + layer].unsqueeze(1)
        outputs = s if layer == layers - 1 and loss == "cross_entropy" else net.activation.function(s)
    gradients = torch.autograd.grad(mean_loss(loss, outputs, y), parameters)
    for change, gradient in zip((*update.weights, *update.biases), gradients, strict=True):
        assert gap(change, gradient) <= 1e-12


@few
@given(
    st.sampled_from(sorted(MASKS)),
    st.tuples(st.integers(1, 4), st.integers(3, 8), st.integers(1, 3)),
    activations,
    losses,
    st.booleans(),
    seeds,
)
def test_recurrent_updates_are_the_gradient_on_any_mask(mask, counts, activation, loss, silent, seed):
    """Guards against inject, or clamp of silent outputs, that is the gradient only on masks someone thought of."""
    inputs, hidden, outputs = counts
    options = {"activation": activation, "loss": loss, "dtype": torch.float64, "seed": seed, "gain": 0.4}
    net = RecurrentNetwork(*counts, mask=mask, **options, members=2, unconverged="keep")
    if silent:
        matrix = net.mask.clone()
        matrix[:, -outputs:] = False
        net = RecurrentNetwork(*counts, mask=matrix, credit="clamp", **options, members=2, unconverged="keep")
    x, y = data(loss, 5, inputs, outputs, seed)
    rates, firing = net.fire(x, report=True)
    credits, crediting = net.assign_credit(rates, y, report=True)
    assume(bool(firing.converged.all() and crediting.converged.all() and firing.steps.max() < 200))
    update = net.plasticity(rates, credits)
    weights, biases = net.weights.clone().requires_grad_(), net.biases.clone().requires_grad_()
    clamped, free = x.expand(2, -1, -1), torch.zeros(2, 5, hidden + outputs, dtype=torch.float64)
    for _ in range(2 * int(firing.steps.max()) + 10):
        s = torch.cat([clamped, free], -1) @ weights[:, inputs:].mT + biases[:, None, inputs:]
        free = net.activation.function(s)
        if loss == "cross_entropy":
            free = torch.cat([free[..., :-outputs], s[..., -outputs:]], -1)
    gradients = torch.autograd.grad(mean_loss(loss, free[..., -outputs:], y), [weights, biases])
    assert gap(update.weights, gradients[0] * net.mask) <= 1e-9
    assert gap(update.biases, gradients[1]) <= 1e-9


@few
@given(st.sampled_from(sorted(MASKS)), activations, st.sampled_from(["inject", "clamp"]), st.floats(0.1, 0.7), seeds)
def test_all_ways_to_an_equilibrium_agree(mask, activation, credit, gain, seed):
    """Guards against a solver that is right only for the networks someone thought of."""
    net = RecurrentNetwork(
        2, 9, 2, mask=mask, activation=activation, credit=credit, gain=gain, dtype=torch.float64, seed=seed,
        unconverged="keep",
    )  # fmt: skip
    x, y = data("squared_error", 4, 2, 2, seed)
    plain, found = net.fire(x, report=True)
    assume(bool(found.converged.all() and found.steps.max() < 300))
    torch.testing.assert_close(net.fire(x, method="anderson"), plain, rtol=1e-8, atol=1e-8)
    credits, crediting = net.assign_credit(plain, y, report=True)
    assume(bool(crediting.converged.all() and crediting.steps.max() < 300))
    for solver in ("anderson", "direct"):
        torch.testing.assert_close(net.assign_credit(plain, y, solver=solver), credits, rtol=1e-8, atol=1e-8)


@few
@given(activations, losses, st.permutations(range(6)), seeds)
def test_names_of_neurons_do_not_matter(activation, loss, order, seed):
    """Guards against a rule that treats a neuron by its index: relabelled hidden neurons learn relabelled changes."""
    net = RecurrentNetwork(2, 6, 2, activation=activation, loss=loss, gain=0.4, dtype=torch.float64, seed=seed)
    other = net.with_balance()
    new = torch.tensor([0, 1, *(2 + i for i in order), 8, 9])
    other.weights = net.weights[:, new][:, :, new]
    x, y = data(loss, 3, 2, 2, seed)
    changes = []
    for each in (net, other):
        each.unconverged = "keep"
        rates, found = each.fire(x, report=True)
        assume(bool(found.converged.all() and found.steps.max() < 300))
        changes.append(each.plasticity(rates, each.assign_credit(rates, y)).weights)
    torch.testing.assert_close(changes[1], changes[0][:, new][:, :, new], rtol=1e-8, atol=1e-11)
