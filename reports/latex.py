"""Text in LaTeX: every character that means something there is escaped."""

from __future__ import annotations

import re
import unicodedata

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
