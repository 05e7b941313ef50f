"""How alike the communities of groups of networks are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .. import labels
from ..columns import require_rows
from .heat import colour_bar, heat_map
from .style import INK, WIDTH, new_figure, pick, styled

MOST_GROUPS = 24


@styled
def group_similarity_map(similarity: pd.DataFrame, *, method: str = "ami") -> Figure:
    """How alike the communities of groups are whose neurons correspond.

    Groups are called by their sources where each source has one of them. Off the diagonal: mean over seeds that both
    groups share (above) and over pairs of different seeds (below); on it: the mean over pairs of different seeds of one
    group. Grey: not compared.

    Parameters
    ----------
    similarity
        As :func:`creditgraph.analysis.group_similarity` returns; of more than 24 groups the first 24 are drawn.
    method
        Which of its measures.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table has no rows of that measure.
    """
    table = pick(similarity, method=method)
    require_rows("similarity", table)
    within = table[table["group"] == table["other"]]
    groups = list(dict.fromkeys([*within["group"], *table["group"], *table["other"]]))[:MOST_GROUPS]
    names = _shortest(table, groups)
    values = np.full((len(names), len(names)), np.nan)
    place = {name: i for i, name in enumerate(groups)}
    for row in table.to_dict("records"):
        if row["group"] not in place or row["other"] not in place:
            continue
        i, j = sorted((place[row["group"]], place[row["other"]]))
        if i != j:
            values[i, j] = _or_nan(row["same_seed"])
        values[j, i] = _or_nan(row["other_seed"])
    side = float(np.clip(0.42 * len(names), 2.2, 4.6))
    figure = new_figure(side + 1.3, "Do groups have the same communities?", width=min(WIDTH, side + 2.6))
    axes = figure.subplots()
    image = heat_map(
        axes,
        values,
        rows=names,
        columns=names,
        size=(side, side),
        limits=(min(0.0, float(np.nanmin(values))), 1.0),
        colours="cividis",
        texts=[[labels.number(value, 2) if np.isfinite(value) else "" for value in row] for row in values],
        said=[
            [
                f"{labels.short(a)} and {labels.short(b)}, "
                f"{'same' if j > i else 'different'} seeds: {labels.number(float(values[i, j]), 2)}"
                for j, b in enumerate(names)
            ]
            for i, a in enumerate(names)
        ],
    )
    axes.set_aspect("equal")
    axes.set_xlabel("above the diagonal: same seeds", color=INK)
    axes.set_ylabel("below and on it: different seeds")
    colour_bar(figure, image, axes, "AMI" if method == "ami" else method.replace("_", " "))
    return figure


def _shortest(table: pd.DataFrame, groups: Sequence[str]) -> list[str]:
    """The sources of the groups, where each has one group here; or else the groups' own names."""
    if not {"source", "other_source"} <= set(table.columns):
        return list(groups)
    sources = dict(zip(table["group"], table["source"], strict=True))
    sources |= dict(zip(table["other"], table["other_source"], strict=True))
    named = [str(sources[name]) for name in groups]
    return named if len(set(named)) == len(named) else list(groups)


def _or_nan(value: Any) -> float:
    return float("nan") if labels.missing(value) else float(value)
