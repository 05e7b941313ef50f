"""How legends are set below a figure."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 96
"""Letters that two columns have room for, beside their lines."""


def legend_columns(names: Sequence[str]) -> int:
    """Two columns, filled one after the other, or one where two are too wide.

    Examples
    --------
    >>> legend_columns(["trained", "untrained", "shuffled"]), legend_columns(["a long name of a null model" * 2] * 4)
    (2, 1)
    """
    half = -(-len(names) // 2)
    widest = [max(map(len, column), default=0) for column in (names[:half], names[half:])]
    return 2 if sum(widest) <= WIDTH else 1
