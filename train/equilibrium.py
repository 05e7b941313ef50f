"""Equilibria: fixed points by iteration, plain or accelerated, linear ones also by a direct solve, with reports."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..guard import CreditgraphError, choice, counted
from .behaviour import BEHAVIOURS, SETTLED, UNSOLVED, observe
from .members import sums_dtype

METHODS = ("iterate", "anderson")
POLICIES = ("raise", "skip", "keep")
SOLVE_BYTES = 2**28
ANDERSON_MEMORY = 5

Step = Callable[[Tensor], Tensor]


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
    behaviour
        What each sample does, (members, batch), int64, as an index into
        :data:`~creditgraph.train.behaviour.BEHAVIOURS`: ``settled``, or what the dynamics do instead,
        ``oscillating``, ``wandering`` (chaos, or slow) or ``runaway``; ``unsolved`` by a direct solve, which says
        nothing of the dynamics. See :func:`~creditgraph.train.behaviour.observe`.
    period
        Steps of a period where a sample oscillates, (members, batch), int64; 0 elsewhere.
    """

    converged: Tensor
    residual: Tensor
    steps: Tensor
    behaviour: Tensor
    period: Tensor

    @property
    def unconverged(self) -> Tensor:
        """Count of samples of each member that did not converge, (members,), int64."""
        return (~self.converged).sum(1)

    @property
    def behaviours(self) -> npt.NDArray[np.str_]:
        """The behaviour of each sample by its name, (members, batch)."""
        names: npt.NDArray[np.str_] = np.array(BEHAVIOURS)[self.behaviour.cpu().numpy()]
        return names


def fixed_point(
    step: Step, start: Tensor, *, tolerance: float, max_steps: int, floor: float, method: str = "iterate"
) -> tuple[Tensor, EquilibriumReport]:
    """Bring each sample to rest under ``z(t+1) = step(z(t))``.

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
    method
        ``iterate``, the dynamics themselves; ``anderson``, Anderson acceleration over the last 5 steps, which needs
        fewer of them and may also find an equilibrium that the dynamics leave, or another one of several. Samples
        that it does not bring to rest are iterated from their start; then `steps` counts both.

    Returns
    -------
    tuple
        States, always finite, and their :class:`EquilibriumReport`.

    Raises
    ------
    OptionError
        If the method is unknown.

    References
    ----------
    D. G. Anderson (1965), Iterative procedures for nonlinear integral equations, J. ACM 12, 547-560; in the form of
    H. F. Walker and P. Ni (2011), Anderson acceleration for fixed-point iterations, SIAM J. Numer. Anal. 49, 1715-1735.
    """
    everyone = torch.ones(start.shape[:2], dtype=torch.bool, device=start.device)
    if choice("method", method, METHODS) == "iterate":
        state, residual, steps = _iterate(step, start, everyone, tolerance, max_steps, floor)
    else:
        state, residual, steps = _anderson(step, start, tolerance, max_steps, floor)
        failed = ~(residual <= tolerance)
        if bool(failed.any()):
            plain, plain_residual, more = _iterate(step, start, failed, tolerance, max_steps, floor)
            state = torch.where(failed.unsqueeze(-1), plain, state)
            residual, steps = torch.where(failed, plain_residual, residual), steps + more
    converged = residual <= tolerance
    return state, EquilibriumReport(converged, residual, steps, *observe(step, state, converged))


def _iterate(
    step: Step, start: Tensor, active: Tensor, tolerance: float, max_steps: int, floor: float
) -> tuple[Tensor, Tensor, Tensor]:
    """States, residuals and steps of the active samples by the dynamics themselves."""
    state, active = start, active.clone()
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
    return state, residual, steps


