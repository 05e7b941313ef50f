"""Losses L of the output neurons, and the clamp -dL/dx that starts the credit dynamics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..guard import DataError, choice, counted, finite_array
from .members import as_batch


class Loss(ABC):
    """A loss per sample with its output clamp.

    Attributes
    ----------
    name
        Its name among :data:`LOSSES`.
    linear_outputs
        Whether the output neurons are linear (sigma(s) = s, balance f = 1) whatever the activation of the others.
    """

    name: ClassVar[str]
    linear_outputs: ClassVar[bool]

    @abstractmethod
    def targets(self, y: Any, outputs: Tensor) -> Tensor:
        """Return the targets as a tensor that fits the outputs' rates (members, batch, n_out), or raise DataError."""

    @abstractmethod
    def value(self, outputs: Tensor, y: Any) -> Tensor:
        """Loss of each sample, (members, batch), for the outputs' rates (members, batch, n_out)."""

    @abstractmethod
    def clamp(self, outputs: Tensor, y: Any) -> Tensor:
        """Output clamp -dL/dx for each sample, (members, batch, n_out)."""


class SquaredError(Loss):
    """Squared error.

    .. math:: L = 1/2 sum_k (y_k - x_k)^2, -dL/dx_k = y_k - x_k

    Targets are real numbers, (batch, n_out) or (members, batch, n_out).
    """

    name = "squared_error"
    linear_outputs = False

    def targets(self, y: Any, outputs: Tensor) -> Tensor:
        """Return targets (members, batch, n_out); :class:`DataError` for another shape, NaN or infinity."""
        targets = as_batch("y", y, outputs, outputs.shape[-1])
        if targets.shape[1] != outputs.shape[1]:
            raise DataError(f"y: got {counted(targets.shape[1], 'sample')}, expected {outputs.shape[1]} as in x")
        return targets

    def value(self, outputs: Tensor, y: Any) -> Tensor:
        """The loss 1/2 sum_k (y_k - x_k)^2, (members, batch)."""
        return 0.5 * self.clamp(outputs, y).square().sum(-1)

    def clamp(self, outputs: Tensor, y: Any) -> Tensor:
        """The clamp y - x, (members, batch, n_out)."""
        return self.targets(y, outputs) - outputs


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of the softmax over linear output neurons, in nats.

    .. math:: L = log sum_k exp(s_k) - s_y, -dL/ds_k = onehot(y)_k - softmax(s)_k

    The outputs are linear, x = s with balance f = 1, so that their effective credit is the clamp itself. Targets are
    class indices, (batch,) or (members, batch).
    """

    name = "cross_entropy"
    linear_outputs = True

    def targets(self, y: Any, outputs: Tensor) -> Tensor:
        """Return class indices (members, batch); :class:`DataError` for another shape or an impossible class."""
        members, batch, classes = outputs.shape
        if not isinstance(y, Tensor):
            try:
                array = finite_array("y", y)
            except DataError as error:
                raise DataError("y: got values that are no class indices, expected whole numbers") from error
            if array.dtype.kind not in "iu":
                raise DataError(f"y: got values of type {array.dtype}, expected class indices (whole numbers)")
            # in the machine's order of bytes and rows, which PyTorch wants
            indices = torch.from_numpy(np.array(array, dtype=np.int64)).to(outputs.device)
        else:
            indices = y.detach().to(outputs.device)
        if indices.is_floating_point() or indices.is_complex() or indices.dtype == torch.bool:
            raise DataError(f"y: got values of type {indices.dtype}, expected class indices (whole numbers)")
        given = tuple(indices.shape)
        if given not in ((batch,), (members, batch)):
            raise DataError(f"y: got shape {given}, expected class indices ({batch},) or ({members}, {batch})")
        indices = indices.long().expand(members, batch)
        low, high = (int(each) for each in torch.aminmax(indices))
        if low < 0 or high >= classes:
            raise DataError(f"y: got classes from {low} to {high}, expected 0 to {classes - 1}")
        return indices

    def value(self, outputs: Tensor, y: Any) -> Tensor:
        """The loss log sum_k exp(s_k) - s_y, (members, batch)."""
        own = outputs.gather(-1, self.targets(y, outputs).unsqueeze(-1)).squeeze(-1)
        return torch.logsumexp(outputs, -1) - own

    def clamp(self, outputs: Tensor, y: Any) -> Tensor:
        """The clamp onehot(y) - softmax(s), (members, batch, n_out)."""
        onehot = functional.one_hot(self.targets(y, outputs), outputs.shape[-1])
        return onehot - torch.softmax(outputs, -1)


LOSSES: dict[str, type[Loss]] = {each.name: each for each in (SquaredError, SoftmaxCrossEntropy)}


def loss(name: str) -> Loss:
    """Return the loss of that name: ``squared_error`` or ``cross_entropy``.

    Raises
    ------
    OptionError
        If the name is another one.

    Examples
    --------
    >>> import torch
    >>> outputs = torch.tensor([[[0.0, 0.0]]])
    >>> loss("cross_entropy").clamp(outputs, torch.tensor([1]))
    tensor([[[-0.5000,  0.5000]]])
    """
    return LOSSES[choice("loss", name, LOSSES)]()
