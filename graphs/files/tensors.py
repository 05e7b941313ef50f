"""The tensors of a file: which of them are matrices, which are those of a model, and what pruning left of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .formats import ORIENTATIONS
from .layer_order import Ends, numbered, orders

RECURRENT = "recurrent:"
"""Before the name of a matrix within the layer that the matrix before it leads to."""

# of pruned layers PyTorch keeps all weights and which of them are left
PRUNED = ("_orig", "_mask")
# what the parameters of a model's layers are called
PARAMETERS = re.compile(r"(^|[._])(weight|kernel)(_\w+)?$", re.IGNORECASE)
# characters of a name in a message
LONGEST = 40


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
    masked
        Matrices that are without what a mask prunes.
    """

    shapes: Mapping[str, tuple[int, ...]]
    read: Callable[[str], npt.NDArray[Any]]
    kind: str = "tensors"
    masked: tuple[str, ...] = ()

    def pruned(self) -> Tensors:
        """The same with pruned weights in the place of all weights and a mask."""
        whole, mask = PRUNED
        found = [
            name.removesuffix(whole)
            for name in self.shapes
            if name.endswith(whole) and self.shapes.get(name.removesuffix(whole) + mask) == self.shapes[name]
        ]
        hidden = {name + end for name in found for end in PRUNED}
        shapes = {name: shape for name, shape in self.shapes.items() if name not in hidden}
        shapes |= {name: self.shapes[name + whole] for name in found}

        def read(name: str) -> npt.NDArray[Any]:
            if name not in found:
                return self.read(name)
            return np.asarray(self.read(name + whole) * self.read(name + mask))

        masked = [name for name in found if len(shapes[name]) == 2]
        return Tensors(shapes, read, self.kind, (*self.masked, *masked))

    @property
    def matrices(self) -> list[str]:
        """Names of those that have rows and columns."""
        return [name for name, shape in self.shapes.items() if len(shape) == 2 and min(shape) > 0]

    def described(self, name: str) -> str:
        """A tensor with its shape, in words."""
        called = name if len(name) <= LONGEST else f"{name[:LONGEST]}..."
        return f"{called} ({' x '.join(map(str, self.shapes[name])) or 'a number'})"

    def ends(self, name: str, rows: str) -> Ends:
        """Neurons that a matrix leads from and to, whose rows are post- or presynaptic neurons."""
        one, other = self.shapes[name]
        return (one, other) if rows == ORIENTATIONS[1] else (other, one)

    def names_layers(self, weight: str) -> bool:
        """Whether a name is not that of one square matrix, but of a block or of several."""
        if weight in self.masked:
            return True
        if weight in self.shapes:
            return len(self.shapes[weight]) == 2 and len(set(self.shapes[weight])) > 1
        return "," in weight or weight.startswith(RECURRENT)

    def are_layers(self) -> bool:
        """Whether the matrices are those of a model: called as parameters are, or numbered and following each other.

        One square matrix may be anything, such as that of a network that stands beside the positions of its neurons.
        """
        names = self.matrices
        if any(name in self.masked for name in names):
            return True
        if len(names) < 2:
            return False
        if all(PARAMETERS.search(name) for name in names):
            return True
        square = sum(len(set(self.shapes[name])) == 1 for name in names)
        ends = {rows: {name: self.ends(name, rows) for name in names} for rows in ORIENTATIONS}
        if square:
            return len(names) > max(2, square) and orders(ends[ORIENTATIONS[0]]) != []
        parts = numbered(ends[ORIENTATIONS[0]]).values()
        counted_up = len({text for text, _ in parts}) == 1 and len({numbers for _, numbers in parts}) == len(names)
        return counted_up and any(orders(ends[rows]) for rows in ORIENTATIONS)
