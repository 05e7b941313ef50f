"""Labels as one text, as the command takes them: with commas between them, in quotes where one has a comma itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable


def listed(labels: Iterable[str]) -> str:
    """Labels as one text, which :func:`read_labels` reads back.

    Examples
    --------
    >>> listed(["wide", "deep, narrow"])
    'wide,"deep, narrow"'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(labels)
    return text.getvalue()


def read_labels(text: str) -> list[str]:
    """Labels that stand in one text; spaces around them do not belong to them.

    Examples
    --------
    >>> read_labels('wide, "deep, narrow"')
    ['wide', 'deep, narrow']
    """
    return [label.strip() for row in csv.reader([text], skipinitialspace=True) for label in row]
