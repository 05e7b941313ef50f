from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from creditgraph.guard import CreditgraphError
from creditgraph.train.equilibrium import EquilibriumError, EquilibriumWarning
from creditgraph.train.recurrent import RecurrentNetwork

sys.path.insert(0, str(Path(__file__).parent))
from recurrent_networks import INPUTS, OUTPUTS, network, randn, targets


def half_settled(**options):
    """Oscillates for inputs of 1 (a strong inhibitory loop, off its kink), rests for inputs of -1."""
    net = RecurrentNetwork(1, 2, 1, activation="relu", dtype=torch.float64, max_steps=50, **options)
    weights = torch.zeros(1, 4, 4, dtype=torch.float64)
    weights[0, 1, 0] = 1.0
    weights[0, 1, 2] = -2.0
    weights[0, 2, 1] = 2.0
    weights[0, 3, 1] = 1.0
    net.weights = weights
    return net


X, Y = [[-1.0], [1.0]], [[1.0], [1.0]]


def test_raise_names_the_count_and_changes_nothing():
    """Guards against learning from samples without an equilibrium under the default policy."""
    net = half_settled()
    before = net.weights.clone()
    with pytest.raises(EquilibriumError, match=r"1 of 2 samples found no equilibrium of the rates in at most 50 steps"):
        net.learn(X, Y, 0.1)
    with pytest.raises(CreditgraphError):
        net.fire(X, report=True)
    assert torch.equal(net.weights, before)


def test_skip_learns_from_the_others_alone():
    """Guards against a skipped sample that still weighs in the mean or the loss, or goes uncounted."""
    net, alone = half_settled(unconverged="skip"), half_settled()
    net.biases[:, 3] = alone.biases[:, 3] = 0.5
    learned = net.learn(X, Y, 0.1)
    assert learned.unconverged.tolist() == [1]
    assert learned.loss.tolist() == [0.125]
    expected = alone.learn(X[:1], Y[:1], 0.1)
    assert expected.loss.tolist() == [0.125]
    assert torch.equal(net.weights, alone.weights)
    assert torch.equal(net.biases, alone.biases)
    assert net.biases[0, 3].item() == 0.55


def test_skip_of_all_samples_changes_nothing():
    """Guards against a division by zero samples."""
    net = half_settled(unconverged="skip")
    before = net.weights.clone()
    learned = net.learn(X[1:], Y[1:], 0.1)
    assert learned.unconverged.tolist() == [1]
    assert learned.loss.tolist() == [torch.inf]
    assert torch.equal(net.weights, before)


def test_keep_uses_them_and_counts_them():
    """Guards against a policy keep that is skip."""
    net, skip = half_settled(unconverged="keep"), half_settled(unconverged="skip")
    net.biases[:, 3] = skip.biases[:, 3] = 0.5
    assert net.learn(X, Y, 0.1).unconverged.tolist() == [1]
    skip.learn(X, Y, 0.1)
    assert not torch.equal(net.weights, skip.weights)
    assert torch.isfinite(net.weights).all()


@pytest.mark.parametrize("policy", ["skip", "keep"])
def test_no_policy_uses_samples_that_ran_away(policy):
    """Guards against infinity or NaN in the weights: a positive linear loop of gain 10 grows beyond all numbers."""
    net = RecurrentNetwork(1, 2, 1, activation="linear", unconverged=policy)
    weights = torch.zeros(1, 4, 4)
    weights[0, 1, 0] = weights[0, 3, 1] = 1.0
    weights[0, 1, 2] = weights[0, 2, 1] = 10.0
    net.weights = weights
    learned = net.learn(X, Y, 0.1)
    assert learned.unconverged.tolist() == [2]
    assert learned.loss.tolist() == [torch.inf]
    assert torch.equal(net.weights, weights)


def test_a_caller_without_the_report_is_warned():
    """Guards against unsettled rates that pass for an equilibrium."""
    net = half_settled(unconverged="skip")
    with pytest.warns(EquilibriumWarning, match="1 of 2 samples") as caught:
        rates = net.fire(X)
    assert caught[0].filename == __file__
    assert torch.isfinite(rates).all()
    _, report = net.fire(X, report=True)
    assert report.converged.tolist() == [[True, False]]


def test_credits_without_rest_have_an_equilibrium_all_the_same():
    """Guards against a direct solve that fails where the dynamics do: a balance of 9 makes J expand."""
    net = network(balance=lambda s: torch.full_like(s, 9.0), unconverged="skip")
    rates, y = net.fire(randn(3, INPUTS)), targets("squared_error", 3)
    with pytest.warns(EquilibriumWarning, match="3 of 3 samples found no equilibrium of the credits"):
        net.assign_credit(rates, y)
    credits, report = net.assign_credit(rates, y, solver="direct", report=True)
    assert report.converged.all()
    injected = torch.zeros_like(credits)
    injected[..., -OUTPUTS:] = y - rates[..., -OUTPUTS:]
    torch.testing.assert_close(9 * credits @ net.weights + injected - credits, injected * 0, rtol=0, atol=1e-10)
