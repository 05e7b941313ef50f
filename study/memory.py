"""How much memory the networks of a study take while they are trained, and how it is shared among batches."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..guard import OptionError, counted, in_bytes
from ..train.connectome.memory import connectome_need, members_at_once
from ..train.members import usable_device
from ..train.sweeps.memory import Need, memory_limit
from ..train.sweeps.timetable import Timetable
from .batches import FEWEST, Batch, batches_of
from .config import Study
from .sweeps import one_network

LITTLE_MORE = 1.5
"""A batch of so many times the bytes of one of its networks is not divided: its networks would hold the same data."""


@dataclass(frozen=True)
class Division:
    """How the networks of a study are trained within the memory.

    Attributes
    ----------
    batches
        Networks that are trained side by side.
    workers
        Batches that are trained at a time at most.
    memory
        Bytes that each of these may take on its device.
    short
        Whether there would be more workers with more memory.
    """

    batches: list[Batch]
    workers: int
    memory: int
    short: bool


def divided(study: Study, *, workers: int, memory: int | None = None) -> Division:
    """Divide the networks of a study into batches that fit into the memory.

    On the processor a batch takes an eighth of the memory at most, so that several can be trained at a time, whatever
    the number of workers; on an accelerator, where one is trained at a time, all of it. A single network may take it
    all, and networks beside it that take little more, since they share its data. Where the batches of all workers do
    not fit together, fewer workers are at it. Networks that a control rule trains stay in the batches that the study
    alone gives, on every device: what they learn depends in its last bits on which of them learn together.

    Parameters
    ----------
    study
        What is trained; its task is loaded.
    workers
        Worker processes.
    memory
        Bytes on the device where networks are trained, for all of them; by default half of what is free.

    Raises
    ------
    CreditgraphError
        If a network is too large for the memory, or data or options do not fit each other.
    """
    device = usable_device(study.sweep.device)
    limit, accelerated = memory_limit(memory, device), device.type != "cpu"
    need = _need(study, device, limit)

    def bytes_of(batch: Batch) -> int:
        return need.of(members=len(batch.cells), seeds=len(batch.seeds))

    single = need.of(members=1, seeds=1)
    share = limit if accelerated else max(limit // FEWEST, min(limit, int(LITTLE_MORE * single)))
    together = study.experiment == "layered" and study.layered.rule != "credit"
    batches = batches_of(study, accelerated=accelerated, fits=lambda batch: together or bytes_of(batch) <= share)
    largest = max(batches, key=bytes_of)
    if bytes_of(largest) > limit:
        raise OptionError(
            "memory",
            limit,
            f"at least {in_bytes(bytes_of(largest))} for {counted(len(largest.cells), 'network')} that a "
            "control rule trains together",
            "allow more memory, or take fewer or smaller networks, or smaller batches of samples",
        )
    wanted = 1 if accelerated else min(workers, len(batches))
    at_once = min(wanted, limit // bytes_of(largest))
    return Division(batches, at_once, limit // at_once, at_once < wanted)


def _need(study: Study, device: torch.device, limit: int) -> Need:
    """What networks of a study need; checks that one of them fits, without making it where it is large."""
    if study.experiment != "connectome":
        return one_network(study, memory=limit).need
    options, kept = study.connectome, study.sweep.snapshots
    plan = Timetable(epochs=1, steps_per_epoch=options.iterations, snapshots=0 if kept is None else kept)
    need = connectome_need(
        n=options.n,
        snapshots=plan.taken,
        compiled=device.type == "cpu",
        dtype=getattr(torch, options.dtype),
        device=device,
    )
    members_at_once(need, n=options.n, members=1, seeds=1, memory=limit, device=device)
    return need
