"""The page of a single network's analysis: one that no study of ours trained, a connectome say."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..guard import DataError
from . import bibliography, illustrations, labels, tables
from .columns import require_columns
from .content import MatrixExample
from .figures import community_table, reordered_matrix, score_samples
from .figures.style import LEVEL
from .findings import Findings
from .illustrations import Illustration
from .methods import NULLS, Method
from .page import KeyNumber, Page, write_page
from .section import Section

SCORE_KEYS = ("weights", "objective", "direction", "null")
COLUMNS = {
    "networks": ("neurons", "synapses", "density", "communities"),
    "scores": (*SCORE_KEYS, "quality", "communities", "null_mean", "null_sd", "z", "p_value", "q_value", "agreement"),
    "nulls": (*SCORE_KEYS, "sample", "quality"),
    "neurons": ("neuron", "community"),
    "communities": ("community", "size"),
}


@dataclass(frozen=True)
class AnalysisContent:
    """All that the page of a network's analysis shows, every number already computed.

    Parameters
    ----------
    title, source
        Name of the network, and in words what it is and how it was read. Any text; shown as text.
    networks
        One row: neurons, synapses, density, reciprocity, negative, communities, agreement, verdict.
    scores, nulls
        One row a question (weights, objective, direction, null), and one a sample of its null model.
    neurons, communities, composition
        One row a neuron; one a community; one a community and value of a mark of neurons, where they have any.
    findings
        Structure, roles, resolution and drawing of the network.
    matrix
        Its weights, reordered by community; None where it is too large to be drawn.
    configuration, environment, command, notes
        Options in force; versions and machine; what makes the analysis again; what was merged or dropped on reading.

    Raises
    ------
    DataError
        If a table lacks a column, or there are no scores.
    """

    title: str
    source: str
    networks: pd.DataFrame
    scores: pd.DataFrame
    nulls: pd.DataFrame
    neurons: pd.DataFrame
    communities: pd.DataFrame
    composition: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: Findings = field(default_factory=Findings)
    matrix: MatrixExample | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            require_columns(name, getattr(self, name), columns)
        if self.scores.empty or self.networks.empty:
            raise DataError("scores: the table is empty, so there is nothing to report")


def write_analysis(content: AnalysisContent, out: str | os.PathLike[str]) -> Path:
    """Write the page of a network's analysis, with its figures and tables beside it; see :func:`write_page`.

    Raises
    ------
    FileError
        If the folder cannot be written.
    DataError
        If `content` is no :class:`AnalysisContent`.
    """
    if not isinstance(content, AnalysisContent):
        raise DataError(f"content: got {type(content).__name__}, expected an AnalysisContent")
    return write_page(analysis_page(content), out)


def analysis_page(content: AnalysisContent) -> Page:
    """The page of a network's analysis, section by section."""
    return Page(
        title=content.title,
        question="Are the communities of this network more than chance, and what is its structure?",
        kind="Network analysis",
        answer=_answer(content),
        numbers=_key_numbers(content),
        notes=content.notes,
        sections=[section for section in _sections(content) if not section.empty],
        methods=_methods(content),
        ours=["The null models, the rule of the structure verdict, and all tests: see docs/methods.md of creditgraph."],
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
        references=bibliography.of_keys(_sources(content)),
        data={
            name: getattr(content, name)
            for name in ("networks", "scores", "nulls", "neurons", "communities", "composition")
            if len(getattr(content, name))
        },
    )


