"""The page of a single network's analysis: one that no study of ours trained, a connectome say."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import illustrations, labels
from ..community_tables import communities_table, composition_table, neurons_table
from ..frame import framed_page, write_framed
from ..page import KeyNumber, Page
from ..section import Section
from ..stability_tables import folded_stability_tables, stability_tables
from ..tables import questions_table, structure_table
from .answer import analysis_answer
from .content import AnalysisContent
from .illustrations import matrix, samples
from .methods import limits, methods, sources_cited


def write_analysis(content: AnalysisContent, out: str | os.PathLike[str]) -> Path:
    """Write the page of a network's analysis, with its figures and tables beside it; see :func:`write_page`.

    Raises
    ------
    FileError
        If the folder cannot be written.
    DataError
        If `content` is no :class:`AnalysisContent`.
    """
    return write_framed(content, AnalysisContent, analysis_page, out)


def analysis_page(content: AnalysisContent) -> Page:
    """The page of a network's analysis, section by section."""
    return framed_page(
        content,
        question="Are the communities of this network more than chance, and what is its structure?",
        kind="Network analysis",
        answer=analysis_answer(content),
        numbers=_key_numbers(content),
        sections=[_seeded(section, content.configuration.get("seed")) for section in _sections(content)],
        methods=methods(content),
        ours="The null models, the rule of the structure verdict, and all tests: see docs/methods.md of creditgraph.",
        limits=limits(content),
        cited=sources_cited(content),
        data=("networks", "scores", "nulls", "neurons", "communities", "composition"),
    )


def _seeded(section: Section, seed: object) -> Section:
    """The section, whose captions say of which seed searches and null samples are; as it is where nothing tells."""
    if seed is None:
        return section
    told = f" Searches and null samples: seed {seed}."
    return replace(section, figures=[replace(each, caption=each.caption + told) for each in section.figures])


def _key_numbers(content: AnalysisContent) -> list[KeyNumber]:
    network = content.networks.iloc[0]
    numbers = [
        _counted(network["neurons"], "neuron"),
        _counted(network["synapses"], "synapse"),
        KeyNumber("density", labels.number(network["density"])),
    ]
    if not labels.missing(network.get("reciprocity")):
        numbers.append(KeyNumber("synapses that are answered", f"{100 * float(network['reciprocity']):.0f} %"))
    if "negative" in network and float(network["negative"]) > 0:
        numbers.append(KeyNumber("negative synapses", f"{100 * float(network['negative']):.0f} %"))
    numbers.append(_counted(network["communities"], "community", "communities"))
    if network.get("verdict"):
        numbers.append(KeyNumber("structure", str(network["verdict"])))
    return numbers


def _counted(count: Any, singular: str, several: str = "") -> KeyNumber:
    return KeyNumber(labels.plural(int(count), singular, several), f"{int(count):,}")


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
            samples(content),
            tables=[questions_table(content.scores)],
        ),
        Section(
            "matrices",
            "Weights",
            "Weights, reordered by community",
            ["Leiden always finds blocks: whether they mean anything is what z tells."],
            matrix(content),
        ),
        Section(
            "structure",
            "Structure",
            "Blocks: within or across?",
            [findings.verdict] if findings.verdict else [],
            illustrations.structure(findings),
            tables=[] if kinds is None else [structure_table(kinds)],
        ),
        Section(
            "stability",
            "Stability",
            "Are the communities stable?",
            ["A partition that is gone at the next resolution, or with the next restart, is one of many."],
            illustrations.similarity(findings),
            tables=stability_tables(findings),
            folded=folded_stability_tables(findings),
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
            tables=[communities_table(content.communities)],
            folded=[
                *([composition_table(content.composition)] if len(content.composition) else []),
                neurons_table(content.neurons),
            ],
        ),
    ]
