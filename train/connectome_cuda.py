"""Algorithm 1 on CUDA GPUs: as in plain tensors, but that learning and pruning are one kernel."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from .activations import activation
from .connectome_dynamics import Dynamics, Population, iterate
from .connectome_kernel import learn_and_prune, smallest_left
from .pruning import MAGNITUDE_BITS

BLOCK = 1024
"""Entries at a time."""
OPTIONS = {"num_warps": 16, "enable_fp_fusion": False}
"""Of Triton. Two programs of 16 warps fit a multiprocessor. What is to be fused is said in the kernel."""
REACHES = {torch.float32: (2**12, 2**20), torch.float64: (2**41, 2**49)}
"""How far around a guess to look for a threshold, at first and at most: from a thousandth to an eighth of it."""


@torch.no_grad()
def advance(population: Population, dynamics: Dynamics, noise: Tensor, steps: range) -> None:
    """Do some iterations with the members that are alive.

    Parameters
    ----------
    population
        The state, changed in place.
    dynamics
        What all members share.
    noise
        Noise of rates and of credits, (seeds, 2, any, n), or of both alike, (seeds, 1, any, n).
    steps
        Which of the noise drives the iterations, along its third axis.
    """
    learn = FusedLearning(population, dynamics)
    for step in steps:
        iterate(population, dynamics, noise[:, :, step], learn)


class FusedLearning:
    """Learning and exact pruning of all members by one kernel, without waiting for the device and without temporaries.

    The same entries are pruned as by :func:`~creditgraph.train.pruning.smallest`. The first iteration looks for the
    threshold around the smallest magnitude that the last pruning left, later ones around the last threshold.

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
        first, self._widest = REACHES[weights.dtype]
        self._bound = int(torch.tensor(dynamics.divergence, dtype=weights.dtype).view(integers))
        self._guesses = torch.empty(len(weights), dtype=integers, device=weights.device)
        self._reaches = torch.full_like(self._guesses, first)
        with torch.cuda.device_of(weights):  # type: ignore[no-untyped-call]
            smallest_left[(len(weights),)](
                weights, self._guesses, self._bound, n=weights.shape[1], BLOCK=BLOCK, **OPTIONS
            )

    def __call__(self, population: Population, dynamics: Dynamics, post: Tensor, rates: Tensor) -> None:
        """Learn and prune, see :func:`~creditgraph.train.connectome_dynamics.learn_and_prune`."""
        weights = population.weights
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
                self._widest,
                n=weights.shape[1],
                SELF=dynamics.self_synapses,
                BLOCK=BLOCK,
                **OPTIONS,
            )


def compile_for(*, n: int, self_synapses: bool, dtype: torch.dtype, device: torch.device) -> None:
    """Compile the kernels by running them on one member, so that what they lack shows before anything is made.

    Parameters
    ----------
    n, self_synapses, dtype, device
        Of the simulation.
    """
    new = partial(torch.zeros, device=device)
    rates = new(1, n, dtype=dtype)
    trial = Population(
        weights=new(1, n, n, dtype=dtype),
        rates=rates,
        credits=rates,
        learning_rates=new(1, dtype=dtype),
        pruned=new(1, dtype=torch.int64),
        seed_index=new(1, dtype=torch.int64),
        alive=new(1, dtype=torch.bool),
        iterations=new(1, dtype=torch.int64),
        mean_balance=new(1, dtype=dtype),
    )
    dynamics = Dynamics(activation("linear"), "constant", 0, self_synapses, divergence=1.0)
    FusedLearning(trial, dynamics)(trial, dynamics, rates, rates)
