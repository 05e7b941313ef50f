import math
import pickle

import numpy as np
import pytest
import torch

from creditgraph.guard import (
    OptionError,
    choice,
    fraction,
    layer_sizes,
    real_number,
    real_numbers,
    suggestion,
    true_or_false,
    whole_number,
    whole_numbers,
)


def test_a_misspelt_choice_is_answered_with_the_nearest_name():
    """Guards against a user having to guess what the options are."""
    with pytest.raises(OptionError, match=r"activation: got 'tahn', expected one of tanh, relu; did you mean 'tanh'\?"):
        choice("activation", "tahn", ["tanh", "relu"])
    assert suggestion("xyz", ["tanh"]) == ""


def test_capitals_and_sections_do_not_mislead_suggestions():
    """Guards against no advice on a name in capitals, and against advice that has only the section in common."""
    assert suggestion("ReLU", ["tanh", "relu"]) == "did you mean 'relu'?"
    options = ["--layered.rule", "--layered.shuffled_labels", "--sweep.seeds", "--layered"]
    assert suggestion("--layered.shuffle", options) == "did you mean '--layered.shuffled_labels'?"
    assert suggestion("--layered.xyz", ["--layered.rule"]) == ""
    assert suggestion("--layerd.rule", options) == "did you mean '--layered.rule'?"
    assert suggestion(3, ["3"]) == ""


def test_bounds_are_written_whole():
    """Guards against a largest seed of 4.29497e+09."""
    with pytest.raises(OptionError, match=r"expected a whole number from 0 to 4,294,967,295$"):
        whole_number("seed", -1, 0, 2**32 - 1)
    with pytest.raises(OptionError, match=r"expected a finite number from 0 to 0\.5$"):
        real_number("share", -1, 0, 0.5)


def test_tensors_are_lists_of_numbers():
    """Guards against a sweep over a tensor that is refused for its elements being tensors."""
    assert real_numbers("rates", torch.tensor([0.25, 0.5])) == [0.25, 0.5]
    assert whole_numbers("seeds", torch.arange(3)) == [0, 1, 2]
    assert layer_sizes("hidden", torch.tensor([8, 4])) == layer_sizes("hidden", np.array([8, 4])) == [8, 4]


@pytest.mark.parametrize("given", [True, 1.0, "1", None, -1, 11])
def test_whole_number_refuses_what_is_none_or_out_of_range(given):
    """Guards against True passing for 1 and text for a number."""
    with pytest.raises(OptionError, match=r"^n: got .*, expected a whole number from 0 to 10$"):
        whole_number("n", given, 0, 10)


def test_whole_number_takes_numpy_integers_and_bounds_inclusive():
    """Guards against refusing a count that was computed with NumPy, or a bound itself."""
    value = whole_number("n", np.int64(10), 0, 10)
    assert value == 10
    assert type(value) is int


@pytest.mark.parametrize("given", [math.nan, math.inf, "0.1", False, -0.1, 1.1])
def test_fraction_refuses_nan_text_and_what_is_outside_0_to_1(given):
    """Guards against NaN slipping through comparisons, all of which it fails."""
    with pytest.raises(OptionError, match=r"^pruning: got "):
        fraction("pruning", given)


def test_above_is_exclusive():
    """Guards against a learning rate of 0 that would train nothing."""
    assert real_number("r", 1e-300, above=0.0) == 1e-300
    with pytest.raises(OptionError, match="above 0"):
        real_number("r", 0.0, above=0.0)


@pytest.mark.parametrize("given", [[], [1, 1], "12", 3, [1, None]])
def test_lists_must_hold_distinct_values(given):
    """Guards against a sweep in which one member stands twice, or none at all."""
    with pytest.raises(OptionError, match=r"^seeds: got "):
        whole_numbers("seeds", given)
    with pytest.raises(OptionError, match=r"^seeds: got "):
        real_numbers("seeds", given)


def test_a_long_value_is_shown_short_and_on_one_line():
    """Guards against an error of many lines."""
    with pytest.raises(OptionError) as caught:
        choice("task", "x\n" * 500, ["digits"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_an_option_error_crosses_processes_whole():
    """Guards against a worker's error that cannot be read back and kills the pool instead."""
    error = OptionError("a", 1, "b", "c")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert (copy.option, copy.given, copy.allowed, copy.hint) == ("a", 1, "b", "c")


def test_numbers_too_large_for_a_float_or_to_be_shown():
    """Guards against OverflowError and against an error message that is itself an error."""
    with pytest.raises(OptionError, match=r"^r: got 1000.*, expected a finite number"):
        real_number("r", 10**400)
    with pytest.raises(OptionError, match=r"^n: got a value of type int too long to show, expected a whole number"):
        whole_number("n", 10**5000, 0, 10)
    with pytest.raises(OptionError, match=r"^task: got a value of type int too long to show"):
        choice("task", 10**5000, ["digits"])


@pytest.mark.parametrize("given", ["no", 0, 1, None, 1.0])
def test_true_or_false_takes_nothing_else(given):
    """Guards against 'no', which Python takes for true."""
    with pytest.raises(OptionError, match=r"^directed: got .*, expected True or False$"):
        true_or_false("directed", given)
    assert true_or_false("directed", np.False_) is False
