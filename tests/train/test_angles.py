from __future__ import annotations

import math

import pytest
import torch

from creditgraph.guard import DataError
from creditgraph.train.angles import angle


@pytest.mark.parametrize("degrees", [0.0, 1e-9, 1.0, 45.0, 90.0, 135.0, 180.0])
def test_known_angles(degrees):
    """Guards against an arccosine that loses small angles, and against radians."""
    other = torch.tensor([[math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]], dtype=torch.float64)
    found = angle([torch.tensor([[2.0, 0.0]], dtype=torch.float64)], [3 * other])
    assert found.tolist() == pytest.approx([degrees], rel=1e-6, abs=1e-14)


def test_members_and_tensors():
    """Guards against members that are mixed, and tensors that are compared one by one rather than as one vector."""
    one = [torch.tensor([[1.0], [1.0]]), torch.tensor([[0.0], [0.0]])]
    two = [torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [1.0]])]
    assert angle(one, two).tolist() == pytest.approx([90, 45], rel=1e-6)
    assert math.isnan(float(angle([torch.zeros(1, 2)], [torch.ones(1, 2)])))


def test_shapes_are_checked():
    """Guards against an angle between things that cannot be compared."""
    for one, two in (([torch.ones(1, 2)], [torch.ones(1, 3)]), ([], [])):
        with pytest.raises(DataError, match="angle: got"):
            angle(one, two)


@pytest.mark.parametrize("size", [1e200, 1e-200, 1e-300])
def test_directions_of_any_size(size):
    """Guards against squares that overflow or vanish, and make opposite directions one."""

    def direction(*values):
        return [torch.tensor([values], dtype=torch.float64) * size]

    assert angle(direction(1.0, 0.0), direction(-1.0, 0.0)).item() == pytest.approx(180)
    assert angle(direction(1.0, 0.0), direction(1.0, 1.0)).item() == pytest.approx(45)
    assert angle(direction(1.0, 0.0), direction(0.0, 0.0)).isnan().all()
