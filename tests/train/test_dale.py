from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.dale import NON_NEGATIVE, DaleLaw, dale_signs, project
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.recurrent import RecurrentNetwork

GENERATOR = torch.Generator().manual_seed(4)
X = torch.rand(6, 5, generator=GENERATOR, dtype=torch.float64)
Y = torch.rand(6, 3, generator=GENERATOR, dtype=torch.float64)
SIGMAS = {
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "clipped_relu": lambda s: s.clamp(0, 1),
    "softplus": torch.nn.functional.softplus,
}


def network(activation="sigmoid", loss="squared_error"):
    return LayeredNetwork([5, 10, 3], activation=activation, loss=loss, members=3, dtype=torch.float64)


@pytest.mark.parametrize("activation", NON_NEGATIVE)
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_learning_is_projected_gradient_descent(activation, loss):
    """Guards against a projection at the wrong place, and a sign on the wrong side of the synapse, over 20 steps."""
    net = network(activation, loss)
    dale = DaleLaw(net, inhibitory=0.4)
    targets = Y if loss == "squared_error" else Y.argmax(1)
    weights, biases = [w.clone() for w in net.weights], [b.clone() for b in net.biases]
    projected = 0
    for _ in range(20):
        dale.learn(X, targets, 0.5)
        leaves = [each.requires_grad_() for each in [*weights, *biases]]
        hidden = SIGMAS[activation](X @ leaves[0].mT + leaves[2][:, None])
        s = hidden @ leaves[1].mT + leaves[3][:, None]
        if loss == "squared_error":
            value = 0.5 * (Y - SIGMAS[activation](s)).square().sum() / 6
        else:
            value = torch.nn.functional.cross_entropy(s.reshape(-1, 3), targets.repeat(3), reduction="sum") / 6
        gradients = torch.autograd.grad(value, leaves)
        stepped = [(old - 0.5 * g).detach() for old, g in zip(leaves, gradients, strict=True)]
        weights, biases = [], stepped[2:]
        for w, signs in zip(stepped[:2], dale.signs, strict=True):
            kept = torch.empty_like(w)
            for j in range(w.shape[2]):
                for m in range(3):
                    kept[m, :, j] = w[m, :, j].clamp(min=0) if signs[m, j] > 0 else w[m, :, j].clamp(max=0)
            projected += int((kept != w).sum())
            weights.append(kept)
    for got, expected in zip([*net.weights, *net.biases], [*weights, *biases], strict=True):
        assert torch.allclose(got, expected, rtol=1e-11, atol=1e-13)
    assert projected > 0
    assert dale.broken() == 0


def test_recurrent_networks_obey_too():
    """Guards against a law that knows layers only."""
    net = RecurrentNetwork(5, 8, 3, activation="clipped_relu", members=2, dtype=torch.float64, gain=0.3)
    dale = DaleLaw(net, inhibitory=0.25)
    for _ in range(30):
        dale.learn(X, Y, 0.3)
        assert dale.broken() == 0
    assert ((net.weights == 0) & net.mask).any()
    assert (net.weights[:, ~net.mask] == 0).all()
    table = dale.balance(X)
    assert table["layer"].tolist() == [1, 1]


def test_signs_are_drawn_by_seed():
    """Guards against a share that is off, and draws that depend on the other members."""
    for share, count in ((0.0, 0), (0.2, 4), (0.25, 5), (1.0, 20)):
        assert int((dale_signs(20, share, seed=3) < 0).sum()) == count
    assert not torch.equal(dale_signs(20, 0.5, seed=1), dale_signs(20, 0.5, seed=2))
    both = DaleLaw(LayeredNetwork([5, 10, 3], activation="relu", members=2, seed=7))
    alone = DaleLaw(LayeredNetwork([5, 10, 3], activation="relu", members=1, seed=8))
    for many, one in zip([*both.signs, *both.network.weights], [*alone.signs, *alone.network.weights], strict=True):
        assert torch.equal(many[1], one[0])


def test_initial_weights_keep_their_sizes_and_balance():
    """Guards against initial weights that are redrawn, or inhibition that is not scaled to excitation."""
    plain = network()
    net = network()
    dale = DaleLaw(net, inhibitory=0.2)
    for w, before, signs in zip(net.weights, plain.weights, dale.signs, strict=True):
        size = w.abs() / before.abs()
        inhibitory = (signs < 0).unsqueeze(1).expand_as(w)
        assert torch.allclose(size[~inhibitory], torch.ones(()).double())
        assert torch.allclose(size[inhibitory], torch.full((), 4.0).double())


def test_excitation_less_inhibition_is_the_net_input():
    """Guards against inputs assigned to the wrong population."""
    net = network()
    net.biases = [each + 0.3 for each in net.biases]
    dale = DaleLaw(net, inhibitory=0.3)
    rates = net.fire(X)
    for (e, i), s, b in zip(dale.inputs(rates), rates.net_inputs, net.biases, strict=True):
        assert torch.allclose(e - i + b[:, None], s, atol=1e-13)
        assert (e >= 0).all()
        assert (i >= 0).all()
        assert float(i.max()) > 0
    table = dale.balance(X)
    e, i = dale.inputs(rates)[0]
    row = table[(table["layer"] == 1) & (table["seed"] == 2)].iloc[0]
    assert row["difference"] == pytest.approx(float((e - i)[2].mean()))
    assert row["ratio"] == pytest.approx(float(e[2].mean() / i[2].mean()))
    expected = np.corrcoef(e[2].flatten(), i[2].flatten())[0, 1]
    assert row["correlation"] == pytest.approx(expected)


def test_a_population_may_be_missing():
    """Guards against a division by a population of none."""
    for share in (0.0, 1.0):
        dale = DaleLaw(network(), inhibitory=share)
        assert all(bool(torch.isfinite(each).all()) for each in dale.network.weights)
        dale.learn(X, Y, 0.1)
        assert dale.balance(X)["ratio"].isna().all() == (share == 0.0)


@pytest.mark.filterwarnings("error")
def test_a_single_neuron_and_sample_has_no_spread():
    """Guards against NaN, and torch's warnings, where there is one value."""
    found = DaleLaw(LayeredNetwork([1, 1], activation="sigmoid"), inhibitory=0.0).balance(torch.ones(1, 1))
    assert found["spread"].tolist() == [0.0]
    assert found["correlation"].isna().all()


def test_projection_is_the_nearest():
    """Guards against a projection that moves weights which obey."""
    w = torch.tensor([[[0.3, -0.2], [-0.1, 0.4]]])
    assert project(w, torch.tensor([[1.0, -1.0]])).tolist() == torch.tensor([[[0.3, -0.2], [0, 0]]]).tolist()


def test_impossible_networks_are_named():
    """Guards against negative rates, that would turn excitation into inhibition."""
    for activation in ("tanh", "shifted_sigmoid", "linear"):
        with pytest.raises(OptionError, match=f"activation: got '{activation}', expected one of sigmoid"):
            DaleLaw(network(activation))
    with pytest.raises(OptionError, match="loss: got 'cross_entropy'"):
        DaleLaw(RecurrentNetwork(2, 2, 2, activation="relu", loss="cross_entropy"))
    with pytest.raises(OptionError, match="inhibitory: got"):
        DaleLaw(network(), inhibitory=1.5)
    with pytest.raises(DataError, match="x: got rates down to -1"):
        DaleLaw(network()).learn(-torch.ones(6, 5), Y, 0.1)
