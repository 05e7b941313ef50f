from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.losses import LOSSES, loss

OUTPUTS = torch.tensor([[[0.0, math.log(3.0)], [1.0, 1.0]]], dtype=torch.float64)


def test_squared_error_by_hand():
    """Guards against a missing 1/2, a mean in place of the sum over outputs, or the wrong sign of the clamp."""
    y = torch.tensor([[2.0, math.log(3.0) - 1], [1.0, 1.0]])
    squared = loss("squared_error")
    torch.testing.assert_close(
        squared.value(OUTPUTS, y), torch.tensor([[2.5, 0.0]], dtype=torch.float64), rtol=1e-6, atol=0
    )
    clamp = torch.tensor([[[2.0, -1.0], [0.0, 0.0]]], dtype=torch.float64)
    torch.testing.assert_close(squared.clamp(OUTPUTS, y), clamp, rtol=1e-6, atol=1e-6)


def test_cross_entropy_by_hand():
    """Guards against a softmax over the wrong dimension or another logarithm; softmax here is (1/4, 3/4)."""
    cross = loss("cross_entropy")
    value = torch.tensor([[math.log(4), math.log(2)]], dtype=torch.float64)
    torch.testing.assert_close(cross.value(OUTPUTS, [0, 1]), value)
    clamp = torch.tensor([[[0.75, -0.75], [-0.5, 0.5]]], dtype=torch.float64)
    torch.testing.assert_close(cross.clamp(OUTPUTS, [0, 1]), clamp)


@pytest.mark.parametrize("name", LOSSES)
def test_clamp_is_minus_the_gradient_of_the_value(name):
    """Guards against a clamp that belongs to another loss."""
    generator = torch.Generator().manual_seed(3)
    outputs = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    y = torch.randint(3, (2, 5), generator=generator)
    if name == "squared_error":
        y = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(loss(name).value(outputs, y).sum(), outputs)
    torch.testing.assert_close(loss(name).clamp(outputs.detach(), y), -gradient, rtol=1e-13, atol=1e-14)


def test_cross_entropy_of_large_outputs_is_finite():
    """Guards against an overflowing exponential."""
    outputs = torch.tensor([[[1e4, -1e4]]], dtype=torch.float64)
    assert loss("cross_entropy").value(outputs, [1]).item() == 2e4
    assert loss("cross_entropy").clamp(outputs, [1]).tolist() == [[[-1.0, 1.0]]]


@pytest.mark.parametrize("name", LOSSES)
def test_targets_per_member(name):
    """Guards against members that all get the first member's targets."""
    outputs = torch.zeros(2, 1, 2)
    y = np.array([[0], [1]]) if name == "cross_entropy" else np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    clamp = loss(name).clamp(outputs, y)
    assert clamp[0, 0, 0] > clamp[0, 0, 1]
    assert clamp[1, 0, 1] > clamp[1, 0, 0]


def test_read_only_arrays_are_fine():
    """Guards against a warning of torch about arrays that it could write to."""
    y = np.array([0, 1])
    y.flags.writeable = False
    assert torch.equal(loss("cross_entropy").clamp(OUTPUTS, y), loss("cross_entropy").clamp(OUTPUTS, [0, 1]))


@pytest.mark.parametrize(
    ("name", "y", "message"),
    [
        ("squared_error", [[1.0, float("nan")], [0.0, 0.0]], "y: 1 value is NaN or infinite"),
        ("squared_error", [[1.0], [2.0]], r"y: got shape \(2, 1\), expected \(batch, 2\)"),
        ("squared_error", [[1.0, 2.0]], "y: got 1 sample, expected 2"),
        ("squared_error", [["a", "b"]], "y: got values of type"),
        ("cross_entropy", [0.0, 1.0], "expected class indices"),
        ("cross_entropy", [0, 2], "y: got classes from 0 to 2, expected 0 to 1"),
        ("cross_entropy", [-1, 0], "y: got classes from -1 to 0"),
        ("cross_entropy", [0, 1, 1], r"y: got shape \(3,\), expected class indices \(2,\)"),
        ("cross_entropy", ["a", "b"], "y: got values that are no class indices"),
        ("cross_entropy", [True, False], "expected class indices"),
    ],
)
def test_bad_targets_are_named(name, y, message):
    """Guards against a library's traceback, or a silently broadcast or wrapped target."""
    with pytest.raises(DataError, match=message):
        loss(name).clamp(OUTPUTS, y)


def test_an_unknown_loss_is_named():
    """Guards against a KeyError in the user's face."""
    with pytest.raises(OptionError, match="expected one of squared_error, cross_entropy"):
        loss("hinge")
