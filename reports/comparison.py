"""The page that sets runs, studies and foreign networks side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..guard import DataError
from . import bibliography, labels, tables
from .columns import require_columns
from .comparison_tables import (
    differences_table,
    every_score_table,
    groups_table,
    similarity_table,
    sources_table,
)
from .content import MatrixExample
from .figures import community_table, reordered_matrix
from .figures.comparison import accuracy_curves, group_differences, group_scores, group_similarity_map
from .figures.style import LEVEL, pick
from .illustrations import Illustration
from .methods import NULLS, Method
from .page import KeyNumber, Page, write_page
from .section import Section
from .table import Column, Table

BEST = "each at its best accuracy"
ASKED = ("weights", "objective", "direction", "null")
COLUMNS = {
    "sources": ("source", "about", "kind", "networks", "neurons"),
    "groups": ("group", "source", *ASKED, "seeds", "quality_mean", "difference_mean", "z_mean", "q_value"),
    "differences": ("group", "other", *ASKED, "measure", "basis", "difference_mean", "q_value", "at"),
    "scores": ("source", "group", *ASKED, "quality", "null_mean", "z", "p_value"),
    "networks": ("source", "group", "verdict"),
}


@dataclass(frozen=True)
class ComparisonContent:
    """All that the page of a comparison shows, every number already computed.

    Parameters
    ----------
    title, question
        Name of the comparison, and what it asks. Any text; shown as text.
    sources
        One row for each thing that is compared: source, about, kind, rule, networks, neurons.
    groups
        Scores of each group of networks against each null model, as
        :func:`creditgraph.analysis.effects` has them: group, source, and the question.
    differences
        As :func:`creditgraph.analysis.score_differences` returns them, and `at`, why these two are compared.
    scores, networks
        One row a network and question; one row a network, with its verdict.
    accuracy, similarity
        Accuracy after training of each group; likeness of communities as
        :func:`creditgraph.analysis.group_similarity` returns it. Empty where there is none.
    matrices
        A network of each source, its `name` the source's.
    configuration, environment, command, notes
        Options in force; versions and machine; what makes the comparison again; what a reader must know.

    Raises
    ------
    DataError
        If a table lacks a column, or there are no scores.
    """

    title: str
    question: str
    sources: pd.DataFrame
    groups: pd.DataFrame
    differences: pd.DataFrame
    scores: pd.DataFrame
    networks: pd.DataFrame
    accuracy: pd.DataFrame = field(default_factory=pd.DataFrame)
    similarity: pd.DataFrame = field(default_factory=pd.DataFrame)
    matrices: Sequence[MatrixExample] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            require_columns(name, getattr(self, name), columns)
        if self.groups.empty or self.sources.empty:
            raise DataError("groups: the table is empty, so there is nothing to report")


def write_comparison(content: ComparisonContent, out: str | os.PathLike[str]) -> Path:
    """Write the page of a comparison, with its figures and tables beside it; see :func:`write_page`.

    Raises
    ------
    FileError
        If the folder cannot be written.
    DataError
        If `content` is no :class:`ComparisonContent`.
    """
    if not isinstance(content, ComparisonContent):
        raise DataError(f"content: got {type(content).__name__}, expected a ComparisonContent")
    return write_page(comparison_page(content), out)


def comparison_page(content: ComparisonContent) -> Page:
    """The page of a comparison, section by section."""
    data = ("sources", "groups", "differences", "scores", "networks", "accuracy", "similarity")
    return Page(
        title=content.title,
        question=content.question,
        kind="Comparison",
        answer=comparison_answer(content),
        numbers=_key_numbers(content),
        notes=content.notes,
        sections=[section for section in _sections(content) if not section.empty],
        methods=_methods(content),
        ours=["Groups, differences of Q − null mean, and all tests: see docs/compare.md of creditgraph."],
        limits=_limits(content),
        command=content.command,
        options=[
            table
            for table in (
                tables.configuration_table(content.configuration),
                tables.environment_table(content.environment),
            )
            if len(table.data)
        ],
        references=bibliography.of_keys(_sources_cited(content)),
        data={name: getattr(content, name) for name in data if len(getattr(content, name))},
    )


def comparison_answer(content: ComparisonContent) -> list[str]:
    """The answer in two sentences with their numbers: who is beyond chance, and how far they are apart."""
    main = _main(content.groups)
    nulls = labels.listed([labels.null(name) for name in labels.distinct(main, "null")])
    parts = []
    for name, own in main.groupby("source", sort=False):
        groups = [_least(of_group) for _, of_group in own.groupby("group", sort=False)]
        count = sum(_is_beyond(of_group) for _, of_group in own.groupby("group", sort=False))
        most = max(groups, key=lambda row: float(row["difference_mean"]))
        how_many = f"{count} of {len(groups)}" if len(groups) > 1 else ("yes" if count else "no")
        parts.append(
            f"{labels.short(name, labels.LONGEST)} {how_many} (largest Q − null mean {_signed(most['difference_mean'])}"
            f"{_interval(most)}, against {labels.null(str(most['null']))})"
        )
    beyond = "every one of " if len(labels.distinct(main, "null")) > 1 else ""
    sentences = [f"Groups whose maximal Q is beyond {beyond}{nulls} at q ≤ {LEVEL:g}: {'; '.join(parts)}."]
    differences = _main(pick(content.differences, measure="excess"))
    if differences.empty:
        return [*sentences, "No two groups could be compared."]
    first = pick(differences, null=content.groups["null"].iloc[0])
    apart = int((first["q_value"].astype("Float64") <= LEVEL).sum())
    widest = _largest(first, first["difference_mean"].abs())
    sentences.append(
        f"Of {labels.counted(len(first), 'pair')} of groups {apart} differ in Q − null mean ("
        f"{labels.null(str(widest['null']))}) at q ≤ {LEVEL:g}; the largest difference is "
        f"{_signed(widest['difference_mean'])}{_interval(widest)}, {labels.short(widest['group'], labels.LONGEST)} "
        f"less {labels.short(widest['other'], labels.LONGEST)}."
    )
    return sentences


def _main(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first view and objective, of maximal Q where there are some, against every null model."""
    if table.empty:
        return table
    first = pick(table, direction="maximise")
    first = first if len(first) else table
    return pick(first, **{name: first[name].iloc[0] for name in ("weights", "objective", "direction")})


