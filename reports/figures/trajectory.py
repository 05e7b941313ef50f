from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...guard import DataError
from .. import labels
from .heat import name_axis
from .hover import mark_boxes
from .paging import thinned
from .style import WIDTH, new_figure, pick, styled

EVENTS = {
    "birth": ("#009E73", ""),
    "growth": ("#56B4E9", ""),
    "merge": ("#0072B2", "//"),
    "split": ("#E69F00", "\\\\"),
    "contraction": ("#F0E442", ""),
    "death": ("#D55E00", ".."),
}
OTHER = "#9A9A9A"
PANELS = 8


@styled
def trajectory_events(events: pd.DataFrame) -> Figure:
    """What happens to communities between snapshots of training: born, grown, merged, split, shrunk, gone.

    A panel is a learning rate (at most 8 are drawn, evenly chosen), a stack of bars the events between a snapshot and
    the one before, the mean over seeds.

    Parameters
    ----------
    events
        One row per event: `step`, `event`, and, where there are several networks, `learning_rate` and `seed`.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty.
    """
    if events.empty:
        raise DataError("events: the table is empty, so there is nothing to draw")
    rates: list[float | None] = thinned(sorted(labels.distinct(events, "learning_rate")), PANELS) or [None]
    steps = sorted(events["step"].unique())
    kinds = [*(kind for kind in EVENTS if (events["event"] == kind).any())]
    kinds += [kind for kind in labels.distinct(events, "event") if kind not in EVENTS]
    columns = min(len(rates), 2)
    lines = -(-len(rates) // columns)
    figure = new_figure(1.5 * lines + 1.2, "What happens to communities while the network learns?")
    panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    for place, axes in enumerate(panels.flat):
        if place >= len(rates):
            axes.set_axis_off()
            continue
        own = pick(events, learning_rate=rates[place])
        seeds = own["seed"].nunique() if "seed" in own else 1
        base = np.zeros(len(steps))
        for kind in kinds:
            counts = (
                own[own["event"] == kind]["step"].value_counts().reindex(steps, fill_value=0).to_numpy(float) / seeds
            )
            colour, hatch = EVENTS.get(kind, (OTHER, ""))
            axes.bar(
                range(len(steps)), counts, bottom=base, width=0.8, color=colour, hatch=hatch, edgecolor="white",
                linewidth=0.2, label=labels.short(kind),
            )  # fmt: skip
            seen = np.flatnonzero(counts)
            mark_boxes(
                axes,
                [(i - 0.4, base[i], i + 0.4, base[i] + counts[i]) for i in seen],
                [f"step {steps[i]:g}: {labels.short(kind)} {labels.number(counts[i], 2)}" for i in seen],
            )
            base += counts
        if rates[place] is not None:
            axes.set_title(f"r = {labels.rate(rates[place], 3)}")  # type: ignore[arg-type]
        axes.set_xlim(-0.6, len(steps) - 0.4)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
        seaborn.despine(ax=axes)
    # events are counted: where their means stay below one, the axis still has a tick above zero
    panels[0, 0].set_ylim(0, max(panels[0, 0].get_ylim()[1], 1.05))
    for axes in panels.flat[max(len(rates) - columns, 0) : len(rates)]:
        name_axis(axes, "x", [f"{step:g}" for step in steps], WIDTH / columns - 0.7)
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("training step")
    for axes in panels[:, 0]:
        axes.set_ylabel("events")
    handles, words = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside lower center", ncols=min(len(words), 6))
    return figure
