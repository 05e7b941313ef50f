"""Algorithm 1 on CUDA GPUs: as in plain tensors, but that learning and pruning are one kernel."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..guard import DataError
from .activations import activation
from .connectome_dynamics import Dynamics, Population, iterate
from .connectome_kernel import learn_and_prune
from .pruning import MAGNITUDE_BITS

MOST_NEURONS = 46340
"""Beyond these a matrix has too many entries for the kernel's counts."""


class Setting(NamedTuple):
    """What the kernel is told for a precision.

    Attributes
    ----------
    block
        Entries at a time.
    warps
        Warps of a program; so many that a multiprocessor has registers for two programs.
    first, widest
        How far around a guess to look for a threshold, at first and at most, as whole numbers: from a thousandth to an
        eighth of it.
    """

    block: int
    warps: int
    first: int
    widest: int


SETTINGS = {torch.float32: Setting(1024, 16, 2**12, 2**20), torch.float64: Setting(512, 8, 2**41, 2**49)}


class FusedLearning:
    """Learning and exact pruning of all members by one kernel, without waiting for the device and without temporaries.

    The same entries are pruned as by :func:`~creditgraph.train.pruning.smallest`. Each threshold is looked for around
    the last one; results do not depend on where that was.

    Parameters
    ----------
    population
        The state whose members learn; its weights lie in one piece.
    dynamics
        What all members share.
    """

    def __init__(self, population: Population, dynamics: Dynamics) -> None:
        weights = population.weights
        integers, _ = MAGNITUDE_BITS[weights.dtype]
        self._setting = SETTINGS[weights.dtype]
        self._bound = int(torch.tensor(dynamics.divergence, dtype=weights.dtype).view(integers))
        self._guesses = torch.zeros(len(weights), dtype=integers, device=weights.device)
        self._reaches = torch.full_like(self._guesses, self._setting.first)

    def __call__(self, population: Population, dynamics: Dynamics, post: Tensor, rates: Tensor) -> None:
        """Learn and prune, see :func:`~creditgraph.train.connectome_dynamics.learn_and_prune`."""
        weights, setting = population.weights, self._setting
        with torch.cuda.device_of(weights):  # type: ignore[no-untyped-call]
            learn_and_prune[(len(weights),)](
                weights,
                post.contiguous(),
                rates.contiguous(),
                population.pruned,
                population.alive.view(torch.int8),
                self._guesses,
                self._reaches,
                self._bound,
                setting.widest,
                n=weights.shape[1],
                SELF=dynamics.self_synapses,
                BLOCK=setting.block,
                num_warps=setting.warps,
                # what is to be fused is said in the kernel
                enable_fp_fusion=False,
            )


class CudaIterations:
    """Does the iterations of one simulation."""

    def __init__(self) -> None:
        self._learn: FusedLearning | None = None

    @torch.no_grad()
    def __call__(self, population: Population, dynamics: Dynamics, noise: Tensor, steps: range) -> None:
        """Do some iterations with the members that are alive.

        Parameters
        ----------
        population
            The state, changed in place; the same in each call.
        dynamics
            What all members share; the same in each call.
        noise
            Noise of rates and of credits, (seeds, 2, any, n), or of both alike, (seeds, 1, any, n).
        steps
            Which of the noise drives the iterations, along its third axis.
        """
        if self._learn is None:
            self._learn = FusedLearning(population, dynamics)
        for step in steps:
            iterate(population, dynamics, noise[:, :, step], self._learn)


def compile_for(*, n: int, self_synapses: bool, dtype: torch.dtype, device: torch.device) -> None:
    """Compile the kernel, as for a simulation of no members, so that what it lacks shows before anything is made.

    Parameters
    ----------
    n, self_synapses, dtype, device
        Of the simulation.

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
    dynamics = Dynamics(activation("linear"), "constant", 0, self_synapses, divergence=1.0)
    FusedLearning(nobody, dynamics)(nobody, dynamics, rates, rates)
