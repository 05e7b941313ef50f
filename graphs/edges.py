"""From the edges of foreign graphs to synapses, at most one for each ordered pair of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, counted, finite_array, plural

Synapses = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]

MERGES = ("refuse", "sum", "mean", "first", "strongest")


def edge_weights(given: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Weights of edges; 1 each where no edge has one."""
    # not given.count(None): an array compared with None is no truth
    missing = sum(weight is None for weight in given)
    if missing == len(given):
        return np.ones(len(given))
    if missing:
        raise DataError(
            f"weight: {missing} of {counted(len(given), 'edge')} {plural(missing, 'has', 'have')} none; "
            "give every edge the attribute weight, or none of them"
        )
    return finite_array("weight", given, ndim=1).astype(np.float64)


def synapses_of_edges(
    n: int,
    source: npt.NDArray[Any],
    target: npt.NDArray[Any],
    weight: npt.NDArray[Any],
    *,
    directed: bool,
    duplicates: str,
) -> Synapses:
    """Synapses (pre, post, weight) of the edges between n nodes, parallel ones merged as asked.

    An undirected edge becomes a synapse in each direction, and edges a-b and b-a are parallel.
    """
    if not directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    pre, post, weight = _merged(n, source, target, weight, duplicates)
    if directed:
        return pre, post, weight
    loop, other = np.flatnonzero(pre == post), np.flatnonzero(pre != post)
    # an edge weighs twice its weight in V + V^T, one synapse each way; so must a loop, which is a single synapse
    with np.errstate(over="ignore"):
        weight[loop] *= 2.0
    return (
        np.concatenate([pre, post[other]]),
        np.concatenate([post, pre[other]]),
        np.concatenate([weight, weight[other]]),
    )


def _merged(
    n: int, pre: npt.NDArray[Any], post: npt.NDArray[Any], weight: npt.NDArray[Any], duplicates: str
) -> Synapses:
    places, first, which = np.unique(post.astype(np.int64) * n + pre, return_index=True, return_inverse=True)
    if duplicates == "refuse" and len(places) < len(weight):
        twice = first[np.bincount(which) > 1][0]
        raise DataError(
            f"edges: {counted(len(weight) - len(places), 'is', 'are')} parallel to another, the first from "
            f"{pre[twice]} to {post[twice]};"
            " merge them first, or say duplicates='sum'"
        )
    if duplicates == "strongest":
        order = np.lexsort((-np.abs(weight), which))
        first = order[np.searchsorted(which[order], np.arange(len(places)))]
    if duplicates not in ("sum", "mean"):
        return pre[first], post[first], weight[first]
    merged = np.bincount(which, weight, len(places)).astype(np.float64, copy=False)
    if duplicates == "mean":
        merged /= np.bincount(which, minlength=len(places))
    return pre[first], post[first], merged
