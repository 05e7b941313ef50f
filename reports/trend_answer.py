"""How communities change with the learning rate, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from . import labels
from .figures.style import LEVEL, pick

NAMED = 3
"""More learning rates or null models than this are told by their range or count; the table has each."""


def trend_ends(effects: pd.DataFrame, trends: pd.DataFrame, weights: str, pruning: float | None) -> str:
    """The difference from a null model, that of the clearest trend, at the lowest and the highest learning rate."""
    cell = pick(effects, weights=weights, pruning=pruning).dropna(subset=["difference_low", "difference_high"])
    tested = pick(trends, weights=weights, pruning=pruning).dropna(subset=["q_value"])
    if cell["learning_rate"].nunique() < 2 or tested.empty:
        return ""
    null = str(tested.sort_values("q_value")["null"].iloc[0])
    of_null = cell[cell["null"] == null].sort_values("learning_rate")
    values = [
        f"{labels.score(row['difference_mean'])} (95 % interval {labels.score(row['difference_low'])} to "
        f"{labels.score(row['difference_high'])}) at r = {labels.rate(row['learning_rate'])}"
        for row in (of_null.iloc[0], of_null.iloc[-1])
    ]
    return f": {labels.listed(values)}, against {labels.null(null)}"


def trend_sentence(trends: pd.DataFrame, weights: str, pruning: float | None) -> str:
    """Whether the difference from null models rises or falls with the learning rate, in each direction searched."""
    rows = pick(trends, weights=weights, pruning=pruning)
    if rows.empty:
        return ""
    parts = []
    for direction in labels.distinct(rows, "direction"):
        of_direction = rows[rows["direction"] == direction]
        known = of_direction[of_direction["q_value"].notna()]
        if known.empty:
            continue
        name = f"{labels.direction(direction)} minus null"
        clear = known[known["q_value"].astype(float) <= LEVEL]
        worst = float(known["q_value"].astype(float).max())
        least = float(known["q_value"].astype(float).min())
        ways = labels.distinct(clear, "trend")
        if len(clear) == len(known) and len(ways) == 1:
            way = "larger" if ways[0] == "increasing" else "lower"
            parts.append(
                f"{name} tends to be {way} at higher learning rates (Page's test, {labels.equation('q', worst)})"
            )
        elif len(clear) == len(known):
            parts.append(
                f"{name} has opposite trends against its null models (Page's test, {labels.equation('q', worst)})"
            )
        elif len(clear):
            some = named_nulls(list(clear["null"]))
            way = {"increasing": "an upward", "decreasing": "a downward"}.get(ways[0], "a") if len(ways) == 1 else "a"
            parts.append(f"{name} has {way} trend against {some} only (Page's test, {labels.equation('q', least)})")
        else:
            parts.append(f"{name} shows no clear trend (Page's test, {labels.equation('q', least)})")
    if not parts:
        return "There are too few seeds or learning rates for a test of trend."
    return labels.capital(labels.listed(parts)) + "."


def named_nulls(names: Sequence[str], last: str = "and") -> str:
    """Null models by their names, or how many where they are many."""
    if len(names) > NAMED:
        return f"{'any of ' if last == 'or' else ''}{len(names)} null models"
    return labels.listed([labels.null(name) for name in names], last=last)
