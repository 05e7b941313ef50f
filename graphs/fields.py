"""Checks of the fields of a weight graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, counted, finite_array


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """View of an array that nobody writes through."""
    view = array.view()
    view.flags.writeable = False
    return view


def neuron_indices(name: str, given: Any, n: int) -> npt.NDArray[np.int32]:
    """Neuron indices from 0 to n - 1, as int32."""
    array = finite_array(name, given, ndim=1)
    if not array.size:
        return array.astype(np.int32)
    if array.dtype.kind not in "ui":
        raise DataError(f"{name}: got values of type {array.dtype}, expected neuron indices")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= n:
        raise DataError(f"{name}: got neuron indices from {low} to {high}, expected 0 to {n - 1}")
    return array.astype(np.int32, copy=False)


def layer_numbers(given: Any, n: int) -> npt.NDArray[np.int32]:
    """Layer of each neuron, as int32."""
    array = finite_array("layers", given, ndim=1)
    if len(array) != n:
        raise DataError(
            f"layers: got {counted(len(array), 'value')}, expected one for each of the {counted(n, 'neuron')}"
        )
    if array.dtype.kind not in "ui" or array.min() < 0 or array.max() > np.iinfo(np.int32).max:
        raise DataError("layers: expected whole numbers of at least 0")
    return array.astype(np.int32, copy=False)


def neuron_positions(given: Any, n: int) -> npt.NDArray[np.float64]:
    """Position of each neuron in two or three dimensions, as float64."""
    array = finite_array("positions", given, ndim=2)
    if array.shape not in ((n, 2), (n, 3)):
        raise DataError(f"positions: got an array of shape {array.shape}, expected ({n}, 2) or ({n}, 3)")
    return array.astype(np.float64, copy=False)


def neuron_texts(name: str, given: Any, n: int) -> tuple[str, ...] | None:
    """Text of each neuron, or None."""
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(f"{name}: got {type(given).__name__}, expected a text for each of the {counted(n, 'neuron')}")
    texts = tuple(given)
    if len(texts) != n:
        raise DataError(
            f"{name}: got {counted(len(texts), 'value')}, expected one for each of the {counted(n, 'neuron')}"
        )
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"{name}: expected a text for each neuron")
    return tuple(str(text) for text in texts)
