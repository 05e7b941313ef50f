"""Mistakes of users, each answered in one line."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import ConnectomeSimulation, LayeredNetwork, LayeredSweep, RecurrentSweep, load_task
from creditgraph.train.members import usable_device

GIVEN = {"learning_rates": [0.1], "seeds": [0], "task": "parity", "task_options": {"bits": 6}, "batch_size": 8}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": 5}, "hidden: got 5, expected a list of the sizes of the hidden layers"),
        ({"hidden": np.array(5)}, r"hidden: got array\(5\), expected a list"),
        ({"seeds": np.array(5)}, r"seeds: got array\(5\), expected a list"),
        ({"hidden": "x"}, "hidden: got 'x', expected a list"),
        ({"hidden": None}, "hidden: got None, expected a list"),
        ({"hidden": [2.5]}, "hidden: got 2.5, expected a whole number"),
        ({"hidden": {4}}, r"hidden: got \{4\}, expected a list"),
        ({"learning_rates": 0.1}, "learning_rates: got 0.1, expected a list"),
        ({"learning_rates": [float("nan")]}, "learning_rates: got nan"),
        ({"learning_rates": [1e30]}, "learning_rates: got 1e"),
        ({"learning_rates": ["a"]}, "learning_rates: got 'a'"),
        ({"seeds": 3}, "seeds: got 3, expected a list"),
        ({"seeds": [-1]}, "seeds: got -1"),
        ({"epochs": 2.0}, "epochs: got 2.0"),
        ({"batch_size": None}, "batch_size: got None"),
        ({"batch_size": 500}, "batch_size: got 500, expected at most the number of training samples, 51"),
        ({"task": 7}, "task: got 7"),
        ({"task": "parety"}, "did you mean 'parity'"),
        ({"task_options": 3}, "task_options: got 3, expected a dictionary"),
        ({"task_options": {"seed": 3}}, "other than seed"),
        ({"task_options": {"bitz": 3}}, "did you mean 'bits'"),
        ({"test_fraction": 2}, "test_fraction: got 2"),
        ({"snapshots": -1}, "snapshots: got -1, expected a count of at least 0, or a list of steps"),
        ({"snapshots": "all"}, "snapshots: got 'all'"),
        ({"snapshots": [0, 10**9]}, "snapshots: got 1000000000, expected steps of at most 120"),
        ({"matched_losses": 0.5}, "matched_losses: got 0.5, expected a list"),
        ({"matched_losses": [0]}, "matched_losses: got 0"),
        ({"evaluate_every": 5}, "evaluate_every: got 5, expected None without matched_losses"),
        ({"memory": "4 rabbits"}, "memory: got '4 rabbits', expected bytes, as a whole number or such as '4 GiB'"),
        ({"memory": "1 kB"}, "memory: got 1000, expected at least"),
        ({"memory": 1000}, "memory: got 1000, expected at least .* bytes.* for data .* 1 member"),
        ({"activation": "tan"}, "did you mean 'tanh'"),
        ({"dtype": "float32"}, "dtype: got 'float32'"),
        ({"device": "gpu"}, "device: got 'gpu', expected auto, or a device"),
    ],
)
def test_wrong_options(options, message):
    """Guards against a library's traceback for a user's mistake."""
    with pytest.raises(OptionError, match=message) as caught:
        LayeredSweep(**{**GIVEN, **options})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": [5]}, "hidden: got"),
        ({"credit": "injekt"}, "did you mean 'inject'"),
        ({"mask": "layerd"}, "did you mean 'layered'"),
        ({"gain": -1}, "gain: got -1"),
        ({"max_steps": 0}, "max_steps: got 0"),
        ({"tolerance": 0}, "tolerance: got 0"),
    ],
)
def test_wrong_options_of_recurrent_sweeps(options, message):
    """Guards against the same."""
    with pytest.raises(OptionError, match=message):
        RecurrentSweep(**{**GIVEN, **options})


@pytest.mark.parametrize("steps", [0, -1, 2.5, "all"])
def test_steps_to_advance(steps):
    """Guards against a sweep that goes back or does half a step."""
    with pytest.raises(OptionError, match="steps: got"):
        LayeredSweep(**GIVEN).advance(steps)


def test_too_little_memory_for_a_single_member_is_said_at_once():
    """Guards against a failure hours later, or one of the system's."""
    with pytest.raises(OptionError, match=r"memory: .*take smaller batches"):
        LayeredSweep(**{**GIVEN, "hidden": [2], "snapshots": 0, "batch_size": 40, "memory": 12_000})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda task: replace(task, x_train=task.x_train * np.nan), "train samples: some are NaN"),
        (lambda task: replace(task, y_test=task.y_test + 5), "test samples: got classes"),
        (lambda task: replace(task, y_train=task.y_train.astype(float)), "of type float64"),
        (lambda task: replace(task, x_test=task.x_test[:, :2]), "expected .samples, 6."),
        (lambda task: replace(task, x_test=task.x_test[:0], y_test=task.y_test[:0]), "there are none"),
        (lambda task: None, "got NoneType for seed 0, expected a Task"),
        (lambda task: replace(task, class_names=None), "got Task for seed 0, expected a Task .object of type"),
        (lambda task: replace(task, x_train=task.x_train.astype(str)), "train samples: got inputs of type <U"),
        (lambda task: replace(task, x_train=task.x_train * 1j), "train samples: got inputs of type complex128"),
        (lambda task: replace(task, x_train=task.x_train * 1e300), "beyond the range of torch.float32; scale them"),
    ],
)
def test_tasks_of_ones_own_are_checked(change, message):
    """Guards against NaN or an impossible class in a loop that no longer looks."""
    with pytest.raises(DataError, match=message):
        LayeredSweep(lambda seed: change(load_task("parity", bits=6)), learning_rates=[0.1], seeds=[0], batch_size=8)


