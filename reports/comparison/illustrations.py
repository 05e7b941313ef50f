"""The figures of a comparison with their captions."""

from __future__ import annotations

import pandas as pd

from .. import labels
from ..figures import (
    accuracy_curves,
    community_table,
    group_differences,
    group_scores,
    group_similarity_map,
    reordered_matrix,
    weight_table,
)
from ..figures.forest import MOST_ROWS
from ..figures.paging import in_pages
from ..figures.style import LEVEL, pick
from ..illustrations import Illustration
from ..illustrations.illustration import extent
from .content import BEST, FILES, ComparisonContent
from .words import compared_at, largest, signed


def accuracy(content: ComparisonContent) -> list[Illustration]:
    """Accuracy after training over learning rates; none where nothing learned a task."""
    table = content.accuracy
    if table.empty:
        return []
    best = largest(table, table["accuracy_mean"])
    caption = (
        f"Accuracy on {table['of'].iloc[0]} data after training, mean over "
        f"{labels.counted(int(table['seeds'].max()), 'seed')} with 95 % "
        f"interval; n = {labels.counted(int(table['seeds'].sum()), 'network')}. No null model."
    )
    shares = table["largest_class"].dropna().astype(float) if "largest_class" in table else table["seeds"].iloc[:0]
    if len(shares):
        least = extent(labels.decimals(shares.min(), 2), labels.decimals(shares.max(), 2))
        caption += f" Always naming the largest class reaches {least} (dotted, if it is not far below)."
    words = f"Line plot. Largest: {labels.short(best['group'])}, {labels.number(best['accuracy_mean'])}."
    return [Illustration("accuracy", accuracy_curves(table), caption, words, table)]


def scores(content: ComparisonContent, weights: str, objective: str) -> list[Illustration]:
    """Q minus null mean of each group, for one view of the weights and objective; as many figures as groups need."""
    table = pick(content.groups, weights=weights, objective=objective)
    caption = (
        f"Q − null mean of each group ({labels.objective(objective)}, {labels.weights(weights)}): mean over its "
        f"networks with 95 % interval (Student), where it has several. Full marker: q ≤ {LEVEL:g}, over all groups and "
        f"scores. {_basis(content)}"
    )
    found = []
    for page, names in enumerate(in_pages(labels.distinct(table, "group"), MOST_ROWS), start=1):
        own = table[table["group"].isin(names)]
        name = f"groups-{weights}-{objective}" + (f"-{page}" if page > 1 else "")
        found.append(Illustration(name, group_scores(own), caption, _ends(own), own))
    return found


def differences(content: ComparisonContent, weights: str, objective: str) -> list[Illustration]:
    """How far groups are apart, a figure for each reason to compare them."""
    table = pick(content.differences, weights=weights, objective=objective, measure="excess")
    found = []
    for at, own in table.groupby("at", sort=False):
        bases = labels.listed(list(dict.fromkeys(own["basis"])))
        caption = (
            f"Differences of Q − null mean between groups ({labels.objective(objective)}, {labels.weights(weights)}; "
            f"compared {compared_at(at)}), first minus second, with 95 % interval over {bases}. Full marker: q ≤ "
            f"{LEVEL:g}, over all differences. {_basis(content)}"
        )
        pairs = len(own[["group", "other"]].drop_duplicates())
        if pairs > MOST_ROWS:
            caption += f" The {MOST_ROWS} pairs of {pairs} with the largest differences; the table has all."
        name = f"differences-{weights}-{objective}-{str(at).replace(' ', '-')}"
        found.append(Illustration(name, group_differences(own), caption, _ends(own), own))
    return found


