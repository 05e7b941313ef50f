"""How much memory algorithm 1 takes, asked before anything is made."""

from __future__ import annotations

import torch

from ...guard import OptionError, counted, in_bytes
from ..pruning import counting_dtype
from ..sweeps.memory import Need, memory_limit


def connectome_need(*, n: int, snapshots: int, compiled: bool, dtype: torch.dtype, device: torch.device) -> Need:
    """What a simulation of algorithm 1 needs.

    Held are the weights of all members, those before the first iteration, the result's copies of both and, on the
    processor, the snapshots and their copy, and the weights that each seed draws. The tensor engine makes beside these,
    for each member that it iterates at the same time, a copy of the weights, the next ones, their magnitudes as numbers
    and as bits, and the ranks of ties. Compiled loops make nothing on the way, but on a GPU the records are made in
    tensors, of so many members at the same time: inputs or magnitudes, and these in double precision.

    Parameters
    ----------
    n
        Neurons.
    snapshots
        Snapshots of each member.
    compiled
        Whether the engine is compiled.
    dtype, device
        Of the weights.
    """
    matrix = n * n * dtype.itemsize
    kept = 2 * snapshots if device.type == "cpu" else 0
    if not compiled:
        buffers = 5 * matrix + n * n * (counting_dtype(n * n).itemsize + 4 * torch.bool.itemsize)
    else:
        buffers = 0 if device.type == "cpu" else matrix + n * n * torch.float64.itemsize
    # initial weights are drawn one seed after the other, in double precision
    drawing = 2 * n * n * torch.float64.itemsize
    return Need(seed=matrix, member=matrix * (4 + kept), buffers=buffers, once=drawing)


def members_at_once(
    need: Need, *, n: int, members: int, seeds: int, memory: int | str | None, device: torch.device
) -> int:
    """Members that temporary tensors may be made of at the same time; all of them where none are made.

    Parameters
    ----------
    need
        What the simulation needs.
    n
        Neurons.
    members, seeds
        How many there are.
    memory, device
        Bytes allowed on the device, see :func:`~creditgraph.train.sweeps.memory.memory_limit`.

    Raises
    ------
    OptionError
        If not all weights fit, or not one member's temporary tensors beside them.
    """
    limit, least = memory_limit(memory, device), need.of(members=members, seeds=seeds)
    if least > limit:
        raise OptionError(
            "memory",
            limit,
            f"at least {in_bytes(least)} for {counted(members, 'member')} of {n} x {n} weights, their "
            "snapshots and buffers",
            "allow more memory, or take fewer neurons, members or snapshots",
        )
    free = limit - need.held(members=members, seeds=seeds)
    return min(members, free // need.buffers) if need.buffers else members
