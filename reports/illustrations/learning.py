"""Figures of the rule and of training: exactness, the course of learning, balance."""

from __future__ import annotations

import pandas as pd

from .. import labels
from ..content import ReportContent
from ..figures import balance_curves, training_curves, training_summary, verification_errors
from ..figures.paging import in_pages
from ..figures.training import BALANCES, OVERSHOOT, PRUNINGS_SHOWN, STEPS, summary_of
from ..rules import control_rule_of, verified
from .illustration import Illustration, extent, numbered


def exactness(content: ReportContent) -> list[Illustration]:
    """Errors against bounds; none where nothing was verified."""
    return verification(verified(content))


def verification(table: pd.DataFrame) -> list[Illustration]:
    """Errors of the exactness table against their bounds; none where it has no rows."""
    if table.empty:
        return []
    broken = int((~table["holds"].astype(bool)).sum())
    caption = (
        "Relative error of the update ΔW of the credit rule against what theory says it equals, float64. Each point "
        f"is one of n = {labels.counted(len(table), 'comparison')}{_of_which(table)}, with networks{_sizes(table)} and "
        "data of a seed of its own; each bar is the bound it must keep. No null model. "
        + (f"The bound is broken by {broken}." if broken else "All keep it.")
    )
    worst = table.sort_values("error").iloc[-1]
    alternative = (
        f"Dot plot of errors on a logarithmic axis. The largest is {labels.error(worst['error'])}, {worst['network']} "
        f"network with {worst['activation']}, its bound {labels.error(worst['bound'])}. {broken} of {len(table)} "
        "break their bound."
    )
    return [Illustration("exactness", verification_errors(table), caption, alternative, table)]


def _of_which(verification: pd.DataFrame) -> str:
    if "check" not in verification:
        return " with automatic differentiation"
    against = int((verification["check"] == "gradient").sum())
    return f", {against} of them with automatic differentiation"


def _sizes(verification: pd.DataFrame) -> str:
    if "neurons" not in verification:
        return ""
    return f" of {extent(*(f'{edge:,}' for edge in verification['neurons'].agg(['min', 'max'])))} neurons"


def learning(content: ReportContent) -> list[Illustration]:
    """The course of training; none where none was recorded."""
    if content.training is None or content.training.empty:
        return []
    summary = training_summary(content.training, content.kind)
    seeds = int(summary["seeds"].max()) if len(summary) else 0
    caption = (
        f"Course of training for each learning rate: {_drawn(seeds)}; n = "
        f"{networks_of(content, len(content.members))}. No null model."
    )
    if len(content.diverged):
        caption += (
            f" Dashed lines with a cross: the {labels.counted(len(content.diverged), 'network')} that diverged, cut "
            f"at {OVERSHOOT:g} times the largest value of the others."
        )
    constant = _constant(content)
    if constant:
        shares = extent(*(labels.decimals(edge, 2) for edge in (min(constant.values()), max(constant.values()))))
        caption += f" Dotted: the share of the largest class ({shares}), which whoever always names it reaches."
    ends = [
        f"{quantity.replace('_', ' ')} {extent(labels.number(low), labels.number(high))}"
        for quantity, low, high in _last_values(summary)
    ]
    alternative = f"Line plots over training. Range of the means over learning rates at the end: {'; '.join(ends)}."
    parts = _by_pruning(content.training)
    figures = [
        Illustration(
            numbered("learning", place, len(parts)),
            training_curves(part, content.kind, constant=constant),
            caption,
            alternative,
            summary,
        )
        for place, part in enumerate(parts)
    ]
    return [*figures, *_balance(content, seeds)]


def _constant(content: ReportContent) -> dict[str, float]:
    """What always the same answer reaches, by quantity: the share of the largest class, mean over the networks."""
    shares = [str(name) for name in content.members if str(name).endswith("_largest_class")]
    return {
        f"{name.removesuffix('_largest_class')}_accuracy": float(content.members[name].mean())
        for name in shares
        if content.members[name].notna().any()
    }


def _drawn(seeds: int) -> str:
    """What lines and bands are."""
    return "one network (line)" if seeds == 1 else f"mean over {seeds} seeds (line), least to largest (band)"


def _by_pruning(training: pd.DataFrame) -> list[pd.DataFrame]:
    """The course of training in parts of no more prunings than one figure draws."""
    prunings = sorted(labels.distinct(training, "pruning"))
    if len(prunings) <= PRUNINGS_SHOWN:
        return [training]
    return [training[training["pruning"].isin(part)] for part in in_pages(prunings, PRUNINGS_SHOWN)]


def _balance(content: ReportContent, seeds: int) -> list[Illustration]:
    """E-I balance and credits over training, where any of it was recorded."""
    training = content.training
    if training is None or training[labels.columns_of(training, *BALANCES)].isna().all(axis=None):
        return []
    summary = summary_of(training, labels.columns_of(training, *BALANCES), STEPS[content.kind])
    caption = (
        f"Balance of excitation and inhibition, and size of the credits, over training: {_drawn(seeds)}; n = "
        f"{networks_of(content, len(content.members))}. "
    )
    if "ei_imbalance" in training and training["ei_imbalance"].notna().any():
        caption += (
            "The imbalance is 0 where the positive and the negative part of a neuron's input are equal, and 1 where it "
            "has only one of them. "
        )
    caption += "No null model."
    if control_rule_of(content) is not None:
        caption += (
            " The credits are those that the credit rule would assign at these weights; nothing was learned from them."
        )
    ends = "; ".join(
        f"{quantity.replace('_', ' ')} {extent(labels.number(low), labels.number(high))}"
        for quantity, low, high in _last_values(summary)
    )
    alternative = f"Line plots over training. Range of the means over learning rates at the end: {ends}."
    parts = _by_pruning(training)
    return [
        Illustration(
            numbered("balance", place, len(parts)), balance_curves(part, content.kind), caption, alternative, summary
        )
        for place, part in enumerate(parts)
    ]


def networks_of(content: ReportContent, count: int) -> str:
    """``20 networks of 24 neurons``."""
    of = "" if content.neurons is None else f" of {labels.counted(content.neurons, 'neuron')}"
    return labels.counted(count, "network") + of


def _last_values(summary: pd.DataFrame) -> list[tuple[str, float, float]]:
    if summary.empty:
        return []
    keys = labels.columns_of(summary, "learning_rate", "pruning", "quantity")
    ends = summary.groupby(keys, sort=False).tail(1)
    return [(str(name), of["mean"].min(), of["mean"].max()) for name, of in ends.groupby("quantity", sort=False)]
