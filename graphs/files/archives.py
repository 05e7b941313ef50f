"""NumPy archives (npz): the project's own, sparse matrices of scipy, and dense matrices."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from ...guard import (
    CreditgraphError,
    DataError,
    FileError,
    OptionError,
    counted,
    finite_array,
    setting,
    suggestion,
    whole_number,
)
from ..edges import Synapses
from ..fields import neuron_indices
from ..weight_graph import MARKS, WeightGraph
from .adjacency import add_initial, adjacency_network
from .edge_lists import listing
from .foreign import ForeignNetwork
from .models import read_layered
from .tensors import Tensors

# arrays that an archive of our own has at least
OWN = ("n", "pre", "post", "weight")
SPARSE = ("format", "data", "shape")

# an archive that unpacks to more is no weight graph, or a trap
LARGEST = 1 << 33


def write_archive(g: WeightGraph) -> bytes:
    """Content of an archive with all that a graph has, weights to the bit."""
    arrays: dict[str, Any] = {"n": g.n, "pre": g.pre, "post": g.post, "weight": g.weight}
    for field in MARKS:
        values = getattr(g, field)
        if isinstance(values, tuple):
            # arrays of text would end texts at their last character that is not NUL, and are as wide as the longest
            values = np.frombuffer(json.dumps(values).encode(), dtype=np.uint8)
        if values is not None:
            arrays[field] = values
    if g.initial is not None:
        for field in OWN[1:]:
            arrays[f"initial_{field}"] = getattr(g.initial, field)
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    return content.getvalue()


def read_archive(path: Path, array: str | None, orientation: str | None) -> ForeignNetwork:
    """The network of an archive of ours, or of a matrix or the layers in anyone's.

    Raises
    ------
    FileError
        If the file is no archive, damaged, or holds none or several square matrices and none was named.
    OptionError
        If there is no array of that name, or an orientation is given for an archive of ours.
    """
    try:
        check_size(path)
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        if array is None and set(OWN) <= set(arrays):
            if orientation is not None:
                raise OptionError("orientation", orientation, "nothing, since this file names pre and post")
            return _own(arrays)
        sparse = array is None and set(SPARSE) <= set(arrays)
        tensors = Tensors(
            {name: values.shape for name, values in arrays.items()}, arrays.__getitem__, "arrays"
        ).pruned()
        if not sparse and (tensors.are_layers() if array is None else tensors.names_layers(array)):
            return read_layered(path, tensors, array, orientation)
        matrix = _sparse(path) if sparse else _dense(path, arrays, array)
    except (CreditgraphError, OSError, MemoryError):
        raise
    except Exception as error:
        # whatever a damaged archive makes of its reader
        reason = " ".join(str(error).split())[:200]
        raise FileError(f"{path}: cannot be read as npz ({reason}); is it damaged, or another format?") from error
    network = adjacency_network(matrix, orientation)
    if array is None and isinstance(matrix, np.ndarray):
        others = [name for name in arrays if arrays[name] is not matrix]
        if others:
            network.notes.append(f"arrays not read: {listing(others)}")
    return network


def check_size(path: Path) -> None:
    """Refuse a zip file that would fill the memory.

    Raises
    ------
    FileError
        If it unpacks to more than 8 GiB.
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > LARGEST:
        raise FileError(f"{path}: unpacks to {size / 2**30:.0f} GiB, expected at most {LARGEST / 2**30:.0f}")


def _own(arrays: dict[str, npt.NDArray[Any]]) -> ForeignNetwork:
    marks: dict[str, Any] = {field: arrays[field] for field in MARKS if field in arrays}
    for field in ("roles", "names", "types"):
        if field in marks:
            marks[field] = json.loads(marks[field].tobytes())
    n = whole_number("n", int(arrays["n"]), 1, np.iinfo(np.int32).max)
    network = ForeignNetwork(n, *_edges(arrays, n, ""), marks)
    if "initial_weight" in arrays:
        add_initial(network, ForeignNetwork(n, *_edges(arrays, n, "initial_")))
    return network


def _edges(arrays: dict[str, npt.NDArray[Any]], n: int, prefix: str) -> Synapses:
    """Ends and weights of edges as they are, also where there are several for one pair of neurons."""
    pre, post = (neuron_indices(prefix + end, arrays[prefix + end], n) for end in ("pre", "post"))
    weight = finite_array(f"{prefix}weight", arrays[f"{prefix}weight"], ndim=1).astype(np.float64, copy=False)
    if not len(pre) == len(post) == len(weight):
        raise DataError(
            f"{prefix}pre, {prefix}post and {prefix}weight: got {len(pre)}, {len(post)} and "
            f"{counted(len(weight), 'value')}, "
            "expected as many"
        )
    return pre, post, weight


def _sparse(path: Path) -> Any:
    matrix = scipy.sparse.load_npz(path)
    # indices outside of the matrix would be followed anywhere into memory
    if hasattr(matrix, "check_format"):
        matrix.check_format(full_check=True)
    return matrix


def _dense(path: Path, arrays: dict[str, npt.NDArray[Any]], array: str | None) -> npt.NDArray[Any]:
    if array is not None:
        if array not in arrays:
            raise OptionError("weight", array, "one of " + ", ".join(arrays), suggestion(array, arrays))
        return arrays[array]
    square = [name for name, values in arrays.items() if values.ndim == 2 and values.shape[0] == values.shape[1]]
    if len(square) != 1:
        found = ", ".join(f"{name} {values.shape}" for name, values in arrays.items()) or "no arrays"
        raise FileError(f"{path}: got {found}, expected one square matrix; name it with {setting('weight')}")
    return arrays[square[0]]
