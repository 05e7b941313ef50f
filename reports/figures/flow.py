from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ...guard import DataError, choice
from .. import labels
from .heat import name_axis, readable_on
from .hover import mark_boxes
from .names import width_of
from .style import COMMUNITY_COLOURS, INK, REST_COLOUR, WIDTH, community_colours, new_figure, styled

POSITIONS = 24
"""At most so many positions are drawn, evenly spread: more would not be told apart."""

MANY = 100
"""Bands between two bars from which on they are drawn as pixels."""

HEIGHT = 3.6
BAR = 0.16
LABEL = 6.0
"""Size of the labels in the blocks, in points."""

CURVE = 24
TITLES = {
    "learning_rate": ("Do communities stay the same across learning rates?", "learning rate r"),
    "step": ("How do communities form and change over training?", "training step"),
}


@styled
def community_flow(memberships: pd.DataFrame, *, over: str = "learning_rate") -> Figure:
    """An alluvial diagram: which neurons keep together from one learning rate, or moment of training, to the next.

    A bar is one position; its blocks are communities, as high as they have neurons, and a band between two bars holds
    the neurons that go from one community to the other. Colours follow the labels, so labels that mean the same
    community everywhere (:func:`creditgraph.analysis.align`) give it one colour. Blocks bear their label where it fits;
    those of the paler colours (labels 12 to 23) are hatched, so that they are not taken for bands.

    Parameters
    ----------
    memberships
        One row per position and neuron: `neuron`, `community` (whole numbers, aligned), and the column `over`. Below 0
        a neuron is in no community there, and is left blank.
    over
        ``learning_rate`` or ``step``. With more than 24 positions, 24 of them are drawn, the first and last included.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty, lacks a column, or a neuron comes twice at a position.
    OptionError
        If `over` is neither.
    """
    title, name = TITLES[choice("over", over, TITLES)]
    if memberships.empty:
        raise DataError("memberships: the table is empty, so there is nothing to draw")
    if missing := [column for column in ("neuron", "community", over) if column not in memberships]:
        raise DataError(f"memberships: the table has no column {', '.join(missing)}")
    if memberships.duplicated([over, "neuron"]).any():
        raise DataError(f"memberships: a neuron comes twice at one {over}; pick one seed, view and direction first")
    wide = memberships.pivot_table(index="neuron", columns=over, values="community").sort_index(axis=1)
    kept = np.unique(np.linspace(0, wide.shape[1] - 1, min(POSITIONS, wide.shape[1])).round().astype(int))
    wide = wide.iloc[:, kept]
    wide = wide.where(wide >= 0)
    figure = new_figure(HEIGHT, title)
    axes = figure.subplots()
    everywhere = sorted({int(label) for label in wide.to_numpy().ravel() if label == label})
    colours = community_colours(everywhere)
    places = [_place(float(place), over) for place in wide.columns.to_numpy(float)]
    columns = [wide.iloc[:, i] for i in range(wide.shape[1])]
    for i, column in enumerate(columns):
        _bar(axes, i, column, colours, f"{name} {places[i]}")
        _name_blocks(axes, i, column, colours, (HEIGHT - 1.2) / len(wide), (WIDTH - 0.9) / len(columns) * 2 * BAR)
        if i:
            _bands(axes, i - 1, columns[i - 1], column, colours)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(wide), 0)
    name_axis(axes, "x", places, WIDTH - 0.9)
    axes.set_xlabel(name)
    axes.set_ylabel("neurons, by community")
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="x", length=0)
    named = [label for label in everywhere if colours[label] != REST_COLOUR]
    handles = [Patch(label=f"{label}", **_look(label, colours)) for label in named]
    if len(named) < len(everywhere):
        handles.append(Patch(color=REST_COLOUR, label=f"{len(everywhere) - len(named)} more"))
    figure.legend(
        handles=handles, title="community", loc="outside lower center", ncols=min(len(handles), 13),
        handlelength=1.4, columnspacing=1.2,
    )  # fmt: skip
    return figure


