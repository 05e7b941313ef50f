from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from ...guard import DataError
from .. import labels
from ..content import MatrixExample
from .hover import mark_boxes
from .paging import thinned
from .style import INK, TALLEST, WIDTH, new_figure, pick, styled

COLUMNS = 3
CELL_HEIGHT = 2.0
LIMIT_PERCENTILE = 99.0
NULLS_NAMED = 3
# above this many neurons a pixel of the figure holds several synapses, and a raster of the figure's own size is smaller
DRAWN_EXACTLY = 400


def community_order(membership: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], list[int]]:
    """Order of the neurons that puts communities side by side, the largest first, and the sizes of the communities.

    Communities of equal size keep the order of their names, neurons within a community their own order.
    """
    members = np.asarray(membership)
    names, sizes = np.unique(members, return_counts=True)
    ranked = np.lexsort((names, -sizes))
    rank = np.empty(len(names), dtype=int)
    rank[ranked] = np.arange(len(names))
    order = np.argsort(rank[np.searchsorted(names, members)], kind="stable")
    return order, [int(size) for size in sizes[ranked]]


def colour_limit(matrix: npt.ArrayLike) -> float:
    """The weight at which colours saturate: the 99th percentile of the sizes of the synapses that exist."""
    sizes = np.abs(np.asarray(matrix, dtype=float))
    sizes = sizes[sizes > 0]
    return float(np.percentile(sizes, LIMIT_PERCENTILE)) if sizes.size else 1.0


@styled
def reordered_matrices(
    examples: Sequence[MatrixExample], before: bool = True, *, scores: pd.DataFrame | None = None
) -> Figure:
    """Weight matrices with their neurons reordered by community, as in figure 4 of Fan and Mysore 2024.

    A column is a network; the rows are its neurons' own order, the communities of maximal modularity, and, where an
    example has it, the groups of minimal modularity. Communities are outlined, the largest first. Colours are
    symmetric about zero, or go from zero on where no weight is negative, and saturate at the 99th percentile of the
    sizes of existing synapses, each network at its own (its colour bar tells where).

    Parameters
    ----------
    examples
        The networks, three to a row; where their rows are more than fit a printed page, as many as do, evenly chosen.
    before
        Also show each matrix in the neurons' own order, above the reordered ones.
    scores
        One row per network x weights x direction x null, as the study's table of communities, of one view of the
        weights: with it, the titles name Q, the agreement of restarts, and z against every null model.

    Returns
    -------
    Figure
        Not shown and not saved; matrices are images in it, so that its SVG stays small.

    Raises
    ------
    DataError
        If there are no examples.
    """
    if not examples:
        raise DataError("matrices: no examples, so there is nothing to draw")
    columns = min(COLUMNS, len(examples))
    orders = ["own order"] * before + ["by community"]
    orders += ["by group of minimal Q"] * any(example.minimal is not None for example in examples)
    titles = 0.45 if scores is None else 0.62
    height = CELL_HEIGHT * len(orders) + titles * (1 if scores is None else len(orders) - before) + 0.1
    examples = thinned(examples, columns * int((TALLEST - 0.3) / height))
    bands = [list(examples[i : i + columns]) for i in range(0, len(examples), columns)]
    figure = new_figure(
        height * len(bands) + 0.3,
        f"Do the weights form blocks once neurons{' ' if columns > 1 else chr(10)}are ordered by community?",
        width=WIDTH if columns > 1 else WIDTH / 2 + 0.6,
    )
    panels = figure.subplots(len(orders) * len(bands), columns, squeeze=False)
    for i, band in enumerate(bands):
        for j in range(columns):
            cells = list(panels[i * len(orders) : (i + 1) * len(orders), j])
            if j >= len(band):
                for axes in cells:
                    axes.set_axis_off()
                continue
            _column(figure, cells, orders, band[j], j == 0, j == len(band) - 1, scores)
    # places are the same in all rows, whose titles would stand in their numbers
    for axes in panels[:-1].flat:
        axes.tick_params(labelbottom=False)
    for axes in panels[-1]:
        axes.set_xlabel("pre")
    return figure


