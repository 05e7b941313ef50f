"""What the page of a demonstration is made of: what was computed, and the words about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ...guard import DataError
from .. import labels
from ..columns import require_columns
from ..methods import Method
from ..section import Section

SUMMARY = ("quantity", "seeds", "mean", "low", "high")


@dataclass(frozen=True)
class DemonstrationContent:
    """All that the page of a demonstration shows, every number already computed.

    Parameters
    ----------
    what
        Which demonstration it is, one of `DEMONSTRATIONS`.
    seeds
        Seeds of its networks.
    summary
        One row a quantity: quantity, seeds (count), mean, low and high (the least and the largest over seeds).
    tables
        Tidy tables by name, as the figures of the demonstration take them.
    settings
        What was set: sizes, learning rates, numbers of steps.
    environment, command
        Versions and machine; what makes the demonstration again.

    Raises
    ------
    DataError
        If the summary lacks a column.
    """

    what: str
    seeds: Sequence[int]
    summary: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    settings: Mapping[str, Any]
    environment: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""

    def __post_init__(self) -> None:
        require_columns("summary", self.summary, SUMMARY)

    def value(self, quantity: str, column: str = "mean") -> float:
        """A number of the summary.

        Raises
        ------
        DataError
            If the summary has no such quantity.
        """
        rows = self.summary[self.summary["quantity"] == quantity]
        if rows.empty:
            raise DataError(f"summary: has no row for {quantity!r}; make the demonstration again")
        return float(rows[column].iloc[0])

    def said(self, quantity: str, unit: str = "", digits: int = 2) -> str:
        """A quantity's mean over seeds with the least and the largest: ``5.3° (4.9 to 5.8)``."""
        mean, low, high = (labels.number(self.value(quantity, name), digits) for name in ("mean", "low", "high"))
        return f"{mean}{unit} ({low} to {high})"

    @property
    def of_seeds(self) -> str:
        """``5 seeds (0 to 4)``."""
        count = labels.counted(len(self.seeds), "seed")
        return count if len(self.seeds) < 2 else f"{count} ({min(self.seeds)} to {max(self.seeds)})"


@dataclass(frozen=True)
class Words:
    """A demonstration in words and figures.

    Attributes
    ----------
    title, question
        What it is called, and what it asks.
    answer
        Two sentences with their numbers.
    sections
        Its figures, section by section.
    methods, paper, ours, limits
        How it was done; what is the paper's and what is ours; what the numbers cannot say.
    sources
        Keys of the sources that it uses.
    """

    title: str
    question: str
    answer: Sequence[str]
    sections: Sequence[Section]
    methods: Sequence[Method]
    paper: Sequence[str]
    ours: Sequence[str]
    limits: Sequence[str]
    sources: Sequence[str] = ("fan2024",)
