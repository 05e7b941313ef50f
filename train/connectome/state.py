"""The state of a simulation of algorithm 1: how it begins, how it may be set, and how it is put away and taken up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ...guard import DataError
from ..identity import identity_of
from ..members import as_learning_rates, as_real_tensor
from ..pruning import pruned_count
from ..sweeps.timetable import Timetable
from .dynamics import Dynamics, Population
from .records import Key

Arrays = Mapping[str, npt.NDArray[Any]]

CHANGING = ("weights", "rates", "credits", "alive", "iterations", "mean_balance")
"""What changes as a simulation goes on; learning rates, counts and seeds stay as they were made."""
OPEN_ENDED = ("history", "snapshots", "snapshots_taken")
"""Arrays of a state of which there may be any number of rows."""


def initial_population(
    keys: Sequence[Key],
    seeds: Sequence[int],
    n: int,
    *,
    scale: float,
    clamped: int,
    dtype: torch.dtype,
    device: torch.device,
) -> Population:
    """All members before the first iteration: weights from N(0, scale^2), rates 0, credits 0 but clamped ones 1.

    Parameters
    ----------
    keys
        (learning rate, pruning, seed) of each member.
    seeds
        The seeds, each once; weights depend on them alone.
    n
        Neurons.
    scale
        Standard deviation of the weights.
    clamped
        Neurons whose credit is clamped, the first ones.
    dtype, device
        Of all tensors.
    """
    members = len(keys)
    seed_index = torch.tensor([seeds.index(seed) for _, _, seed in keys], device=device)
    # to their precision on the processor: not every device has double precision
    drawn = torch.stack([torch.from_numpy(_initial_weights(seed, n) * scale).to(dtype) for seed in seeds])
    population = Population(
        weights=drawn.to(device)[seed_index],
        rates=torch.zeros(members, n, dtype=dtype, device=device),
        credits=torch.zeros(members, n, dtype=dtype, device=device),
        learning_rates=as_learning_rates([rate for rate, _, _ in keys], dtype, device),
        pruned=torch.tensor([pruned_count(p, n**2) for _, p, _ in keys], device=device),
        seed_index=seed_index,
        alive=torch.ones(members, dtype=torch.bool, device=device),
        iterations=torch.zeros(members, dtype=torch.int64, device=device),
        mean_balance=torch.zeros(members, dtype=dtype, device=device),
    )
    population.credits[:, :clamped] = 1
    return population


def set_values(population: Population, name: str, values: Any) -> None:
    """Set weights, rates or credits, for all members or, shaped without the first axis, for each alike.

    Raises
    ------
    DataError
        If they have another shape, or are no finite real numbers.
    """
    current: torch.Tensor = getattr(population, name)
    given = as_real_tensor(name, values, current)
    if given.shape not in (current.shape, current.shape[1:]):
        shapes = f"{tuple(current.shape)} or {tuple(current.shape[1:])}"
        raise DataError(f"{name}: got shape {tuple(given.shape)}, expected {shapes}")
    current.copy_(given)


def check_values(population: Population, dynamics: Dynamics) -> None:
    """Check weights, rates and credits that may have been set, and take self-synapses away where there are none.

    Raises
    ------
    DataError
        If some are NaN, infinite, or beyond the limit of divergence.
    """
    if not dynamics.self_synapses:
        population.weights.diagonal(dim1=1, dim2=2).zero_()
    for name in ("weights", "rates", "credits"):
        if not bool((getattr(population, name).abs() <= dynamics.divergence).all()):
            raise DataError(
                f"{name}: some are NaN, infinite, or beyond the divergence limit of {dynamics.divergence:g}"
            )


def put_away(population: Population) -> dict[str, npt.NDArray[Any]]:
    """Copies of what changes as a simulation goes on."""
    return {name: getattr(population, name).cpu().numpy().copy() for name in CHANGING}


def take_up(population: Population, state: Arrays) -> None:
    """Make a population what it was when it was put away."""
    for name in CHANGING:
        getattr(population, name).copy_(torch.from_numpy(state[name]))


def identity(
    keys: Sequence[Key],
    dynamics: Dynamics,
    *,
    n: int,
    noise: float,
    shared: bool,
    scale: float,
    plan: Timetable,
    dtype: torch.dtype,
) -> npt.NDArray[np.uint8]:
    """SHA-256 of all options that what comes out depends on; not of the engine, nor of the device."""
    options = {
        "keys": [list(key) for key in keys],
        "dynamics": {**asdict(dynamics), "activation": dynamics.activation.name},
        "n": n,
        "noise": noise,
        "shared": shared,
        "scale": scale,
        "iterations": plan.total,
        "snapshots": plan.snapshot_steps,
        "dtype": str(dtype),
    }
    return identity_of(options)


def check_state(state: Arrays, expected: Arrays, snapshot_steps: frozenset[int]) -> None:
    """Check that a state is that of a simulation made with the same options as the one whose state is expected.

    Parameters
    ----------
    state, expected
        The state, and that of the simulation which is to take it up.
    snapshot_steps
        The iterations after which that simulation keeps weights.

    Raises
    ------
    DataError
        If it is not, or its parts do not fit together.
    """
    if state.keys() != expected.keys():
        raise DataError("state: not that of a simulation of algorithm 1")
    for name, now in expected.items():
        given, free = state[name], int(name in OPEN_ENDED)
        if given.dtype != now.dtype or given.ndim != now.ndim or given.shape[free:] != now.shape[free:]:
            raise DataError(
                f"state: {name} has shape {given.shape} of {given.dtype}, expected {now.shape} of {now.dtype}; it "
                "is that of another simulation"
            )
    if not np.array_equal(state["identity"], expected["identity"]):
        raise DataError("state: that of a simulation with other options; make the simulation with the options it had")
    iteration, first, last = state["course"].tolist()
    taken = state["snapshots_taken"].tolist()
    due = {step for step in snapshot_steps if step <= iteration}
    if not 0 <= first <= iteration <= last or len(taken) != len(state["snapshots"]) or set(taken) != due:
        raise DataError("state: its parts do not fit together; it is damaged")


def _initial_weights(seed: int, n: int) -> npt.NDArray[np.float64]:
    return np.random.default_rng([seed, 0]).standard_normal((n, n))