@styled
def reordered_matrix(example: MatrixExample, *, scores: pd.DataFrame | None = None) -> Figure:
    """One network in one row: its own order, by community, and by group of minimal modularity.

    Parameters are those of :func:`reordered_matrices`, for one network.
    """
    orders = ["own order", "by community", *(["by group of minimal Q"] if example.minimal is not None else [])]
    figure = new_figure(3.15, f"How are the weights of {example.place} ordered?")
    panels = figure.subplots(1, len(orders), squeeze=False)[0]
    for axes, order in zip(panels, orders, strict=True):
        image = _panel(axes, example, order)
        axes.set_title(_score_title(example, order, scores), linespacing=1.35, fontsize=7)
        axes.set_ylabel("post")
        axes.set_xlabel(f"pre ({order})")
    _colour_bar(figure, image, panels, True, shrink=0.55)
    return figure


def _column(
    figure: Figure,
    cells: Sequence[Axes],
    orders: Sequence[str],
    example: MatrixExample,
    first: bool,
    last: bool,
    scores: pd.DataFrame | None,
) -> None:
    """The matrix of one network in each order."""
    for axes, order in zip(cells, orders, strict=True):
        if order == "by group of minimal Q" and example.minimal is None:
            axes.set_axis_off()
            continue
        image = _panel(axes, example, order)
        axes.set_ylabel(f"post ({order})" if first else "")
        axes.tick_params(labelleft=first)
        _colour_bar(figure, image, axes, last)
        if scores is not None and order != "own order":
            axes.set_title(_score_title(example, order, scores), linespacing=1.35, fontsize=7)
    if scores is None:
        cells[0].set_title(_title(example), linespacing=1.35)
    else:
        cells[0].set_title(f"{_place(example)}\n{cells[0].get_title()}".strip(), linespacing=1.35, fontsize=7)


def _panel(axes: Axes, example: MatrixExample, order: str) -> AxesImage:
    membership = {"by community": example.membership, "by group of minimal Q": example.minimal}.get(order)
    if membership is None:
        return _draw(axes, example.matrix)
    neurons, sizes = community_order(membership)
    image = _draw(axes, example.matrix[np.ix_(neurons, neurons)])
    _outline(axes, sizes)
    _say_blocks(axes, example, neurons, sizes)
    return image


def _say_blocks(axes: Axes, example: MatrixExample, order: npt.NDArray[np.intp], sizes: list[int]) -> None:
    """What a block holds, under the pointer: who sends to whom, and the mean size of its weights."""
    if len(sizes) > 15:
        return
    ends = np.concatenate([[0], np.cumsum(sizes)])
    strength = np.abs(example.matrix[np.ix_(order, order)])
    boxes, texts = [], []
    for a in range(len(sizes)):
        for b in range(len(sizes)):
            rows, columns = slice(ends[a], ends[a + 1]), slice(ends[b], ends[b + 1])
            boxes.append((ends[b] - 0.5, ends[a] - 0.5, ends[b + 1] - 0.5, ends[a + 1] - 0.5))
            texts.append(
                f"from block {b + 1} ({sizes[b]}) to block {a + 1} ({sizes[a]}): mean |w| "
                f"{labels.number(float(strength[rows, columns].mean()))}"
            )
    mark_boxes(axes, boxes, texts)


