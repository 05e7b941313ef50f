"""What communities do: lesions and class selectivity."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...guard import DataError
from .. import labels
from .heat import colour_bar, heat_map, symmetric
from .hover import mark_points
from .names import fitted
from .style import INK, LEVEL, WIDTH, community_colours, new_figure, styled

OF = {"neurons": "mean of its neurons", "community": "its mean rate"}
CLASS_ROOM = 0.7
"""Inches that the name of a class may take."""


@styled
def lesion_matrix(lesions: pd.DataFrame) -> Figure:
    """What each community does for each class: the loss that silencing it costs beyond random neurons.

    A cell is the loss of a class on test data with the community silenced, less its mean with random sets of neurons
    silenced that have the same composition (as many in every layer); a dot says that q <= 0.05. Red: the class needs
    the community; blue: it does better without. A table with several networks (seeds) shows their mean, and no dots.

    Parameters
    ----------
    lesions
        One row per community and class: `community`, `class`, `excess` (loss, in the unit of the loss), `q_value`.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if lesions.empty:
        raise DataError("lesions: the table is empty, so there is nothing to draw")
    communities, classes = labels.distinct(lesions, "community"), labels.distinct(lesions, "class")
    single = not lesions.duplicated(["community", "class"]).any()
    excess, q = (_cells(lesions, column, communities, classes) for column in ("excess", "q_value"))
    height = float(np.clip(0.26 * len(communities), 1.2, 6.5))
    figure = new_figure(height + 1.1, "Which classes lose when a community is silenced?")
    axes = figure.subplots()
    image = heat_map(
        axes,
        excess,
        rows=[str(community) for community in communities],
        columns=[str(each) for each in classes],
        size=(WIDTH - 1.5, height),
        limits=symmetric(excess),
        colours="RdBu_r",
        texts=[[labels.number(value, 2) if np.isfinite(value) else "" for value in row] for row in excess],
        said=[
            [
                f"community {labels.short(community)}, class {labels.short(each)}: excess loss "
                f"{labels.number(excess[i, j])}" + (f", q = {labels.probability(q[i, j])}" if single else "")
                for j, each in enumerate(classes)
            ]
            for i, community in enumerate(communities)
        ],
    )
    if single:
        y, x = np.nonzero(q <= LEVEL)
        axes.plot(x, y + 0.36, "o", color=INK, markersize=3, markeredgecolor="white", markeredgewidth=0.5)
    axes.set_xlabel("class")
    axes.set_ylabel("silenced community")
    colour_bar(figure, image, axes, "excess loss" + ("\n(dot: q ≤ 0.05)" if single else ""))
    return figure


@styled
def class_selectivity(selectivity: pd.DataFrame) -> Figure:
    """How selective communities are for classes, beside communities of shuffled neurons.

    A point is a community, its bar the mean of shuffled ones plus and minus two standard deviations; full where
    q <= 0.05. On the left the mean index of the community's neurons (are they selective?), on the right the index of
    their mean rate (do they agree?).

    Parameters
    ----------
    selectivity
        One row per community and `of` (``neurons``, ``community``): `community`, `of`, `selectivity`, `null_mean`,
        `null_sd`, `q_value`, `preferred`, as :func:`creditgraph.analysis.community_selectivity` gives.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if selectivity.empty:
        raise DataError("selectivity: the table is empty, so there is nothing to draw")
    communities = labels.distinct(selectivity, "community")
    count = len(communities)
    height = float(np.clip(0.2 * count, 1.2, 7.0))
    figure = new_figure(height + 1.2, "Are communities selective for classes?")
    panels = figure.subplots(1, selectivity["of"].nunique(), squeeze=False, sharex=True, sharey=True)[0]
    for axes, (of, own) in zip(panels, selectivity.groupby("of", sort=False), strict=True):
        _selective(axes, own.set_index("community").reindex(communities).reset_index(), height * 72 / count)
        axes.set_title(OF.get(str(of), str(of)))
        axes.set_xlabel("selectivity (full: q ≤ 0.05)")
        axes.spines[["top", "right"]].set_visible(False)
    preferred = selectivity.drop_duplicates("community").set_index("community")["preferred"]
    names = [f"{community} ({fitted(preferred[community], CLASS_ROOM, 7.5)})" for community in communities]
    step = max(1, int(np.ceil(count * 0.14 / height)))
    panels[0].set_yticks(range(0, count, step), labels=names[::step])
    panels[0].set_ylim(count - 0.5, -0.5)
    panels[0].set_ylabel("community (class preferred)")
    handles, words = panels[0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=2)
    return figure


def _selective(axes: Axes, table: pd.DataFrame, line: float) -> None:
    places = np.arange(len(table))
    mean, spread = table["null_mean"].to_numpy(float), 2 * table["null_sd"].to_numpy(float)
    axes.hlines(
        places,
        # the measure is a share
        np.clip(mean - spread, 0.0, 1.0),
        np.clip(mean + spread, 0.0, 1.0),
        color="#9A9A9A",
        linewidth=min(5.0, line * 0.5),
        label="shuffled: ± 2 s.d., from 0 to 1",
    )
    axes.plot(mean, places, "|", color=INK, markersize=6, label="shuffled: mean", linestyle="")
    colours = community_colours(table["community"])
    full = table["q_value"].astype("Float64").to_numpy(float, na_value=np.nan) <= LEVEL
    for place, community, value, passed in zip(places, table["community"], table["selectivity"], full, strict=True):
        colour = colours[int(community)]
        axes.plot(
            value, place, "o", markersize=5 if len(table) <= 60 else 3, color=colour if passed else "white",
            markeredgecolor=colour, markeredgewidth=1.4, zorder=4,
        )  # fmt: skip
    mark_points(
        axes,
        table["selectivity"],
        places,
        [
            f"community {row['community']}: {labels.number(row['selectivity'])}, shuffled "
            f"{labels.number(row['null_mean'])}, q = {labels.probability(row['q_value'])}"
            for row in table.to_dict("records")
        ],
    )


def _cells(table: pd.DataFrame, column: str, rows: list[object], columns: list[object]) -> np.ndarray:
    if column not in table:
        return np.full((len(rows), len(columns)), np.nan)
    values = table.assign(value=table[column].astype("Float64").to_numpy(float, na_value=np.nan))
    wide = values.pivot_table(index="community", columns="class", values="value", aggfunc="mean", dropna=False)
    return wide.reindex(index=rows, columns=columns).to_numpy(float)
