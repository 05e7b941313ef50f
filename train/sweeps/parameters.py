"""All weights and biases of a network in one row, so that a sweep holds its members as a matrix."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor


@dataclass(frozen=True)
class ParameterRow:
    """Where the tensors of one network lie in a row of numbers.

    Attributes
    ----------
    shapes
        Shapes of the tensors of one network, in the order of the row.

    Examples
    --------
    >>> row = ParameterRow(((2, 3), (2,)))
    >>> row.size, [tuple(each.shape) for each in row.tensors(torch.zeros(5, 8))]
    (8, [(5, 2, 3), (5, 2)])
    """

    shapes: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """Numbers in a row."""
        return sum(prod(shape) for shape in self.shapes)

    def tensors(self, rows: Tensor) -> list[Tensor]:
        """The tensors of all networks, views of `rows` (networks, size): one shape each."""
        parts = torch.split(rows, [prod(shape) for shape in self.shapes], dim=1)
        return [torch.unflatten(part, 1, shape) for part, shape in zip(parts, self.shapes, strict=True)]

    @staticmethod
    def rows(tensors: Sequence[Tensor]) -> Tensor:
        """The rows of networks whose tensors are given, (networks, size)."""
        return torch.cat([each.flatten(1) for each in tensors], 1)


def layered_row(sizes: Sequence[int]) -> ParameterRow:
    """The row of a layered network: weights of all layers (post, pre), then biases of all layers (post, 1)."""
    weights = tuple((post, pre) for pre, post in itertools.pairwise(sizes))
    return ParameterRow((*weights, *((post, 1) for post, _ in weights)))
