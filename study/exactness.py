"""The exactness table: the credit rule's updates against the gradients of automatic differentiation."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from ..guard import whole_number, write_whole
from ..train.layered import LayeredNetwork
from ..train.losses import LOSSES
from ..train.recurrent import RecurrentNetwork

COLUMNS = ("network", "credit", "activation", "loss", "depth", "batch", "error", "bound", "holds")
DEPTHS = (1, 2, 3, 4, 5, 6)
BATCHES = (1, 2, 7, 16, 33, 64)
LAYERED_BOUND = 1e-12
RECURRENT_BOUND = 1e-9
MEMBERS = 2
INPUTS, HIDDEN, OUTPUTS = 4, 9, 3

# Written apart from creditgraph.train, so that a wrong formula there cannot agree with itself.
REFERENCE: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": lambda s: 1 / (1 + torch.exp(-s)),
    "shifted_sigmoid": lambda s: 1 / (1 + torch.exp(-s)) - 0.5,
    "relu": torch.relu,
    "clipped_relu": lambda s: functional.hardtanh(s, 0.0, 1.0),
    "softplus": lambda s: torch.logaddexp(s, torch.zeros_like(s)),
    "linear": lambda s: s,
}

Case = tuple[str, str, str, str, int, int]


def verify(*, seed: int = 0, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Compare the rule's updates with minus the gradient of the mean loss, in float64.

    Layered networks over all activations, losses and 1 to 6 layers of synapses; recurrent networks with injected
    credits, against the gradient through the unrolled iteration to equilibrium; and recurrent networks with clamped
    credits whose outputs have no outgoing synapses. All have non-zero biases, and batches of 1 to 64 samples.

    Parameters
    ----------
    seed
        Seed of the networks and the data.
    progress
        Called after each case with the cases done and the cases in all.

    Returns
    -------
    pandas.DataFrame
        One row a case: ``network`` (layered, recurrent), ``credit`` (layered, inject, clamp), ``activation``, ``loss``,
        ``depth`` (layers of synapses; 0 for recurrent), ``batch``, ``error`` (norm of the difference over the norm of
        the gradient, of the worst tensor of weights or biases; infinite where a gradient is 0, so that nothing holds
        for want of a comparison), ``bound`` and ``holds``.

    Raises
    ------
    OptionError
        If the seed is not a whole number of at least 0.
    """
    first = whole_number("seed", seed, 0)
    cases = list(_cases())
    rows = []
    for index, (network, credit, activation, loss, depth, batch) in enumerate(cases):
        generator = torch.Generator().manual_seed(first + index)
        if network == "layered":
            error = _layered_error(activation, loss, depth, batch, generator)
            bound = LAYERED_BOUND
        else:
            error = _recurrent_error(activation, loss, credit, batch, generator)
            bound = RECURRENT_BOUND
        rows.append((network, credit, activation, loss, depth, batch, error, bound, error <= bound))
        if progress is not None:
            progress(index + 1, len(cases))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def case_count() -> int:
    """Number of cases that :func:`verify` goes through, for a progress bar."""
    return sum(1 for _ in _cases())


