"""Equilibria: fixed points by iteration, linear ones also by a direct solve, each sample with a report."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..guard import CreditgraphError

POLICIES = ("raise", "skip", "keep")
SOLVE_BYTES = 2**28


class EquilibriumError(CreditgraphError):
    """Samples found no equilibrium and the caller did not say what to do with them."""


class EquilibriumWarning(UserWarning):
    """Samples without an equilibrium were returned to a caller who did not ask for the report."""


@dataclass(frozen=True)
class EquilibriumReport:
    """How each sample of each member settled.

    Attributes
    ----------
    converged
        Whether the residual fell to the tolerance, (members, batch), bool.
    residual
        Largest change of a neuron in the last step, relative to the largest value in the sample (for rates: to 1 where
        that is larger), (members, batch). Infinite where values ran beyond the range of floating-point numbers; then
        the values returned are the last finite ones.
    steps
        Steps made, (members, batch), int64; the last one found the change within the tolerance. 0 for a direct solve.
    """

    converged: Tensor
    residual: Tensor
    steps: Tensor

    @property
    def unconverged(self) -> Tensor:
        """Count of samples of each member that did not converge, (members,), int64."""
        return (~self.converged).sum(1)


def fixed_point(
    step: Callable[[Tensor], Tensor], start: Tensor, *, tolerance: float, max_steps: int, floor: float
) -> tuple[Tensor, EquilibriumReport]:
    """Iterate ``z(t+1) = step(z(t))`` until each sample is at rest.

    A sample stops at its own equilibrium, so that its values do not depend on the samples beside it.

    Parameters
    ----------
    step
        Maps states (members, batch, neurons) to the next ones.
    start
        Initial states.
    tolerance
        A sample has converged when ``max_i |z_i(t+1) - z_i(t)| <= tolerance * max(floor, max_i |z_i(t+1)|)``.
    max_steps
        Steps after which the rest is reported as unconverged.
    floor
        Size below which the tolerance is absolute.

    Returns
    -------
    tuple
        States, always finite, and their :class:`EquilibriumReport`.
    """
    state = start
    active = torch.ones(start.shape[:2], dtype=torch.bool, device=start.device)
    residual = torch.full(start.shape[:2], torch.inf, dtype=start.dtype, device=start.device)
    steps = torch.zeros(start.shape[:2], dtype=torch.int64, device=start.device)
    for _ in range(max_steps):
        new = step(state)
        change = _residual(new, state, floor)
        finite = torch.isfinite(change)
        state = torch.where((active & finite).unsqueeze(-1), new, state)
        residual = torch.where(active, change, residual)
        steps += active
        active &= finite & (change > tolerance)
        if not bool(active.any()):
            break
    return state, EquilibriumReport(residual <= tolerance, residual, steps)


def solve_credits(
    weights: Tensor, balances: Tensor, injected: Tensor, *, tolerance: float
) -> tuple[Tensor, EquilibriumReport]:
    """Solve ``c = J c + e``, ``J = W^T diag(f)``, directly: ``(I - W^T diag(f)) c = e`` for each sample.

    Parameters
    ----------
    weights
        W among the neurons with free rates, (members, n, n) [post, pre].
    balances
        f(s), (members, batch, n).
    injected
        e, (members, batch, n).
    tolerance
        As in :func:`fixed_point`; the residual is that of one more step of the credit dynamics.

    Returns
    -------
    tuple
        Credits (members, batch, n), 0 where the equation has no single solution, and their report.
    """
    members, batch, n = injected.shape
    identity = torch.eye(n, dtype=weights.dtype, device=weights.device)
    credits = torch.empty_like(injected)
    chunk = max(1, SOLVE_BYTES // (n * n * weights.element_size()))
    for m in range(members):
        for first in range(0, batch, chunk):
            part = slice(first, first + chunk)
            matrices = identity - weights[m].T * balances[m, part].unsqueeze(1)
            solved, _ = torch.linalg.solve_ex(matrices, injected[m, part].unsqueeze(-1))
            credits[m, part] = solved.squeeze(-1)
    residual = _residual(torch.baddbmm(injected, credits * balances, weights), credits, smallest(credits))
    credits = torch.where(torch.isfinite(residual).unsqueeze(-1), credits, 0)
    steps = torch.zeros(members, batch, dtype=torch.int64, device=credits.device)
    return credits, EquilibriumReport(residual <= tolerance, residual, steps)


def smallest(like: Tensor) -> float:
    """Smallest normal number of a tensor's dtype: the floor that makes a tolerance purely relative."""
    return float(torch.finfo(like.dtype).tiny)


def enforce(report: EquilibriumReport, what: str, policy: str, *, reported: bool) -> None:
    """Act on samples that did not converge.

    Parameters
    ----------
    report
        The report of a solve.
    what
        What has no equilibrium, for the message.
    policy
        ``raise`` raises; under ``skip`` and ``keep`` a caller who does not get the report is warned.
    reported
        Whether the caller gets the report.

    Raises
    ------
    EquilibriumError
        Under ``raise``, if a sample did not converge.
    """
    count = int(report.unconverged.sum())
    if count == 0 or (policy != "raise" and reported):
        return
    found = (
        f"{count} of {report.converged.numel()} samples found no equilibrium of the {what} "
        f"in at most {int(report.steps.max())} steps (largest residual {float(report.residual.max()):.3g})"
    )
    if policy == "raise":
        raise EquilibriumError(
            f"{found}; use weaker weights (gain), more steps (max_steps), a larger tolerance, "
            "or unconverged='skip' to leave such samples out or 'keep' to use them"
        )
    warnings.warn(f"{found}; ask for the report (report=True) to tell them apart", EquilibriumWarning, stacklevel=4)


def _residual(new: Tensor, old: Tensor, floor: float) -> Tensor:
    change = (new - old).abs().amax(-1) / new.abs().amax(-1).clamp(min=floor)
    return torch.where(torch.isfinite(change), change, torch.inf)
