"""Adjacency matrices of files, whose rows may be postsynaptic or presynaptic neurons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from ...guard import DataError, OptionError, counted, setting
from ..matrices import read_matrix, sparse_entries
from ..weight_graph import WeightGraph
from .edge_lists import are_whole, as_keys, edges_with_initial
from .foreign import ForeignNetwork, refuse_twice
from .numbers import floats, is_missing

# what the corner of a table of ours says: its rows, then its columns
CORNERS = {"post_pre": "post\\pre", "pre_post": "pre\\post"}


def adjacency_network(matrix: Any, orientation: str | None, names: list[str] | None = None) -> ForeignNetwork:
    """The network of a square matrix; rows are presynaptic neurons unless the user says otherwise.

    Of a sparse matrix every entry is an edge, also where a place has several: what becomes of these the user says.
    """
    n, column, row, weight = sparse_entries(matrix) if scipy.sparse.issparse(matrix) else read_matrix(matrix)
    network = ForeignNetwork(n, row, column, weight.astype(np.float64))
    if orientation == "post_pre":
        network.source, network.target = column, row
    elif orientation is None:
        network.notes.append(
            f"rows read as presynaptic neurons (say {setting('orientation', 'post_pre')} if they are postsynaptic)"
        )
    if names is not None and names != [str(i) for i in range(n)]:
        network.marks["names"] = tuple(names)
    return network


def read_adjacency(table: pd.DataFrame, orientation: str | None) -> ForeignNetwork:
    """The network of a table of texts: a matrix, with or without names of its rows and columns.

    A blank cell is no synapse. Rows and columns are matched by name; a neuron may have only one of them.
    """
    cells = table.to_numpy(dtype=object)
    corner = str(cells[0, 0]).strip()
    rows, columns, body = _labels(cells)
    told = told_orientation(table)
    if told is not None and orientation is not None and told != orientation:
        raise OptionError("orientation", orientation, f"{told}, as the corner of the table says ('{corner}')")
    if not body.size:
        raise DataError(
            f"got {cells.shape[0]} x {cells.shape[1]} cells without numbers among them, expected a square matrix of "
            "weights"
        )
    blank = np.array([str(cell).strip() == "" for cell in body.ravel()], dtype=bool).reshape(body.shape)

    def where(place: int) -> str:
        row, column = divmod(place, body.shape[1])
        named = [f" ('{names[i][:30]}')" if names is not None else "" for names, i in ((rows, row), (columns, column))]
        top, left = cells.shape[0] - body.shape[0], cells.shape[1] - body.shape[1]
        return f"row {row + top + 1}{named[0]}, column {column + left + 1}{named[1]}"

    values = floats("weight", np.where(blank, "0", body).ravel(), where).reshape(body.shape)
    if rows is None or columns is None:
        names = rows if columns is None else columns
    elif rows == columns:
        names = rows
    else:
        names, values = _matched(rows, columns, values)
    network = adjacency_network(values, told or orientation, names)
    if rows is None and columns is not None and _are_numbers(columns):
        network.notes.append("first row read as the names of the columns")
    if blank.any():
        network.notes.append(f"{counted(int(blank.sum()), 'blank cell')} read as no synapse")
    return network


def told_orientation(table: pd.DataFrame) -> str | None:
    """What rows and columns are, where the corner of a table says it."""
    return {text: name for name, text in CORNERS.items()}.get(str(table.iloc[0, 0]).strip())


def looks_like_a_matrix(table: pd.DataFrame) -> bool:
    """Whether a table of texts is about square, and its first row numbers or the names of columns beside a corner.

    Of a square table half the first row is enough: another text there is a mistake.
    """
    height, width = table.shape
    first = [str(cell).strip() for cell in table.iloc[0]]
    cornered = first[0] in ("", *CORNERS.values())
    return abs(height - width) <= 1 and (cornered or _are_numbers(first) or _has_a_slip(table.to_numpy(dtype=object)))


def add_initial(network: ForeignNetwork, untrained: ForeignNetwork) -> None:
    """Give a network the untrained weights of another of the same neurons, by their names where both have names.

    Raises
    ------
    DataError
        If either has two edges for one pair of neurons: which of them belong together is not known. If their neurons
        have different names.
    """
    own, other = (list(edges.marks.get("names", ())) for edges in (network, untrained))
    if own and other and own != other:
        if sorted(own) != sorted(other) or len(set(own)) < len(own):
            strange = sorted(set(own) ^ set(other)) or [name for name in own if own.count(name) > 1]
            raise DataError(
                f"initial: the untrained weights are of {counted(len(other), 'neuron')} and the others of {len(own)}, "
                f"which differ or have a name twice, for one '{strange[0][:60]}'"
            )
        place = {name: i for i, name in enumerate(own)}
        moved = np.array([place[name] for name in other], dtype=np.int64)
        untrained.source, untrained.target = moved[untrained.source], moved[untrained.target]
    for edges in (network, untrained):
        refuse_twice(edges)
    initial = WeightGraph(untrained.n, untrained.source, untrained.target, untrained.weight)
    columns = edges_with_initial(
        WeightGraph(network.n, network.source, network.target, network.weight, initial=initial)
    )
    network.source, network.target = columns["pre"], columns["post"]
    network.weight, network.initial = columns["weight"], columns["initial"]


def adjacency_table(g: WeightGraph, orientation: str) -> list[list[Any]]:
    """Rows of a table of the weights, with the neurons' numbers, whose corner says what rows and columns are."""
    matrix = g.adjacency() if orientation == "post_pre" else g.adjacency().T
    head: list[list[Any]] = [[CORNERS[orientation], *range(g.n)]]
    return head + [[neuron, *row] for neuron, row in enumerate(matrix.tolist())]


