"""How names and numbers of the tables read in figures, tables and sentences."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ..guard import counted as counted
from ..guard import plural as plural

DIRECTIONS = {"maximise": "maximal Q", "minimise": "minimal Q"}
WEIGHTS = {
    "absolute": "absolute weights",
    "positive": "positive weights",
    "negative": "negative weights",
    "signed": "signed weights",
    "change": "weight changes",
    "absolute_change": "sizes of weight changes",
}
OBJECTIVES = {
    "modularity": "modularity",
    "signed": "signed modularity",
    "layered": "layered modularity",
    "cpm": "constant Potts model",
}
NULLS = {
    "shuffle_nonzero": "shuffled weights",
    "shuffle_block": "weights shuffled within blocks",
    "shuffle_dyads": "weights shuffled in pairs",
    "initial": "untrained weights",
    "rewire": "rewired synapses",
    "strength": "weights fitted to strengths",
    "shuffle_strength": "weights shuffled with strengths kept",
    "shuffle_dyads_strength": "weights shuffled in pairs with strengths kept",
    "sign_shuffle": "shuffled signs",
    "shuffled_labels": "weights trained on shuffled labels",
}
NARROW_NULLS = {
    "shuffle_block": "shuffled in blocks",
    "shuffle_dyads": "shuffled in pairs",
    "strength": "fitted to strengths",
    "shuffle_strength": "strengths kept",
    "shuffle_dyads_strength": "pairs, strengths kept",
    "shuffled_labels": "shuffled labels",
}
"""Where there is no room for more."""
MISSING = "–"
TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Unicode's controls of the direction of writing (bidi): in a name, they would turn what stands around it."""

LONGEST = 100
"""A name in a sentence is cut here, and cannot reverse the words after it."""


def direction(name: str) -> str:
    """``maximal Q`` or ``minimal Q``."""
    return DIRECTIONS.get(name) or short(name, LONGEST)


def weights(name: str) -> str:
    """The view of the weights, in words."""
    return WEIGHTS.get(name) or f"{short(name, LONGEST)} weights"


def objective(name: str) -> str:
    """The objective of a search, in words."""
    return OBJECTIVES.get(name) or short(name, LONGEST)


def null(name: str) -> str:
    """The null model, in words."""
    return NULLS.get(name) or short(name.replace("_", " "), LONGEST)


def brief(name: str) -> str:
    """A view of the weights or a null model as it goes into a figure: in words, or cut where it is not known."""
    return WEIGHTS.get(name) or NULLS.get(name) or short(name.replace("_", " "), 14)


def narrow(null: str) -> str:
    """A null model as it goes above a narrow panel."""
    return NARROW_NULLS.get(null) or brief(null)


def capital(text: str) -> str:
    """The same with its first letter large."""
    return text[:1].upper() + text[1:]


def short(name: Any, length: int = 24) -> str:
    """A name from outside as it goes into a figure: one line, without control characters, cut where it is long."""
    text = "".join(" " if character.isspace() else character for character in str(name))
    text = " ".join("".join(each for each in text if unicodedata.category(each)[0] != "C").split())
    return text if len(text) <= length else text[: length - 1] + "…"


def inert(text: str) -> str:
    """The same text without the characters that turn the words after them around, for a page."""
    return text.translate(TURNING)


def typed(command: str) -> str:
    """A command with those characters written as a shell reads them, in text that is quoted: it stays what it was."""
    return "".join(f"'$'\\u{ord(each):04x}''" if ord(each) in TURNING else each for each in command)


def missing(value: Any) -> bool:
    """Whether a cell of a table holds nothing, NaN or infinity."""
    if value is None or value is pd.NA:
        return True
    return isinstance(value, float) and not math.isfinite(value)


def number(value: Any, digits: int = 3) -> str:
    """A number with at most so many significant digits and a true minus sign; a dash where there is none."""
    if missing(value):
        return MISSING
    text = f"{float(value) or 0.0:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def decimals(value: Any, digits: int) -> str:
    """A number with so many decimals, a true minus sign, and no minus before a zero; a dash where there is none."""
    if missing(value):
        return MISSING
    text = f"{float(value):.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def score(value: Any) -> str:
    """A modularity or a difference of two, with three decimals."""
    return decimals(value, 3)


def error(value: Any) -> str:
    """A numerical error, as ``1.2e−13``."""
    if isinstance(value, float) and math.isinf(value):
        return "infinite"
    if missing(value):
        return MISSING
    return "0" if float(value) == 0 else f"{float(value):.1e}".replace("-", "−").replace("e−0", "e−")


def probability(value: Any) -> str:
    """A p or q value with two significant digits, or ``< 0.001``; more where two would put it on a level of 0.05."""
    if missing(value):
        return MISSING
    digits = 2
    while float(value) > float(f"{float(value):.{digits}g}") == 0.05:
        digits += 1
    return "< 0.001" if float(value) < 0.001 else f"{float(value):.{digits}g}"


def equation(name: str, value: Any) -> str:
    """A p or q value with its name, as ``q = 0.012`` or ``q < 0.001``."""
    text = probability(value)
    return f"{name} {text}" if text.startswith("<") else f"{name} = {text}"


def rate(value: float, digits: int = 4) -> str:
    """A learning rate as short as it goes: ``0.001``, ``3e-5``."""
    return number(value, digits).replace("−", "-")


def listed(items: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def unbroken(text: str) -> str:
    """The same text, with no line broken between a number and what it belongs to."""
    for pair in (" = ", " ≤ ", " < "):
        text = text.replace(pair, pair.replace(" ", "\u00a0"))
    return text.replace(" %", "\u00a0%")


def backbone(options: Any) -> str:
    """Which part of a network is shown, as it follows *weights*; empty where it is the whole.

    Examples
    --------
    >>> backbone({"backbone": "strongest:0.1"}), backbone({"backbone": "none"}), backbone({})
    (' of the backbone strongest:0.1', '', '')
    """
    given = options.get("backbone", "none") if isinstance(options, Mapping) else "none"
    return "" if given in ("none", None) else f" of the backbone {short(given, LONGEST)}"


def columns_of(table: pd.DataFrame, *names: str) -> list[str]:
    """Those of the columns that the table has."""
    return [name for name in names if name in table.columns]


def distinct(table: pd.DataFrame, column: str) -> list[Any]:
    """Values of a column in the order in which they come; none where there is no such column."""
    return list(table[column].drop_duplicates()) if column in table.columns else []


def sample_counts(communities: pd.DataFrame) -> str:
    """How many null samples a network has, with the null models that have others; empty where the table does not say.

    Examples
    --------
    >>> sample_counts(pd.DataFrame({"null": ["initial", "rewire"], "samples": [20, 20]}))
    '20 samples'
    >>> sample_counts(pd.DataFrame({"null": ["initial", "shuffled_labels"], "samples": [20, 10]}))
    '20 samples (weights trained on shuffled labels: 10)'
    """
    if communities.empty or "samples" not in communities:
        return ""
    most = communities.groupby("null", sort=False)["samples"].max().astype(int)
    others = [f"{null(str(name))}: {count}" for name, count in most.items() if count != most.max()]
    return counted(int(most.max()), "sample") + (f" ({'; '.join(others)})" if others else "")
