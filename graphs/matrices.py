"""Weight matrices, dense, sparse or one for each pair of consecutive layers, to synapses and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from ..guard import DataError, finite_array, square_matrix

if TYPE_CHECKING:
    from .weight_graph import WeightGraph


def read_matrix(matrix: Any, name: str = "matrix") -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Neurons and synapses (n, pre, post, weight) of ``W[post, pre]``, dense or scipy sparse."""
    if scipy.sparse.issparse(matrix):
        return _read_sparse(matrix, name)
    dense = square_matrix(name, matrix)
    if not len(dense):
        raise DataError(f"{name}: got an empty matrix, expected at least one neuron")
    # as flat places: nonzero of two dimensions is several times slower
    place = np.flatnonzero(dense)
    post, pre = np.divmod(place, len(dense))
    return len(dense), pre, post, dense.ravel()[place]


def read_layers(
    blocks: Sequence[Any],
) -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], tuple[str, ...]]:
    """Neurons, synapses, layers and roles of weight matrices, each of shape (n_post, n_pre)."""
    if not isinstance(blocks, Iterable):
        raise DataError(f"blocks: got a value of type {type(blocks).__name__}, expected a list of weight matrices")
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
    found = [np.nonzero(matrix) for matrix in matrices]
    pre = np.concatenate([columns + starts[i] for i, (_, columns) in enumerate(found)])
    post = np.concatenate([rows + starts[i + 1] for i, (rows, _) in enumerate(found)])
    weight = np.concatenate([matrix[places] for matrix, places in zip(matrices, found, strict=True)])
    layers = np.repeat(np.arange(len(sizes)), sizes)
    names = ["input", *["hidden"] * (len(sizes) - 2), "output"]
    roles = tuple(chain.from_iterable([name] * size for name, size in zip(names, sizes, strict=True)))
    return int(starts[-1]), pre, post, weight, layers, roles


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


def to_scipy(g: WeightGraph) -> scipy.sparse.csr_array[Any]:
    """Sparse matrix ``W[post, pre]`` over the graph's own arrays."""
    rows = np.searchsorted(g.post, np.arange(g.n + 1)).astype(np.int32)
    return scipy.sparse.csr_array((g.weight, g.pre, rows), shape=(g.n, g.n))


def _read_sparse(given: Any, name: str) -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    if len(given.shape) != 2:
        raise DataError(f"{name}: got a sparse array of shape {given.shape}, expected 2 dimensions")
    if given.shape[0] != given.shape[1]:
        raise DataError(f"{name}: got a matrix of {given.shape[0]} x {given.shape[1]}, expected a square one")
    if given.dtype.kind not in "buif":
        raise DataError(f"{name}: got values of type {given.dtype}, expected real numbers")
    if not given.shape[0]:
        raise DataError(f"{name}: got an empty matrix, expected at least one neuron")
    # sums of entries given twice would wrap around in small integers
    with np.errstate(over="ignore", under="ignore"):
        sparse = given.astype(np.float64, copy=False).tocsr()
        if not sparse.has_canonical_format:
            sparse = sparse.copy()
            sparse.sum_duplicates()
    finite_array(name, sparse.data, ndim=1)
    post = np.repeat(np.arange(sparse.shape[0], dtype=np.int32), np.diff(sparse.indptr))
    return sparse.shape[0], sparse.indices, post, sparse.data
