"""Masks of synapses: which neuron may receive from which, as boolean matrices [post, pre]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..guard import DataError, OptionError, whole_number


def all_to_all_mask(inputs: int, hidden: int, outputs: int) -> Tensor:
    """Every hidden and output neuron receives from all neurons but itself; inputs receive from none.

    Neurons are ordered input, hidden, output.

    Examples
    --------
    >>> all_to_all_mask(1, 1, 1).int()
    tensor([[0, 0, 0],
            [1, 0, 1],
            [1, 1, 0]], dtype=torch.int32)
    """
    n = inputs + hidden + outputs
    mask = ~torch.eye(n, dtype=torch.bool)
    mask[:inputs] = False
    return mask


def layered_mask(sizes: Sequence[int]) -> Tensor:
    """Every neuron receives from all neurons of the layer before its own; `sizes` has the input layer first.

    Raises
    ------
    OptionError
        If there are fewer than two layers or a size is not a whole number of at least 1.

    Examples
    --------
    >>> layered_mask([1, 1, 1]).int()
    tensor([[0, 0, 0],
            [1, 0, 0],
            [0, 1, 0]], dtype=torch.int32)
    """
    if len(sizes) < 2:
        raise OptionError("sizes", sizes, "a list of at least two layer sizes, the input first")
    layer = torch.repeat_interleave(torch.tensor([whole_number("sizes", size, 1) for size in sizes]))
    return layer[:, None] == layer[None, :] + 1


def checked_mask(mask: Any, inputs: int, n: int) -> Tensor:
    """Return a mask as a boolean tensor (n, n) if the input neurons, the first ones, have no incoming synapses.

    Raises
    ------
    DataError
        If it is not boolean, has another shape, or gives an input neuron an incoming synapse.
    """
    try:
        found = mask.detach().cpu().clone() if isinstance(mask, Tensor) else torch.tensor(mask)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(f"mask: got something that is no matrix, expected a boolean matrix of {n} x {n}") from error
    if found.dtype != torch.bool or found.shape != (n, n):
        raise DataError(
            f"mask: got shape {tuple(found.shape)} of {found.dtype}, expected a boolean matrix of {n} x {n} [post, pre]"
        )
    if bool(found[:inputs].any()):
        raise DataError(
            f"mask: got synapses onto input neurons (rows 0 to {inputs - 1}), expected none: they are clamped"
        )
    return found
