"""Recurrent networks: the three timescales of the credit rule on any directed mask of synapses."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, real_number, whole_number
from .activations import activation as named_activation
from .balance import Elementwise, chosen_balance
from .equilibrium import POLICIES, EquilibriumReport, enforce, fixed_point, smallest, solve_credits
from .losses import loss as named_loss
from .masks import checked_mask, named_mask
from .members import (
    as_batch,
    as_real_tensor,
    float_dtype,
    member_generators,
    member_seeds,
    normal_weights,
    usable_device,
)
from .plasticity import Learned, Update, add_scaled, bias_change, synaptic_change

CREDIT_MODES = ("inject", "clamp")
SOLVERS = ("iterate", "anderson", "direct")
TOLERANCES = {torch.float32: 1e-6, torch.float64: 1e-12}


class RecurrentNetwork:
    r"""Neurons joined by any directed synapses, at equilibrium, that learn by the credit rule.

    With weights W (post, pre), biases b, net inputs s, balance f, and the input neurons' rates clamped:

    .. math::
        x &= \sigma(s), \quad s = W x + b \\
        c &= J c + e, \quad J = W^T diag(f(s)), \quad e_{out} = -dL/dx_{out} \\
        \Delta W &= r (c * f(s)) x^T, \quad \Delta b = r \, c * f(s)

    (Fan and Mysore 2024, eqs. 1-4.) Changes are made only where the mask has a synapse. Two modes of credit:

    - ``inject`` (Almeida 1987, Pineda 1987), the equation above: with :math:`f = \sigma'` the update is minus the
      gradient of the mean loss at equilibrium.
    - ``clamp`` (the paper's): the outputs' credits are held at e. The same where outputs have no outgoing synapses;
      where they have some, the update is not the gradient.

    Parameters
    ----------
    inputs, hidden, outputs
        Counts of neurons; they are ordered so. Input neurons have no incoming synapses.
    activation, loss, members, seed, dtype, device, balance, balance_width
        As in :class:`~creditgraph.train.layered.LayeredNetwork`; under ``cross_entropy`` the outputs are linear, f = 1.
    credit
        ``inject`` or ``clamp``.
    mask
        Where synapses are: a name (see :func:`~creditgraph.train.masks.named_mask`) or a boolean matrix (n, n)
        [post, pre]; by default ``all_to_all``, without self-synapses.
    mask_options
        Options of a named mask.
    gain
        Initial weights are drawn from N(0, gain^2 / n) on the mask; biases are 0. Ours; the paper leaves them open.
    tolerance
        Largest relative change of a sample at equilibrium; by default 1e-6 in float32, 1e-12 in float64.
    max_steps
        Steps after which a sample counts as unconverged.
    unconverged
        What becomes of samples without an equilibrium: ``raise`` an error, ``skip`` (:meth:`learn` leaves them out) or
        ``keep`` (:meth:`learn` uses them as they are, unless they ran beyond the range of numbers).

    Attributes
    ----------
    weights
        (members, n, n), 0 off the mask; may be set.
    biases
        (members, n), of no effect for input neurons.
    mask
        (n, n), bool.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If the mask is no boolean (n, n) matrix, or has synapses onto inputs.

    Examples
    --------
    >>> import torch
    >>> net = RecurrentNetwork(2, 5, 1, seed=1)
    >>> rates = net.fire(torch.ones(3, 2))
    >>> update = net.plasticity(rates, net.assign_credit(rates, torch.zeros(3, 1)))
    >>> update.weights.shape, update.weights[0, :2].abs().max()
    (torch.Size([1, 8, 8]), tensor(0.))
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
    ) -> RecurrentNetwork:
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

    @overload
    def fire(self, x: Any, *, report: Literal[False] = False, method: str = "iterate") -> Tensor: ...

    @overload
    def fire(self, x: Any, *, report: Literal[True], method: str = "iterate") -> tuple[Tensor, EquilibriumReport]: ...

    @torch.no_grad()
    def fire(
        self, x: Any, *, report: bool = False, method: str = "iterate"
    ) -> Tensor | tuple[Tensor, EquilibriumReport]:
        """Bring the rates to an equilibrium for clamped input rates (eq. 1), from rates of 0.

        Parameters
        ----------
        x
            Rates of the input neurons, (batch, inputs) for all members alike, or (members, batch, inputs).
        report
            Whether to return the :class:`~creditgraph.train.equilibrium.EquilibriumReport` too.
        method
            ``iterate``, the firing dynamics; ``anderson``, the same equilibrium in fewer steps, see
            :func:`~creditgraph.train.equilibrium.fixed_point`.

        Returns
        -------
        Tensor or tuple
            Rates (members, batch, n), and the report if asked for.

        Raises
        ------
        OptionError, DataError
            If the method is unknown, or x has another shape or is not finite.
        EquilibriumError
            Under ``unconverged="raise"``, if a sample did not settle.

        Warns
        -----
        EquilibriumWarning
            Under the other policies, if a sample did not settle and the report was not asked for.
        """
        clamped = as_batch("x", x, self._weights, self.inputs)
        free = self._weights[:, self.inputs :]
        drive = torch.baddbmm(self.biases[:, None, self.inputs :], clamped, free[..., : self.inputs].transpose(1, 2))
        among = free[..., self.inputs :].transpose(1, 2)
        settled, found = fixed_point(
            lambda rates: self._outputs_linear(self.activation.function, torch.baddbmm(drive, rates, among)),
            torch.zeros_like(drive),
            tolerance=self.tolerance,
            max_steps=self.max_steps,
            floor=1.0,
            method=method,
        )
        enforce(found, "rates", self.unconverged, reported=report)
        rates = torch.cat([clamped, settled], -1)
        return (rates, found) if report else rates

    @overload
    def assign_credit(
        self, rates: Tensor, y: Any, *, report: Literal[False] = False, solver: str = "iterate"
    ) -> Tensor: ...

    @overload
    def assign_credit(
        self, rates: Tensor, y: Any, *, report: Literal[True], solver: str = "iterate"
    ) -> tuple[Tensor, EquilibriumReport]: ...

    @torch.no_grad()
    def assign_credit(
        self, rates: Tensor, y: Any, *, report: bool = False, solver: str = "iterate"
    ) -> Tensor | tuple[Tensor, EquilibriumReport]:
        """Bring the credits to their equilibrium (eqs. 2 and 3) by the network's mode of credit.

        Parameters
        ----------
        rates
            What :meth:`fire` returned.
        y
            Targets of the loss: (batch, outputs) real numbers, or (batch,) class indices; either may have the members
            as a first dimension.
        report
            Whether to return the :class:`~creditgraph.train.equilibrium.EquilibriumReport` too.
        solver
            ``iterate``, the credit dynamics from credits of 0; ``anderson``, accelerated; ``direct``, one linear solve
            a sample. The last two also find equilibria that the dynamics do not settle on.

        Returns
        -------
        Tensor or tuple
            Credits (members, batch, n), and the report if asked for. Input neurons have credits too: what they receive.

        Raises
        ------
        OptionError, DataError
            If the solver is unknown, or y does not fit the rates.
        EquilibriumError
            Under ``unconverged="raise"``, if a sample did not settle.

        Warns
        -----
        EquilibriumWarning
            Under the other policies, if a sample did not settle and the report was not asked for.
        """
        choice("solver", solver, SOLVERS)
        clamp = self.loss.clamp(rates[..., -self.outputs :], y)
        balances = self._balances(rates)
        injected = torch.zeros_like(balances)
        injected[..., -self.outputs :] = clamp
        among = self._credit_weights()
        if solver == "direct":
            credits, found = solve_credits(among, balances, injected, tolerance=self.tolerance)
        else:
            credits, found = fixed_point(
                lambda credits: torch.baddbmm(injected, credits * balances, among),
                torch.zeros_like(injected),
                tolerance=self.tolerance,
                max_steps=self.max_steps,
                floor=smallest(injected),
                method=solver,
            )
        enforce(found, "credits", self.unconverged, reported=report)
        from_inputs = self._weights[:, self.inputs :, : self.inputs]
        credits = torch.cat([torch.bmm(credits * balances, from_inputs), credits], -1)
        return (credits, found) if report else credits

    @torch.no_grad()
    def plasticity(self, rates: Tensor, credits: Tensor, use: Tensor | None = None) -> Update[Tensor]:
        """Changes of all synapses and biases (eq. 4): the mean over the batch, at learning rate 1.

        Parameters
        ----------
        rates, credits
            What :meth:`fire` and :meth:`assign_credit` returned, (members, batch, n).
        use
            Which samples count in the mean, (members, batch), bool; by default all. A member with none
            keeps its weights.

        Returns
        -------
        Update
            ``weights`` (members, n, n), 0 off the mask, and ``biases`` (members, n), 0 for input neurons.

        Raises
        ------
        DataError
            If `use` has another shape or is not boolean.
        """
        effective = credits[..., self.inputs :] * self._balances(rates)
        samples: Tensor | int = rates.shape[1]
        if use is not None:
            if use.dtype != torch.bool or use.shape != rates.shape[:2]:
                expected = f"(members, batch) = {tuple(rates.shape[:2])} of torch.bool"
                raise DataError(f"use: got shape {tuple(use.shape)} of {use.dtype}, expected {expected}")
            effective = torch.where(use.unsqueeze(-1), effective, 0)
            samples = use.sum(1).clamp(min=1)
        weights = torch.zeros_like(self._weights)
        weights[:, self.inputs :] = synaptic_change(effective, rates, samples)
        biases = torch.zeros_like(self.biases)
        biases[:, self.inputs :] = bias_change(effective, samples)
        return Update(weights.mul_(self.mask), biases)

    @torch.no_grad()
    def apply(self, update: Update[Tensor], learning_rate: float | Tensor) -> None:
        """Add the update times the learning rate r, in place; r is a number or one for each member, (members,).

        Raises
        ------
        OptionError
            If a learning rate is negative or not finite.
        """
        add_scaled(self._weights, update.weights, learning_rate)
        add_scaled(self.biases, update.biases, learning_rate)

    @torch.no_grad()
    def learn(
        self, x: Any, y: Any, learning_rate: float | Tensor, *, method: str = "iterate", solver: str = "iterate"
    ) -> Learned:
        """Fire, assign credit, and change the synapses: one learning step on one batch.

        Parameters
        ----------
        x, y
            Inputs and targets, as in :meth:`fire` and :meth:`assign_credit`.
        learning_rate
            r, a number or one for each member, (members,).
        method, solver
            How rates and credits are brought to their equilibria, as there.

        Returns
        -------
        Learned
            The mean loss of each member before the step over the samples used, and how many samples had no equilibrium
            (left out under ``skip``).

        Raises
        ------
        EquilibriumError
            Under ``unconverged="raise"``, if a sample did not settle; no synapse has changed then.
        """
        rates, firing = self.fire(x, report=True, method=method)
        credits, crediting = self.assign_credit(rates, y, report=True, solver=solver)
        converged = firing.converged & crediting.converged
        finite = torch.isfinite(firing.residual) & torch.isfinite(crediting.residual)
        use = finite if self.unconverged == "keep" else converged
        value = torch.where(use, self.loss.value(rates[..., -self.outputs :], y), 0).sum(1)
        used = use.sum(1)
        self.apply(self.plasticity(rates, credits, use), learning_rate)
        return Learned(torch.where(used > 0, value / used.clamp(min=1), torch.inf), (~converged).sum(1))

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
        return self._credit_weights().transpose(1, 2).unsqueeze(1) * self._balances(rates).unsqueeze(-2)

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
