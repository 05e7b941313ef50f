"""Algorithm 1 on the processor: the compiled loops over members, shared among threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch

from . import kernels
from .connectome_dynamics import Dynamics, Population

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
    alive = np.flatnonzero(state["alive"])

    def advance_some(members: npt.NDArray[np.int64]) -> None:
        kernels.advance_members(
            members,
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

    threads = min(torch.get_num_threads(), len(alive))
    if threads <= 1:
        advance_some(alive)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(advance_some, [alive[first::threads] for first in range(threads)]))


def weight_sizes(weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Frobenius norm and mean magnitude of each member's weights, float64."""
    sizes = np.array([kernels.sums(member) for member in weights.flatten(1).numpy()])
    return torch.from_numpy(np.sqrt(sizes[:, 0])), torch.from_numpy(sizes[:, 1] / weights[0].numel())


def imbalance(weights: torch.Tensor, rates: torch.Tensor) -> torch.Tensor:
    """Mean E-I imbalance of each member's neurons, float64; see :class:`ConnectomeResult`."""
    pairs = zip(weights.numpy(), rates.numpy(), strict=True)
    return torch.tensor([kernels.imbalance(w, x) for w, x in pairs], dtype=torch.float64)