def write_verification(table: pd.DataFrame, path: str | os.PathLike[str]) -> Path:
    """Write the table as JSON: ``holds`` (of all rows) and ``rows``; an infinite error becomes null.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    rows = table.to_dict("records")
    for row in rows:
        row["error"] = row["error"] if math.isfinite(row["error"]) else None
    content = {"holds": bool(table["holds"].all()), "rows": rows}
    return write_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def _cases() -> Iterator[Case]:
    for a, activation in enumerate(REFERENCE):
        for k, loss in enumerate(LOSSES):
            for depth in DEPTHS:
                yield "layered", "layered", activation, loss, depth, BATCHES[(a + 3 * k + depth) % len(BATCHES)]
            for m, credit in enumerate(("inject", "clamp")):
                yield "recurrent", credit, activation, loss, 0, BATCHES[(a + 3 * k + m) % len(BATCHES)]


def _layered_error(activation: str, loss: str, depth: int, batch: int, generator: torch.Generator) -> float:
    sizes = [INPUTS, *(HIDDEN + layer for layer in range(depth - 1)), OUTPUTS]
    net = LayeredNetwork(
        sizes, activation=activation, loss=loss, members=MEMBERS, seed=_seed(generator), dtype=torch.float64
    )
    # biases about 1/2 and half the weights keep clipped neurons off their flat parts: no gradient, nothing to compare
    net.weights = [each / 2 for each in net.weights]
    net.biases = [0.5 + 0.1 * torch.randn(each.shape, generator=generator, dtype=each.dtype) for each in net.biases]
    x, y = _data(loss, batch, generator)
    rates = net.fire(x)
    update = net.plasticity(rates, net.assign_credit(rates, y))

    sigmas = [REFERENCE[activation]] * (depth - 1) + [REFERENCE["linear" if loss == "cross_entropy" else activation]]
    weights = [each.clone().requires_grad_() for each in net.weights]
    biases = [each.clone().requires_grad_() for each in net.biases]
    outputs = x.expand(MEMBERS, -1, -1)
    for sigma, w, b in zip(sigmas, weights, biases, strict=True):
        outputs = sigma(outputs @ w.mT + b[:, None])
    gradients = torch.autograd.grad(_mean_loss(loss, outputs, y), [*weights, *biases])
    return _worst_error([*update.weights, *update.biases], gradients)


def _recurrent_error(activation: str, loss: str, credit: str, batch: int, generator: torch.Generator) -> float:
    n = INPUTS + HIDDEN + OUTPUTS
    mask = torch.rand(n, n, generator=generator) < 0.8
    mask[:INPUTS] = False
    if credit == "clamp":
        mask[:, -OUTPUTS:] = False
    net = RecurrentNetwork(
        INPUTS,
        HIDDEN,
        OUTPUTS,
        activation=activation,
        loss=loss,
        credit=credit,
        mask=mask,
        members=MEMBERS,
        seed=_seed(generator),
        dtype=torch.float64,
    )
    net.biases[:, INPUTS:] = 0.5 + 0.1 * torch.randn(
        MEMBERS, HIDDEN + OUTPUTS, generator=generator, dtype=torch.float64
    )
    x, y = _data(loss, batch, generator)
    rates, report = net.fire(x, report=True)
    update = net.plasticity(rates, net.assign_credit(rates, y))

    sigma = REFERENCE[activation]
    weights, biases = net.weights.clone().requires_grad_(), net.biases.clone().requires_grad_()
    clamped = x.expand(MEMBERS, -1, -1)
    state = torch.zeros(MEMBERS, batch, n - INPUTS, dtype=torch.float64)
    # the gradient settles about as fast as the rates: twice their steps leave no more than rounding
    for _ in range(2 * int(report.steps.max())):
        s = torch.cat([clamped, state], -1) @ weights[:, INPUTS:].mT + biases[:, None, INPUTS:]
        state = sigma(s)
        if loss == "cross_entropy":
            state = torch.cat([state[..., :HIDDEN], s[..., HIDDEN:]], -1)
    mean_loss = _mean_loss(loss, state[..., HIDDEN:], y)
    weights_gradient, biases_gradient = torch.autograd.grad(mean_loss, [weights, biases])
    return _worst_error([update.weights, update.biases], [weights_gradient * mask, biases_gradient])


def _seed(generator: torch.Generator) -> int:
    return int(torch.randint(2**31, (1,), generator=generator))


def _data(loss: str, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    x = torch.randn(batch, INPUTS, generator=generator, dtype=torch.float64)
    if loss == "cross_entropy":
        return x, torch.randint(OUTPUTS, (batch,), generator=generator)
    return x, torch.randn(batch, OUTPUTS, generator=generator, dtype=torch.float64)


def _mean_loss(loss: str, outputs: Tensor, y: Tensor) -> Tensor:
    """Mean loss over the batch, summed over members, whose gradients are then each member's own."""
    batch = outputs.shape[1]
    if loss == "cross_entropy":
        logits = outputs.reshape(-1, OUTPUTS)
        return functional.cross_entropy(logits, y.repeat(MEMBERS), reduction="sum") / batch
    return functional.mse_loss(outputs, y.expand_as(outputs), reduction="sum") / (2 * batch)


def _worst_error(updates: list[Tensor], gradients: list[Tensor] | tuple[Tensor, ...]) -> float:
    errors = []
    for update, gradient in zip(updates, gradients, strict=True):
        size = float(gradient.norm())
        errors.append(float((update + gradient).norm()) / size if size > 0 else math.inf)
    # max() would pass over a NaN
    return max(errors) if all(math.isfinite(error) for error in errors) else math.inf
