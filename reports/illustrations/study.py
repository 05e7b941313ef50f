"""Figures of a study: modularity beside the null models, and stability."""

from __future__ import annotations

import pandas as pd

from .. import labels
from ..content import ReportContent
from ..figures import (
    modularity_curves,
    modularity_differences,
    null_distributions,
    phase_diagram,
    stability_map,
)
from ..figures.modularity import by_page, own_scales
from ..figures.nulls import SEEDS_SHOWN
from ..figures.phase import ROWS
from ..figures.stability import ROWS as MAP_ROWS
from ..figures.statistics import by_null
from ..figures.style import pick, rows_of
from .illustration import Illustration, extent, numbered
from .learning import networks_of


def communities(content: ReportContent) -> list[Illustration]:
    """Modularity beside the null models, and its difference from them."""
    effects = content.effects
    if effects.empty:
        return []
    basis, parts = _basis(content), by_page(effects)
    curves = (
        "Modularity Q of the best partition found, against the learning rate. Line: mean over seeds with 95 % "
        "interval; faint points: single networks; bands: 95 % of the null samples around their mean. "
    )
    differences = (
        "Q minus the mean Q of each network's own null samples: mean over seeds with 95 % interval. Zero "
        "is what the null model reaches. Full marker: q ≤ 0.05, the seeds' p combined (Fisher) and corrected for all "
        "tests (Benjamini and Hochberg), two-sided. "
    )
    return [
        *(
            Illustration(
                numbered("modularity", place, len(parts)),
                modularity_curves(part, content.communities),
                f"{curves}{_scales(part, 'quality')}{basis}",
                _curves_in_words(part, "quality"),
                part,
            )
            for place, part in enumerate(parts)
        ),
        *(
            Illustration(
                numbered("differences", place, len(parts)),
                modularity_differences(part),
                f"{differences}{_scales(part, 'difference')}{basis}",
                _curves_in_words(part, "difference"),
                part,
            )
            for place, part in enumerate(parts)
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
    parts = by_null(effects, ROWS)
    return [
        Illustration(numbered("phases", place, len(parts)), phase_diagram(part), caption, _phases_in_words(part), part)
        for place, part in enumerate(parts)
    ]


def _phases_in_words(effects: pd.DataFrame) -> str:
    known = effects.dropna(subset=["z_mean"]).astype({"z_mean": float})
    if known.empty:
        return "Heat maps without a z."
    ordered = known.sort_values("z_mean")
    ends = [ordered.iloc[0], ordered.iloc[-1]]
    return "Heat maps of z. " + " ".join(
        f"{word} z {labels.number(row['z_mean'])}: {labels.direction(row['direction'])} against "
        f"{labels.null(row['null'])} at r = {labels.rate(row['learning_rate'])}, pruning {row['pruning']:g}."
        for word, row in zip(("Lowest", "Highest"), ends, strict=True)
    )


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
        f"{labels.capital(labels.direction(str(name)))}: agreement {labels.decimals(row['mean'], 2)} on average, "
        f"{extent(labels.decimals(row['min'], 2), labels.decimals(row['max'], 2))}."
        for name, row in means.iterrows()
    )
    data, parts = once[[*keys, "agreement"]], by_page(table, MAP_ROWS)
    return [
        Illustration(numbered("stability", place, len(parts)), stability_map(part), caption, alternative, data)
        for place, part in enumerate(parts)
        if part["agreement"].notna().any()
    ]


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
    seeds = labels.counted(most, "seed") if least == most else f"{least} to {labels.counted(most, 'seed')}"
    nulls = labels.listed([labels.null(name) for name in labels.distinct(effects, "null")])
    networks = networks_of(content, len(content.members) - len(content.diverged))
    text = f"n = {networks}, {seeds} a learning rate; null: {nulls}"
    samples = labels.sample_counts(content.communities)
    return text + (f", {samples} a network." if samples else ".")


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
