"""Tables in LaTeX, for the page of an article: how wide a table is, and what is done where that is too wide."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

PORTRAIT, LANDSCAPE = (345.0, 550.0), (550.0, 345.0)
"""Width and height of the text in points, of LaTeX's article on a page that stands and one that lies."""

SIZES = {"": (1.0, 12.0), r"\small": (0.925, 11.0), r"\footnotesize": (0.85, 9.5), r"\scriptsize": (0.8, 8.0)}
"""Letters: their width beside that of the usual ones, and the height of a line in points."""

LEAST = list(SIZES)[2]
"""Cells are broken into lines before letters are smaller than this."""

USUAL, NARROW = 6.0, 2.5
"""Space on each side of a column in points: LaTeX's own, and that where a table would be too wide."""

ABOVE = 60.0
"""Points of a page that a table's caption and heads take, about."""

BREAKABLE = 12
"""A word of more characters than this may be broken after so many."""

WIDTHS = {
    **dict.fromkeys("ijl.,;:'|!`", 2.9),
    **dict.fromkeys("frts()[]/-~ ", 4.0),
    **dict.fromkeys("mwMW%@", 10.4),
    **dict.fromkeys("ABCDEFGHIJKLNOPQRSTUVXYZ&", 7.9),
    **dict.fromkeys("0123456789", 5.05),
    **dict.fromkeys("abcdeghknopquvxyz", 5.6),
}
"""Widths of characters of Computer Modern at 10 points, a little too large."""

WIDEST = 10.4
"""Others are taken for as wide as the widest."""

MARKS = "/_.,-=:;"
"""A long word is broken after one of these."""

TOKEN = re.compile(r"\\[A-Za-z]+\{\}|\\.|\$[^$]*\$|\{\[\}|\{\*\}|.")
"""A character as `escaped` writes it."""


def table(cells: pd.DataFrame, *, heads: Sequence[str], alignment: str, caption: str, label: str) -> str:
    """A table of escaped cells that is no wider than the text of an article, nor higher than its page.

    It has the largest letters with which it fits, down to footnotes' size; headings are broken first. Where none fit,
    its texts are broken into lines, then it lies on its side, and then numbers are broken at their spaces too. What is
    higher than a page is a longtable. Packages: booktabs; longtable, array and pdflscape where they are needed.

    Parameters
    ----------
    cells
        The rows, escaped.
    heads
        Headings, escaped.
    alignment
        ``l`` or ``r`` for each column; ``l`` is text.
    caption, label
        Of the table, escaped.
    """
    columns = [cells.iloc[:, i] if len(cells) else pd.Series([], dtype=str) for i in range(len(heads))]
    layout = _fitting(heads, columns, alignment)
    broken = [
        [_breakable(cell) for cell in column] if is_broken else list(column)
        for column, is_broken in zip(columns, layout.breaks, strict=True)
    ]
    long = layout.height(columns) > layout.page[1]
    text: str = pd.DataFrame(dict(enumerate(broken))).to_latex(
        index=False,
        # pandas takes a heading for a format
        header=[head.replace("{", "{{").replace("}", "}}") for head in layout.headings(heads, alignment)],
        escape=False,
        column_format=layout.columns(alignment),
        caption=caption,
        label=label,
        longtable=long,
    )
    if layout.setting and long:
        # no group of its own, so that the setting would hold for the rest of the document
        text = f"\\begingroup\n{layout.setting}{text}\\endgroup\n"
    elif layout.setting:
        text = text.replace("\\begin{table}\n", f"\\begin{{table}}\n\\centering\n{layout.setting}", 1)
    return f"\\begin{{landscape}}\n{text}\\end{{landscape}}\n" if layout.page is LANDSCAPE else text


