"""Figures of training under other rules and under Dale's law."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from seaborn import despine

from ...guard import DataError
from .paging import thinned
from .rule import LINES, _legend, _line
from .style import INK, new_figure, pick, shown_rates, styled

NETWORKS = {
    "dale": "Dale's law",
    "released": "same initial weights, no law",
    "free": "ordinary initial weights, no law",
}


LAYERS = 4
"""At most so many layers have panels, evenly chosen of all."""


@styled
def rule_curves(training: pd.DataFrame, *, learning_rate: float | None = None) -> Figure:
    """How rules learn: test accuracy over learning rates, and its course, angle and distance at one of them.

    Of more than 7 rules 7 are drawn, evenly chosen.

    Parameters
    ----------
    training
        learning_rate, rule, seed, epoch, test_accuracy, angle, distance.
    learning_rate
        That of the courses; by default the largest.
    """
    if training.empty:
        raise DataError("training: the table is empty, so there is nothing to draw")
    rate = training["learning_rate"].max() if learning_rate is None else learning_rate
    figure = new_figure(4.6, "Which rules learn as backprop does?")
    panels = figure.subplots(2, 2)
    final = training[training["epoch"] == training["epoch"].max()]
    courses = pick(training, learning_rate=rate)
    for k, rule in enumerate(thinned(list(training["rule"].unique()), LINES)):
        label = rule.replace("_", " ")
        _line(panels[0, 0], pick(final, rule=rule), "learning_rate", "test_accuracy", k, label)
        own = pick(courses, rule=rule)
        _line(panels[0, 1], own, "epoch", "test_accuracy", k, label)
        _line(panels[1, 0], own, "epoch", "angle", k, label)
        if rule != "credit":
            far = own[own["distance"] > 0]
            _line(panels[1, 1], far, "epoch", "distance", k, label)
    rates = shown_rates(list(training["learning_rate"].unique()), 2.5)
    panels[0, 0].set_xscale("log")
    panels[0, 0].set_xticks(rates, labels=[f"{each:g}" for each in rates])
    panels[0, 0].minorticks_off()
    panels[0, 0].set_xlabel("learning rate r")
    panels[0, 0].set_ylabel(f"test accuracy, epoch {int(training['epoch'].max())}")
    panels[0, 1].set_ylabel("test accuracy")
    panels[1, 0].set_ylabel("angle to the gradient (°)")
    panels[1, 0].set_ylim(-3, 120)
    panels[1, 1].set_yscale("log")
    panels[1, 1].set_ylabel("distance to credit's weights")
    for axes in panels.flat[1:]:
        axes.set_title(f"r = {rate:g}", loc="left")
    for axes in panels[0]:
        axes.set_ylim(0, 1)
    for axes in panels.flat[1:]:
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for axes in panels.flat:
        despine(ax=axes)
    _legend(figure, panels, "")
    return figure


@styled
def dale_costs(training: pd.DataFrame) -> Figure:
    """What Dale's law costs: accuracy and angle to the gradient over training.

    Parameters
    ----------
    training
        network (``dale``, ``released``, ``free``), seed, epoch, test_accuracy, angle, silent.
    """
    if training.empty:
        raise DataError("training: the table is empty, so there is nothing to draw")
    figure = new_figure(2.9, "What does Dale's law cost?")
    panels = figure.subplots(1, 3)
    for k, (network, label) in enumerate(NETWORKS.items()):
        own = pick(training, network=network)
        for axes, column in zip(panels, ("test_accuracy", "angle", "silent"), strict=True):
            if column == "test_accuracy" or network == "dale":
                _line(axes, own, "epoch", column, k, label)
    panels[0].set_ylabel("test accuracy")
    panels[0].set_ylim(0, 1)
    panels[1].set_ylabel("angle to the gradient (°)")
    panels[2].set_ylabel("share of synapses at 0")
    for axes in panels:
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        despine(ax=axes)
    for axes in panels[1:]:
        axes.set_ylim(bottom=0)
    _legend(figure, list(panels), "")
    return figure


@styled
def dale_balance(balance: pd.DataFrame) -> Figure:
    """Excitatory and inhibitory inputs and their balance over training, by layer.

    Parameters
    ----------
    balance
        seed, epoch, layer, excitation, inhibition, difference, spread.
    """
    if balance.empty:
        raise DataError("balance: the table is empty, so there is nothing to draw")
    layers = thinned(sorted(balance["layer"].unique()), LAYERS)
    figure = new_figure(4.0, "Do excitation and inhibition balance while a network learns?")
    panels = figure.subplots(2, len(layers), squeeze=False, sharex=True, sharey="row")
    for j, layer in enumerate(layers):
        own = pick(balance, layer=layer)
        _line(panels[0, j], own, "epoch", "excitation", 0, "excitation E")
        _line(panels[0, j], own, "epoch", "inhibition", 1, "inhibition I")
        _line(panels[1, j], own, "epoch", "difference", 2, "mean of E − I")
        _line(panels[1, j], own, "epoch", "spread", 3, "standard deviation of E − I")
        panels[0, j].set_title(f"layer {layer}" + (" (output)" if layer == layers[-1] else ""), loc="left")
        panels[1, j].axhline(0, color=INK, linewidth=0.6)
        panels[1, j].set_xlabel("epoch")
        panels[1, j].xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panels[0, 0].set_ylim(bottom=0)
    panels[0, 0].set_ylabel("mean input")
    panels[1, 0].set_ylabel("E − I")
    for axes in panels.flat:
        despine(ax=axes)
    _legend(figure, panels, "")
    return figure


@styled
def balance_costs(costs: pd.DataFrame) -> Figure:
    """What other balance functions than sigma' cost: angle to the gradient and loss over learning steps.

    Parameters
    ----------
    costs
        balance (name), seed, step, angle, loss.
    """
    if costs.empty:
        raise DataError("costs: the table is empty, so there is nothing to draw")
    figure = new_figure(3.2, "What does another balance function than σ′ cost?")
    left, right = figure.subplots(1, 2)
    for k, name in enumerate(thinned(list(costs["balance"].unique()), LINES)):
        own = pick(costs, balance=name).dropna(subset="angle").astype({"angle": float})
        label = "σ′ (derivative)" if name == "derivative" else name.replace("_", " ")
        _line(left, own, "step", "angle", k, label)
        _line(right, own, "step", "loss", k, label)
    left.set_ylabel("angle to the gradient (°)")
    left.set_ylim(bottom=-1)
    right.set_ylabel("mean loss (nats)")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.set_xlabel("learning step")
        despine(ax=axes)
    _legend(figure, [left], "")
    return figure
