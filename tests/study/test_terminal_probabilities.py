"""In the terminal p and q read as they do on the pages."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from rich.console import Console

from creditgraph.study.summary import print_analysis, print_comparison, print_effects

ASKED = {"weights": "absolute", "objective": "modularity", "direction": "maximise", "null": "rewire"}
SCORE = {"quality": 0.4, "quality_mean": 0.4, "null_mean": 0.3, "difference_mean": 0.1, "z": 3.0}
BOUNDS = {"difference_low": 0.05, "difference_high": 0.15, "seeds": 5, "significant": 3, "learning_rate": 0.1}
NETWORK = {"network": "n", "communities": 1, "agreement": 0.5, "verdict": "none", "source": "n"}
VALUES = [(0.0, "< 0.001"), (0.0004, "< 0.001"), (0.0123, "0.012"), (0.04961, "0.05"), (0.2, "0.2"), (1.0, "1")]


def printed(show, *tables) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(console, *tables)
    return console.file.getvalue()


@pytest.mark.parametrize(("value", "said"), VALUES)
def test_q_of_a_run(value, said):
    """Guards against a q of 0 that no test can give, and against other digits than on the page."""
    effects = pd.DataFrame([{**ASKED, **SCORE, **BOUNDS, "q_value": value}])
    trends = pd.DataFrame(
        [
            {
                **ASKED,
                "learning_rates": 3,
                "seeds": 5,
                "page_p": value,
                "q_value": value,
                "trend": "increasing",
                "note": "",
            }
        ]
    )
    text = printed(print_effects, effects, trends)
    assert f" {said} " in text.splitlines()[5]
    sign = "" if said.startswith("<") else "= "
    assert f"over 5 seeds, p {sign}{said} (q {sign}{said})." in text


@pytest.mark.parametrize(("value", "said"), VALUES)
def test_q_of_a_file_and_of_a_comparison(value, said):
    """Guards against one of the tables of the terminal keeping its own rounding."""
    scores = pd.DataFrame([{**ASKED, **SCORE, "q_value": value}])
    text = printed(print_analysis, {"scores": scores, "networks": pd.DataFrame([NETWORK])})
    assert text.splitlines()[4].rstrip().endswith(f" {said}")
    assert "1 community, restarts agree" in text
    groups = pd.DataFrame([{**ASKED, **SCORE, **BOUNDS, "source": "worm", "q_value": value}])
    nothing = pd.DataFrame({"measure": [], "q_value": [], "difference_mean": []})
    tables = {"groups": groups, "differences": nothing, "networks": pd.DataFrame([NETWORK])}
    row = next(line for line in printed(print_comparison, tables).splitlines() if "worm" in line)
    assert f" {said} " in row
