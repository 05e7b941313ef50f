from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError
from .effects import DIFFERENCE_COLUMNS, SIZE_COLUMNS, check_interval, summary, t_test
from .false_discovery import false_discovery
from .sweep_table import LEVEL, QUESTION, column_of, excess_of, groups, need, once, typed
from .trends import trend_table, trends

EFFECT_COLUMNS = (
    "basis",
    "target",
    "learning_rate",
    "seeds",
    *DIFFERENCE_COLUMNS,
    "p_value",
    "q_value",
    *SIZE_COLUMNS,
    "seeds_needed",
    "note",
)
COMPARISON_COLUMNS = (
    "target",
    "fixed_trend",
    "fixed_p",
    "fixed_q",
    "matched_trend",
    "matched_p",
    "matched_q",
    "seeds",
    "learning_rates",
    "left_out",
    "answer",
    "note",
)

NOT_REACHED = "no network reached the target"
"""The note of a target at which there is nothing to test."""

# columns of a table of trends, by what the comparison calls them
_ANSWERS = {"trend": "trend", "p": "page_p", "q": "q_value"}


@dataclass(frozen=True, eq=False)
class MatchedLoss:
    """What learning rates do to communities once all have learned as much, beside what they do at a fixed step.

    Parameters
    ----------
    effects
        One row per question, `basis` ("fixed step" or "matched loss"), `target` (missing for "fixed step") and learning
        rate: `seeds`, the count of networks; mean, interval, `d_z` and `dominance` of quality less null mean as in
        :func:`contrasts`; `p_value`, of the t test that the mean is 0; `q_value`, Benjamini-Hochberg over all rows of
        the table that have a p; `seeds_needed`; `note`.
    comparison
        One row per question and target: `fixed_trend`, `fixed_p`, `fixed_q` and `matched_trend`, `matched_p`,
        `matched_q`, the two answers of Page's test as in :func:`trends`; `seeds` and `learning_rates`, the counts in
        the matched test; `left_out`, learning rates that no seed brought to the target, which the matched test lacks;
        `answer`, "the same trend", "opposite trends", "only at a fixed step", "only at matched loss", "no trend" or
        "not tested", where a trend is one with q at most 0.05; `note`, why a test is missing.
    reached
        One row per target and learning rate (and pruning): `seeds`, how many networks there are; `reached`, how many
        reached the target; `not_reached`, the seeds of the others, as text.
    """

    effects: pd.DataFrame
    comparison: pd.DataFrame
    reached: pd.DataFrame


def matched_loss(
    matched: pd.DataFrame, fixed: pd.DataFrame, *, interval: str = "student", seed: int = 0
) -> MatchedLoss:
    """Compare learning rates where their networks have the same training loss, and beside it at a fixed step.

    A sweep that trains all learning rates for the same number of steps confounds the learning rate with how much was
    learned: a trend that is gone at matched loss was one of learning, not of the learning rate.

    Parameters
    ----------
    matched
        One row per network, target loss and question, with the `quality` and `null_mean` of the network at the first
        step where its training loss was at or below `target`; both missing where it never was. Networks without a row
        for a target count as not having reached it.
    fixed
        One row per network and question at the fixed step, with `quality` and `null_mean`.
    interval, seed
        As in :func:`effects`.

    Returns
    -------
    MatchedLoss
        Networks that did not reach a target are in none of its tests, and in its table `reached`.

    Raises
    ------
    DataError
        If a table lacks a column, is empty, has a network twice, or asks questions that the other does not.
    """
    check_interval(interval, seed)
    need("matched", matched, [*QUESTION, "quality", "null_mean"], ["target", "learning_rate", "seed"])
    need("fixed", fixed, QUESTION, ["learning_rate", "seed", "quality", "null_mean"])
    keys = [*QUESTION, *(["pruning"] if "pruning" in fixed else [])]
    need("matched", matched, keys, [])
    once("fixed", fixed, [*keys, "learning_rate", "seed"])
    once("matched", matched, [*keys, "target", "learning_rate", "seed"])
    if set(map(tuple, matched[keys].to_numpy())) != set(map(tuple, fixed[keys].to_numpy())):
        raise DataError(f"matched: its combinations of {', '.join(keys)} are not those of fixed")
    there = _there(matched)
    found = matched[there]
    return MatchedLoss(
        effects=_effects(found, fixed, keys, interval, seed),
        comparison=_comparison(found, matched, fixed, keys),
        reached=_reached(found, matched, fixed, keys),
    )


