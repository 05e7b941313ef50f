"""Trained networks of other programs: files of tensors, of which the weight matrices of layers are found and joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors

from ...guard import DataError, FileError, OptionError, finite_array, setting, suggestion
from ..layers import read_layers
from .adjacency import adjacency_network
from .edge_lists import listing
from .foreign import ForeignNetwork

RECURRENT = "recurrent:"
"""Before the name of a matrix within the layer that the matrix before it leads to."""

OURS = ("post_pre", "pre_post")
# a recurrent layer of PyTorch: weights onto it, and weights within it
WITHIN, ONTO = re.compile(r"weight_hh(_l\d+)?$"), r"weight_ih\1"
GATES = {3: "a GRU", 4: "an LSTM"}

# types that NumPy has; others are read by PyTorch
NUMPY = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL")

# matrices, and steps of the search for their order, beyond which it counts as one that cannot be told
MOST_MATRICES, MOST_STEPS = 100, 100_000


@dataclass(frozen=True)
class Tensors:
    """The tensors of a file.

    Parameters
    ----------
    shapes
        By name.
    read
        Reads one of them.
    kind
        What they are called.
    """

    shapes: Mapping[str, tuple[int, ...]]
    read: Callable[[str], npt.NDArray[Any]]
    kind: str = "tensors"

    @property
    def matrices(self) -> list[str]:
        """Names of those that have rows and columns."""
        return [name for name, shape in self.shapes.items() if len(shape) == 2 and min(shape) > 0]

    def described(self, name: str) -> str:
        """A tensor with its shape, in words."""
        return f"{name} ({' x '.join(map(str, self.shapes[name])) or 'a number'})"

    def names_layers(self, weight: str) -> bool:
        """Whether a name is not that of one square matrix, but of a block or of several."""
        if weight in self.shapes:
            return len(self.shapes[weight]) == 2 and len(set(self.shapes[weight])) > 1
        return "," in weight or weight.startswith(RECURRENT)

    def are_layers(self) -> bool:
        """Whether the matrices are numbered and follow each other, not all of them square.

        So they are layers for sure; square ones may be anything, such as weights before and after training.
        """
        names = self.matrices
        texts = {_numbered(name)[0] for name in names}
        square = all(len(set(self.shapes[name])) == 1 for name in names)
        return (
            len(names) > 1
            and len(texts) == 1
            and not square
            and any(_orders({name: _ends(self, name, rows) for name in names}) for rows in OURS)
        )


def read_safetensors(path: Path, weight: str | None, orientation: str | None) -> ForeignNetwork:
    """The network of the weight matrices in a file of safetensors.

    Raises
    ------
    FileError
        If the file is damaged or none of safetensors, or has no matrix.
    DataError
        If its matrices are not those of layers that follow each other, or their order cannot be told.
    OptionError
        If a matrix was named that there is not.
    """
    try:
        with safetensors.safe_open(path, framework="np") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118, it is no mapping
            shapes = {name: tuple(each.get_shape()) for name, each in slices.items()}
            narrow = {name for name, each in slices.items() if each.get_dtype() not in NUMPY}
        return read_layered(
            path, Tensors(shapes, lambda name: _tensor(path, name, name in narrow)), weight, orientation
        )
    except safetensors.SafetensorError as error:
        raise FileError(
            f"{path}: cannot be read as safetensors ({' '.join(str(error).split())}); is it damaged, or another format?"
        ) from error


def _tensor(path: Path, name: str, narrow: bool) -> npt.NDArray[Any]:
    with safetensors.safe_open(path, framework="pt" if narrow else "np") as file:
        return finite_array(name, file.get_tensor(name))


def read_layered(path: Path, tensors: Tensors, weight: str | None, orientation: str | None) -> ForeignNetwork:
    """The network of tensors: of layers that follow each other, or of a single square matrix.

    Raises
    ------
    FileError
        If none of them is a matrix.
    DataError
        If they do not follow each other, or their order cannot be told.
    OptionError
        If one was named that there is not.
    """
    matrices = tensors.matrices
    if not matrices:
        found = listing(map(tensors.described, tensors.shapes)) or f"no {tensors.kind}"
        raise FileError(f"{path}: got {found}, expected the weight matrices of layers")
    order, within = _named(weight, matrices) if weight is not None else _found(matrices)
    _refuse_gates(tensors, within)
    if len(order) == 1 and not within and len(set(tensors.shapes[order[0]])) == 1:
        rows = orientation or OURS[0]
        network = adjacency_network(tensors.read(order[0]), rows)
        network.notes.append(f"{order[0]} read as the matrix of a recurrent network, rows as {_rows(rows)}")
    else:
        order, rows = _in_order(tensors, order, within, orientation, named=weight is not None)
        network = _layered(tensors, order, within, turned=rows == OURS[1])
        layers = [f"{name} ({' to '.join(map(str, _ends(tensors, name, rows)))})" for name in order]
        inside = [f"{name} within a layer" for name in within]
        network.notes.append(f"layers read as {_several([*layers, *inside])}, rows as {_rows(rows)}")
    others = [name for name in tensors.shapes if name not in (*order, *within)]
    if weight is None and others:
        network.notes.append(f"{tensors.kind} not read: {listing(others)}")
    return network


def _several(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - 8} more" if len(parts) > 8 else ""
    return ", ".join(parts[:8]) + more


def _found(matrices: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """All matrices, and those within layers with the one that leads there, by their names."""
    within = {}
    for name in matrices:
        onto = WITHIN.sub(ONTO, name)
        if onto != name and onto in matrices:
            within[name] = onto
    return sorted((name for name in matrices if name not in within), key=_numbered), within


def _rows(orientation: str) -> str:
    return "presynaptic neurons" if orientation == OURS[1] else "postsynaptic neurons"


def _named(weight: str, matrices: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The matrices that were named, in order, and those within layers with the one that leads there."""
    order: list[str] = []
    within: dict[str, str] = {}
    for given in [weight] if weight in matrices else [each.strip() for each in weight.split(",")]:
        recurrent = given.startswith(RECURRENT) and given not in matrices
        name = given.removeprefix(RECURRENT) if recurrent else given
        if name not in matrices:
            raise OptionError(
                "weight", name, "matrices by name, such as " + ",".join(matrices[:6]), suggestion(name, matrices)
            )
        if name in order or name in within:
            raise OptionError("weight", weight, f"each matrix once, got '{name}' twice")
        if recurrent and not order:
            raise OptionError("weight", weight, f"first a matrix that leads to the layer of {name}")
        if recurrent:
            within[name] = order[-1]
        else:
            order.append(name)
    return order, within


