import numpy as np
import pytest

from creditgraph.guard import OptionError
from creditgraph.train.tasks import load_task


def test_digits_are_split_by_seed_without_loss_or_overlap():
    """Guards against test images that were trained on, and against a split that changes from run to run."""
    task = load_task("digits", seed=3, test_fraction=0.25)
    again = load_task("digits", seed=3, test_fraction=0.25)
    other = load_task("digits", seed=4, test_fraction=0.25)
    assert len(task.x_train) + len(task.x_test) == 1797
    assert len(task.x_test) == 450
    assert task.features == 64
    np.testing.assert_array_equal(task.x_train, again.x_train)
    assert not np.array_equal(task.x_train, other.x_train)
    together = np.concatenate([task.x_train, task.x_test])
    both = np.concatenate([other.x_train, other.x_test])
    np.testing.assert_array_equal(np.sort(together, axis=0), np.sort(both, axis=0))


def test_digits_are_scaled_and_every_class_is_in_both_parts():
    """Guards against pixels of 0..16 that saturate every neuron, and a class that is never tested."""
    task = load_task("digits")
    assert task.x_train.min() == 0.0
    assert task.x_train.max() == 1.0
    assert set(task.y_train) == set(task.y_test) == set(range(task.classes))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "digit"}, "did you mean 'digits'"),
        ({"name": "digits", "test_fraction": 1.0}, "test_fraction: got 1.0"),
        ({"name": "digits", "seed": -1}, "seed: got -1"),
    ],
)
def test_bad_options(options, message):
    """Guards against scikit-learn's traceback."""
    with pytest.raises(OptionError, match=message):
        load_task(**options)
