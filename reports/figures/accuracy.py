"""How much each of several sources learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure

from .. import labels
from ..columns import require_rows
from .hover import mark_points
from .names import fitted
from .style import INK, learning_rate_axis, new_figure, styled

# Okabe and Ito's palette with a marker and dash each, so that colour is never alone
SOURCE_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#007F5C", "marker": "^", "linestyle": "-."},
    {"color": "#A8417D", "marker": "D", "linestyle": ":"},
    {"color": "#B07900", "marker": "v", "linestyle": (0, (4, 1, 1, 1))},
    {"color": "#56B4E9", "marker": "P", "linestyle": (0, (6, 2))},
    {"color": "#6B6B6B", "marker": "X", "linestyle": (0, (1, 1))},
    {"color": "#000000", "marker": "*", "linestyle": (0, (3, 1, 1, 1, 1, 1))},
)

LEGEND_ROOM = 1.7
"""Inches that a source's name may take."""


def source_looks(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Colour, marker and dash of each source, the same in every figure of a page; they repeat after eight."""
    return {name: SOURCE_LOOKS[i % len(SOURCE_LOOKS)] for i, name in enumerate(dict.fromkeys(names))}


@styled
def accuracy_curves(accuracy: pd.DataFrame) -> Figure:
    """Accuracy after training against the learning rate, a line for each source.

    Parameters
    ----------
    accuracy
        One row a group: `source`, `learning_rate`, `accuracy_mean`, `accuracy_low`, `accuracy_high` (95 % interval over
        seeds), `of` (``test`` or ``validation``); where known `largest_class`, the share of the largest class: a dotted
        line, where that is not far below.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    require_rows("accuracy", accuracy)
    figure = new_figure(2.9, "How much did each learn?")
    axes = figure.subplots()
    looks = source_looks(labels.distinct(accuracy, "source"))
    rates = sorted(accuracy["learning_rate"].astype(float).unique())
    width = 4.6
    for name, own in accuracy.groupby("source", sort=False):
        own = own.sort_values("learning_rate")
        look = looks[str(name)]
        mean = own["accuracy_mean"].astype(float).to_numpy()
        low, high = (
            own[f"accuracy_{end}"].astype("Float64").to_numpy(float, na_value=np.nan) for end in ("low", "high")
        )
        axes.errorbar(
            own["learning_rate"].astype(float),
            mean,
            yerr=np.nan_to_num(np.abs(np.stack([mean - low, high - mean]))),
            markersize=4,
            capsize=2,
            linewidth=1.2,
            elinewidth=0.8,
            label=fitted(name, LEGEND_ROOM, 7.5),
            **look,
        )
        mark_points(
            axes,
            own["learning_rate"].astype(float).to_numpy(),
            mean,
            [
                f"{labels.short(name)}, r = {labels.rate(rate)}: {value:.3f}"
                for rate, value in zip(own["learning_rate"].astype(float), mean, strict=True)
            ],
        )
    shares = accuracy["largest_class"].dropna().astype(float).tolist() if "largest_class" in accuracy else []
    bottom, top = axes.get_ylim()
    # a line far below would make the differences above it small
    for share in (share for share in sorted(set(shares)) if bottom - (top - bottom) / 2 <= share):
        axes.axhline(share, color=INK, linestyle=":", linewidth=1.0, zorder=1.5)
    learning_rate_axis(axes, rates, width)
    axes.set_ylabel(f"{accuracy['of'].iloc[0]} accuracy")
    axes.set_ylim(top=min(1.02, axes.get_ylim()[1]))
    seaborn.despine(ax=axes)
    figure.legend(loc="outside right center", handlelength=3.2)
    return figure
