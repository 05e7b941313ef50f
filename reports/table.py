"""A table as readers see it: HTML with captions and scopes, Markdown, LaTeX, and CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from . import labels, latex, latex_table

Format = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column: its name in the data, its heading, how a cell reads, and whether it holds numbers.

    A column is derived where it was made for readers from others; files leave it out.
    """

    key: str
    heading: str
    format: Format = str
    numeric: bool = False
    derived: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and the value by which a reader's sorting goes."""

    text: str
    value: str


@dataclass(frozen=True)
class Table:
    """A table with its caption; those of its columns that the data lack are left out.

    Parameters
    ----------
    name
        Identifier, also the name of its file.
    caption
        What the table shows.
    data
        The rows.
    columns
        The columns to show. The CSV holds all columns of the data that are not derived.
    heads
        How many of the first columns name the row.
    """

    name: str
    caption: str
    data: pd.DataFrame
    columns: Sequence[Column] = field(default_factory=tuple)
    heads: int = 1

    @property
    def shown(self) -> list[Column]:
        """The columns that the data have."""
        return [column for column in self.columns if column.key in self.data.columns]

    @property
    def rows(self) -> list[list[Cell]]:
        """The cells, row by row."""
        values = [self.data[column.key].tolist() for column in self.shown]
        return [
            [
                Cell(_text(column, value), "" if labels.missing(value) else str(value))
                for column, value in zip(self.shown, row, strict=True)
            ]
            for row in zip(*values, strict=True)
        ]

    def markdown(self) -> str:
        """The table in Markdown; characters that mean something there are escaped."""
        heads = [_escaped(column.heading) for column in self.shown]
        rules = ["---:" if column.numeric else ":---" for column in self.shown]
        body = [[_escaped(cell.text) for cell in row] for row in self.rows]
        lines = [f"| {' | '.join(cells)} |" for cells in (heads, rules, *body)]
        return "\n".join([_escaped(self.caption), "", *lines, ""])

    def latex(self) -> str:
        """The table in LaTeX, with the rules of booktabs, as wide as an article's text at most; see :mod:`latex_table`.

        Every character that means something to LaTeX is escaped. Names in scripts that pdflatex does not know take
        xelatex or lualatex.
        """
        cells = pd.DataFrame([[latex.escaped(cell.text) for cell in row] for row in self.rows])
        return latex_table.table(
            cells,
            heads=[latex.escaped(column.heading) for column in self.shown],
            alignment="".join("r" if column.numeric else "l" for column in self.shown),
            caption=latex.escaped(self.caption),
            label=f"tab:{self.name}",
        )

    def csv(self) -> str:
        """All columns of the data that are not derived, with full precision."""
        return csv(self.data.drop(columns=[column.key for column in self.columns if column.derived]))


def csv(data: pd.DataFrame) -> str:
    """A table as CSV: comma, full precision, empty where there is no value.

    Text that a spreadsheet would take for a formula (it begins with ``=``, ``+``, ``-`` or ``@`` and is no number)
    gets an apostrophe before it: names may come from anywhere.
    """
    texts = [name for name in data if not pd.api.types.is_numeric_dtype(data[name])]
    guarded = data.copy(deep=False)
    for name in texts:
        guarded[name] = data[name].map(_no_formula)
    return guarded.rename(columns=_no_formula).to_csv(index=False, lineterminator="\n")


def _no_formula(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # a lone carriage return would not be quoted, and end the row
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if not text.startswith(("=", "+", "-", "@", "\t", "\n")):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _text(column: Column, value: Any) -> str:
    return labels.MISSING if labels.missing(value) else column.format(value)


def _escaped(text: str) -> str:
    for character in "\\|`*_<>[]":
        text = text.replace(character, f"\\{character}")
    return " ".join(labels.inert(text).split())
