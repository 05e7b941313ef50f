from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..graphs import WeightGraph
from ..guard import OptionError, fraction, real_numbers, true_or_false, whole_number, work_through, worker_count
from .leiden import Landscape, check_search
from .null_statistics import null_statistics, refuse_single
from .objectives import view_for
from .partitions import Partition
from .similarity import compare

# a factor of 1.12 from one to the next
RESOLUTIONS = np.geomspace(0.1, 10.0, 41)
MEASURES = ("communities", "quality", "agreement", "next_similarity")
# beside them, the count of neurons in the largest community
LARGEST = len(MEASURES)
# widths of as many resolutions differ by rounding
WIDTH_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class ResolutionProfile:
    """Communities of a graph over resolutions.

    Parameters
    ----------
    table
        One row per resolution, rising: `resolution`; `communities`, their count; `quality`, Q at that resolution;
        `agreement`, the mean AMI over pairs of restarts; `next_similarity`, the AMI with the partition at the next
        resolution (missing in the last row); `plateau`, the row of `plateaus` that it belongs to, from 0 (missing
        outside). Beside a null model also `null_communities`, the mean over its samples, `null_communities_low` and
        `null_communities_high`, the least and the largest of them, and so of `quality`, `agreement` and
        `next_similarity`.
    plateaus
        One row per range of 2 or more resolutions over which the communities stay the same, the longest first: `low`
        and `high`, the first and last of them; `width`, ln(high / low); `resolutions`, their count; `best`, the one at
        which restarts agree most (of equal ones the lowest), with `communities` and `agreement` there;
        `lowest_similarity`, the least AMI of neighbours within the range. Ranges whose `best` is one community of
        all, or every neuron alone, are left out: every profile has these at its ends. Beside a null model also
        `null_width`, the mean over its samples of the width of their widest plateau (0 where a sample has none), and
        `p_value`, (1 + samples whose widest plateau is at least as wide) / (1 + samples): as it is the widest that is
        compared, it holds for all plateaus together.
    memberships
        Best partition at each resolution, shape (resolutions, n).
    weights, objective, directed, restarts, seed, null, samples, level
        What was asked.
    """

    table: pd.DataFrame
    plateaus: pd.DataFrame
    memberships: npt.NDArray[np.int64]
    weights: str
    objective: str
    directed: bool
    restarts: int
    seed: int
    null: str | None
    samples: int
    level: float


def resolution_profile(
    g: WeightGraph,
    *,
    resolutions: Iterable[float] | None = None,
    weights: str = "absolute",
    objective: str = "modularity",
    directed: bool = False,
    restarts: int = 5,
    seed: int = 0,
    workers: int | None = 1,
    null: str | None = None,
    samples: int = 5,
    initial: Any = None,
    trained: Any = None,
    level: float = 0.9,
) -> ResolutionProfile:
    """Communities of maximal modularity, or another objective, over a range of resolutions.

    Modularity at one resolution merges small communities of a large network and splits large ones. Partitions that stay
    the same over a range of resolutions, a plateau, do not hang on the choice of one.

    Parameters
    ----------
    g
        The graph.
    resolutions
        Values of gamma, above 0, at least 2; by default 41 from 0.1 to 10, evenly spaced in their logarithm. For "cpm",
        whose gamma is a weight, these times the mean size of the weight that a pair of neurons has, self-synapses
        included, at which modularity would have a gamma of 1 if all neurons had the same strength.
    weights, objective, directed
        View of the weights, what is maximised, and whether the direction of synapses counts, as for :func:`leiden`.
    restarts
        Restarts at each resolution, at least 2.
    seed
        Seed of all; a row does not depend on which other resolutions there are.
    workers
        How many processes share the work; None for one each core. The result does not depend on it.
    null
        Null model whose profile stands beside: a plateau that a random network has as well means nothing. Its samples
        get the same resolutions and restarts.
    samples
        Samples of the null model.
    initial, trained
        Source of networks for the null models "initial" and "shuffled_labels"; see
        :func:`creditgraph.graphs.null_model`.
    level
        AMI of a partition with the next, from 0 to 1, from which on they count as the same.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If the view has no synapse, or weights that the objective does not allow.

    References
    ----------
    Reichardt and Bornholdt, PRE 74 (2006), for the resolution; Fenn et al., Chaos 19 (2009), for plateaus.
    The range for "cpm" is ours.
    """
    true_or_false("directed", directed)
    view = view_for(g, objective, weights=weights, directed=directed)
    given = RESOLUTIONS * _unit(view, objective, directed) if resolutions is None else resolutions
    values = sorted(real_numbers("resolutions", given, above=0.0))
    if len(values) < 2:
        raise OptionError("resolutions", resolutions, "at least 2 numbers above 0")
    check_search(direction="maximise", resolution=values[0], restarts=restarts, seed=seed)
    whole_number("restarts", restarts, 2)
    whole_number("samples", samples, 1)
    fraction("level", level)
    search = _Search(tuple(values), weights, objective, directed, restarts)
    share = min(worker_count(workers), len(values))
    chunks = [replace(search, resolutions=tuple(values[first::share])) for first in range(share)]
    shares = work_through(_Part(g, seed), chunks, workers=share)
    partitions = sorted(chain.from_iterable(shares), key=lambda partition: partition.resolution)
    measured = _measures(partitions)
    table = pd.DataFrame(measured[:, :LARGEST], columns=list(MEASURES)).astype({"communities": "int64"})
    table.insert(0, "resolution", values)
    drawn = None
    if null is not None:
        refuse_single(initial, trained)
        # the samples are views already
        of_null = replace(search, weights="signed")
        drawn = null_statistics(
            g,
            of_null,
            null=null,
            samples=samples,
            seed=seed,
            weights=weights,
            initial=initial,
            trained=trained,
            workers=workers,
        )
        for place, measure in enumerate(MEASURES):
            each = drawn[:, :, place]
            table[f"null_{measure}"] = each.mean(axis=0)
            table[f"null_{measure}_low"], table[f"null_{measure}_high"] = each.min(axis=0), each.max(axis=0)
    last = table.columns.str.contains("next_similarity")
    table.loc[len(table) - 1, last] = np.nan
    table = table.astype(dict.fromkeys(table.columns[last], "Float64"))
    found = _plateaus(np.array(values), measured, level)
    if drawn is not None:
        widest = np.array([_plateaus(np.array(values), each, level)["width"].max() for each in drawn])
        widest = np.nan_to_num(widest)
        found["null_width"] = widest.mean()
        found["p_value"] = [
            (1 + int((widest >= width - WIDTH_ROUNDING).sum())) / (1 + samples) for width in found["width"]
        ]
    table["plateau"] = pd.array([pd.NA] * len(table), dtype="Int64")
    for place, (low, high) in enumerate(zip(found["low"], found["high"], strict=True)):
        table.loc[table["resolution"].between(low, high), "plateau"] = place
    memberships = np.stack([partition.membership for partition in partitions])
    return ResolutionProfile(
        table=table,
        plateaus=found,
        memberships=memberships,
        weights=weights,
        objective=objective,
        directed=directed,
        restarts=restarts,
        seed=seed,
        null=null,
        samples=samples,
        level=level,
    )


