"""How much memory a sweep may use, and how many members fit side by side."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from ...guard import OptionError, byte_count, counted, in_bytes

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
        If `memory` is neither None nor bytes, as a whole number or such as ``"4 GiB"``.
    """
    given = byte_count(memory)
    return int(SHARE * free_memory(device)) if given is None else given


@dataclass(frozen=True)
class Need:
    """Bytes that a sweep takes on its device, asked before any of it is made.

    Attributes
    ----------
    seed
        For each seed: its data. An upper bound where seeds share them.
    member
        For each member: its state and results, for as long as the sweep lasts.
    buffers
        For each member that is trained at the same time.
    together
        Members that are trained at the same time at least, of those that there are.
    once
        Whatever members and seeds there are.

    Examples
    --------
    >>> Need(seed=100, member=10, buffers=5).of(members=4, seeds=2)
    245
    """

    seed: int
    member: int
    buffers: int
    together: int = 1
    once: int = 0

    def of(self, *, members: int, seeds: int) -> int:
        """Bytes of so many members with so many seeds, at least."""
        return self.held(members=members, seeds=seeds) + min(members, self.together) * self.buffers

    def held(self, *, members: int, seeds: int) -> int:
        """The same without buffers."""
        return self.once + seeds * self.seed + members * self.member


def sweep_need(
    *,
    numbers: int,
    snapshots: int,
    member_bytes: int,
    data_bytes: int,
    seeds: int,
    dtype: torch.dtype,
    device: torch.device,
    together: int = 1,
) -> Need:
    """What a sweep of networks on data needs.

    Parameters
    ----------
    numbers
        Weights and biases of a member.
    snapshots
        Snapshots of each member.
    member_bytes
        Bytes of the buffers of one member.
    data_bytes, seeds
        Bytes of all samples, and the number of seeds that they are for.
    dtype, device
        Of the numbers.
    together
        As :class:`Need` has it.
    """
    # the state, the result's copy of it, and the initial weights; snapshots stay in the processor's memory
    copies = 3 + (snapshots if device.type == "cpu" else 0)
    return Need(-(-data_bytes // seeds), numbers * dtype.itemsize * copies, member_bytes, together)


def memory_left(
    need: Need, *, numbers: int, members: int, seeds: int, memory: int | str | None, device: torch.device
) -> int:
    """Bytes that data and results leave of the memory for buffers; asked before any of them is made.

    Parameters
    ----------
    need
        What the sweep needs.
    numbers
        Weights and biases of a member.
    members, seeds
        How many there are.
    memory, device
        Bytes allowed on the device, see :func:`memory_limit`.

    Raises
    ------
    OptionError
        If data and results do not fit, or the buffers of too few members beside them.
    """
    limit = memory_limit(memory, device)
    least, held = need.of(members=members, seeds=seeds), need.held(members=members, seeds=seeds)
    if least > limit:
        raise OptionError(
            "memory",
            limit,
            f"at least {in_bytes(least)} for data ({in_bytes(seeds * need.seed)}), and "
            f"{counted(members, 'member')} of {numbers} weights "
            "and biases with their snapshots and buffers",
            "allow more memory, or take smaller batches or networks, or fewer members or snapshots",
        )
    return limit - held


def chunk_size(members: int, *, device: torch.device, threads: int, need: Need, free: int) -> tuple[int, int]:
    """Members to train in one batch of tensors, the rest forming further batches, and batches to train at once.

    What comes out does not depend on it, but for members that learn together (`need.together` above 1): theirs is the
    same whatever the threads and the memory. Where memory is short, fewer batches are trained at once, and then smaller
    ones.

    Parameters
    ----------
    members
        Members in all.
    device
        On an accelerator all members go together if they fit; on the processor each thread takes its share, of at
        most 16 members at a time, and members that learn together are taken 16 at a time.
    threads
        Threads on the processor.
    need
        What the sweep needs.
    free
        Bytes for buffers, as :func:`memory_left` has found them: enough for as many members as learn together.

    Examples
    --------
    >>> need = Need(seed=0, member=0, buffers=100)
    >>> chunk_size(8, device=torch.device("cpu"), threads=2, need=need, free=800)
    (4, 2)
    >>> chunk_size(8, device=torch.device("cpu"), threads=2, need=need, free=199)
    (1, 1)
    """
    if device.type != "cpu":
        share, at_once = members, 1
    elif need.together > 1:
        share = min(members, LARGEST_CHUNK)
        at_once = min(threads, -(-members // share))
    else:
        share, at_once = min(-(-members // threads), LARGEST_CHUNK), threads
    least = min(share, need.together)
    at_once = max(1, min(at_once, free // (need.buffers * least)))
    return max(least, min(share, free // (need.buffers * at_once))), at_once
