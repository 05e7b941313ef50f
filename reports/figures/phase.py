from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ...guard import DataError
from .. import labels
from .heat import colour_bar, heat_map, symmetric
from .paging import thinned
from .style import INK, LEVEL, TALLEST, WIDTH, new_figure, pick, styled

ROWS = 5
"""So many rows of panels fit a printed page."""

TITLE_HEIGHT, FRAME_HEIGHT = 0.42, 1.25

MORE = {"maximise": "maximal Q above the null model (z > 0)", "minimise": "minimal Q below it (z < 0)"}
LESS = {"maximise": "maximal Q below the null model (z < 0)", "minimise": "minimal Q above it (z > 0)"}


@styled
def phase_diagram(effects: pd.DataFrame) -> Figure:
    """Where networks have more structure than chance: z of maximal and minimal Q over learning rate and pruning.

    Columns of panels are the directions, rows the views of the weights and null models. A cell is the mean z over
    seeds, ``z = (Q - mean of the null) / s.d. of the null``; a dot says that q <= 0.05. Grey cells have no z. Structure
    is a maximal Q above the null (z > 0), or a minimal Q below it (z < 0): the colours of minimal Q are turned around,
    so that orange is more structure than chance everywhere, and violet less. All panels share one scale, which ends at
    the 98th percentile of :math:`|z|`. Of more than five rows of panels five are drawn, evenly chosen.

    Parameters
    ----------
    effects
        One row per weights x direction x null x learning rate x pruning, with z_mean and q_value.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty or has no column pruning.
    """
    if effects.empty:
        raise DataError("effects: the table is empty, so there is nothing to draw")
    if "pruning" not in effects:
        raise DataError("effects: the table has no column pruning; a phase diagram needs networks pruned unlike")
    rates, prunings = sorted(effects["learning_rate"].unique()), sorted(effects["pruning"].unique(), reverse=True)
    directions = labels.distinct(effects, "direction")
    rows = thinned(list(effects[["weights", "null"]].drop_duplicates().itertuples(index=False, name=None)), ROWS)
    height = min(max(0.9, min(0.3 * len(prunings), 2.4)), (TALLEST - FRAME_HEIGHT) / len(rows) - TITLE_HEIGHT)
    figure = new_figure(
        (height + TITLE_HEIGHT) * len(rows) + FRAME_HEIGHT,
        "At which learning rates and pruning is there more structure than chance?",
    )
    panels = figure.subplots(len(rows), len(directions), squeeze=False, sharex=True, sharey=True)
    limits = symmetric(effects["z_mean"].astype("Float64").to_numpy(float, na_value=np.nan), 98)
    images: dict[str, AxesImage] = {}
    for i, (weights, null) in enumerate(rows):
        for j, direction in enumerate(directions):
            cell = pick(effects, weights=weights, null=null, direction=direction)
            z, q = (_table(cell, column, prunings, rates) for column in ("z_mean", "q_value"))
            axes = panels[i, j]
            images[direction] = heat_map(
                axes,
                z,
                rows=[f"{pruning:g}" for pruning in prunings],
                columns=[labels.rate(rate, 3) for rate in rates],
                size=((WIDTH - 1.4) / len(directions), height),
                limits=limits,
                colours=_colours(direction),
                texts=[[labels.number(value, 2) if np.isfinite(value) else "" for value in row] for row in z],
                said=[
                    [
                        f"r = {labels.rate(rate)}, pruning {pruning:g}: z = {labels.number(z[a, b])}, "
                        f"q = {labels.probability(q[a, b])}"
                        for b, rate in enumerate(rates)
                    ]
                    for a, pruning in enumerate(prunings)
                ],
            )
            y, x = np.nonzero(q <= LEVEL)
            axes.plot(x, y + 0.33, "o", color=INK, markersize=2.6, markeredgecolor="white", markeredgewidth=0.4)
            of = labels.brief(weights)
            against = labels.brief(null)
            axes.set_title(f"{labels.capital(labels.direction(direction))}, {of}\nagainst {against}", parse_math=False)
            if j == 0:
                axes.set_ylabel("pruning")
            if i == len(rows) - 1:
                axes.set_xlabel("learning rate r")
    last = len(directions) - 1
    for j, direction in enumerate(directions):
        colour_bar(figure, images[direction], panels[:, j], "mean z" if j == last else "", extend="both")
    more, less = (matplotlib.colormaps["PuOr_r"](place) for place in (0.85, 0.15))
    where = [(MORE[each], LESS[each]) for each in directions if each in MORE]
    above, below = (labels.listed([words[k] for words in where], "or") for k in (0, 1))
    handles: list[Any] = [Patch(color=more), Patch(color=less)]
    handles.append(Line2D([], [], ls="", marker="o", color=INK, markersize=2.6))
    words = [f"more structure than chance: {above}", f"less: {below}", "q ≤ 0.05"]
    figure.legend(handles, words, loc="outside lower center", ncols=1)
    return figure


def _colours(direction: str) -> str:
    """Orange where there is more structure than chance."""
    return "PuOr" if direction == "minimise" else "PuOr_r"


def _table(cell: pd.DataFrame, column: str, prunings: list[float], rates: list[float]) -> np.ndarray:
    wide = cell.pivot_table(index="pruning", columns="learning_rate", values=column, aggfunc="mean", dropna=False)
    return wide.reindex(index=prunings, columns=rates).astype("Float64").to_numpy(float, na_value=np.nan)
