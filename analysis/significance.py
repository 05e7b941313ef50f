from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import NULL_MODELS, WeightGraph, null_models
from ..guard import OptionError, choice, real_number, whole_number
from .leiden import DIRECTIONS, Landscape
from .modularity import community_labels, score
from .partitions import Partition

# Q is at most 1, and sums of a million weights differ by their order in the 12th digit at most
ROUNDING = 1e-12

# a partition at hand whose quality differs by more was found on another graph
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
        (to 1e-12), 0 if the observed quality equals them, else plus or minus infinity.
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
    direction: str = "maximise",
    directed: bool = False,
    resolution: float = 1.0,
    initial: Any = None,
    partition: Partition | None = None,
) -> Significance:
    """Whether the communities of a graph are more than those of chance.

    The graph and every sample of the null model get the same optimiser and the same number of restarts; each sample its
    own seed, so that the optimiser's luck is part of the null's spread. The shuffles permute the weights of the view
    that is tested (of "positive", the positive weights among their synapses), so that its wiring really stays; of
    all weights, they would move the signs, and with them the wiring of the positive view.

    Parameters
    ----------
    g
        The graph.
    null
        Null model; see :func:`creditgraph.graphs.null_model`.
    samples
        How many samples, at least 2. The smallest p-value is ``1 / (1 + samples)``.
    restarts, weights, direction, directed, resolution
        As for :func:`creditgraph.analysis.leiden`.
    seed
        Seed of the observed partition (as in :func:`creditgraph.analysis.leiden`), the samples and their searches.
    initial
        For the null model "initial": the untrained weights.
    partition
        What :func:`creditgraph.analysis.leiden` returned for this graph with these options, to test it against several
        null models without searching again. Its quality is computed anew, and must be the same to 1e-9.

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
    choice("null", null, NULL_MODELS)
    choice("direction", direction, DIRECTIONS)
    whole_number("samples", samples, 2)
    whole_number("restarts", restarts, 1)
    whole_number("seed", seed, 0)
    real_number("resolution", resolution, above=0.0)
    landscape = Landscape.of(g, weights=weights, directed=directed)
    if partition is None:
        partition = landscape.search(direction, resolution=resolution, restarts=restarts, seed=seed)
    else:
        _check_same(
            partition,
            neurons=g.n,
            weights=weights,
            direction=direction,
            directed=directed,
            resolution=resolution,
            restarts=restarts,
        )
        scored = score(landscape.view, community_labels(partition, g.n), resolution, directed)
        if not abs(scored - partition.quality) <= SAME:
            raise OptionError(
                "partition",
                f"one of quality {partition.quality:.12g}, which on this graph has {scored:.12g}",
                "one that was found on this graph",
            )
    qualities = np.empty(samples)
    trained, view = (g, weights) if null == "initial" else (landscape.view, "signed")
    for sample, graph in enumerate(null_models(trained, null, samples=samples, seed=seed, initial=initial)):
        other = Landscape.of(graph, weights=view, directed=directed, like=landscape)
        own_seed = int(np.random.SeedSequence((seed, sample, 1)).generate_state(1)[0])
        qualities[sample] = other.search(direction, resolution=resolution, restarts=restarts, seed=own_seed).quality
    z, p_value = standing(partition.quality, qualities, direction)
    return Significance(
        observed=partition.quality,
        null=qualities,
        null_mean=float(qualities.mean()),
        null_sd=float(qualities.std(ddof=1)),
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
    gap = observed - float(null.mean())
    spread = float(null.std(ddof=1))
    beyond = 0.0 if abs(gap) <= ROUNDING else math.copysign(math.inf, gap)
    z = gap / spread if spread > ROUNDING else beyond
    sign = -1.0 if direction == "minimise" else 1.0
    count = int((sign * (null - observed) >= -ROUNDING).sum())
    return z, (1 + count) / (1 + len(null))


def _check_same(partition: Partition, **asked: Any) -> None:
    if not isinstance(partition, Partition):
        raise OptionError("partition", partition, "what leiden returned")
    for option, value in asked.items():
        given = len(partition.membership) if option == "neurons" else getattr(partition, option)
        if given != value:
            raise OptionError("partition", f"one with {option}={given}", f"one with {option}={value}, as asked here")
