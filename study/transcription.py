"""Equations 1 to 4 of Fan and Mysore 2024 written down once more, one sample at a time, to check the networks against.

Nothing here comes from creditgraph.train, so that a wrong formula there cannot agree with itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Elementwise = Callable[[Tensor], Tensor]

SIGMAS: dict[str, Elementwise] = {
    "tanh": torch.tanh,
    "sigmoid": lambda s: 1 / (1 + torch.exp(-s)),
    "shifted_sigmoid": lambda s: 1 / (1 + torch.exp(-s)) - 0.5,
    "relu": torch.relu,
    "clipped_relu": lambda s: functional.hardtanh(s, 0.0, 1.0),
    "softplus": lambda s: torch.logaddexp(s, torch.zeros_like(s)),
    "linear": lambda s: s,
}


def bell(balance: str, activation: str, width: float) -> Elementwise:
    """The balance function f of that name and width, by formulas of its own; the derivative by autograd."""
    middle = 0.5 if activation == "clipped_relu" else 0.0
    if balance == "gaussian":
        return lambda s: torch.pow(math.e, -((s - middle) ** 2) / (2 * width**2))
    if balance == "boxcar":
        return lambda s: torch.heaviside(width - (s - middle).abs(), torch.zeros_like(s))
    scale = width if balance == "widened_derivative" else 1.0

    def derivative(s: Tensor) -> Tensor:
        with torch.enable_grad():
            at = (s / scale).detach().requires_grad_()
            return torch.autograd.grad(SIGMAS[activation](at).sum(), at)[0]

    return derivative


def output_clamp(loss: str, outputs: Tensor, y: Tensor) -> Tensor:
    """-dL/dx of the outputs for one sample, (outputs,)."""
    if loss == "squared_error":
        return y - outputs
    probabilities = torch.exp(outputs - outputs.max())
    error = -probabilities / probabilities.sum()
    error[int(y)] += 1
    return error


def layered_update(
    weights: list[Tensor], biases: list[Tensor], x: Tensor, y: Tensor, *, activation: str, f: Elementwise, loss: str
) -> list[Tensor]:
    """Mean changes of all weights, then of all biases, of one network of layers; weights are (post, pre)."""
    last = len(weights) - 1
    changes = [torch.zeros_like(each) for each in (*weights, *biases)]
    for sample, target in zip(x, y, strict=True):
        rates, balances = [sample], []
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            s = w @ rates[-1] + b
            linear = layer == last and loss == "cross_entropy"
            rates.append(s if linear else SIGMAS[activation](s))
            balances.append(torch.ones_like(s) if linear else f(s))
        credit = output_clamp(loss, rates[-1], target)
        for layer in range(last, -1, -1):
            effective = credit * balances[layer]
            changes[layer] += torch.outer(effective, rates[layer]) / len(x)
            changes[last + 1 + layer] += effective / len(x)
            credit = weights[layer].T @ effective
    return changes


def recurrent_update(
    weights: Tensor,
    biases: Tensor,
    mask: Tensor,
    x: Tensor,
    y: Tensor,
    *,
    outputs: int,
    activation: str,
    f: Elementwise,
    loss: str,
    credit: str,
    steps: int,
) -> list[Tensor]:
    """Mean changes of the weights and of the biases of one network, all neurons in one vector, after so many steps."""
    n, inputs = weights.shape[0], x.shape[1]
    last = slice(n - outputs, n)
    changes = [torch.zeros_like(weights), torch.zeros_like(biases)]
    for sample, target in zip(x, y, strict=True):
        rates = torch.zeros(n, dtype=weights.dtype)
        for _ in range(steps):
            rates[:inputs] = sample
            s = weights @ rates + biases
            rates = SIGMAS[activation](s)
            if loss == "cross_entropy":
                rates[last] = s[last]
        rates[:inputs] = sample
        balances = f(weights @ rates + biases).clone()
        if loss == "cross_entropy":
            balances[last] = 1.0
        error = output_clamp(loss, rates[last], target)
        credits = torch.zeros(n, dtype=weights.dtype)
        for _ in range(steps):
            credits = weights.T @ (credits * balances)
            credits[last] = error + (credits[last] if credit == "inject" else 0.0)
        effective = credits * balances
        effective[:inputs] = 0.0
        changes[0] += torch.outer(effective, rates) * mask / len(x)
        changes[1] += effective / len(x)
    return changes
