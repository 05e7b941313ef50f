"""Weight matrices of a whole network, dense or sparse, to synapses and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
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


def read_table(table: pd.DataFrame, name: str = "matrix") -> tuple[pd.DataFrame, list[str] | None]:
    """A table with its rows in the order of its columns, matched by label, and the labels; None where they are numbers.

    Raises
    ------
    DataError
        If rows and columns have other labels, or one twice.
    """
    numbers = [str(i) for i in range(len(table))]
    rows, columns = ([str(label) for label in side] for side in (table.index, table.columns))
    if len(rows) != len(columns) or rows == columns == numbers:
        return table, None
    strange = sorted(set(rows) ^ set(columns))
    if strange and numbers in (rows, columns):
        # one side has none
        return table, columns if rows == numbers else rows
    strange = strange or [label for label, count in Counter(rows).items() if count > 1]
    if strange:
        raise DataError(
            f"{name}: rows and columns of the table have other labels, or one twice, such as '{strange[0][:40]}'; "
            "without labels, say to_numpy()"
        )
    place = {label: i for i, label in enumerate(rows)}
    return table.iloc[[place[label] for label in columns]], None if columns == numbers else columns


def of_names(given: Any, names: Sequence[str] | None, name: str) -> Any:
    """What was given as other weights of the same neurons, a table in the order of their names.

    Raises
    ------
    DataError
        If the labels of a table are others than the names.
    """
    if not isinstance(given, pd.DataFrame):
        return given
    table, labels = read_table(given, name)
    numbers = [str(i) for i in range(len(table))]
    if names is None and labels is not None and sorted(labels) == sorted(numbers):
        # neurons without names have numbers
        names = numbers
    if labels is None or names is None or labels == list(names):
        return table
    if sorted(labels) != sorted(names) or len(set(names)) < len(names):
        strange = sorted(set(labels) ^ set(names)) or [each for each, count in Counter(names).items() if count > 1]
        strange = strange or [each for each, count in Counter(labels).items() if count > 1]
        raise DataError(
            f"{name}: the labels of the table are not the names of the neurons, each once, such as '{strange[0][:40]}'"
        )
    place = {label: i for i, label in enumerate(labels)}
    order = [place[each] for each in names]
    return table.iloc[order, order]


def sparse_entries(
    given: Any, name: str = "matrix"
) -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Size, columns, rows and values of the entries of a scipy sparse matrix, as they are: a place may occur again."""
    _square(given, name)
    entries = given.tocoo()
    values = finite_array(name, entries.data, ndim=1).astype(np.float64)
    return given.shape[0], entries.col, entries.row, values


def to_scipy(g: WeightGraph) -> scipy.sparse.csr_array[Any]:
    """Sparse matrix ``W[post, pre]`` over the graph's own arrays."""
    rows = np.searchsorted(g.post, np.arange(g.n + 1)).astype(np.int32)
    return scipy.sparse.csr_array((g.weight, g.pre, rows), shape=(g.n, g.n))


def _read_sparse(given: Any, name: str) -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    _square(given, name)
    # sums of entries given twice would wrap around in small integers
    with np.errstate(over="ignore", under="ignore"):
        sparse = given.astype(np.float64, copy=False).tocsr()
        if not sparse.has_canonical_format:
            sparse = sparse.copy()
            sparse.sum_duplicates()
    finite_array(name, sparse.data, ndim=1)
    post = np.repeat(np.arange(sparse.shape[0], dtype=np.int32), np.diff(sparse.indptr))
    return sparse.shape[0], sparse.indices, post, sparse.data


def _square(given: Any, name: str) -> None:
    if len(given.shape) != 2:
        raise DataError(f"{name}: got a sparse array of shape {given.shape}, expected 2 dimensions")
    if given.shape[0] != given.shape[1]:
        raise DataError(f"{name}: got a matrix of {given.shape[0]} x {given.shape[1]}, expected a square one")
    if given.dtype.kind not in "buif":
        raise DataError(f"{name}: got values of type {given.dtype}, expected real numbers")
    if not given.shape[0]:
        raise DataError(f"{name}: got an empty matrix, expected at least one neuron")