def _labels(cells: npt.NDArray[Any]) -> tuple[list[str] | None, list[str] | None, npt.NDArray[Any]]:
    """Names of the rows and of the columns, where the table has them, and the cells within."""
    height, width = cells.shape
    corner = cells[0, 0].strip()
    # a corner may name the rows, where these are named as the columns are
    both = corner == "" or corner in CORNERS.values() or _names_rows(corner, cells)
    # beside a corner that is a name, NA is the name of a neuron
    words = _are_numbers([corner])
    top = both or height == width + 1 or not (_are_numbers(cells[0, 1:], words) or _has_a_slip(cells))
    left = both or not _are_numbers(cells[1:, 0], words)
    body = cells[int(top) :, int(left) :]
    sides = cells[int(top) :, 0], cells[0, int(left) :]
    whole = are_whole(*(side for side, named in zip(sides, (left, top), strict=True) if named))
    rows, columns = (as_keys(side, whole=whole) for side in sides)
    return rows if left else None, columns if top else None, body


def _names_rows(corner: str, cells: npt.NDArray[Any]) -> bool:
    """Whether a corner is the name of what stands below it: neurons, called as the columns are.

    Of a symmetric matrix the first row and column are the same too; so numbers must be counted up.
    """
    rows, columns = (as_keys(side, whole=False) for side in (cells[1:, 0], cells[0, 1:]))
    if _are_numbers([corner]) or len(rows) < 2 or rows != columns:
        return False
    numbers = [int(label) for label in rows if label.isdecimal()]
    counted_up = len(numbers) == len(rows) and numbers == sorted(set(numbers))
    return counted_up or not _are_numbers(rows)


def _has_a_slip(cells: npt.NDArray[Any]) -> bool:
    """Whether cells are square without names of rows, and of the first row the first and half of all are numbers."""
    first = [_are_numbers([str(cell)]) and str(cell).strip() != "" for cell in cells[0]]
    square = cells.shape[0] == cells.shape[1] and _are_numbers(cells[1:, 0])
    return square and first[0] and sum(first) >= len(first) / 2


def _matched(rows: list[str], columns: list[str], values: Any) -> tuple[list[str], Any]:
    for side, names in (("rows", rows), ("columns", columns)):
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise DataError(f"{side}: '{twice[:40]}' occurs twice, and rows and columns can only be matched by name")
    names = list(dict.fromkeys([*rows, *columns]))
    number = {name: i for i, name in enumerate(names)}
    square = np.zeros((len(names), len(names)))
    square[np.ix_([number[name] for name in rows], [number[name] for name in columns])] = values
    return names, square


def _are_numbers(texts: Iterable[str], words: bool = True) -> bool:
    """Whether all are numbers, blank, or (if asked) words for a missing number."""
    try:
        for text in texts:
            if is_missing(text):
                if not words:
                    return False
                continue
            float(text.strip() or 0)
    except ValueError:
        return False
    return True
