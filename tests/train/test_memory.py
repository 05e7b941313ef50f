"""Limits of memory: told in one line before anything is made, and kept by taking members in turns."""

import hashlib

import numpy as np
import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train import ConnectomeSimulation, LayeredSweep, RecurrentSweep, load_task
from creditgraph.train.sweeps.data import SweepData


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: ConnectomeSimulation(n=10**7, learning_rates=[0.1]), "1 member of 10000000 x 10000000 weights"),
        (lambda: ConnectomeSimulation(n=20, learning_rates=[0.1], memory=1000), "got 1000, expected at least"),
        (
            lambda: ConnectomeSimulation(n=20, learning_rates=[0.1], memory="1 elephant"),
            "bytes, as a whole number or such as",
        ),
        (
            lambda: LayeredSweep("parity", hidden=[10**7, 10**7], learning_rates=[0.1], seeds=[0]),
            "1 member of 1000001[0-9]+ weights and biases",
        ),
        (lambda: RecurrentSweep("parity", hidden=10**7, learning_rates=[0.1], seeds=[0]), "members? of 100000[0-9]+"),
    ],
)
def test_what_cannot_fit_is_told_before_it_is_made(make, told):
    """Guards against a traceback of NumPy or torch, or a machine that swaps, for a size with a digit too many."""
    with pytest.raises(OptionError, match=f"memory: .*{told}") as caught:
        make()
    assert "\n" not in str(caught.value)


def test_algorithm_1_in_turns_is_algorithm_1(monkeypatch):
    """Guards against members that are left out, or iterated twice, where not all fit at once; some diverge."""
    options = {
        "n": 12, "learning_rates": [0.1, 3.0, 1e3], "seeds": [0, 1], "engine": "tensor", "iterations": 80,
        "dtype": torch.float64, "divergence": 100.0,
    }  # fmt: skip
    whole = ConnectomeSimulation(**options).run()
    assert set(whole.members["status"]) == {"completed", "diverged"}
    made = []
    for memory in range(20_000, 100_000, 500):
        try:
            made.append(ConnectomeSimulation(**options, memory=memory))
        except OptionError:
            continue
    assert {1, 2, 5} < {each._engine.at_once for each in made}
    for at_once in (1, 4):
        result = next(each for each in made if each._engine.at_once == at_once).run()
        torch.testing.assert_close(result.weights, whole.weights, rtol=1e-9, atol=1e-12)
        assert result.members.equals(whole.members)


def swept_data(task, seeds, **options):
    return SweepData(
        task, seeds=seeds, batch_size=8, task_options=options, dtype=torch.float32, device=torch.device("cpu")
    )


def test_samples_that_seeds_share_are_held_once():
    """Guards against data that grow with the seeds: each task is another split of the same samples."""
    one, many = (swept_data("digits", range(count)) for count in (1, 6))
    assert len(many.inputs) == len(one.inputs) <= 1797
    assert many.bytes < 1.5 * one.bytes


@pytest.mark.parametrize("options", [{}, {"shuffled_labels": True, "validation_fraction": 0.2}])
def test_each_member_is_given_its_own_samples(options):
    """Guards against samples or labels that are mixed up as they are held once: against the tasks themselves."""
    seeds = [3, 8]
    data = swept_data("parity", seeds, bits=6, **options)
    for index, seed in enumerate(seeds):
        task = load_task("parity", seed=seed, bits=6, **options)
        for part, count in data.samples.items():
            x, targets, classes = data.some(part, torch.tensor([index]), slice(0, count))
            assert x.shape[1] % 32 == 0
            np.testing.assert_array_equal(x[0, :count].numpy(), getattr(task, f"x_{part}").astype(np.float32))
            np.testing.assert_array_equal(classes[0, :count].numpy(), getattr(task, f"y_{part}"))
            assert torch.equal(targets.argmax(-1), classes)
        order = torch.randperm(data.samples["train"], generator=torch.Generator().manual_seed(seed))
        for step, rows in enumerate(data.batches(torch.tensor([index]), range(data.steps))):
            chosen = order[8 * step : 8 * step + 8].numpy()
            np.testing.assert_array_equal(data.inputs[rows].numpy(), task.x_train[chosen].astype(np.float32))
            np.testing.assert_array_equal(data.classes[rows].numpy(), task.y_train[chosen])


def test_the_fingerprint_is_of_what_each_seed_is_given():
    """Guards against a checkpoint that is taken up with the same samples in another split."""
    prints = {swept_data("parity", seeds, bits=6).fingerprint for seeds in ([0, 1], [1, 0], [0, 2])}
    assert len(prints) == 3
    assert all(len(each) == hashlib.sha256().digest_size * 2 for each in prints)
