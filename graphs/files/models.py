"""Trained networks of other programs: files of tensors, of which the weight matrices of layers are found and joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
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
from .formats import ORIENTATIONS
from .layer_order import follow, numbered, orders
from .tensors import RECURRENT, Tensors

# a recurrent layer of PyTorch: weights onto it, and weights within it
WITHIN, ONTO = re.compile(r"weight_hh((?:_l\d+)?(?:_reverse)?)$"), r"weight_ih\1"
# any weights of a recurrent layer; those of gates are stacked, and projected where there is a weight_hr
PARTS = re.compile(r"weight_(?:ih|hh|hr)((?:_l\d+)?(?:_reverse)?)$")
# a number before what parameters are called, which counts layers
COUNTED = re.compile(r"\d+\.(weight|kernel)$", re.IGNORECASE)
GATES = {3: "a GRU", 4: "an LSTM"}

# types that NumPy has; others are read by PyTorch
NUMPY = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL")


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
    tensors = tensors.pruned()
    matrices = tensors.matrices
    if not matrices:
        found = _all(tensors, list(tensors.shapes)) or f"no {tensors.kind}"
        raise FileError(f"{path}: got {found}, expected the weight matrices of layers")
    order, within = _named(weight, matrices) if weight is not None else _found(matrices)
    _refuse_gates(tensors, [*order, *within])
    _refuse_oblong(tensors, within)
    if len(order) == 1 and not within and len(set(tensors.shapes[order[0]])) == 1:
        rows = orientation or ORIENTATIONS[0]
        network = adjacency_network(tensors.read(order[0]), rows)
        network.notes.append(f"{order[0]} read as the matrix of a recurrent network, rows as {_rows(rows)}")
    else:
        order, rows = _in_order(tensors, order, within, orientation, named=weight is not None)
        network = _layered(tensors, order, within, turned=rows == ORIENTATIONS[1])
        layers = [f"{name} ({' to '.join(map(str, tensors.ends(name, rows)))})" for name in order]
        inside = [f"{name} within a layer" for name in within]
        network.notes.append(f"layers read as {_several([*layers, *inside])}, rows as {_rows(rows)}")
    left = [name for name in tensors.masked if name in (*order, *within)]
    if left:
        network.notes.append(f"without what their masks prune: {listing(left)}")
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
    return [name for name in matrices if name not in within], within


def _rows(orientation: str) -> str:
    return "presynaptic neurons" if orientation == ORIENTATIONS[1] else "postsynaptic neurons"


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
        if recurrent and order[-1] in within.values():
            raise OptionError("weight", weight, f"one matrix within the layer that {order[-1]} leads to")
        if recurrent:
            within[name] = order[-1]
        else:
            order.append(name)
    return order, within


def _refuse_gates(tensors: Tensors, names: Sequence[str]) -> None:
    """Refuse the weights of recurrent layers with gates."""
    for name in names:
        found = PARTS.search(name)
        before = name[: found.start()] if found else ""
        within = f"{before}weight_hh{found[1]}" if found else ""
        shape = tensors.shapes.get(within, ())
        if found is None or len(shape) != 2 or not shape[1]:
            continue
        kind = GATES.get(shape[0] // shape[1]) if shape[0] % shape[1] == 0 else None
        if f"{before}weight_hr{found[1]}" in tensors.shapes:
            kind = GATES[4]
        if kind:
            raise DataError(
                f"{tensors.described(name)}: the weights of the gates of {kind}, which are no single matrix of "
                f"synapses; name other matrices with {setting('weight')}"
            )


def _refuse_oblong(tensors: Tensors, within: Mapping[str, str]) -> None:
    for name in within:
        if len(set(tensors.shapes[name])) > 1:
            raise DataError(
                f"{tensors.described(name)}: no square matrix, which one within a layer is; name the matrices to be "
                f"read with {setting('weight')}"
            )


def _in_order(
    tensors: Tensors, names: list[str], within: Mapping[str, str], orientation: str | None, *, named: bool
) -> tuple[list[str], str]:
    """The matrices in the order of layers, and what their rows are.

    Names that differ in numbers alone stand in the order of these. What that leaves open is settled by the shapes,
    where they allow one order only.
    """
    if named:
        rows = orientation or ORIENTATIONS[0]
        if follow([tensors.ends(name, rows) for name in names]):
            return names, rows
        raise _no_layers(tensors, names, f"in the order given, rows as {_rows(rows)}", orientation)
    either = [name for name in _may_be_recurrent(tensors, names) if name not in within.values()]
    for rows in ORIENTATIONS if orientation is None else (orientation,):
        found = orders({name: tensors.ends(name, rows) for name in names})
        if found and len(names) > 1 and either:
            as_recurrent = [RECURRENT + name if name == either[0] else name for name in found[0]]
            # nothing leads to the layer of the first
            within_one = f" or {_proposed(as_recurrent)}" if either[0] != found[0][0] else ""
            raise DataError(
                f"{tensors.described(either[0])} may lead from one layer to the next or be within a layer: name the "
                f"matrices in the order of the layers, with {_proposed(found[0])}{within_one}, or it alone, as a "
                f"recurrent network, with {_proposed(either[:1])}"
            )
        if found is None or len(found) > 1:
            such = f", {' or '.join(map(_proposed, found))}" if found else f" with {setting('weight')}"
            raise DataError(
                f"the order of {_all(tensors, names)} cannot be told from names and shapes: name the matrices to be "
                f"read in the order of the layers{such}"
            )
        if found:
            return found[0], rows
    what = "in any order" if orientation is None else f"in any order, rows as {_rows(orientation)}"
    raise _no_layers(tensors, names, what, orientation or ORIENTATIONS[0])


def _no_layers(tensors: Tensors, names: Sequence[str], what: str, orientation: str | None) -> DataError:
    turned = (
        f", or say {setting('orientation', ORIENTATIONS[1])} if rows are presynaptic neurons"
        if orientation is None
        else ""
    )
    return DataError(
        f"the matrices {_all(tensors, names)} do not follow each other {what}: name those to be read, in the order of "
        f"the layers, with {setting('weight')} (of a recurrent network the single square one){turned}"
    )


def _proposed(names: Sequence[str]) -> str:
    """The option that reads these matrices; of many its beginning."""
    return setting("weight", ",".join(names if len(names) <= 12 else [*names[:3], "..."]))


def _all(tensors: Tensors, names: Sequence[str]) -> str:
    return _several([tensors.described(name) for name in names])


def _may_be_recurrent(tensors: Tensors, names: Sequence[str]) -> list[str]:
    """Square matrices that nothing makes a layer's: no other is called alike but for a number.

    Where all are square, numbers may count the times at which one matrix was stored, unless they come before what
    parameters are called (``0.weight``).
    """
    parts = numbered({name: tensors.ends(name, ORIENTATIONS[0]) for name in names})
    alike = Counter(text for text, numbers in parts.values() if numbers)
    square = [name for name in names if len(set(tensors.shapes[name])) == 1]
    if len(square) == len(names):
        return [name for name in square if alike[parts[name][0]] < 2 or not COUNTED.search(name)]
    return [name for name in square if alike[parts[name][0]] < 2]


def _layered(tensors: Tensors, order: Sequence[str], within: Mapping[str, str], *, turned: bool) -> ForeignNetwork:
    def matrix(name: str) -> npt.NDArray[np.float64]:
        values = finite_array(name, tensors.read(name), ndim=2).astype(np.float64)
        return values.T if turned else values

    recurrent = {order.index(onto) + 1: matrix(name) for name, onto in within.items()}
    fields = read_layers([matrix(name) for name in order], recurrent=recurrent)
    marks = {name: fields[name] for name in ("layers", "roles")}
    return ForeignNetwork(fields["n"], fields["pre"], fields["post"], fields["weight"], marks)
