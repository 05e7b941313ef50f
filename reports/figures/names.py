"""Names from outside as they go into figures: measured in inches, and cut where they are wider than their place."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from .. import labels
from .style import WIDTH

BESIDE = 5.0
"""Width of a mark and of the gaps around it in a legend, in letters' heights."""

MOST = 200
"""Characters of a name that are looked at: more would not fit any figure, whatever its letters."""


@functools.lru_cache(maxsize=4096)
def width_of(text: str, size: float) -> float:
    """Width of one line of text in inches, in the figures' font at so many points, unhinted as they draw it.

    Glyphs that the font lacks are measured as the boxes in their place.

    Examples
    --------
    >>> width_of("i" * 10, 8) < width_of("W" * 10, 8) < width_of("W" * 20, 8)
    True
    """
    if not text:
        return 0.0
    font = FontProperties(family=matplotlib.rcParams["font.family"], size=size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72


def fitted(name: Any, inches: float, size: float) -> str:
    """A name in one line without control characters, cut with … where it is wider than its place.

    Parameters
    ----------
    name
        The name, as somebody gave it.
    inches
        Width of its place.
    size
        Size of the letters in points.

    Examples
    --------
    >>> fitted("feedback_alignment", 2.0, 8)
    'feedback_alignment'
    >>> fitted("W" * 60, 0.5, 8)
    'WWW…'
    """
    whole = labels.short(name, MOST)
    if width_of(whole, size) <= inches:
        return whole
    kept, beyond = 0, len(whole)
    while beyond - kept > 1:
        middle = (kept + beyond) // 2
        if width_of(f"{whole[:middle]}…", size) <= inches:
            kept = middle
        else:
            beyond = middle
    return f"{whole[:kept].rstrip()}…"


def legend_columns(words: Sequence[str], inches: float = WIDTH - 0.2, size: float = 7.5) -> int:
    """The most columns, down which the words of a legend are written, that fit side by side; at least one."""
    for columns in range(len(words), 1, -1):
        longest = [max(width_of(word, size) for word in part) for part in np.array_split(list(words), columns)]
        if sum(longest) + len(longest) * BESIDE * size / 72 <= inches:
            return columns
    return 1
