from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...guard import DataError
from .. import labels
from .legends import legend_columns
from .style import DIRECTION_COLOURS, INK, new_figure, null_looks, steady, styled

QUESTION = ["weights", "objective", "direction"]
COLUMNS = 3


@styled
def score_samples(scores: pd.DataFrame, nulls: pd.DataFrame) -> Figure:
    """The scores of one network, each among the samples of every null model.

    A panel is a question: an objective, its direction and a view of the weights. Along x the null models; small
    marks are the qualities of their samples, the diamond that of the network.

    Parameters
    ----------
    scores
        One row per weights x objective x direction x null: quality, z.
    nulls
        One row per weights x objective x direction x null x sample: quality.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If there are no scores.
    """
    if scores.empty:
        raise DataError("scores: the table is empty, so there is nothing to draw")
    questions = list(scores[QUESTION].drop_duplicates().itertuples(index=False, name=None))
    looks = null_looks(labels.distinct(scores, "null"))
    columns = min(COLUMNS, len(questions))
    rows = -(-len(questions) // columns)
    figure = new_figure(2.1 * rows + 0.6, "Are the network's scores those of its null models?")
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat[len(questions) :]:
        axes.set_axis_off()
    for axes, question in zip(panels.flat, questions, strict=False):
        own = scores[(scores[QUESTION] == list(question)).all(axis=1)]
        samples = nulls[(nulls[QUESTION] == list(question)).all(axis=1)]
        for place, (name, look) in enumerate(looks.items()):
            of_null = samples.loc[samples["null"] == name, "quality"].to_numpy(np.float64)
            # evenly spread by sample, not by chance, so that the figure is the same every time
            x = place + (np.arange(len(of_null)) * 0.618) % 1 * 0.5 - 0.25
            axes.plot(x, of_null, look["marker"], color=look["color"], markersize=2.8, alpha=0.6, markeredgewidth=0)
            network = own.loc[own["null"] == name, "quality"]
            colour = DIRECTION_COLOURS.get(question[2], INK)
            axes.plot(
                [place] * len(network), network, "D", color=colour, markersize=6, markeredgecolor="white", zorder=4
            )
        axes.set_xticks([])
        axes.set_xlim(-0.6, len(looks) - 0.4)
        axes.margins(y=0.12)
        steady(axes)
        axes.set_title(f"{labels.brief(question[0])}, {labels.objective(question[1])}", fontsize=8)
        axes.set_ylabel(labels.direction(question[2]))
        seaborn.despine(ax=axes)
    directions = labels.distinct(scores, "direction")
    handles = [
        Line2D([], [], ls="", marker="D", color=DIRECTION_COLOURS.get(each, INK), markersize=5) for each in directions
    ]
    names = [f"network, {labels.direction(each)}" for each in directions]
    for name, look in looks.items():
        handles.append(Line2D([], [], ls="", marker=look["marker"], color=look["color"], markersize=4))
        names.append(f"sample of {labels.brief(name)}")
    figure.legend(handles, names, loc="outside lower center", ncols=legend_columns(names))
    return figure
