from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...guard import DataError
from .. import labels
from .legends import legend_columns
from .paging import thinned
from .style import DIRECTION_COLOURS, INK, new_figure, null_looks, pick, steady, styled

SEEDS_SHOWN = 12
RATES_SHOWN = 4


@styled
def null_distributions(
    nulls: pd.DataFrame,
    communities: pd.DataFrame,
    learning_rates: Sequence[float],
    *,
    weights: str,
    pruning: float | None = None,
) -> Figure:
    """Every null sample beside the network it belongs to, at a few learning rates.

    Columns are learning rates, rows the directions (maximal Q, minimal Q); along x the seeds. Small marks are Q of the
    null samples, those of each null model their own; diamonds Q of the trained networks: what z and p condense, seen at
    once. With more than 12 seeds the first 12 are shown, of more than 4 learning rates 4, evenly chosen.

    Parameters
    ----------
    nulls
        One row per network x weights x direction x null x sample.
    communities
        One row per network x weights x direction x null.
    learning_rates
        The learning rates to show, those of the sweep.
    weights
        The view of the weights to show.
    pruning
        The pruning to show, where the study has several.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If no network fits.
    """
    observed = pick(communities, weights=weights, pruning=pruning)
    observed = observed[observed["learning_rate"].isin(learning_rates)]
    samples = pick(nulls, weights=weights, pruning=pruning)
    if observed.empty:
        raise DataError("communities: no network has these learning rates, weights and pruning")
    rates = thinned(sorted(observed["learning_rate"].unique()), RATES_SHOWN)
    directions = labels.distinct(observed, "direction")
    looks = null_looks(labels.distinct(communities, "null"))
    seeds = sorted(observed["seed"].unique())[:SEEDS_SHOWN]
    places = {seed: i for i, seed in enumerate(seeds)}
    figure = new_figure(1.8 * len(directions) + 1.0, "Where does each network lie among its null samples?")
    panels = figure.subplots(len(directions), len(rates), squeeze=False, sharex=True, sharey="row")
    for i, direction in enumerate(directions):
        for j, rate in enumerate(rates):
            axes = panels[i, j]
            for k, (name, look) in enumerate(looks.items()):
                of_null = pick(samples, direction=direction, learning_rate=rate, null=name)
                of_null = of_null[of_null["seed"].isin(seeds)]
                # those of a seed keep apart from those of the next
                apart = min(0.3, 0.9 / len(looks))
                centre = (k - (len(looks) - 1) / 2) * apart
                # evenly spread by sample, not by chance, so that the figure is the same every time
                spread = (of_null["sample"].to_numpy(float) * 0.618) % 1 * apart / 1.5 - apart / 3
                x = of_null["seed"].map(places).to_numpy(float) + centre + spread
                axes.plot(
                    x, of_null["quality"], look["marker"], color=look["color"], markersize=2, alpha=0.6,
                    markeredgewidth=0,
                )  # fmt: skip
            networks = pick(observed, direction=direction, learning_rate=rate).drop_duplicates("seed")
            networks = networks[networks["seed"].isin(seeds)]
            axes.plot(
                networks["seed"].map(places),
                networks["quality"],
                linestyle="",
                marker="D",
                markersize=5,
                color=DIRECTION_COLOURS.get(direction, INK),
                markeredgecolor="white",
                markeredgewidth=0.6,
                zorder=4,
            )
            axes.set_xticks(np.arange(len(seeds)), labels=[str(seed) for seed in seeds])
            axes.set_xlim(-0.6, len(seeds) - 0.4)
            axes.margins(y=0.1)
            if i == 0:
                axes.set_title(f"r = {labels.rate(rate)}")
            if i == len(directions) - 1:
                axes.set_xlabel("seed")
            if j == 0:
                axes.set_ylabel(labels.direction(direction))
            seaborn.despine(ax=axes)
    steady(*panels.flat)
    handles = [
        Line2D([], [], ls="", marker="D", color=DIRECTION_COLOURS.get(each, INK), markersize=5) for each in directions
    ]
    names = [f"trained network, {labels.direction(each)}" for each in directions]
    for name, look in looks.items():
        handles.append(Line2D([], [], ls="", marker=look["marker"], color=look["color"], markersize=4))
        names.append(f"sample of {labels.brief(name)}")
    figure.legend(handles, names, loc="outside lower center", ncols=legend_columns(names))
    return figure
