from __future__ import annotations

import pickle

from creditgraph.guard import OptionError, options_named, setting, spelt, spelt_for_command


def test_options_are_spelt_as_the_caller_types_them():
    """Guards against advice that cannot be typed where it is read, and against a spelling that stays for later."""
    assert (spelt("workers"), setting("missing", "drop"), setting("weight")) == ("workers", "missing='drop'", "weight=")
    with spelt_for_command(), options_named({"source": "pre_column"}):
        assert (spelt("workers"), setting("missing", "drop")) == ("--workers", "--missing=drop")
        assert setting("source") == "--pre_column="
        assert setting("merge", "sum", "mean", "first") == "--merge=sum, mean or first"
    assert setting("source", "a", "b") == "source='a' or 'b'"


def test_an_error_names_the_option_that_was_set():
    """Guards against a message about an option that the caller never heard of, also from a worker process."""
    with options_named({"source": "pre_column"}):
        error = OptionError("source", 3, "a column")
    assert str(pickle.loads(pickle.dumps(error))) == "pre_column: got 3, expected a column"
    assert error.option == "pre_column"
