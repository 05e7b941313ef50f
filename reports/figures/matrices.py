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
from .style import INK, WIDTH, new_figure, styled

COLUMNS = 3
CELL_HEIGHT = 2.0
LIMIT_PERCENTILE = 99.0
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
def reordered_matrices(examples: Sequence[MatrixExample], before: bool = True) -> Figure:
    """Weight matrices with their neurons reordered by community, as in figure 4 of Fan and Mysore 2024.

    Blocks of the partition of maximal modularity are outlined, the largest first. Colours are symmetric about zero and
    saturate at the 99th percentile of the sizes of existing synapses, each network at its own (its title tells the
    colour bar's unit: the weights').

    Parameters
    ----------
    examples
        The networks, three to a row.
    before
        Also show each matrix in the neurons' own order, above the reordered one.

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
    bands = [list(examples[i : i + columns]) for i in range(0, len(examples), columns)]
    per_band = 2 if before else 1
    figure = new_figure(
        (CELL_HEIGHT * per_band + 0.45) * len(bands) + 0.3,
        "Do the weights form blocks once neurons are ordered by community?",
        width=WIDTH if columns > 1 else WIDTH / 2 + 0.6,
    )
    panels = figure.subplots(per_band * len(bands), columns, squeeze=False)
    for i, band in enumerate(bands):
        for j in range(columns):
            cells = [panels[i * per_band + k, j] for k in range(per_band)]
            if j >= len(band):
                for axes in cells:
                    axes.set_axis_off()
                continue
            example = band[j]
            cells[0].set_title(_title(example), linespacing=1.35)
            if before:
                image = _draw(cells[0], example.matrix, j == 0, "own order")
                _colour_bar(figure, image, cells[0], j == len(band) - 1)
            order, sizes = community_order(example.membership)
            image = _draw(cells[-1], example.matrix[np.ix_(order, order)], j == 0, "by community")
            _colour_bar(figure, image, cells[-1], j == len(band) - 1)
            _outline(cells[-1], sizes)
    for axes in panels[-1]:
        axes.set_xlabel("pre")
    return figure


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


def _title(example: MatrixExample) -> str:
    pruning = "" if example.pruning is None else f", pruning {example.pruning:g}"
    return (
        f"{labels.capital(example.label)}: r = {labels.rate(example.learning_rate, 3)}{pruning}\nseed {example.seed}: "
        f"Q = {labels.score(example.quality)}, null {labels.score(example.null_mean)}\nz = "
        f"{labels.number(example.z)}, p = {labels.probability(example.p_value)}"
    ).replace("p = <", "p <")


def _draw(axes: Axes, matrix: npt.NDArray[Any], first: bool, order: str) -> AxesImage:
    limit = colour_limit(matrix)
    image = axes.imshow(
        matrix,
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        interpolation="none" if matrix.shape[0] <= DRAWN_EXACTLY else "antialiased",
    )
    axes.set_ylabel(f"post ({order})" if first else "")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(labelleft=first, length=2.5, labelsize=7)
    return image


def _colour_bar(figure: Figure, image: AxesImage, axes: Axes, last: bool) -> None:
    bar = figure.colorbar(image, ax=axes, shrink=0.75, pad=0.02, aspect=18, extend="both")
    bar.outline.set_linewidth(0.5)
    limit = image.get_clim()[1] or 1.0
    bar.set_ticks([-limit, 0, limit], labels=[labels.number(-limit, 2), "0", labels.number(limit, 2)])
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
