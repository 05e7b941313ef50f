"""Null models from other weights of the same neurons, pruned as the graph is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError, square_matrix
from ..layers import layer_blocks
from ..matrices import read_matrix
from ..ranks import strongest
from ..weight_graph import WeightGraph

# what the weights of each null model are
KINDS = {"initial": "untrained", "trained": "trained"}


def pruned_alike(g: WeightGraph, name: str, given: Any) -> WeightGraph:
    """Prune other weights of the same neurons to as many synapses as the graph has, in each block of layers."""
    matrix = _dense(name, given)
    if len(matrix) != g.n:
        raise DataError(f"{name}: got {KINDS[name]} weights of {len(matrix)} neurons, expected {g.n}, as in the graph")
    full = WeightGraph.from_matrix(matrix, layers=g.layers)
    blocks, wanted = layer_blocks(full), layer_blocks(g)
    size = 1 + max(int(blocks.max(initial=0)), int(wanted.max(initial=0)))
    counts, targets = np.bincount(blocks, minlength=size), np.bincount(wanted, minlength=size)
    if (counts < targets).any():
        block = int(np.argmax(counts < targets))
        place = ""
        if g.layers is not None:
            known = np.unique(g.layers)
            post, pre = divmod(block, len(known))
            place = f" from layer {known[pre]} to layer {known[post]}"
        raise DataError(
            f"{name}: the {KINDS[name]} weights have {counts[block]} synapses{place}, expected at least the"
            f" {targets[block]} that the graph has"
        )
    order = np.argsort(blocks, kind="stable")
    members = np.split(order, np.cumsum(counts)[:-1])
    kept = np.sort(np.concatenate([m[strongest(full.weight[m], k)] for m, k in zip(members, targets, strict=True)]))
    return replace(g, pre=full.pre[kept], post=full.post[kept], weight=full.weight[kept])


def _dense(name: str, given: Any) -> npt.NDArray[np.float64]:
    """Dense matrix of a :class:`WeightGraph` or of anything that reads as a square matrix."""
    if isinstance(given, WeightGraph):
        return given.adjacency()
    if hasattr(given, "toarray"):
        return WeightGraph(*read_matrix(given, name)).adjacency()
    return square_matrix(name, given).astype(np.float64, copy=False)
