from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...guard import DataError
from .. import labels
from .style import INK, LOSS_COLOURS, OTHER_COLOURS, new_figure, styled

LEAST = 1e-18
"""Where an error of exactly zero is drawn, for it has no place on a logarithmic axis."""

ROW_HEIGHT = 0.2


@styled
def verification_errors(verification: pd.DataFrame) -> Figure:
    """Relative error of the rule's update against autograd, beside the bound that it must keep.

    A row is a kind of network, a way to clamp credits and an activation; a point is one comparison (a loss, a depth, a
    batch size). The bar is the bound.

    Parameters
    ----------
    verification
        One row per comparison: network, credit, activation, loss, error, bound, holds.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if verification.empty:
        raise DataError("verification: the table is empty, so there is nothing to draw")
    groups = list(verification.groupby(["network", "credit"], sort=False))
    heights = [group["activation"].nunique() for _, group in groups]
    figure = new_figure(
        ROW_HEIGHT * sum(heights) + 0.42 * len(groups) + 1.05, "Does the credit rule follow the gradient exactly?"
    )
    panels = figure.subplots(len(groups), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    losses = labels.distinct(verification, "loss")
    others = iter(OTHER_COLOURS)
    colours = {loss: LOSS_COLOURS.get(loss) or next(others, INK) for loss in losses}
    for axes, ((network, credit), group) in zip(panels, groups, strict=True):
        activations = labels.distinct(group, "activation")
        for i, activation in enumerate(activations):
            rows = group[group["activation"] == activation]
            for j, loss in enumerate(losses):
                errors = rows.loc[rows["loss"] == loss, "error"].to_numpy(float)
                finite = np.clip(errors[np.isfinite(errors)], LEAST, None)
                height = i + (j - (len(losses) - 1) / 2) * 0.28
                axes.plot(
                    finite,
                    np.full(finite.shape, height),
                    "os^D"[j % 4],
                    color=colours[loss],
                    markersize=3.6,
                    alpha=0.65,
                    markeredgewidth=0,
                )
            bound = float(rows["bound"].min())
            axes.plot([bound, bound], [i - 0.5, i + 0.5], color=INK, linewidth=1.8, zorder=3)
        axes.set_yticks(range(len(activations)), labels=[name.replace("_", " ") for name in activations])
        axes.set_ylim(len(activations) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        words = "layered network" if network == "layered" else f"{network} network, credits: {credit}"
        axes.set_title(labels.capital(words), loc="left", pad=3)
        seaborn.despine(ax=axes)
    zero = " (0 drawn at 1e−18)" if (verification["error"] == 0).any() else ""
    panels[-1].set_xlabel(f"relative error of ΔW against autograd, float64{zero}")
    handles = [
        Line2D([], [], ls="", marker="os^D"[j % 4], color=colours[loss], markersize=4) for j, loss in enumerate(losses)
    ]
    handles.append(Line2D([], [], ls="", marker="|", color=INK, markersize=9, markeredgewidth=1.8))
    names = [loss.replace("_", " ") for loss in losses]
    figure.legend(handles, [*names, "bound"], loc="outside lower center", ncols=len(handles))
    return figure
