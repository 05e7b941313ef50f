"""Whether what a caller hands on is of the right kind, and tensors those of the network that he hands them to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from ..guard import DataError

Kind = TypeVar("Kind")


def of_kind(name: str, given: object, kind: type[Kind]) -> Kind:
    """Return what was given if it is of a kind, or raise :class:`DataError`."""
    if not isinstance(given, kind):
        raise DataError(f"{name}: got {type(given).__name__}, expected a {kind.__name__}")
    return given


def fitting(name: str, given: Any, shapes: Sequence[tuple[int, ...]], dtype: torch.dtype) -> Sequence[Tensor]:
    """Return a list of tensors if it has these shapes and this dtype.

    Raises
    ------
    DataError
        If it has not; the message says what was given.
    """
    # what fits, as nearly always, is told in no time
    if isinstance(given, list) and len(given) == len(shapes):
        each_fits = (
            isinstance(each, Tensor) and each.shape == shape and each.dtype == dtype
            for each, shape in zip(given, shapes, strict=True)
        )
        if all(each_fits):
            return given
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(each, Tensor) for each in given):
        what = type(given).__name__
        if isinstance(given, Sequence) and not isinstance(given, str):
            what += " of " + (", ".join(dict.fromkeys(type(each).__name__ for each in given)) or "nothing")
        raise DataError(f"{name}: got {what}, expected tensors of {dtype} of {_listed(shapes)}")
    found = [tuple(each.shape) for each in given]
    if found != [tuple(shape) for shape in shapes]:
        raise DataError(f"{name}: got tensors of {_listed(found)}, expected {_listed(shapes)}, as the network has")
    strange = [each.dtype for each in given if each.dtype != dtype]
    if strange:
        raise DataError(f"{name}: got tensors of {strange[0]}, expected {dtype}, as the network's")
    return given


def _listed(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(str(tuple(shape)) for shape in shapes) or "nothing"
