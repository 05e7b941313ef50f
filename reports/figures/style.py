"""One look for all figures: colours, sizes, axes, and how a figure becomes a file."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec

import matplotlib
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter

from .. import labels

WIDTH = 7.2
"""Width of a figure in inches: two columns of a journal, 183 mm."""

PNG_DPI = 180

# Okabe and Ito's palette, which readers with any colour vision tell apart
DIRECTION_COLOURS = {"maximise": "#0072B2", "minimise": "#D55E00"}
NULL_LOOKS: dict[str, dict[str, Any]] = {
    "shuffle_nonzero": {"color": "#6B6B6B", "linestyle": "--", "marker": "o"},
    "initial": {"color": "#A8417D", "linestyle": ":", "marker": "s"},
    "shuffle_block": {"color": "#007F5C", "linestyle": "-.", "marker": "^"},
}
OTHER_COLOURS = ("#B07900", "#3A87B8", "#000000")
LOSS_COLOURS = {"squared_error": "#0072B2", "cross_entropy": "#D55E00"}
INK = "#222222"

# matplotlib types the names of its settings one by one; seaborn does not
RC: Any = {
    **seaborn.axes_style("ticks"),
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.titleweight": "normal",
    "axes.linewidth": 0.8,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.size": 3.5,
    "ytick.major.size": 3.5,
    "xtick.minor.size": 2,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "figure.titlesize": 10,
    "figure.titleweight": "bold",
    "lines.linewidth": 1.5,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "creditgraph",
}

P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw a figure in the house style, whatever style the caller has set, and leave that style alone."""

    @functools.wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(RC):
            return draw(*args, **kwargs)

    return wrapper


def new_figure(height: float, title: str, width: float = WIDTH) -> Figure:
    """An empty figure with the question it answers as its title; it belongs to no window and no pyplot."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    return figure


def svg(figure: Figure) -> bytes:
    """The figure as SVG, byte for byte the same at every call."""
    with matplotlib.rc_context(RC):
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", dpi=PNG_DPI, metadata={"Date": None, "Creator": None})
        return stream.getvalue()


def png(figure: Figure, dpi: int = PNG_DPI) -> bytes:
    """The figure as PNG."""
    with matplotlib.rc_context(RC):
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
        return stream.getvalue()


def null_looks(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Colour, line style and marker of each null model: the same in every figure that has the same null models."""
    others = iter(OTHER_COLOURS)
    return {
        name: NULL_LOOKS.get(name) or {"color": next(others, INK), "linestyle": (0, (4, 1, 1, 1)), "marker": "D"}
        for name in names
    }


def learning_rate_colours(rates: Sequence[float]) -> tuple[Colormap, Normalize]:
    """Colour map and logarithmic scale of learning rates, dark to light without the palest colours."""
    colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.88, 256))
    low, high = min(rates), max(rates)
    if low == high:
        low, high = low / 2, high * 2
    return matplotlib.colors.ListedColormap(colours, name="learning_rate"), LogNorm(low, high)


def shown_rates(rates: Sequence[float], width: float, size: float = 7.5) -> list[float]:
    """Those learning rates whose labels fit side by side on a logarithmic axis `width` inches long.

    The first and the last come first, then powers of ten, then the rest in order.
    """
    ordered = sorted(set(rates))
    if len(ordered) < 2:
        return ordered
    logs = np.log10(ordered)
    places = dict(zip(ordered, (logs - logs[0]) / (logs[-1] - logs[0]) * width, strict=True))
    half = {rate: len(labels.rate(rate, 3)) * size * 0.6 / 72 / 2 for rate in ordered}
    decades = [rate for rate in ordered if abs(np.log10(rate) - round(np.log10(rate))) < 1e-9]
    chosen: list[float] = []
    for rate in dict.fromkeys([ordered[0], ordered[-1], *decades, *ordered]):
        if all(abs(places[rate] - places[other]) > half[rate] + half[other] + 0.07 for other in chosen):
            chosen.append(rate)
    return sorted(chosen)


def learning_rate_axis(axes: Axes, rates: Sequence[float], width: float, label: bool = True) -> None:
    """Make x a logarithmic axis with a tick at every learning rate and a label wherever one fits.

    Parameters
    ----------
    axes
        The axes.
    rates
        Learning rates of the sweep (1, per step).
    width
        Length of the axis in inches, about.
    label
        Whether the axis gets its name.
    """
    ordered = sorted(set(rates))
    axes.set_xscale("log")
    margin = (ordered[-1] / ordered[0]) ** 0.06 if len(ordered) > 1 else 2.0
    axes.set_xlim(ordered[0] / margin, ordered[-1] * margin)
    shown = shown_rates(ordered, width / 1.12)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_major_formatter(lambda value, _: labels.rate(value, 3))
    axes.xaxis.set_minor_locator(FixedLocator([rate for rate in ordered if rate not in shown]))
    axes.xaxis.set_minor_formatter(NullFormatter())
    if label:
        axes.set_xlabel("learning rate r")


def pick(table: pd.DataFrame, **keys: Any) -> pd.DataFrame:
    """Rows of a table with the given values; a key that is None, or no column of the table, is left out."""
    keep = pd.Series(True, index=table.index)
    for column, value in keys.items():
        if value is not None and column in table.columns:
            keep &= table[column] == value
    return table[keep]


def rows_of(table: pd.DataFrame) -> list[tuple[str, float | None]]:
    """The rows of panels: each view of the weights with each pruning (None where the study does not prune)."""
    prunings: list[float | None] = sorted(labels.distinct(table, "pruning")) or [None]
    return [(view, pruning) for view in labels.distinct(table, "weights") for pruning in prunings]


def row_title(view: str, pruning: float | None, prunings: int) -> str:
    """What a row of panels shows."""
    return labels.weights(view) + (f", pruning {pruning:g}" if pruning is not None and prunings > 1 else "")
