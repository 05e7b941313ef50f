"""What a sample of a null model kept of the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..weight_graph import WeightGraph, weight_graph
from .undirected import answers


@dataclass(frozen=True)
class NullReport:
    """A sample of a null model beside the graph.

    Parameters
    ----------
    same_wiring
        Whether synapses are where they were, all of them and no others.
    overlap
        Share of the graph's synapses that are where they were, whatever their weight.
    unmoved
        Share of the graph's synapses that are where they were with the weight that they had.
    same_degrees
        Whether each neuron's in- and out-degree is what it was.
    same_weights, same_magnitudes
        Whether the weights, or their magnitudes, are the same as a set with repeats.
    in_strength_error, out_strength_error
        Largest relative error of a neuron's positive or negative in- or out-strength; infinite where a strength of zero
        did not stay zero.
    reciprocity, null_reciprocity
        Share of synapses between two neurons that are answered by one the other way, in the graph and in the sample; 0
        where there are none.
    same_pairs
        Whether the two weights of reciprocal pairs of neurons are the same pairs, turned or not, as a set with repeats.
    """

    same_wiring: bool
    overlap: float
    unmoved: float
    same_degrees: bool
    same_weights: bool
    same_magnitudes: bool
    in_strength_error: float
    out_strength_error: float
    reciprocity: float
    null_reciprocity: float
    same_pairs: bool


def null_report(g: WeightGraph, sample: WeightGraph) -> NullReport:
    """Measure what a sample of a null model kept of the graph.

    Raises
    ------
    DataError
        If the two have different numbers of neurons.

    Examples
    --------
    >>> from creditgraph.graphs import null_model
    >>> g = WeightGraph.from_matrix([[0, 1, 2], [3, 0, 4], [5, 6, 0]])
    >>> kept = null_report(g, null_model(g, "shuffle_nonzero", seed=0))
    >>> kept.same_wiring, kept.same_weights, kept.in_strength_error > 0
    (True, True, True)
    """
    weight_graph("g", g)
    weight_graph("sample", sample)
    if g.n != sample.n:
        raise DataError(f"sample: got {sample.n} neurons, expected {g.n}, as in the graph")
    places = _places(g)
    where = np.searchsorted(_places(sample), places)
    there = np.append(_places(sample), -1)[where] == places
    equal = there & (np.append(sample.weight, 0.0)[where] == g.weight)
    return NullReport(
        same_wiring=g.synapses == sample.synapses and bool(there.all()),
        overlap=_share(there),
        unmoved=_share(equal),
        same_degrees=all(
            np.array_equal(np.bincount(one, minlength=g.n), np.bincount(other, minlength=g.n))
            for one, other in ((g.pre, sample.pre), (g.post, sample.post))
        ),
        same_weights=np.array_equal(np.sort(g.weight), np.sort(sample.weight)),
        same_magnitudes=np.array_equal(np.sort(np.abs(g.weight)), np.sort(np.abs(sample.weight))),
        in_strength_error=_strength_error(g, sample, "post"),
        out_strength_error=_strength_error(g, sample, "pre"),
        reciprocity=_reciprocity(g),
        null_reciprocity=_reciprocity(sample),
        same_pairs=np.array_equal(_pairs(g), _pairs(sample)),
    )


def _places(g: WeightGraph) -> npt.NDArray[np.int64]:
    return g.post.astype(np.int64) * g.n + g.pre


def _share(which: npt.NDArray[np.bool_]) -> float:
    return float(which.mean()) if len(which) else 0.0


def _strength_error(g: WeightGraph, sample: WeightGraph, end: str) -> float:
    worst = 0.0
    for view in ("positive", "negative"):
        wanted, found = (
            np.bincount(getattr(part, end), part.weight, g.n).astype(np.float64)
            for part in (g.view(view), sample.view(view))
        )
        if (found[wanted == 0] != 0).any():
            return float("inf")
        some = wanted > 0
        worst = max(worst, float(np.abs(found[some] / wanted[some] - 1.0).max(initial=0.0)))
    return worst


def _reciprocity(g: WeightGraph) -> float:
    return _share(answers(g)[g.pre != g.post] >= 0)


def _pairs(g: WeightGraph) -> npt.NDArray[np.float64]:
    """The two weights of each reciprocal pair of neurons, in order."""
    partner = answers(g)
    one = np.flatnonzero((partner >= 0) & (g.pre < g.post))
    pairs = np.sort(np.stack([g.weight[one], g.weight[partner[one]]], axis=1), axis=1)
    return pairs[np.lexsort(pairs.T)]
