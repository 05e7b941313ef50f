"""What words a figure shows, and where."""

from __future__ import annotations

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

MARGIN = 0.02
"""Inches between any word and the figure's edge."""


def texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Every text of a figure that is seen, with its box in pixels."""
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    seen = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            if box.width > 0 and box.height > 0:
                seen.append((text, box))
    hidden = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label, on in ((tick.label1, _shown(axis, tick, 1)), (tick.label2, _shown(axis, tick, 2)))
        if not on
    }
    return [(text, box) for text, box in seen if text not in hidden]


def _shown(axis, tick, side: int) -> bool:
    low, high = sorted(axis.get_view_interval())
    label = tick.label1 if side == 1 else tick.label2
    return label.get_visible() and low <= tick.get_loc() <= high


def assert_words_fit(figure: Figure) -> None:
    """No text touches the figure's edge, and none runs into another."""
    boxes = texts(figure)
    assert len(boxes) > 5
    width, height = figure.bbox.width, figure.bbox.height
    edge = MARGIN * figure.dpi
    for text, box in boxes:
        inside = box.x0 >= edge and box.y0 >= edge and box.x1 <= width - edge and box.y1 <= height - edge
        assert inside, f"{text.get_text()!r} touches the edge"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across < 1 or along < 1, f"{one.get_text()!r} overlaps {other.get_text()!r}"