def test_tasks_of_different_sizes_are_refused():
    """Guards against members that are trained on each other's samples."""
    with pytest.raises(DataError, match="expected the same for each seed"):
        LayeredSweep(lambda seed: load_task("parity", bits=6 + seed), learning_rates=[0.1], seeds=[0, 1], batch_size=8)


@pytest.mark.parametrize("seeds", [[0, 1], [1, 0]])
def test_tasks_of_different_classes_are_refused(seeds):
    """Guards against outputs that are those of the last seed, whatever the others learn."""

    def task(seed):
        return load_task("teacher", samples=60, features=4, classes=3 - seed, hidden=[])

    with pytest.raises(DataError, match=r"\(48, 4, 2\), \(48, 4, 3\)"):
        LayeredSweep(task, learning_rates=[0.1], seeds=seeds, batch_size=8)


@pytest.mark.parametrize(
    "make",
    [
        lambda **options: LayeredSweep(**{**GIVEN, **options}),
        lambda **options: ConnectomeSimulation(5, **options),
    ],
)
def test_learning_rates_that_single_precision_takes_for_0_are_refused(make):
    """Guards against members that learn nothing and are called completed."""
    with pytest.raises(
        OptionError, match=r"learning_rates: got 1e-60, expected numbers that torch.float32 tells from 0"
    ):
        make(learning_rates=[0.1, 1e-60])
    make(learning_rates=[0.1, 1e-60], dtype=torch.float64)


def test_a_task_of_ones_own_is_the_task():
    """Guards against a function that is asked for another seed than the member's."""
    options = {"hidden": [4], "learning_rates": [0.1], "seeds": [3, 5], "epochs": 1, "batch_size": 8}
    named = LayeredSweep("parity", task_options={"bits": 6}, **options).run()
    own = LayeredSweep(lambda seed: load_task("parity", seed=seed, bits=6), **options).run()
    assert torch.equal(named.weights[0], own.weights[0])


def test_auto_is_the_gpu_where_there_is_one(monkeypatch):
    """Guards against a GPU that lies idle, and against a crash where there is none."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert usable_device("auto") == torch.device("cpu")
    assert LayeredNetwork([2, 2], device="auto").device == torch.device("cpu")
    assert LayeredSweep(**GIVEN, device="auto").run().weights[0].device == torch.device("cpu")
    made = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "empty", lambda *_, device: made.append(device))
    assert usable_device("auto") == torch.device("cuda")
    assert made == [torch.device("cuda")]


def test_mps_has_no_double_precision(monkeypatch):
    """Guards against a library's traceback on a Mac."""
    monkeypatch.setattr(torch, "empty", lambda *_, device: None)
    assert usable_device("mps", torch.float32) == torch.device("mps")
    with pytest.raises(OptionError, match=r"dtype: got torch.float64, expected torch.float32 on device mps"):
        usable_device("mps", torch.float64)
