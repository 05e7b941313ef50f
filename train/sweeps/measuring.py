"""What is measured on the networks of a sweep between steps, whatever their kind: losses, accuracies and means."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..losses import Loss
from ..members import sums_dtype
from .data import SweepData

MEASURED = ("loss", "accuracy")
PROBED = ("ei_imbalance", "mean_balance", "credit_norm")
PROBE = slice(0, 256)
MEASURED_AT_ONCE = 512


def losses_and_accuracies(
    data: SweepData, parts: Sequence[str], seeds: Tensor, *, loss: Loss, outputs: Callable[[Tensor], Tensor]
) -> Tensor:
    """Mean loss and accuracy on some parts of the data, by part, (members, 2 * parts), float64 where it can be.

    Parameters
    ----------
    data, parts
        The samples, and which of their parts to measure on.
    seeds
        Index of the seed of each member, (members,), on the CPU.
    loss
        Of all members.
    outputs
        Rates of the output neurons, (members, samples, n_out), from inputs, (members, samples, n_in).
    """
    columns: list[Tensor] = []
    for part in parts:
        samples = data.samples[part]
        value = correct = torch.zeros((), dtype=sums_dtype(data.inputs.device), device=data.inputs.device)
        for first in range(0, samples, MEASURED_AT_ONCE):
            x, targets, classes = data.some(part, seeds, slice(first, first + MEASURED_AT_ONCE))
            rates = outputs(x)
            own = slice(0, samples - first)
            values = loss.value(rates, classes if loss.linear_outputs else targets)
            value = value + values[:, own].sum(1, dtype=value.dtype)
            correct = correct + (rates.argmax(-1) == classes)[:, own].sum(1)
        columns += [value / samples, correct / samples]
    return torch.stack(columns, 1)


def imbalance(net: Tensor, total: Tensor) -> Tensor:
    """|E - I| / (E + I) from s = E - I and E + I; 0 where there is no input."""
    return net.abs().div_(total.clamp_(min=torch.finfo(total.dtype).tiny))


def probe_means(imbalances: Sequence[Tensor], balances: Sequence[Tensor], credits: Sequence[Tensor]) -> Tensor:
    """Means over neurons and samples, the credits' as a root mean square: (members, 3), float64 where it can be.

    Parameters
    ----------
    imbalances, balances, credits
        Of groups of neurons, (members, ..., ...) each.
    """
    squares = [each.square() for each in credits]
    dtype = sums_dtype(credits[0].device)
    sums = [sum(each.flatten(1).sum(1, dtype=dtype) for each in kind) for kind in (imbalances, balances, squares)]
    imbalanced, balanced, squared = (torch.as_tensor(each) / sum(each[0].numel() for each in credits) for each in sums)
    return torch.stack([imbalanced, balanced, squared.sqrt()], 1)
