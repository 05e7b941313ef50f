"""Other balance functions than sigma': how far they are from the gradient, and how they learn."""

from __future__ import annotations

from .. import labels
from ..figures import balance_costs
from ..illustrations import Illustration
from ..methods import Method
from ..section import Section
from .content import DemonstrationContent, Words

EXACT = "derivative"


def balance(content: DemonstrationContent) -> Words:
    """The page of the demonstration of balance functions."""
    last = int(content.settings["steps"])
    names = [name for name in labels.distinct(content.tables["costs"], "balance") if name != EXACT]
    angles = [
        f"{content.said(f'{name}, step {last}: angle', '°')} with {labels.short(name.replace('_', ' '))}"
        for name in names
    ]
    losses = [content.value(f"{name}, step {last}: loss") for name in names]
    return Words(
        title="Balance functions",
        question="What does it cost to learn with another balance function than σ′?",
        answer=[
            f"With f = σ′ the update follows the gradient (angle {content.said(f'{EXACT}, step {last}: angle', '°')} "
            f"after {labels.counted(last, 'step')}); with other functions it makes an angle of "
            f"{labels.listed(angles)}.",
            f"The loss after {labels.counted(last, 'step')} is "
            f"{content.said(f'{EXACT}, step {last}: loss')} with σ′ and "
            f"{labels.number(min(losses), 2)} to {labels.number(max(losses), 2)} with the others (means): the angle "
            "says how far a rule is from the gradient, not how well it learns.",
        ],
        sections=[Section("costs", "Costs", "Angle and loss", [], [_costs(content)])],
        methods=[
            Method(
                "Training",
                f"Full-batch learning of {labels.counted(content.settings['samples'], 'digit')} by networks "
                f"{'-'.join(map(str, content.settings['sizes']))}, {content.settings['activation']}, cross-entropy, r "
                f"= {content.settings['learning_rate']:g}, float64; all functions start from the same weights, seed by "
                "seed.",
            ),
            Method(
                "Angle",
                "The angle between the update and minus the gradient (automatic differentiation) at the same weights, "
                "in degrees.",
            ),
        ],
        paper=["A balance function f that need not be σ′; with f = σ′ the rule is the gradient's."],
        ours=["The functions that are compared, and that each has the area or twice the width of σ′."],
        limits=[
            "One task, one size, one learning rate for all, and the loss on the training data.",
            "Updates of the boxcar and the wide derivative are longer than the gradient (norm_ratio in the table "
            "costs), which alone lowers a loss faster.",
        ],
    )


def _costs(content: DemonstrationContent) -> Illustration:
    table, sizes = content.tables["costs"], content.settings["sizes"]
    caption = (
        f"Angle of the update to the gradient, and training loss, over learning steps: mean over {content.of_seeds} "
        f"as a line, single seeds as points; n = {labels.counted(sum(sizes), 'neuron')} a network, "
        f"{labels.counted(content.settings['samples'], 'sample')}, the same initial weights for all functions. No null "
        "model: σ′ is the reference."
    )
    end = table[table["step"] == table["step"].max()]
    alternative = "Line plots over learning steps. At the end: " + labels.listed(
        [
            f"{str(name).replace('_', ' ')} {labels.number(own['angle'].astype(float).mean(), 2)}°, loss "
            f"{labels.number(own['loss'].mean(), 2)}"
            for name, own in end.groupby("balance", sort=False)
        ]
    )
    return Illustration("balance", balance_costs(table), caption, f"{alternative}.", table)
