"""Angles between updates: how far one points away from another."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..guard import DataError


def angle(first: Sequence[Tensor], second: Sequence[Tensor]) -> Tensor:
    r"""Angle between two directions in the space of all parameters, in degrees.

    .. math:: 2 \arctan2(|u - v|, |u + v|), \quad u = a / |a|, \; v = b / |b|

    which is accurate for tiny angles, where the arccosine of the inner product is not (Kahan 2006).

    Parameters
    ----------
    first, second
        Tensors with the members first, in the same order and shapes: weights of all layers say, or weights and biases.

    Returns
    -------
    Tensor
        (members,), float64, from 0 to 180; NaN for a member where a direction is zero, for then there is no angle.

    Raises
    ------
    DataError
        If the shapes differ or there is no tensor.

    Examples
    --------
    >>> import torch
    >>> round(float(angle([torch.tensor([[1.0, 0.0]])], [torch.tensor([[1.0, 1.0]])])), 9)
    45.0
    """
    if not all(_are_tensors(each) for each in (first, second)):
        raise DataError("angle: expected two lists of tensors, such as the weights of all layers")
    shapes = [tuple(each.shape) for each in first], [tuple(each.shape) for each in second]
    if shapes[0] != shapes[1] or not shapes[0]:
        raise DataError(f"angle: got tensors of {shapes[0]} and {shapes[1]}, expected the same shapes, at least one")
    a, b = (torch.cat([each.double().flatten(1) for each in tensors], 1) for tensors in (first, second))
    # squares of the largest numbers are none any more, and of the smallest 0
    a, b = (each / each.abs().amax(dim=1, keepdim=True) if each.numel() else each for each in (a, b))
    u, v = (each / torch.linalg.vector_norm(each, dim=1, keepdim=True) for each in (a, b))
    apart, along = (torch.linalg.vector_norm(each, dim=1) for each in (u - v, u + v))
    return torch.rad2deg(2 * torch.atan2(apart, along))


def _are_tensors(given: object) -> bool:
    return isinstance(given, Sequence) and all(isinstance(each, Tensor) for each in given)
