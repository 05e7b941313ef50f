"""How modularity lies to all of its null models at each learning rate, and how many tests lie on the side sought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from . import labels
from .figures.style import LEVEL, pick


@dataclass(frozen=True)
class Verdict:
    """At which learning rates modularity lies above or below its null models.

    Against one null model, modularity is above (below) where the whole 95 % interval of Q minus null mean over seeds
    is above (below) zero and q is at most 0.05. Only learning rates with an interval over seeds are sorted.

    Attributes
    ----------
    weights, pruning, direction
        What was asked.
    nulls
        Names of the null models.
    rates
        Learning rates with an interval over seeds.
    above, below
        Those where it is so against every null model.
    partly_above, partly_below
        Those where it is so against some null models, and none of the others says the contrary.
    contrary
        Those where it is above one null model and below another.
    sides
        By learning rate and null model: 1 above, -1 below, 0 not told from it.
    """

    weights: str
    pruning: float | None
    direction: str
    nulls: tuple[str, ...]
    rates: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]
    partly_above: tuple[float, ...]
    partly_below: tuple[float, ...]
    contrary: tuple[float, ...]
    sides: Mapping[float, Mapping[str, int]]


KINDS: dict[tuple[int, ...], str] = {
    (1,): "above",
    (-1,): "below",
    (0, 1): "partly_above",
    (-1, 0): "partly_below",
    (0,): "neither",
}
"""What the sides that occur at a learning rate make of it; any others are contrary."""


def verdict(effects: pd.DataFrame, *, weights: str, direction: str, pruning: float | None = None) -> Verdict:
    """Sort the learning rates by how their modularity lies to the null models; see :class:`Verdict`."""
    cell = pick(effects, weights=weights, direction=direction, pruning=pruning)
    cell = cell.dropna(subset=["difference_low", "difference_high", "q_value"])
    sides: dict[float, dict[str, int]] = {}
    sorted_rates: dict[str, list[float]] = {}
    for rate in sorted(float(rate) for rate in cell["learning_rate"].unique()):
        at = cell[cell["learning_rate"] == rate]
        bounds = zip(at["null"], at["difference_low"], at["difference_high"], at["q_value"], strict=True)
        sides[rate] = {
            str(null): int(q <= LEVEL) * (1 if low > 0 else -1 if high < 0 else 0) for null, low, high, q in bounds
        }
        kind = KINDS.get(tuple(sorted(set(sides[rate].values()))), "contrary")
        sorted_rates.setdefault(kind, []).append(rate)

    def of_kind(kind: str) -> tuple[float, ...]:
        return tuple(sorted_rates.get(kind, []))

    return Verdict(
        weights,
        pruning,
        direction,
        nulls=tuple(labels.distinct(cell, "null")),
        rates=tuple(sides),
        above=of_kind("above"),
        below=of_kind("below"),
        partly_above=of_kind("partly_above"),
        partly_below=of_kind("partly_below"),
        contrary=of_kind("contrary"),
        sides=sides,
    )


def sought(effects: pd.DataFrame) -> pd.Series:
    """Whether each difference lies on the side that was sought: maximal Q above its null model, minimal Q below it."""
    sign = effects["direction"].map({"minimise": -1.0}).fillna(1.0)
    return (effects["difference_mean"].astype(float) * sign > 0).rename("sought")
