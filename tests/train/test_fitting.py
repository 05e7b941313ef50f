"""What belongs to another network is refused before anything changes, and what a notebook hands on is taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import LayeredNetwork, RecurrentNetwork
from creditgraph.train.plasticity import Update

X = torch.rand(4, 3, generator=torch.Generator().manual_seed(0))
Y = torch.rand(4, 2, generator=torch.Generator().manual_seed(1))


def update_of(net: LayeredNetwork) -> Update[list[torch.Tensor]]:
    rates = net.fire(X)
    return net.plasticity(rates, net.assign_credit(rates, Y))


@pytest.mark.parametrize(
    "other",
    [
        LayeredNetwork([3, 1, 2]),
        LayeredNetwork([3, 5, 2], dtype=torch.float64),
        LayeredNetwork([3, 5, 2], members=2),
        LayeredNetwork([3, 5, 5, 2]),
    ],
    ids=["broadcast", "dtype", "members", "layers"],
)
def test_an_update_of_another_network_changes_nothing(other):
    """Guards against a change that is broadcast, or made in part before a library complains."""
    net = LayeredNetwork([3, 5, 2])
    before = [each.clone() for each in [*net.weights, *net.biases]]
    with pytest.raises(DataError, match=r"^update: got "):
        net.apply(update_of(other), 0.1)
    for was, now in zip(before, [*net.weights, *net.biases], strict=True):
        assert torch.equal(was, now)


def test_an_update_off_the_mask_changes_nothing():
    """Guards against synapses that the mask does not have."""
    net, dense = RecurrentNetwork(3, 5, 2, mask="layered"), RecurrentNetwork(3, 5, 2)
    rates = dense.fire(X)
    before = net.weights.clone()
    with pytest.raises(DataError, match="update: changes synapses where the mask has none"):
        net.apply(dense.plasticity(rates, dense.assign_credit(rates, Y)), 0.1)
    assert torch.equal(before, net.weights)


def test_rates_and_credits_of_another_network_are_refused():
    """Guards against torch's own errors, and against changes from what another network did."""
    net, other = LayeredNetwork([3, 5, 2]), LayeredNetwork([3, 6, 2])
    rates, strange = net.fire(X), other.fire(X)
    credits = net.assign_credit(rates, Y)
    for refused in (
        lambda: net.assign_credit(strange, Y),
        lambda: net.step_rates(strange),
        lambda: net.step_credits(strange, credits),
        lambda: net.step_credits(rates, other.assign_credit(strange, Y)),
        lambda: net.plasticity(strange, credits),
        lambda: net.plasticity(rates, other.assign_credit(strange, Y)),
        lambda: net.plasticity(rates, None),  # type: ignore[arg-type]
        lambda: net.assign_credit([each.numpy() for each in rates], Y),
    ):
        with pytest.raises(DataError, match=r"^(rates|credits): got "):
            refused()
    recurrent = RecurrentNetwork(3, 5, 2)
    settled = recurrent.fire(X)
    for given in (settled.numpy(), settled.double(), settled[..., 1:]):
        with pytest.raises(DataError, match=r"^rates: got "):
            recurrent.assign_credit(given, Y)
        with pytest.raises(DataError, match=r"^rates: got "):
            recurrent.plasticity(given, settled)


