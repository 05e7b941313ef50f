"""Equation 4: the change of synapses and biases, from what each synapse knows locally."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from .members import rate_per_member

T = TypeVar("T", Tensor, list[Tensor])


@dataclass(frozen=True)
class Update(Generic[T]):
    """Changes of weights and biases at learning rate 1, the mean over a batch.

    Attributes
    ----------
    weights
        As the network's weights: (members, n_post, n_pre), in a list by layer where the network has layers.
    biases
        As the network's biases: (members, n_post), likewise.
    """

    weights: T
    biases: T


@dataclass(frozen=True)
class Learned:
    """What one learning step met.

    Attributes
    ----------
    loss
        Mean loss of the samples used, before the step, (members,); infinite where a member had none to use.
    unconverged
        Samples of each member without an equilibrium of rates or of credits, (members,), int64.
    """

    loss: Tensor
    unconverged: Tensor


def synaptic_change(effective_credits: Tensor, rates: Tensor, samples: Tensor | int) -> Tensor:
    """Mean of ``(c * f(s)) x^T`` over a batch: equation 4 of Fan and Mysore 2024 at learning rate 1.

    Parameters
    ----------
    effective_credits
        c f(s) of the postsynaptic neurons, (members, batch, n_post).
    rates
        Rates x of the presynaptic neurons, (members, batch, n_pre).
    samples
        Count of samples that the mean is over, an int or (members,).

    Returns
    -------
    Tensor
        (members, n_post, n_pre).
    """
    # the mean is taken on the credits: there are fewer of them than synapses
    return torch.bmm((effective_credits / _per_member(samples, 3)).transpose(1, 2), rates)


def bias_change(effective_credits: Tensor, samples: Tensor | int) -> Tensor:
    """Equation 4 for a bias, a synapse from a neuron whose rate is clamped at 1: (members, n_post)."""
    return effective_credits.sum(1) / _per_member(samples, 2)


def from_effective_credits(rates: Sequence[Tensor], effective: Sequence[Tensor]) -> Update[list[Tensor]]:
    """Equation 4 for all layers: what all rules with some credit share.

    Parameters
    ----------
    rates
        Of each layer, (members, batch, n).
    effective
        Effective credits c f(s) of each layer after the first, (members, batch, n_post).
    """
    samples = rates[0].shape[1]
    return Update(
        [synaptic_change(post, pre, samples) for post, pre in zip(effective, rates[:-1], strict=True)],
        [bias_change(post, samples) for post in effective],
    )


def add_scaled(values: Tensor, change: Tensor, learning_rate: Any) -> None:
    """``values += r change`` in place, with one learning rate r or one for each member."""
    r = rate_per_member(learning_rate, values)
    if isinstance(r, float):
        values.add_(change, alpha=r)
    else:
        values.addcmul_(change, _view(r, values.ndim))


def _per_member(count: Tensor | int, ndim: int) -> Tensor | int:
    return count if isinstance(count, int) else _view(count, ndim)


def _view(per_member: Tensor, ndim: int) -> Tensor:
    return per_member.view(-1, *(1,) * (ndim - 1))
