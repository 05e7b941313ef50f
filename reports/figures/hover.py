"""Values under the pointer: what a figure says at its points and cells, and where these lie in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

MOST = 1500
"""A figure with more spots has none: they would weigh more than the picture."""


@dataclass(frozen=True)
class Spot:
    """A place of a picture and what it shows.

    Attributes
    ----------
    left, top, right, bottom
        Edges, as fractions of the picture's width and height from its upper left corner; a point has no extent.
    text
        What it shows.
    """

    left: float
    top: float
    right: float
    bottom: float
    text: str


class Marks(Artist):
    """What places of some axes say; it draws nothing, and lives as long as its figure."""

    def __init__(self, boxes: npt.NDArray[np.float64], texts: Sequence[str]) -> None:
        super().__init__()
        self.boxes, self.texts = boxes, list(texts)
        self.set_in_layout(False)

    def draw(self, renderer: RendererBase) -> None:
        """Draw nothing."""


def mark_points(axes: Axes, x: npt.ArrayLike, y: npt.ArrayLike, texts: Sequence[str]) -> None:
    """Say what points of a figure show, at `x` and `y` in the units of the axes."""
    places = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    axes.add_artist(Marks(np.hstack([places, places]), texts))


def mark_boxes(axes: Axes, boxes: npt.ArrayLike, texts: Sequence[str]) -> None:
    """Say what rectangles of a figure show; `boxes` are (left, top, right, bottom) in the units of the axes."""
    axes.add_artist(Marks(np.asarray(boxes, float).reshape(-1, 4), texts))


def spots(figure: Figure) -> list[Spot]:
    """The spots of a figure that has been drawn, in reading order; none where there are more than 1500."""
    marks = [(axes, each) for axes in figure.axes for each in axes.get_children() if isinstance(each, Marks)]
    if sum(len(each.texts) for _, each in marks) > MOST:
        return []
    found = []
    for axes, each in marks:
        corners = axes.transData.transform(each.boxes.reshape(-1, 2)) / figure.bbox.size
        for (x0, y0, x1, y1), text in zip(corners.reshape(-1, 4), each.texts, strict=True):
            edges = (min(x0, x1), 1 - max(y0, y1), max(x0, x1), 1 - min(y0, y1))
            left, top, right, bottom = (round(float(edge), 4) for edge in edges)
            if all(0 <= edge <= 1 for edge in (left, top, right, bottom)):  # also false where an edge is NaN
                found.append(Spot(left, top, right, bottom, text))
    return found
