"""Contents of reports with made-up numbers, of any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import synthetic_findings
from scipy import stats

from creditgraph.reports import Drawing, Findings, Similarities
from creditgraph.reports.content import MatrixExample, ReportContent

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5)


def make_content(
    *,
    n: int = 60,
    kind: str = "connectome",
    learning_rates: Sequence[float] = RATES,
    seeds: int = 5,
    nulls: Sequence[str] = ("shuffle_nonzero", "initial"),
    weights: Sequence[str] = ("absolute",),
    prunings: Sequence[float] = (0.8,),
    samples: int = 20,
    effect: float = 1.0,
    title: str = "connectome-sweep",
    question: str = "Does a high learning rate make an all-to-all network anti-modular, and a low one modular?",
) -> ReportContent:
    """A synthetic study of known effects: Q rises above its null in the middle of the sweep, and falls at its end.

    `effect` scales the differences from the null; 0 makes a study in which nothing differs.
    """
    random = np.random.default_rng(7)
    pruned: list[float | None] = list(prunings) if kind == "connectome" else [None]
    members, training, communities, samples_of = [], [], [], []
    logs = np.log10(learning_rates)
    place_of = dict(zip(learning_rates, (logs - logs[0]) / max(float(np.ptp(logs)), 1e-9), strict=True))
    for rate in learning_rates:
        for pruning in pruned:
            for seed in range(seeds):
                key: dict[str, Any] = {"learning_rate": rate, "seed": seed}
                if pruning is not None:
                    key["pruning"] = pruning
                diverged = kind == "connectome" and rate == max(learning_rates) and seed == seeds - 1 and seeds > 2
                members.append(
                    {**key, "status": "diverged" if diverged else "completed", "iteration": 640 if diverged else 1500}
                )
                training += _course(key, kind, diverged, random)
                if diverged:
                    continue
                for view in weights:
                    for direction in ("maximise", "minimise"):
                        sign, place = (1, place_of[rate]) if direction == "maximise" else (-1, place_of[rate])
                        shift = effect * sign * 0.09 * (place if sign < 0 else np.sin(np.pi * place) * 0.7)
                        quality = sign * 0.08 + shift + random.normal(0, 0.004)
                        for name in nulls:
                            drawn = sign * (0.08 if name == "shuffle_nonzero" else 0.086) + random.normal(
                                0, 0.003, samples
                            )
                            z = (quality - drawn.mean()) / drawn.std(ddof=1)
                            count = int((drawn >= quality).sum() if sign > 0 else (drawn <= quality).sum())
                            p = (1 + count) / (1 + samples)
                            at = {**key, "weights": view, "direction": direction, "null": name}
                            communities.append(
                                {
                                    **at,
                                    "quality": quality,
                                    "communities": int(random.integers(4, 9)),
                                    "null_mean": drawn.mean(),
                                    "null_sd": drawn.std(ddof=1),
                                    "z": z,
                                    "p_value": p,
                                    "agreement": float(random.uniform(0.2, 0.9)),
                                    "samples": samples,
                                    "restarts": 5,
                                }
                            )
                            samples_of += [{**at, "sample": i, "quality": q} for i, q in enumerate(drawn)]
    table, null_table = pd.DataFrame(communities), pd.DataFrame(samples_of)
    return ReportContent(
        title=title,
        question=question,
        kind=kind,  # type: ignore[arg-type]
        members=pd.DataFrame(members),
        training=pd.DataFrame(training),
        communities=table,
        nulls=null_table,
        effects=_effects(table, null_table, random),
        trends=_trends(table),
        verification=_verification(random),
        matrices=[
            _example(n, learning_rates[at], pruning, label, random)
            for pruning in pruned
            for at, label in zip((0, len(learning_rates) // 2, -1), ("low", "middle", "high"), strict=True)
        ],
        configuration=_configuration(
            kind, title, question, learning_rates, seeds, nulls, weights, prunings, samples, n
        ),
        environment={"creditgraph": "0.1.0", "python": "3.11.9", "torch": "2.9.0", "device": "cpu", "cores": 2},
        command="creditgraph run connectome-sweep.yaml",
        notes=["1 of 40 networks diverged and is in no statistic."] if kind == "connectome" else [],
    )


def _course(key: dict[str, Any], kind: str, diverged: bool, random: np.random.Generator) -> list[dict[str, Any]]:
    rate = float(key["learning_rate"])
    if kind == "layered":
        return [
            {
                **key,
                "epoch": epoch,
                "train_loss": 0.05 + 2.2 * np.exp(-epoch * rate * 4) + abs(random.normal(0, 0.01)),
                "train_accuracy": 0.99 - 0.89 * np.exp(-epoch * rate * 5),
                "test_loss": 0.12 + 2.2 * np.exp(-epoch * rate * 4) + abs(random.normal(0, 0.01)),
                "test_accuracy": 0.96 - 0.86 * np.exp(-epoch * rate * 5) + random.normal(0, 0.004),
            }
            for epoch in range(21)
        ]
    steps = np.arange(0, (640 if diverged else 1500) + 1, 10)
    growth = 3 * (1 + 40 * rate * (1 - np.exp(-steps * rate / 20)))
    if diverged:
        growth = growth * np.exp(steps / 90)
    noise = random.normal(1, 0.02, len(steps))
    return [
        {
            **key,
            "iteration": int(step),
            "weight_norm": norm * wobble,
            "mean_abs_weight": norm / 300,
            "rate_norm": 1.7 + np.tanh(norm / 40) * wobble,
            "credit_norm": 5.5 + norm * 0.02 * wobble,
            "mean_balance": float(np.clip(0.98 - norm / 400, 0, 1)),
        }
        for step, norm, wobble in zip(steps, growth, noise, strict=True)
    ]


def _effects(table: pd.DataFrame, samples: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    by = ["weights", "direction", "null", *(["pruning"] if "pruning" in table else []), "learning_rate"]
    rows = []
    for (key, group), (_, drawn) in zip(table.groupby(by), samples.groupby(by), strict=True):
        difference = (group["quality"] - group["null_mean"]).to_numpy()
        quality = group["quality"].to_numpy()
        row: dict[str, Any] = dict(zip(by, key, strict=True))
        row["seeds"] = len(group)
        for name, values in (("quality", quality), ("difference", difference)):
            means = random.choice(values, (400, len(values))).mean(axis=1)
            low, high = np.percentile(means, [2.5, 97.5])
            row |= {f"{name}_mean": values.mean(), f"{name}_low": low, f"{name}_high": high}
        row["null_mean"] = drawn["quality"].mean()
        row["null_low"], row["null_high"] = np.percentile(drawn["quality"], [2.5, 97.5])
        row["z_mean"] = group["z"].mean()
        row["p_value"] = stats.combine_pvalues(group["p_value"], method="fisher").pvalue
        row["significant"] = int((group["p_value"] <= 0.05).sum())
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(q_value=stats.false_discovery_control(table["p_value"]))


def _trends(table: pd.DataFrame) -> pd.DataFrame:
    by = ["weights", "direction", "null", *(["pruning"] if "pruning" in table else [])]
    rows = []
    for key, group in table.groupby(by):
        row: dict[str, Any] = dict(zip(by, key, strict=True))
        rates, seeds = group["learning_rate"].nunique(), group["seed"].nunique()
        enough = rates >= 3 and seeds >= 2
        down = row["direction"] == "minimise"
        row |= {"seeds": seeds, "learning_rates": rates}
        row |= {
            "page_l": 984.0 if enough else pd.NA,
            "page_p": (0.00004 if down else 0.31) if enough else pd.NA,
            "trend": ("decreasing" if down else "increasing") if enough else pd.NA,
            "friedman_statistic": 31.2 if enough else pd.NA,
            "friedman_p": 0.00006 if enough else pd.NA,
            "q_value": (0.00008 if down else 0.31) if enough else pd.NA,
            "note": "" if enough else f"needs at least 3 learning rates and 2 seeds, has {rates} and {seeds}",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _verification(random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for network, credit, bound in (
        ("layered", "layered", 1e-12),
        ("recurrent", "inject", 1e-9),
        ("recurrent", "clamp", 1e-9),
    ):
        for activation in ("tanh", "sigmoid", "shifted_sigmoid", "relu", "clipped_relu", "softplus", "linear"):
            for loss in ("squared_error", "cross_entropy"):
                for depth in (1, 2, 3, 4) if network == "layered" else (0,):
                    error = float(10 ** random.uniform(-16.4, -15 if network == "layered" else -11))
                    rows.append(
                        {
                            "network": network,
                            "credit": credit,
                            "activation": activation,
                            "loss": loss,
                            "depth": depth,
                            "batch": 16,
                            "error": 0.0 if activation == "linear" and depth == 1 else error,
                            "bound": bound,
                            "holds": True,
                        }
                    )
    return pd.DataFrame(rows)


def _example(n: int, rate: float, pruning: float | None, label: str, random: np.random.Generator) -> MatrixExample:
    membership = random.integers(0, 5, n)
    same = membership[:, None] == membership[None, :]
    strength = {"low": np.where(same, 2.0, 0.6), "middle": np.where(same, 1.4, 1.0), "high": np.where(same, 0.4, 1.5)}
    matrix = random.normal(0, rate + 0.01, (n, n)) * strength[label]
    matrix[np.abs(matrix) < np.quantile(np.abs(matrix), 0.8)] = 0
    return MatrixExample(
        learning_rate=rate,
        pruning=pruning,
        seed=0,
        label=label,  # type: ignore[arg-type]
        matrix=matrix,
        membership=membership,
        quality=0.132,
        null_mean=0.081,
        z=12.3,
        p_value=0.048,
        minimal=(np.arange(n) * 3 // n),
    )


def _configuration(
    kind: str,
    title: str,
    question: str,
    learning_rates: Sequence[float],
    seeds: int,
    nulls: Sequence[str],
    weights: Sequence[str],
    prunings: Sequence[float],
    samples: int,
    n: int,
) -> dict[str, Any]:
    sections: dict[str, Any] = {
        "connectome": {
            "n": n,
            "pruning": list(prunings),
            "iterations": 1500,
            "noise": 0.1,
            "noise_mode": "independent",
            "initial_scale": 0.01,
            "activation": "tanh",
            "clamp": "constant",
            "clamped_fraction": 0.1,
            "self_synapses": "kept",
            "dtype": "float32",
        },
        "layered": {
            "task": "digits",
            "hidden": [128, 64],
            "activation": "tanh",
            "loss": "cross_entropy",
            "epochs": 20,
            "batch_size": 64,
            "test_fraction": 0.2,
            "dtype": "float32",
        },
    }
    return {
        "name": title,
        "question": question,
        "experiment": kind,
        kind: sections[kind],
        "sweep": {"learning_rates": list(learning_rates), "seeds": list(range(seeds))},
        "communities": {
            "weights": list(weights),
            "directions": ["maximise", "minimise"],
            "directed": False,
            "resolution": 1.0,
            "restarts": 5,
        },
        "nulls": {"models": list(nulls), "samples": samples},
    }


def make_findings(networks: int = 30) -> Findings:
    """Every finding that a page can show, with the similarities of so many networks."""
    graph, membership = synthetic_findings.layered_graph()
    similarity, groups = synthetic_findings.similarity(each=networks // 6)
    noise = np.random.default_rng(9).uniform(-0.05, 0.05, similarity.shape)
    similarity = np.where(np.eye(len(similarity), dtype=bool), 1.0, similarity + (noise + noise.T) / 2)
    return Findings(
        network="r = 0.1, seed 0",
        memberships=synthetic_findings.memberships(),
        course=synthetic_findings.memberships(over="step"),
        similarities=Similarities(similarity, groups),
        blocks=synthetic_findings.blocks(),
        structure=synthetic_findings.structure(),
        verdict="The network is block-diagonal.",
        roles=synthetic_findings.roles(),
        drawing=Drawing(graph, membership),
        lesions=synthetic_findings.lesions(),
        selectivity=synthetic_findings.selectivity(),
        resolution=synthetic_findings.profile(),
        events=synthetic_findings.events(),
        matched=synthetic_findings.matched_loss(),
        matched_answers=synthetic_findings.matched_answers(),
        power=synthetic_findings.power(),
    )
