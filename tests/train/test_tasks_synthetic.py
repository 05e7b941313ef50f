import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from creditgraph.guard import OptionError
from creditgraph.train.tasks import load_task
from creditgraph.train.tasks.synthetic import parity, spirals, teacher


def test_a_teacher_without_hidden_layers_is_linear_and_one_with_is_not():
    """Guards against labels that no network could learn, or that a linear one always can."""
    linear, bent = (teacher(samples=1500, features=3, classes=3, hidden=hidden) for hidden in ([], [40]))
    fits = [
        LogisticRegression(C=1e4, max_iter=2000).fit(each.x, each.y).score(each.x, each.y) for each in (linear, bent)
    ]
    assert fits[0] > 0.99
    assert fits[1] < 0.97


def test_a_teacher_by_hand():
    """Guards against another formula: one hidden layer, transcribed, from the same stream."""
    made = teacher(samples=50, features=4, classes=3, hidden=[6], data_seed=9)
    draw = np.random.default_rng(9)
    x = draw.standard_normal((50, 4))
    first, second = draw.standard_normal((6, 4)) / 2, draw.standard_normal((3, 6)) / np.sqrt(6)
    outputs = np.array([second @ np.tanh(first @ row) for row in x])
    scores = (outputs - outputs.mean(0)) / outputs.std(0)
    np.testing.assert_array_equal(made.x, x)
    assert made.y.tolist() == [int(np.argmax(row)) for row in scores]


def test_teachers_classes_are_of_similar_size():
    """Guards against a class of the default task that nearly all samples belong to."""
    for seed in range(5):
        counts = np.bincount(teacher(data_seed=seed).y, minlength=5)
        assert counts.min() > 2000 / 5 / 2
        assert counts.max() < 2000 / 5 * 2


@given(st.integers(2, 10), st.data())
def test_parity_by_counting(bits, data):
    """Guards against parity over other bits, repeated inputs, and codes other than -1 and 1."""
    relevant = data.draw(st.integers(1, bits))
    made = parity(bits=bits, relevant=relevant)
    assert set(map(tuple, made.x)) == set(np.ndindex(*[2] * bits)) or made.x.min() == -1
    assert len(np.unique(made.x, axis=0)) == len(made.x) == 2**bits
    for x, y in zip(made.x.tolist(), made.y.tolist(), strict=True):
        assert y == sum(value == 1 for value in x[:relevant]) % 2


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
def test_parity_is_over_three_bits_or_all_where_there_are_fewer(bits):
    """Guards against blame for an option that nobody gave."""
    wanted = parity(bits=bits, relevant=min(bits, 3))
    np.testing.assert_array_equal(parity(bits=bits).y, wanted.y)


def test_parity_can_be_sampled_without_repeats():
    """Guards against inputs that are trained on and tested on."""
    made = parity(bits=12, relevant=2, samples=500, data_seed=1)
    assert len(np.unique(made.x, axis=0)) == 500
    assert not np.array_equal(made.x, parity(bits=12, relevant=2, samples=500, data_seed=2).x)


def test_spirals_without_noise_lie_on_their_arms():
    """Guards against arms that cross: the angle of a point follows from its distance and its class."""
    made = spirals(arms=3, samples=300, turns=2.0, noise=0.0)
    distance = np.hypot(*made.x.T)
    turned = np.arctan2(made.x[:, 1], made.x[:, 0]) - 2 * np.pi * (2.0 * distance + made.y / 3)
    np.testing.assert_allclose(np.cos(turned), 1, atol=1e-12)
    assert np.bincount(made.y).tolist() == [100, 100, 100]
    assert 0.9 < distance.max() <= 1


def test_noise_of_spirals_has_its_deviation():
    """Guards against noise scaled by the distance or drawn once for both coordinates."""
    quiet, noisy = (spirals(samples=20_000, noise=noise).x for noise in (0.0, 0.3))
    np.testing.assert_allclose((noisy - quiet).std(0), 0.3, rtol=0.03)
    assert abs(np.corrcoef((noisy - quiet).T)[0, 1]) < 0.03


@pytest.mark.parametrize("name", ["teacher", "parity", "spirals"])
def test_seeds_of_data_and_of_the_split_are_apart(name):
    """Guards against seeds of a sweep that differ in their data, and data that cannot be drawn anew."""

    def whole(**options):
        task = load_task(name, samples=200, **options)
        x = np.concatenate([task.x_train, task.x_test])
        return x[np.lexsort(x.T)], task

    first, task = whole(seed=0)
    second, other = whole(seed=1)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(task.x_train, other.x_train)
    assert not np.array_equal(first, whole(seed=0, data_seed=1)[0])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("teacher", {"classes": 1}, "classes: got 1"),
        ("teacher", {"hidden": 5}, "hidden: got 5"),
        ("teacher", {"hidden": "53"}, "hidden: got '53'"),
        ("teacher", {"hidden": [0]}, "hidden: got 0"),
        ("teacher", {"features": 10**9}, "samples: got 2000, expected at most 1 for layers"),
        ("parity", {"bits": 21}, "bits: got 21, expected a whole number from 1 to 20"),
        ("parity", {"bits": 3, "relevant": 4}, "relevant: got 4, expected a whole number from 1 to 3"),
        ("parity", {"bits": 3, "samples": 9}, "samples: got 9, expected a whole number from 2 to 8"),
        ("spirals", {"arms": 1}, "arms: got 1"),
        ("spirals", {"noise": -1.0}, "noise: got -1"),
        ("spirals", {"turns": float("nan")}, "turns: got nan"),
        ("spirals", {"data_seed": -1}, "data_seed: got -1"),
    ],
)
def test_bad_options(name, options, message):
    """Guards against NumPy's tracebacks, and against all memory taken."""
    with pytest.raises(OptionError, match=message):
        load_task(name, **options)
