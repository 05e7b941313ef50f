"""Algorithm 1 on the processor: the compiled loops over members, shared among threads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .. import kernels
from ..threads import in_threads
from .dynamics import Dynamics, Population

CODES = {
    "tanh": kernels.TANH,
    "sigmoid": kernels.SIGMOID,
    "shifted_sigmoid": kernels.SHIFTED_SIGMOID,
    "relu": kernels.RELU,
    "clipped_relu": kernels.CLIPPED_RELU,
    "softplus": kernels.SOFTPLUS,
    "linear": kernels.LINEAR,
}


def advance(population: Population, dynamics: Dynamics, noise: torch.Tensor, steps: range) -> None:
    """Do some iterations with the members that are alive, in as many threads as torch is set to use.

    The state of a member does not depend on the other members, nor on the number of threads.

    Parameters
    ----------
    population
        The state, on the processor; changed in place.
    dynamics
        What all members share.
    noise
        Noise of rates and of credits, (seeds, 2, any, n), or of both alike, (seeds, 1, any, n); in one piece.
    steps
        Which of the noise drives the iterations, along its third axis.
    """
    state = {name: tensor.numpy() for name, tensor in vars(population).items()}
    alive = np.flatnonzero(state["alive"]).tolist()

    def advance_some(members: Sequence[int]) -> None:
        kernels.advance_members(
            np.asarray(members, np.int64),
            state["weights"],
            state["rates"],
            state["credits"],
            state["learning_rates"],
            state["pruned"],
            state["seed_index"],
            state["alive"],
            state["iterations"],
            state["mean_balance"],
            noise.numpy(),
            steps.start,
            steps.stop,
            CODES[dynamics.activation.name],
            dynamics.clamped,
            dynamics.clamp == "identity",
            dynamics.self_synapses,
            dynamics.divergence,
            kernels.new_cell(state["weights"].dtype),
        )

    in_threads(advance_some, alive)


def weight_sizes(weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Frobenius norm and mean magnitude of each member's weights, float64."""
    entries = weights.flatten(1).numpy()
    sizes = np.empty((len(entries), 2))

    def measure_some(members: Sequence[int]) -> None:
        for m in members:
            sizes[m] = kernels.sums(entries[m])

    in_threads(measure_some, range(len(entries)))
    return torch.from_numpy(np.sqrt(sizes[:, 0])), torch.from_numpy(sizes[:, 1] / weights[0].numel())


def imbalance(weights: torch.Tensor, rates: torch.Tensor) -> torch.Tensor:
    """Mean E-I imbalance of each member's neurons, float64; see :class:`ConnectomeResult`."""
    matrices, vectors = weights.numpy(), rates.numpy()
    found = np.empty(len(matrices))

    def measure_some(members: Sequence[int]) -> None:
        for m in members:
            found[m] = kernels.imbalance(matrices[m], vectors[m])

    in_threads(measure_some, range(len(matrices)))
    return torch.from_numpy(found)
