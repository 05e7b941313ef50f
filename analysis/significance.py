from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import OptionError, whole_number, worker_count
from .leiden import Landscape, check_search
from .membership import community_labels
from .null_statistics import null_statistics, refuse_single
from .partitions import Partition

# Sums of a million weights differ by their order in the 12th digit at most. A share of the value itself, since the
# constant Potts model has a unit; Q is at most 1.
ROUNDING = 1e-12

# a partition at hand whose quality differs by a larger share was found on another graph
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Significance:
    """An observed quality beside those of a null model.

    Parameters
    ----------
    observed
        Quality of the best partition of the graph.
    null
        Quality of the best partition of each sample of the null model, shape (samples,).
    null_mean, null_sd
        Their mean and standard deviation (n - 1).
    z
        ``(observed - null_mean) / null_sd``: below 0 where the observed quality is lower. Where all samples are equal
        (to 1e-12; above 1, to 1e-12 of the observed quality), 0 if the observed quality equals them, else plus or minus
        infinity.
    p_value
        ``(1 + count) / (1 + samples)``, with the count of samples at least as extreme as observed in the direction that
        was asked: as high for "maximise", as low for "minimise".
    partition
        The best partition of the graph.
    null_model, samples, restarts, seed
        What was asked.
    """

    observed: float
    null: npt.NDArray[np.float64]
    null_mean: float
    null_sd: float
    z: float
    p_value: float
    partition: Partition
    null_model: str
    samples: int
    restarts: int
    seed: int


def significance(
    g: WeightGraph,
    *,
    null: str = "shuffle_nonzero",
    samples: int = 20,
    restarts: int = 5,
    seed: int = 0,
    weights: str = "absolute",
    objective: str = "modularity",
    direction: str = "maximise",
    directed: bool = False,
    resolution: float = 1.0,
    initial: Any = None,
    trained: Any = None,
    partition: Partition | None = None,
    workers: int | None = 1,
) -> Significance:
    """Whether the communities of a graph are more than those of chance.

    The graph and every sample of the null model get the same optimiser and the same number of restarts; each sample its
    own seed, so that the optimiser's luck is part of the null's spread. What is shuffled is the view that is tested
    (of "positive", the positive weights among their synapses); see
    :class:`creditgraph.analysis.null_statistics.NullSamples`.

    Parameters
    ----------
    g
        The graph.
    null
        Null model; see :func:`creditgraph.graphs.null_model`.
    samples
        How many samples, at least 2. The smallest p-value is ``1 / (1 + samples)``.
    restarts, weights, objective, direction, directed, resolution
        As for :func:`creditgraph.analysis.leiden`.
    seed
        Seed of the observed partition (as in :func:`creditgraph.analysis.leiden`), the samples and their searches.
    initial, trained
        For the null model "initial" a function of a seed that draws untrained weights, for "shuffled_labels" one that
        gives weights trained on shuffled labels. A single network is no distribution, however often it is searched.
    partition
        What :func:`creditgraph.analysis.leiden` returned for this graph with these options, to test it against several
        null models without searching again. Its quality is computed anew, and must be the same to 1e-9.
    workers
        How many processes share the samples; None for one each core. The result does not depend on it.

    Returns
    -------
    Significance
        The observed quality, the null's, z and p.

    Raises
    ------
    DataError
        If the view of the graph or of a sample has no synapse or a negative weight.
    OptionError
        If an option is impossible, or `partition` was found with others or on another graph.
    """
    check_search(direction=direction, resolution=resolution, restarts=restarts, seed=seed)
    whole_number("samples", samples, 2)
    refuse_single(initial, trained)
    workers = worker_count(workers)
    landscape = Landscape.of(g, weights=weights, directed=directed, objective=objective)
    if partition is None:
        partition = landscape.search(direction, resolution=resolution, restarts=restarts, seed=seed, workers=workers)
    else:
        _check_same(
            partition,
            neurons=g.n,
            weights=weights,
            objective=objective,
            direction=direction,
            directed=directed,
            resolution=resolution,
            restarts=restarts,
        )
        scored = landscape.objective_at(resolution).value(community_labels(partition, g.n))
        if not abs(scored - partition.quality) <= SAME * max(1.0, abs(scored)):
            raise OptionError(
                "partition",
                f"one of quality {partition.quality:.12g}, which on this graph has {scored:.12g}",
                "one that was found on this graph",
            )
    qualities = null_statistics(
        g,
        # what the landscape keeps for searches to come would cross to other processes with it
        _Search(landscape if workers == 1 else replace(landscape), direction, resolution, restarts),
        null=null,
        samples=samples,
        seed=seed,
        weights=weights,
        initial=initial,
        trained=trained,
        workers=workers,
    )
    z, p_value = standing(partition.quality, qualities, direction)
    return Significance(
        observed=partition.quality,
        null=qualities,
        null_mean=float(qualities.mean()),
        null_sd=spread(qualities),
        z=z,
        p_value=p_value,
        partition=partition,
        null_model=null,
        samples=samples,
        restarts=restarts,
        seed=seed,
    )


def standing(observed: float, null: npt.NDArray[np.float64], direction: str) -> tuple[float, float]:
    """Standing (z, one-sided p) of an observed value among 2 or more of a null model; see :class:`Significance`."""
    rounding = ROUNDING * max(1.0, abs(observed))
    gap = observed - float(null.mean())
    width = spread(null)
    beyond = 0.0 if abs(gap) <= rounding else math.copysign(math.inf, gap)
    z = gap / width if width > rounding else beyond
    sign = -1.0 if direction == "minimise" else 1.0
    count = int((sign * (null - observed) >= -rounding).sum())
    return z, (1 + count) / (1 + len(null))


def spread(values: npt.NDArray[np.float64]) -> float:
    """Standard deviation (n - 1), scaled exactly on the way so that squares of very large values stay finite."""
    exponent = int(np.frexp(np.abs(values).max())[1])
    return float(np.ldexp(np.ldexp(values, -exponent).std(ddof=1), exponent))


@dataclass(frozen=True)
class _Search:
    """Best quality of a sample, searched as the graph was."""

    landscape: Landscape
    direction: str
    resolution: float
    restarts: int

    def __call__(self, sample: WeightGraph, seed: int) -> float:
        like = self.landscape
        own = Landscape.of(sample, weights="signed", directed=like.directed, objective=like.objective, like=like)
        return own.search(self.direction, resolution=self.resolution, restarts=self.restarts, seed=seed).quality


def _check_same(partition: Partition, **asked: Any) -> None:
    if not isinstance(partition, Partition):
        raise OptionError("partition", partition, "what leiden returned")
    if partition.initial_membership is not None:
        raise OptionError("partition", "one from a warm start", "one from chance, as the samples have")
    for option, value in asked.items():
        given = len(partition.membership) if option == "neurons" else getattr(partition, option)
        if given != value:
            raise OptionError("partition", f"one with {option}={given}", f"one with {option}={value}, as asked here")
