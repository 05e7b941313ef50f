"""The answer of a comparison in two sentences: who is beyond chance, and how far they are apart."""

from __future__ import annotations

import pandas as pd

from .. import labels
from ..figures.style import LEVEL, pick
from .content import ComparisonContent
from .words import interval, largest, signed

NAMED = 5
"""Of more sources than this those beyond chance with the largest differences are named first; the table has all."""

NAMED_NULLS = 3
"""Against so many null models at most the largest difference is named."""


def comparison_answer(content: ComparisonContent) -> list[str]:
    """The answer in two sentences with their numbers: who is beyond chance, and how far they are apart."""
    main = _main(content.groups)
    nulls = labels.listed([labels.null(name) for name in labels.distinct(main, "null")])
    told: list[tuple[tuple[bool, float], str]] = []
    for name, own in main.groupby("source", sort=False):
        groups = [_least(of_group) for _, of_group in own.groupby("group", sort=False)]
        count = sum(_is_beyond(of_group) for _, of_group in own.groupby("group", sort=False))
        most = max(groups, key=lambda row: float(row["difference_mean"]))
        how_many = f"{count} of {len(groups)}" if len(groups) > 1 else ("yes" if count else "no")
        q = 1.0 if labels.missing(most["q_value"]) else float(most["q_value"])
        if how_many == "no" and float(most["difference_mean"]) < 0 and q <= LEVEL:
            how_many = "no, it is below"
        least = float(own["p_least"].astype(float).min()) if "p_least" in own else 0.0
        if least > LEVEL:
            how_many = (
                f"cannot be told, for with so few null samples and seeds q is never below {labels.probability(least)}"
            )
        text = (
            f"{labels.short(name, labels.LONGEST)} {how_many} (Q − mean of the nearest null model, "
            f"{labels.null(str(most['null']))}, {'up to ' if len(groups) > 1 else ''}{signed(most['difference_mean'])}"
            f"{interval(most)})"
        )
        told.append(((count > 0, float(most["difference_mean"])), text))
    last = sorted((size for size, _ in told), reverse=True)[:NAMED][-1]
    parts = [text for size, text in told if size >= last]
    if len(parts) < len(told):
        rest = [beyond for (beyond, size), _ in told if (beyond, size) < last]
        parts.append(
            f"{labels.counted(len(rest), 'other')}, {sum(rest)} of them with groups beyond, "
            f"{labels.plural(len(rest), 'is', 'are')} in the table of groups"
        )
    beyond = "every one of " if len(labels.distinct(main, "null")) > 1 else ""
    sentences = [f"Groups whose maximal Q is beyond {beyond}{nulls} at q ≤ {LEVEL:g}: {'; '.join(parts)}."]
    differences = _main(pick(content.differences, measure="excess"))
    if differences.empty:
        return [*sentences, "No two groups could be compared."]
    first = pick(differences, null=content.groups["null"].iloc[0])
    tested = first[first["q_value"].notna()]
    widest = _widest(first)
    pairs, null = labels.counted(len(first), "pair"), labels.null(str(widest["null"]))
    if tested.empty:
        lead = f"Of {pairs} of groups none can be tested, each being a single network (Q − null mean, {null})"
    else:
        apart = int((tested["q_value"].astype(float) <= LEVEL).sum())
        among = "" if len(tested) == len(first) else f"{len(tested)} can be tested and "
        differ = labels.plural(apart, "differs", "differ")
        lead = f"Of {pairs} of groups {among}{apart} {differ} in Q − null mean ({null}) at q ≤ {LEVEL:g}"
    others = [_widest(pick(differences, null=name)) for name in labels.distinct(differences, "null")[1:NAMED_NULLS]]
    against = [f"; against {labels.null(str(row['null']))} it is {_apart(row)}" for row in others]
    sentences.append(f"{lead}; the largest difference is {_apart(widest)}{''.join(against)}.")
    return sentences


def _widest(differences: pd.DataFrame) -> pd.Series:
    return largest(differences, differences["difference_mean"].abs())


def _apart(row: pd.Series) -> str:
    """A difference with its interval, and whose it is."""
    names = [labels.short(row[name], labels.LONGEST) for name in ("group", "other")]
    return f"{signed(row['difference_mean'])}{interval(row)}, {' less '.join(names)}"


def _main(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first view and objective, of maximal Q where there are some, against every null model."""
    if table.empty:
        return table
    first = pick(table, direction="maximise")
    first = first if len(first) else table
    return pick(first, **{name: first[name].iloc[0] for name in ("weights", "objective", "direction")})


def _least(of_group: pd.DataFrame) -> pd.Series:
    """The row of the null model that a group is least beyond."""
    return largest(of_group, -of_group["difference_mean"])


def _is_beyond(of_group: pd.DataFrame) -> bool:
    """Whether a group is beyond every null model."""
    passes = (of_group["q_value"].astype("Float64") <= LEVEL) & (of_group["difference_mean"] > 0)
    return bool(passes.fillna(False).all())
