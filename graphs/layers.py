"""Layered networks: their weight matrices to synapses and back, and the blocks of synapses between layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, counted, finite_array, whole_number

if TYPE_CHECKING:
    from .weight_graph import WeightGraph


def read_layers(
    blocks: Sequence[Any], names: Sequence[str] | None = None, recurrent: Mapping[int, Any] | None = None
) -> dict[str, Any]:
    """Fields of a WeightGraph from weight matrices, each of shape (n_post, n_pre), with layers and roles.

    With `recurrent`, matrices of synapses within layers, by the number of the layer, 0 that of the input.
    """
    if hasattr(blocks, "state_dict") or isinstance(blocks, Mapping):
        what = "model" if hasattr(blocks, "state_dict") else "mapping of names"
        raise DataError(f"blocks: got a {what}, expected a list of weight matrices, such as [layer.weight for ...]")
    if not isinstance(blocks, Iterable):
        raise DataError(f"blocks: got a value of type {type(blocks).__name__}, expected a list of weight matrices")
    blocks = list(blocks)
    for i, block in enumerate(blocks):
        if hasattr(block, "state_dict"):
            raise DataError(f"blocks[{i}]: got a layer ({type(block).__name__}), expected its weight matrix, .weight")
    matrices = [finite_array(f"blocks[{i}]", block, ndim=2) for i, block in enumerate(blocks)]
    if not matrices or not all(matrix.size for matrix in matrices):
        raise DataError("blocks: expected at least one weight matrix, none of them empty")
    for i, (below, above) in enumerate(pairwise(matrices)):
        if above.shape[1] != below.shape[0]:
            raise DataError(
                f"blocks[{i + 1}]: got a matrix of {above.shape[0]} x {above.shape[1]}, expected {below.shape[0]}"
                f" columns, as many as blocks[{i}] has rows"
            )
    sizes = [matrices[0].shape[1], *(matrix.shape[0] for matrix in matrices)]
    starts = np.cumsum([0, *sizes])
    placed = [(layer + 1, layer, matrix) for layer, matrix in enumerate(matrices)]
    placed += [(layer, layer, matrix) for layer, matrix in _within({} if recurrent is None else recurrent, sizes)]
    found = [(post, pre, matrix, np.nonzero(matrix)) for post, pre, matrix in placed]
    layers = np.repeat(np.arange(len(sizes)), sizes)
    known = ["input", *["hidden"] * (len(sizes) - 2), "output"]
    roles = tuple(chain.from_iterable([role] * size for role, size in zip(known, sizes, strict=True)))
    return {
        "n": int(starts[-1]),
        "pre": np.concatenate([columns + starts[pre] for _, pre, _, (_, columns) in found]),
        "post": np.concatenate([rows + starts[post] for post, _, _, (rows, _) in found]),
        "weight": np.concatenate([matrix[places] for _, _, matrix, places in found]),
        "layers": layers,
        "roles": roles,
        "names": names,
    }


def _within(recurrent: Mapping[int, Any], sizes: Sequence[int]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Layers that have synapses within, with their square matrices."""
    if not isinstance(recurrent, Mapping):
        raise DataError(
            f"recurrent: got a value of type {type(recurrent).__name__}, expected a matrix by the number of its layer, "
            "such as {1: W}"
        )
    for layer, block in recurrent.items():
        whole_number("recurrent", layer, 0, len(sizes) - 1)
        matrix = finite_array(f"recurrent[{layer}]", block, ndim=2)
        if matrix.shape != (sizes[layer], sizes[layer]):
            raise DataError(
                f"recurrent[{layer}]: got a matrix of {matrix.shape[0]} x {matrix.shape[1]}, expected {sizes[layer]} x "
                f"{sizes[layer]}, as layer {layer} has {counted(sizes[layer], 'neuron')}"
            )
        yield int(layer), matrix


def to_layers(g: WeightGraph) -> list[npt.NDArray[np.float64]]:
    """Weight matrices between consecutive layers."""
    if g.layers is None:
        raise DataError("layers: the graph has none, so there are no blocks between layers")
    sizes = np.bincount(g.layers)
    if not sizes.all():
        raise DataError(f"layers: layer {int(np.argmin(sizes > 0))} of 0..{len(sizes) - 1} is empty")
    below = g.layers[g.pre]
    strays = np.flatnonzero(g.layers[g.post] != below + 1)
    if len(strays):
        raise DataError(
            f"synapses: {len(strays)} do not lead to the next layer, the first from neuron {g.pre[strays[0]]} (layer"
            f" {below[strays[0]]}) to {g.post[strays[0]]} (layer {g.layers[g.post[strays[0]]]})"
        )
    order = np.argsort(g.layers, kind="stable")
    place = np.empty(g.n, dtype=np.int64)
    place[order] = np.arange(g.n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    blocks = [np.zeros((above, width)) for width, above in pairwise(sizes)]
    for layer, block in enumerate(blocks):
        chosen = np.flatnonzero(below == layer)
        block[place[g.post[chosen]], place[g.pre[chosen]]] = g.weight[chosen]
    return blocks


def layer_blocks(g: WeightGraph) -> npt.NDArray[np.int64]:
    """Number of the block (layer of post, layer of pre) of each synapse; a single block where there are no layers."""
    if g.layers is None:
        return np.zeros(g.synapses, dtype=np.int64)
    ranks = np.unique(g.layers, return_inverse=True)[1]
    return ranks[g.post] * (int(ranks.max()) + 1) + ranks[g.pre]
