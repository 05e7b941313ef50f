"""Recurrent networks: their neurons and synapses, and the two matrices that their dynamics turn by."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, real_number, whole_number
from .activations import activation as named_activation
from .balance import Elementwise, chosen_balance
from .equilibrium import POLICIES
from .fitting import fitting
from .losses import loss as named_loss
from .masks import checked_mask, named_mask
from .members import as_real_tensor, float_dtype, member_generators, member_seeds, normal_weights, usable_device

CREDIT_MODES = ("inject", "clamp")
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-12}


class RecurrentNeurons:
    """Neurons joined by directed synapses on a mask, and what they make of net inputs.

    The options are those of :class:`~creditgraph.train.recurrent.RecurrentNetwork`, which adds the dynamics and the
    plasticity; its documentation says what they mean.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If the mask is no boolean (n, n) matrix, or has synapses onto inputs.
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        outputs: int,
        *,
        activation: str = "tanh",
        loss: str = "squared_error",
        credit: str = "inject",
        mask: Any = "all_to_all",
        mask_options: Mapping[str, Any] | None = None,
        members: int = 1,
        seed: int | Sequence[int] = 0,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
        balance: str | Elementwise | None = None,
        balance_width: float | None = None,
        gain: float = 0.5,
        tolerance: float | None = None,
        max_steps: int = 1000,
        unconverged: str = "raise",
    ) -> None:
        self.inputs = whole_number("inputs", inputs, 1)
        self.hidden = whole_number("hidden", hidden, 0)
        self.outputs = whole_number("outputs", outputs, 1)
        self.n = self.inputs + self.hidden + self.outputs
        self.activation = named_activation(activation)
        self.loss = named_loss(loss)
        self.credit = choice("credit", credit, CREDIT_MODES)
        self.members = whole_number("members", members, 1)
        self.seeds = member_seeds(seed, self.members)
        self.dtype = float_dtype(dtype)
        self.device = usable_device(device, self.dtype)
        self.gain = real_number("gain", gain, 0)
        self.tolerance = TOLERANCES[self.dtype] if tolerance is None else real_number("tolerance", tolerance, above=0)
        self.max_steps = whole_number("max_steps", max_steps, 1)
        self.unconverged = choice("unconverged", unconverged, POLICIES)
        self._balance = chosen_balance(balance, balance_width, self.activation)
        if mask is None or isinstance(mask, str):
            name = "all_to_all" if mask is None else mask
            found = named_mask(name, self.inputs, self.hidden, self.outputs, options=mask_options)
        else:
            if mask_options is not None:
                raise OptionError("mask_options", dict(mask_options), "none where the mask is a matrix")
            found = checked_mask(mask, self.inputs, self.n)
        self.mask = found.to(self.device)
        drawn = normal_weights(member_generators(self.seeds), self.n, self.n, self.gain**2 / self.n)
        self._weights = (drawn * found).to(self.dtype).to(self.device)
        self.biases = torch.zeros(self.members, self.n, dtype=self.dtype, device=self.device)

    @property
    def weights(self) -> Tensor:
        """Weights, (members, n, n) [post, pre]; may be set to weights that are 0 off the mask."""
        return self._weights

    @weights.setter
    def weights(self, weights: Any) -> None:
        given = as_real_tensor("weights", weights, self._weights)
        if given.shape != self._weights.shape:
            raise DataError(f"weights: got shape {tuple(given.shape)}, expected {tuple(self._weights.shape)}")
        if bool((given[:, ~self.mask] != 0).any()):
            raise DataError("weights: got non-zero weights where the mask has no synapse, expected 0 there")
        self._weights = given.clone()

    def with_balance(
        self, balance: str | Elementwise | None = None, *, width: float | None = None, credit: str | None = None
    ) -> Self:
        """Return a copy of the network, weights and all, that learns by another balance function or mode of credit.

        Raises
        ------
        OptionError
            If the balance function, its width or the mode is impossible.
        """
        twin = copy.copy(self)
        twin._balance = chosen_balance(balance, width, self.activation)
        twin.credit = self.credit if credit is None else choice("credit", credit, CREDIT_MODES)
        twin._weights, twin.biases = self._weights.clone(), self.biases.clone()
        return twin

    @torch.no_grad()
    def firing_matrix(self, rates: Tensor) -> Tensor:
        """``diag(sigma'(s)) W`` among hidden and output neurons: what one step does to a small disturbance of rates.

        Parameters
        ----------
        rates
            What :meth:`fire` returned, (members, batch, n).

        Returns
        -------
        Tensor
            (members, batch, hidden + outputs, hidden + outputs) [post, pre].
        """
        self._check_rates("rates", rates)
        slopes = self._outputs_linear(self.activation.derivative, self._net_inputs(rates), slope=True)
        return slopes.unsqueeze(-1) * self._weights[:, None, self.inputs :, self.inputs :]

    @torch.no_grad()
    def credit_matrix(self, rates: Tensor) -> Tensor:
        """``J = W^T diag(f(s))`` on the credits that are free: hidden and output ones, held ones receive nothing.

        Parameters
        ----------
        rates
            What :meth:`fire` returned, (members, batch, n).

        Returns
        -------
        Tensor
            (members, batch, hidden + outputs, hidden + outputs); row j holds what neuron j receives from each.
        """
        self._check_rates("rates", rates)
        return self._credit_weights().transpose(1, 2).unsqueeze(1) * self._balances(rates).unsqueeze(-2)

    def _check_rates(self, name: str, given: Any) -> None:
        """Check that rates are those of this network."""
        batch = given.shape[1] if isinstance(given, Tensor) and given.ndim == 3 else 1
        fitting(name, [given], [(self.members, batch, self.n)], self.dtype)

    def _credit_weights(self) -> Tensor:
        """W among hidden and output neurons; under ``clamp`` without the outputs' outgoing synapses."""
        among = self._weights[:, self.inputs :, self.inputs :]
        if self.credit == "clamp":
            # a held credit is one that nothing is sent back to
            among = among.clone()
            among[..., -self.outputs :] = 0
        return among

    def _net_inputs(self, rates: Tensor) -> Tensor:
        """Net inputs s of the hidden and output neurons, (members, batch, hidden + outputs)."""
        free = self._weights[:, self.inputs :].transpose(1, 2)
        return torch.baddbmm(self.biases[:, None, self.inputs :], rates, free)

    def _balances(self, rates: Tensor) -> Tensor:
        """f(s) of the hidden and output neurons, (members, batch, hidden + outputs)."""
        return self._outputs_linear(self._balance, self._net_inputs(rates), slope=True)

    def _outputs_linear(self, function: Elementwise, s: Tensor, *, slope: bool = False) -> Tensor:
        """`function` of s, but the identity (or its slope 1) at the outputs where the loss wants them linear."""
        values = function(s)
        if self.loss.linear_outputs:
            outputs = s[..., -self.outputs :]
            values = torch.cat([values[..., : -self.outputs], torch.ones_like(outputs) if slope else outputs], -1)
        return values
