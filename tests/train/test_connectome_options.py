import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from creditgraph.guard import CreditgraphError, DataError, OptionError
from creditgraph.train.connectome import ConnectomeSimulation

sys.path.insert(0, str(Path(__file__).parent))


@pytest.mark.parametrize(
    "options",
    [
        {"n": 0},
        {"n": 2.5},
        {"learning_rates": []},
        {"learning_rates": [-0.1]},
        {"learning_rates": [0.1, 0.1]},
        {"learning_rates": 0.1},
        {"pruning": [1.2]},
        {"seeds": []},
        {"seeds": [-1]},
        {"noise": -1},
        {"noise": float("nan")},
        {"initial_scale": -0.1},
        {"activation": "tanhh"},
        {"clamp": "fixed"},
        {"clamped_fraction": 2},
        {"noise_mode": "none"},
        {"self_synapses": True},
        {"dtype": torch.float16},
        {"device": "nowhere"},
        {"divergence": 0},
        {"engine": "fast"},
    ],
)
def test_impossible_options(options):
    """Guards against a mistake that surfaces as a library's traceback or not at all."""
    with pytest.raises(OptionError, match=next(iter(options))):
        ConnectomeSimulation(**({"n": 4, "learning_rates": [0.1]} | options))


@pytest.mark.parametrize("iterations", [0, -1, 1.5, "all"])
def test_impossible_iterations(iterations):
    """Guards against a run that does nothing or fails halfway."""
    with pytest.raises(OptionError, match="iterations"):
        ConnectomeSimulation(n=4, learning_rates=[0.1]).run(iterations)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("weights", np.ones((3, 4))),
        ("rates", np.ones(3)),
        ("credits", [0, 0, 0, float("nan")]),
        ("weights", np.full((4, 4), np.inf)),
    ],
)
def test_impossible_state(name, values):
    """Guards against state of another shape, or with NaN or infinity, that would be broadcast or spread."""
    simulation = ConnectomeSimulation(n=4, learning_rates=[0.1])
    with pytest.raises(DataError, match=name):
        setattr(simulation, name, values)


def test_state_that_was_changed_in_place_is_checked_before_a_run():
    """Guards against NaN that enters behind the setter's back."""
    simulation = ConnectomeSimulation(n=4, learning_rates=[0.1])
    simulation.weights[0, 1, 2] = float("nan")
    with pytest.raises(CreditgraphError, match="weights"):
        simulation.run(1)
