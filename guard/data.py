from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .counting import counted
from .errors import DataError


def finite_array(name: str, data: Any, ndim: int | None = None) -> npt.NDArray[Any]:
    """Return `data` as a numeric array without NaN or infinity; more than double precision becomes double precision.

    Tensors of PyTorch are read wherever they are, with a gradient or without.

    Raises
    ------
    DataError
        If the data are not numbers, are masked in part, have another number of dimensions, or hold NaN or infinity
        (the message names the first place).
    """
    try:
        array = np.asarray(
            [*map(_without_gradient, data)] if isinstance(data, list | tuple) else _without_gradient(data)
        )
    except ValueError as error:
        raise DataError(f"{name}: rows of unequal length, expected a rectangular array") from error
    except (TypeError, RuntimeError) as error:
        # such as sparse tensors
        reason = " ".join(str(error).split())
        raise DataError(f"{name}: cannot be read as an array of real numbers ({reason})") from error
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        count = int(np.ma.getmaskarray(data).sum())
        raise DataError(
            f"{name}: {counted(count, 'value is', 'values are')} masked, expected an array without a mask; fill it, "
            "such as with filled(0)"
        )
    if array.dtype.kind not in "buif":
        raise DataError(f"{name}: got values of type {array.dtype}, expected real numbers")
    if ndim is not None and array.ndim != ndim:
        raise DataError(f"{name}: got an array of shape {array.shape}, expected {ndim} dimensions")
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        # what is finite in more than double precision may not be in the double precision that all is computed in
        with np.errstate(over="ignore", under="ignore"):
            array = array.astype(np.float64)
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            where = tuple(int(i) for i in np.argwhere(~finite)[0])
            count = int(finite.size - finite.sum())
            raise DataError(
                f"{name}: {counted(count, 'value is', 'values are')} NaN or infinite, the first at index {where}"
            )
    return array


def _without_gradient(data: Any) -> Any:
    """A tensor of PyTorch as NumPy can read it, of which this room knows nothing; anything else as it is."""
    if not (hasattr(data, "detach") and hasattr(data, "cpu")):
        return data
    here = data.detach().cpu().resolve_neg()
    # types of half the size and less that NumPy lacks
    return here.float() if here.dtype.itemsize < 4 and here.dtype.is_floating_point else here


def square_matrix(name: str, data: Any) -> npt.NDArray[Any]:
    """Return `data` as a finite square matrix, or raise :class:`DataError`."""
    matrix = finite_array(name, data, ndim=2)
    if matrix.shape[0] != matrix.shape[1]:
        raise DataError(f"{name}: got a matrix of {matrix.shape[0]} x {matrix.shape[1]}, expected a square one")
    return matrix