def _least(of_group: pd.DataFrame) -> pd.Series:
    """The row of the null model that a group is least beyond."""
    return _largest(of_group, -of_group["difference_mean"])


def _is_beyond(of_group: pd.DataFrame) -> bool:
    """Whether a group is beyond every null model."""
    passes = (of_group["q_value"].astype("Float64") <= LEVEL) & (of_group["difference_mean"] > 0)
    return bool(passes.fillna(False).all())


def _largest(table: pd.DataFrame, by: pd.Series) -> pd.Series:
    """The row in which `by` is largest."""
    return table.iloc[int(by.astype("Float64").to_numpy(float, na_value=-np.inf).argmax())]


def _signed(value: Any) -> str:
    text = labels.score(value)
    return text if text.startswith("−") or text == labels.MISSING else f"+{text}"


def _interval(row: pd.Series) -> str:
    if labels.missing(row["difference_low"]):
        return ", no interval"
    return f" [{_signed(row['difference_low'])}, {_signed(row['difference_high'])}]"


def _key_numbers(content: ComparisonContent) -> list[KeyNumber]:
    differences = pick(content.differences, measure="excess")
    tested = differences["q_value"].dropna().astype(float)
    return [
        KeyNumber("compared", f"{len(content.sources)}"),
        KeyNumber("groups of networks", f"{content.groups['group'].nunique()}"),
        KeyNumber("networks", f"{int(content.sources['networks'].sum())}"),
        KeyNumber("differences with q ≤ 0.05", f"{int((tested <= LEVEL).sum())} of {len(tested)}"),
    ]


def _sections(content: ComparisonContent) -> list[Section]:
    asked = list(content.groups[["weights", "objective"]].drop_duplicates().itertuples(index=False, name=None))
    return [
        Section(
            "sources",
            "Compared",
            "What is compared?",
            ["A group is the networks of one source at one learning rate; they differ by their seed alone."],
            tables=[sources_table(content.sources)],
        ),
        Section("learning", "Learning", "How much did each learn?", [], _accuracy(content)),
        Section(
            "communities",
            "Communities",
            "Communities against chance, on one scale",
            [
                "Q depends on the size and density of a network, so networks that differ in these are compared by what "
                "Q is beyond their own null model."
            ],
            [figure for weights, objective in asked for figure in _scores(content, weights, objective)],
            tables=[groups_table(content.groups)],
        ),
        Section(
            "differences",
            "Differences",
            "How far are they apart?",
            [],
            [figure for weights, objective in asked for figure in _differences(content, weights, objective)],
            tables=[differences_table(content.differences)] if len(content.differences) else [],
        ),
        Section(
            "weights",
            "Weights",
            "Weights, reordered by community",
            ["One network of each: Leiden always finds blocks, z says what they are worth."],
            browsed=_matrices(content),
        ),
        Section(
            "similarity",
            "Similarity",
            "Are they the same communities?",
            [
                "Networks can be as modular and yet be divided elsewhere. Where two start from the same weights, "
                "likeness beyond that of different seeds is what the start has left in both."
            ],
            _similarity(content),
            tables=[similarity_table(content.similarity)] if len(content.similarity) else [],
        ),
        Section("structure", "Structure", "Which structure do they have?", [], tables=_verdicts(content)),
        Section("scores", "Scores", "All scores", folded=[every_score_table(content.scores)]),
    ]


