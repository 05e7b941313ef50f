from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.losses import LOSSES
from creditgraph.train.masks import all_to_all_mask, layered_mask
from creditgraph.train.recurrent import RecurrentNetwork

sys.path.insert(0, str(Path(__file__).parent))
from recurrent_networks import HIDDEN, INPUTS, OUTPUTS, N, network, randn, targets


def test_default_mask_and_mask_options():
    """Guards against options that are dropped beside a matrix, and a default that is not all-to-all."""
    assert torch.equal(network().mask, all_to_all_mask(INPUTS, HIDDEN, OUTPUTS))
    assert torch.equal(network(mask=None).mask, network(mask="all_to_all").mask)
    with pytest.raises(OptionError, match=r"mask_options: got \{'seed': 1\}, expected none where the mask is a matrix"):
        network(mask=all_to_all_mask(INPUTS, HIDDEN, OUTPUTS), mask_options={"seed": 1})
    with pytest.raises(OptionError, match="did you mean 'layered'"):
        network(mask="layerd")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("loss", LOSSES)
def test_anderson_and_iteration_agree(loss, dtype):
    """Guards against accelerated rates or credits that rest elsewhere, or are not faster."""
    net = network(loss=loss, dtype=dtype, members=2, gain=0.9)
    x, y = randn(8, INPUTS), targets(loss, 8)
    plain, slow = net.fire(x, report=True)
    fast, accelerated = net.fire(x, report=True, method="anderson")
    assert slow.converged.all()
    assert accelerated.converged.all()
    assert accelerated.steps.double().mean() < 0.7 * slow.steps.double().mean()
    tolerance = 1e-9 if dtype == torch.float64 else 1e-4
    torch.testing.assert_close(fast, plain, rtol=tolerance, atol=tolerance)
    credits = [net.assign_credit(plain, y, solver=solver) for solver in ("iterate", "anderson", "direct")]
    for other in credits[1:]:
        torch.testing.assert_close(other, credits[0], rtol=tolerance, atol=tolerance)
    ways = [net.with_balance(), net.with_balance()]
    ways[0].learn(x, y, 0.1)
    ways[1].learn(x, y, 0.1, method="anderson", solver="direct")
    torch.testing.assert_close(ways[1].weights, ways[0].weights, rtol=tolerance, atol=tolerance)
    assert not torch.equal(ways[0].weights, net.weights)


def test_clamp_holds_the_outputs_credits():
    """Guards against credits of clamped outputs that drift."""
    x, y = randn(7, INPUTS), targets("squared_error", 7)
    for mode, held in (("clamp", True), ("inject", False)):
        net = network(credit=mode)
        rates = net.fire(x)
        credits = net.assign_credit(rates, y)[..., -OUTPUTS:]
        assert torch.equal(credits, y - rates[..., -OUTPUTS:]) is held


def test_the_tolerance_is_what_it_says():
    """Guards against rates that rest long before, or long after, their change fell to the tolerance."""
    net = network(tolerance=1e-3)
    x = randn(20, INPUTS)
    rates, report = net.fire(x, report=True)
    once_more = torch.tanh(rates @ net.weights.mT + net.biases[:, None])[..., INPUTS:]
    assert (once_more - rates[..., INPUTS:]).abs().max() <= 1e-3
    assert 1e-4 < report.residual.max() <= 1e-3


