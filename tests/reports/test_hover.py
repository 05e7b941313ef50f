from __future__ import annotations

import gc
import weakref

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from creditgraph.reports.figures import hover, spots


def drawn() -> tuple[Figure, matplotlib.axes.Axes]:
    """Axes over the middle half of a figure in both directions."""
    figure = Figure(figsize=(4, 2))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.25, 0.25, 0.5, 0.5))
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 100)
    return figure, axes


def test_points_lie_where_they_are_drawn():
    """Guards against places that are upside down, or in pixels."""
    figure, axes = drawn()
    hover.mark_points(axes, [0, 10, 5], [0, 100, 25], ["a", "b", "c"])
    assert [(each.left, each.top, each.right, each.bottom, each.text) for each in spots(figure)] == [
        (0.25, 0.75, 0.25, 0.75, "a"),
        (0.75, 0.25, 0.75, 0.25, "b"),
        (0.5, 0.625, 0.5, 0.625, "c"),
    ]


def test_boxes_have_their_edges_in_order_whatever_the_axes():
    """Guards against boxes of negative size where an axis runs downwards, and wrong places on logarithmic axes."""
    figure, axes = drawn()
    axes.set_ylim(100, 0)
    axes.set_xscale("log")
    axes.set_xlim(1, 100)
    hover.mark_boxes(axes, [(1, 0, 10, 50)], ["box"])
    (found,) = spots(figure)
    assert np.allclose([found.left, found.top, found.right, found.bottom], [0.25, 0.25, 0.5, 0.5])


def test_places_without_a_number_or_outside_say_nothing():
    """Guards against NaN in the page, and values of what nobody sees."""
    figure, axes = drawn()
    hover.mark_points(axes, [np.nan, 5, 1000], [1, np.inf, 1], ["nan", "infinite", "outside"])
    assert spots(figure) == []


def test_too_many_places_say_nothing():
    """Guards against a page that weighs more by its values than by its pictures."""
    figure, axes = drawn()
    hover.mark_points(axes, np.full(hover.MOST, 5), np.full(hover.MOST, 5), ["a"] * hover.MOST)
    assert len(spots(figure)) == hover.MOST
    hover.mark_points(axes, [5], [5], ["one more"])
    assert spots(figure) == []


def test_figures_are_freed():
    """Guards against values under the pointer that keep every figure of a session in memory."""
    figure, axes = drawn()
    hover.mark_points(axes, [5], [5], ["a"])
    alive = weakref.ref(figure)
    del figure, axes
    gc.collect()
    assert alive() is None