def _basis(content: ComparisonContent) -> str:
    seeds = content.groups["seeds"].astype(int)
    count = f"{seeds.min()}" if seeds.min() == seeds.max() else f"{seeds.min()} to {seeds.max()}"
    nulls = labels.listed([labels.null(name) for name in labels.distinct(content.groups, "null")])
    samples = int(content.scores["samples"].max()) if "samples" in content.scores else 0
    return (
        f"n = {labels.counted(int(content.sources['networks'].sum()), 'network')}, {count} a group (seeds); null: "
        f"{nulls}" + (f", {labels.counted(samples, 'sample')} a network." if samples else ".")
    )


def _accuracy(content: ComparisonContent) -> list[Illustration]:
    table = content.accuracy
    if table.empty:
        return []
    best = _largest(table, table["accuracy_mean"])
    caption = (
        f"Accuracy on {table['of'].iloc[0]} data after training, mean over {int(table['seeds'].max())} seeds with 95 % "
        f"interval; n = {int(table['seeds'].sum())} networks. No null model; chance is 1 over the number of classes."
    )
    words = f"Line plot. Largest: {labels.short(best['group'])}, {labels.number(best['accuracy_mean'])}."
    return [Illustration("accuracy", accuracy_curves(table), caption, words, table)]


def _scores(content: ComparisonContent, weights: str, objective: str) -> list[Illustration]:
    table = pick(content.groups, weights=weights, objective=objective)
    caption = (
        f"Q − null mean of each group ({labels.objective(objective)}, {labels.weights(weights)}): mean over its "
        f"networks with 95 % interval (Student), where it has several. Full marker: q ≤ {LEVEL:g}, over all groups and "
        f"scores. {_basis(content)}"
    )
    return [Illustration(f"groups-{weights}-{objective}", group_scores(table), caption, _ends(table), table)]


def _differences(content: ComparisonContent, weights: str, objective: str) -> list[Illustration]:
    table = pick(content.differences, weights=weights, objective=objective, measure="excess")
    found = []
    for at, own in table.groupby("at", sort=False):
        bases = labels.listed(list(dict.fromkeys(own["basis"])))
        caption = (
            f"Differences of Q − null mean between groups ({labels.objective(objective)}, {labels.weights(weights)}; "
            f"at {at}), first minus second, with 95 % interval over {bases}. Full marker: q ≤ {LEVEL:g}, over all "
            f"differences. {_basis(content)}"
        )
        name = f"differences-{weights}-{objective}-{str(at).replace(' ', '-')}"
        found.append(Illustration(name, group_differences(own), caption, _ends(own), own))
    return found


def _similarity(content: ComparisonContent) -> list[Illustration]:
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
    caption = (
        "Likeness of the communities of maximal Q of groups whose neurons correspond, AMI (1: the same, 0: as by "
        f"chance){where}. Above the diagonal: the same seeds; below and on it: different seeds. {_basis(content)}"
    )
    means = between["same_seed"].astype("Float64").dropna().astype(float)
    words = f"Heat map of {len(ami['group'].unique())} groups."
    if len(means):
        words += f" Same seeds: {means.min():.2f} to {means.max():.2f}."
    return [Illustration("similarity", group_similarity_map(table), caption, words, table)]


def _matrices(content: ComparisonContent) -> list[Illustration]:
    found = []
    for place, example in enumerate(content.matrices):
        n = example.matrix.shape[0]
        caption = (
            f"Weights of one network of {labels.short(example.name, labels.LONGEST)} (n = {n:,} neurons): Q = "
            f"{labels.score(example.quality)}, null mean {labels.score(example.null_mean)}, z = "
            f"{labels.number(example.z)}. Rows are post-, columns presynaptic neurons. Colours saturate at the 99th "
            "percentile of the sizes of existing synapses, for each network its own, since weights have no common unit."
        )
        found.append(
            Illustration(
                f"matrix-{place + 1}",
                reordered_matrix(example),
                caption,
                f"Weight matrix of {labels.short(example.name)} in its own order and by community.",
                community_table([example]),
                label=labels.short(example.name),
            )
        )
    return found


