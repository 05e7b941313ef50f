import numpy as np
import pytest
import torch
from torch.nn import functional

from creditgraph.guard import OptionError
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.sweeps import LayeredSweep
from creditgraph.train.tasks import load_task

SMALL = {"hidden": [12, 8], "epochs": 2, "batch_size": 128, "dtype": torch.float64}


def trained_by_autograd(*, seed, learning_rate, loss):
    """Plain gradient descent on one network, written without the project's rule: the peer of a member."""
    task = load_task("digits", seed=seed, test_fraction=0.2)
    start = LayeredNetwork([64, 12, 8, 10], seed=seed, dtype=torch.float64)
    weights = [each[0].clone().requires_grad_() for each in start.weights]
    biases = [torch.zeros(len(each), dtype=torch.float64, requires_grad=True) for each in weights]
    x, y = torch.from_numpy(task.x_train), torch.from_numpy(task.y_train)
    optimiser = torch.optim.SGD([*weights, *biases], lr=learning_rate)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(2):
        order = torch.randperm(len(x), generator=generator)
        for step in range(len(x) // 128):
            batch = order[step * 128 : (step + 1) * 128]
            rates = x[batch]
            for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
                rates = rates @ w.T + b
                if layer < 2 or loss == "squared_error":
                    rates = torch.tanh(rates)
            if loss == "cross_entropy":
                value = functional.cross_entropy(rates, y[batch])
            else:
                value = 0.5 * (functional.one_hot(y[batch], 10) - rates).square().sum(1).mean()
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
    return [each.detach() for each in weights]


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_each_member_is_trained_as_plain_gradient_descent_would_train_it_alone(loss):
    """Guards against members that see each other's batches, learning rates or weights, and against a wrong rule."""
    sweep = LayeredSweep("digits", learning_rates=[0.05, 0.5], seeds=[0, 7], loss=loss, **SMALL)
    result = sweep.run()
    for member, (learning_rate, seed) in enumerate([(0.05, 0), (0.05, 7), (0.5, 0), (0.5, 7)]):
        expected = trained_by_autograd(seed=seed, learning_rate=learning_rate, loss=loss)
        for layer in range(3):
            torch.testing.assert_close(result.weights[layer][member], expected[layer], rtol=1e-9, atol=1e-11)


def test_seeds_are_paired_across_learning_rates():
    """Guards against a trend over learning rates that is a difference of initial weights."""
    result = LayeredSweep("digits", learning_rates=[0.01, 0.1], seeds=[0, 1], **SMALL).run()
    for initial in result.initial_weights:
        assert torch.equal(initial[0], initial[2])
        assert torch.equal(initial[1], initial[3])
        assert not torch.equal(initial[0], initial[1])
    before = result.training[result.training["epoch"] == 0].pivot_table(index="seed", columns="learning_rate")
    np.testing.assert_array_equal(before["test_loss"][0.01], before["test_loss"][0.1])


def test_a_member_that_diverges_is_frozen_finite_and_leaves_the_others_alone():
    """Guards against one learning rate too many spoiling a sweep, and against NaN in its results."""
    options = {**SMALL, "activation": "relu", "loss": "squared_error", "dtype": torch.float32}
    together = LayeredSweep("digits", learning_rates=[0.05, 1e4], seeds=[0], **options).run()
    alone = LayeredSweep("digits", learning_rates=[0.05], seeds=[0], **options).run()
    assert together.members["status"].tolist() == ["completed", "diverged"]
    assert together.members["iteration"][1] < together.members["iteration"][0] == 2 * (1437 // 128)
    assert all(bool(torch.isfinite(each).all()) for each in [*together.weights, *together.biases])
    for one, other in zip(together.weights, alone.weights, strict=True):
        torch.testing.assert_close(one[0], other[0], rtol=1e-5, atol=1e-6)
    assert np.isfinite(together.training.drop(columns=["seed"]).to_numpy(float)).all()
    assert set(together.training.loc[together.training["learning_rate"] == 1e4, "epoch"]) == {0}


def test_digits_are_learned():
    """Guards against a sweep that runs and learns nothing: chance is 10 %."""
    result = LayeredSweep("digits", learning_rates=[0.3], seeds=[0], epochs=10, batch_size=64).run()
    last = result.training.iloc[-1]
    assert last["epoch"] == 10
    assert last["test_accuracy"] > 0.93


def test_progress_is_told_after_each_epoch():
    """Guards against a bar that stands still."""
    told = []
    LayeredSweep("digits", learning_rates=[0.1], seeds=[0], **SMALL).run(lambda done, total: told.append((done, total)))
    assert told == [(11, 22), (22, 22)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rates": []}, "learning_rates"),
        ({"seeds": [0, 0]}, "seeds: .* without repeats"),
        ({"hidden": [0]}, "hidden: got 0"),
        ({"batch_size": 5000}, "batch_size: got 5000, expected at most the number of training samples, 1437"),
        ({"epochs": 0}, "epochs: got 0"),
        ({"loss": "crossentropy"}, "did you mean 'cross_entropy'"),
    ],
)
def test_bad_options(options, message):
    """Guards against a torch traceback for a user's mistake."""
    with pytest.raises(OptionError, match=message):
        LayeredSweep("digits", **{"learning_rates": [0.1], "seeds": [0], **options})