def similarity(content: ComparisonContent) -> list[Illustration]:
    """Likeness of the communities of groups whose neurons correspond."""
    table = content.similarity
    if table.empty:
        return []
    # a map of all pairs would be mostly empty: those at best accuracy are enough, the table has the others
    best = table[table["at"].isin([BEST])] if "at" in table else table.iloc[:0]
    if len(best):
        groups = {*best["group"], *best["other"]}
        table = table[table["group"].isin(groups) & (table["other"].isin(groups))]
        table = table[(table["group"] == table["other"]) | (table["at"] == BEST)]
    ami = pick(table, method="ami")
    between = ami[ami["group"] != ami["other"]]
    where = ", each at its best accuracy" if len(best) else ""
    several = "names" if content.sources["kind"].isin(FILES).all() else "seeds"
    caption = (
        "Likeness of the communities of maximal Q of groups whose neurons correspond, AMI (1: the same, 0: as by "
        f"chance){where}. Above the diagonal: the same {several}; below and on it: different {several}. "
        f"{_basis(content)}"
    )
    means = between["same_seed"].astype("Float64").dropna().astype(float)
    words = f"Heat map of {labels.counted(len({*ami['group'], *ami['other']}), 'group')}."
    if len(means):
        words += f" Same seeds: {extent(labels.decimals(means.min(), 2), labels.decimals(means.max(), 2))}."
    return [Illustration("similarity", group_similarity_map(table), caption, words, table)]


def matrices(content: ComparisonContent) -> list[Illustration]:
    """The weights of a network of each source, reordered by community."""
    found = []
    null = labels.null(str(content.groups["null"].iloc[0]))
    for place, example in enumerate(content.matrices):
        n = example.matrix.shape[0]
        caption = (
            f"Weights{labels.backbone(content.configuration.get('analysis'))} of one network of "
            f"{labels.short(example.name, labels.LONGEST)} (n = "
            f"{labels.counted(n, 'neuron')}): Q = "
            f"{labels.score(example.quality)}, null mean {labels.score(example.null_mean)} ({null}), z = "
            f"{labels.number(example.z)}{_searched(content)}. Rows are post-, columns presynaptic neurons. Colours "
            "saturate at the 99th percentile of the sizes of existing synapses, for each network its own, since "
            "weights have no common unit."
        )
        found.append(
            Illustration(
                f"matrix-{place + 1}",
                reordered_matrix(example),
                caption,
                f"Weight matrix of {labels.short(example.name)} in its own order and by community.",
                community_table([example]),
                label=labels.short(example.name),
                further={"weights": weight_table([example])},
            )
        )
    return found


def _searched(content: ComparisonContent) -> str:
    seed = content.configuration.get("analysis", {}).get("seed")
    return "" if seed is None else f"; searches and null samples of seed {seed}"


def _basis(content: ComparisonContent) -> str:
    seeds = content.groups["seeds"].astype(int)
    count = f"{seeds.min()}" if seeds.min() == seeds.max() else f"{seeds.min()} to {seeds.max()}"
    nulls = labels.listed([labels.null(name) for name in labels.distinct(content.groups, "null")])
    samples = int(content.scores["samples"].max()) if "samples" in content.scores else 0
    of_files = content.sources["kind"].isin(FILES).all()
    return (
        f"n = {labels.counted(int(content.sources['networks'].sum()), 'network')}, {count} a group"
        f"{'' if of_files else ' (seeds)'}; null: "
        f"{nulls}" + (f", {labels.counted(samples, 'sample')} a network." if samples else ".")
    )


def _ends(table: pd.DataFrame) -> str:
    """The least and the largest of what is drawn, in words."""
    known = table[table["difference_mean"].notna()].sort_values("difference_mean")
    if known.empty:
        return "Point plot without points."
    names = [
        f"{labels.short(row['group'])}" + (f" less {labels.short(row['other'])}" if "other" in row else "")
        for row in (known.iloc[0], known.iloc[-1])
    ]
    values = [signed(known.iloc[place]["difference_mean"]) for place in (0, -1)]
    return f"Point plot with intervals. Least: {names[0]}, {values[0]}. Largest: {names[1]}, {values[1]}."
