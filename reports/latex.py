"""Text and tables in LaTeX, for the width of an article's page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

PAGE = 40
"""Rows that fit a page."""

WIDE = 8
"""Up to so many columns a table is set as it is."""

PORTRAIT, LANDSCAPE = 345.0, 540.0
"""Width of the text in points, of LaTeX's article on a page that stands and one that lies."""

SIZES = {r"\small": 4.9, r"\footnotesize": 4.4, r"\scriptsize": 3.9}
"""Points that a character takes, about, a little too many."""

BETWEEN = 2.5
"""Space on each side of a column of a wide table in points."""

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
    """A table of escaped cells; it needs the package booktabs, and longtable where it has more than 40 rows.

    One of more than eight columns has broken headings, less space between columns, and the largest letters with which
    it fits the width of a page; where none do, it lies on its side (package pdflscape).
    """
    wide = len(heads) > WIDE
    if wide:
        rooms = [_room(head, cells.iloc[:, i]) for i, head in enumerate(heads)] if len(cells) else [12] * len(heads)
        heads = [_broken(head, room, side) for head, room, side in zip(heads, rooms, alignment, strict=True)]
    long = len(cells) > PAGE
    text: str = cells.to_latex(
        index=False,
        # pandas takes a heading for a format
        header=[head.replace("{", "{{").replace("}", "}}") for head in heads],
        escape=False,
        column_format=alignment,
        caption=caption,
        label=label,
        longtable=long,
    )
    if not wide:
        return text
    size, lies = _fitting(sum(rooms), len(heads))
    setting = f"{size}\n\\setlength{{\\tabcolsep}}{{{BETWEEN:g}pt}}\n"
    if long:
        # no group of its own, so that the setting would hold for the rest of the document; what is wider than the text
        # all the same reaches into both margins alike
        sides = "".join(f"\\setlength{{\\LT{side}}}{{0pt plus 1fill minus 1fill}}\n" for side in ("left", "right"))
        text = f"\\begingroup\n{setting}{sides}{text}\\endgroup\n"
    else:
        text = text.replace("\\begin{table}\n", f"\\begin{{table}}\n\\centering\n{setting}", 1)
    return f"\\begin{{landscape}}\n{text}\\end{{landscape}}\n" if lies else text


def _length(escaped: str) -> int:
    """Characters that are printed, about: a command counts as one."""
    return len(re.sub(r"\\[A-Za-z]+(\{\})?|\\.|[{}$]", lambda found: "x" if found[0][0] == "\\" else "", escaped))


def _room(head: str, cells: pd.Series[str]) -> int:
    """Characters that a column needs: those of its longest cell, or of the longest word of its heading."""
    return max(*(_length(word) for word in head.split() or [""]), *(_length(cell) for cell in cells))


def _broken(head: str, room: int, side: str) -> str:
    """A heading in lines of so many characters at most."""
    lines = [""]
    for word in head.split():
        both = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], both] if _length(both) <= room or not lines[-1] else [*lines, word]
    return lines[0] if len(lines) == 1 else rf"\shortstack[{side}]{{" + r" \\ ".join(lines) + "}"


def _fitting(characters: int, columns: int) -> tuple[str, bool]:
    """The largest letters with which a table fits, and whether on its side."""
    for lies, width in ((False, PORTRAIT), (True, LANDSCAPE)):
        for size, each in SIZES.items():
            if characters * each + 2 * BETWEEN * columns <= width:
                return size, lies
    return list(SIZES)[-1], True
