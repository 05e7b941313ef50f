"""Members that all lie alike in memory, so that no bit of what a member learns depends on the members before it.

The processor's matrix products group their sums by where a matrix begins relative to 64 bytes, and elementwise
functions compute what is left after the last full group of a vector's lanes by other instructions. So each member's
matrix begins on such a boundary, and its elements fill such groups. And a product of one row or one column is
computed by another routine where a matrix is alone than where several are multiplied together, so there is none: a
layer is held with two neurons at least, and a sample that is alone in its batch comes twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

BOUNDARY = 16
"""Numbers between two places where a matrix may begin: 64 bytes in single precision."""
FEWEST = 2
"""Rows and columns of a matrix, at least."""
GROUP = 32
"""Numbers that elementwise functions take at once: twice the lanes of the widest vectors."""


def held_neurons(neurons: int, *, samples: int, pre: int, recurrent: bool = False) -> int:
    """The smallest count from `neurons` on whose rates, for so many samples, and weights from `pre` neurons lie alike.

    Where they are recurrent, so do their weights among themselves.

    Examples
    --------
    >>> held_neurons(10, samples=64, pre=64), held_neurons(9, samples=16, pre=7)
    (10, 16)
    """
    own = math.isqrt(BOUNDARY) if recurrent else 1
    step = math.lcm(GROUP // math.gcd(GROUP, samples), BOUNDARY // math.gcd(BOUNDARY, pre), own)
    return -(-neurons // step) * step


def held_sizes(sizes: Sequence[int], samples: int) -> list[int]:
    """Neurons of each layer to hold, so that rates and weights of every layer lie alike; of inputs two at least."""
    held = [max(sizes[0], FEWEST)]
    for neurons in sizes[1:]:
        held.append(held_neurons(max(neurons, FEWEST), samples=samples, pre=held[-1]))
    return held


def at_least_two(batches: Tensor, members: int) -> Tensor:
    """Rows of the samples of each member's batch, (members * batch,); of a single one twice the same."""
    return batches if len(batches) > members else batches.repeat_interleave(FEWEST)


def held_samples(samples: int) -> int:
    """The smallest count from `samples` on at which any number of neurons lies alike."""
    return -(-samples // GROUP) * GROUP


def aligned(tensor: Tensor) -> Tensor:
    """A copy, (members, ...), each member of which is in one piece and begins on a boundary."""
    size = tensor[0].numel()
    room = tensor.new_empty(len(tensor), -(-size // BOUNDARY) * BOUNDARY)
    copy = torch.unflatten(room[:, :size], 1, tensor.shape[1:])
    return copy.copy_(tensor)