def _there(matched: pd.DataFrame) -> npt.NDArray[np.bool_]:
    values = np.stack([column_of("matched", matched, column) for column in ("quality", "null_mean")])
    missing = np.isnan(values)
    if np.isinf(values).any() or (missing[0] != missing[1]).any():
        raise DataError(
            "matched: quality and null_mean must be numbers, or both missing where a target was not reached"
        )
    return np.asarray(~missing[0])


def _effects(found: pd.DataFrame, fixed: pd.DataFrame, keys: list[str], interval: str, seed: int) -> pd.DataFrame:
    rows = []
    bases: list[tuple[str, Any, pd.DataFrame]] = [("fixed step", None, fixed)]
    bases += [("matched loss", target, group) for target, group in found.groupby("target")]
    for basis, target, table in bases:
        for key, group in groups(table, [*keys, "learning_rate"]):
            differences = excess_of(group)
            row = {
                **dict(zip([*keys, "learning_rate"], key, strict=True)),
                "basis": basis,
                "target": target,
                "p_value": t_test(differences),
                **summary(differences, interval=interval, seed=seed),
            }
            rows.append(row)
    table = pd.DataFrame(rows, columns=[*keys, *EFFECT_COLUMNS])
    numbers = ("target", *DIFFERENCE_COLUMNS, "p_value", "q_value", *SIZE_COLUMNS)
    table = typed(table, numbers=numbers, counts=("seeds", "seeds_needed"))
    tested = table["p_value"].notna()
    table.loc[tested, "q_value"] = false_discovery(table.loc[tested, "p_value"].to_numpy(np.float64))
    return table


def _comparison(found: pd.DataFrame, matched: pd.DataFrame, fixed: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    at_step = trends(fixed).set_index(keys)
    at_loss = trend_table(found, [*keys, "target"]).set_index([*keys, "target"])
    rates = {key: set(group["learning_rate"]) for key, group in fixed.groupby(keys)}
    left = {key: set(group["learning_rate"]) for key, group in found.groupby([*keys, "target"])}
    rows = []
    for key, _ in groups(matched, [*keys, "target"]):
        step = at_step.loc[key[:-1]]
        loss = at_loss.loc[key] if key in left else None
        gone = sorted(rates[key[:-1]] - left.get(key, set()))
        note = NOT_REACHED if loss is None else str(loss["note"])
        row = {
            **dict(zip([*keys, "target"], key, strict=True)),
            **{f"fixed_{name}": step[column] for name, column in _ANSWERS.items()},
            **{f"matched_{name}": None if loss is None else loss[column] for name, column in _ANSWERS.items()},
            "seeds": 0 if loss is None else loss["seeds"],
            "learning_rates": 0 if loss is None else loss["learning_rates"],
            "left_out": ", ".join(f"{rate:g}" for rate in gone),
            "answer": _answer(step, loss),
            "note": "; ".join(filter(None, (f"fixed step: {step['note']}" if step["note"] else "", note))),
        }
        rows.append(row)
    table = pd.DataFrame(rows, columns=[*keys, *COMPARISON_COLUMNS])
    texts = dict.fromkeys(("fixed_trend", "matched_trend"), "string")
    numbers = ("fixed_p", "fixed_q", "matched_p", "matched_q")
    return typed(table.astype(texts), numbers=numbers, counts=("seeds", "learning_rates"))


def _answer(step: pd.Series, loss: pd.Series | None) -> str:
    if loss is None or step["note"] or loss["note"]:
        return "not tested"
    fixed, matched = (str(test["trend"]) if test["q_value"] <= LEVEL else "" for test in (step, loss))
    if fixed and matched:
        return "the same trend" if fixed == matched else "opposite trends"
    if fixed or matched:
        return "only at a fixed step" if fixed else "only at matched loss"
    return "no trend"


def _reached(found: pd.DataFrame, matched: pd.DataFrame, fixed: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    place = ["learning_rate", *keys[len(QUESTION) :]]
    networks = pd.concat([matched, fixed])[[*place, "seed"]].drop_duplicates()
    done = found[[*place, "seed", "target"]].drop_duplicates().assign(reached=True)
    rows = []
    for target in sorted(matched["target"].unique()):
        all_of_it = networks.merge(done[done["target"] == target], on=[*place, "seed"], how="left")
        for key, group in all_of_it.groupby(place):
            missing = sorted(group.loc[group["reached"].isna(), "seed"])
            rows.append((target, *key, len(group), len(group) - len(missing), ", ".join(map(str, missing))))
    return pd.DataFrame(rows, columns=["target", *place, "seeds", "reached", "not_reached"])
