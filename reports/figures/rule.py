"""Figures of the rule's dynamics and predictions: timescales, retrograde signals, and development."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from seaborn import despine

from ...guard import DataError, counted
from .paging import thinned
from .style import INK, new_figure, pick, styled

# Okabe and Ito's palette, as everywhere
QUANTITY_COLOURS = {"firing": "#0072B2", "credit": "#D55E00", "plasticity": "#007F5C"}
QUANTITY_LABELS = {"firing": "firing, |Δx|", "credit": "credit, |Δc|", "plasticity": "plasticity, |ΔW|"}
SERIES = ("#0072B2", "#D55E00", "#007F5C", "#A8417D", "#B07900", "#000000", "#3A87B8")
MARKERS = "os^DvP*"
DASHES: tuple[str | tuple[int, tuple[int, ...]], ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
WINDOW_COLOURS = {"input": "#7A7A7A", "output": "#C9C9C9"}
FAINT = 0.35
GROUPS, NETWORKS, OVERLAPS, LINES = 8, 4, 3, 7
"""At most so many groups of neurons, rows and columns of panels, and lines are drawn, evenly chosen of all."""


@styled
def timescale_raster(
    events: pd.DataFrame, *, input_window: tuple[int, int], output_window: tuple[int, int], seed: int | None = None
) -> Figure:
    """Events of firing, credit and plasticity over time, by group of neurons, with the windows of both clamps.

    A row is a quantity and a group of neurons; a stroke is an event, the darker the larger the change is on a
    logarithmic scale over four powers of ten below the largest of its quantity. Weaker events are not drawn. Of more
    than 8 groups 8 are drawn, evenly chosen.

    Parameters
    ----------
    events
        seed, step, quantity, group, change.
    input_window, output_window
        First step of each clamp and the step after its last.
    seed
        The member that is drawn; by default the first.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If there is nothing to draw.
    """
    own = events[events["seed"] == (events["seed"].iloc[0] if seed is None and len(events) else seed)]
    if own.empty:
        raise DataError("events: no event of this seed, so there is nothing to draw")
    rows = [
        (quantity, group)
        for quantity in QUANTITY_COLOURS
        for group in thinned(list(own["group"].unique()), GROUPS)
        if pick(own, quantity=quantity, group=group)["change"].max() > 0
    ]
    figure = new_figure(0.3 * len(rows) + 1.6, "When do neurons fire, get credit and change their synapses?")
    heights = [0.5, max(len(rows), 1) * 0.3]
    clamps, axes = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    end = int(own["step"].max()) + 1
    for height, (name, window) in enumerate({"output": output_window, "input": input_window}.items()):
        clamps.barh(height, window[1] - window[0], left=window[0], height=0.7, color=WINDOW_COLOURS[name])
    clamps.set_yticks([0, 1], labels=["output clamped", "input clamped"])
    clamps.set_ylim(-0.6, 1.6)
    for row, (quantity, group) in enumerate(rows):
        points = pick(own, quantity=quantity, group=group)
        largest = pick(own, quantity=quantity)["change"].max()
        # beyond the largest change by four powers of ten a stroke is white
        shade = 1 + np.log10(np.clip(points["change"].to_numpy() / largest, 1e-12, None)) / 4
        seen = shade > 0.02
        colours = np.zeros((int(seen.sum()), 4))
        colours[:, :3] = [int(QUANTITY_COLOURS[quantity][i : i + 2], 16) / 255 for i in (1, 3, 5)]
        colours[:, 3] = shade[seen]
        width = 0.7 if quantity == "firing" else 1.4
        axes.vlines(points["step"][seen] + 1, row - 0.38, row + 0.38, colors=colours, linewidth=width)
    axes.set_yticks(range(len(rows)), labels=[f"{quantity}, {group}" for quantity, group in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, end)
    axes.set_xlabel("time (steps of the firing dynamics)")
    overlap = max(input_window[0], output_window[0]), min(input_window[1], output_window[1])
    for each in (clamps, axes):
        if overlap[0] < overlap[1]:
            each.axvspan(*overlap, color="#F3EBCB", zorder=0, linewidth=0)
        despine(ax=each, left=True)
        each.tick_params(axis="y", length=0)
    handles = [Patch(color=colour, label=QUANTITY_LABELS[name]) for name, colour in QUANTITY_COLOURS.items()]
    handles.append(Patch(color="#F3EBCB", label="overlap of the clamps"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


@styled
def timescale_angles(sweep: pd.DataFrame) -> Figure:
    """Angle between what was learned and the gradient, over the periods of credit and plasticity and the overlap.

    A panel is a kind of network and an overlap of the clamps; a line is a period of plasticity (mean over seeds, points
    are seeds). Combinations in which nothing was learned are left out. At most 4 networks, 3 overlaps and 7 lines are
    drawn, evenly chosen.

    Parameters
    ----------
    sweep
        network, seed, credit_every, plasticity_every, overlap, angle.
    """
    if sweep["angle"].notna().sum() == 0:
        raise DataError("sweep: nothing was learned anywhere, so there is nothing to draw")
    networks = thinned(list(sweep["network"].unique()), NETWORKS)
    overlaps = thinned(sorted(sweep["overlap"].unique()), OVERLAPS)
    figure = new_figure(2.0 * len(networks) + 0.9, "How slow must credit and plasticity be to follow the gradient?")
    panels = figure.subplots(len(networks), len(overlaps), squeeze=False, sharex=True, sharey=True)
    periods = thinned(sorted(sweep["plasticity_every"].unique()), LINES)
    # rounding alone is left below: there is no more to see
    floor = 1e-3
    for i, network in enumerate(networks):
        for j, overlap in enumerate(overlaps):
            axes = panels[i, j]
            for k, period in enumerate(periods):
                own = pick(sweep, network=network, overlap=overlap, plasticity_every=period).dropna(subset="angle")
                _line(axes, own.assign(angle=own["angle"].clip(lower=floor)), "credit_every", "angle", k, str(period))
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_title(f"{network}, overlap {counted(overlap, 'step')}", loc="left", fontsize=7.5)
            axes.set_ylim(floor / 1.6, 150)
            despine(ax=axes)
        panels[i, 0].set_ylabel("angle to the gradient (°),\nbelow 0.001 drawn at 0.001")
    ticks = thinned(sorted(sweep["credit_every"].unique()), 4)
    for axes in panels[-1]:
        axes.set_xticks(ticks, labels=[str(tick) for tick in ticks])
        axes.set_xlabel("steps between credit events, $k_c$", parse_math=True)
        axes.minorticks_off()
    _legend(figure, panels, "steps between events of plasticity, $k_w$:")
    return figure


@styled
def retrograde_amplitude(summary: pd.DataFrame) -> Figure:
    """Amplitude of retrograde signals over the balance and the state of the neurons that send them.

    Parameters
    ----------
    summary
        network, seed, by (``balance``, ``state``, ``correlation``), group, value.
    """
    if summary.empty:
        raise DataError("summary: the table is empty, so there is nothing to draw")
    figure = new_figure(3.0, "Do balanced neurons send the strongest retrograde signals?")
    left, middle, right = figure.subplots(1, 3, width_ratios=[1.2, 1.6, 1])
    networks = thinned(list(summary["network"].unique()), LINES)
    states = ["silent", "between, below", "balanced", "between, above", "saturated"]
    for k, network in enumerate(networks):
        bins = pick(summary, network=network, by="balance")
        _line(left, bins.assign(group=bins["group"].astype(float)), "group", "value", k, network)
        for axes, by, order in (
            (middle, "state", states),
            (right, "correlation", ["balance", "credit", "balance and credit"]),
        ):
            own = pick(summary, network=network, by=by)
            place = own["group"].map({name: i for i, name in enumerate(order)}) + (k - (len(networks) - 1) / 2) * 0.22
            axes.plot(place, own["value"], MARKERS[k], color=SERIES[k], markersize=4, alpha=0.7, markeredgewidth=0)
    left.set_xlabel("balance f(s) / max f")
    left.set_ylabel("mean |g|, relative to its layer")
    left.set_xlim(0, 1)
    middle.set_xticks(range(5), labels=["silent", "below", "balanced", "above", "satu-\nrated"], fontsize=6.5)
    middle.set_xlabel("state (below, above: in between)")
    middle.set_ylabel("mean |g|, relative to its layer")
    right.set_xticks(range(3), labels=["|g|, f", "|g|, |c|", "f, |c|"])
    right.set_ylabel("rank correlation (Spearman)")
    right.set_xlabel("pair")
    right.set_xlim(-0.5, 2.5)
    right.axhline(0, color=INK, linewidth=0.6)
    for axes in (left, middle):
        axes.axhline(1, color=INK, linewidth=0.6, linestyle=":")
        axes.set_ylim(bottom=0)
    for axes in (left, middle, right):
        despine(ax=axes)
    _legend(figure, [left], "")
    return figure


@styled
def synaptic_ratio(ratios: pd.DataFrame) -> Figure:
    """The ratio dw / g of single synapses, measured against predicted, and what is between them.

    Parameters
    ----------
    ratios
        measured, predicted, error, rounding.
    """
    if ratios.empty:
        raise DataError("ratios: the table is empty, so there is nothing to draw")
    figure = new_figure(3.2, "Is a synapse's change, over its retrograde signal, what theory says?")
    left, right = figure.subplots(1, 2)
    limit = float(ratios["predicted"].abs().max()) * 2
    least = float(ratios["predicted"].abs().min()) / 2
    threshold = 10.0 ** np.floor(np.log10(max(least, limit * 1e-8)))
    left.plot([-limit, limit], [-limit, limit], color=SERIES[1], linewidth=0.9, label="measured = predicted")
    left.plot(
        ratios["predicted"], ratios["measured"], "o", color=SERIES[0], markersize=2.2, alpha=0.35, markeredgewidth=0,
        label="a synapse and a stimulus", rasterized=True,
    )  # fmt: skip
    for scale in (left.set_xscale, left.set_yscale):
        scale("symlog", linthresh=threshold)
    ticks = [-(10.0**p) for p in (4, 1, -2)] + [0.0] + [10.0**p for p in (-2, 1, 4)]
    shown = [tick for tick in ticks if abs(tick) <= limit and (tick == 0 or abs(tick) > threshold * 3)]
    left.set_xticks(shown)
    left.set_yticks(shown)
    left.minorticks_off()
    left.set_xlabel("predicted ratio $r\\,x_j / w_{ij}$", parse_math=True)
    left.set_ylabel("measured ratio $\\Delta w_{ij} / g_{ji}$", parse_math=True)
    left.legend(loc="upper left", markerscale=2)
    rounding, error = ratios["rounding"].to_numpy(), ratios["error"].to_numpy()
    drawn = np.clip(error, 1e-17, None)
    span = np.array([min(rounding.min(), 1e-17), rounding.max()])
    right.plot(
        rounding, drawn, "o", color=SERIES[0], markersize=2.2, alpha=0.35, markeredgewidth=0, rasterized=True,
        label="a synapse and a stimulus",
    )  # fmt: skip
    right.plot(span, span, color=SERIES[1], linewidth=0.9, label="error = rounding")
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xlim(rounding.min() / 2, rounding.max() * 2)
    right.set_ylim(5e-18, max(drawn.max(), rounding.max()) * 5)
    right.set_xlabel("rounding of weight and change, relative to the change")
    right.set_ylabel("relative error of the ratio (0 drawn at 10⁻¹⁷)")
    right.legend(loc="upper left", markerscale=2)
    for axes in (left, right):
        despine(ax=axes)
    return figure


@styled
def development_modules(development: pd.DataFrame) -> Figure:
    """Connectivity within and across the modules found at the end, over time, by schedule of the learning rate.

    Parameters
    ----------
    development
        schedule, seed, stage, learning_rate, iteration, within, across, ratio.
    """
    if development.empty:
        raise DataError("development: the table is empty, so there is nothing to draw")
    names = thinned(list(development["schedule"].unique()), LINES)
    figure = new_figure(4.3, "Does a falling learning rate turn across- into within-module connectivity?")
    panels = figure.subplots(2, 2, sharex=True)
    wanted = {
        "learning_rate": "learning rate r",
        "ratio": "across / within, mean |w|",
        "within": "mean |w| within modules",
        "across": "mean |w| across modules",
    }
    for axes, (column, label) in zip(panels.flat, wanted.items(), strict=True):
        for k, name in enumerate(names):
            _line(axes, pick(development, schedule=name), "iteration", column, k, name)
        axes.set_ylabel(label)
        if column != "ratio":
            axes.set_yscale("log")
        despine(ax=axes)
    panels[0, 1].axhline(1, color=INK, linewidth=0.6, linestyle=":")
    for axes in panels[1]:
        axes.set_xlabel("iteration of algorithm 1")
    _legend(figure, panels, "schedule of r:")
    return figure


def _line(axes: Axes, table: pd.DataFrame, x: str, y: str, place: int, label: str) -> None:
    """Mean over seeds as a line, the seeds as faint points."""
    if table.empty:
        return
    colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
    axes.plot(table[x], table[y], marker, color=colour, markersize=2.4, alpha=FAINT, markeredgewidth=0)
    mean = table.groupby(x)[y].mean()
    axes.plot(mean.index, mean, linestyle=DASHES[place % len(DASHES)], color=colour, linewidth=1.4, label=label)


def _legend(figure: Figure, panels: np.ndarray | list[Axes], title: str) -> None:
    """One legend below, of what any panel has drawn."""
    found = {
        label: handle
        for axes in np.asarray(panels).flat
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    columns = 6 if sum(map(len, found)) <= 70 else 3
    legend = figure.legend(
        found.values(), found.keys(), loc="outside lower center", ncols=min(len(found), columns), title=title or None
    )
    legend.get_title().set_parse_math(True)