@dataclass(frozen=True)
class Layout:
    """How a table is set: its page, letters and spaces, the width of each column in points, and which are broken."""

    page: tuple[float, float]
    size: str
    between: float
    widths: npt.NDArray[np.float64]
    breaks: npt.NDArray[np.bool_]

    @property
    def setting(self) -> str:
        """The commands before the table; none where it is set as LaTeX sets tables by itself."""
        size = f"{self.size}\n" if self.size else ""
        return size + (f"\\setlength{{\\tabcolsep}}{{{self.between:g}pt}}\n" if self.between < USUAL else "")

    def columns(self, alignment: str) -> str:
        """The columns as a tabular names them."""
        ragged = {"l": "raggedright", "r": "raggedleft"}
        return "".join(
            rf">{{\{ragged[side]}\arraybackslash}}p{{{width:.1f}pt}}" if is_broken else side
            for side, width, is_broken in zip(alignment, self.widths, self.breaks, strict=True)
        )

    def headings(self, heads: Sequence[str], alignment: str) -> list[str]:
        """The headings, in lines where they are wider than their column."""
        rooms = self.widths / SIZES[self.size][0]
        return [_broken(head, room, side) for head, room, side in zip(heads, rooms, alignment, strict=True)]

    def height(self, columns: Sequence[pd.Series[str]]) -> float:
        """Points from top to bottom, about."""
        scale, line = SIZES[self.size]
        lines = [
            [max(1, math.ceil(1.15 * _width(cell) * scale / width)) if is_broken else 1 for cell in column]
            for column, width, is_broken in zip(columns, self.widths, self.breaks, strict=True)
        ]
        return ABOVE + line * float(sum(map(max, zip(*lines, strict=True))))


def _fitting(heads: Sequence[str], columns: Sequence[pd.Series[str]], alignment: str) -> Layout:
    """The first layout in which a table fits, the least broken ones first."""
    cells = np.array([max(map(_width, column), default=0.0) for column in columns])
    words = np.array([max(map(_width, head.split()), default=0.0) for head in heads])
    whole, narrow = np.maximum(cells, list(map(_width, heads))), np.maximum(cells, words)
    pieces = [
        max(
            (_width(piece) for cell in column for piece in re.split(r" |\\allowbreak\{\}", _breakable(cell))),
            default=0.0,
        )
        for column in columns
    ]
    least = np.maximum(words, pieces)
    is_text = np.array([side == "l" for side in alignment])
    of_text, of_all = np.where(is_text, least, narrow), least
    largest = list(SIZES)[: list(SIZES).index(LEAST) + 1]
    # page, letters, space between columns, and the widths of columns at most and at least
    tries = [(PORTRAIT, "", USUAL, whole, whole), (PORTRAIT, "", USUAL, narrow, narrow)]
    for page in (PORTRAIT, LANDSCAPE):
        tries += [(page, size, NARROW, narrow, narrow) for size in largest]
        tries += [(page, LEAST, NARROW, narrow, of_text)]
    tries += [(LANDSCAPE, size, NARROW, narrow, of_all) for size in (LEAST, list(SIZES)[-1])]
    rooms = [page[0] - 2 * between * len(heads) - 1 for page, _, between, _, _ in tries]
    fits = [SIZES[size][0] * fewest.sum() <= room for (_, size, _, _, fewest), room in zip(tries, rooms, strict=True)]
    chosen = fits.index(True) if any(fits) else -1
    page, size, between, most, fewest = tries[chosen]
    scale = SIZES[size][0]
    spare, wanted = rooms[chosen] / scale - fewest.sum(), (most - fewest).sum()
    share = float(np.clip(spare / wanted, 0, 1)) if wanted > 0 else 1.0
    widths = scale * (fewest + share * (most - fewest))
    return Layout(page, size, between, widths, (most > fewest) & (share < 1))


def _width(escaped: str) -> float:
    """Width of a text in points at a size of 10, about, rather too much."""
    return sum(map(_width_of, TOKEN.findall(escaped)))


def _width_of(token: str) -> float:
    if token.startswith("\\"):
        token = {r"\textbar{}": "|"}.get(token, token[-1] if len(token) == 2 else "W")
    return WIDTHS.get(token.strip("{}") or token, WIDEST)


def _broken(head: str, room: float, side: str) -> str:
    """A heading in lines of such a width at most, in points at a size of 10."""
    lines = [""]
    for word in head.split():
        both = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], both] if _width(both) <= room + 0.01 or not lines[-1] else [*lines, word]
    return lines[0] if len(lines) == 1 else rf"\shortstack[{side}]{{" + r" \\ ".join(lines) + "}"


def _breakable(cell: str) -> str:
    """A cell whose long words may be broken: after a mark, and after some characters without one."""
    return " ".join(_breakable_word(word) for word in cell.split(" "))


def _breakable_word(word: str) -> str:
    tokens = TOKEN.findall(word)
    if len(tokens) <= BREAKABLE:
        return word
    parts, since = [], 0
    for token in tokens:
        parts.append(token)
        since += 1
        if since >= BREAKABLE or (since > 2 and token.strip("\\") in MARKS):
            parts.append(r"\allowbreak{}")
            since = 0
    return "".join(parts)
