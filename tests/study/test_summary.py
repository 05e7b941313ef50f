"""What stands in the terminal after a run."""

import io

import pandas as pd
import pytest
from rich.console import Console

from creditgraph.guard import printable
from creditgraph.study.summary import print_answer, print_comparison, print_effects

NO_TRENDS = pd.DataFrame(columns=["weights", "direction", "null"])


def effects(prunings):
    return pd.DataFrame(
        {
            "weights": "absolute",
            "direction": "maximise",
            "null": "shuffle_nonzero",
            "learning_rate": 0.0003,
            "pruning": prunings,
            "seeds": 10,
            "quality_mean": 0.1234,
            "null_mean": 0.2345,
            "difference_mean": -0.1111,
            "difference_low": -0.1234,
            "difference_high": -0.0988,
            "q_value": 0.00002,
            "significant": 10,
        }
    )


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("prunings", [(0.8,), (0.5, 0.95)])
def test_no_number_is_cut(width, prunings):
    """Guards against an interval of which a narrow terminal, or a file, shows one end."""
    out = io.StringIO()
    print_effects(Console(file=out, width=width), effects(prunings), NO_TRENDS)
    text = out.getvalue()
    assert text.count("-0.123..-0.099") == len(prunings)
    assert text.count("10 of 10") == len(prunings)
    assert "…" not in text
    if width >= 80:
        assert max(map(len, text.splitlines())) <= width


def test_what_seeds_counts_is_said():
    """Guards against “0 of 5” beside a small q, which reads as a contradiction."""
    out = io.StringIO()
    print_effects(Console(file=out, width=200), effects([0.8]), NO_TRENDS)
    assert "alone, on the side that was sought" in out.getvalue()
    assert "Networks on the other side count in q only" in out.getvalue()


def test_the_answer_is_printed_as_it_is():
    """Guards against brackets of an answer that are taken for colours, and an empty answer that leaves lines."""
    out = io.StringIO()
    print_answer(Console(file=out, width=200), ())
    assert out.getvalue() == ""
    print_answer(Console(file=out, width=200), ("One [red]thing[/red].", "Two."))
    assert "One [red]thing[/red].\nTwo." in out.getvalue()


def compared(**changes):
    """Two single networks side by side: an interval, and no test."""
    groups = effects([0.8, 0.8]).assign(objective="modularity", source=["a network of a long name", "worm"], seeds=1)
    differences = pd.DataFrame(
        {
            "weights": "absolute",
            "objective": "modularity",
            "direction": "maximise",
            "null": "shuffle_nonzero",
            "measure": "excess",
            "group": "a network of a long name",
            "other": "worm",
            "difference_mean": -0.2,
            "difference_low": -0.3,
            "difference_high": -0.1,
            "q_value": pd.array([pd.NA], dtype="Float64"),
        }
        | changes
    )
    networks = pd.DataFrame({"source": groups["source"], "verdict": ["none", "core-periphery"]})
    return {"groups": groups, "differences": differences, "networks": networks}


@pytest.mark.parametrize("width", [40, 200])
def test_a_comparison_is_whole_and_says_what_has_no_test(width):
    """Guards against a column of names that a narrow terminal drops, and “0 of 0” beside an interval without 0."""
    out = io.StringIO()
    print_comparison(Console(file=out, width=width), compared())
    text = out.getvalue()
    assert text.count("-0.123..-0.099") == 2
    assert "a network of a long name   " in text
    assert "…" not in text
    words = " ".join(text.split())
    assert "0 of 0" not in words
    assert "1 difference of Q - null between single networks" in words
    assert "interval of 1 is without 0" in words
    assert "-0.200 (-0.300..-0.100) maximal Q against shuffled weights, a network of a long name less worm" in words
    assert "worm: core-periphery 1" in words
    tested = io.StringIO()
    print_comparison(Console(file=tested, width=width), compared(q_value=[0.01]))
    assert "1 of 1 tested difference of" in " ".join(tested.getvalue().split())


def test_names_do_nothing_to_the_terminal():
    """Guards against a label that colours the terminal, and a file's name that turns the words after it around."""
    hostile = "\x1b[31mred\u202e\x07"
    tables = compared(group=hostile)
    tables["groups"] = tables["groups"].assign(source=[hostile, "worm"])
    tables["networks"] = tables["networks"].assign(source=[hostile, "worm"])
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=False)
    print_comparison(console, tables)
    print_answer(console, [hostile])
    assert not {"\x1b", "\u202e", "\x07"} & set(out.getvalue())
    assert out.getvalue().count("[31mred") == 4
    assert printable("a\nb\ud800") == "a\nb"
