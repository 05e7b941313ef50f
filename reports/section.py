from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .illustrations import Illustration
from .table import Table


@dataclass(frozen=True)
class Section:
    """A part of a page: a question, what is to be known before reading, figures and tables.

    Attributes
    ----------
    name
        Identifier, by which links reach it.
    short, heading
        What the navigation calls it, and its heading.
    words
        Paragraphs.
    figures
        Its figures.
    browsed
        Figures of one kind to go through one by one, the first shown first; each has a label.
    tables, folded
        Tables in full sight, and those that a reader unfolds.
    """

    name: str
    short: str
    heading: str
    words: Sequence[str] = ()
    figures: Sequence[Illustration] = ()
    browsed: Sequence[Illustration] = ()
    tables: Sequence[Table] = ()
    folded: Sequence[Table] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.figures or self.browsed or self.tables or self.folded)
