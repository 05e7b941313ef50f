"""Recurrent networks: the three timescales of the credit rule on any directed mask of synapses."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..guard import DataError, finite_array
from .fitting import fitting
from .plasticity import Learned, Update, add_scaled, bias_change, synaptic_change
from .recurrent_equilibria import RecurrentEquilibria


class RecurrentNetwork(RecurrentEquilibria):
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

    @torch.no_grad()
    def plasticity(self, rates: Tensor, credits: Tensor, use: Any = None) -> Update[Tensor]:
        """Changes of all synapses and biases (eq. 4): the mean over the batch, at learning rate 1.

        Parameters
        ----------
        rates, credits
            What :meth:`fire` and :meth:`assign_credit` returned, (members, batch, n).
        use
            Which samples count in the mean, (members, batch), truth values; by default all. A member with none
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
        self._check_rates("rates", rates)
        fitting("credits", [credits], [tuple(rates.shape)], self.dtype)
        effective = credits[..., self.inputs :] * self._balances(rates)
        samples: Tensor | int = rates.shape[1]
        if use is not None:
            if not isinstance(use, Tensor):
                use = torch.from_numpy(np.array(finite_array("use", use)))
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
            If a learning rate is negative, not finite, or beyond the range of the dtype.
        DataError
            If the update is that of another network, or of synapses off the mask; then nothing has changed.
        """
        if not isinstance(update, Update):
            raise DataError(f"update: got {type(update).__name__}, expected what plasticity returned")
        parameters = [self._weights, self.biases]
        fitting("update", [update.weights, update.biases], [each.shape for each in parameters], self.dtype)
        if bool((update.weights[:, ~self.mask] != 0).any()):
            raise DataError("update: changes synapses where the mask has none; it is that of another network")
        self._add(update, learning_rate)

    def _add(self, update: Update[Tensor], learning_rate: float | Tensor) -> None:
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
        self._add(self.plasticity(rates, credits, use), learning_rate)
        return Learned(torch.where(used > 0, value / used.clamp(min=1), torch.inf), (~converged).sum(1))
