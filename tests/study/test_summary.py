"""What stands in the terminal after a run."""

import io

import pandas as pd
import pytest
from rich.console import Console

from creditgraph.study.summary import print_answer, print_effects

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
