from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...guard import DataError
from .. import labels
from .heat import colour_bar, heat_map, symmetric
from .style import INK, LEVEL, WIDTH, new_figure, pick, styled


@styled
def phase_diagram(effects: pd.DataFrame) -> Figure:
    """Where networks differ from chance: z of maximal and minimal Q over learning rate and pruning.

    Columns of panels are the directions, rows the views of the weights and null models. A cell is the mean z over
    seeds, ``z = (Q - mean of the null) / s.d. of the null``; a dot says that q <= 0.05. Grey cells have no z. All
    panels share one scale, which ends at the 98th percentile of |z|.

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
    rows = list(effects[["weights", "null"]].drop_duplicates().itertuples(index=False, name=None))
    height = max(0.9, min(0.3 * len(prunings), 2.4))
    figure = new_figure(
        (height + 0.42) * len(rows) + 0.9, "At which learning rates and pruning are there more communities than chance?"
    )
    panels = figure.subplots(len(rows), len(directions), squeeze=False, sharex=True, sharey=True)
    limits = symmetric(effects["z_mean"].astype("Float64").to_numpy(float, na_value=np.nan), 98)
    image = None
    for i, (weights, null) in enumerate(rows):
        for j, direction in enumerate(directions):
            cell = pick(effects, weights=weights, null=null, direction=direction)
            z, q = (_table(cell, column, prunings, rates) for column in ("z_mean", "q_value"))
            axes = panels[i, j]
            image = heat_map(
                axes,
                z,
                rows=[f"{pruning:g}" for pruning in prunings],
                columns=[labels.rate(rate, 3) for rate in rates],
                size=((WIDTH - 1.4) / len(directions), height),
                limits=limits,
                colours="PuOr_r",
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
    colour_bar(figure, image, panels, "mean z over seeds (dot: q ≤ 0.05)", extend="both")
    return figure


def _table(cell: pd.DataFrame, column: str, prunings: list[float], rates: list[float]) -> np.ndarray:
    wide = cell.pivot_table(index="pruning", columns="learning_rate", values=column, aggfunc="mean", dropna=False)
    return wide.reindex(index=prunings, columns=rates).astype("Float64").to_numpy(float, na_value=np.nan)