def _look(label: int, colours: dict[int, str]) -> dict[str, Any]:
    """How a block is filled: the paler colours are hatched, or they would look like bands."""
    pale = len(COMMUNITY_COLOURS) <= label < 2 * len(COMMUNITY_COLOURS)
    hatched = {"hatch": "/////", "edgecolor": COMMUNITY_COLOURS[label % len(COMMUNITY_COLOURS)]} if pale else {}
    return {"facecolor": colours[label], "linewidth": 0, **hatched}


def _place(value: float, over: str) -> str:
    return labels.rate(value, 3) if over == "learning_rate" else f"{value:g}"


def _bar(axes: Axes, place: int, column: pd.Series[float], colours: dict[int, str], where: str) -> None:
    sizes = column.dropna().astype(int).value_counts().sort_index()
    top, boxes, texts = 0, [], []
    for label, size in sizes.items():
        box = (place - BAR, top, place + BAR, top + size)
        axes.bar(place, size, bottom=top, width=2 * BAR, zorder=3, **_look(int(str(label)), colours))
        boxes.append(box)
        texts.append(f"{where}: community {label}, {labels.counted(int(size), 'neuron')}")
        top += size
    ends = np.cumsum([0, *sizes])
    axes.hlines(ends, place - BAR, place + BAR, color="white", linewidth=0.5 if len(sizes) < 30 else 0, zorder=4)
    axes.vlines([place - BAR, place + BAR], 0, top, color=INK, linewidth=0.3, zorder=4)
    mark_boxes(axes, boxes, texts)


def _name_blocks(
    axes: Axes, place: int, column: pd.Series[float], colours: dict[int, str], neuron: float, width: float
) -> None:
    """The label of each block in it, where it fits: `neuron` is the height of one, and `width` a block's, in inches."""
    sizes = column.dropna().astype(int).value_counts().sort_index()
    for label, size, end in zip(sizes.index, sizes, np.cumsum(sizes), strict=True):
        text = f"{label}"
        if size * neuron < LABEL * 1.25 / 72 or width_of(text, LABEL) > width:
            continue
        ground = colours[int(str(label))]
        pale = "hatch" in _look(int(str(label)), colours)
        axes.text(
            place, end - size / 2, text, ha="center", va="center", fontsize=LABEL, color=readable_on(ground), zorder=5,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": ground, "linewidth": 0} if pale else None,
        )  # fmt: skip


def _bands(axes: Axes, place: int, left: pd.Series[float], right: pd.Series[float], colours: dict[int, str]) -> None:
    """Bands of neurons between two bars, coloured as where they come from; those of one block lie side by side."""
    both = pd.DataFrame({"left": left, "right": right}).dropna().astype(int)
    counts = both.value_counts().sort_index()
    starts = {side: _starts(column) for side, column in (("left", left), ("right", right))}
    # within a block on the right, bands come in the order of where they come from; on the left of where they go to
    ramp = np.linspace(0, 1, CURVE)
    rise = 3 * ramp**2 - 2 * ramp**3
    x = place + BAR + ramp * (1 - 2 * BAR)
    shapes, faces = [], []
    for (a, b), size in zip(counts.index.tolist(), counts.to_numpy(), strict=True):
        y0, y1 = starts["left"][a], starts["right"][b]
        starts["left"][a] += size
        starts["right"][b] += size
        upper = y0 + (y1 - y0) * rise
        shapes.append(_closed(x, upper, float(size)))
        faces.append(colours[a])
    many = len(shapes) > MANY
    axes.add_collection(PolyCollection(shapes, facecolors=faces, alpha=0.4, linewidths=0, zorder=1, rasterized=many))


def _starts(column: pd.Series[float]) -> dict[int, float]:
    sizes = column.dropna().astype(int).value_counts().sort_index()
    tops = np.concatenate([[0], np.cumsum(sizes.to_numpy())[:-1]])
    return {int(str(label)): float(top) for label, top in zip(sizes.index, tops, strict=True)}


def _closed(x: npt.NDArray[np.float64], upper: npt.NDArray[np.float64], size: float) -> npt.NDArray[np.float64]:
    there, back = np.column_stack([x, upper]), np.column_stack([x, upper + size])[::-1]
    return np.vstack([there, back])
