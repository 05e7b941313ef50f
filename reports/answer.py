"""The answer of a study in a few plain sentences; the numbers are those of its tables, only the words are made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from . import labels
from .content import ReportContent
from .figures.style import LEVEL, pick, rows_of
from .rules import control_rule_of, not_credit

FEW_SEEDS = 5
"""With fewer seeds than this an interval over seeds is a tendency, and is called so."""


MEANINGS = {
    ("maximise", "higher"): "are more modular",
    ("maximise", "lower"): "are less modular",
    ("minimise", "lower"): "have more across-module structure",
    ("minimise", "higher"): "have less across-module structure",
}


@dataclass(frozen=True)
class Verdict:
    """At which learning rates modularity lies above or below every null model.

    Only learning rates with an interval over seeds are sorted. One is above (below) where the whole 95 % interval of
    Q minus null mean over seeds is above (below) zero against each of the null models; as disputed where that holds
    against some of them only, or against one above and another below.

    Attributes
    ----------
    weights, pruning, direction
        What was asked.
    nulls
        Names of the null models.
    rates
        Learning rates with an interval over seeds.
    above, below, disputed
        Those of them.
    """

    weights: str
    pruning: float | None
    direction: str
    nulls: tuple[str, ...]
    rates: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]
    disputed: tuple[float, ...]


def verdict(effects: pd.DataFrame, *, weights: str, direction: str, pruning: float | None = None) -> Verdict:
    """Sort the learning rates by how their modularity lies to the null models; see :class:`Verdict`."""
    cell = pick(effects, weights=weights, direction=direction, pruning=pruning)
    cell = cell.dropna(subset=["difference_low", "difference_high", "q_value"])
    above, below, disputed = [], [], []
    rates = sorted(cell["learning_rate"].unique())
    for rate in rates:
        at = cell[cell["learning_rate"] == rate]
        bounds = zip(at["difference_low"], at["difference_high"], at["q_value"], strict=True)
        sides = {(q <= LEVEL) * (1 if low > 0 else -1 if high < 0 else 0) for low, high, q in bounds}
        if sides == {1}:
            above.append(rate)
        elif sides == {-1}:
            below.append(rate)
        elif sides != {0}:
            disputed.append(rate)
    nulls = tuple(labels.distinct(cell, "null"))
    return Verdict(weights, pruning, direction, nulls, *(tuple(each) for each in (rates, above, below, disputed)))


def answer(content: ReportContent) -> list[str]:
    """The answer in two or three sentences, each with its numbers.

    The sentences speak of the first view of the weights and the first pruning of the study; :func:`other_answers` says
    the same of the rest. Where a control rule trained the networks, the first sentence says so.
    """
    rule = control_rule_of(content)
    return [*([] if rule is None else [not_credit(rule)]), *_answer(content)]


def _answer(content: ReportContent) -> list[str]:
    if content.effects.empty:
        return ["No network was compared with a null model, so there is no answer."]
    rows = rows_of(content.effects)
    sentences = _about(content, *rows[0], several=len(rows) > 1)
    few = int(content.effects["seeds"].max())
    if 1 < few < FEW_SEEDS:
        sentences.append(f"With {labels.counted(few, 'seed')} only, this is a tendency and no more.")
    return sentences


def other_answers(content: ReportContent) -> list[str]:
    """What :func:`answer` says, for every other view of the weights and pruning: one text each."""
    if content.effects.empty:
        return []
    return [" ".join(_about(content, *row, several=True)) for row in rows_of(content.effects)[1:]]


def _about(content: ReportContent, weights: str, pruning: float | None, several: bool) -> list[str]:
    subject = labels.weights(weights)
    if several and pruning is not None:
        subject += f" at pruning {pruning:g}"
    sentences = []
    for direction in labels.distinct(content.effects, "direction"):
        found = verdict(content.effects, weights=weights, direction=direction, pruning=pruning)
        sentences.append(_sentence(content.effects, found, subject))
    trend = _trend_sentence(content.trends, weights, pruning)
    return [*sentences, trend] if trend else sentences


def _sentence(effects: pd.DataFrame, found: Verdict, subject: str) -> str:
    name = labels.direction(found.direction)
    if not found.rates:
        return (
            f"Whether {name} of the {subject} differs from chance cannot be said: no learning rate has the two seeds "
            "that an interval takes."
        )
    nulls = _nulls(found.nulls)
    parts: list[str] = []
    for side, rates in (("higher", found.above), ("lower", found.below)):
        if rates:
            compared = "" if parts else f" than {nulls}"
            who = "they" if parts else f"the {subject}"
            parts.append(
                f"at {_share(rates, found.rates)} {who} {MEANINGS[found.direction, side]}{compared} ({name} {side} by "
                f"up to {_example(effects, found, rates)})"
            )
    if parts and found.disputed:
        parts.append(f"at {_share(found.disputed, found.rates)} it depends on the null model")
    if parts:
        return f"{labels.capital('; '.join(parts))}."
    if found.disputed:
        return (
            f"{labels.capital(name)} of the {subject} differs from only some of its null models, or in opposite ways, "
            f"at {_share(found.disputed, found.rates)}, and from none at the rest."
        )
    return (
        f"{labels.capital(name)} of the {subject} differs from {nulls} at "
        f"{'no' if len(found.rates) == 1 else f'none of {len(found.rates)}'} learning "
        f"rate{'' if len(found.rates) == 1 else 's'}: nowhere are q ≤ 0.05 and an interval without zero found together."
    )


def _nulls(names: Sequence[str]) -> str:
    if len(names) == 1:
        return labels.null(names[0])
    which = "both null models" if len(names) == 2 else f"all {len(names)} null models"
    return f"{which}, {labels.listed([labels.null(name) for name in names])}"


def _share(rates: Sequence[float], tried: Sequence[float]) -> str:
    if len(tried) == 1:
        return f"the one learning rate (r = {labels.rate(rates[0])})"
    count = f"all {len(tried)}" if len(rates) == len(tried) else f"{len(rates)} of {len(tried)}"
    return f"{count} learning rates (r = {_places(rates, tried)})"


def _example(effects: pd.DataFrame, found: Verdict, rates: Sequence[float]) -> str:
    """By how much: at the learning rate that differs most, against the null model that is nearest to it there."""
    cell = pick(effects, weights=found.weights, direction=found.direction, pruning=found.pruning)
    cell = cell[cell["learning_rate"].isin(rates)].reset_index(drop=True)
    size = cell["difference_mean"].abs()
    nearest = cell.loc[size.groupby(cell["learning_rate"]).idxmin()]
    row = nearest.sort_values("difference_mean", key=lambda values: values.abs()).iloc[-1]
    bounds = sorted(abs(float(row[name])) for name in ("difference_low", "difference_high"))
    text = (
        f"{labels.score(abs(float(row['difference_mean'])))}, 95 % interval {labels.score(bounds[0])} to "
        f"{labels.score(bounds[1])}, at r = {labels.rate(row['learning_rate'])} with "
        f"{labels.counted(int(row['seeds']), 'seed')}"
    )
    return f"{text}, against {labels.null(row['null'])}, q {_equals(labels.probability(row['q_value']))}"


def _trend_sentence(trends: pd.DataFrame, weights: str, pruning: float | None) -> str:
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
        worst = labels.probability(float(known["q_value"].astype(float).max()))
        least = labels.probability(float(known["q_value"].astype(float).min()))
        ways = labels.distinct(clear, "trend")
        if len(clear) == len(known) and len(ways) == 1:
            way = "larger" if ways[0] == "increasing" else "lower"
            parts.append(f"{name} tends to be {way} at higher learning rates (Page's test, q {_equals(worst)})")
        elif len(clear) == len(known):
            parts.append(f"{name} has opposite trends against its null models (Page's test, q {_equals(worst)})")
        elif len(clear):
            some = labels.listed([labels.null(null) for null in clear["null"]])
            way = {"increasing": "an upward", "decreasing": "a downward"}.get(ways[0], "a") if len(ways) == 1 else "a"
            parts.append(f"{name} has {way} trend against {some} only (Page's test, q {_equals(least)})")
        else:
            parts.append(f"{name} shows no clear trend (Page's test, q {_equals(least)})")
    if not parts:
        return "There are too few seeds or learning rates for a test of trend."
    return labels.capital(labels.listed(parts)) + "."


def _equals(probability: str) -> str:
    return probability if probability.startswith("<") else f"= {probability}"


def _places(rates: Sequence[float], tried: Sequence[float]) -> str:
    """``0.1, 0.2 and 0.3``, or ``0.01 to 0.3`` where more than three follow one another in the sweep."""
    places = [tried.index(rate) for rate in rates]
    if len(rates) > 3 and places == list(range(places[0], places[-1] + 1)):
        return f"{labels.rate(rates[0])} to {labels.rate(rates[-1])}"
    return labels.listed([labels.rate(rate) for rate in rates])
