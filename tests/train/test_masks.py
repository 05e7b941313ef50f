from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.masks import all_to_all_mask, checked_mask, layered_mask


def test_all_to_all_has_every_synapse_but_onto_inputs_and_self():
    """Guards against a transposed mask: inputs send but do not receive."""
    mask = all_to_all_mask(2, 3, 1)
    assert mask.sum() == 4 * 5
    assert not mask[:2].any()
    assert mask[2:, :2].all()
    assert not mask.diagonal().any()


def test_layered_mask_joins_consecutive_layers_only():
    """Guards against synapses that skip a layer or run backwards."""
    mask = layered_mask([2, 3, 1])
    expected = np.zeros((6, 6), dtype=bool)
    expected[2:5, 0:2] = True
    expected[5, 2:5] = True
    assert np.array_equal(mask.numpy(), expected)


@pytest.mark.parametrize("sizes", [[3], [3, 0], [3, 2.5]])
def test_bad_sizes_are_named(sizes):
    """Guards against an empty layer that cuts the network in two."""
    with pytest.raises(OptionError, match="sizes: got"):
        layered_mask(sizes)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((3, 3)), "expected a boolean matrix of 3 x 3"),
        (np.zeros((3, 2), dtype=bool), r"got shape \(3, 2\)"),
        (np.ones((3, 3), dtype=bool), "got synapses onto input neurons"),
        ("layered", "expected a boolean matrix of 3 x 3"),
    ],
)
def test_bad_masks_are_named(mask, message):
    """Guards against weights where a mask was meant, and clamped neurons that would be driven."""
    with pytest.raises(DataError, match=message):
        checked_mask(mask, 1, 3)


def test_checked_mask_is_a_copy():
    """Guards against a network whose synapses change when the caller's array does."""
    for given in (all_to_all_mask(1, 1, 1), all_to_all_mask(1, 1, 1).numpy()):
        checked = checked_mask(given, 1, 3)
        given[:] = False
        assert torch.equal(checked, all_to_all_mask(1, 1, 1))