def _refuse_gates(tensors: Tensors, within: Mapping[str, str]) -> None:
    for name in within:
        rows, columns = tensors.shapes[name]
        if rows == columns:
            continue
        kind = GATES.get(rows // columns) if rows % columns == 0 else None
        why = f"the weights of the gates of {kind}, which are no single matrix" if kind else "no square matrix"
        raise DataError(f"{tensors.described(name)}: {why}; name the matrices to be read with {setting('weight')}")


def _numbered(name: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """What of a name is no number, and its numbers."""
    parts = re.split(r"(\d+)", name)
    return tuple(parts[::2]), tuple(map(int, parts[1::2]))


def _ends(tensors: Tensors, name: str, rows: str) -> tuple[int, int]:
    """Neurons that a matrix leads from and to."""
    one, other = tensors.shapes[name]
    return (one, other) if rows == OURS[1] else (other, one)


def _in_order(
    tensors: Tensors, names: list[str], within: Mapping[str, str], orientation: str | None, *, named: bool
) -> tuple[list[str], str]:
    """The matrices in the order of layers, and what their rows are.

    Names that differ in numbers alone stand in the order of these. What that leaves open is settled by the shapes,
    where they allow one order only.
    """
    orientations = OURS if orientation is None else (orientation,)
    if named:
        rows = orientation or OURS[0]
        if _follow([_ends(tensors, name, rows) for name in names]):
            return names, rows
        raise _no_layers(tensors, names, f"in the order given, rows as {_rows(rows)}", orientation)
    either = [name for name in names if _may_be_recurrent(tensors, name) and name not in within.values()]
    for rows in orientations:
        orders = _orders({name: _ends(tensors, name, rows) for name in names})
        if orders and len(names) > 1 and either:
            as_recurrent = [RECURRENT + name if name == either[0] else name for name in orders[0]]
            raise DataError(
                f"{tensors.described(either[0])} may lead from one layer to the next or be within a layer: name the "
                f"matrices in the order of the layers, with {setting('weight', ','.join(orders[0]))} or "
                f"{setting('weight', ','.join(as_recurrent))}"
            )
        if len(orders) > 1:
            raise DataError(
                f"the order of {listing(map(tensors.described, names))} cannot be told from names and shapes: name the "
                f"matrices in the order of the layers, such as {setting('weight', ','.join(orders[0]))}"
            )
        if orders:
            return orders[0], rows
    what = "in any order" if orientation is None else f"in any order, rows as {_rows(orientation)}"
    raise _no_layers(tensors, names, what, orientation or OURS[0])


def _no_layers(tensors: Tensors, names: Sequence[str], what: str, orientation: str | None) -> DataError:
    turned = (
        f", or say {setting('orientation', OURS[1])} if rows are presynaptic neurons" if orientation is None else ""
    )
    return DataError(
        f"the matrices {listing(map(tensors.described, names))} do not follow each other {what}: name those to be read,"
        f" in the order of the layers, with {setting('weight')} (of a recurrent network the single square one){turned}"
    )


def _may_be_recurrent(tensors: Tensors, name: str) -> bool:
    """Whether a matrix is square and has no number that would make it a layer's."""
    return not _numbered(name)[1] and len(set(tensors.shapes[name])) == 1


def _follow(ends: Sequence[tuple[int, int]]) -> bool:
    return all(below[1] == above[0] for below, above in pairwise(ends))


def _orders(ends: Mapping[str, tuple[int, int]]) -> list[list[str]]:
    """Orders in which matrices follow each other, from the neurons that each leads from and to; at most two of them.

    Two as well where there are too many to be tried.
    """
    numbered = {name: _numbered(name) for name in ends}
    if len({text for text, _ in numbered.values()}) == 1:
        order = sorted(ends, key=lambda name: numbered[name])
        return [order] if _follow([ends[name] for name in order]) else []
    steps = 0

    def waits(name: str, left: Sequence[str]) -> bool:
        """Whether a matrix that is left goes before by its number."""
        text, numbers = numbered[name]
        return any(numbered[other][0] == text and numbered[other][1] < numbers for other in left)

    def extended(order: list[str], left: list[str]) -> Iterator[list[str]]:
        nonlocal steps
        steps += 1
        if not left or steps > MOST_STEPS:
            yield order
            return
        for name in left:
            follows = not order or ends[order[-1]][1] == ends[name][0]
            if follows and not waits(name, left):
                yield from extended([*order, name], [other for other in left if other != name])

    if len(ends) > MOST_MATRICES:
        return [list(ends), list(ends)]
    return list(islice(extended([], list(ends)), 2))


def _layered(tensors: Tensors, order: Sequence[str], within: Mapping[str, str], *, turned: bool) -> ForeignNetwork:
    def matrix(name: str) -> npt.NDArray[np.float64]:
        values = finite_array(name, tensors.read(name), ndim=2).astype(np.float64)
        return values.T if turned else values

    recurrent = {order.index(onto) + 1: matrix(name) for name, onto in within.items()}
    fields = read_layers([matrix(name) for name in order], recurrent=recurrent)
    marks = {name: fields[name] for name in ("layers", "roles")}
    return ForeignNetwork(fields["n"], fields["pre"], fields["post"], fields["weight"], marks)
