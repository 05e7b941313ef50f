"""Heat maps of small tables: named rows and columns, numbers in the cells where they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from .hover import mark_boxes
from .names import fitted, width_of
from .style import INK

MISSING_COLOUR = "#DDDDDD"
READABLE = 4.5
"""Contrast that text needs (WCAG 2.2, level AA)."""

NAME_SIZE = 7.0
NAME_ROOM = 1.05
"""Inches that the name of a row or column may take."""


def heat_map(
    axes: Axes,
    values: npt.NDArray[np.float64],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    size: tuple[float, float],
    limits: tuple[float, float],
    colours: str | Colormap,
    texts: Sequence[Sequence[str]] | None = None,
    said: Sequence[Sequence[str]] | None = None,
) -> AxesImage:
    """Draw a matrix of numbers as coloured cells.

    Parameters
    ----------
    axes
        The axes.
    values
        Shape (rows, columns); NaN is grey.
    rows, columns
        Names; where they do not fit only every second, third, ... is shown.
    size
        Width and height of the axes in inches, about.
    limits
        Values at which the colours end.
    colours
        Colour map.
    texts
        What is written into the cells, left out where it does not fit.
    said
        What each cell says under the pointer.
    """
    image = axes.imshow(
        values, cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto", interpolation="nearest", zorder=0
    )
    axes.set_facecolor(MISSING_COLOUR)
    width, height = size
    name_axis(axes, "x", columns, width)
    name_axis(axes, "y", rows, height)
    axes.tick_params(length=2)
    if texts is not None:
        _write(axes, image, values, texts, width / max(len(columns), 1), height / max(len(rows), 1))
    if said is not None:
        places = [(j - 0.5, i - 0.5, j + 0.5, i + 0.5) for i in range(len(rows)) for j in range(len(columns))]
        mark_boxes(axes, places, [cell for row in said for cell in row])
    return image


def name_axis(axes: Axes, which: str, names: Sequence[str], inches: float) -> None:
    """Name the places 0, 1, ... of an axis, as many as fit side by side; long names are cut, and stand upright on x."""
    short = [fitted(name, NAME_ROOM, NAME_SIZE) for name in names]
    longest = max((width_of(name, NAME_SIZE) for name in short), default=0.0) + 0.08
    line = NAME_SIZE * 1.45 / 72
    # on x, short names read better level and fewer than upright and all
    level = which == "y" or longest <= inches / max(len(short), 1) or longest <= 0.42
    needed = longest if level and which == "x" else line
    step = max(1, int(np.ceil(len(short) * needed / max(inches, needed))))
    shown = range(0, len(short), step)
    set_ticks = axes.set_xticks if which == "x" else axes.set_yticks
    set_ticks(
        list(shown), labels=[short[i] for i in shown], fontsize=NAME_SIZE, rotation=0 if level else 90, parse_math=False
    )


def _write(
    axes: Axes,
    image: AxesImage,
    values: npt.NDArray[np.float64],
    texts: Sequence[Sequence[str]],
    width: float,
    height: float,
) -> None:
    longest = max((width_of(text, NAME_SIZE) for row in texts for text in row), default=0.0)
    size = min(7.0, width / max(longest, 0.01) * NAME_SIZE * 0.9, height * 72 * 0.7)
    if size < 4.5:
        return
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            if text:
                known = np.isfinite(values[i, j])
                ground = image.to_rgba(values[i : i + 1, j])[0, :3] if known else MISSING_COLOUR
                axes.text(*(j, i, text), ha="center", va="center", fontsize=size, color=readable_on(ground), zorder=3)


def readable_on(ground: Any) -> str:
    """Ink or white, whichever stands out more on a colour; black in place of ink where both fall short of 4.5 : 1.

    Of black and white, one has a contrast of at least 4.58 on every colour.
    """
    best = max(("white", INK), key=lambda each: contrast(each, ground))
    return (
        best if contrast(best, ground) >= READABLE else max(("white", "black"), key=lambda each: contrast(each, ground))
    )


def contrast(one: Any, other: Any) -> float:
    """Contrast of two colours, 1 to 21: :math:`(L_1 + 0.05) / (L_2 + 0.05)`, L their relative luminance (WCAG 2.2)."""
    low, high = sorted(float(_linear(each) @ (0.2126, 0.7152, 0.0722)) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def _linear(colour: Any) -> npt.NDArray[np.float64]:
    """Red, green and blue without the gamma of sRGB."""
    channels = np.asarray(to_rgb(colour))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def colour_bar(figure: Figure, image: Any, axes: Any, label: str, *, extend: str = "neither") -> None:
    """The scale of a heat map, at its right."""
    bar = figure.colorbar(image, ax=axes, aspect=24, pad=0.02, fraction=0.06, extend=extend)
    bar.outline.set_linewidth(0.5)
    bar.ax.tick_params(labelsize=7, length=2)
    bar.set_label(label)


def symmetric(values: npt.ArrayLike, percentile: float = 100.0) -> tuple[float, float]:
    """Limits of a colour map that has its middle at zero."""
    sizes = np.abs(np.asarray(values, float))
    sizes = sizes[np.isfinite(sizes)]
    limit = float(np.percentile(sizes, percentile)) if sizes.size else 1.0
    return (-limit, limit) if limit > 0 else (-1.0, 1.0)
