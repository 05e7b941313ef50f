"""What the numbers of a study cannot say, and what of it is the paper's and what ours: of its own experiment only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import labels
from .content import ReportContent
from .rules import control_rule_of, verified


def _least_together(content: ReportContent) -> str:
    """How low p can be over all seeds."""
    if "p_least" not in content.effects or content.effects.empty:
        return ""
    least = float(content.effects["p_least"].max())
    return f" (their p is never below {labels.probability(least)} here)"


def limits(content: ReportContent) -> list[str]:
    """What the numbers of this study cannot say."""
    items = []
    rule = control_rule_of(content)
    if rule is not None:
        items.append(
            f"The networks learned by {rule.name}, so nothing on this page speaks for or against the credit rule by "
            "itself. Compare it with the same study under layered.rule=credit: same data, initial weights and batches."
        )
    samples = _number(_option(content, "nulls", "samples"))
    if len(content.communities) and "samples" in content.communities:
        samples = float(content.communities.groupby("null")["samples"].max().min())
    if samples:
        items.append(
            f"With {labels.counted(int(samples), 'sample')} of a null model the p of one network is never below "
            f"{labels.probability(1 / (samples + 1))}, however far from its null it is. What counts is q, for which "
            f"the seeds are taken together{_least_together(content)}, and the interval over seeds."
        )
    if len(content.effects):
        seeds = int(content.effects["seeds"].max())
        normal = ", and on differences that are about normal over seeds" if seeds < 10 else ""
        items.append(
            f"Intervals rest on {labels.counted(seeds, 'seed')} at most{normal}."
            if seeds > 1
            else "One seed gives no interval, and nothing is called a difference without one: take more seeds."
        )
    restarts = _number(_option(content, "communities", "restarts"))
    if restarts:
        items.append(
            f"Leiden is a heuristic: the best of {labels.counted(int(restarts), 'restart')} is {_bounds(content)}, "
            "for data and null alike. Where restarts agree little (column "
            "“agreement of restarts”), the score may stand but the partition should not be read neuron by neuron."
        )
    lost = len(content.diverged)
    if lost:
        items.append(
            f"{lost} of {labels.counted(len(content.members), 'network')} diverged and "
            f"{labels.plural(lost, 'is', 'are')} in no statistic: "
            "what remains at the same learning rate is the part that stayed stable."
        )
    if len(labels.distinct(content.members, "learning_rate")) > 1:
        items.append(
            "A sweep of fixed length confounds the learning rate with how much was learned: networks at the lowest "
            "rates may have hardly left their initial weights. Compare with the learning curves."
        )
    kept: dict[tuple[str, ...], str] = {
        ("strength", "shuffle_strength", "shuffle_dyads_strength"): "the strengths of the neurons"
    }
    if content.kind != "layered":
        # synapses of layered networks lead one way
        kept["shuffle_dyads", "shuffle_dyads_strength"] = "how alike the two synapses of a pair are"
    nulls = set(content.effects["null"]) if "null" in content.effects else set()
    lost_by_all = [words for names, words in kept.items() if nulls.isdisjoint(names)]
    if nulls and lost_by_all:
        items.append(
            f"No null model of this study keeps {labels.listed(lost_by_all, 'or')}. Part of a difference from them may "
            "be that."
        )
    if content.kind == "connectome" and _option(content, "communities", "neurons") != "free":
        items.append(
            "The neurons whose credit is clamped are driven by the experimenter, and may form a community by that "
            "alone. The option communities.neurons=free leaves them out of the graph."
        )
    items.append(
        "Modularity describes wiring. That communities differ from a null model says nothing yet about what they do."
    )
    return items


def origins(content: ReportContent) -> tuple[list[str], list[str]]:
    """What is the paper's and what is this project's own."""
    rule = control_rule_of(content)
    paper = [
        "The rule: firing x = σ(W x), credit c = J c with J = Wᵀ diag(f(s)), plasticity ΔW = r (c ∘ f(s)) xᵀ "
        "(equations 1 to 4), and the theorem that it equals gradient descent in layered networks with f = σ′."
        if rule is None
        else "The balance f(s), and the credits whose norm is shown: those that the credit rule would assign. That "
        f"rule trained none of these networks; {rule.cited} did."
    ]
    ours = ["All numbers of this page: modularity, null models, tests and intervals. The paper reports none of them."]
    if "minimise" in _directions(content):
        ours.append("Minimal Q as a measure of across-module structure.")
    if content.kind == "recurrent" and rule is None:
        ours.append("Recurrent networks with injected credits.")
    if len(verified(content)):
        ours.append("The comparison with autograd.")
    if content.kind == "connectome":
        paper.append(
            "Algorithm 1 and the display of its weights reordered by Leiden (figure 4), with the claim that a low "
            "learning rate gives block-diagonal and a high one off-diagonal structure under strong pruning."
        )
        ours.append(
            "What the paper leaves open in algorithm 1: number of iterations, size of noise and initial weights, how "
            "clamped credits behave, whether neurons have synapses onto themselves. The methods name the readings "
            "used."
        )
    else:
        ours.append("The task, its sweep of learning rates and the communities of what is learned.")
    return paper, ours


def _option(content: ReportContent, section: str, name: str) -> Any:
    options = content.configuration.get(section)
    return options.get(name) if isinstance(options, Mapping) else None


def _number(given: Any) -> float | None:
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None


def _directions(content: ReportContent) -> set[str]:
    """Which of maximal and minimal Q are on the page."""
    return {name for table in (content.communities, content.effects) for name in labels.distinct(table, "direction")}


def _bounds(content: ReportContent) -> str:
    """Of what the best of some restarts is a bound: of what was searched, and where no table tells of both."""
    bounds = {"maximise": "a lower bound of maximal Q", "minimise": "an upper bound of minimal Q"}
    searched = _directions(content)
    return labels.listed([bound for direction, bound in bounds.items() if direction in searched or not searched])
