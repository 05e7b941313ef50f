"""How much memory algorithm 1 takes, asked before anything is made."""

from __future__ import annotations

import torch

from ..guard import OptionError
from .pruning import counting_dtype
from .sweeps.memory import memory_limit


def members_at_once(
    *,
    n: int,
    members: int,
    seeds: int,
    snapshots: int,
    compiled: bool,
    dtype: torch.dtype,
    device: torch.device,
    memory: int | None,
) -> int:
    """Members that an iteration may take in one batch of tensors; all of them where it is compiled.

    Held are the weights of all members, those before the first iteration, the result's copies of both and, on the
    processor, the snapshots and their copy. The tensor engine makes beside these, for each member of a batch, a copy
    of the weights, the next ones, their magnitudes as numbers and as bits, and the ranks of ties.

    Parameters
    ----------
    n
        Neurons.
    members, seeds, snapshots
        Counts; snapshots are those of each member.
    compiled
        Whether the loops are compiled, which makes nothing on the way.
    dtype, device
        Of the weights.
    memory
        Bytes allowed, see :func:`~creditgraph.train.sweeps.memory.memory_limit`.

    Raises
    ------
    OptionError
        If not all weights fit, or not one member's temporary tensors beside them.
    """
    limit = memory_limit(memory, device)
    matrix = n * n * dtype.itemsize
    kept = 2 * snapshots if device.type == "cpu" else 0
    # initial weights are drawn one seed after the other, in double precision
    held = members * matrix * (4 + kept) + seeds * matrix + 2 * n * n * torch.float64.itemsize
    at_once = 0 if compiled else 5 * matrix + n * n * (counting_dtype(n * n).itemsize + 4 * torch.bool.itemsize)
    if held + at_once > limit:
        raise OptionError(
            "memory",
            limit,
            f"at least {held + at_once} bytes for {members} members of {n} x {n} weights and {snapshots} snapshots of "
            "each",
            "allow more memory, or take fewer neurons, members or snapshots",
        )
    return members if compiled else min(members, (limit - held) // at_once)
