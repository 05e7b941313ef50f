"""Graphs of layers from matrices and tensors in memory."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError


def test_models_in_memory_are_told_from_their_weights() -> None:
    """Guards against a message of dtypes for who gives a model, its layers or its state."""
    model = nn.Sequential(nn.Linear(6, 9), nn.Tanh(), nn.Linear(9, 3))
    for given, message in (
        (model, "got a model, expected a list of weight matrices"),
        (model.state_dict(), "got a mapping of names, expected a list of weight matrices"),
        ([model[0]], r"blocks\[0\]: got a layer \(Linear\), expected its weight matrix, \.weight"),
    ):
        with pytest.raises(DataError, match=message):
            WeightGraph.from_layers(given)  # type: ignore[arg-type]


def test_layers_within_and_untrained_in_memory() -> None:
    """Guards against blocks of another size that are taken, and against untrained weights of other layers."""
    blocks = [np.ones((3, 2)), np.ones((1, 3))]
    with pytest.raises(DataError, match=r"recurrent\[1\]: got a matrix of 2 x 2, expected 3 x 3, as layer 1 has 3"):
        WeightGraph.from_layers(blocks, recurrent={1: np.eye(2)})
    with pytest.raises(OptionError, match="recurrent"):
        WeightGraph.from_layers(blocks, recurrent={3: np.eye(1)})
    with pytest.raises(DataError, match="recurrent: got a value of type ndarray"):
        WeightGraph.from_layers(blocks, recurrent=np.eye(3))  # type: ignore[arg-type]
    with pytest.raises(DataError, match="initial: got untrained weights of layers of 1-3-2 neurons, expected 2-3-1"):
        WeightGraph.from_layers(blocks, initial=[np.ones((3, 1)), np.ones((2, 3))])
    with pytest.raises(DataError, match="initial: got untrained weights of layers of no neurons"):
        WeightGraph.from_layers(blocks, initial=WeightGraph.from_matrix(np.eye(6)))
    untrained = WeightGraph.from_layers(blocks, recurrent={1: 2 * np.eye(3)})
    g = WeightGraph.from_layers(blocks, recurrent={1: 3 * np.eye(3)}, initial=untrained)
    assert np.trace(g.view("change").adjacency()) == 3
