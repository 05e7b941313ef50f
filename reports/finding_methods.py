"""How an analysis found what it found beyond scores: one paragraph for each finding that there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import labels
from .content import ReportContent
from .findings import Findings, asked_of


def finding_methods(content: ReportContent) -> dict[str, str]:
    """Paragraphs by their headings, for the findings that are not empty; numbers are those of the configuration."""
    findings, analysis = content.findings, content.configuration.get("analysis")
    options = analysis if isinstance(analysis, Mapping) else {}
    given = options.get("fixed")
    fixed = given if isinstance(given, Mapping) else {}
    paragraphs = {
        "Which network is shown": _selection(findings),
        "Structure": _structure(findings, fixed),
        "Roles and drawing": _roles(findings, set(labels.distinct(content.communities, "weights"))),
        "Similarity of communities": _similarity(findings),
        "Resolution": _resolution(findings, options),
        "Lesions": _lesions(findings, fixed),
        "Class selectivity": _selectivity(findings, fixed),
        "Trajectory": _trajectory(findings, options),
        "Matched loss": _matched(findings),
        "Power": _power(findings),
    }
    return {heading: text for heading, text in paragraphs.items() if text}


def _selection(findings: Findings) -> str:
    if not findings.network:
        return ""
    return (
        f"Figures of a single network are of {labels.short(findings.network, labels.LONGEST)}: of all networks the one "
        "whose maximal Q has the greatest z beside the nearest of its null models. It was selected for standing out, "
        "so its figures and their tests are an example, and no evidence on the study's question; that is in the tables "
        "over all seeds."
    )


def _structure(findings: Findings, fixed: Mapping[str, Any]) -> str:
    kinds = findings.table("structure")
    if kinds is None:
        return ""
    null = _null(kinds, fixed.get("structure_null"))
    return (
        f"Three scores of the network{_of_weights(kinds)}, undirected and at a resolution of 1, are held against the "
        "same scores of "
        f"{_count(fixed.get('structure_samples'), 'sample')} of one null model{null}: maximal Q (block-diagonal), "
        "minimal Q (off-diagonal), and the correlation of its weights with those of an ideal core and periphery "
        "(Borgatti and Everett 2000)"
        f"{_each('restart', fixed.get('structure_restarts'), ', each the best of ')}. A structure holds where its "
        "one-sided empirical p, corrected over the three (Benjamini and Hochberg), is at most 0.05; the verdict is the "
        "one that holds with the greatest z. The rule of the verdict is ours."
    )


def _roles(findings: Findings, views: set[str]) -> str:
    roles = findings.table("roles")
    if roles is None:
        return ""
    # those of an analysis are of one view
    signed = " positive weights less negative ones" if views and views <= {"signed", "change"} else " weights by size"
    return (
        f"For each of {labels.counted(roles['neuron'].nunique(), 'neuron')}, with{signed} and both directions "
        "together: the participation coefficient 1 − Σ (strength to a community / strength)² and the z of its strength "
        "within its own community among that community's neurons (Guimerà and Amaral 2005). Blocks compare the weight "
        "between two communities with what their strengths alone would give."
    )


def _similarity(findings: Findings) -> str:
    if findings.similarities is None:
        return ""
    count = labels.counted(len(findings.similarities.groups), "network")
    return (
        f"The communities of all pairs of {count} are compared by adjusted mutual information (1: the same, 0: as by "
        "chance; Vinh, Epps and Bailey 2010), and over seeds and restarts also by the normalised mutual information, "
        "the adjusted Rand index (Hubert and Arabie 1985), the variation of information (Meilă 2007) and "
        "element-centric similarity (Gates et al. 2019). Labels, and with them colours, mean the same community "
        "throughout: those of each seed are matched over learning rates by the largest sum of overlaps, each seed as a "
        "whole then with the first, and snapshots of training with the communities that they end as."
    )


def _resolution(findings: Findings, options: Mapping[str, Any]) -> str:
    profile = findings.table("resolution")
    return "" if profile is None else resolution_method(profile, options.get("restarts"))


def resolution_method(profile: pd.DataFrame, restarts: Any) -> str:
    """How communities over resolutions were found, and what plateaus are held against."""
    low, high = profile["resolution"].min(), profile["resolution"].max()
    found = (
        f"The maximum{asked_of(profile) or ' of Q'} is sought at "
        f"{labels.counted(profile['resolution'].nunique(), 'resolution')} from γ = "
        f"{labels.number(low)} to {labels.number(high)} (Reichardt and Bornholdt 2006)"
        f"{_each('restart', restarts, ', with ')} each. A plateau is a range over which the partition stays the same "
        "but for an adjusted mutual information of 0.9. "
    )
    if "null" not in profile:
        return found + "No null model."
    return found + (
        f"{labels.counted(int(profile['samples'].iloc[0]), 'sample')} of {labels.null(str(profile['null'].iloc[0]))} "
        "are searched alike; the widest plateau of each is what the network's plateaus are held against, so that p "
        "holds for all of them together."
    )


def _lesions(findings: Findings, fixed: Mapping[str, Any]) -> str:
    found = findings.table("lesions")
    if found is None:
        return ""
    return (
        f"Each of {labels.counted(found['community'].nunique(), 'community', 'communities')} is silenced, save for "
        "input and output neurons, and the loss of each class on the test data is compared with that of "
        f"{_count(fixed.get('lesion_controls'), 'control')}: random sets of as many neurons of the same layers. The "
        "empirical p is one-sided (a larger loss), and q corrected over all communities and classes."
    )


def _selectivity(findings: Findings, fixed: Mapping[str, Any]) -> str:
    if findings.table("selectivity") is None:
        return ""
    return (
        "Selectivity is η², the share of the variance of a rate over test samples that the classes explain, of single "
        "neurons (mean over a community) and of a community's mean rate. The null model is "
        f"{_count(fixed.get('selectivity_samples'), 'shuffle')} of the neurons among communities, within layers; the "
        "empirical p is one-sided (more selective), and q corrected over all."
    )


def _trajectory(findings: Findings, options: Mapping[str, Any]) -> str:
    course = findings.table("course")
    if course is None:
        return ""
    return (
        f"The weights of {labels.counted(course['step'].nunique(), 'snapshot')} of training are searched alike"
        f"{_each('restart', options.get('restarts'), ', with ')} each, and communities are matched from one to the "
        "next by the share of neurons in common (after Palla, Barabási and Vicsek 2007). "
        + (
            ""
            if findings.table("slices") is None
            else "Beside it all snapshots are searched together (multislice modularity, Mucha et al. 2010), where "
            "every neuron is tied to itself in the next. "
        )
        + "No null model."
    )


def _matched(findings: Findings) -> str:
    found = findings.table("matched")
    if found is None:
        return ""
    targets = [labels.number(each) for each in labels.distinct(found, "target") if not labels.missing(each)]
    seeds = f", over {labels.counted(int(found['seeds'].max()), 'seed')} at most" if "seeds" in found else ""
    nulls = labels.listed([labels.null(str(name)) for name in labels.distinct(found, "null")])
    return (
        "Weights were kept where the training loss of a network first was at most "
        f"{labels.listed(targets) or 'a chosen one'}. Learning rates are compared there, and beside it after the same "
        f"number of steps{seeds}, against {nulls}. Networks that did not reach a loss are in none of its tests."
    )


def _power(findings: Findings) -> str:
    if findings.table("power") is None:
        return ""
    return (
        "Power is that of Student's two-sided t test of a mean difference over seeds at 5 %, computed from the "
        "noncentral t distribution for assumed effects; it is no result of this study. The seeds that a trend over "
        "learning rates needs for a power of 0.8 are from Page's test of 1,000 simulated sweeps with the means of this "
        "study and normal rests of its variance: where it shows no trend, they are too low a guess."
    )


def _null(kinds: pd.DataFrame, given: Any) -> str:
    name = given or (kinds["null"].iloc[0] if "null" in kinds else "")
    return f", {labels.null(str(name))}" if name else ""


def _of_weights(table: pd.DataFrame) -> str:
    return f" ({labels.weights(str(table['weights'].iloc[0]))})" if "weights" in table else ""


def _count(given: Any, what: str) -> str:
    """``99 controls``; without a number where the configuration has none."""
    return labels.counted(given, what) if isinstance(given, int) else f"{what}s"


def _each(what: str, given: Any, before: str) -> str:
    return f"{before}{labels.counted(given, what)}" if isinstance(given, int) else ""
