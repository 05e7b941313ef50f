"""What spans the networks of a run: likeness, aligned communities, effects, trends, matched loss and power."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import (
    agreement,
    align,
    contrasts,
    effects,
    false_discovery,
    matched_loss,
    power_curve,
    similarity_matrix,
    trajectory_trends,
    trends,
)
from .tables import Tables

# effects of which the power is told: small to huge, in units of the spread over seeds
EFFECTS = (0.5, 0.8, 1.2, 2.0, 3.0)
SEEDS = tuple(range(2, 31))


def corrected(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores with q, Benjamini-Hochberg over all of them."""
    return scores.assign(q_value=false_discovery(scores["p_value"].to_numpy(np.float64)))


def across(tables: Tables, interval: str = "student") -> Tables:
    """Tables of all networks of a run, from the tables of each; `interval` as for ``creditgraph.analysis.effects``."""
    scores, nulls, neurons = tables["scores"], tables["nulls"], tables["neurons"]
    found: Tables = {}
    parts: dict[str, list[pd.DataFrame]] = {"effects": [], "contrasts": [], "trends": []}
    for objective, own in scores.groupby("objective", sort=False):
        samples = nulls[nulls["objective"] == objective]
        named = {"effects": effects(own, samples, interval=interval), "trends": trends(own)}
        if len(own["learning_rate"].unique()) > 1:
            named["contrasts"] = contrasts(own, interval=interval)
        for name, table in named.items():
            parts[name].append(table.assign(objective=objective))
    found |= {name: pd.concat(made, ignore_index=True) for name, made in parts.items() if made}
    memberships = _memberships(neurons)
    found["similarity"] = _similarity(memberships)
    found["seed_agreement"] = _seed_agreement(memberships, neurons)
    found["memberships"] = _aligned(neurons)
    if "trajectories" in tables and len(tables["trajectories"]["learning_rate"].unique()) > 1:
        found["trajectory_trends"] = trajectory_trends(tables["trajectories"])
    if "at_matched_loss" in tables:
        found |= _matched(tables["at_matched_loss"], scores)
    found["power"] = power_curve(EFFECTS, SEEDS)
    return found


def _memberships(neurons: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    return {
        str(name): own.sort_values("neuron")["community"].to_numpy(np.int64)
        for name, own in neurons.groupby("network", sort=False)
    }


def _similarity(memberships: dict[str, npt.NDArray[np.int64]]) -> pd.DataFrame:
    """Every pair of networks: AMI and element-centric similarity of their communities."""
    names = list(memberships)
    first, second = np.triu_indices(len(names), 1)
    table = pd.DataFrame({"network": np.asarray(names)[first], "other": np.asarray(names)[second]})
    for method in ("ami", "element_centric"):
        table[method] = similarity_matrix(list(memberships.values()), method=method)[first, second]
    return table


def _seed_agreement(memberships: dict[str, npt.NDArray[np.int64]], neurons: pd.DataFrame) -> pd.DataFrame:
    """How alike the communities of different seeds are, at each learning rate (and pruning)."""
    keys = [name for name in ("learning_rate", "pruning") if name in neurons]
    networks = neurons[["network", *keys]].drop_duplicates()
    rows = []
    for key, own in networks.groupby(keys):
        found = agreement([memberships[name] for name in own["network"]])
        rows.append(
            {
                **dict(zip(keys, key, strict=True)),
                "seeds": len(own),
                "ami": found.mean,
                "ami_low": found.low,
                "ami_high": found.high,
            }
        )
    return pd.DataFrame(rows).astype(dict.fromkeys(("ami", "ami_low", "ami_high"), "Float64"))


def _aligned(neurons: pd.DataFrame) -> pd.DataFrame:
    """Communities of each seed over learning rates, under labels that mean the same at all of them."""
    keys = [name for name in ("pruning", "seed") if name in neurons]
    made = []
    for key, own in neurons.groupby(keys):
        rates = sorted(own["learning_rate"].unique())
        ordered = [own[own["learning_rate"] == rate].sort_values("neuron") for rate in rates]
        labels = align([each["community"].to_numpy(np.int64) for each in ordered])
        for rate, each, label in zip(rates, ordered, labels, strict=True):
            made.append(
                pd.DataFrame(
                    {
                        **dict(zip(keys, key, strict=True)),
                        "learning_rate": rate,
                        "neuron": each["neuron"].to_numpy(),
                        "community": label,
                    }
                )
            )
    return pd.concat(made, ignore_index=True)


def _matched(matched: pd.DataFrame, scores: pd.DataFrame) -> Tables:
    """Learning rates compared where all have learned as much."""
    asked = matched[["weights", "direction", "null"]].drop_duplicates()
    fixed = scores[scores["objective"] == "modularity"].merge(asked, on=["weights", "direction", "null"])
    found = matched_loss(matched, fixed)
    return {"matched": found.effects, "matched_answers": found.comparison, "matched_reached": found.reached}
