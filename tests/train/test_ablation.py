from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import LayeredNetwork, RecurrentNetwork, ablated_loss

SIZES = [5, 7, 6, 3]


def data(features: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    y = np.append(np.arange(classes), generator.integers(0, classes, 17))
    return generator.normal(size=(len(y), features)), y


def loss_of(outputs: np.ndarray, y: np.ndarray, loss: str) -> np.ndarray:
    """Mean loss of each class, from the formulas."""
    onehot = np.eye(outputs.shape[1])[y]
    if loss == "squared_error":
        each = 0.5 * ((onehot - outputs) ** 2).sum(1)
    else:
        each = np.log(np.exp(outputs).sum(1)) - (onehot * outputs).sum(1)
    return np.array([each[y == k].mean() for k in range(outputs.shape[1])])


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
@pytest.mark.parametrize("neurons", [[], [5, 6, 12], [0, 3], [4, 5, 17, 19]])
def test_layered_equals_a_loop_with_rates_of_zero(loss: str, neurons: list[int]) -> None:
    """Fails when a silenced neuron still sends, another one is silenced, or classes are averaged otherwise."""
    net = LayeredNetwork(SIZES, loss=loss, members=2, seed=1, dtype=torch.float64)
    net.biases = [torch.randn_like(each) for each in net.biases]
    x, y = data(5, 3)
    found = ablated_loss(net, x, y, neurons)
    assert found.shape == (2, 3)
    for member in range(2):
        start, rates = 0, x
        for layer, size in enumerate(SIZES):
            if layer:
                net_input = rates @ net.weights[layer - 1][member].numpy().T + net.biases[layer - 1][member].numpy()
                linear = loss == "cross_entropy" and layer == len(SIZES) - 1
                rates = net_input if linear else np.tanh(net_input)
            rates = rates.copy()
            rates[:, [neuron - start for neuron in neurons if start <= neuron < start + size]] = 0.0
            start += size
        assert found[member] == pytest.approx(loss_of(rates, y, loss), abs=1e-12)


@pytest.mark.parametrize("neurons", [[], [3, 4], [0, 9], [10, 11]])
def test_recurrent_equals_an_iteration_with_rates_of_zero(neurons: list[int]) -> None:
    """Fails when a silenced neuron of a recurrent network sends while the others settle."""
    net = RecurrentNetwork(3, 7, 2, seed=2, dtype=torch.float64, gain=0.8)
    net.biases[:] = torch.randn(1, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x, y = data(3, 2)
    weights, bias = net.weights[0].numpy(), net.biases[0].numpy()
    rates = np.hstack([x, np.zeros((len(x), 9))])
    for _ in range(500):
        rates[:, neurons] = 0.0
        rates[:, 3:] = np.tanh(rates @ weights.T + bias)[:, 3:]
    rates[:, neurons] = 0.0
    assert ablated_loss(net, x, y, neurons)[0] == pytest.approx(loss_of(rates[:, 10:], y, "squared_error"), abs=1e-9)


def test_the_network_is_left_as_it_is() -> None:
    """Fails when an ablation lasts."""
    x, y = data(5, 3)
    for net in (LayeredNetwork(SIZES, seed=1), RecurrentNetwork(5, 4, 3, seed=1)):
        before = [each.clone() for each in ([net.weights] if isinstance(net.weights, torch.Tensor) else net.weights)]
        intact = ablated_loss(net, x, y)
        ablated = ablated_loss(net, x, y, [0, 6])
        assert (ablated != intact).any()
        assert (ablated_loss(net, x, y) == intact).all()
        after = [net.weights] if isinstance(net.weights, torch.Tensor) else net.weights
        assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_class_without_samples_is_told() -> None:
    """Fails when the mean of nothing is NaN, or labels that are none get a traceback of torch."""
    net = LayeredNetwork(SIZES, seed=1)
    x, y = data(5, 3)
    with pytest.raises(DataError, match="class 2 has no sample"):
        ablated_loss(net, x[y < 2], y[y < 2])
    with pytest.raises(DataError, match="got classes from 0 to 3, expected 0 to 2"):
        ablated_loss(net, x, np.append(y[1:], 3))
    with pytest.raises(DataError, match="got 3 values of type"):
        ablated_loss(net, x, [0, 1, 2])
    with pytest.raises(DataError, match="whole number"):
        ablated_loss(net, x, y + 0.5)
    with pytest.raises(OptionError, match="neurons: got \\[21\\], expected indices of neurons from 0 to 20"):
        ablated_loss(net, x, y, [21])
    with pytest.raises(OptionError, match="network: got 'int', expected a LayeredNetwork"):
        ablated_loss(3, x, y)
    with pytest.raises(DataError, match="x: got shape"):
        ablated_loss(net, x[:, :4], y)
