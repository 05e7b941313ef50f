"""The tables of a study's page, from the tables of the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from . import labels
from .figures.style import LEVEL
from .figures.training import QUANTITIES, STEPS
from .table import Column, Table

NO_TREND = "not told from none"
NOT_SET = "not set"


def scores_table(effects: pd.DataFrame) -> Table:
    """Modularity of every learning rate beside each null model."""
    data = effects.assign(
        interval=interval_of(effects, "quality"),
        null_interval=interval_of(effects, "null"),
        difference_interval=interval_of(effects, "difference"),
    )
    columns = [
        *_keys(),
        Column("learning_rate", "learning rate r", labels.rate, True),
        Column("difference_mean", "Q − null", labels.score, True),
        Column("difference_interval", "95 % interval", str, True, True),
        Column("q_value", "q", labels.probability, True),
        Column("z_mean", "z", labels.number, True),
        Column("seeds", "seeds", whole, True),
        Column("significant", "seeds p ≤ 0.05", whole, True),
        Column("quality_mean", "Q", labels.score, True),
        Column("interval", "95 % interval of Q", str, True, True),
        Column("null_mean", "null Q", labels.score, True),
        Column("null_interval", "95 % of null samples", str, True, True),
    ]
    caption = "Modularity Q of the trained networks and of their null models: means over seeds"
    if (effects["z_mean"].astype("Float64") * effects["difference_mean"].astype("Float64") < 0).any():
        caption += (
            " (z is the mean of the networks' own, each in the spread of its own null samples, and so may have another "
            "sign than the mean of Q − null)"
        )
    return Table("scores", *without_constants(caption, data, columns))


def trends_table(trends: pd.DataFrame) -> Table:
    """Tests of trend across learning rates."""
    columns = [
        *_keys(),
        Column("seeds", "seeds", whole, True),
        Column("learning_rates", "learning rates", whole, True),
        Column("told", "trend", word, derived=True),
        Column("page_l", "Page's L", labels.number, True),
        Column("page_p", "p", labels.probability, True),
        Column("q_value", "q", labels.probability, True),
        Column("friedman_statistic", "Friedman's χ²", labels.number, True),
        Column("friedman_p", "p", labels.probability, True),
        Column("seeds_needed", "seeds for power 0.8", whole, True),
        Column("note", "note", word),
    ]
    if "note" in trends.columns and not trends["note"].fillna("").astype(bool).any():
        columns.pop()
    caption = "Trend of Q − null mean over learning rates: Page's and Friedman's tests"
    if "seeds_needed" in trends:
        caption += " (seeds for power 0.8: simulated from this study; none given: more than 30, or not tested)"
    data = trends.assign(told=_told(trends, "trend", "q_value"))
    return Table("trends", *without_constants(caption, data, columns))


def networks_table(communities: pd.DataFrame) -> Table:
    """Every network on its own."""
    columns = [
        *_keys(),
        Column("learning_rate", "learning rate r", labels.rate, True),
        Column("seed", "seed", whole, True),
        Column("quality", "Q", labels.score, True),
        Column("null_mean", "null Q", labels.score, True),
        Column("z", "z", labels.number, True),
        Column("p_value", "p", labels.probability, True),
        Column("communities", "communities", whole, True),
        Column("agreement", "agreement of restarts (AMI)", two_decimals, True),
        Column("null_sd", "null s.d.", labels.number, True),
    ]
    caption = "Communities of every network against every null model"
    return Table("communities", *without_constants(caption, communities, columns))


def questions_table(scores: pd.DataFrame) -> Table:
    """Every score of one network beside each null model."""
    columns = [
        Column("weights", "weights"),
        Column("objective", "objective", labels.objective),
        Column("direction", "score", labels.direction),
        Column("null", "null model", labels.null),
        Column("quality", "Q", labels.score, True),
        Column("null_mean", "null Q", labels.score, True),
        Column("z", "z", labels.number, True),
        Column("p_value", "p", labels.probability, True),
        Column("q_value", "q", labels.probability, True),
        Column("communities", "communities", whole, True),
        Column("agreement", "agreement of restarts (AMI)", two_decimals, True),
        Column("null_sd", "null s.d.", labels.number, True),
    ]
    caption = "Scores of the network, and of each null model"
    return Table("scores", *without_constants(caption, scores, columns))


def structure_table(structure: pd.DataFrame) -> Table:
    """Which large-scale structure a network has, each kind beside its null model."""
    columns = [
        Column("structure", "structure"),
        Column("score", "score", labels.score, True),
        Column("null_mean", "null score", labels.score, True),
        Column("z", "z (above 0: more)", labels.number, True),
        Column("p_value", "p", labels.probability, True),
        Column("q_value", "q", labels.probability, True),
        Column("holds", "holds", yes_or_no),
    ]
    of = f" of {labels.weights(str(structure['weights'].iloc[0]))}" if "weights" in structure and len(structure) else ""
    drawn = "the same null samples"
    if {"null", "samples"} <= set(structure.columns) and len(structure):
        first = structure.iloc[0]
        drawn = (
            f"{labels.counted(int(first['samples']), 'sample')} of one null model: {labels.null(str(first['null']))}"
        )
    caption = (
        f"Tests of three kinds of structure of one network{of}, undirected, beside {drawn}. They are searched for "
        "anew, so scores may differ a little from those above."
    )
    return Table("structure", caption, structure, columns)


def matched_table(answers: pd.DataFrame) -> Table:
    """The answers at a fixed step and at matched loss, side by side."""
    columns = [
        *_keys(),
        Column("target", "training loss", labels.number, True),
        Column("fixed_told", "trend at a fixed step", word, derived=True),
        Column("fixed_q", "q", labels.probability, True),
        Column("matched_told", "at matched loss", word, derived=True),
        Column("matched_q", "q", labels.probability, True),
        Column("answer", "answer", word),
        Column("left_out", "learning rates left out", word),
        Column("note", "note", word),
    ]
    caption = "Trend over learning rates after the same number of steps, and at the same training loss"
    told = {
        f"{name}_told": _told(answers, f"{name}_trend", f"{name}_q")
        for name in ("fixed", "matched")
        if f"{name}_trend" in answers
    }
    return Table("matched-loss", *without_constants(caption, answers.assign(**told), columns))


def members_table(members: pd.DataFrame, training: pd.DataFrame | None, kind: str) -> Table:
    """How training went for every network, with the last row of its course."""
    step = STEPS[kind]
    data = members
    if training is not None and len(training):
        keys = labels.columns_of(training, "learning_rate", "pruning", "seed")
        last = training.sort_values(step).groupby(keys).tail(1)
        recorded = labels.columns_of(training, *QUANTITIES[kind])
        data = members.merge(last[[*keys, *recorded]], on=keys, how="left")
    quantities = [Column(key, f"last {name}", labels.number, True) for key, name in QUANTITIES[kind].items()]
    columns = [
        Column("learning_rate", "learning rate r", labels.rate, True),
        Column("pruning", "pruning", labels.number, True),
        Column("seed", "seed", whole, True),
        Column("status", "status"),
        # counted in learning steps, also where the course is recorded by epoch
        Column("iteration", "iterations" if kind == "connectome" else "learning steps", whole, True),
        *quantities,
    ]
    return Table("members", "The trained networks.", data, columns)


def exactness_table(verification: pd.DataFrame) -> Table:
    """The worst error of each check, kind of network and activation, beside its bound."""
    by = labels.columns_of(verification, "check", "network", "credit", "balance", "activation", "loss")
    data = (
        verification.groupby(by, sort=False)
        .agg(comparisons=("error", "size"), error=("error", "max"), bound=("bound", "min"), holds=("holds", "all"))
        .reset_index()
    )
    columns = [
        Column("check", "compared with", _words),
        Column("network", "network"),
        Column("credit", "credits"),
        Column("balance", "balance function", _words),
        Column("activation", "activation", _words),
        Column("loss", "loss", _words),
        Column("comparisons", "comparisons", whole, True),
        Column("error", "worst relative error", labels.error, True),
        Column("bound", "bound", labels.error, True),
        Column("holds", "holds", yes_or_no),
    ]
    caption = "Worst relative error of the rule's update (float64), over depths and batch sizes."
    return Table("verification", caption, data, columns)


def configuration_table(configuration: Mapping[str, Any]) -> Table:
    """Every option in force, by its dotted name."""
    data = pd.DataFrame(_flat(configuration), columns=["option", "value"])
    return Table("configuration", "Options in force.", data, [Column("option", "option"), Column("value", "value")])


def environment_table(environment: Mapping[str, Any]) -> Table:
    """Versions and machine."""
    data = pd.DataFrame(_flat(environment), columns=["item", "value"])
    return Table(
        "environment", "Where the numbers were made.", data, [Column("item", "item"), Column("value", "value")]
    )


def _keys() -> list[Column]:
    return [
        Column("weights", "weights"),
        Column("direction", "score", labels.direction),
        Column("null", "null model", labels.null),
        Column("pruning", "pruning", labels.number, True),
    ]


def without_constants(
    caption: str, data: pd.DataFrame, columns: Sequence[Column], more: Sequence[str] = ()
) -> tuple[str, pd.DataFrame, list[Column]]:
    """Say in the caption, not in a column, which weights and which pruning it is where there is one only.

    So too for `more` columns, with their headings; where a column has no value at all it is left out.
    """
    said = [column for column in columns if column.key in ("weights", "pruning", *more)]
    said = [column for column in said if len(labels.distinct(data, column.key)) == 1]
    for column in said:
        value = data[column.key].iloc[0]
        if column.key == "weights":
            caption += f", {labels.weights(str(value))}"
        elif not labels.missing(value):
            caption += f", {column.heading} {column.format(value)}"
    return f"{caption}.", data, [column for column in columns if column not in said]


def _told(table: pd.DataFrame, trend: str, q: str) -> list[Any]:
    """Which way each trend goes, where its test tells it from none."""
    return [
        NO_TREND if not labels.missing(way) and not labels.missing(p) and float(p) > LEVEL else way
        for way, p in zip(table[trend], table[q], strict=True)
    ]


def _flat(options: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in options.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
            rows += _flat({str(place): each for place, each in enumerate(value, start=1)}, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            rows.append((f"{prefix}{key}", ", ".join(_plain(each) for each in value)))
        else:
            rows.append((f"{prefix}{key}", _plain(value)))
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return yes_or_no(value)
    if value is None:
        return NOT_SET
    return f"{value:g}" if isinstance(value, float) else str(value)


def interval_of(table: pd.DataFrame, name: str) -> list[str]:
    """The interval of each row, from its columns ``<name>_low`` and ``<name>_high``, as text."""
    if table.empty:
        return []
    pairs = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [
        labels.MISSING if labels.missing(low) else f"{labels.score(low)} to {labels.score(high)}" for low, high in pairs
    ]


def whole(value: Any) -> str:
    """A whole number."""
    return labels.decimals(int(value), 0)


def two_decimals(value: Any) -> str:
    """A number with two decimals."""
    return labels.decimals(value, 2)


def word(value: Any) -> str:
    """A word, or the mark of what is missing."""
    return str(value) or labels.MISSING


def _words(value: Any) -> str:
    return str(value).replace("_", " ")


def yes_or_no(value: Any) -> str:
    """Yes or no."""
    return "yes" if value else "no"
