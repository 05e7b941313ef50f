"""The exactness table: the credit rule against automatic differentiation, and against its equations written anew."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from ..guard import whole_number, write_whole
from ..train.dale import DaleLaw
from ..train.layered import LayeredNetwork
from ..train.losses import LOSSES
from ..train.recurrent import RecurrentNetwork
from ..train.timescales import integrate_timescales
from .transcription import SIGMAS, bell, layered_update, recurrent_update

COLUMNS = (
    *("network", "credit", "activation", "loss", "depth", "batch", "error", "bound", "holds"),
    *("check", "balance", "neurons"),
)
CHECKS = ("gradient", "equations", "projected_gradient", "slow_timescales")
DEPTHS = (1, 2, 3, 4, 5, 6)
BATCHES = (1, 2, 7, 16, 33, 64)
LAYERED_BOUND = 1e-12
RECURRENT_BOUND = 1e-9
MEMBERS = 2
INPUTS, HIDDEN, OUTPUTS = 4, 9, 3
WIDTHS = {"gaussian": 0.8, "boxcar": 0.9, "widened_derivative": 1.7}
NON_NEGATIVE = ("sigmoid", "relu", "clipped_relu", "softplus")
SLOW_STEPS = 250


@dataclass(frozen=True)
class Case:
    """One comparison: the first six fields and the last two are columns of the table."""

    network: str
    credit: str
    activation: str
    loss: str
    depth: int
    batch: int
    check: str = "gradient"
    balance: str = "derivative"

    @property
    def bound(self) -> float:
        """Largest error that holds."""
        return LAYERED_BOUND if self.network == "layered" else RECURRENT_BOUND

    @property
    def sizes(self) -> list[int]:
        """Neurons of each layer; of a recurrent network inputs, hidden ones and outputs."""
        if self.network == "layered":
            return [INPUTS, *(HIDDEN + layer for layer in range(self.depth - 1)), OUTPUTS]
        return [INPUTS, HIDDEN, OUTPUTS]

    @property
    def width(self) -> float | None:
        """Width of the balance function, where it has one."""
        return WIDTHS.get(self.balance)


def verify(*, seed: int = 0, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
    """Compare what the rule changes with what it should, in float64.

    ======================= ================================================================== =====================
    check                   compared with                                                      networks
    ======================= ================================================================== =====================
    ``gradient``            minus the gradient of the mean loss, by automatic differentiation  layered, 1 to 6 layers
                                                                                               of synapses; inject;
                                                                                               clamp where outputs
                                                                                               have no outgoing
                                                                                               synapses
    ``equations``           equations 1 to 4 written down anew, with other balance functions,  layered, inject, clamp
                            and for clamped outputs that have outgoing synapses
    ``projected_gradient``  the projection of a gradient step, under Dale's law                layered, inject
    ``slow_timescales``     the gradient; firing and credit are at rest when synapses change   layered, inject
    ======================= ================================================================== =====================

    Gradients of recurrent networks go through the unrolled iteration to equilibrium. All have non-zero biases.

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
        what is expected, of the worst tensor of weights or biases; infinite where that is 0, so that nothing holds
        for want of a comparison), ``bound``, ``holds``, ``check``, ``balance`` and ``neurons`` (of the network).

    Raises
    ------
    OptionError
        If the seed is not a whole number of at least 0.
    """
    first = whole_number("seed", seed, 0)
    cases = list(_cases())
    rows = []
    for index, case in enumerate(cases):
        generator = torch.Generator().manual_seed(first + index)
        error = (_layered_error if case.network == "layered" else _recurrent_error)(case, generator)
        described = (case.network, case.credit, case.activation, case.loss, case.depth, case.batch)
        rows.append((*described, error, case.bound, error <= case.bound, case.check, case.balance, sum(case.sizes)))
        if progress is not None:
            progress(index + 1, len(cases))
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
    for a, activation in enumerate(SIGMAS):
        for k, loss in enumerate(LOSSES):
            for depth in DEPTHS:
                batch = BATCHES[(a + 3 * k + depth) % len(BATCHES)]
                yield Case("layered", "layered", activation, loss, depth, batch)
            for m, credit in enumerate(("inject", "clamp")):
                yield Case("recurrent", credit, activation, loss, 0, BATCHES[(a + 3 * k + m) % len(BATCHES)])
    for a, activation in enumerate(SIGMAS):
        for k, balance in enumerate(("derivative", *WIDTHS)):
            loss, batch = list(LOSSES)[(a + k) % 2], BATCHES[(a + k) % 3]
            if balance != "derivative":
                yield Case("layered", "layered", activation, loss, 3, batch, "equations", balance)
                yield Case("recurrent", "inject", activation, loss, 0, batch, "equations", balance)
            yield Case("recurrent", "clamp", activation, loss, 0, batch, "equations", balance)
    for k, activation in enumerate(NON_NEGATIVE):
        for loss in LOSSES:
            yield Case("layered", "layered", activation, loss, 3, BATCHES[k], "projected_gradient")
        # linear outputs may fire at negative rates, which Dale's law forbids where they have outgoing synapses
        yield Case("recurrent", "inject", activation, "squared_error", 0, BATCHES[k], "projected_gradient")
    for k, activation in enumerate(SIGMAS):
        loss = list(LOSSES)[k % 2]
        yield Case("layered", "layered", activation, loss, 3, 4, "slow_timescales")
        yield Case("recurrent", "inject", activation, loss, 0, 4, "slow_timescales")


def _layered_error(case: Case, generator: torch.Generator) -> float:
    sizes = case.sizes
    net = LayeredNetwork(
        sizes,
        activation=case.activation,
        loss=case.loss,
        members=MEMBERS,
        seed=_seed(generator),
        dtype=torch.float64,
        balance=case.balance,
        balance_width=case.width,
    )
    # biases about 1/2 and half the weights keep clipped neurons off their flat parts: no gradient, nothing to compare
    net.weights = [each / 2 for each in net.weights]
    net.biases = [0.5 + 0.1 * torch.randn(each.shape, generator=generator, dtype=each.dtype) for each in net.biases]
    x, y = _data(case.loss, case.batch, generator)
    if case.check == "projected_gradient":
        return _dale_error(net, x.abs(), y, lambda: _layered_gradient(net, case, x.abs(), y))
    if case.check == "slow_timescales":
        # the first event of plasticity comes when all layers are at rest
        slow = integrate_timescales(net, x, y, steps=50, credit_every=2, plasticity_every=50, learning_rate=1.0)
        ends = [sum(sizes[: layer + 1]) for layer in range(len(sizes))]
        layers = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        found = [slow.accumulated.weights[:, post, pre] for pre, post in pairwise(layers)]
        found += [slow.accumulated.biases[:, post] for post in layers[1:]]
        return _worst_error(found, _layered_gradient(net, case, x, y), sign=-1)
    rates = net.fire(x)
    update = net.plasticity(rates, net.assign_credit(rates, y))
    changes = [*update.weights, *update.biases]
    if case.check == "equations":
        f = bell(case.balance, case.activation, case.width or 1.0)
        members = [
            layered_update(
                [each[m] for each in net.weights],
                [each[m] for each in net.biases],
                x,
                y,
                activation=case.activation,
                f=f,
                loss=case.loss,
            )
            for m in range(MEMBERS)
        ]
        return _worst_error(changes, [torch.stack(each) for each in zip(*members, strict=True)])
    return _worst_error(changes, _layered_gradient(net, case, x, y), sign=-1)


def _layered_gradient(net: LayeredNetwork, case: Case, x: Tensor, y: Tensor) -> Sequence[Tensor]:
    last = "linear" if case.loss == "cross_entropy" else case.activation
    sigmas = [SIGMAS[case.activation]] * (case.depth - 1) + [SIGMAS[last]]
    weights = [each.clone().requires_grad_() for each in net.weights]
    biases = [each.clone().requires_grad_() for each in net.biases]
    outputs = x.expand(MEMBERS, -1, -1)
    for sigma, w, b in zip(sigmas, weights, biases, strict=True):
        outputs = sigma(outputs @ w.mT + b[:, None])
    return torch.autograd.grad(_mean_loss(case.loss, outputs, y), [*weights, *biases])


def _recurrent_error(case: Case, generator: torch.Generator) -> float:
    n = sum(case.sizes)
    mask = torch.rand(n, n, generator=generator) < 0.8
    mask[:INPUTS] = False
    if case.credit == "clamp" and case.check == "gradient":
        mask[:, -OUTPUTS:] = False
    net = RecurrentNetwork(
        INPUTS,
        HIDDEN,
        OUTPUTS,
        activation=case.activation,
        loss=case.loss,
        credit=case.credit,
        mask=mask,
        members=MEMBERS,
        seed=_seed(generator),
        dtype=torch.float64,
        balance=case.balance,
        balance_width=case.width,
    )
    net.biases[:, INPUTS:] = 0.5 + 0.1 * torch.randn(
        MEMBERS, HIDDEN + OUTPUTS, generator=generator, dtype=torch.float64
    )
    x, y = _data(case.loss, case.batch, generator)
    if case.check == "projected_gradient":
        return _dale_error(net, x.abs(), y, lambda: _recurrent_gradient(net, case, x.abs(), y))
    if case.check == "slow_timescales":
        slow = integrate_timescales(
            net, x, y, steps=SLOW_STEPS, credit_every=1, plasticity_every=SLOW_STEPS, learning_rate=1.0
        )
        changes = [slow.accumulated.weights, slow.accumulated.biases]
        return _worst_error(changes, _recurrent_gradient(net, case, x, y), sign=-1)
    rates = net.fire(x)
    credits, report = net.assign_credit(rates, y, report=True)
    update = net.plasticity(rates, credits)
    changes = [update.weights, update.biases]
    if case.check == "equations":
        f = bell(case.balance, case.activation, case.width or 1.0)
        members = [
            recurrent_update(
                net.weights[m],
                net.biases[m],
                mask,
                x,
                y,
                outputs=OUTPUTS,
                activation=case.activation,
                f=f,
                loss=case.loss,
                credit=case.credit,
                steps=2 * _steps(net, x) + int(report.steps.max()),
            )
            for m in range(MEMBERS)
        ]
        return _worst_error(changes, [torch.stack(each) for each in zip(*members, strict=True)])
    return _worst_error(changes, _recurrent_gradient(net, case, x, y), sign=-1)


def _recurrent_gradient(net: RecurrentNetwork, case: Case, x: Tensor, y: Tensor) -> Sequence[Tensor]:
    sigma = SIGMAS[case.activation]
    weights, biases = net.weights.clone().requires_grad_(), net.biases.clone().requires_grad_()
    clamped = x.expand(MEMBERS, -1, -1)
    state = torch.zeros(MEMBERS, len(x), HIDDEN + OUTPUTS, dtype=torch.float64)
    # the gradient settles about as fast as the rates: twice their steps leave no more than rounding
    for _ in range(2 * _steps(net, x)):
        s = torch.cat([clamped, state], -1) @ weights[:, INPUTS:].mT + biases[:, None, INPUTS:]
        state = sigma(s)
        if case.loss == "cross_entropy":
            state = torch.cat([state[..., :HIDDEN], s[..., HIDDEN:]], -1)
    mean_loss = _mean_loss(case.loss, state[..., HIDDEN:], y)
    in_weights, in_biases = torch.autograd.grad(mean_loss, [weights, biases])
    return [in_weights * net.mask, in_biases]


def _steps(net: RecurrentNetwork, x: Tensor) -> int:
    """Steps that firing takes to rest, of the slowest sample."""
    return int(net.fire(x, report=True)[1].steps.max())


def _dale_error(
    net: LayeredNetwork | RecurrentNetwork, x: Tensor, y: Tensor, gradient: Callable[[], Sequence[Tensor]]
) -> float:
    """Error of what one step under Dale's law changes, against a gradient step cut off at 0 by each neuron's sign."""
    learning_rate = 0.5
    law = DaleLaw(net, inhibitory=0.4)
    before = [each.clone() for each in _parameters(net)]
    gradients = gradient()
    expected = []
    for k, (values, slope) in enumerate(zip(before, gradients, strict=True)):
        stepped = values - learning_rate * slope
        if k < len(law.signs):
            positive = (law.signs[k] > 0).unsqueeze(1)
            stepped = torch.where(positive, stepped.clamp(min=0), stepped.clamp(max=0))
        expected.append(stepped - values)
    law.learn(x, y, learning_rate)
    return _worst_error([after - old for after, old in zip(_parameters(net), before, strict=True)], expected)


def _parameters(net: LayeredNetwork | RecurrentNetwork) -> list[Tensor]:
    return [net.weights, net.biases] if isinstance(net, RecurrentNetwork) else [*net.weights, *net.biases]


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


def _worst_error(found: Iterable[Tensor], expected: Iterable[Tensor], *, sign: int = 1) -> float:
    """Largest norm of `found - sign * expected` over the norm of `expected`."""
    errors = []
    for each, right in zip(found, expected, strict=True):
        size = float(right.norm())
        errors.append(float((each - sign * right).norm()) / size if size > 0 else math.inf)
    # max() would pass over a NaN
    return max(errors) if all(math.isfinite(error) for error in errors) else math.inf
