from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure


def numbered(name: str, place: int, count: int) -> str:
    """The name of one of several figures of a kind, which stands alone where there is no other."""
    return name if count == 1 else f"{name}-{place + 1}"


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
    """

    name: str
    figure: Figure
    caption: str
    alternative: str
    data: pd.DataFrame
    label: str = ""
