"""The credit rule beside control rules, and which of them learn as backprop does."""

from __future__ import annotations

from .. import labels
from ..figures import rule_curves
from ..illustrations import Illustration
from ..methods import Method
from ..rules import CONTROLS
from ..section import Section
from .content import DemonstrationContent, Words

TO_ROUNDING = 1e-9
"""Distance of weights, relative to their norm, up to which two rules are said to learn the same."""


def controls(content: DemonstrationContent) -> Words:
    """The page of the demonstration of control rules."""
    training = content.tables["training"]
    rate = float(training["learning_rate"].max())
    at = f"r = {rate:g}"
    others = [name for name in labels.distinct(training, "rule") if name not in ("credit", "backprop")]
    accuracies = [f"{_name(name)} {content.said(f'{name}, {at}: test accuracy', digits=3)}" for name in others]
    same = content.value(f"backprop, {at}: distance", "high") < TO_ROUNDING
    return Words(
        title="Control rules",
        question="Which rules learn as backpropagation does, from the same weights on the same batches?",
        answer=[
            f"The credit rule {'does' if same else 'does not'}: at {at} its test accuracy is "
            f"{content.said(f'credit, {at}: test accuracy', digits=3)}, that of backpropagation "
            f"{content.said(f'backprop, {at}: test accuracy', digits=3)}, and after training the weights of the two "
            f"differ by {content.said(f'backprop, {at}: distance')} of their norm.",
            f"The test accuracy of the others is {labels.listed(accuracies)}.",
        ],
        sections=[Section("rules", "Rules", "Accuracy, angle and distance", [], [_curves(content, rate)])],
        methods=[
            Method(
                "Training",
                f"Networks {'-'.join(map(str, content.settings['sizes']))} learn digits "
                f"({content.settings['activation']}, cross-entropy, "
                f"{labels.counted(content.settings['epochs'], 'epoch')}, batches of "
                f"{content.settings['batch_size']}, float64). Data, initial weights and batches are the same for all "
                "rules, seed by seed.",
            ),
            *(
                Method(labels.capital(CONTROLS[name].name), f"{CONTROLS[name].does}{_source(name)}.")
                for name in ["backprop", *others]
                if name in CONTROLS
            ),
            Method(
                "Angle and distance",
                "The angle of the rule's update to minus the gradient at its own weights, on the first 256 training "
                "samples, in degrees; the norm of the difference of all weights and biases from those of the credit "
                "rule, relative to theirs.",
            ),
        ],
        paper=["The credit rule, and that it makes the changes of backpropagation."],
        ours=["All comparisons; the control rules are others' (see the sources)."],
        limits=[
            "All rules have the same learning rates; none was tuned for any of them.",
            "Oja's rule, for each neuron by itself, is a floor, not the best that Hebbian learning can do.",
        ],
        sources=["fan2024", *(CONTROLS[name].key for name in others if name in CONTROLS and CONTROLS[name].key)],
    )


def _name(rule: str) -> str:
    return CONTROLS[rule].name if rule in CONTROLS else labels.short(rule.replace("_", " "))


def _source(rule: str) -> str:
    return f" ({CONTROLS[rule].source})" if CONTROLS[rule].source else ""


def _curves(content: DemonstrationContent, rate: float) -> Illustration:
    training, sizes = content.tables["training"], content.settings["sizes"]
    caption = (
        "Test accuracy at the end of training by learning rate, and the course of test accuracy, angle and distance at "
        f"r = {rate:g}: mean over {content.of_seeds} as a line, single seeds as points; n = "
        f"{labels.counted(sum(sizes), 'neuron')} a network. The chance level of accuracy is 1 / "
        f"{sizes[-1]}. No null model: the credit rule is the reference, with the same data, initial weights and "
        "batches."
    )
    last = training[(training["epoch"] == training["epoch"].max()) & (training["learning_rate"] == rate)]
    alternative = f"Line plots. Mean test accuracy at the end, r = {rate:g}: " + labels.listed(
        [
            f"{str(rule).replace('_', ' ')} {labels.number(own['test_accuracy'].mean())}"
            for rule, own in last.groupby("rule", sort=False)
        ]
    )
    return Illustration("rules", rule_curves(training, learning_rate=rate), caption, f"{alternative}.", training)