def community_table(examples: Sequence[MatrixExample]) -> pd.DataFrame:
    """The order in which :func:`reordered_matrices` shows the neurons: one row per network and place."""
    tables = []
    for example in examples:
        order, _ = community_order(example.membership)
        tables.append(
            pd.DataFrame(
                {
                    "label": example.label,
                    "learning_rate": example.learning_rate,
                    **({} if example.pruning is None else {"pruning": example.pruning}),
                    "seed": example.seed,
                    "place": np.arange(len(order)),
                    "neuron": order,
                    "community": np.asarray(example.membership)[order],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def weight_table(examples: Sequence[MatrixExample]) -> pd.DataFrame:
    """The synapses of the examples: one row per network and weight that is not zero."""
    tables = []
    for example in examples:
        post, pre = np.nonzero(example.matrix)
        tables.append(
            pd.DataFrame(
                {
                    "label": example.label,
                    "learning_rate": example.learning_rate,
                    **({} if example.pruning is None else {"pruning": example.pruning}),
                    "seed": example.seed,
                    "post": post,
                    "pre": pre,
                    "weight": example.matrix[post, pre],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _place(example: MatrixExample) -> str:
    return (f"{labels.capital(example.label)}: " if example.label else "") + example.place


def _title(example: MatrixExample) -> str:
    return (
        f"{_place(example)}\nQ = {labels.score(example.quality)}, null {labels.score(example.null_mean)}\nz = "
        f"{labels.number(example.z)}, p = {labels.probability(example.p_value)}"
    ).replace("p = <", "p <")


def _score_title(example: MatrixExample, order: str, scores: pd.DataFrame | None) -> str:
    """Q of the order shown, how far restarts agree on it, and z against every null model."""
    if scores is None or order == "own order":
        return ""
    direction = "maximise" if order == "by community" else "minimise"
    own = pick(
        scores, learning_rate=example.learning_rate, pruning=example.pruning, seed=example.seed, direction=direction
    )
    if own.empty:
        return ""
    agreement = own["agreement"].iloc[0] if "agreement" in own else None
    lines = [f"{labels.direction(direction)} = {labels.score(own['quality'].iloc[0])}"]
    if not labels.missing(agreement):
        lines[0] += f", agreement {labels.number(agreement, 2)}"
    rows = own.to_dict("records")
    lines += [f"z = {labels.number(row['z'])} ({labels.narrow(row['null'])})" for row in rows[:NULLS_NAMED]]
    if len(rows) > NULLS_NAMED:
        lines.append(f"and {labels.counted(len(rows) - NULLS_NAMED, 'null model')} more")
    return "\n".join(lines)


def _draw(axes: Axes, matrix: npt.NDArray[Any]) -> AxesImage:
    limit = colour_limit(matrix)
    signed = bool((np.asarray(matrix) < 0).any())
    image = axes.imshow(
        matrix,
        cmap="RdBu_r" if signed else "Reds",
        vmin=-limit if signed else 0.0,
        vmax=limit,
        interpolation="none" if matrix.shape[0] <= DRAWN_EXACTLY else "antialiased",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(length=2.5, labelsize=7)
    return image


def _colour_bar(figure: Figure, image: AxesImage, axes: Any, last: bool, shrink: float = 0.75) -> None:
    least, limit = image.get_clim()
    signed = bool(least)
    bar = figure.colorbar(image, ax=axes, shrink=shrink, pad=0.02, aspect=18, extend="both" if signed else "max")
    bar.outline.set_linewidth(0.5)
    places = [-limit, 0, limit] if signed else [0, limit]
    bar.set_ticks(places, labels=[labels.number(place, 2) for place in places])
    bar.ax.tick_params(labelsize=7, length=2)
    if last:
        bar.set_label("weight", labelpad=-6)


def _outline(axes: Axes, sizes: list[int]) -> None:
    width = 1.0 if len(sizes) <= 20 else 0.5
    start = 0
    for size in sizes:
        axes.add_patch(
            Rectangle((start - 0.5, start - 0.5), size, size, fill=False, edgecolor=INK, linewidth=width, zorder=3)
        )
        start += size
        if start < sum(sizes) and len(sizes) <= 20:
            axes.axhline(start - 0.5, color="#999999", linewidth=0.35, zorder=2)
            axes.axvline(start - 0.5, color="#999999", linewidth=0.35, zorder=2)
