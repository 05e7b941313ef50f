from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...guard import DataError
from .. import labels
from .hover import mark_points
from .names import width_of
from .style import INK, new_figure, null_looks, styled

COLOURS = {"communities": "#0072B2", "agreement": "#D55E00", "next_similarity": "#007F5C"}
PANELS = {
    "communities": "communities",
    "agreement": "restarts (AMI)",
    "next_similarity": "next γ (AMI)",
}
NETWORK = {
    "communities": "number of communities",
    "agreement": "restarts agree",
    "next_similarity": "alike the next resolution's",
}
PLATEAU = "#F3EBCB"
AXIS = 5.8
"""Length of the axis of resolutions in inches, at least, without its margins."""


@styled
def resolution_curves(profile: pd.DataFrame) -> Figure:
    """How many communities there are at each resolution, and where the partition does not change.

    From above: the number of communities, how far restarts agree, and how alike the partitions of neighbouring
    resolutions are (AMI). Shaded: plateaus, over which the partition stays the same; each that is wide enough
    has its number of communities on it. A number that holds on no plateau is the resolution's, not the network's.

    Parameters
    ----------
    profile
        One row per resolution: `resolution` (gamma), `communities`, `agreement`, `next_similarity`, `plateau` (a whole
        number, missing outside plateaus), as the table of :func:`creditgraph.analysis.resolution_profile`; with
        `null_communities`, `null_agreement` and `null_next_similarity`, those of the null model (`null`) are drawn as
        their means, and with ``_low`` and ``_high`` after them a band from the least to the largest of its samples.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if profile.empty:
        raise DataError("profile: the table is empty, so there is nothing to draw")
    table = profile.sort_values("resolution")
    figure = new_figure(4.8, "Is there a natural number of communities?")
    panels = figure.subplots(3, 1, sharex=True)
    upper, lower = panels[0], panels[-1]
    x = table["resolution"].to_numpy(float)
    for axes, (name, word) in zip(panels, PANELS.items(), strict=True):
        if f"null_{name}" in table:
            _null(axes, x, table, name)
        axes.plot(x, _column(table, name), "o-", color=COLOURS[name], markersize=3, label=NETWORK[name])
        axes.set_ylabel(word)
    decades = max(float(np.log10(x[-1] / x[0])), 1e-9)
    for place, own in enumerate(_plateaus(table)):
        low, high = float(own["resolution"].min()), float(own["resolution"].max())
        for axes in panels:
            axes.axvspan(
                low, high, color=PLATEAU, zorder=0, linewidth=0,
                label="plateau: the partition stays" if place == 0 and axes is lower else None,
            )  # fmt: skip
        count = _count(own)
        room = np.log10(high / low) / decades * AXIS
        for words in (labels.counted(count, "community", "communities"), f"{count}"):
            if width_of(words, 7.5) + 0.04 <= room:
                upper.text(
                    np.sqrt(low * high), 0.97, words, ha="center", va="top", fontsize=7.5,
                    transform=upper.get_xaxis_transform(),
                )  # fmt: skip
                break
    mark_points(
        upper,
        x,
        table["communities"],
        [
            f"resolution {labels.number(row['resolution'])}: "
            f"{labels.counted(int(row['communities']), 'community', 'communities')}, agreement "
            f"{labels.number(row.get('agreement'), 2)}"
            for row in table.to_dict("records")
        ],
    )
    upper.set_xscale("log")
    upper.set_yscale("log")
    upper.set_ylim(bottom=0.8, top=max(float(table["communities"].max()), 2.0) * 3)
    upper.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    for axes in panels[1:]:
        axes.set_ylim(-0.05, 1.08)
    lower.set_xlabel("resolution γ")
    lower.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    for axes in panels:
        axes.minorticks_off()
        seaborn.despine(ax=axes)
    found = {word: handle for axes in panels for handle, word in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=3)
    return figure


def _null(axes: Axes, x: np.ndarray, table: pd.DataFrame, name: str) -> None:
    """Mean of the null model's samples, and the band from the least to the largest of them."""
    known = str(table["null"].iloc[0]) if "null" in table else None
    look = {"color": INK, "linestyle": "--"} if known is None else null_looks([known])[known]
    words = "null model" if known is None else f"null model: {labels.brief(known)}"
    colour, dashes = look["color"], look["linestyle"]
    axes.plot(x, _column(table, f"null_{name}"), color=colour, linestyle=dashes, linewidth=1.2, label=words, zorder=1.5)
    if f"null_{name}_low" in table:
        low, high = (_column(table, f"null_{name}_{end}") for end in ("low", "high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0, zorder=1, label="range of its samples")


def _column(table: pd.DataFrame, name: str) -> np.ndarray:
    if name not in table:
        return np.full(len(table), np.nan)
    return table[name].astype("Float64").to_numpy(float, na_value=np.nan)


def _count(plateau: pd.DataFrame) -> int:
    """How many communities a plateau has: where restarts agree most on it, as in the table of plateaus."""
    agreement = plateau["agreement"] if "agreement" in plateau else pd.Series(0.0, index=plateau.index)
    best = agreement.astype("Float64").fillna(-1.0).round(12).astype(float).to_numpy().argmax()
    return int(plateau["communities"].iloc[int(best)])


def _plateaus(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of each plateau."""
    if "plateau" not in table:
        return []
    return [own for _, own in table.dropna(subset=["plateau"]).groupby("plateau") if len(own) > 1]
