from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...guard import DataError
from .. import labels
from .style import INK, LOSS_COLOURS, TALLEST, new_figure, styled

LEAST = 1e-18
"""Where an error of exactly zero is drawn, for it has no place on a logarithmic axis."""

ROW_HEIGHT, PANEL_HEIGHT, FRAME_HEIGHT = 0.2, 0.42, 1.05
LEAST_ROW = 0.15

CHECKS = {
    "equations": "Any balance function, against the equations written out",
    "projected_gradient": "Dale's law, against projected gradient descent",
    "slow_timescales": "Three timescales in the slow limit, against the equilibria",
}


@styled
def verification_errors(verification: pd.DataFrame) -> Figure:
    """Relative error of the rule's update against what it must equal, beside the bound that it must keep.

    Against the gradient of autograd, a panel is a kind of network and a row an activation; of every other check, a
    panel is the check and a row a kind of network. A point is one comparison (a loss, a depth, a batch size), the bar
    the bound. Where the rows are more than fit a printed page, those are drawn that come nearest to their bounds.

    Parameters
    ----------
    verification
        One row per comparison: network, credit, activation, loss, error, bound, holds; and check, where there are
        others than "gradient".

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
    placed = _placed(verification)
    shown = _fitting(placed)
    groups = list(shown.groupby("panel", sort=False))
    heights = [group["row"].nunique() for _, group in groups]
    room = TALLEST - FRAME_HEIGHT - PANEL_HEIGHT * len(groups)
    row = min(ROW_HEIGHT, room / sum(heights))
    figure = new_figure(
        row * sum(heights) + PANEL_HEIGHT * len(groups) + FRAME_HEIGHT,
        "Does the credit rule follow its theory exactly?",
    )
    panels = figure.subplots(len(groups), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    losses = labels.distinct(verification, "loss")
    colours = {loss: LOSS_COLOURS.get(loss, INK) for loss in losses}
    for axes, (panel, group) in zip(panels, groups, strict=True):
        names = labels.distinct(group, "row")
        for i, name in enumerate(names):
            rows = group[group["row"] == name]
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
        axes.set_yticks(range(len(names)), labels=names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_title(labels.capital(str(panel)), loc="left", pad=3)
        seaborn.despine(ax=axes)
    zero = " (0 drawn at 10⁻¹⁸)" if (verification["error"] == 0).any() else ""
    panels[-1].set_xlabel(f"relative error of ΔW, float64{zero}")
    handles = [
        Line2D([], [], ls="", marker="os^D"[j % 4], color=colours[loss], markersize=4) for j, loss in enumerate(losses)
    ]
    handles.append(Line2D([], [], ls="", marker="|", color=INK, markersize=9, markeredgewidth=1.8))
    words = [loss.replace("_", " ") for loss in losses]
    figure.legend(handles, [*words, "bound"], loc="outside lower center", ncols=len(handles))
    return figure


def _fitting(placed: pd.DataFrame) -> pd.DataFrame:
    """Rows of the figure that fit a printed page: those whose errors are the largest, beside their bounds."""
    worst = placed.assign(near=placed["error"] / placed["bound"]).groupby(["panel", "row"])["near"].max()
    left, panels, kept = TALLEST - FRAME_HEIGHT, set(), []
    for panel, row in worst.sort_values(ascending=False, kind="stable").index:
        needed = LEAST_ROW + (0 if panel in panels else PANEL_HEIGHT)
        if needed <= left:
            left -= needed
            panels.add(panel)
            kept.append((panel, row))
    return placed[pd.MultiIndex.from_frame(placed[["panel", "row"]]).isin(kept)]


def _placed(verification: pd.DataFrame) -> pd.DataFrame:
    """The table with the panel and the row of each comparison; layered networks come before recurrent ones."""
    checks = verification["check"] if "check" in verification else pd.Series("gradient", index=verification.index)
    ordered = verification.assign(
        place=checks.map({name: i for i, name in enumerate(checks.drop_duplicates())}),
        later=verification["network"] != "layered",
    ).sort_values(["place", "later"], kind="stable")
    ordered = ordered.drop(columns=["place", "later"])
    panels, rows = [], []
    for each in ordered.to_dict("records"):
        network = "layered network" if each["network"] == "layered" else f"{each['network']} network"
        kind = network if each["network"] == "layered" else f"{network}, credits: {each['credit']}"
        check = each.get("check", "gradient")
        if check == "gradient":
            panels.append(f"{kind}, against autograd")
            rows.append(str(each["activation"]).replace("_", " "))
        else:
            panels.append(CHECKS.get(check, str(check).replace("_", " ")))
            rows.append(kind.replace(" network", "").replace("credits: ", ""))
    return ordered.assign(panel=panels, row=rows)