def _verdicts(content: ComparisonContent) -> list[Table]:
    """How many networks of each group have which structure."""
    table = content.networks
    if set(table["verdict"]) == {"not tested"}:
        return []
    counts = table.groupby(["source", "group"], sort=False)["verdict"].value_counts().rename("networks").reset_index()
    columns = [
        Column("group", "group", lambda value: labels.short(value, labels.LONGEST)),
        Column("verdict", "structure", labels.short),
        Column("networks", "networks", tables.whole, True),
    ]
    return [Table("verdicts", "Structure of the networks of each group.", counts, columns)]


def _ends(table: pd.DataFrame) -> str:
    """The least and the largest of what is drawn, in words."""
    known = table[table["difference_mean"].notna()].sort_values("difference_mean")
    if known.empty:
        return "Point plot without points."
    names = [
        f"{labels.short(row['group'])}" + (f" less {labels.short(row['other'])}" if "other" in row else "")
        for row in (known.iloc[0], known.iloc[-1])
    ]
    values = [_signed(known.iloc[place]["difference_mean"]) for place in (0, -1)]
    return f"Point plot with intervals. Least: {names[0]}, {values[0]}. Largest: {names[1]}, {values[1]}."


def _methods(content: ComparisonContent) -> list[Method]:
    options = content.configuration.get("analysis", {})
    restarts, samples = int(options.get("restarts", 0)), options.get("samples", 0)
    objectives = labels.listed([labels.objective(name) for name in labels.distinct(content.groups, "objective")])
    nulls = "; ".join(NULLS.get(name, labels.null(name)) for name in labels.distinct(content.groups, "null"))
    found = [
        Method(
            "Communities",
            f"Partitions of best {objectives} by the Leiden algorithm, the best of {restarts} restarts, for all "
            "networks and all samples of null models alike.",
        ),
        Method("Null models", f"{nulls}. {samples} samples for each network."),
        Method(
            "Groups",
            "A group against its null models: the networks' p combined (Fisher), two-sided; q after Benjamini and "
            "Hochberg over all groups and scores.",
        ),
    ]
    bases = set(content.differences["basis"]) if len(content.differences) else set()
    words = {
        "paired seeds": "Student's t of the differences within seeds, where networks of one seed start from the same "
        "weights and see the same data",
        "independent seeds": "Welch's t, where they do not",
        "one network beside seeds": "the prediction interval of a single network (Crawford and Howell), where one of "
        "the two is a single network",
        "null samples": "1.96 standard deviations of the null samples of both, where both are single networks; no test",
    }
    used = [text for basis, text in words.items() if basis in bases]
    if used:
        found.append(
            Method(
                "Differences",
                f"Intervals are {'; '.join(used)}. q after Benjamini and Hochberg over all differences of Q − null "
                "mean.",
            )
        )
    if len(content.similarity):
        found.append(
            Method(
                "Similarity",
                "Adjusted mutual information and element-centric similarity of the partitions of maximal Q. p: share "
                "of all ways to pair the seeds that are at least as alike as the true one.",
            )
        )
    return found


def _limits(content: ComparisonContent) -> list[str]:
    found = [
        "Null models differ in what they keep: a group is beyond one of them, not beyond chance as such.",
        "Networks of different size or density differ in Q for that alone; the difference of Q − null mean is less, "
        "not entirely, subject to it.",
    ]
    if (content.groups["seeds"].astype(int) == 1).any():
        found.append("A single network is one observation: nothing here tells how others of its kind are.")
    if BEST in set(content.differences["at"]) and len(content.accuracy):
        found.append(
            f"The learning rate of best accuracy was chosen on {content.accuracy['of'].iloc[0]} data of these same "
            "networks, by accuracy and not by Q."
        )
    if len(content.similarity):
        found.append(
            "Hidden neurons of networks from different initial weights correspond by their number only, so different "
            "seeds are a baseline, not a finding."
        )
    return found


def _sources_cited(content: ComparisonContent) -> list[str]:
    rules = set(labels.distinct(content.sources, "rule"))
    directed = bool(content.configuration.get("analysis", {}).get("directed"))
    wanted = {
        "fan2024": "credit" in rules,
        "traag2019": True,
        "newman2006": not directed,
        "leicht2008": directed,
        "vinh2010": len(content.similarity) > 0,
        "benjamini1995": True,
        "lillicrap2016": "feedback_alignment" in rules,
        "nokland2016": "direct_feedback_alignment" in rules,
        "oja1982": "hebbian" in rules,
    }
    return [key for key, is_used in wanted.items() if is_used]