def _anderson(
    step: Step, start: Tensor, tolerance: float, max_steps: int, floor: float
) -> tuple[Tensor, Tensor, Tensor]:
    """States, residuals and steps by Anderson acceleration, each sample for itself.

    With g the step, F = g(z) - z, and the last differences dF and dG of F and g(z) as columns,
    ``z(t+1) = g(z(t)) - dG gamma`` where gamma minimises ``|F - dF gamma|``.
    """
    state = start
    active = torch.ones(start.shape[:2], dtype=torch.bool, device=start.device)
    residual = torch.full(start.shape[:2], torch.inf, dtype=start.dtype, device=start.device)
    steps = torch.zeros(start.shape[:2], dtype=torch.int64, device=start.device)
    image_before = gap_before = start
    gap_changes: list[Tensor] = []
    image_changes: list[Tensor] = []
    for count in range(max_steps):
        image = step(state)
        change = _residual(image, state, floor)
        finite = torch.isfinite(change)
        gap = image - state
        residual = torch.where(active, change, residual)
        steps += active
        going_on = active & finite & (change > tolerance)
        # a sample that came to rest keeps the image, as in plain iteration
        state = torch.where((active & finite).unsqueeze(-1), image, state)
        active = going_on
        if not bool(active.any()):
            break
        if count:
            gap_changes = [*gap_changes[1 - ANDERSON_MEMORY :], gap - gap_before]
            image_changes = [*image_changes[1 - ANDERSON_MEMORY :], image - image_before]
            mixed = image - _mixture(torch.stack(gap_changes, -2), gap, torch.stack(image_changes, -2))
            usable = active & torch.isfinite(mixed).all(-1)
            state = torch.where(usable.unsqueeze(-1), mixed, state)
        image_before, gap_before = image, gap
    return state, residual, steps


def _mixture(gap_changes: Tensor, gap: Tensor, image_changes: Tensor) -> Tensor:
    """``dG gamma`` of each sample, (members, batch, neurons); the histories are (members, batch, memory, neurons)."""
    gram = gap_changes @ gap_changes.mT
    # differences become parallel near rest: a ridge at the size of rounding keeps the solution small
    ridge = 10 * torch.finfo(gap.dtype).eps * gram.diagonal(dim1=-2, dim2=-1).sum(-1)
    identity = torch.eye(gram.shape[-1], dtype=gap.dtype, device=gap.device)
    gamma, _ = torch.linalg.solve_ex(gram + ridge[..., None, None] * identity, gap_changes @ gap.unsqueeze(-1))
    return torch.matmul(gamma.mT, image_changes).squeeze(-2)


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
    narrow = injected.dtype
    # in single precision, rounding alone would be a residual of many neurons
    weights, balances, injected = (each.to(sums_dtype(each.device)) for each in (weights, balances, injected))
    identity = torch.eye(n, dtype=weights.dtype, device=weights.device)
    credits = torch.empty_like(injected)
    chunk = max(1, SOLVE_BYTES // (n * n * weights.element_size()))
    for m in range(members):
        for first in range(0, batch, chunk):
            part = slice(first, first + chunk)
            matrices = identity - weights[m].T * balances[m, part].unsqueeze(1)
            found, _ = torch.linalg.solve_ex(matrices, injected[m, part].unsqueeze(-1))
            credits[m, part] = found.squeeze(-1)
    credits = credits.to(narrow).to(credits.dtype)
    residual = _residual(torch.baddbmm(injected, credits * balances, weights), credits, smallest(credits)).to(narrow)
    credits = torch.where(torch.isfinite(residual).unsqueeze(-1), credits, 0).to(narrow)
    steps = torch.zeros(members, batch, dtype=torch.int64, device=credits.device)
    solved = residual <= tolerance
    behaviour = torch.where(solved, SETTLED, UNSOLVED)
    return credits, EquilibriumReport(solved, residual, steps, behaviour, torch.zeros_like(steps))


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
    counts = torch.bincount(report.behaviour[~report.converged].flatten(), minlength=len(BEHAVIOURS)).tolist()
    kinds = ", ".join(f"{each} {name}" for name, each in zip(BEHAVIOURS, counts, strict=True) if each)
    steps = int(report.steps.max())
    how = f"in at most {counted(steps, 'step')}" if steps else "by a direct solve"
    found = (
        f"{count} of {counted(report.converged.numel(), 'sample')} found no equilibrium of the {what} "
        f"{how} ({kinds}; largest residual "
        f"{float(report.residual.max()):.3g})"
    )
    if policy == "raise":
        more = "more steps (max_steps), " if steps else ""
        raise EquilibriumError(
            f"{found}; use weaker weights (gain), {more}a larger tolerance, "
            "or unconverged='skip' to leave such samples out or 'keep' to use them"
        )
    warnings.warn(f"{found}; ask for the report (report=True) to tell them apart", EquilibriumWarning, stacklevel=4)


def _residual(new: Tensor, old: Tensor, floor: float) -> Tensor:
    change = (new - old).abs().amax(-1) / new.abs().amax(-1).clamp(min=floor)
    return torch.where(torch.isfinite(change), change, torch.inf)
