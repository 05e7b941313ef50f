"""Algorithm 1 on CUDA GPUs: a kernel that does blocks of iterations by itself."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ...guard import DataError
from ..pruning import MAGNITUDE_BITS
from .dynamics import Dynamics, Population
from .kernel import advance
from .noise import NOISE_BLOCK

MOST_NEURONS = 46340
"""Beyond these a matrix has too many entries for the kernel's counts."""
MOST_ENTRIES = 2**27
"""Entries that a program may change in a launch, in about a tenth of a second: some systems end what takes seconds."""


class Setting(NamedTuple):
    """What the kernel is told for a precision.

    Attributes
    ----------
    rows, columns
        Entries at a time while thresholds are looked for.
    side
        Rows at a time while neurons fire and are assigned credit; twice as many while weights are written.
    warps, registers
        Warps of a program, and registers of a thread: so many that a multiprocessor has room for two programs.
    first, widest
        How far around a guess to look for a threshold, at first and at most, as whole numbers: from a thousandth to an
        eighth of it.
    """

    rows: int
    columns: int
    side: int
    warps: int
    registers: int
    first: int
    widest: int


SETTINGS = {
    torch.float32: Setting(16, 64, 32, 8, 128, 2**12, 2**20),
    torch.float64: Setting(8, 64, 16, 8, 128, 2**41, 2**49),
}


class CudaIterations:
    """Does the iterations of one simulation, without waiting for the device.

    The same entries are pruned as by :func:`~creditgraph.train.pruning.smallest`. Each threshold is looked for around
    the last one; results do not depend on where that was.
    """

    def __init__(self) -> None:
        self._search: tuple[Tensor, Tensor] | None = None

    @torch.no_grad()
    def __call__(self, population: Population, dynamics: Dynamics, noise: Tensor, steps: range) -> None:
        """Do some iterations with the members that are alive.

        Parameters
        ----------
        population
            The state, each tensor in one piece, changed in place; the same in each call.
        dynamics
            What all members share; the same in each call.
        noise
            Noise of rates and of credits, (seeds, 2, any, n), or of both alike, (seeds, 1, any, n); in one piece.
        steps
            Which of the noise drives the iterations, along its third axis.
        """
        p = population
        members, n, _ = p.weights.shape
        if self._search is None:
            guesses = torch.zeros(members, dtype=MAGNITUDE_BITS[p.weights.dtype][0], device=p.weights.device)
            self._search = guesses, torch.full_like(guesses, SETTINGS[p.weights.dtype].first)
        room = p.rates.new_empty(members, 4, n)
        at_once = max(1, MOST_ENTRIES // n**2)
        for start in range(steps.start, steps.stop, at_once):
            _launch(p, dynamics, self._search, room, noise, range(start, min(start + at_once, steps.stop)))


def _launch(
    population: Population,
    dynamics: Dynamics,
    search: tuple[Tensor, Tensor],
    room: Tensor,
    noise: Tensor,
    steps: range,
) -> None:
    """Let the kernel do some iterations; see there."""
    p = population
    setting, integers = SETTINGS[p.weights.dtype], MAGNITUDE_BITS[p.weights.dtype][0]
    with torch.cuda.device_of(p.weights):  # type: ignore[no-untyped-call]
        advance[(len(p.weights),)](
            p.weights,
            p.rates,
            p.credits,
            p.learning_rates,
            p.pruned,
            p.seed_index,
            p.alive.view(torch.int8),
            p.iterations,
            p.mean_balance,
            *search,
            room,
            noise,
            steps.start,
            steps.stop,
            dynamics.clamped,
            int(torch.tensor(dynamics.divergence, dtype=p.weights.dtype).view(integers)),
            setting.widest,
            n=p.weights.shape[1],
            BLOCK_OF_NOISE=noise.shape[2],
            SHARED=noise.shape[1] == 1,
            ACTIVATION=dynamics.activation.name,
            IDENTITY=dynamics.clamp == "identity",
            SELF=dynamics.self_synapses,
            ROWS=setting.rows,
            COLUMNS=setting.columns,
            SIDE=setting.side,
            num_warps=setting.warps,
            maxnreg=setting.registers,
            # what is to be fused is said in the kernel
            enable_fp_fusion=False,
        )


def compile_for(*, n: int, dynamics: Dynamics, shared: bool, dtype: torch.dtype, device: torch.device) -> None:
    """Compile the kernel, as for a simulation of no members, so that what it lacks shows before anything is made.

    Parameters
    ----------
    n, dynamics, dtype, device
        Of the simulation.
    shared
        Whether rates and credits are given the same noise.

    Raises
    ------
    DataError
        If there are too many neurons.
    Exception
        Of Triton, its compilers or the driver, if they cannot.
    """
    if n > MOST_NEURONS:
        raise DataError(f"n: got {n}, expected at most {MOST_NEURONS}")
    rates = torch.zeros(0, n, dtype=dtype, device=device)
    numbers = rates.new_zeros(0)
    whole = numbers.to(torch.int64)
    nobody = Population(
        weights=rates.new_zeros(0, n, n),
        rates=rates,
        credits=rates,
        learning_rates=numbers,
        pruned=whole,
        seed_index=whole,
        alive=numbers.to(torch.bool),
        iterations=whole,
        mean_balance=numbers,
    )
    CudaIterations()(nobody, dynamics, rates.new_zeros(0, 1 if shared else 2, NOISE_BLOCK, n), range(1))
