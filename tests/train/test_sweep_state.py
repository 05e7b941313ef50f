"""A sweep that is stopped, put elsewhere, cut in other chunks or given other threads is the same sweep."""

import re

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import LayeredSweep, RecurrentSweep, Task, checkpoint, load_task


def small_task(seed):
    return load_task("parity", seed=seed, bits=6, validation_fraction=0.2, test_fraction=0.2)


LAYERED = {"task": small_task, "hidden": [7, 5], "batch_size": 8, "epochs": 3, "activation": "relu"}
RECURRENT = {"task": small_task, "hidden": 6, "batch_size": 8, "epochs": 3, "gain": 1.2, "max_steps": 200}
SWEEP = {"seeds": [0, 4, 9], "matched_losses": [0.5, 0.69], "evaluate_every": 3, "loss": "squared_error"}


def layered(**options):
    return LayeredSweep(**{**LAYERED, **SWEEP, "learning_rates": [0.1, 0.4, 1e4], **options})


def recurrent(**options):
    return RecurrentSweep(**{**RECURRENT, **SWEEP, "learning_rates": [0.05, 0.2, 50.0], **options})


def odd(**options):
    """Layers that do not fill the processor's vectors, no stop within an epoch, members that diverge in the midst."""
    uneven = {"task": "parity", "task_options": {"bits": 7}, "hidden": [9, 5], "activation": "relu", "snapshots": 0}
    rest = {"batch_size": 16, "epochs": 3, "loss": "squared_error", "seeds": range(3), "learning_rates": [1e3, 0.3]}
    return LayeredSweep(**{**uneven, **rest, **options})


def odd_sigmoid(**options):
    """The same with an activation whose last values a processor computes by other instructions than the rest."""
    return odd(**{"activation": "sigmoid", "batch_size": 13, "learning_rates": [0.3, 3.0], **options})


def odd_recurrent(**options):
    """The same in a recurrent network."""
    uneven = {"task": "parity", "task_options": {"bits": 7}, "hidden": 9, "activation": "sigmoid", "snapshots": 0}
    rest = {"batch_size": 13, "epochs": 2, "loss": "squared_error", "seeds": range(3), "learning_rates": [0.2, 50.0]}
    return RecurrentSweep(**{**uneven, **rest, "gain": 0.9, "max_steps": 100, **options})


def lone_samples(**options):
    """Batches of one sample, of one feature or of many."""
    rest = {"hidden": [64, 64, 3], "batch_size": 1, "epochs": 2, "seeds": range(3), "learning_rates": [0.3]}
    return LayeredSweep(**{"task": gaussian_task, **rest, "snapshots": 0, **options})


def lone_neurons(**options):
    """Layers of one neuron, which one input feeds."""
    options = {
        "task": lambda seed: gaussian_task(seed, features=1),
        "hidden": [9, 1, 17, 1],
        "batch_size": 13,
        **options,
    }
    return lone_samples(**{"activation": "softplus", **options})


def lone_samples_recurrent(**options):
    """Batches of one sample in a recurrent network."""
    rest = {"hidden": 16, "batch_size": 1, "epochs": 2, "seeds": range(3), "learning_rates": [0.03], "gain": 0.9}
    return RecurrentSweep(**{"task": gaussian_task, **rest, "snapshots": 0, **options})


def gaussian_task(seed, features=64):
    """Ninety samples drawn for each seed, in three classes."""
    generator = np.random.default_rng(seed)
    parts = {}
    for part, samples in (("train", 60), ("validation", 0), ("test", 30)):
        parts[f"x_{part}"] = generator.normal(size=(samples, features))
        parts[f"y_{part}"] = generator.integers(3, size=samples)
    return Task("gaussian", **parts, class_names=("a", "b", "c"), parameters={})


MAKERS = [layered, recurrent, odd, odd_sigmoid, odd_recurrent]
LONE = [lone_samples, lone_neurons, lone_samples_recurrent]


def assert_same(one, other):
    """To the bit."""
    for name in ("weights", "biases", "initial_weights"):
        for a, b in zip(getattr(one, name), getattr(other, name), strict=True):
            assert torch.equal(a, b)
    for a, b in zip(one.snapshots.weights, other.snapshots.weights, strict=True):
        assert torch.equal(a, b)
    assert one.members.equals(other.members)
    assert one.training.equals(other.training)
    assert one.snapshots.table.equals(other.snapshots.table)


@pytest.mark.parametrize("make", MAKERS)
def test_a_restored_sweep_goes_on_to_the_bit(make):
    """Guards against a state that forgets something: frozen members, the order of batches, losses already matched."""
    straight = make().run()
    total = make().steps_total
    for step in range(0, total + 1, 3):
        first = make()
        if step:
            first.advance(step)
        state = {name: array.copy() for name, array in first.state().items()}
        assert first.steps_done == step
        again = make()
        again.advance(1)
        again.restore(state)
        assert again.steps_done == step
        assert_same(again.run(), straight)


@pytest.mark.parametrize("make", [layered, recurrent, odd])
def test_some_of_these_members_stop_within_an_epoch(make):
    """Guards against tests of frozen members that have none."""
    members, data = make().run().members, make()._data
    stopped = members[members["status"] != "completed"]
    assert len(stopped) > 0
    assert (stopped["iteration"] % data.steps > 0).any()


