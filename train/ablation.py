"""Ablation: what a network loses, class by class, without some of its neurons."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..guard import DataError, OptionError, counted, finite_array
from .layered import LayeredNetwork
from .recurrent import RecurrentNetwork


@torch.no_grad()
def ablated_loss(
    network: LayeredNetwork | RecurrentNetwork, x: Any, y: Any, neurons: Any = ()
) -> npt.NDArray[np.float64]:
    r"""Mean loss of each class with some neurons silenced: their rates clamped to 0.

    .. math:: L_k = \frac{1}{n_k} \sum_{s: y_s = k} L(x^{out}_s, y_s), \quad x_i = 0 \text{ for silenced } i

    All other neurons settle to the equilibrium that this leaves them. A rate of 0 is what a silenced neuron sends; it
    is not always what a neuron sends that has nothing to say: a sigmoid at rest sends 0.5. Clamping the rate to its
    mean over the data is the usual alternative; it removes what a neuron says about the sample and keeps its drive.

    Parameters
    ----------
    network
        The network, which is left as it is.
    x
        Rates of the input neurons on test data, as for ``fire``.
    y
        Class of each sample, whole numbers, shape (batch,). Under ``squared_error`` the target is 1 for the class's
        output neuron and 0 for the others.
    neurons
        Indices of the silenced neurons, the input layer's first, as in ``WeightGraph.from_layers`` and in a recurrent
        network's weights; empty for the intact network.

    Returns
    -------
    ndarray
        Shape (members, classes), classes as many as output neurons.

    Raises
    ------
    DataError
        If y is not one class for each sample, or a class of the outputs has no sample.
    OptionError
        If an index is not of a neuron, or the network is of another kind.
    EquilibriumError
        If a recurrent network with ``unconverged="raise"`` does not settle without these neurons.

    Examples
    --------
    >>> net = LayeredNetwork([2, 3, 2], loss="cross_entropy", seed=0)
    >>> x, y = [[1.0, 0.0], [0.0, 1.0]], [0, 1]
    >>> ablated_loss(net, x, y, [2, 3, 4]).round(4).tolist()
    [[0.6931, 0.6931]]
    """
    n, count = _neurons(network)
    silenced = _indices(neurons, n)
    outputs = _outputs(_without(network, silenced), x)
    outputs[..., silenced[silenced >= n - count] - (n - count)] = 0.0
    classes = _classes(y, outputs.shape[1], count)
    onehot = torch.nn.functional.one_hot(classes, count)
    target = classes if network.loss.linear_outputs else onehot.to(outputs.dtype)
    losses = network.loss.value(outputs, target.to(outputs.device))
    return (losses.double() @ onehot.to(losses.device).double() / onehot.sum(0).to(losses.device)).cpu().numpy()


def _without(
    network: LayeredNetwork | RecurrentNetwork, silenced: npt.NDArray[np.int64]
) -> LayeredNetwork | RecurrentNetwork:
    """Copy whose silenced neurons send nothing, which for all others is the same as rates of 0."""
    twin = copy.copy(network)
    if isinstance(twin, RecurrentNetwork):
        weights = twin.weights.clone()
        weights[:, :, silenced] = 0.0
        twin.weights = weights
        return twin
    twin.weights = [each.clone() for each in network.weights]
    start = 0
    for block, size in zip(twin.weights, twin.sizes, strict=False):
        own = silenced[(silenced >= start) & (silenced < start + size)] - start
        block[:, :, own] = 0.0
        start += size
    return twin


def _neurons(network: LayeredNetwork | RecurrentNetwork) -> tuple[int, int]:
    """Count of all neurons, and of the output neurons, which are the last."""
    if isinstance(network, RecurrentNetwork):
        return network.n, network.outputs
    if not isinstance(network, LayeredNetwork):
        raise OptionError("network", type(network).__name__, "a LayeredNetwork or a RecurrentNetwork")
    return sum(network.sizes), network.sizes[-1]


def _outputs(network: LayeredNetwork | RecurrentNetwork, x: Any) -> Tensor:
    if isinstance(network, RecurrentNetwork):
        return network.fire(x)[..., -network.outputs :].clone()
    return network.fire(x)[-1].clone()


def _indices(neurons: Any, n: int) -> npt.NDArray[np.int64]:
    given = finite_array("neurons", neurons, ndim=1)
    if given.size and (given.dtype.kind not in "ui" or given.min() < 0 or given.max() >= n):
        raise OptionError("neurons", neurons, f"indices of neurons from 0 to {n - 1}")
    return np.unique(given).astype(np.int64)


def _classes(y: Any, samples: int, outputs: int) -> Tensor:
    given = finite_array("y", y, ndim=1)
    if given.dtype.kind not in "ui" or len(given) != samples:
        raise DataError(
            f"y: got {counted(len(given), 'value')} of type {given.dtype}, expected a class, a whole "
            "number, for each of the"
            f" {counted(samples, 'sample')}"
        )
    if given.min() < 0 or given.max() >= outputs:
        raise DataError(f"y: got classes from {given.min()} to {given.max()}, expected 0 to {outputs - 1}")
    counts = np.bincount(given, minlength=outputs)
    if not counts.all():
        raise DataError(f"y: class {int(np.argmin(counts))} has no sample, expected some of each of the {outputs}")
    return torch.from_numpy(given.astype(np.int64))