@pytest.mark.parametrize("credit", ["inject", "clamp"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_direct_and_iterated_credits_agree(credit, dtype):
    """Guards against two solvers of two different equations."""
    net = network(credit=credit, dtype=dtype, members=2)
    rates = net.fire(randn(9, INPUTS))
    y = targets("squared_error", 9)
    iterated, steps = net.assign_credit(rates, y, report=True)
    direct, solved = net.assign_credit(rates, y, report=True, solver="direct")
    assert steps.converged.all()
    assert solved.converged.all()
    assert steps.steps.min() > 3
    tolerance = 1e-10 if dtype == torch.float64 else 1e-5
    torch.testing.assert_close(direct, iterated, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("credit", ["inject", "clamp"])
@pytest.mark.parametrize("loss", LOSSES)
def test_layered_mask_is_the_layered_network(loss, credit):
    """Guards against a recurrent network that learns otherwise than the layered one it contains."""
    sizes = [INPUTS, 7, 5, OUTPUTS]
    recurrent = network(mask=layered_mask(sizes), loss=loss, credit=credit)
    layered = LayeredNetwork(sizes, loss=loss, dtype=torch.float64)
    ends = [sum(sizes[: k + 1]) for k in range(4)]
    layers = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    layered.weights = [recurrent.weights[:, post, pre].clone() for pre, post in pairwise(layers)]
    layered.biases = [recurrent.biases[:, post].clone() for post in layers[1:]]
    x, y = randn(6, INPUTS), targets(loss, 6)
    block_rates = layered.fire(x)
    block_credits = layered.assign_credit(block_rates, y)
    blocks = layered.plasticity(block_rates, block_credits)
    rates, firing = recurrent.fire(x, report=True)
    credits, crediting = recurrent.assign_credit(rates, y, report=True)
    # three layers of synapses settle in three steps; a fourth finds nothing changed
    assert firing.steps.max() == 4
    assert crediting.steps.max() <= 4
    assert firing.residual.max() == 0
    torch.testing.assert_close(rates, torch.cat(block_rates, -1), rtol=1e-13, atol=1e-15)
    torch.testing.assert_close(credits, torch.cat(block_credits, -1), rtol=1e-12, atol=1e-15)
    update = recurrent.plasticity(rates, credits)
    for (pre, post), change in zip(pairwise(layers), blocks.weights, strict=True):
        torch.testing.assert_close(update.weights[:, post, pre], change, rtol=1e-12, atol=1e-15)


def test_only_synapses_change_and_only_locally():
    """Guards against synapses that grow where the mask has none, and against changes by a third neuron's credit."""
    mask = torch.rand(N, N, generator=torch.Generator().manual_seed(8)) < 0.4
    mask[:INPUTS] = False
    net = network(mask=mask)
    rates = net.fire(randn(6, INPUTS))
    credits = net.assign_credit(rates, targets("squared_error", 6))
    update = net.plasticity(rates, credits)
    assert update.weights[:, ~mask].eq(0).all()
    assert update.weights[:, mask].ne(0).all()
    assert update.biases[:, :INPUTS].eq(0).all()
    i = INPUTS + 3
    others = credits + 1
    others[..., i] = credits[..., i]
    assert torch.equal(net.plasticity(rates, others).weights[:, i], update.weights[:, i])
    # a change of rates that i receives nothing from
    unheard = rates.clone()
    unheard[..., ~mask[i]] += 5
    torch.testing.assert_close(net.plasticity(unheard, credits).weights[:, i], update.weights[:, i], rtol=1e-13, atol=0)
    assert net.plasticity(unheard, credits).weights[:, i + 1].ne(update.weights[:, i + 1]).any()


def test_a_member_in_a_batch_learns_as_it_does_alone():
    """Guards against members that leak into each other: 100 steps in float32, relative 1e-5."""
    learning_rates = [0.01, 0.03, 0.1]
    together = network(members=3, seed=[7, 3, 7], dtype=torch.float32)
    alone = [network(seed=seed, dtype=torch.float32) for seed in (7, 3, 7)]
    for m, net in enumerate(alone):
        assert torch.equal(net.weights[0], together.weights[m])
        net.biases = together.biases[m : m + 1].clone()
    for step in range(100):
        x, y = randn(8, INPUTS, seed=step), 0.3 * targets("squared_error", 8, seed=step)
        together.learn(x, y, torch.tensor(learning_rates))
        for m, net in enumerate(alone):
            net.learn(x, y, learning_rates[m])
    for m, net in enumerate(alone):
        assert (together.weights[m] - net.weights[0]).norm() <= 1e-5 * net.weights.norm()
        assert (together.biases[m] - net.biases[0]).norm() <= 1e-5 * net.biases.norm()
    assert (together.weights[0] - together.weights[2]).norm() > 0.01


def test_learning_lowers_the_loss():
    """Guards against a learn() that climbs."""
    net = network(loss="cross_entropy")
    x, y = randn(16, INPUTS), targets("cross_entropy", 16)
    losses = [net.learn(x, y, 0.1).loss.item() for _ in range(30)]
    assert losses[-1] < 0.9 * losses[0]
    assert all(after < before for before, after in pairwise(losses))


def test_use_selects_samples():
    """Guards against a mask of samples that is ignored or still counts in the mean."""
    net = network(members=2)
    rates = net.fire(randn(4, INPUTS))
    credits = net.assign_credit(rates, targets("squared_error", 4))
    use = torch.tensor([[True, False, True, False], [False, False, False, False]])
    some = net.plasticity(rates, credits, use)
    alone = net.plasticity(rates[:, [0, 2]], credits[:, [0, 2]])
    torch.testing.assert_close(some.weights[0], alone.weights[0], rtol=1e-13, atol=1e-16)
    torch.testing.assert_close(some.biases[0], alone.biases[0], rtol=1e-13, atol=1e-16)
    assert some.weights[1].eq(0).all()
    with pytest.raises(DataError, match=r"use: got shape \(4,\)"):
        net.plasticity(rates, credits, use[0])


def test_initial_weights():
    """Guards against a wrong variance, or weights where there is no synapse."""
    net = RecurrentNetwork(50, 200, 50, members=2, gain=0.8, seed=1)
    assert net.weights[:, ~net.mask].eq(0).all()
    assert net.weights[:, net.mask].var().item() == pytest.approx(0.8**2 / 300, rel=0.02)
    assert torch.equal(net.weights[1], RecurrentNetwork(50, 200, 50, gain=0.8, seed=2).weights[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"credit": "injected"}, "did you mean 'inject'"),
        ({"unconverged": "ignore"}, "unconverged: got 'ignore'"),
        ({"tolerance": 0}, "tolerance: got 0"),
        ({"max_steps": 0}, "max_steps: got 0"),
        ({"gain": float("nan")}, "gain: got nan"),
        ({"activation": "tanhh"}, "did you mean 'tanh'"),
        ({"members": 1.5}, "members: got 1.5"),
    ],
)
def test_bad_options_are_named(options, message):
    """Guards against an impossible option that fails later with a library's traceback."""
    with pytest.raises(OptionError, match=message):
        RecurrentNetwork(2, 3, 1, **options)


def test_bad_counts_solvers_data_and_weights_are_named():
    """Guards against a library's traceback for data that do not fit the network."""
    with pytest.raises(OptionError, match="outputs: got 0"):
        RecurrentNetwork(2, 3, 0)
    net = RecurrentNetwork(2, 3, 1)
    with pytest.raises(DataError, match=r"x: got shape \(4, 3\), expected \(batch, 2\)"):
        net.fire(torch.ones(4, 3))
    with pytest.raises(DataError, match="x: 1 value is NaN"):
        net.fire([[1.0, float("nan")]])
    rates = net.fire(torch.ones(4, 2))
    with pytest.raises(DataError, match="y: got 3 samples, expected 4"):
        net.assign_credit(rates, torch.ones(3, 1))
    with pytest.raises(OptionError, match="solver: got 'exact'"):
        net.assign_credit(rates, torch.ones(4, 1), solver="exact")
    with pytest.raises(DataError, match=r"weights: got shape \(6, 6\)"):
        net.weights = torch.zeros(6, 6)
    with pytest.raises(DataError, match="where the mask has no synapse"):
        net.weights = torch.ones(1, 6, 6)
