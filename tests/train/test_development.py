from __future__ import annotations

import numpy as np
import pytest

from creditgraph.guard import DataError, OptionError
from creditgraph.train.connectome import ConnectomeSimulation
from creditgraph.train.development import STAGE_SEEDS, develop, falling_schedule, module_connectivity


def test_one_stage_is_the_plain_simulation():
    """Guards against a development that is another simulation than algorithm 1."""
    plain = ConnectomeSimulation(n=20, learning_rates=[0.1], pruning=[0.5], seeds=[3, 4]).run(30)
    assert np.array_equal(develop([0.1], n=20, seeds=[3, 4], pruning=0.5, iterations=30)[0], plain.weights.numpy())


def test_stages_go_on_where_the_last_one_ended():
    """Guards against a stage that starts over, or has another r than its own: r near 0 keeps the weights."""
    weights = develop([0.1, 1e-12, 0.1], n=20, seeds=[0], pruning=0.5, iterations=30)
    assert weights.shape == (3, 1, 20, 20)
    assert np.allclose(weights[1], weights[0], atol=1e-9)
    assert np.abs(weights[2] - weights[1]).max() > 1e-3


def test_stages_have_noise_of_their_own():
    """Guards against stages that replay the noise of the first, or whose state is not handed on whole."""
    options = {"n": 20, "learning_rates": [0.1], "pruning": [0.5]}
    first = ConnectomeSimulation(seeds=[2], **options)
    start = first.run(10).weights
    second = {}
    for name, seed in (("own", 2 + STAGE_SEEDS), ("replayed", 2)):
        simulation = ConnectomeSimulation(seeds=[seed], **options)
        simulation.weights, simulation.rates, simulation.credits = start, first.rates, first.credits
        second[name] = simulation.run(10).weights.numpy()
    weights = develop([0.1, 0.1], n=20, seeds=[2], pruning=0.5, iterations=10)
    assert np.array_equal(weights[1], second["own"])
    assert not np.allclose(weights[1], second["replayed"], atol=1e-3)


def test_connectivity_by_hand():
    """Guards against self-synapses that count, and sums in place of means."""
    w = np.array([[9.0, -1, 2, 0], [3, 9, 0, 4], [0, 0, 9, 5], [1, 0, -7, 9]])
    table = module_connectivity(w[None, None], [[0, 0, 1, 1]])
    assert table["within"].item() == (1 + 3 + 5 + 7) / 4
    assert table["across"].item() == (2 + 0 + 0 + 4 + 0 + 0 + 1 + 0) / 8
    assert table["ratio"].item() == pytest.approx(7 / 8 / 4)
    assert table["modules"].item() == 2


def test_schedule_falls_by_a_factor():
    """Guards against a schedule that is linear or rises."""
    assert falling_schedule(0.8, 0.1, stages=4) == pytest.approx([0.8, 0.4, 0.2, 0.1])


def test_bad_input_is_named():
    """Guards against a traceback from within the simulation, and diverged networks among the others."""
    for schedule in ([], [0.1, -1], [0]):
        with pytest.raises(OptionError, match="schedule: got"):
            develop(schedule, n=10)
    with pytest.raises(OptionError, match="no network diverges at"):
        develop([1e8], n=20, seeds=[0], pruning=0.0, iterations=30)
    with pytest.raises(DataError, match="memberships: got shape"):
        module_connectivity(np.zeros((1, 1, 3, 3)), [[0, 1]])
    with pytest.raises(DataError, match="member 0 has no pair"):
        module_connectivity(np.zeros((1, 1, 3, 3)), [[0, 0, 0]])
