"""Figures of a study: exactness, learning, modularity beside the null models, stability."""

from __future__ import annotations

import pandas as pd

from .. import labels
from ..content import ReportContent
from ..figures import (
    balance_curves,
    modularity_curves,
    modularity_differences,
    null_distributions,
    phase_diagram,
    stability_map,
    training_curves,
    training_summary,
    verification_errors,
)
from ..figures.modularity import own_scales
from ..figures.nulls import SEEDS_SHOWN
from ..figures.style import pick, rows_of
from ..figures.training import BALANCES, OVERSHOOT, STEPS, summary_of
from ..rules import control_rule_of, verified
from .illustration import Illustration


def exactness(content: ReportContent) -> list[Illustration]:
    """Errors against bounds; none where nothing was verified."""
    table = verified(content)
    if table.empty:
        return []
    broken = int((~table["holds"].astype(bool)).sum())
    caption = (
        "Relative error of the update ΔW of the credit rule against what theory says it equals, float64. Each point "
        f"is one of {labels.counted(len(table), 'comparison')}{_of_which(table)}, with networks and data of its own "
        "seed; each bar is the bound it must keep. No null model. "
        + (f"The bound is broken by {broken}." if broken else "All keep it.")
    )
    worst = table.sort_values("error").iloc[-1]
    alternative = (
        f"Dot plot of errors on a logarithmic axis. The largest is {labels.error(worst['error'])}, {worst['network']} "
        f"network with {worst['activation']}, its bound {labels.error(worst['bound'])}. {broken} of {len(table)} "
        "break their bound."
    )
    return [Illustration("exactness", verification_errors(table), caption, alternative, table)]


def _of_which(verification: pd.DataFrame) -> str:
    if "check" not in verification:
        return " with automatic differentiation"
    against = int((verification["check"] == "gradient").sum())
    return f", {against} of them with automatic differentiation"


def learning(content: ReportContent) -> list[Illustration]:
    """The course of training; none where none was recorded."""
    if content.training is None or content.training.empty:
        return []
    summary = training_summary(content.training, content.kind)
    seeds = int(summary["seeds"].max()) if len(summary) else 0
    caption = (
        f"Course of training for each learning rate: mean over {labels.counted(seeds, 'seed')} (line), least to "
        f"largest (band); n = {labels.counted(len(content.members), 'network')}. No null model."
    )
    if len(content.diverged):
        caption += (
            f" Dashed lines with a cross: the {labels.counted(len(content.diverged), 'network')} that diverged, cut "
            f"at {OVERSHOOT:g} times the largest value of the others."
        )
    ends = [
        f"{quantity.replace('_', ' ')} {labels.number(low)} to {labels.number(high)}"
        for quantity, low, high in _last_values(summary)
    ]
    alternative = f"Line plots over training. Range of the means over learning rates at the end: {'; '.join(ends)}."
    figure = training_curves(content.training, content.kind)
    return [Illustration("learning", figure, caption, alternative, summary), *_balance(content, seeds)]


def _balance(content: ReportContent, seeds: int) -> list[Illustration]:
    """E-I balance and credits over training, where the imbalance was recorded."""
    training = content.training
    if training is None or "ei_imbalance" not in training or training["ei_imbalance"].isna().all():
        return []
    summary = summary_of(training, labels.columns_of(training, *BALANCES), STEPS[content.kind])
    caption = (
        "Balance of excitation and inhibition, and size of the credits, over training: mean over "
        f"{labels.counted(seeds, 'seed')} (line), least to largest (band); n = "
        f"{labels.counted(len(content.members), 'network')}. The imbalance is 0 where the positive and the negative "
        "part of a neuron's input are equal, and 1 where it has only one of them. No null model."
    )
    if control_rule_of(content) is not None:
        caption += (
            " The credits are those that the credit rule would assign at these weights; nothing was learned from them."
        )
    ends = "; ".join(
        f"{quantity.replace('_', ' ')} {labels.number(low)} to {labels.number(high)}"
        for quantity, low, high in _last_values(summary)
    )
    alternative = f"Line plots over training. Range of the means over learning rates at the end: {ends}."
    return [Illustration("balance", balance_curves(training, content.kind), caption, alternative, summary)]


