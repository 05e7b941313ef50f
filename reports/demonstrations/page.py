"""The page of a demonstration."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...guard import choice
from .. import bibliography, labels, tables
from ..page import KeyNumber, Page, write_page
from ..section import Section
from ..table import Column, Table
from .balance import balance
from .content import DemonstrationContent, Words
from .controls import controls
from .dale import dale
from .exactness import exactness
from .predictions import predictions
from .timescales import timescales

DEMONSTRATIONS: dict[str, Callable[[DemonstrationContent], Words]] = {
    "timescales": timescales,
    "predictions": predictions,
    "dale": dale,
    "controls": controls,
    "balance": balance,
    "exactness": exactness,
}
ROWS_BESIDE = 20_000
"""Longer tables are not written as CSV."""


def write_demonstration(content: DemonstrationContent, out: str | os.PathLike[str]) -> Path:
    """Write the page of a demonstration, with its figures and tables beside it; see :func:`write_page`.

    Raises
    ------
    FileError
        If the folder cannot be written.
    OptionError
        If there is no such demonstration.
    DataError
        If a table or a quantity that the page shows is missing.
    """
    return write_page(demonstration_page(content), out)


def demonstration_page(content: DemonstrationContent) -> Page:
    """The page of a demonstration, section by section."""
    words = DEMONSTRATIONS[choice("what", content.what, DEMONSTRATIONS)](content)
    numbers = Section(
        "numbers",
        "Numbers",
        "All numbers",
        tables=[summary_table(content)],
        words=["Mean over seeds, least and largest."],
    )
    options = [tables.configuration_table(content.settings), tables.environment_table(content.environment)]
    return Page(
        title=words.title,
        question=words.question,
        kind=f"Demonstration · {content.of_seeds}",
        answer=words.answer,
        numbers=[
            KeyNumber(labels.plural(len(content.seeds), "seed"), str(len(content.seeds))),
            KeyNumber(
                labels.plural(len(content.summary), "quantity measured", "quantities measured"),
                str(len(content.summary)),
            ),
        ],
        sections=[*words.sections, numbers],
        methods=words.methods,
        paper=words.paper,
        ours=words.ours,
        limits=words.limits,
        command=content.command,
        resumes=False,
        options=[each for each in options if len(each.data)],
        references=bibliography.of_keys(words.sources),
        data={
            "summary": content.summary,
            **{name: table for name, table in content.tables.items() if 0 < len(table) <= ROWS_BESIDE},
        },
    )


def summary_table(content: DemonstrationContent) -> Table:
    """Every quantity of the summary."""

    def number(value: Any) -> str:
        return labels.number(value, 3)

    columns = [
        Column("quantity", "quantity"),
        Column("seeds", "seeds", tables.whole, True),
        Column("mean", "mean", number, True),
        Column("low", "least", number, True),
        Column("high", "largest", number, True),
    ]
    return Table("summary", "What was measured, over seeds.", content.summary, columns)
