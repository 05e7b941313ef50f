"""Activations sigma of the net input and their derivatives, on tensors of any shape and floating dtype."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ..guard import choice

# Beyond this net input softplus(s) - s is below the rounding of float64; torch's default of 20 is not.
SOFTPLUS_LINEAR_FROM = 40.0


@dataclass(frozen=True)
class Activation:
    """An activation x = sigma(s) with its derivative.

    Attributes
    ----------
    name
        Its name among :data:`ACTIVATIONS`.
    function
        sigma, elementwise: net inputs s to rates of the same shape and dtype.
    derivative
        sigma', elementwise, as a function of the net input s (not of the rate). At a kink it is 0.
    """

    name: str
    function: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor]


def _tanh_derivative(s: Tensor) -> Tensor:
    return 1 - torch.tanh(s).square()


def _sigmoid_derivative(s: Tensor) -> Tensor:
    x = torch.sigmoid(s)
    return x * (1 - x)


def _shifted_sigmoid(s: Tensor) -> Tensor:
    return torch.sigmoid(s) - 0.5


def _relu_derivative(s: Tensor) -> Tensor:
    return (s > 0).to(s.dtype)


def _clipped_relu(s: Tensor) -> Tensor:
    return torch.clamp(s, 0, 1)


def _clipped_relu_derivative(s: Tensor) -> Tensor:
    return ((s > 0) & (s < 1)).to(s.dtype)


def _softplus(s: Tensor) -> Tensor:
    return functional.softplus(s, threshold=SOFTPLUS_LINEAR_FROM)


def _identity(s: Tensor) -> Tensor:
    return s


ACTIVATIONS: dict[str, Activation] = {
    each.name: each
    for each in (
        Activation("tanh", torch.tanh, _tanh_derivative),
        Activation("sigmoid", torch.sigmoid, _sigmoid_derivative),
        Activation("shifted_sigmoid", _shifted_sigmoid, _sigmoid_derivative),
        Activation("relu", torch.relu, _relu_derivative),
        Activation("clipped_relu", _clipped_relu, _clipped_relu_derivative),
        Activation("softplus", _softplus, torch.sigmoid),
        Activation("linear", _identity, torch.ones_like),
    )
}


def activation(name: str) -> Activation:
    """Return the activation of that name.

    ================= =============================== =====================================
    name              sigma(s)                        sigma'(s)
    ================= =============================== =====================================
    tanh              tanh(s)                         1 - tanh(s)^2
    sigmoid           1 / (1 + exp(-s))               sigmoid(s) (1 - sigmoid(s))
    shifted_sigmoid   sigmoid(s) - 1/2                sigmoid(s) (1 - sigmoid(s))
    relu              max(s, 0)                       1 where s > 0, else 0
    clipped_relu      min(max(s, 0), 1)               1 where 0 < s < 1, else 0
    softplus          log(1 + exp(s))                 sigmoid(s)
    linear            s                               1
    ================= =============================== =====================================

    Parameters
    ----------
    name
        One of the names above.

    Raises
    ------
    OptionError
        If the name is another one.

    Notes
    -----
    Fan and Mysore 2024 leave sigma open in algorithm 1; ``shifted_sigmoid``, centred so that a neuron without input is
    silent, is our reading of their shifted sigmoid.

    Examples
    --------
    >>> import torch
    >>> clipped = activation("clipped_relu")
    >>> s = torch.tensor([-1.0, 0.5, 2.0])
    >>> clipped.function(s), clipped.derivative(s)
    (tensor([0.0000, 0.5000, 1.0000]), tensor([0., 1., 0.]))
    """
    return ACTIVATIONS[choice("activation", name, ACTIVATIONS)]
