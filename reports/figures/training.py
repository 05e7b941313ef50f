from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter

from ...guard import DataError, choice
from .. import labels
from .hover import mark_points
from .paging import thinned
from .style import INK, learning_rate_colours, new_figure, pick, shown_rates, styled

QUANTITIES = {
    "connectome": {
        "weight_norm": "norm of the weights",
        "rate_norm": "norm of the rates",
    },
    "layered": {
        "train_loss": "loss, training data",
        "validation_loss": "loss, validation data",
        "test_loss": "loss, test data",
        "train_accuracy": "accuracy, training data",
        "validation_accuracy": "accuracy, validation data",
        "test_accuracy": "accuracy, test data",
    },
}
BALANCES = {
    "ei_imbalance": "E-I imbalance |E − I| / (E + I)",
    "mean_balance": "mean balance f(s)",
    "credit_norm": "norm of the credits",
}
QUANTITIES["recurrent"] = QUANTITIES["layered"]
STEPS = {"connectome": "iteration", "layered": "epoch", "recurrent": "epoch"}
POINTS = 80
"""At most so many steps of a curve are drawn: more would not be seen."""

LOGARITHMIC_FROM = 30.0
OVERSHOOT = 3.0
"""A network that diverged is drawn up to so many times the largest value of the others."""

ROW_HEIGHT = 1.75
PRUNINGS_SHOWN = 4


