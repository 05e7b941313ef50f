"""Text and tables in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

PAGE = 40
"""Rows that fit a page."""

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "\u00a0": "~",
    "−": r"$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "χ": r"$\chi$",
    "γ": r"$\gamma$",
    "σ": r"$\sigma$",
    "Δ": r"$\Delta$",
    "²": r"$^2$",
    "₂": r"$_2$",
    "′": r"$'$",
    "–": "--",
    "…": r"\ldots{}",
    "“": "``",
    "”": "''",
    "’": "'",
}


def escaped(text: str) -> str:
    """The same text, none of it a command: one line, without control characters."""
    kept = "".join(" " if character.isspace() and character != "\u00a0" else character for character in text)
    kept = "".join(character for character in kept if unicodedata.category(character)[0] != "C")
    # an opening bracket after a line break of a table would be its argument
    return re.sub(r"^\s*([\[*])", r"{\1}", "".join(SPECIAL.get(character, character) for character in kept)).strip()


def table(cells: pd.DataFrame, *, heads: Sequence[str], alignment: str, caption: str, label: str) -> str:
    """A table of escaped cells; it needs the package booktabs, and longtable where it has more than 40 rows."""
    return cells.to_latex(
        index=False,
        header=list(heads),
        escape=False,
        column_format=alignment,
        caption=caption,
        label=label,
        longtable=len(cells) > PAGE,
    )
