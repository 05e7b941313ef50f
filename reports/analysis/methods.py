"""How an analysis was done, where it ends, and whom it cites."""

from __future__ import annotations

from .. import bibliography, labels
from ..figures.style import LEVEL
from ..finding_methods import resolution_method
from ..methods import NULLS, Method
from .content import AnalysisContent


def methods(content: AnalysisContent) -> list[Method]:
    """The methods in words, from the configuration."""
    scores, options = content.scores, content.configuration
    objectives = labels.listed([labels.objective(name) for name in labels.distinct(scores, "objective")])
    views = labels.listed([labels.weights(name) for name in labels.distinct(scores, "weights")])
    found = [
        Method(
            "Communities",
            f"Partitions of best {objectives} ({views}; resolution {options.get('resolution', 1.0):g}"
            f"{'; directed' if options.get('directed') else ''}) by the Leiden "
            f"algorithm, the best of {labels.counted(int(options.get('restarts', 1)), 'restart')}, each run to "
            "convergence and scored by our own function."
            + (
                " Minimal Q looks for groups that are connected across."
                if "minimise" in labels.distinct(scores, "direction")
                else ""
            ),
        ),
        Method(
            "Null models",
            "; ".join(NULLS.get(name, labels.null(name)) for name in labels.distinct(scores, "null"))
            + f". {labels.counted(int(options.get('samples', 0)), 'sample')} each.",
        ),
        Method(
            "Statistics",
            "z = (Q − mean) / s.d. of the samples; the empirical p = (1 + count of samples at least as extreme) / (1 + "
            "samples), one-sided; q after Benjamini and Hochberg's correction over all scores of this network.",
        ),
    ]
    if content.findings.structure is not None:
        kinds = content.findings.structure
        null = kinds["null"].iloc[0] if "null" in kinds else ""
        weights = f" ({labels.weights(str(kinds['weights'].iloc[0]))})" if "weights" in kinds else ""
        samples = labels.counted(int(kinds["samples"].iloc[0]), "sample") if "samples" in kinds else "samples"
        found.append(
            Method(
                "Structure",
                f"Maximal Q, minimal Q and the correlation with a core and periphery{weights}, undirected and at a "
                f"resolution of 1, each against the same {samples} of "
                f"{labels.null(str(null)) if null else 'a null model'}; of the kinds that hold (q ≤ {LEVEL:g} of the "
                "three) the one with the greatest z is the verdict.",
            )
        )
    profile = content.findings.table("resolution")
    if profile is not None:
        found.append(Method("Resolution", resolution_method(profile, options.get("restarts"))))
    return found


def limits(content: AnalysisContent) -> list[str]:
    """What the analysis cannot tell."""
    samples = int(content.configuration.get("samples", 0))
    found = ["One network is one observation: nothing here tells how other networks of its kind are."]
    if samples:
        lowest = labels.probability(1 / (samples + 1))
        found.append(
            f"With {labels.counted(samples, 'sample')} p of a score is never below {lowest}: where z is large and q "
            "is not small, draw more."
        )
    found.append("Modularity merges communities that are small for the network; the resolution profile shows where.")
    return found


def sources_cited(content: AnalysisContent) -> list[str]:
    """Keys of the literature that the methods rest on."""
    directed = bool(content.configuration.get("directed"))
    wanted = {
        "traag2019": True,
        "newman2006": not directed,
        "leicht2008": directed,
        "vinh2010": True,
        "benjamini1995": True,
        **bibliography.null_sources(content.scores),
        "guimera2005": content.findings.roles is not None,
        "reichardt2006": content.findings.resolution is not None,
        "borgatti2000": content.findings.structure is not None,
        **bibliography.stability_sources(content.findings),
    }
    return [key for key, is_used in wanted.items() if is_used]
