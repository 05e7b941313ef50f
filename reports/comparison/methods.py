"""How a comparison was made, what it does not say, and whom it cites."""

from __future__ import annotations

from .. import labels
from ..bibliography import null_sources
from ..methods import NULLS, Method
from .content import BEST, ComparisonContent


def methods(content: ComparisonContent) -> list[Method]:
    """How a comparison was made, in words."""
    options = content.configuration.get("analysis", {})
    restarts, samples = int(options.get("restarts", 0)), int(options.get("samples") or 0)
    objectives = labels.listed([labels.objective(name) for name in labels.distinct(content.groups, "objective")])
    nulls = "; ".join(NULLS.get(name, labels.null(name)) for name in labels.distinct(content.groups, "null"))
    found = [
        Method(
            "Communities",
            f"Partitions of best {objectives} by the Leiden algorithm, the best of "
            f"{labels.counted(restarts, 'restart')}, for all "
            "networks and all samples of null models alike.",
        ),
        Method("Null models", f"{nulls}. {labels.counted(samples, 'sample')} for each network."),
        Method(
            "Groups",
            "A group against its null models: the networks' p combined (Fisher), two-sided; q after Benjamini and "
            "Hochberg over all groups and scores.",
        ),
    ]
    bases = set(content.differences["basis"]) if len(content.differences) else set()
    words = {
        "paired seeds": "Student's t of the differences within seeds, where networks of one seed start from the same "
        "weights and see the same data",
        "files of one name": "Student's t of the differences within files of one name, which were said to belong "
        "together",
        "independent seeds": "Welch's t, where they do not",
        "independent networks": "Welch's t of the networks of both",
        "one network beside several": "the prediction interval of a single network (Crawford and Howell), or that of "
        "the spread of its null samples if wider, where one of the two is a single network",
        "one network beside seeds": "the prediction interval of a single network (Crawford and Howell), or that of "
        "the spread of its null samples if wider, where one of the two is a single network",
        "null samples": "1.96 standard deviations of the null samples of both, where both are single networks; no test",
    }
    used = [text for basis, text in words.items() if basis in bases]
    if used:
        found.append(
            Method(
                "Differences",
                f"Intervals are {'; '.join(used)}. q after Benjamini and Hochberg over all differences of Q − null "
                "mean.",
            )
        )
    if len(content.similarity):
        found.append(
            Method(
                "Similarity",
                "Adjusted mutual information and element-centric similarity of the partitions of maximal Q. p: share "
                "of all ways to pair the seeds that are at least as alike as the true one.",
            )
        )
    if has_verdicts(content):
        found.append(
            Method(
                "Structure",
                "Maximal Q, minimal Q and the correlation with a core and periphery (Borgatti and Everett 2000) of "
                "each network, each against the same samples of a null model; of the kinds that hold (q ≤ 0.05 of the "
                "three) the one with the greatest z is the verdict.",
            )
        )
    return found


def has_verdicts(content: ComparisonContent) -> bool:
    """Whether the structure of networks was tested."""
    return set(content.networks["verdict"]) != {"not tested"}


def limits(content: ComparisonContent) -> list[str]:
    """What a comparison does not say."""
    found = [
        "Null models differ in what they keep: a group is beyond one of them, not beyond chance as such.",
        "Networks of different size or density differ in Q for that alone; the difference of Q − null mean is less, "
        "not entirely, subject to it.",
    ]
    if (content.groups["seeds"].astype(int) == 1).any():
        found.append("A single network is one observation: nothing here tells how others of its kind are.")
    if BEST in set(content.differences["at"]) and len(content.accuracy):
        found.append(
            f"The learning rate of best accuracy was chosen on {content.accuracy['of'].iloc[0]} data of these same "
            "networks, by accuracy and not by Q."
        )
    if len(content.similarity):
        found.append(
            "Hidden neurons of networks from different initial weights correspond by their number only, so different "
            "seeds are a baseline, not a finding."
        )
    return found


def sources_cited(content: ComparisonContent) -> list[str]:
    """Keys of the literature that a comparison cites."""
    rules = set(labels.distinct(content.sources, "rule"))
    directed = bool(content.configuration.get("analysis", {}).get("directed"))
    wanted = {
        "fan2024": "credit" in rules,
        "traag2019": True,
        "newman2006": not directed,
        "leicht2008": directed,
        "vinh2010": len(content.similarity) > 0,
        "gates2019": len(content.similarity) > 0,
        "fisher1932": True,
        "benjamini1995": True,
        "crawford1998": any("one network beside" in basis for basis in labels.distinct(content.differences, "basis")),
        **null_sources(content.groups),
        "borgatti2000": has_verdicts(content),
        "lillicrap2016": "feedback_alignment" in rules,
        "nokland2016": "direct_feedback_alignment" in rules,
        "oja1982": "hebbian" in rules,
    }
    return [key for key, is_used in wanted.items() if is_used]
