"""The rule against theory: errors of its updates beside their bounds."""

from __future__ import annotations

from .. import labels, tables
from ..illustrations import verification
from ..methods import Method
from ..section import Section
from .content import DemonstrationContent, Words


def exactness(content: DemonstrationContent) -> Words:
    """The page of the exactness table."""
    table = content.tables["verification"]
    count, broken = len(table), int((~table["holds"].astype(bool)).sum())
    against = table[table["check"] == "gradient"]
    worst = [
        f"{labels.error(own['error'].max())} in {name} networks (bound {labels.error(own['bound'].min())})"
        for name, own in against.groupby("network", sort=False)
    ]
    others = table[table["check"] != "gradient"]
    return Words(
        title="Exactness",
        question="Does the credit rule with f = σ′ follow the negative gradient exactly?",
        answer=[
            f"{'Yes' if not broken else 'No'}: {count - broken} of {labels.counted(count, 'comparison')} "
            "keep their bound; against "
            f"automatic differentiation the largest relative error is {labels.listed(worst)}.",
            f"The {len(others)} other comparisons, with the equations written down anew, Dale's law and the slow limit "
            f"of the three timescales, have an error of {labels.error(others['error'].max())} at most.",
        ],
        sections=[
            Section(
                "errors",
                "Errors",
                "How far is it from theory?",
                [],
                verification(table),
                folded=[tables.exactness_table(table)],
            )
        ],
        methods=[
            Method(
                "Comparison",
                "A network with random weights and non-zero biases gets a batch of random data; its update is compared "
                "with what theory says, in float64. The error is the norm of the difference over the norm of what is "
                "expected, of the worst tensor of weights or biases. Gradients of recurrent networks go through the "
                "unrolled iteration to equilibrium.",
            ),
            Method(
                "Bounds",
                "1e−12 for layered networks, 1e−9 for recurrent ones, whose equilibria are found to a tolerance. They "
                "were set before, and are no result.",
            ),
        ],
        paper=["The theorem that with f = σ′ the rule follows the negative gradient (appendix)."],
        ours=["The cases, the bounds, and the checks beside that with automatic differentiation."],
        limits=[
            "Small networks: rounding grows with the number of neurons and layers.",
            "Comparisons show an error where there is one in what they cover; they prove nothing beyond.",
        ],
    )
