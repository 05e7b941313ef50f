"""What words a figure shows, and where."""

from __future__ import annotations

import io
import itertools
import warnings

import matplotlib
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from creditgraph.reports.figures import lay_out
from creditgraph.reports.figures.style import PNG_DPI, RC

MARGIN = 0.02
"""Inches between any word and the figure's edge."""
OVERLAP = 0.01
"""Inches by which two boxes of words may run into each other."""
POINTS = 72
"""SVG is written in points, whatever the resolution of the figure."""


def texts(figure: Figure, *, kind: str = "png") -> list[tuple[Text, Bbox]]:
    """Every text of a figure that is seen, with its box in pixels, as it is in a file of that kind."""
    with matplotlib.rc_context(RC), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        return _texts(figure, kind)


def _texts(figure: Figure, kind: str) -> list[tuple[Text, Bbox]]:
    figure.draw_without_rendering()
    renderer: RendererBase = FigureCanvasAgg(figure).get_renderer()
    if kind == "svg":
        renderer = RendererSVG(figure.bbox.width, figure.bbox.height, io.StringIO())
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
    """No text touches the figure's edge, and none runs into another: in pixels as they are printed and in SVG."""
    lay_out(figure)
    for kind, dpi in (("png", PNG_DPI), ("svg", POINTS)):
        figure.set_dpi(dpi)
        boxes = texts(figure, kind=kind)
        assert len(boxes) > 5
        width, height = figure.bbox.width, figure.bbox.height
        edge = MARGIN * dpi
        for text, box in boxes:
            inside = box.x0 >= edge and box.y0 >= edge and box.x1 <= width - edge and box.y1 <= height - edge
            assert inside, f"{text.get_text()!r} touches the edge of the {kind} of {dpi} dpi"
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
            assert min(across, along) < OVERLAP * dpi, f"{one.get_text()!r} overlaps {other.get_text()!r} in {kind}"