def communities(content: ReportContent) -> list[Illustration]:
    """Modularity beside the null models, and its difference from them."""
    effects = content.effects
    if effects.empty:
        return []
    basis = _basis(content)
    curves = (
        "Modularity Q of the best partition found, against the learning rate. Line: mean over seeds with 95 % "
        "interval; faint points: single networks; bands: 95 % of the null samples around their mean. "
        f"{_scales(effects, 'quality')}{basis}"
    )
    differences = (
        "Q minus the mean Q of each network's own null samples: mean over seeds with 95 % interval. Zero "
        "is what the null model reaches. Full marker: q ≤ 0.05, the seeds' p combined (Fisher) and corrected for all "
        f"tests (Benjamini and Hochberg), two-sided. {_scales(effects, 'difference')}{basis}"
    )
    return [
        Illustration(
            "modularity",
            modularity_curves(effects, content.communities),
            curves,
            _curves_in_words(effects, "quality"),
            effects,
        ),
        Illustration(
            "differences",
            modularity_differences(effects),
            differences,
            _curves_in_words(effects, "difference"),
            effects,
        ),
        *_phases(content, basis),
        *_samples(content),
    ]


def _phases(content: ReportContent, basis: str) -> list[Illustration]:
    """Z over learning rate and pruning, where there are several prunings."""
    effects = content.effects
    if len(labels.distinct(effects, "pruning")) < 2 or effects["z_mean"].isna().all():
        return []
    caption = (
        "z of maximal and minimal Q (mean over seeds) over learning rate and pruning: how many standard deviations of "
        f"its null samples a network lies from their mean. Orange: more structure than chance, that is, maximal Q "
        "above the null model (z > 0: communities), or minimal Q below it (z < 0: groups connected across); violet: "
        f"less. Dot: q ≤ 0.05. {basis}"
    )
    known = effects.dropna(subset=["z_mean"]).astype({"z_mean": float})
    ordered = known.sort_values("z_mean")
    ends = [ordered.iloc[0], ordered.iloc[-1]]
    alternative = "Heat maps of z. " + " ".join(
        f"{word} z {labels.number(row['z_mean'])}: {labels.direction(row['direction'])} against "
        f"{labels.null(row['null'])} at r = {labels.rate(row['learning_rate'])}, pruning {row['pruning']:g}."
        for word, row in zip(("Lowest", "Highest"), ends, strict=True)
    )
    return [Illustration("phases", phase_diagram(effects), caption, alternative, effects)]


def stability(content: ReportContent) -> list[Illustration]:
    """How far restarts agree on the communities; none where no agreement was recorded."""
    table = content.communities
    if table.empty or "agreement" not in table or table["agreement"].isna().all():
        return []
    keys = labels.columns_of(table, "learning_rate", "pruning", "seed", "weights", "direction")
    once = table.drop_duplicates(keys)
    caption = (
        "Agreement of restarts on the communities of each network: adjusted mutual information, mean over pairs of "
        f"restarts; 1: all found the same, 0: as by chance. {_basis(content)} Where it is low, the score may stand, "
        "but single communities are not to be interpreted."
    )
    means = once.groupby("direction", sort=False)["agreement"].agg(["mean", "min", "max"])
    alternative = "Heat maps over learning rate and seed. " + " ".join(
        f"{labels.capital(labels.direction(str(name)))}: agreement {row['mean']:.2f} on average, {row['min']:.2f} to "
        f"{row['max']:.2f}."
        for name, row in means.iterrows()
    )
    return [Illustration("stability", stability_map(table), caption, alternative, once[[*keys, "agreement"]])]


