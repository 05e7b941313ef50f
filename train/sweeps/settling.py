"""Equilibria of many members at once, which leave the iteration as they settle."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

CHECKED_EVERY = 4
"""Iterations between two looks at who has settled; accelerators are waited for only then."""
LEAVING = 0.25
"""Share of the members that must have settled before the others are moved together, which costs about an iteration."""

Step = Callable[..., Tensor]


def settle(
    step: Step, operands: tuple[Tensor, ...], *, tolerance: float, max_steps: int, floor: float
) -> tuple[Tensor, Tensor]:
    """Bring each sample to rest under ``z(t+1) = step(z(t))`` from 0, as plain iteration of it alone would.

    A sample has settled when ``max_i |z_i(t+1) - z_i(t)| <= tolerance * max(floor, max_i |z_i(t+1)|)``, and stays at
    z(t+1), so that its values depend neither on the samples nor on the members beside it. Members all of whose samples
    have settled are no longer computed.

    Parameters
    ----------
    step
        Called with the states, (some members, neurons, samples), a tensor for the next ones, and the operands of those
        members; fills and returns the second.
    operands
        Tensors with the members first; the first of them has the shape of the states.
    tolerance, floor
        As above.
    max_steps
        Iterations after which a sample counts as without equilibrium.

    Returns
    -------
    tuple
        States, always finite, and for each member whether all its samples have settled, (members,), bool.
    """
    found = torch.zeros_like(operands[0])
    settled = torch.zeros(len(found), dtype=torch.bool, device=found.device)
    here = torch.arange(len(found), device=found.device)
    state, new, gap = found.clone(), torch.empty_like(found), torch.empty_like(found)
    active = torch.ones(found.shape[0], found.shape[2], dtype=torch.bool, device=found.device)
    failed = torch.zeros_like(active)
    for count in range(1, max_steps + 1):
        step(state, new, *operands)
        change = torch.sub(new, state, out=gap).abs_().amax(1)
        size = torch.abs(new, out=gap).amax(1).clamp_(min=floor)
        moving = change > size.mul_(tolerance)
        # infinite minus infinite is NaN, and no comparison with NaN holds
        failed |= active & ~torch.isfinite(change)
        active &= ~failed
        torch.where(active.unsqueeze(1), new, state, out=state)
        active &= moving
        if count % CHECKED_EVERY and count < max_steps:
            continue
        waiting = active.any(1)
        left = int(waiting.sum())
        if left == 0 or count == max_steps:
            break
        if left <= (1 - LEAVING) * len(waiting):
            found[here[~waiting]] = state[~waiting]
            settled[here[~waiting]] = ~failed[~waiting].any(1)
            here, state, active, failed = (each[waiting] for each in (here, state, active, failed))
            operands = tuple(each[waiting] for each in operands)
            new, gap = torch.empty_like(state), torch.empty_like(state)
    found[here] = state
    settled[here] = ~(active | failed).any(1)
    return found, settled
