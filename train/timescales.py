"""The three timescales together: firing, credit and plasticity run at once, and two clamps come and go."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from ..guard import DataError, OptionError, counted, real_number, whole_number
from .angles import angle
from .fitting import of_kind
from .layered import LayeredNetwork
from .masks import layered_mask
from .members import as_batch
from .plasticity import Update, synaptic_change
from .recurrent import RecurrentNetwork

QUANTITIES = ("firing", "credit", "plasticity")
EVENT_COLUMNS = ("seed", "step", "quantity", "group", "change")
Window = tuple[int, int]


@dataclass(frozen=True)
class Timeline:
    """What happened while a stimulus and a target were shown.

    Attributes
    ----------
    events
        One row a member, event and group of neurons: seed, step (of the firing dynamics, from 0), quantity (``firing``,
        ``credit``, ``plasticity``), group, change: the mean over samples and neurons of abs(dx) or abs(dc), or the mean
        over the group's incoming synapses of abs(dW). Firing has an event each step, the others at their periods.
    accumulated
        Sum of the changes of weights and biases over all events of plasticity, divided by the learning rate.
    gradient
        Minus the gradient of the mean loss at the weights before the first event, at equilibrium.
    angle
        Angle between the two, (members,), degrees; NaN where nothing was learned.
    inside
        Share of the sum of all abs(dW) that fell into the overlap of the two windows, (members,); NaN likewise.
    """

    events: pd.DataFrame
    accumulated: Update[Tensor]
    gradient: Update[Tensor]
    angle: Tensor
    inside: Tensor


def recurrent_form(network: LayeredNetwork) -> RecurrentNetwork:
    """The same neurons, synapses and biases as a recurrent network on a layered mask.

    Examples
    --------
    >>> import torch
    >>> net = LayeredNetwork([3, 4, 2], dtype=torch.float64)
    >>> x = torch.ones(1, 3)
    >>> torch.allclose(recurrent_form(net).fire(x)[..., -2:], net.fire(x)[-1])
    True
    """
    of_kind("network", network, LayeredNetwork)
    sizes = network.sizes
    form = RecurrentNetwork(
        sizes[0],
        sum(sizes[1:-1]),
        sizes[-1],
        activation=network.activation.name,
        loss=network.loss.name,
        mask=layered_mask(sizes),
        members=network.members,
        seed=network.seeds,
        dtype=network.dtype,
        device=network.device,
        balance=network._balances[0],
    )
    weights = torch.zeros_like(form.weights)
    starts = [0, *itertools.accumulate(sizes)]
    for layer, (block, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        post = slice(starts[layer + 1], starts[layer + 2])
        weights[:, post, starts[layer] : starts[layer + 1]] = block
        form.biases[:, post] = biases
    form.weights = weights
    return form


def integrate_timescales(
    network: LayeredNetwork | RecurrentNetwork,
    x: object,
    y: object,
    *,
    steps: int = 600,
    credit_every: int = 10,
    plasticity_every: int = 50,
    input_window: Window | None = None,
    output_window: Window | None = None,
    learning_rate: float = 1e-3,
) -> Timeline:
    r"""Run firing, credit and plasticity together while the clamps of inputs and outputs come and go.

    At each step t, in this order:

    .. math::
        x &\leftarrow \sigma(W x + b) && \text{each step; inputs and bias clamped during the input window} \\
        c &\leftarrow J c, \; J = W^T diag(f(s)) && \text{each } k_c \text{ steps; outputs clamped during the output
        window} \\
        W &\leftarrow W + r (c * f(s)) x^T && \text{each } k_w \text{ steps}

    The equations are the same at all times; the clamps alone come and go. An input neuron that is not clamped is a
    neuron without synapses: its rate is sigma(0). The bias is a synapse from a neuron whose rate is clamped at 1, and
    that clamp comes and goes with the input's. A credit that is not clamped is what the neuron receives. Where sigma(0)
    is 0 all rates die away without the input clamp, and all credits do without the output clamp, so that synapses
    change in the overlap of the windows and, for the time that rates and credits take to die away, after it. Where
    sigma(0) is not 0 (``sigmoid``, ``softplus``) neurons fire at rest, and synapses learn under the output clamp alone.

    Parameters
    ----------
    network
        Its weights are left alone; a layered one runs in its recurrent form. A recurrent one keeps its mode of credit.
    x, y
        Stimuli and targets, as in :meth:`RecurrentNetwork.fire` and :meth:`RecurrentNetwork.assign_credit`.
    steps
        Steps of the firing dynamics (milliseconds, in the paper's terms).
    credit_every, plasticity_every
        k_c and k_w: steps from one event to the next. The first event is at step k - 1.
    input_window, output_window
        Intervals of time, first step and the step after the last; by default all the time.
    learning_rate
        r of each event of plasticity, above 0.

    Returns
    -------
    Timeline
        Events, and the accumulated change beside the gradient.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If the data do not fit the network, or the dynamics leave the range of numbers.
    EquilibriumError
        If the network has no equilibrium to take the gradient at.

    Notes
    -----
    The equations and the clamps are the paper's (Fan and Mysore 2024, eqs. 1-4, figure 2A); periods in whole steps, a
    bias that is clamped with the input, and the mean over samples are ours.
    """
    net = recurrent_form(network) if isinstance(network, LayeredNetwork) else network
    groups = _groups(network)
    whole_number("steps", steps, 1)
    whole_number("credit_every", credit_every, 1)
    whole_number("plasticity_every", plasticity_every, 1)
    real_number("learning_rate", learning_rate, above=0)
    stimulus_on = _window("input_window", input_window, steps)
    target_on = _window("output_window", output_window, steps)
    state = _State(net, x, y)
    gradient = _gradient(net, x, y)
    learned = torch.zeros_like(state.weights)
    total, within = (torch.zeros(net.members, dtype=torch.float64, device=net.device) for _ in range(2))
    rows: list[tuple[int, str, Tensor]] = []
    for t in range(steps):
        rows.append((t, "firing", _by_group(state.fire(t in stimulus_on), groups)))
        if (t + 1) % credit_every == 0:
            rows.append((t, "credit", _by_group(state.assign_credit(t in target_on), groups)))
        if (t + 1) % plasticity_every == 0:
            moved = state.change_synapses(learning_rate)
            learned += moved
            size = moved.abs().sum((1, 2)).double()
            total += size
            within += size * (t in stimulus_on and t in target_on)
            rows.append((t, "plasticity", _by_synapse(moved, net.mask, groups)))
    for name, values in (("rates", state.rates), ("credits", state.credits), ("weights", state.weights)):
        if not bool(torch.isfinite(values).all()):
            raise DataError(
                f"{name}: left the range of numbers within {counted(steps, 'step')}; use weaker weights or a lower rate"
            )
    learned /= learning_rate
    accumulated = Update(learned[..., :-1], learned[..., -1])
    return Timeline(
        events=_events(rows, net.seeds, list(groups)),
        accumulated=accumulated,
        gradient=gradient,
        angle=angle([accumulated.weights, accumulated.biases], [gradient.weights, gradient.biases]),
        inside=within / total,
    )


class _State:
    """Rates, credits and weights, with one more input neuron, the last, whose rate the input clamp holds at 1."""

    def __init__(self, net: RecurrentNetwork, x: object, y: object) -> None:
        self.net, self.y = net, y
        given = as_batch("x", x, net.weights, net.inputs)
        self.stimulus = torch.cat([given, torch.ones_like(given[..., :1])], -1)
        self.weights = torch.cat([net.weights, net.biases.unsqueeze(-1)], -1)
        self.weights[:, : net.inputs] = 0
        self.mask = torch.cat([net.mask, torch.ones_like(net.mask[:, :1])], -1)
        self.mask[: net.inputs] = False
        self.held = [*range(net.inputs), net.n]
        self.out = slice(net.inputs + net.hidden, net.n)
        self.rates = given.new_zeros(*given.shape[:2], net.n + 1)
        self.credits = given.new_zeros(*given.shape[:2], net.n)
        net.loss.clamp(self.rates[..., self.out], y)

    def fire(self, stimulus: bool) -> Tensor:
        """One step of eq. 1; returns the change of the rates, (members, batch, n)."""
        before = self.rates
        net_inputs = torch.bmm(before, self.weights.mT)
        net_inputs = torch.cat([net_inputs, torch.zeros_like(net_inputs[..., :1])], -1)
        self.rates = self.net.activation.function(net_inputs)
        if self.net.loss.linear_outputs:
            self.rates[..., self.out] = net_inputs[..., self.out]
        if stimulus:
            self.rates[..., self.held] = self.stimulus
        return (self.rates - before)[..., :-1]

    def assign_credit(self, target: bool) -> Tensor:
        """One step of eqs. 2 and 3; returns the change of the credits, (members, batch, n)."""
        before = self.credits
        self.credits = torch.bmm(before * self.balances(), self.weights[..., :-1])
        if target:
            clamp = self.net.loss.clamp(self.rates[..., self.out], self.y)
            received = self.credits[..., self.out] if self.net.credit == "inject" else 0
            self.credits[..., self.out] = clamp + received
        return self.credits - before

    def change_synapses(self, learning_rate: float) -> Tensor:
        """Eq. 4; returns the change of the weights, (members, n, n + 1)."""
        effective = self.credits * self.balances()
        moved = learning_rate * synaptic_change(effective, self.rates, self.rates.shape[1]) * self.mask
        self.weights = self.weights + moved
        return moved

    def balances(self) -> Tensor:
        """f(s) of all neurons, (members, batch, n)."""
        balances = self.net._balance(torch.bmm(self.rates, self.weights.mT))
        if self.net.loss.linear_outputs:
            balances[..., self.out] = 1
        return balances


def _gradient(net: RecurrentNetwork, x: object, y: object) -> Update[Tensor]:
    """Minus the gradient of the mean loss at equilibrium: what credits learn that are injected, with f = sigma'."""
    exact = net.with_balance(credit="inject")
    exact.unconverged = "raise"
    rates = exact.fire(x)
    return exact.plasticity(rates, exact.assign_credit(rates, y))


def _groups(network: LayeredNetwork | RecurrentNetwork) -> dict[str, slice]:
    """Neurons by the group that the table names: layers, or inputs, hidden and outputs."""
    if isinstance(network, LayeredNetwork):
        sizes = network.sizes
        names = ["input", *(f"hidden {layer}" for layer in range(1, len(sizes) - 1)), "output"]
    else:
        sizes, names = [network.inputs, network.hidden, network.outputs], ["input", "hidden", "output"]
    ends = list(itertools.accumulate(sizes))
    return {name: slice(end - size, end) for name, size, end in zip(names, sizes, ends, strict=True) if size}


def _window(option: str, given: Window | None, steps: int) -> range:
    if given is None:
        return range(steps)
    allowed = f"two whole numbers from 0 to {steps}, the first step and the step after the last"
    if isinstance(given, str | bytes) or not isinstance(given, Sequence) or len(given) != 2:
        raise OptionError(option, given, allowed)
    first, end = (whole_number(option, each, 0, steps) for each in given)
    if end < first:
        raise OptionError(option, given, allowed)
    return range(first, end)


def _by_group(change: Tensor, groups: dict[str, slice]) -> Tensor:
    """Mean absolute change of each group, (groups, members)."""
    return torch.stack([change[..., neurons].abs().mean((1, 2)) for neurons in groups.values()])


def _by_synapse(moved: Tensor, mask: Tensor, groups: dict[str, slice]) -> Tensor:
    """Mean absolute change of each group's incoming synapses (biases apart), (groups, members)."""
    sums = [moved[:, neurons, :-1].abs().sum((1, 2)) for neurons in groups.values()]
    counts = [mask[neurons].sum().clamp(min=1) for neurons in groups.values()]
    return torch.stack([total / count for total, count in zip(sums, counts, strict=True)])


def _events(rows: list[tuple[int, str, Tensor]], seeds: list[int], groups: list[str]) -> pd.DataFrame:
    changes = torch.stack([change for _, _, change in rows]).double().cpu().numpy().ravel()
    each = len(seeds) * len(groups)
    return pd.DataFrame(
        {
            "seed": seeds * (len(groups) * len(rows)),
            "step": [step for step, _, _ in rows for _ in range(each)],
            "quantity": [quantity for _, quantity, _ in rows for _ in range(each)],
            "group": [group for group in groups for _ in seeds] * len(rows),
            "change": changes,
        }
    )
