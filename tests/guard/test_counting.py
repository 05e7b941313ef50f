"""Counts in words, and that every message uses them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import creditgraph
from creditgraph.guard import counted, plural

ROOT = Path(__file__).parents[2]
ROOMS = ("guard", "train", "graphs", "analysis", "reports", "study")
COUNTS = re.compile(r"(len|int|round|sum|nunique)\(|\b(count|missing|lost|total|samples|restarts|parallel|members|n)\b")
NOUNS = re.compile(
    r"^ (?:[a-z-]+ )?(networks|communities|members|neurons|synapses|edges|nodes|samples|seeds|restarts|values|rows"
    r"|columns|labels|snapshots|groups|classes|steps|epochs|learning rates) "
)


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (1, ("community", "communities"), "1 community"),
        (2, ("community", "communities"), "2 communities"),
        (0, ("seed",), "0 seeds"),
        (1, ("row has none", "rows have none"), "1 row has none"),
        (12_345, ("synapse",), "12,345 synapses"),
    ],
)
def test_one_of_a_thing_is_no_plural(count, words, said):
    """Guards against "1 communities"."""
    assert counted(count, *words) == said
    assert said.endswith(plural(count, *words))


def test_no_text_of_the_package_puts_a_plural_behind_a_count_that_may_be_one():
    """Guards against "1 networks": a count that is computed takes its word from counted, wherever it is said."""
    assert creditgraph.__name__
    found = []
    # what is always several, or no count but a name
    exempt = re.compile(r"counted|plural|_pixels|FEWEST|MOST|LARGEST|SHOWN|bytes|extent|_word")
    for path in sorted(each for room in ROOMS for each in (ROOT / room).rglob("*.py")):
        for joined in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(joined, ast.JoinedStr):
                continue
            for value, text in zip(joined.values, joined.values[1:], strict=False):
                if not (isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant)):
                    continue
                count = ast.unparse(value.value)
                if NOUNS.match(f"{text.value} ") and COUNTS.search(count) and not exempt.search(count):
                    found.append(f"{path.relative_to(ROOT)}:{value.lineno}: {{{count}}}{text.value[:30]}")
    assert not found, found
