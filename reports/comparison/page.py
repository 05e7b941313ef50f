"""The page of a comparison, section by section."""

from __future__ import annotations

import os
from pathlib import Path

from .. import labels
from ..figures.style import LEVEL, pick
from ..frame import framed_page, write_framed
from ..page import KeyNumber, Page
from ..section import Section
from .answer import comparison_answer
from .content import ComparisonContent
from .illustrations import accuracy, differences, matrices, scores, similarity
from .methods import limits, methods, sources_cited
from .tables import (
    differences_table,
    every_score_table,
    groups_table,
    similarity_table,
    sources_table,
    verdict_tables,
)


def write_comparison(content: ComparisonContent, out: str | os.PathLike[str]) -> Path:
    """Write the page of a comparison, with its figures and tables beside it; see :func:`write_page`.

    Raises
    ------
    FileError
        If the folder cannot be written.
    DataError
        If `content` is no :class:`ComparisonContent`.
    """
    return write_framed(content, ComparisonContent, comparison_page, out)


def comparison_page(content: ComparisonContent) -> Page:
    """The page of a comparison, section by section."""
    return framed_page(
        content,
        question=content.question,
        kind="Comparison",
        answer=comparison_answer(content),
        numbers=_key_numbers(content),
        sections=_sections(content),
        methods=methods(content),
        ours="Groups, differences of Q − null mean, and all tests: see docs/compare.md of creditgraph.",
        limits=limits(content),
        cited=sources_cited(content),
        data=("sources", "groups", "differences", "scores", "networks", "accuracy", "similarity"),
    )


def _key_numbers(content: ComparisonContent) -> list[KeyNumber]:
    differences = pick(content.differences, measure="excess")
    tested = differences["q_value"].dropna().astype(float)
    groups, networks = content.groups["group"].nunique(), int(content.sources["networks"].sum())
    return [
        KeyNumber("compared", f"{len(content.sources)}"),
        KeyNumber(labels.plural(groups, "group of networks", "groups of networks"), f"{groups}"),
        KeyNumber(labels.plural(networks, "network"), f"{networks}"),
        KeyNumber("differences with q ≤ 0.05", f"{int((tested <= LEVEL).sum())} of {len(tested)}")
        if len(tested)
        else KeyNumber("differences, not tested: single networks", f"{len(differences)}"),
    ]


def _sections(content: ComparisonContent) -> list[Section]:
    asked = list(content.groups[["weights", "objective"]].drop_duplicates().itertuples(index=False, name=None))
    return [
        Section(
            "sources",
            "Compared",
            "What is compared?",
            [
                "A group is the networks of one source at one learning rate, which differ by their seed alone, or the "
                "graph files of one folder."
            ],
            tables=[sources_table(content.sources)],
        ),
        Section("learning", "Learning", "How much did each learn?", [], accuracy(content)),
        Section(
            "communities",
            "Communities",
            "Communities against chance, on one scale",
            [
                "Q depends on the size and density of a network, so networks that differ in these are compared by what "
                "Q is beyond their own null model."
            ],
            [figure for weights, objective in asked for figure in scores(content, weights, objective)],
            tables=[groups_table(content.groups)],
        ),
        Section(
            "differences",
            "Differences",
            "How far are they apart?",
            [],
            [figure for weights, objective in asked for figure in differences(content, weights, objective)],
            tables=[differences_table(content.differences)] if len(content.differences) else [],
        ),
        Section(
            "weights",
            "Weights",
            "Weights, reordered by community",
            ["One network of each: Leiden always finds blocks, z says what they are worth."],
            browsed=matrices(content),
        ),
        Section(
            "similarity",
            "Similarity",
            "Are they the same communities?",
            [
                "Networks can be as modular and yet be divided elsewhere. Where two start from the same weights, "
                "likeness beyond that of different seeds is what the start has left in both."
            ],
            similarity(content),
            tables=[similarity_table(content.similarity, content.sources)] if len(content.similarity) else [],
        ),
        Section("structure", "Structure", "Which structure do they have?", [], tables=verdict_tables(content.networks)),
        Section("scores", "Scores", "All scores", folded=[every_score_table(content.scores, content.sources)]),
    ]
