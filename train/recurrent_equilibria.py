"""Recurrent networks at equilibrium: the fast timescale of rates and the intermediate one of credits."""

from __future__ import annotations

from typing import Any, Literal, overload

import torch
from torch import Tensor

from ..guard import choice
from .equilibrium import EquilibriumReport, enforce, fixed_point, smallest, solve_credits
from .members import as_batch
from .recurrent_neurons import RecurrentNeurons

SOLVERS = ("iterate", "anderson", "direct")


class RecurrentEquilibria(RecurrentNeurons):
    """Neurons whose rates, then credits, are brought to their equilibria (eqs. 1 to 3 of Fan and Mysore 2024)."""

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
        self._check_rates("rates", rates)
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
