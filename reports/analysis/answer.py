"""What an analysis answers, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import labels
from ..figures.style import LEVEL
from .content import SCORE_KEYS, AnalysisContent


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
        passed = [row for row in rows.to_dict("records") if beyond(row)]
        short = [row for row in rows.to_dict("records") if not beyond(row)]
        what = (
            f"{labels.capital(labels.direction(direction))} ({labels.objective(objective)}, {labels.weights(weights)})"
        )
        parts = [
            f"{'beyond' if these is passed else 'not told from'} {labels.listed([_beside(row) for row in these])}"
            for these in (passed, short)
            if these
        ]
        sentences.append(f"{what} is {labels.score(rows['quality'].iloc[0])}: {'; '.join(parts)}.")
    if content.findings.verdict:
        sentences.append(content.findings.verdict)
    return sentences


def beyond(row: Mapping[Any, Any]) -> bool:
    """Whether a score passes after correction for all of them."""
    return not labels.missing(row["q_value"]) and float(row["q_value"]) <= LEVEL


def _beside(row: Mapping[Any, Any]) -> str:
    return (
        f"{labels.null(row['null'])} ({labels.score(row['null_mean'])}, z = {labels.number(row['z'])}, "
        f"{labels.equation('q', row['q_value'])})"
    )
