"""What the page of a network's analysis shows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ...guard import DataError
from ..content import MatrixExample
from ..findings import Findings
from ..frame import FramedContent

SCORE_KEYS = ("weights", "objective", "direction", "null")
COLUMNS = {
    "networks": ("neurons", "synapses", "density", "communities"),
    "scores": (*SCORE_KEYS, "quality", "communities", "null_mean", "null_sd", "z", "p_value", "q_value", "agreement"),
    "nulls": (*SCORE_KEYS, "sample", "quality"),
    "neurons": ("neuron", "community"),
    "communities": ("community", "size"),
}


@dataclass(frozen=True)
class AnalysisContent(FramedContent):
    """All that the page of a network's analysis shows, every number already computed.

    Parameters
    ----------
    source
        In words, what the network is and how it was read. Any text; shown as text.
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
    title, configuration, environment, command, notes
        See :class:`FramedContent`.

    Raises
    ------
    DataError
        If a table lacks a column, or there are no scores.
    """

    source: str
    networks: pd.DataFrame
    scores: pd.DataFrame
    nulls: pd.DataFrame
    neurons: pd.DataFrame
    communities: pd.DataFrame
    composition: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: Findings = field(default_factory=Findings)
    matrix: MatrixExample | None = None

    def __post_init__(self) -> None:
        self.require(COLUMNS)
        if self.scores.empty or self.networks.empty:
            raise DataError("scores: the table is empty, so there is nothing to report")