def _samples(content: ReportContent) -> list[Illustration]:
    if content.nulls.empty or content.communities.empty:
        return []
    weights, pruning = rows_of(content.communities)[0]
    of_row = pick(content.communities, weights=weights, pruning=pruning)
    rates = sorted(of_row["learning_rate"].unique())
    wanted = sorted({rates[0], rates[len(rates) // 2], rates[-1]})
    seeds = sorted(of_row.loc[of_row["learning_rate"].isin(wanted), "seed"].unique())
    drawn = seeds[:SEEDS_SHOWN]
    samples = pick(content.nulls, weights=weights, pruning=pruning)
    samples = samples[samples["learning_rate"].isin(wanted) & samples["seed"].isin(drawn)]
    networks = of_row[of_row["learning_rate"].isin(wanted) & of_row["seed"].isin(drawn)]
    shown = pd.concat([networks.assign(sample=-1), samples], ignore_index=True)
    columns = labels.columns_of(
        shown, "learning_rate", "pruning", "seed", "weights", "direction", "null", "sample", "quality"
    )
    at = f", pruning {pruning:g}" if pruning is not None else ""
    lost = " A seed without a diamond diverged." if len(content.diverged) else ""
    first = f" The first {SEEDS_SHOWN} seeds." if len(seeds) > SEEDS_SHOWN else ""
    caption = (
        f"Single networks (diamonds) among their null samples (points), {labels.weights(weights)}{at}, at r = "
        f"{labels.listed([labels.rate(rate) for rate in wanted])}. {_basis(content)}{first}{lost} In the data, sample "
        "−1 is the trained network."
    )
    beyond = int((networks["p_value"] <= networks["p_value"].min()).sum())
    alternative = (
        f"Point plot of {labels.counted(len(samples), 'null sample')} beside the networks they belong to. In {beyond} "
        f"of {labels.counted(len(networks), 'comparison')} the network has the smallest p of them, "
        f"{labels.probability(networks['p_value'].min())}."
    )
    figure = null_distributions(content.nulls, content.communities, wanted, weights=weights, pruning=pruning)
    return [Illustration("null-samples", figure, caption, alternative, shown[columns])]


def _scales(effects: pd.DataFrame, name: str) -> str:
    return "Each row of panels has its own scale. " if own_scales(effects, name) else ""


def _basis(content: ReportContent) -> str:
    """n, seeds and null models, as every caption must say them."""
    effects = content.effects
    least, most = int(effects["seeds"].min()), int(effects["seeds"].max())
    seeds = labels.counted(most, "seed") if least == most else f"{least} to {most} seeds"
    nulls = labels.listed([labels.null(name) for name in labels.distinct(effects, "null")])
    networks = len(content.members) - len(content.diverged)
    text = f"n = {labels.counted(networks, 'network')}, {seeds} a learning rate; null: {nulls}"
    if "samples" in content.communities.columns and len(content.communities):
        text += f", {labels.counted(int(content.communities['samples'].max()), 'sample')} a network"
    return text + "."


def _curves_in_words(effects: pd.DataFrame, name: str) -> str:
    sentences = []
    for weights, pruning in rows_of(effects):
        for direction in labels.distinct(effects, "direction"):
            cell = pick(effects, weights=weights, pruning=pruning, direction=direction)
            cell = cell.dropna(subset=[f"{name}_mean"]).sort_values("learning_rate")
            if name == "quality":
                sentences.append(_course(cell, f"{name}_mean", weights, pruning, direction, ""))
                continue
            for null, of_null in cell.groupby("null", sort=False):
                sentences.append(
                    _course(of_null, f"{name}_mean", weights, pruning, direction, f" minus {labels.null(str(null))}")
                )
    return "Line plots over the learning rate. " + " ".join(sentence for sentence in sentences if sentence)


def _course(cell: pd.DataFrame, column: str, weights: str, pruning: float | None, direction: str, minus: str) -> str:
    if cell.empty:
        return ""
    first, last, far = cell.iloc[0], cell.iloc[-1], cell.loc[cell[column].abs() == cell[column].abs().max()].iloc[0]
    at = f", pruning {pruning:g}" if pruning is not None else ""
    return (
        f"{labels.capital(labels.direction(direction))}{minus}, {labels.weights(weights)}{at}: "
        f"{labels.score(first[column])} at r = {labels.rate(first['learning_rate'])}, {labels.score(last[column])} at "
        f"r = {labels.rate(last['learning_rate'])}, farthest from zero {labels.score(far[column])} at r = "
        f"{labels.rate(far['learning_rate'])}."
    )


def _last_values(summary: pd.DataFrame) -> list[tuple[str, float, float]]:
    if summary.empty:
        return []
    keys = labels.columns_of(summary, "learning_rate", "pruning", "quantity")
    ends = summary.groupby(keys, sort=False).tail(1)
    return [(str(name), of["mean"].min(), of["mean"].max()) for name, of in ends.groupby("quantity", sort=False)]
