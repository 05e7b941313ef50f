"""What spans the networks of a run: likeness of communities, effects, trends, matched loss and power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...analysis import (
    contrasts,
    effects,
    false_discovery,
    matched_loss,
    power_curve,
    trajectory_trends,
    trend_power,
    trends,
)
from ...analysis.matched_loss import NOT_REACHED
from ...analysis.sweep_table import difference_table, question
from ...guard import counted
from .likeness import likeness
from .tables import Tables

# effects of which the power is told: small to huge, in units of the spread over seeds
EFFECTS = (0.5, 0.8, 1.2, 2.0, 3.0)
SEEDS = tuple(range(2, 31))
# every count is a simulation for each question; between them power changes little
TREND_SEEDS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30)
# power that a study of a trend should have
WANTED = 0.8


def corrected(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with q, Benjamini-Hochberg over all of them."""
    return scores.assign(q_value=false_discovery(scores["p_value"].to_numpy(np.float64)))


def across(tables: Tables, interval: str = "student") -> Tables:
    """Tables of all networks of a run, from the tables of each; `interval` as for ``creditgraph.analysis.effects``."""
    scores, nulls, neurons = tables["scores"], tables["nulls"], tables["neurons"]
    found: Tables = {}
    parts: dict[str, list[pd.DataFrame]] = {"effects": [], "contrasts": [], "trends": [], "trend_power": []}
    for objective, own in scores.groupby("objective", sort=False):
        samples = nulls[nulls["objective"] == objective]
        named = {"effects": effects(own, samples, interval=interval)}
        named["trends"], named["trend_power"] = trends_and_power(own)
        if len(own["learning_rate"].unique()) > 1:
            named["contrasts"] = contrasts(own, interval=interval)
        for name, table in named.items():
            parts[name].append(table.assign(objective=objective))
    found |= {name: pd.concat(made, ignore_index=True) for name, made in parts.items() if any(map(len, made))}
    found |= likeness(neurons)
    if "trajectories" in tables and len(tables["trajectories"]["learning_rate"].unique()) > 1:
        found["trajectory_trends"] = trajectory_trends(tables["trajectories"])
    if "at_matched_loss" in tables:
        found |= _matched(tables["at_matched_loss"], scores, interval)
    found["power"] = power_curve(EFFECTS, SEEDS)
    return found


def trends_and_power(scores: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tests of trend of one objective with the seeds that they need, and their power over counts of seeds.

    The seeds needed are the smallest count of TREND_SEEDS whose simulated power is at least WANTED, missing where none
    is. The pilot of the simulation is the run itself, so where it found no trend, that count is too low a guess.
    """
    tested, keys = trends(scores), question(scores)
    needed: list[Any] = []
    curves = []
    by_question = {
        named if isinstance(named, tuple) else (named,): difference_table(own) for named, own in scores.groupby(keys)
    }
    for row in tested.to_dict("records"):
        pilot = by_question[tuple(row[key] for key in keys)].dropna()
        if row["note"]:
            needed.append(pd.NA)
            continue
        curve = trend_power(pilot.to_numpy(np.float64), TREND_SEEDS)
        enough = curve.loc[curve["power"] >= WANTED, "seeds"]
        needed.append(int(enough.iloc[0]) if len(enough) else pd.NA)
        curves.append(curve.assign(**{key: row[key] for key in keys})[[*keys, *curve.columns]])
    power = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return tested.assign(seeds_needed=pd.array(needed, dtype="Int64")), power


def _matched(matched: pd.DataFrame, scores: pd.DataFrame, interval: str) -> Tables:
    """Learning rates compared where all have learned as much."""
    asked = matched[["weights", "direction", "null"]].drop_duplicates()
    fixed = scores[scores["objective"] == "modularity"].merge(asked, on=["weights", "direction", "null"])
    found = matched_loss(matched, fixed, interval=interval)
    answers = _with_unchanged(found.comparison, matched)
    return {"matched": found.effects, "matched_answers": answers, "matched_reached": found.reached}


def _with_unchanged(answers: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    """The answers, whose notes say how many networks had a loss before there was a change of weights to be scored."""
    if "unchanged" not in matched or not matched["unchanged"].any():
        return answers
    keys = [name for name in answers if name in matched and name not in ("seeds", "note")]
    lost = matched[matched["unchanged"].astype(bool)].groupby(keys).size()
    notes = []
    for row in answers.to_dict("records"):
        parts, count = str(row["note"]).split("; "), int(lost.get(tuple(row[key] for key in keys), 0))
        if count:
            who = counted(count, "network")
            parts = [part for part in parts if part != NOT_REACHED]
            parts.append(f"{who} left out: at this loss before any weight changed")
        notes.append("; ".join(filter(None, parts)))
    return answers.assign(note=notes)
