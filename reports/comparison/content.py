"""What the page of a comparison shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from ...guard import DataError
from ..content import MatrixExample
from ..frame import FramedContent

FILES = ("graph file", "graph files")
"""Kinds of sources that no study trained."""

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
class ComparisonContent(FramedContent):
    """All that the page of a comparison shows, every number already computed.

    Parameters
    ----------
    question
        What it asks. Any text; shown as text.
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
    title, configuration, environment, command, notes
        See :class:`FramedContent`.

    Raises
    ------
    DataError
        If a table lacks a column, or there are no scores.
    """

    question: str
    sources: pd.DataFrame
    groups: pd.DataFrame
    differences: pd.DataFrame
    scores: pd.DataFrame
    networks: pd.DataFrame
    accuracy: pd.DataFrame = field(default_factory=pd.DataFrame)
    similarity: pd.DataFrame = field(default_factory=pd.DataFrame)
    matrices: Sequence[MatrixExample] = ()

    def __post_init__(self) -> None:
        self.require(COLUMNS)
        if self.groups.empty or self.sources.empty:
            raise DataError("groups: the table is empty, so there is nothing to report")
