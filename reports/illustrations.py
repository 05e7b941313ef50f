"""The figures of a page with their words: captions (n, seeds, null), texts for those who do not see them, data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from . import labels
from .content import MatrixExample, ReportContent
from .figures import (
    community_table,
    modularity_curves,
    modularity_differences,
    null_distributions,
    png,
    reordered_matrices,
    svg,
    training_curves,
    training_summary,
    verification_errors,
)
from .figures.nulls import SEEDS_SHOWN
from .figures.style import pick, rows_of


@dataclass(frozen=True)
class Illustration:
    """A figure as it stands on a page.

    Attributes
    ----------
    name
        Identifier, and the name of its files.
    caption, alternative
        Its caption, and what it shows in words alone.
    svg, png
        The picture.
    width
        Its width in inches.
    data
        What is drawn, as a table.
    """

    name: str
    caption: str
    alternative: str
    svg: bytes
    png: bytes
    width: float
    data: pd.DataFrame


def exactness(content: ReportContent) -> list[Illustration]:
    """Errors against bounds; none where nothing was verified."""
    table = content.verification
    if table.empty:
        return []
    broken = int((~table["holds"].astype(bool)).sum())
    caption = (
        "Relative error of the update ΔW of the credit rule against what theory says it equals, float64. Each point "
        f"is one of {labels.counted(len(table), 'comparison')}{_of_which(table)}, each bar the bound it must keep. "
        + (f"The bound is broken by {broken}." if broken else "All keep it.")
    )
    worst = table.sort_values("error").iloc[-1]
    alternative = (
        f"Dot plot of errors on a logarithmic axis. The largest is {labels.error(worst['error'])}, {worst['network']} "
        f"network with {worst['activation']}, its bound {labels.error(worst['bound'])}. {broken} of {len(table)} "
        "break their bound."
    )
    return [_illustration("exactness", verification_errors(table), caption, alternative, table)]


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
        f"largest (band); n = {labels.counted(len(content.members), 'network')}."
    )
    if len(content.diverged):
        caption += (
            f" Dashed lines with a cross: the {labels.counted(len(content.diverged), 'network')} that diverged, cut "
            "at 100 times the largest value of the others."
        )
    ends = [
        f"{quantity.replace('_', ' ')} {labels.number(low)} to {labels.number(high)}"
        for quantity, low, high in _last_values(summary)
    ]
    alternative = f"Line plots over training. Range of the means over learning rates at the end: {'; '.join(ends)}."
    return [_illustration("learning", training_curves(content.training, content.kind), caption, alternative, summary)]


def communities(content: ReportContent) -> list[Illustration]:
    """Modularity beside the null models, and its difference from them."""
    effects = content.effects
    if effects.empty:
        return []
    basis = _basis(content)
    curves = Illustrated(
        "modularity",
        modularity_curves(effects, content.communities),
        "Modularity Q of the best partition found, against the learning rate. Line: mean over seeds with 95 % "
        "bootstrap interval; faint points: single networks; bands: 95 % of the null samples around their mean. "
        f"{basis}",
    )
    differences = Illustrated(
        "differences",
        modularity_differences(effects),
        "Q minus the mean Q of each network's own null samples: mean over seeds with 95 % bootstrap interval. Zero "
        "is what the null model reaches. Full marker: q ≤ 0.05, the seeds' p combined (Fisher) and corrected for all "
        f"tests (Benjamini and Hochberg), two-sided. {basis}",
    )
    return [
        _illustration(curves.name, curves.figure, curves.caption, _curves_in_words(effects, "quality"), effects),
        _illustration(
            differences.name, differences.figure, differences.caption, _curves_in_words(effects, "difference"), effects
        ),
        *_samples(content),
    ]


def matrices(content: ReportContent) -> list[Illustration]:
    """The weights of the examples, reordered by community: one figure for each pruning."""
    groups: dict[float | None, list[MatrixExample]] = {}
    for example in content.matrices:
        groups.setdefault(example.pruning, []).append(example)
    null = next(iter(labels.distinct(content.communities, "null")), "null model")
    illustrations = []
    for i, (pruning, examples) in enumerate(groups.items()):
        n = examples[0].matrix.shape[0]
        at = "" if pruning is None else f", pruning {pruning:g}"
        caption = (
            f"Weights of single networks (n = {n} neurons{at}; rows post-, columns presynaptic) at a low, a middle "
            "and a high learning rate, as figure 4 of Fan and Mysore (2024) shows them. Above in the neurons' own "
            "order, below reordered by the communities found, the largest first, outlined. Colours saturate at the "
            "99th percentile of the sizes of existing synapses, for each network its own. z and p: that network "
            f"against its samples of {labels.null(null)}."
        )
        alternative = " ".join(_example_in_words(example) for example in examples)
        name = "matrices" if len(groups) == 1 else f"matrices-{i + 1}"
        figure = reordered_matrices(examples)
        illustrations.append(_illustration(name, figure, caption, alternative, community_table(examples)))
    return illustrations


@dataclass(frozen=True)
class Illustrated:
    """A figure with its caption."""

    name: str
    figure: Figure
    caption: str


def _samples(content: ReportContent) -> list[Illustration]:
    if content.nulls.empty or content.communities.empty:
        return []
    weights, pruning = rows_of(content.communities)[0]
    of_row = pick(content.communities, weights=weights, pruning=pruning)
    rates = sorted(of_row["learning_rate"].unique())
    wanted = sorted({rates[0], rates[len(rates) // 2], rates[-1]})
    samples = pick(content.nulls, weights=weights, pruning=pruning)
    samples = samples[samples["learning_rate"].isin(wanted)]
    networks = of_row[of_row["learning_rate"].isin(wanted)]
    shown = pd.concat([networks.assign(sample=-1), samples], ignore_index=True)
    columns = labels.columns_of(
        shown, "learning_rate", "pruning", "seed", "weights", "direction", "null", "sample", "quality"
    )
    at = f", pruning {pruning:g}" if pruning is not None else ""
    lost = " A seed without a diamond diverged." if len(content.diverged) else ""
    first = f" The first {SEEDS_SHOWN} seeds." if networks["seed"].nunique() > SEEDS_SHOWN else ""
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
    return [_illustration("null-samples", figure, caption, alternative, shown[columns])]


def _illustration(name: str, figure: Figure, caption: str, alternative: str, data: pd.DataFrame) -> Illustration:
    picture = svg(figure)
    # laid out once: a second pass would give the same places at the same cost
    figure.set_layout_engine("none")
    return Illustration(name, caption, alternative, picture, png(figure), figure.get_figwidth(), data)


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


def _example_in_words(example: MatrixExample) -> str:
    sizes = np.unique(example.membership, return_counts=True)[1]
    return (
        f"{labels.capital(example.label)} learning rate {labels.rate(example.learning_rate)}: "
        f"{labels.counted(len(sizes), 'community', 'communities')} of {_range(sizes.tolist())} neurons, Q = "
        f"{labels.score(example.quality)} beside {labels.score(example.null_mean)} of the null, z = "
        f"{labels.number(example.z)}."
    )


def _range(sizes: Sequence[int]) -> str:
    return f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"


def _last_values(summary: pd.DataFrame) -> list[tuple[str, float, float]]:
    if summary.empty:
        return []
    keys = labels.columns_of(summary, "learning_rate", "pruning", "quantity")
    ends = summary.groupby(keys, sort=False).tail(1)
    return [(str(name), of["mean"].min(), of["mean"].max()) for name, of in ends.groupby("quantity", sort=False)]