def _answer(content: AnalysisContent) -> list[str]:
    """The answer in a few sentences with their numbers."""
    network = content.networks.iloc[0]
    sentences = [
        f"{labels.capital(content.source)}. The best partition has "
        f"{labels.counted(int(network['communities']), 'community', 'communities')}"
        + (
            "."
            if labels.missing(network.get("agreement"))
            else f"; restarts agree at AMI {labels.number(network['agreement'], 2)} (1: one partition, 0: chance)."
        )
    ]
    for keys, rows in content.scores.groupby(list(SCORE_KEYS[:3]), sort=False):
        weights, objective, direction = (str(key) for key in keys)
        beyond = [row for row in rows.to_dict("records") if _beyond(row)]
        short = [row for row in rows.to_dict("records") if not _beyond(row)]
        what = (
            f"{labels.capital(labels.direction(direction))} ({labels.objective(objective)}, {labels.weights(weights)})"
        )
        parts = [
            f"{'beyond' if these is beyond else 'not told from'} {labels.listed([_beside(row) for row in these])}"
            for these in (beyond, short)
            if these
        ]
        sentences.append(f"{what} is {labels.score(rows['quality'].iloc[0])}: {'; '.join(parts)}.")
    if content.findings.verdict:
        sentences.append(content.findings.verdict)
    return sentences


def _beyond(row: Mapping[Any, Any]) -> bool:
    """Whether a score passes after correction for all of them."""
    return not labels.missing(row["q_value"]) and float(row["q_value"]) <= LEVEL


def _beside(row: Mapping[Any, Any]) -> str:
    return (
        f"{labels.null(row['null'])} ({labels.score(row['null_mean'])}, z = {labels.number(row['z'])}, q = "
        f"{labels.probability(row['q_value'])})"
    ).replace("q = <", "q <")


def _key_numbers(content: AnalysisContent) -> list[KeyNumber]:
    network = content.networks.iloc[0]
    numbers = [
        KeyNumber("neurons", f"{int(network['neurons']):,}"),
        KeyNumber("synapses", f"{int(network['synapses']):,}"),
        KeyNumber("density", labels.number(network["density"])),
    ]
    if not labels.missing(network.get("reciprocity")):
        numbers.append(KeyNumber("synapses that are answered", f"{100 * float(network['reciprocity']):.0f} %"))
    if "negative" in network and float(network["negative"]) > 0:
        numbers.append(KeyNumber("negative synapses", f"{100 * float(network['negative']):.0f} %"))
    numbers.append(KeyNumber("communities", f"{int(network['communities'])}"))
    if network.get("verdict"):
        numbers.append(KeyNumber("structure", str(network["verdict"])))
    return numbers


def _sections(content: AnalysisContent) -> list[Section]:
    findings = content.findings
    kinds = findings.table("structure")
    return [
        Section(
            "communities",
            "Communities",
            "Communities against chance",
            [
                "Every network has a partition of highest modularity, random ones too. What counts is where its score "
                "lies among those of the null models, which were searched just as long."
            ],
            _samples(content),
            tables=[tables.questions_table(content.scores)],
        ),
        Section(
            "matrices",
            "Weights",
            "Weights, reordered by community",
            ["Leiden always finds blocks: whether they mean anything is what z tells."],
            _matrix(content),
        ),
        Section(
            "structure",
            "Structure",
            "Blocks: within or across?",
            [findings.verdict] if findings.verdict else [],
            illustrations.structure(findings),
            tables=[] if kinds is None else [tables.structure_table(kinds)],
        ),
        Section(
            "stability",
            "Stability",
            "Are the communities stable?",
            ["A partition that is gone at the next resolution, or with the next restart, is one of many."],
            illustrations.similarity(findings),
        ),
        Section(
            "roles",
            "Roles",
            "Which neurons hold communities together?",
            ["A hub is coupled strongly within its community; a connector spreads its synapses over many."],
            illustrations.function(findings),
        ),
        Section(
            "members",
            "Members",
            "Communities and neurons",
            tables=[tables.communities_table(content.communities)],
            folded=[
                *([tables.composition_table(content.composition)] if len(content.composition) else []),
                tables.neurons_table(content.neurons),
            ],
        ),
    ]