def training_summary(training: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The course of training over seeds: mean, least and largest value, at no more than 80 steps.

    Networks that ended before the others, because they diverged, are left out.

    Parameters
    ----------
    training
        One row per network and step.
    kind
        ``connectome``, ``layered`` or ``recurrent``.

    Returns
    -------
    DataFrame
        Columns: learning_rate (, pruning), quantity, the step, seeds (count), mean, low, high.

    Raises
    ------
    OptionError
        If the kind is unknown.
    """
    return summary_of(training, _there(training, QUANTITIES[choice("kind", kind, QUANTITIES)]), STEPS[kind])


def summary_of(training: pd.DataFrame, quantities: Collection[str], step: str) -> pd.DataFrame:
    """What :func:`training_summary` says, of some columns."""
    keys = labels.columns_of(training, "learning_rate", "pruning")
    whole = training[~_ended_early(training, step)]
    long = whole[whole[step].isin(_drawn_steps(training[step]))].melt(
        id_vars=[*keys, "seed", step], value_vars=list(quantities), var_name="quantity"
    )
    long = long[np.isfinite(long["value"].to_numpy(float, na_value=np.nan))]
    grouped = long.groupby([*keys, "quantity", step], sort=True)["value"]
    summary: pd.DataFrame = grouped.agg(seeds="count", mean="mean", low="min", high="max").reset_index()
    return summary


@styled
def training_curves(training: pd.DataFrame, kind: str, *, constant: Mapping[str, float] | None = None) -> Figure:
    """The course of training, one colour for each learning rate.

    A line is the mean over the seeds that trained to the end, its band runs from the least to the largest of them. A
    thin dashed line is a network that diverged, cut at three times the largest value of the others, so that these stay
    apart; a cross marks its end. Learning rates go from wide lines to thin ones, so that none hides another.
    Norms and losses are on a logarithmic axis where they spread over more than a factor of 30. Of more than four
    prunings four are drawn, evenly chosen.

    Parameters
    ----------
    training
        One row per network and step.
    kind
        ``connectome`` (norms of weights and rates by iteration) or ``layered`` and ``recurrent`` (loss and accuracy by
        epoch, of training, test
        and, where there are some, validation data).
    constant
        What an answer that is always the same reaches, by quantity, such as ``{"test_accuracy": 0.1}``: dotted lines.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    OptionError
        If the kind is unknown.
    DataError
        If the table is empty.
    """
    quantities = _there(training, QUANTITIES[choice("kind", kind, QUANTITIES)])
    title = "Does training settle?" if kind == "connectome" else "Does the network learn its task?"
    return _courses(training, quantities, STEPS[kind], title, constant or {})


@styled
def balance_curves(training: pd.DataFrame, kind: str) -> Figure:
    """Balance of excitation and inhibition, and size of the credits, over training, a colour for each learning rate.

    Lines, bands and crosses are those of :func:`training_curves`. The imbalance is |E - I| / (E + I) of the positive
    and negative parts E and I of a neuron's summed input (0 balanced, 1 one-sided); the mean balance is that of the
    rule's balance function f(s).

    Parameters
    ----------
    training
        One row per network and step, with some of the columns ei_imbalance, mean_balance, credit_norm.
    kind
        ``connectome``, ``layered`` or ``recurrent``: whether steps are iterations or epochs.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    OptionError
        If the kind is unknown.
    DataError
        If the table is empty or has none of the columns.
    """
    step = STEPS[choice("kind", kind, STEPS)]
    return _courses(
        training, _there(training, BALANCES), step, "Do excitation and inhibition balance, and credits settle?"
    )


def _there(training: pd.DataFrame, quantities: Mapping[str, str]) -> dict[str, str]:
    """Those of the quantities that were recorded."""
    return {name: words for name, words in quantities.items() if name in training and training[name].notna().any()}


def _courses(
    training: pd.DataFrame,
    quantities: Mapping[str, str],
    step: str,
    title: str,
    constant: Mapping[str, float] | None = None,
) -> Figure:
    if training.empty or not quantities:
        raise DataError("training: nothing of this was recorded, so there is nothing to draw")
    summary = summary_of(training, quantities, step)
    diverged = training[_ended_early(training, step)]
    prunings: list[float | None] = thinned(sorted(labels.distinct(training, "pruning")), PRUNINGS_SHOWN) or [None]
    single = len(prunings) == 1
    across = len(quantities) if len(quantities) <= 3 else -(-len(quantities) // 2)
    rows, columns = (-(-len(quantities) // across), across) if single else (len(quantities), len(prunings))
    figure = new_figure(ROW_HEIGHT * rows + (0.6 if rows > 1 else 0.85), title)
    # losses on one scale, accuracies on another: a row holds what compares
    share = not single or "train_loss" in quantities
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey="row" if share else "none")
    rates = sorted(training["learning_rate"].unique())
    for i, (quantity, name) in enumerate(quantities.items()):
        for j, pruning in enumerate(prunings):
            axes = panels[divmod(i, columns)] if single else panels[i, j]
            of_panel = pick(summary, quantity=quantity, pruning=pruning)
            _draw_completed(axes, of_panel, rates, step, name)
            _draw_diverged(axes, pick(diverged, pruning=pruning), of_panel, quantity, rates, step)
            if constant and quantity in constant:
                axes.axhline(constant[quantity], color=INK, linestyle=":", linewidth=1.0, zorder=1.5)
            if "norm" in name or "loss" in name:
                _maybe_logarithmic(axes)
            axes.set_ylabel(name if j == 0 else "")
            if i == 0 and not single:
                axes.set_title(f"pruning {pruning:g}")
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            seaborn.despine(ax=axes)
    for axes in panels[-1]:
        axes.set_xlabel(step)
    _rate_bar(figure, panels, rates, ROW_HEIGHT * rows)
    return figure


def _ended_early(training: pd.DataFrame, step: str) -> pd.Series[bool]:
    """For every row, whether its network ended before the longest one did."""
    keys = labels.columns_of(training, "learning_rate", "pruning", "seed")
    last: pd.Series[int] = training.groupby(keys)[step].transform("max")
    early: pd.Series[bool] = last < training[step].max()
    return early


def _drawn_steps(steps: pd.Series[int]) -> npt.NDArray[np.integer]:
    every = np.unique(steps.to_numpy(int))
    places = np.linspace(0, len(every) - 1, min(POINTS, len(every))).round().astype(int)
    return np.asarray(every[np.unique(places)])


def _draw_completed(axes: Axes, summary: pd.DataFrame, rates: list[float], step: str, name: str) -> None:
    colours, norm = learning_rate_colours(rates)
    for rate, curve in summary.groupby("learning_rate"):
        colour = colours(norm(float(rate)))  # type: ignore[arg-type]
        axes.fill_between(curve[step], curve["low"], curve["high"], color=colour, alpha=0.18, linewidth=0)
        # of curves that lie on one another each is seen: the first is the widest, the last the thinnest and on top
        place = rates.index(float(str(rate))) / max(len(rates) - 1, 1)
        axes.plot(curve[step], curve["mean"], color=colour, linewidth=2.4 - 1.4 * place, zorder=2.1 + place / 10)
        last = curve.iloc[-1]
        mark_points(
            axes,
            [last[step]],
            [last["mean"]],
            [
                f"r = {labels.rate(float(str(rate)))}, {step} {last[step]:g}: {name} {labels.number(last['mean'])} "
                f"({labels.number(last['low'])} to {labels.number(last['high'])})"
            ],
        )


def _draw_diverged(
    axes: Axes, diverged: pd.DataFrame, completed: pd.DataFrame, quantity: str, rates: list[float], step: str
) -> None:
    colours, norm = learning_rate_colours(rates)
    finite = diverged[np.isfinite(diverged[quantity].to_numpy(float))]
    cut = OVERSHOOT * float(completed["high"].max()) if len(completed) else np.inf
    for (rate, _), network in finite.groupby(["learning_rate", "seed"]):
        course = network.sort_values(step)
        drawn = course[step].isin(_drawn_steps(course[step]))
        colour = colours(norm(rate))
        x, y = course.loc[drawn, step].to_numpy(), course.loc[drawn, quantity].to_numpy(float)
        kept = slice(0, int(np.argmax(y > cut)) if (y > cut).any() else None)
        axes.plot(x[kept], y[kept], color=colour, linewidth=0.8, linestyle="--", zorder=4)
        axes.plot(x[-1], min(y[-1], cut), marker="x", color=colour, markersize=6, markeredgewidth=1.6, zorder=5)


def _maybe_logarithmic(axes: Axes) -> None:
    values = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.lines] or [np.zeros(0)])
    positive = values[values > 0]
    if positive.size and positive.max() / positive.min() > LOGARITHMIC_FROM:
        axes.set_yscale("log")


def _rate_bar(figure: Figure, panels: npt.NDArray[np.object_], rates: list[float], height: float) -> None:
    colours, norm = learning_rate_colours(rates)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=panels, aspect=32, pad=0.02, fraction=0.05)
    bar.set_label("learning rate r")
    shown = shown_rates(rates, height * 0.35)
    bar.set_ticks(shown, labels=[labels.rate(rate, 3) for rate in shown])
    bar.ax.yaxis.set_minor_locator(FixedLocator([rate for rate in rates if rate not in shown]))
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