def test_rates_that_were_fired_cannot_be_replaced():
    """Guards against credits from net inputs that are not those of the rates."""
    net = LayeredNetwork([3, 5, 2])
    rates = net.fire(X)
    with pytest.raises(DataError, match=r"change a copy, list\(rates\)"):
        rates[1] = rates[1] * 0
    # of a copy the net inputs are computed anew: c0 = W1^T (W2^T (e f(s2)) f(s1)), with s2 from no rates
    changed = list(rates)
    changed[1] = rates[1] * 0
    first, second = (weights[0] for weights in net.weights)
    slopes = [1 - torch.tanh(s) ** 2 for s in (X @ first.T, torch.zeros(4, 2))]
    expected = (((Y - rates[-1][0]) * slopes[1]) @ second * slopes[0]) @ first
    torch.testing.assert_close(net.assign_credit(changed, Y)[0][0], expected)


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series([0, 1, 0, 1], index=[7, 2, 9, 4]),
        np.array([1, 0, 1, 0])[::-1],
        np.array([0, 1, 0, 1], dtype=">i8"),
        np.array([0, 1, 0, 1], dtype=np.uint8),
        [0, 1, 0, 1],
    ],
    ids=["pandas", "reversed", "big-endian", "unsigned", "list"],
)
def test_classes_may_be_any_whole_numbers(labels):
    """Guards against labels, as others split them, that are said to be no whole numbers."""
    options = {"loss": "cross_entropy", "seed": 3}
    net, same = LayeredNetwork([3, 5, 2], **options), LayeredNetwork([3, 5, 2], **options)
    found, expected = net.learn(X, labels, 0.1), same.learn(X, torch.tensor([0, 1, 0, 1]), 0.1)
    assert torch.equal(found.loss, expected.loss)
    assert torch.equal(net.weights[0], same.weights[0])


def test_learning_rates_and_seeds_may_be_lists_and_arrays():
    """Guards against a list that is refused where a tensor is taken."""
    for given in ([0.1, 0.2], np.array([0.1, 0.2]), torch.tensor([0.1, 0.2])):
        net = LayeredNetwork([3, 5, 2], members=2, seed=np.array([4, 7]))
        net.learn(X, Y, given)
        alone = LayeredNetwork([3, 5, 2], seed=7)
        alone.learn(X, Y, 0.2)
        torch.testing.assert_close(net.weights[0][1], alone.weights[0][0])
    net = LayeredNetwork([3, 5, 2])
    for wrong in (1e39, [0.1, 0.2], -1.0):
        with pytest.raises(OptionError, match="learning_rate"):
            net.learn(X, Y, wrong)


def test_sparse_inputs_and_balances_of_ones_own_are_looked_at():
    """Guards against a screenful of another library, and against NaN in the weights beside a finite loss."""
    with pytest.raises(DataError, match="x: got a sparse tensor"):
        LayeredNetwork([3, 5, 2]).fire(X.to_sparse())
    for function, message in (
        (torch.log, "NaN or infinity for a finite net input"),
        (lambda s: s[:, :1], "expected a tensor of"),
        (lambda s: 1.0, "the function gave float"),
        (lambda s: s.double(), "the function gave torch.float64"),
    ):
        net = LayeredNetwork([3, 5, 2], balance=function)  # type: ignore[arg-type]
        before = net.weights[0].clone()
        with pytest.raises(DataError, match=f"balance: .*{message}"):
            net.learn(X, Y, 0.1)
        assert torch.equal(net.weights[0], before)
    with pytest.raises(OptionError, match="balance_width"):
        LayeredNetwork([3, 5, 2], balance="gaussian", balance_width=1e-300)


def test_samples_that_count_may_be_an_array():
    """Guards against a message that says that one type was given and the same expected."""
    net = RecurrentNetwork(3, 5, 2)
    rates = net.fire(X)
    credits = net.assign_credit(rates, Y)
    use = np.array([[True, False, True, True]])
    found = net.plasticity(rates, credits, use=use)
    torch.testing.assert_close(found.weights, net.plasticity(rates, credits, use=torch.tensor(use)).weights)


def test_direct_credits_of_many_neurons_in_single_precision():
    """Guards against rounding that is taken for a missing solution, where iteration finds one."""
    x, y = (torch.randn(3, n, generator=torch.Generator().manual_seed(n)) for n in (60, 10))
    for seed in range(3):
        net = RecurrentNetwork(60, 430, 10, seed=seed)
        rates = net.fire(x)
        direct = net.assign_credit(rates, y, solver="direct")
        torch.testing.assert_close(direct, net.assign_credit(rates, y), rtol=1e-4, atol=1e-5)
