import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import ConnectomeSimulation

OPTIONS = {"n": 20, "learning_rates": [0.02, 0.3], "pruning": [0.6], "seeds": [0, 4], "iterations": 150}


def made(**options):
    return ConnectomeSimulation(**(OPTIONS | options))


def assert_same_result(one, other):
    for name in ("weights", "initial_weights", "snapshots"):
        assert torch.equal(getattr(one, name), getattr(other, name)), name
    pd.testing.assert_frame_equal(one.members, other.members, check_exact=True)
    pd.testing.assert_frame_equal(one.training, other.training, check_exact=True)
    assert one.snapshot_steps == other.snapshot_steps


@pytest.mark.parametrize("engine", ["compiled", "tensor"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_simulation_that_takes_up_a_state_ends_as_the_one_that_never_stopped(engine, dtype):
    """Guards against state that is left out: noise, records, snapshots, members that have diverged."""
    options = {"activation": "linear", "learning_rates": [0.01, 2.0], "engine": engine, "dtype": dtype, "snapshots": 6}
    whole = made(**options).run()
    assert whole.members["status"].tolist() == ["completed", "completed", "diverged", "diverged"]
    draw = np.random.default_rng(1)
    simulation = made(**options)
    while simulation.steps_done < simulation.steps_total:
        simulation.advance(int(draw.integers(0, 40)))
        again = made(**options)
        again.restore({name: array.copy() for name, array in simulation.state().items()})
        assert again.steps_done == simulation.steps_done
        simulation = again
    assert_same_result(simulation.result(), whole)


def test_steps_of_any_size_give_what_one_run_gives():
    """Guards against records and snapshots that depend on how a run is cut into steps."""
    whole, parts = made(snapshots=[3, 100]), made(snapshots=[3, 100])
    result = whole.run()
    assert (whole.steps_done, whole.steps_total) == (150, 150)
    for steps in (1, 1, 61, 4, 1000):
        parts.advance(steps)
    assert parts.steps_done == 150
    assert_same_result(parts.result(), result)


def test_snapshots_are_the_weights_after_these_iterations():
    """Guards against snapshots taken an iteration early or late, or that change as the simulation goes on."""
    result = made(snapshots=[0, 1, 77, 150]).run()
    assert result.snapshot_steps == [0, 1, 77, 150]
    assert torch.equal(result.snapshots[0], result.initial_weights)
    assert torch.equal(result.snapshots[-1], result.weights)
    for place, iterations in ((1, 1), (2, 77)):
        assert torch.equal(result.snapshots[place], made().run(iterations).weights)
    assert len(made().run(3).snapshots) == 0


def test_a_count_of_snapshots_is_spaced_on_a_logarithmic_scale():
    """Guards against snapshots that leave out the beginning, where most changes, or the end."""
    assert made(iterations=100, snapshots=4).run().snapshot_steps == [0, 1, 10, 100]
    assert made(iterations=3, snapshots=10).run().snapshot_steps == [0, 1, 2, 3]


def test_what_was_planned_is_done_where_nothing_else_is_said():
    """Guards against a plan that is forgotten after a number of iterations was asked for, or done twice."""
    simulation = made(iterations=10)
    assert simulation.run().members["iteration"].tolist() == [10] * 4
    assert simulation.run().members["iteration"].tolist() == [10] * 4
    assert simulation.run(5).members["iteration"].tolist() == [15] * 4
    assert simulation.steps_total == 15


@pytest.mark.parametrize(
    "other",
    [
        {"n": 21},
        {"learning_rates": [0.02]},
        {"learning_rates": [0.02, 0.31]},
        {"dtype": torch.float64},
        {"seeds": [2**53 + 1]},
        {"noise": 0.2},
        {"activation": "relu"},
        {"clamp": "identity"},
        {"clamped_fraction": 0.3},
        {"noise_mode": "shared"},
        {"self_synapses": "none"},
        {"divergence": 10.0},
        {"initial_scale": 0.1},
        {"iterations": 151},
        {"snapshots": [7]},
    ],
)
def test_the_state_of_another_simulation_is_refused(other):
    """Guards against a checkpoint of other members that is taken up silently, or ends in torch's traceback."""
    state = made(**other).state()
    # a seed that floating point takes for the other one
    simulation = made(seeds=[2**53] if "seeds" in other else [0, 4])
    with pytest.raises(DataError, match="state: ") as caught:
        simulation.restore(state)
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="state: "):
        simulation.restore({"weights": np.zeros(3)})


@pytest.mark.parametrize(
    "options", [{"snapshots": -1}, {"snapshots": [151]}, {"snapshots": "all"}, {"snapshots": True}, {"iterations": 0}]
)
def test_impossible_plans(options):
    """Guards against a mistake that shows hours later."""
    with pytest.raises(OptionError, match=next(iter(options))):
        made(**options)
    with pytest.raises(OptionError, match="steps"):
        made().advance(-1)


def test_what_was_planned_is_done_after_a_part_of_it():
    """Guards against iterations and snapshots that are lost where a call of run did some of them."""
    whole = made(snapshots=[0, 10, 150]).run()
    for go_on in (lambda simulation: simulation.run(), lambda simulation: simulation.advance(1000)):
        parts = made(snapshots=[0, 10, 150])
        parts.run(10)
        assert (parts.steps_done, parts.steps_total) == (10, 150)
        go_on(parts)
        found = parts.result()
        assert (parts.steps_done, parts.steps_total) == (150, 150)
        assert found.snapshot_steps == [0, 10, 150]
        assert torch.equal(found.weights, whole.weights)
        assert found.training.groupby(["learning_rate", "seed"])["iteration"].max().eq(150).all()
    beyond = made()
    beyond.run(200)
    assert (beyond.steps_done, beyond.steps_total) == (200, 200)


def test_weights_that_are_set_before_the_first_iteration_are_the_initial_ones():
    """Guards against those that a look at the simulation saw before."""
    simulation = made(snapshots=[0, 5])
    simulation.result()
    simulation.weights = torch.full((20, 20), 0.5)
    found = simulation.run(5)
    assert bool((found.initial_weights == 0.5).all())
    assert bool((found.snapshots[0] == 0.5).all())
    simulation.weights = torch.zeros(20, 20)
    assert bool((simulation.run(1).initial_weights == 0.5).all())


def _without(state, name, rows):
    return {**state, name: state[name][:rows]}


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: _without(state, "snapshots", 1),
        lambda state: _without(state, "snapshots_taken", 1),
        lambda state: _without(_without(state, "snapshots", 1), "snapshots_taken", 1),
        lambda state: {**state, "course": np.array([40, 50, 60])},
        lambda state: {**state, "course": np.array([-1, -1, 60])},
    ],
)
def test_a_damaged_state_leaves_the_simulation_alone(damage):
    """Guards against a state that is half taken up, and an error of Python's."""
    simulation, fresh = made(snapshots=[0, 3]), made(snapshots=[0, 3])
    simulation.advance(10)
    with pytest.raises(DataError, match="do not fit together; it is damaged"):
        fresh.restore(damage(simulation.state()))
    assert fresh.steps_done == 0
    assert_same_result(fresh.run(), made(snapshots=[0, 3]).run())