def _samples(content: AnalysisContent) -> list[Illustration]:
    samples = int(content.nulls.groupby(list(SCORE_KEYS)).size().min()) if len(content.nulls) else 0
    nulls = labels.listed([labels.null(name) for name in labels.distinct(content.scores, "null")])
    caption = (
        f"The network (diamonds; n = 1 network of {int(content.networks['neurons'].iloc[0]):,} neurons) among "
        f"{labels.counted(samples, 'sample')} of each null model (points): {nulls}. Data and null models got the same "
        "optimiser and the same number of restarts."
    )
    passed = sum(_beyond(row) for row in content.scores.to_dict("records"))
    alternative = (
        f"Point plots. {passed} of {labels.counted(len(content.scores), 'comparison')} have q of at most {LEVEL:g}."
    )
    data = pd.concat([content.scores.assign(sample=-1), content.nulls], ignore_index=True)[
        [*SCORE_KEYS, "sample", "quality"]
    ]
    return [Illustration("scores", score_samples(content.scores, content.nulls), caption, alternative, data)]


def _matrix(content: AnalysisContent) -> list[Illustration]:
    if content.matrix is None:
        return []
    n = content.matrix.matrix.shape[0]
    caption = (
        f"Weights (n = {n:,} neurons, one network). Rows are post-, columns presynaptic neurons: in their own order, "
        "by the communities of maximal Q, and by the groups of minimal Q, the largest first, outlined. Colours "
        "saturate at the 99th percentile of the sizes of existing synapses."
    )
    alternative = (
        f"Weight matrix in three orders, with {labels.counted(int(content.networks['communities'].iloc[0]), 'block')} "
        "on the diagonal of the second."
    )
    figure = reordered_matrix(content.matrix)
    return [Illustration("matrix", figure, caption, alternative, community_table([content.matrix]))]


def _methods(content: AnalysisContent) -> list[Method]:
    scores, options = content.scores, content.configuration
    objectives = labels.listed([labels.objective(name) for name in labels.distinct(scores, "objective")])
    views = labels.listed([labels.weights(name) for name in labels.distinct(scores, "weights")])
    found = [
        Method(
            "Communities",
            f"Partitions of best {objectives} ({views}; resolution {options.get('resolution', 1.0):g}) by the Leiden "
            f"algorithm, the best of {labels.counted(int(options.get('restarts', 1)), 'restart')}, each run to "
            "convergence and scored by our own function. Minimal Q looks for groups that are connected across.",
        ),
        Method(
            "Null models",
            "; ".join(NULLS.get(name, labels.null(name)) for name in labels.distinct(scores, "null"))
            + f". {labels.counted(int(options.get('samples', 0)), 'sample')} each.",
        ),
        Method(
            "Statistics",
            "z = (Q − mean) / s.d. of the samples; the empirical p = (1 + count of samples at least as extreme) / (1 + "
            "samples), one-sided; q after Benjamini and Hochberg's correction over all scores of this network.",
        ),
    ]
    if content.findings.structure is not None:
        null = content.findings.structure["null"].iloc[0] if "null" in content.findings.structure else ""
        found.append(
            Method(
                "Structure",
                "Maximal Q, minimal Q and the correlation with a core and periphery, each against the same samples of "
                f"{labels.null(str(null)) if null else 'a null model'}; of the kinds that hold (q ≤ {LEVEL:g} of the "
                "three) the one with the greatest z is the verdict.",
            )
        )
    return found


def _limits(content: AnalysisContent) -> list[str]:
    samples = int(content.configuration.get("samples", 0))
    limits = ["One network is one observation: nothing here tells how other networks of its kind are."]
    if samples:
        lowest = labels.probability(1 / (samples + 1))
        limits.append(
            f"With {samples} samples p is never below {lowest}: where z is large and q is not small, draw more."
        )
    limits.append("Modularity merges communities that are small for the network; the resolution profile shows where.")
    return limits


def _sources(content: AnalysisContent) -> list[str]:
    directed = bool(content.configuration.get("directed"))
    wanted = {
        "traag2019": True,
        "newman2006": not directed,
        "leicht2008": directed,
        "vinh2010": True,
        "benjamini1995": True,
        "maslov2002": "rewire" in set(content.scores["null"]),
        "guimera2005": content.findings.roles is not None,
        "reichardt2006": content.findings.resolution is not None,
        "borgatti2000": content.findings.structure is not None,
    }
    return [key for key, is_used in wanted.items() if is_used]
