"""What is measured on layered networks between steps: outputs, balance of excitation and inhibition, credits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..activations import Activation
from ..losses import Loss
from .alignment import aligned
from .in_place import in_place
from .measuring import imbalance, probe_means


@torch.no_grad()
def layered_outputs(
    weights: Sequence[Tensor], biases: Sequence[Tensor], x: Tensor, *, activation: Activation, loss: Loss
) -> Tensor:
    """Rates of the output neurons, (members, samples, n_out).

    Parameters
    ----------
    weights, biases
        Of each layer, (members, post, pre) and (members, post, 1).
    x
        Inputs, (members, samples, n_in).
    activation, loss
        Of all members.
    """
    sigma, rates = in_place(activation), x.mT
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        rates = torch.baddbmm(b, w, rates)
        if layer < len(weights) - 1 or not loss.linear_outputs:
            sigma.fire(rates)
    return rates.mT


@torch.no_grad()
def layered_probe(
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    x: Tensor,
    y: Tensor,
    *,
    samples: int,
    activation: Activation,
    loss: Loss,
) -> Tensor:
    """Imbalance of excitation and inhibition, mean balance and credit norm of the hidden neurons, (members, 3).

    Defined in :class:`~creditgraph.train.sweeps.result.SweepResult`; of the output neurons where no layer is hidden.

    Parameters
    ----------
    weights, biases, x, activation, loss
        As for :func:`layered_outputs`.
    y
        Targets of the loss.
    samples
        How many of the samples count, the first ones.
    """
    last, sigma = len(weights) - 1, in_place(activation)
    rates, balances, imbalances = [x.mT], [], []
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        net = torch.baddbmm(b, w, rates[-1])
        imbalances.append(imbalance(net, torch.baddbmm(b.abs(), aligned(w.abs()), rates[-1].abs())))
        balances.append(torch.ones_like(net))
        if layer < last or not loss.linear_outputs:
            sigma.fire(net)
            sigma.weigh(balances[-1], net, torch.empty_like(net))
        rates.append(net)
    credits = [loss.clamp(rates[-1].mT, y).mT]
    for layer in range(last, 0, -1):
        credits.insert(0, torch.bmm(weights[layer].mT, credits[0] * balances[layer]))
    watched = slice(0, max(last, 1))
    return probe_means(*([each[:, :, :samples] for each in kind[watched]] for kind in (imbalances, balances, credits)))
