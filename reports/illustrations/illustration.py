from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure


def numbered(name: str, place: int, count: int) -> str:
    """The name of one of several figures of a kind, which stands alone where there is no other."""
    return name if count == 1 else f"{name}-{place + 1}"


def extent(low: str, high: str) -> str:
    """``3 to 5``, or ``3`` where both ends read the same.

    Examples
    --------
    >>> extent("3", "5"), extent("3", "3")
    ('3 to 5', '3')
    """
    return low if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class Illustration:
    """A figure as it stands on a page.

    Attributes
    ----------
    name
        Identifier, and the name of its files.
    figure
        The picture.
    caption, alternative
        Its caption (n, seeds, null), and what it shows in words alone.
    data
        What is drawn, as a table.
    label
        What it is of, where it is one of several to choose from.
    further
        Data that fill files of their own, by what they are called in one word: weights, say.
    """

    name: str
    figure: Figure
    caption: str
    alternative: str
    data: pd.DataFrame
    label: str = ""
    further: Mapping[str, pd.DataFrame] = field(default_factory=dict)
