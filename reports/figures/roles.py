from __future__ import annotations

from itertools import pairwise

import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...guard import DataError
from .. import labels
from .hover import mark_points
from .style import COMMUNITY_COLOURS, INK, community_colours, new_figure, styled

HUB = 2.5
"""Within-module z from which Guimera and Amaral 2005 call a node a hub."""

REGIONS = {"non-hubs": (0.05, 0.62, 0.8), "hubs": (0.3, 0.75)}
"""Participation at which their kinds of non-hubs (R1 to R4) and hubs (R5 to R7) part."""

STRIP = 0.1
"""Height of the names of the regions, of what the points spread over."""


@styled
def neuron_roles(roles: pd.DataFrame) -> Figure:
    """What neurons are to their communities: participation coefficient against within-module z.

    A point is a neuron in the colour of its community. Dotted lines part the seven kinds of Guimera and Amaral (2005):
    below z = 2.5 ultra-peripheral (R1), peripheral (R2), connector (R3) and kinless (R4) neurons, above it provincial
    (R5), connector (R6) and kinless (R7) hubs.

    Parameters
    ----------
    roles
        One row per neuron: `neuron`, `community`, `participation` (0 to 1), `within_module_z`, as
        :func:`creditgraph.analysis.roles` gives; and `name`, where neurons have one.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If no neuron has both numbers.

    References
    ----------
    Guimera and Amaral, "Functional cartography of complex metabolic networks", Nature 433 (2005).
    """
    known = roles.dropna(subset=["participation", "within_module_z"]) if len(roles) else roles
    if known.empty:
        raise DataError("roles: no neuron has a participation and a within-module z, so there is nothing to draw")
    figure = new_figure(3.6, "Which neurons hold communities together, and which join them?")
    axes = figure.subplots()
    x, y = known["participation"].to_numpy(float), known["within_module_z"].to_numpy(float)
    communities = sorted(known["community"].astype(int).unique())
    colours = community_colours(communities)
    axes.scatter(
        x,
        y,
        c=[colours[int(label)] for label in known["community"]],
        s=16 if len(known) <= 500 else 6,
        alpha=0.8,
        linewidths=0,
        zorder=3,
        rasterized=len(known) > 2000,
    )
    low, high = min(float(y.min()), -1.0), max(float(y.max()), 1.2 * HUB)
    # a strip above and below the points holds the names of the regions
    strip = STRIP * (high - low)
    low, high = low - strip, high + strip
    axes.set_ylim(low, high)
    axes.set_xlim(-0.03, 1.03)
    axes.axhline(HUB, color=INK, linewidth=0.7, linestyle=":")
    for kind, edges in REGIONS.items():
        span = (low, HUB) if kind == "non-hubs" else (HUB, high)
        axes.vlines(edges, *span, color=INK, linewidth=0.7, linestyle=":")
        bounds = [0.0 if kind == "hubs" else -0.03, *edges, 1.03]
        for i, (left, right) in enumerate(pairwise(bounds)):
            name = f"R{i + (1 if kind == 'non-hubs' else 5)}"
            inside = kind == "non-hubs"
            height = span[0] + 0.1 * strip if inside else span[1] - 0.1 * strip
            axes.text(
                (left + right) / 2, height, name, color="#555555", fontsize=7, ha="center",
                va="bottom" if inside else "top",
            )  # fmt: skip
    names = known["name"] if "name" in known else known["neuron"]
    mark_points(
        axes,
        x,
        y,
        [
            f"neuron {labels.short(name)}, community {community}: participation {a:.2f}, z {b:.2f}"
            for name, community, a, b in zip(names, known["community"], x, y, strict=True)
        ],
    )
    axes.set_xlabel("participation coefficient (0: all synapses within the own community)")
    axes.set_ylabel("within-module z\n(standard deviations)")
    seaborn.despine(ax=axes)
    named = [label for label in communities if 0 <= label < len(COMMUNITY_COLOURS)]
    handles = [
        Line2D([], [], ls="", marker="o", markersize=4, color=colours[label], label=str(label)) for label in named
    ]
    if len(named) < len(communities):
        rest = Line2D([], [], ls="", marker="o", markersize=4, color="#B8B8B8")
        rest.set_label(f"{len(communities) - len(named)} more")
        handles.append(rest)
    figure.legend(handles=handles, title="community", loc="outside lower center", ncols=min(len(handles), 7))
    return figure
