"""Development: algorithm 1 under a learning rate that changes over time, and its modules looked back upon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from ..guard import DataError, OptionError, finite_array, real_number, whole_number, whole_numbers
from .connectome import ConnectomeSimulation

STAGE_SEEDS = 1_000_003


def falling_schedule(first: float = 0.3, last: float = 0.001, *, stages: int = 12) -> list[float]:
    """Learning rates that fall by the same factor from stage to stage.

    Raises
    ------
    OptionError
        If a number is impossible, or the last learning rate is above the first.

    Examples
    --------
    >>> [round(r, 6) for r in falling_schedule(1.0, 0.01, stages=3)]
    [1.0, 0.1, 0.01]
    """
    whole_number("stages", stages, 2)
    highest = real_number("first", first, above=0)
    return [float(r) for r in np.geomspace(highest, real_number("last", last, maximum=highest, above=0), stages)]


def develop(
    schedule: Sequence[float],
    *,
    n: int = 150,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    pruning: float = 0.8,
    iterations: int = 150,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> npt.NDArray[np.float64]:
    """Run algorithm 1 in stages, each with its own learning rate, and keep the weights at the end of each.

    A stage is a :class:`ConnectomeSimulation` that starts from the weights, rates and credits where the last one ended,
    driven by noise of its own. Schedules of the same length and seeds start from the same weights and see the same
    noise.

    Parameters
    ----------
    schedule
        Learning rate r of each stage, above 0; repeats are allowed.
    n, seeds, pruning, options
        As in :class:`ConnectomeSimulation`.
    iterations
        Iterations of each stage.
    progress
        Called after each stage with the stages done and those in all.

    Returns
    -------
    numpy.ndarray
        Weights (stages, seeds, n, n) [post, pre].

    Raises
    ------
    OptionError
        If an option is impossible, or a network diverges.
    """
    if isinstance(schedule, str | bytes) or not isinstance(schedule, Iterable):
        raise OptionError("schedule", schedule, "a list of learning rates, one a stage")
    rates = [real_number("schedule", r, above=0) for r in schedule]
    if not rates:
        raise OptionError("schedule", list(schedule), "a list of at least one learning rate")
    seeds = whole_numbers("seeds", seeds, 0)
    state: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None
    kept = []
    for stage, r in enumerate(rates):
        # the first stage has the seeds themselves, so that a schedule of one stage is the plain simulation
        own = [seed + stage * STAGE_SEEDS for seed in seeds]
        simulation = ConnectomeSimulation(n=n, learning_rates=[r], pruning=[pruning], seeds=own, **options)
        if state is not None:
            simulation.weights, simulation.rates, simulation.credits = state
        result = simulation.run(iterations)
        if (result.members["status"] != "completed").any():
            raise OptionError("schedule", rates, f"learning rates that no network diverges at (it did at r = {r:g})")
        state = result.weights, simulation.rates.clone(), simulation.credits.clone()
        kept.append(result.weights.double().cpu().numpy())
        if progress is not None:
            progress(stage + 1, len(rates))
    return np.stack(kept)


def module_connectivity(weights: Any, memberships: Any) -> pd.DataFrame:
    r"""Connectivity within and across modules over time, for modules that are given.

    .. math:: \mathrm{within} = \frac{\sum_{i \ne j, g_i = g_j} |w_{ij}|}{\#\{i \ne j, g_i = g_j\}}, \quad
        \mathrm{across} = \frac{\sum_{g_i \ne g_j} |w_{ij}|}{\#\{g_i \ne g_j\}}

    Both are means over all pairs of neurons, so that neither the sizes of the modules nor their count decide. Modules
    that were found in the last weights fit those best by construction: a rise of `within` towards the end shows nothing
    by itself, and is to be compared with schedules and groups that have no falling rate in them.

    Parameters
    ----------
    weights
        (stages, seeds, n, n) [post, pre], what :func:`develop` returned.
    memberships
        Module of each neuron, (seeds, n), whole numbers.

    Returns
    -------
    pandas.DataFrame
        One row a stage and member: stage (from 1), member (from 0), modules (count), within, across, ratio
        (across / within; missing where within is 0).

    Raises
    ------
    DataError
        If the shapes do not fit, or a membership has one module only or none with two neurons.
    """
    kept = finite_array("weights", weights, 4)
    groups = finite_array("memberships", memberships, 2)
    stages, members, n, _ = kept.shape
    if groups.shape != (members, n) or kept.shape[3] != n:
        raise DataError(f"memberships: got shape {groups.shape} for weights of {kept.shape}, expected ({members}, {n})")
    rows = []
    for m in range(members):
        apart = ~np.eye(n, dtype=bool)
        same = (groups[m][:, None] == groups[m]) & apart
        other = apart & ~same
        if not same.any() or not other.any():
            raise DataError(f"memberships: member {m} has no pair within a module, or none across modules")
        for stage in range(stages):
            sizes = np.abs(kept[stage, m])
            within, across = float(sizes[same].mean()), float(sizes[other].mean())
            ratio = across / within if within > 0 else np.nan
            rows.append((stage + 1, m, len(np.unique(groups[m])), within, across, ratio))
    return pd.DataFrame(rows, columns=["stage", "member", "modules", "within", "across", "ratio"])
