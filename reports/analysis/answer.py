"""What an analysis answers, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .. import labels
from ..figures.style import LEVEL
from .content import SCORE_KEYS, AnalysisContent

UNTOLD = "untold"
ALONE = "alone"
STANDINGS = {
    "beyond": "beyond",
    ALONE: "beyond all samples of",
    "short": "not told from",
    UNTOLD: "cannot be told from",
}
"""How a score may stand beside a null model, and how that reads."""


def analysis_answer(content: AnalysisContent) -> list[str]:
    """The answer in a few sentences with their numbers."""
    network = content.networks.iloc[0]
    sentences = [
        f"{labels.capital(content.source)}. The best partition has "
        f"{labels.counted(int(network['communities']), 'community', 'communities')}"
        + (
            "."
            if labels.missing(network.get("agreement"))
            else f"; restarts agree at AMI {labels.number(network['agreement'], 2)} (1: one partition, 0: chance)."
        )
    ]
    for keys, rows in content.scores.groupby(list(SCORE_KEYS[:3]), sort=False):
        weights, objective, direction = (str(key) for key in keys)
        told = {why: [row for row in rows.to_dict("records") if _standing(row) == why] for why in STANDINGS}
        what = (
            f"{labels.capital(labels.direction(direction))} ({labels.objective(objective)}, {labels.weights(weights)})"
        )
        parts = [
            f"{words} {labels.listed([_beside(row) for row in told[why]])}"
            + (f", for with so few null samples q is never below {_least(told[why])}" if why == UNTOLD else "")
            + (f", which are too few: {_enough(content)}" if why == ALONE else "")
            for why, words in STANDINGS.items()
            if told[why]
        ]
        sentences.append(f"{what} is {labels.score(rows['quality'].iloc[0])}: {'; '.join(parts)}.")
    if content.findings.verdict:
        sentences.append(content.findings.verdict)
    return sentences


def beyond(row: Mapping[Any, Any]) -> bool:
    """Whether a score passes after correction for all of them."""
    return not labels.missing(row["q_value"]) and float(row["q_value"]) <= LEVEL


def _standing(row: Mapping[Any, Any]) -> str:
    if beyond(row):
        return "beyond"
    least = least_p_value(row)
    if least > LEVEL:
        return UNTOLD
    # no sample reached it, and yet q is not small enough, for the others were not as far out
    return ALONE if not labels.missing(row["p_value"]) and float(row["p_value"]) <= least else "short"


def least_p_value(row: Mapping[Any, Any]) -> float:
    """The least p that a score can have beside as many null samples, one-sided; 0 where the table does not say."""
    return 0.0 if labels.missing(row.get("samples")) else 1.0 / (1.0 + float(row["samples"]))


def _enough(content: AnalysisContent) -> str:
    """With how many samples one score would pass whatever becomes of the others."""
    tests = int(content.scores["p_value"].notna().sum())
    samples = math.ceil(tests / LEVEL) - 1
    return f"of {labels.counted(tests, 'test')} one can pass alone with {labels.counted(samples, 'sample')}"


def _least(rows: Sequence[Mapping[Any, Any]]) -> str:
    return labels.probability(min(least_p_value(row) for row in rows))


def _beside(row: Mapping[Any, Any]) -> str:
    return (
        f"{labels.null(row['null'])} ({labels.score(row['null_mean'])}, z = {labels.number(row['z'])}, "
        f"{labels.equation('q', row['q_value'])})"
    )
