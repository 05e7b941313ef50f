"""Exact pruning: the fraction of smallest magnitudes in a matrix becomes zero, for many matrices at once."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..guard import DataError, counted
from ..guard import fraction as checked_fraction
from .kernels import new_cell, prune_rows

Weights = TypeVar("Weights", Tensor, npt.NDArray[Any])

# The bits of a float without its sign, read as a whole number, are ordered as its magnitude is.
MAGNITUDE_BITS = {torch.float32: (torch.int32, 31), torch.float64: (torch.int64, 63)}


def pruned_count(fraction: float, entries: int) -> int:
    """Count of entries that are pruned, ``k = round(p entries)`` (a half goes to the even neighbour)."""
    return round(fraction * entries)


def prune_smallest(weights: Weights, fraction: float, *, in_place: bool = False) -> Weights:
    """Set the fraction p of smallest ``|w|`` of each matrix to zero.

    Exactly ``k = round(p n_post n_pre)`` entries of each matrix are set to zero: those of smallest magnitude, and among
    equal magnitudes those of lowest index (row first). All others stay as they are, to the bit.

    Parameters
    ----------
    weights
        Matrices (..., n_post, n_pre): an array or a tensor of float32 or float64.
    fraction
        The fraction p, between 0 and 1.
    in_place
        Whether to change `weights` itself; otherwise a copy is changed.

    Returns
    -------
    array or tensor, as given
        The pruned matrices; `weights` itself where it was changed in place.

    Raises
    ------
    OptionError
        If the fraction is not between 0 and 1.
    DataError
        If the weights are no matrices of float32 or float64, are empty, hold NaN or infinity, or cannot be changed in
        place.

    Notes
    -----
    Pruning is part of algorithm 1 of Fan and Mysore 2024. The count k and the order among ties are our reading.

    Examples
    --------
    >>> prune_smallest(np.array([[0.3, -0.1], [0.2, 0.1]]), 0.5)
    array([[0.3, 0. ],
           [0.2, 0. ]])
    """
    p = checked_fraction("fraction", fraction)
    # a copy: torch takes neither read-only arrays nor reversed ones
    tensor = torch.from_numpy(np.array(weights, order="C")) if _is_float_array(weights) else weights
    if not isinstance(tensor, Tensor) or tensor.dtype not in MAGNITUDE_BITS:
        raise DataError(f"weights: got {_kind(weights)}, expected an array or a tensor of float32 or float64")
    if tensor.ndim < 2 or tensor.numel() == 0:
        raise DataError(f"weights: got shape {tuple(tensor.shape)}, expected matrices (..., n_post, n_pre)")
    if not bool(torch.isfinite(tensor).all()):
        raise DataError(
            f"weights: {counted(int((~torch.isfinite(tensor)).sum()), 'value is', 'values are')} NaN or infinite"
        )
    if in_place and not _can_be_changed(weights):
        raise DataError("weights: read-only, or several entries share their memory; prune a copy (in_place=False)")
    rows = tensor.detach().reshape(-1, tensor.shape[-2] * tensor.shape[-1])
    if tensor is weights:
        rows = rows.clone(memory_format=torch.contiguous_format)
    k = pruned_count(p, rows.shape[1])
    if rows.device.type == "cpu":
        prune_rows(rows.numpy(), k, new_cell(rows.numpy().dtype))
    else:
        rows.masked_fill_(smallest(rows, torch.full((len(rows),), k, device=rows.device)), 0)
    result = rows.view(tensor.shape)
    if in_place:
        if isinstance(weights, Tensor):
            weights.detach().copy_(result)
        else:
            np.copyto(weights, result.numpy())
        return weights
    return result if isinstance(weights, Tensor) else result.numpy()


def smallest(values: Tensor, counts: Tensor) -> Tensor:
    """Mark in each row the given count of entries of smallest magnitude, ties by index, lowest first.

    The threshold, the magnitude of the last entry marked, is found bit by bit, from the highest: a bit is set if fewer
    than `counts` entries lie below the number with that bit set. That is a fixed number of passes, on any device,
    without sorting and without waiting for the device.

    Parameters
    ----------
    values
        (rows, entries), float32 or float64.
    counts
        Entries to mark in each row, (rows,), whole numbers.

    Returns
    -------
    Tensor
        (rows, entries), bool. NaN counts as larger than infinity.
    """
    integers, bits = MAGNITUDE_BITS[values.dtype]
    magnitudes = values.contiguous().view(integers) & torch.iinfo(integers).max
    counting = counting_dtype(values.shape[1])
    wanted = counts.unsqueeze(1)
    threshold = torch.zeros_like(wanted, dtype=integers)
    for bit in reversed(range(bits)):
        higher = threshold | (1 << bit)
        below = (magnitudes < higher).sum(1, keepdim=True, dtype=counting)
        threshold = torch.where(below < wanted, higher, threshold)
    below = magnitudes < threshold
    ties = magnitudes == threshold
    rank = ties.cumsum(1, dtype=counting)
    return below | (ties & (rank <= wanted - below.sum(1, keepdim=True, dtype=counting)))


def counting_dtype(entries: int) -> torch.dtype:
    """The smaller dtype that counts so many entries; torch's default takes twice the memory."""
    return torch.int32 if entries <= torch.iinfo(torch.int32).max else torch.int64


def _is_float_array(weights: object) -> bool:
    return isinstance(weights, np.ndarray) and weights.dtype in (np.float32, np.float64)


def _can_be_changed(weights: Tensor | npt.NDArray[Any]) -> bool:
    if isinstance(weights, np.ndarray) and not weights.flags.writeable:
        return False
    strides = weights.stride() if isinstance(weights, Tensor) else weights.strides
    return not any(stride == 0 and length > 1 for stride, length in zip(strides, weights.shape, strict=True))


def _kind(weights: object) -> str:
    return f"{type(weights).__name__} of {weights.dtype}" if hasattr(weights, "dtype") else type(weights).__name__
