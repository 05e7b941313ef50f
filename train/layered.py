"""Layered networks: the three timescales of the credit rule on blocks of synapses between consecutive layers."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..guard import DataError, layer_sizes, whole_number
from .activations import activation as named_activation
from .balance import Elementwise, chosen_balance
from .fitting import fitting
from .losses import loss as named_loss
from .members import (
    as_batch,
    float_dtype,
    member_generators,
    member_seeds,
    normal_weights,
    usable_device,
)
from .plasticity import Learned, Update, add_scaled, from_effective_credits


class Rates(list[Tensor]):
    """Rates of each layer, (members, batch, n_layer), the input first, with the net inputs that they came from.

    Attributes
    ----------
    net_inputs
        s of each layer after the input, (members, batch, n_layer).
    """

    def __init__(self, rates: Sequence[Tensor], net_inputs: Sequence[Tensor], balances: Sequence[Elementwise]) -> None:
        super().__init__(rates)
        self.net_inputs = list(net_inputs)
        self._balances = balances

    def __setitem__(self, place: Any, rates: Any) -> None:
        """Refused: other rates have other net inputs."""
        raise DataError("rates: those that were fired belong to their net inputs; change a copy, list(rates)")

    @cached_property
    def balances(self) -> list[Tensor]:
        """Balance f(s) of each layer after the input, (members, batch, n_layer)."""
        return [f(s) for f, s in zip(self._balances, self.net_inputs, strict=True)]


class LayeredNetwork:
    r"""Layers of neurons, each driven by the layer before it, that learn by the credit rule.

    With weights :math:`W_l` onto layer l (post, pre), biases :math:`b_l`, net inputs :math:`s_l` and f the balance:

    .. math::
        x_l &= \sigma(s_l), \quad s_l = W_l x_{l-1} + b_l \\
        c_{l-1} &= W_l^T (c_l * f(s_l)), \quad c_m = -dL/dx_m \\
        \Delta W_l &= r (c_l * f(s_l)) x_{l-1}^T, \quad \Delta b_l = r \, c_l * f(s_l)

    These are the equilibria of the firing and the credit dynamics (Fan and Mysore 2024, eqs. 1-3) and the plasticity
    (eq. 4). With :math:`f = \sigma'` the change is minus the gradient of the mean loss, exactly (their theorem).
    Several networks, the members, live side by side in one batch of tensors.

    Parameters
    ----------
    sizes
        Neurons of each layer, the input first; at least two layers.
    activation
        sigma of all layers after the input, see :func:`~creditgraph.train.activations.activation`.
    loss
        ``squared_error`` or ``cross_entropy`` (then the output layer is linear with f = 1).
    members
        Networks in the batch.
    seed
        Member m takes seed + m; or one seed per member.
    dtype, device
        Of all tensors; float32 or float64.
    balance
        Balance function f of the net input, a name (see :func:`~creditgraph.train.balance.balance_function`) or a
        function; by default the derivative of the activation, which is exact.
    balance_width
        Width of a named balance function, where it has one.

    Attributes
    ----------
    weights
        One tensor a layer after the input, (members, n_post, n_pre); may be set.
    biases
        Likewise, (members, n_post).

    Raises
    ------
    OptionError
        If an option is impossible.

    Notes
    -----
    Initial weights are drawn from N(0, 1/n_pre), biases are 0 (ours; the paper leaves them open). They are drawn on
    the CPU in float64, so a member starts alike on every device, in every dtype and whatever its neighbours.

    Examples
    --------
    >>> import torch
    >>> net = LayeredNetwork([3, 4, 2], seed=1)
    >>> x, y = torch.ones(5, 3), torch.zeros(5, 2)
    >>> rates = net.fire(x)
    >>> update = net.plasticity(rates, net.assign_credit(rates, y))
    >>> [tuple(each.shape) for each in update.weights]
    [(1, 4, 3), (1, 2, 4)]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str = "tanh",
        loss: str = "squared_error",
        members: int = 1,
        seed: int | Sequence[int] = 0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
        balance: str | Elementwise | None = None,
        balance_width: float | None = None,
    ) -> None:
        self.sizes = layer_sizes("sizes", sizes, fewest=2)
        self.activation = named_activation(activation)
        self.loss = named_loss(loss)
        self.members = whole_number("members", members, 1)
        self.seeds = member_seeds(seed, self.members)
        self.dtype = float_dtype(dtype)
        self.device = usable_device(device, self.dtype)
        last = named_activation("linear") if self.loss.linear_outputs else self.activation
        hidden = len(self.sizes) - 2
        self._sigmas: list[Elementwise] = [self.activation.function] * hidden + [last.function]
        self._balances = self._balance_functions(chosen_balance(balance, balance_width, self.activation))
        generators = member_generators(self.seeds)
        self.weights: list[Tensor] = [
            normal_weights(generators, n_post, n_pre, 1 / n_pre).to(self.dtype).to(self.device)
            for n_pre, n_post in zip(self.sizes, self.sizes[1:], strict=False)
        ]
        self.biases: list[Tensor] = [
            torch.zeros(self.members, n_post, dtype=self.dtype, device=self.device) for n_post in self.sizes[1:]
        ]

    def with_balance(self, balance: str | Elementwise | None = None, *, width: float | None = None) -> LayeredNetwork:
        """Return a copy of the network, weights and all, that learns by another balance function.

        Raises
        ------
        OptionError
            If the balance function or its width is impossible.
        """
        twin = copy.copy(self)
        twin._balances = self._balance_functions(chosen_balance(balance, width, self.activation))
        twin.weights = [each.clone() for each in self.weights]
        twin.biases = [each.clone() for each in self.biases]
        return twin

    @torch.no_grad()
    def fire(self, x: Any) -> Rates:
        """Bring the rates to their equilibrium for clamped input rates (eq. 1).

        Parameters
        ----------
        x
            Rates of the input neurons, (batch, n_in) for all members alike, or (members, batch, n_in).

        Returns
        -------
        Rates
            List of (members, batch, n_layer), the input first; also carries the net inputs. The rates of the input
            are x itself, in the network's dtype, and share its memory where they can.

        Raises
        ------
        DataError
            If x has another shape or is not finite, or the weights were set to another shape or dtype.
        """
        self._check_parameters()
        rates = [as_batch("x", x, self.weights[0], self.sizes[0])]
        net_inputs = []
        for layer, sigma in enumerate(self._sigmas):
            net_inputs.append(self._net_input(layer, rates[-1]))
            rates.append(sigma(net_inputs[-1]))
        return Rates(rates, net_inputs, self._balances)

    @torch.no_grad()
    def step_rates(self, rates: Sequence[Tensor]) -> Rates:
        """One step of the firing dynamics from any rates: all layers at once, x(t+1) = sigma(W x(t) + b) (eq. 1).

        The input stays clamped. From any rates, m layers reach their equilibrium in m - 1 steps.
        """
        self._check_rates("rates", rates)
        net_inputs = [self._net_input(layer, pre) for layer, pre in enumerate(rates[:-1])]
        stepped = [sigma(s) for sigma, s in zip(self._sigmas, net_inputs, strict=True)]
        return Rates([rates[0], *stepped], net_inputs, self._balances)

    @torch.no_grad()
    def assign_credit(self, rates: Sequence[Tensor], y: Any) -> list[Tensor]:
        """Bring the credits to their equilibrium for the clamped credits of the outputs (eqs. 2 and 3).

        Parameters
        ----------
        rates
            What :meth:`fire` returned, or a list of rates of all layers, whose net inputs are then computed anew.
        y
            Targets of the loss: (batch, n_out) real numbers, or (batch,) class indices; either may have the members
            as a first dimension.

        Returns
        -------
        list of Tensor
            Credits in the shapes of the rates. The last are the output clamp -dL/dx, the first the input neurons' own.

        Raises
        ------
        DataError
            If y does not fit the rates, or a list of rates does not fit the network.
        """
        rates = self._with_net_inputs(rates)
        credits = [self.loss.clamp(rates[-1], y)]
        for weights, balance in zip(reversed(self.weights), reversed(rates.balances), strict=True):
            credits.append(torch.bmm(credits[-1] * balance, weights))
        return credits[::-1]

    @torch.no_grad()
    def step_credits(self, rates: Sequence[Tensor], credits: Sequence[Tensor]) -> list[Tensor]:
        """One step of the credit dynamics from any credits: all layers at once, c(t+1) = J c(t) (eqs. 2 and 3).

        The outputs' credits stay clamped. From any credits, m layers reach their equilibrium in m - 1 steps.
        """
        rates = self._with_net_inputs(rates)
        self._check_rates("credits", credits, batch=rates[0].shape[1])
        sent = zip(credits[1:], rates.balances, self.weights, strict=True)
        return [*(torch.bmm(credit * balance, weights) for credit, balance, weights in sent), credits[-1]]

    @torch.no_grad()
    def plasticity(self, rates: Sequence[Tensor], credits: Sequence[Tensor]) -> Update[list[Tensor]]:
        """Changes of all synapses and biases (eq. 4): the mean over the batch, at learning rate 1.

        Parameters
        ----------
        rates, credits
            What :meth:`fire` and :meth:`assign_credit` returned; rates may be a list, as there.

        Returns
        -------
        Update
            ``weights`` and ``biases``, in the shapes of the network's; minus the gradient of the mean loss.
        """
        rates = self._with_net_inputs(rates)
        self._check_rates("credits", credits, batch=rates[0].shape[1])
        effective = [credit * balance for credit, balance in zip(credits[1:], rates.balances, strict=True)]
        return from_effective_credits(rates, effective)

    @torch.no_grad()
    def apply(self, update: Update[list[Tensor]], learning_rate: float | Tensor) -> None:
        """Add the update times the learning rate r, in place; r is a number or one for each member, (members,).

        Raises
        ------
        OptionError
            If a learning rate is negative, not finite, or beyond the range of the dtype.
        DataError
            If the update is that of another network; then nothing has changed.
        """
        if not isinstance(update, Update):
            raise DataError(f"update: got {type(update).__name__}, expected what plasticity returned")
        parameters = [*self.weights, *self.biases]
        fitting("update", [*update.weights, *update.biases], [each.shape for each in parameters], self.dtype)
        for values, change in zip([*self.weights, *self.biases], [*update.weights, *update.biases], strict=True):
            add_scaled(values, change, learning_rate)

    @torch.no_grad()
    def learn(self, x: Any, y: Any, learning_rate: float | Tensor) -> Learned:
        """Fire, assign credit, and change the synapses: one learning step on one batch.

        Returns
        -------
        Learned
            The mean loss of each member before the step.
        """
        rates = self.fire(x)
        value = self.loss.value(rates[-1], y).mean(1)
        self.apply(self.plasticity(rates, self.assign_credit(rates, y)), learning_rate)
        return Learned(value, torch.zeros(self.members, dtype=torch.int64, device=self.device))

    def _balance_functions(self, f: Elementwise) -> list[Elementwise]:
        """Balance functions of the layers after the input; f = 1 at the outputs where the loss wants them linear."""
        last = torch.ones_like if self.loss.linear_outputs else f
        return [*[f] * (len(self.sizes) - 2), last]

    def _with_net_inputs(self, rates: Sequence[Tensor]) -> Rates:
        self._check_rates("rates", rates)
        if isinstance(rates, Rates):
            return rates
        return Rates(rates, [self._net_input(layer, pre) for layer, pre in enumerate(rates[:-1])], self._balances)

    def _net_input(self, layer: int, pre: Tensor) -> Tensor:
        return torch.baddbmm(self.biases[layer].unsqueeze(1), pre, self.weights[layer].transpose(1, 2))

    def _check_rates(self, name: str, given: Sequence[Tensor], *, batch: int | None = None) -> None:
        """Check that rates or credits are those of this network, of one batch."""
        if batch is None:
            first = given[0] if isinstance(given, Sequence) and given else None
            batch = first.shape[1] if isinstance(first, Tensor) and first.ndim == 3 else 1
        fitting(name, given, [(self.members, batch, size) for size in self.sizes], self.dtype)

    def _check_parameters(self) -> None:
        layers = list(zip(self.sizes, self.sizes[1:], strict=False))
        for name, given, shapes in (
            ("weights", self.weights, [(self.members, n_post, n_pre) for n_pre, n_post in layers]),
            ("biases", self.biases, [(self.members, n_post) for _, n_post in layers]),
        ):
            if [tuple(each.shape) for each in given] != shapes or any(each.dtype != self.dtype for each in given):
                found = [(*each.shape,) for each in given]
                raise DataError(
                    f"{name}: got {found} of {[each.dtype for each in given]}, expected {shapes} of {self.dtype}"
                )
