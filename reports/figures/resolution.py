from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure

from ...guard import DataError
from .. import labels
from .heat import CHARACTER
from .hover import mark_points
from .style import NULL_LOOKS, new_figure, styled

COLOURS = {"communities": "#0072B2", "agreement": "#D55E00", "next": "#007F5C"}
PLATEAU = "#F3EBCB"
AXIS = 5.8
"""Length of the axis of resolutions in inches, at least, without its margins."""


@styled
def resolution_curves(profile: pd.DataFrame) -> Figure:
    """How many communities there are at each resolution, and where the partition does not change.

    Above, the number of communities; below, how far restarts agree, and how alike the partitions of neighbouring
    resolutions are (AMI). Shaded: plateaus, over which the partition stays the same; each that is wide enough
    has its number of communities on it. A number that holds on no plateau is the resolution's, not the network's.

    Parameters
    ----------
    profile
        One row per resolution: `resolution` (gamma), `communities`, `agreement`, `next_similarity`, `plateau` (a whole
        number, missing outside plateaus), as the table of :func:`creditgraph.analysis.resolution_profile`; with
        `null_communities` and `null_agreement`, those of the null model are drawn in grey.

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
    figure = new_figure(3.9, "Is there a natural number of communities?")
    upper, lower = figure.subplots(2, 1, sharex=True)
    x = table["resolution"].to_numpy(float)
    if "null_communities" in table:
        grey = {**NULL_LOOKS["shuffle_nonzero"], "marker": "", "linewidth": 1.2}
        upper.plot(x, _column(table, "null_communities"), label="null model", **grey)
        lower.plot(x, _column(table, "null_agreement"), **grey)
    upper.plot(x, table["communities"], "o-", color=COLOURS["communities"], markersize=3, label="trained network")
    lower.plot(x, _column(table, "agreement"), "o-", color=COLOURS["agreement"], markersize=3, label="restarts agree")
    lower.plot(
        x, _column(table, "next_similarity"), "s--", color=COLOURS["next"], markersize=3,
        label="alike the next resolution's",
    )  # fmt: skip
    decades = max(float(np.log10(x[-1] / x[0])), 1e-9)
    for place, own in enumerate(_plateaus(table)):
        low, high = float(own["resolution"].min()), float(own["resolution"].max())
        for axes in (upper, lower):
            axes.axvspan(
                low, high, color=PLATEAU, zorder=0, linewidth=0,
                label="plateau: the partition stays" if place == 0 and axes is lower else None,
            )  # fmt: skip
        count = int(own["communities"].median())
        room = np.log10(high / low) / decades * AXIS
        for words in (labels.counted(count, "community", "communities"), f"{count}"):
            if len(words) * 7.5 * CHARACTER + 0.04 <= room:
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
            f"resolution {labels.number(row['resolution'])}: {int(row['communities'])} communities, agreement "
            f"{labels.number(row.get('agreement'), 2)}"
            for row in table.to_dict("records")
        ],
    )
    upper.set_xscale("log")
    upper.set_yscale("log")
    upper.set_ylim(bottom=0.8, top=max(float(table["communities"].max()), 2.0) * 3)
    upper.set_ylabel("communities")
    upper.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    lower.set_ylim(-0.05, 1.08)
    lower.set_ylabel("similarity (AMI)")
    lower.set_xlabel("resolution γ")
    lower.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    for axes in (upper, lower):
        axes.minorticks_off()
        seaborn.despine(ax=axes)
    found = {
        word: handle for axes in (upper, lower) for handle, word in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=3)
    return figure


def _column(table: pd.DataFrame, name: str) -> np.ndarray:
    if name not in table:
        return np.full(len(table), np.nan)
    return table[name].astype("Float64").to_numpy(float, na_value=np.nan)


def _plateaus(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of each plateau."""
    if "plateau" not in table:
        return []
    return [own for _, own in table.dropna(subset=["plateau"]).groupby("plateau") if len(own) > 1]
