"""Null models from other weights of the same neurons, pruned as the graph is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError, square_matrix
from ..layers import layer_blocks
from ..matrices import of_names, read_matrix
from ..ranks import strongest
from ..weight_graph import WeightGraph
from .undirected import edges_of

# what the weights of each null model are
KINDS = {"initial": "untrained", "trained": "trained"}


def pruned_alike(g: WeightGraph, name: str, given: Any) -> WeightGraph:
    """Prune other weights of the same neurons to as many synapses as the graph has, in each block of layers.

    Of a symmetric graph they must be symmetric too; as many edges are kept, and as many self-synapses.
    """
    matrix = _dense(name, given, g.names)
    if len(matrix) != g.n:
        raise DataError(f"{name}: got {KINDS[name]} weights of {len(matrix)} neurons, expected {g.n}, as in the graph")
    full = WeightGraph.from_matrix(matrix, layers=g.layers)
    edges = edges_of(g)
    if edges is None:
        kept = _strongest_alike(g, name, full, np.arange(g.synapses), np.arange(full.synapses))
    else:
        others = edges_of(full)
        if others is None and not (matrix == matrix.T).all():
            raise DataError(
                f"{name}: got {KINDS[name]} weights that are not symmetric, expected W = W^T, as in the graph, whose "
                "edges are a synapse each way"
            )
        if others is None:
            raise DataError(
                f"{name}: the {KINDS[name]} weights have no edge, expected at least the {len(edges.forward)} that the "
                "graph has"
            )
        # an edge has one fate, and self-synapses are none
        forward = _strongest_alike(g, name, full, edges.forward, others.forward)
        back = others.back[np.searchsorted(others.forward, forward)]
        loops = _strongest_alike(g, name, full, *(np.flatnonzero(each.pre == each.post) for each in (g, full)))
        kept = np.concatenate([forward, back, loops])
    kept = np.sort(kept)
    return replace(g, pre=full.pre[kept], post=full.post[kept], weight=full.weight[kept])


def _strongest_alike(
    g: WeightGraph, name: str, full: WeightGraph, wanted: npt.NDArray[np.int64], among: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The strongest of some synapses of a full graph, as many in each block as some synapses of the graph are."""
    blocks, own = layer_blocks(full)[among], layer_blocks(g)[wanted]
    size = 1 + max(int(blocks.max(initial=0)), int(own.max(initial=0)))
    counts, targets = np.bincount(blocks, minlength=size), np.bincount(own, minlength=size)
    if (counts < targets).any():
        block = int(np.argmax(counts < targets))
        place = ""
        if g.layers is not None:
            known = np.unique(g.layers)
            post, pre = divmod(block, len(known))
            place = f" from layer {known[pre]} to layer {known[post]}"
        kind = "synapses" if len(among) == full.synapses else "edges or self-synapses"
        raise DataError(
            f"{name}: the {KINDS[name]} weights have {counts[block]} {kind}{place}, expected at least the"
            f" {targets[block]} that the graph has"
        )
    order = np.argsort(blocks, kind="stable")
    members = np.split(among[order], np.cumsum(counts)[:-1])
    return np.concatenate([m[strongest(full.weight[m], k)] for m, k in zip(members, targets, strict=True)])


def _dense(name: str, given: Any, names: Sequence[str] | None) -> npt.NDArray[np.float64]:
    """Dense matrix of a :class:`WeightGraph` or of anything that reads as a square matrix."""
    if isinstance(given, WeightGraph):
        return given.adjacency()
    if hasattr(given, "toarray"):
        return WeightGraph(*read_matrix(given, name)).adjacency()
    return square_matrix(name, of_names(given, names, name)).astype(np.float64, copy=False)