def _unit(view: WeightGraph, objective: str, directed: bool) -> float:
    """What a resolution of 1 of modularity is for an objective: of the constant Potts model a weight."""
    if objective != "cpm":
        return 1.0
    # a pair is tied by both of its directions, or each is one of its own
    return (1.0 if directed else 2.0) * float(np.abs(view.weight).sum()) / view.n**2


def _plateaus(values: npt.NDArray[np.float64], measured: npt.NDArray[np.float64], level: float) -> pd.DataFrame:
    """Plateaus of the measures at rising resolutions; see :class:`ResolutionProfile`."""
    columns = ["low", "high", "width", "resolutions", "best", "communities", "agreement", "lowest_similarity"]
    communities, _, agreement, following, largest = measured.T
    alike = following[:-1] >= level
    edges = np.flatnonzero(np.diff(np.concatenate([[False], alike, [False]]).astype(int)))
    rows = []
    for first, last in edges.reshape(-1, 2).tolist():
        best = first + int(agreement[first : last + 1].round(12).argmax())
        # isolated neurons are no communities, and alone whatever the resolution
        if communities[best] == 1 or largest[best] == 1:
            continue
        low, high = float(values[first]), float(values[last])
        rows.append(
            {
                "low": low,
                "high": high,
                "width": float(np.log(high / low)),
                "resolutions": last - first + 1,
                "best": float(values[best]),
                "communities": int(communities[best]),
                "agreement": float(agreement[best]),
                "lowest_similarity": float(following[first:last].min()),
            }
        )
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values(["width", "low"], ascending=[False, True], ignore_index=True)


@dataclass(frozen=True)
class _Search:
    """Searches of a graph at several resolutions; called with a sample of a null model, its measures."""

    resolutions: tuple[float, ...]
    weights: str
    objective: str
    directed: bool
    restarts: int

    def partitions(self, g: WeightGraph, seed: int) -> list[Partition]:
        landscape = Landscape.of(g, weights=self.weights, directed=self.directed, objective=self.objective)
        return [
            landscape.search("maximise", resolution=resolution, restarts=self.restarts, seed=seed)
            for resolution in self.resolutions
        ]

    def __call__(self, g: WeightGraph, seed: int) -> npt.NDArray[np.float64]:
        return _measures(self.partitions(g, seed))


@dataclass(frozen=True)
class _Part:
    """Some of the resolutions, for one process."""

    g: WeightGraph
    seed: int

    def __call__(self, search: _Search) -> list[Partition]:
        return search.partitions(self.g, self.seed)


def _measures(partitions: list[Partition]) -> npt.NDArray[np.float64]:
    """MEASURES at rising resolutions, of which the last has no next, and 0; and LARGEST. Shape (resolutions, 5)."""
    # the same neurons are without synapses at all resolutions
    following = [
        compare(one.membership[one.placed], other.membership[one.placed]) for one, other in pairwise(partitions)
    ]
    return np.array(
        [
            (
                partition.communities,
                partition.quality,
                partition.agreement() or 0.0,
                ami,
                np.bincount(partition.membership).max(),
            )
            for partition, ami in zip(partitions, [*following, 0.0], strict=True)
        ]
    )
