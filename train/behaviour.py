"""What dynamics do where they do not settle: oscillate, wander or run away."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

BEHAVIOURS = ("settled", "oscillating", "wandering", "runaway", "unsolved")
SETTLED, OSCILLATING, WANDERING, RUNAWAY, UNSOLVED = range(len(BEHAVIOURS))
WATCHED_STEPS = 256
GROWTH = 2.0
RETURN = {torch.float32: 1e-3, torch.float64: 1e-6}


def observe(step: Callable[[Tensor], Tensor], state: Tensor, settled: Tensor) -> tuple[Tensor, Tensor]:
    """Watch the samples that did not settle for 256 further steps, and say what they do.

    With d(t) the largest distance of a neuron from where the watch began, and a the largest d of all:

    - ``runaway``: values leave the range of floating-point numbers, or the largest value of the last quarter of the
      watch is more than twice that of the first;
    - ``oscillating``: d(t) falls to 1e-6 a (1e-3 a in float32); the first such t is the period;
    - ``wandering``: neither. Chaos, quasi-periodic motion, periods above 256 steps, and whatever is still on its slow
      way to rest, to a cycle or beyond all numbers.

    Parameters
    ----------
    step
        Maps states (members, batch, neurons) to the next ones.
    state
        States where the search for an equilibrium ended.
    settled
        Samples that need no watching, (members, batch), bool.

    Returns
    -------
    tuple
        Codes, indices into :data:`BEHAVIOURS`, (members, batch), int64, and periods, likewise, 0 where there is none.

    Notes
    -----
    Ours, with all its numbers. The paper does not say what becomes of rates without an equilibrium.
    """
    codes = torch.full(settled.shape, SETTLED, dtype=torch.int64, device=state.device)
    periods = torch.zeros_like(codes)
    if bool(settled.all()):
        return codes, periods
    now, finite = state, torch.ones_like(settled)
    distances, sizes = [], []
    for _ in range(WATCHED_STEPS):
        new = step(now)
        finite = finite & torch.isfinite(new).all(-1)
        now = torch.where((finite & ~settled).unsqueeze(-1), new, now)
        distances.append((now - state).abs().amax(-1))
        sizes.append(now.abs().amax(-1))
        if not bool((finite & ~settled).any()):
            break
    distance, size = torch.stack(distances), torch.stack(sizes)
    quarter = max(1, len(size) // 4)
    grown = size[-quarter:].amax(0) > GROWTH * size[:quarter].amax(0)
    returned = distance <= RETURN[state.dtype] * distance.amax(0)
    runaway = ~settled & (~finite | grown)
    cycle = ~settled & ~runaway & returned.any(0)
    codes = torch.where(settled, codes, WANDERING)
    codes = torch.where(cycle, OSCILLATING, torch.where(runaway, RUNAWAY, codes))
    return codes, torch.where(cycle, returned.to(torch.int8).argmax(0) + 1, periods)
