"""Activations in place, and effective credits from the rates alone: the elementwise part of a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..activations import Activation


@dataclass(frozen=True)
class InPlace:
    """An activation that works in place.

    Attributes
    ----------
    fire
        Turns net inputs s into rates x = sigma(s).
    weigh
        Turns credits c into effective credits c sigma'(s), given the rates and a scratch tensor of the same shape:
        of every activation here sigma'(s) is a function of sigma(s).
    """

    fire: Callable[[Tensor], object]
    weigh: Callable[[Tensor, Tensor, Tensor], object]


def in_place(activation: Activation) -> InPlace:
    """Return the activation's :class:`InPlace`; its values are those of :class:`Activation` up to rounding."""
    return IN_PLACE[activation.name]


def _tanh(s: Tensor) -> None:
    if s.device.type == "cpu":
        # NumPy's is as exact as torch's and several times as fast
        values = s.numpy()
        np.tanh(values, out=values)
    else:
        s.tanh_()


def _shifted_sigmoid(s: Tensor) -> None:
    s.sigmoid_().sub_(0.5)


def _softplus(s: Tensor) -> None:
    # max(s, 0) + log(1 + exp(-|s|))
    s.copy_(s.abs().neg_().exp_().log1p_().add_(s.clamp(min=0)))


def _weigh_tanh(c: Tensor, x: Tensor, scratch: Tensor) -> None:
    c.addcmul_(torch.mul(c, x, out=scratch), x, value=-1)


def _weigh_sigmoid(c: Tensor, x: Tensor, scratch: Tensor) -> None:
    torch.addcmul(torch.mul(c, x, out=scratch), scratch, x, value=-1, out=c)


def _weigh_shifted_sigmoid(c: Tensor, x: Tensor, scratch: Tensor) -> None:
    # sigmoid (1 - sigmoid) = 1/4 - x^2
    torch.mul(c, x, out=scratch)
    c.mul_(0.25).addcmul_(scratch, x, value=-1)


def _weigh_relu(c: Tensor, x: Tensor, scratch: Tensor) -> None:
    c.mul_(torch.sign(x, out=scratch))


def _weigh_clipped_relu(c: Tensor, x: Tensor, scratch: Tensor) -> None:
    # x (1 - x) is above 0 between the kinks and 0 beyond
    c.mul_(torch.addcmul(x, x, x, value=-1, out=scratch).sign_())


def _weigh_softplus(c: Tensor, x: Tensor, scratch: Tensor) -> None:
    # sigmoid(s) = 1 - exp(-softplus(s))
    c.mul_(torch.neg(x, out=scratch).expm1_().neg_())


def _unchanged(*_: Tensor) -> None:
    pass


LINEAR = InPlace(_unchanged, _unchanged)
IN_PLACE: dict[str, InPlace] = {
    "tanh": InPlace(_tanh, _weigh_tanh),
    "sigmoid": InPlace(Tensor.sigmoid_, _weigh_sigmoid),
    "shifted_sigmoid": InPlace(_shifted_sigmoid, _weigh_shifted_sigmoid),
    "relu": InPlace(Tensor.relu_, _weigh_relu),
    "clipped_relu": InPlace(lambda s: s.clamp_(0, 1), _weigh_clipped_relu),
    "softplus": InPlace(_softplus, _weigh_softplus),
    "linear": LINEAR,
}
