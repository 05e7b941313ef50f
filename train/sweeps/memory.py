"""How much memory a sweep may use, and how many members fit side by side."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from ...guard import OptionError, whole_number

SHARE = 0.5
"""Share of the memory that is free which a sweep takes if it is not told."""
UNKNOWN = 4 * 2**30
LARGEST_CHUNK = 16
"""Members that share a call on the processor: more no longer make the calls cheaper, and leave the cache."""


def free_memory(device: torch.device) -> int:
    """Bytes of memory that are free on a device; where the system does not say, 4 GiB."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN


def memory_limit(memory: object, device: torch.device) -> int:
    """Bytes that a sweep may use: those given, or half of what is free.

    Raises
    ------
    OptionError
        If `memory` is neither None nor a whole number above 0.
    """
    return int(SHARE * free_memory(device)) if memory is None else whole_number("memory", memory, 1)


def memory_left(
    *,
    numbers: int,
    members: int,
    snapshots: int,
    member_bytes: int,
    data_bytes: int,
    dtype: torch.dtype,
    device: torch.device,
    memory: int | None,
) -> int:
    """Bytes that data and results leave of the memory for buffers; asked before any of them is made.

    Parameters
    ----------
    numbers
        Weights and biases of a member.
    members, snapshots
        Members in all, and snapshots of each.
    member_bytes
        Bytes of the buffers of one member.
    data_bytes
        Bytes of all samples.
    dtype, device
        Of the numbers.
    memory
        Bytes allowed, see :func:`memory_limit`.

    Raises
    ------
    OptionError
        If data and results do not fit, or not even one member's buffers fit beside them.
    """
    limit = memory_limit(memory, device)
    # the state, the result's copy of it, and the initial weights; snapshots stay in the processor's memory
    held = members * numbers * dtype.itemsize * (3 + (snapshots if device.type == "cpu" else 0)) + data_bytes
    if held > limit:
        raise OptionError(
            "memory",
            limit,
            f"at least {held} bytes for data ({data_bytes} bytes), {members} members of {numbers} weights and biases, "
            f"and {snapshots} snapshots of each",
            "allow more memory, or take fewer or smaller members, or fewer snapshots",
        )
    chunk_size(1, device=device, threads=1, member_bytes=member_bytes, free=limit - held)
    return limit - held


def chunk_size(members: int, *, device: torch.device, threads: int, member_bytes: int, free: int) -> int:
    """Members to train in one batch of tensors; the rest form further batches. What comes out does not depend on it.

    Parameters
    ----------
    members
        Members in all.
    device
        On an accelerator all members go together if they fit; on the processor each thread takes its share, of at
        most 16 members at a time.
    threads
        Threads on the processor.
    member_bytes
        Bytes of the buffers of one member.
    free
        Bytes for buffers.

    Raises
    ------
    OptionError
        If not even one member fits.
    """
    at_once = threads if device.type == "cpu" else 1
    fit = free // (member_bytes * at_once)
    if fit < 1:
        raise OptionError(
            "memory",
            free,
            f"at least {member_bytes * at_once} bytes beside data and results",
            "allow more memory, or take smaller batches or networks, or fewer members or snapshots",
        )
    if device.type != "cpu":
        return min(members, fit)
    return min(-(-members // threads), fit, LARGEST_CHUNK)