@pytest.mark.parametrize("make", MAKERS)
def test_stepping_finely_changes_nothing(make):
    """Guards against results that depend on how often a sweep is asked."""
    fine = make()
    while fine.steps_done < fine.steps_total:
        fine.advance(1)
        fine.summary()
    fine.advance(5)
    assert fine.steps_done == fine.steps_total
    assert_same(fine.result(), make().run())


@pytest.mark.parametrize("make", [*MAKERS, *LONE])
def test_chunks_and_threads_change_nothing(make, monkeypatch):
    """Guards against members that depend on the others in their chunk or on how sums are split among threads."""
    before = torch.get_num_threads()
    straight = make().run()
    try:
        for threads, largest in ((1, 1), (1, 2), (3, 16), (2, 4)):
            torch.set_num_threads(threads)
            monkeypatch.setattr("creditgraph.train.sweeps.memory.LARGEST_CHUNK", largest)
            assert_same(make().run(), straight)
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("make", [*MAKERS, *LONE])
def test_a_member_is_the_same_alone(make):
    """Guards against neighbours that matter: those that are frozen above all."""
    together = make().run()
    for member, (rate, seed) in enumerate(make().keys):
        alone = make(learning_rates=[rate], seeds=[seed]).run()
        for name in ("weights", "biases"):
            for one, all_of_them in zip(getattr(alone, name), getattr(together, name), strict=True):
                assert torch.equal(one[0], all_of_them[member])
        assert alone.members.loc[0].equals(together.members.loc[member].rename(0))
        own = (together.training[["learning_rate", "seed"]] == [rate, seed]).all(axis=1)
        assert alone.training.equals(together.training[own].reset_index(drop=True))


def test_the_pace_of_the_calls_changes_nothing(tmp_path, monkeypatch):
    """Guards against weights that depend on the wall clock, by which the calls of a sweep with checkpoints are cut."""
    results = []
    for seconds in (0.25, 1e-5):
        monkeypatch.setattr(checkpoint, "SECONDS_A_CALL", seconds)
        results.append(checkpoint.run_with_checkpoints(odd(), tmp_path / str(seconds), identity={}))
    assert_same(*results)


def test_control_rules_do_not_depend_on_the_pace_either():
    """Guards against chunks that are put together anew at each call: these rules are not the same in other chunks."""
    straight = odd(rule="backprop").run()
    fine = odd(rule="backprop")
    while fine.steps_done < fine.steps_total:
        fine.advance(1)
    assert {"completed", "diverged"} == set(straight.members["status"])
    assert_same(fine.result(), straight)


def test_less_memory_makes_smaller_chunks_and_the_same_members():
    """Guards against a limit that is not kept, or that changes what comes out."""
    sweep = layered()
    before, sizes = torch.get_num_threads(), []
    tight = layered(memory=_least())
    tight._train_chunk = lambda members, steps, train=tight._train_chunk: (
        sizes.append(len(members)) or train(members, steps)
    )
    try:
        # with more threads than fit at once, too
        torch.set_num_threads(3)
        result = tight.run()
    finally:
        torch.set_num_threads(before)
    assert set(sizes) == {1}
    assert_same(result, sweep.run())


def _least():
    """Bytes that the sweep needs at least, as the refusal of one says that was given too few."""
    with pytest.raises(OptionError) as caught:
        layered(memory=1)
    least = int(re.search(r"at least (\d+) bytes", str(caught.value)).group(1))
    with pytest.raises(OptionError):
        layered(memory=least - 1)
    return least


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("status"), "status missing or unknown"),
        (lambda state: state.update(identity=np.zeros(32, np.uint8)), "other options or data"),
        (lambda state: state.update(made=state["made"][:-1]), "made has another shape or type"),
        (lambda state: state.update(parameters=state["parameters"].astype(np.float64)), "parameters has another"),
        (lambda state: state.update(steps_done=np.array([10**6])), "do not fit together"),
        (lambda state: state.update(snapshot_entries=state["snapshot_entries"][:-1]), "do not fit together"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_leaves_the_sweep_alone(change, message):
    """Guards against going on from the state of another sweep, or from half of one."""
    sweep = layered()
    sweep.advance(5)
    before = sweep.state()
    state = sweep.state()
    change(state)
    with pytest.raises(DataError, match=message):
        sweep.restore(state)
    after = sweep.state()
    assert all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    "other", [{"learning_rates": [0.1, 0.4, 1e5]}, {"seeds": [0, 4, 8]}, {"hidden": [7, 6]}, {"activation": "tanh"}]
)
def test_states_of_other_sweeps_are_refused(other):
    """Guards against an identity that leaves an option out."""
    with pytest.raises(DataError, match=r"other options or data|another shape"):
        layered().restore(layered(**other).state())


def test_other_data_is_another_sweep():
    """Guards against going on with other samples of the same shape."""
    shuffled = layered(task=lambda seed: load_task("parity", seed=seed, bits=6, validation_fraction=0.2, relevant=2))
    with pytest.raises(DataError, match="other options or data"):
        layered().restore(shuffled.state())


def test_the_summary_is_of_the_living():
    """Guards against a bar that counts frozen members or shows a loss that nobody has."""
    sweep = layered()
    assert sweep.summary().best_accuracy is None
    sweep.advance(sweep.steps_total)
    summary, result = sweep.summary(), sweep.result()
    last = result.training[result.training["epoch"] == 3]
    assert summary.alive == (result.members["status"] == "completed").sum() == len(last) < summary.members == 9
    assert summary.best_accuracy == result.training["test_accuracy"].max()
    assert summary.train_loss == pytest.approx(last["train_loss"].mean(), rel=1e-12)
