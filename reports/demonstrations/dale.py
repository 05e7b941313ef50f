"""Dale's law: what it costs, and whether excitation and inhibition come into balance."""

from __future__ import annotations

from .. import labels
from ..figures import dale_balance, dale_costs
from ..illustrations import Illustration
from ..methods import Method
from ..section import Section
from .content import DemonstrationContent, Words

REFERENCES = {"released": "the same initial weights without the law", "free": "ordinary initial weights without it"}


def dale(content: DemonstrationContent) -> Words:
    """The page of the demonstration of Dale's law."""
    table, settings = content.tables["balance"], content.settings
    last = int(table["epoch"].max())
    output = int(table["layer"].max())
    references = [
        f"{content.said(f'{name}: test accuracy', digits=3)} with {words}" for name, words in REFERENCES.items()
    ]
    ratios = [
        f"{content.said(f'layer {layer}, epoch 0: E / I')} before and "
        f"{content.said(f'layer {layer}, epoch {last}: E / I')} after training in "
        + ("the output layer" if layer == output else f"layer {layer}")
        for layer in sorted(int(each) for each in table["layer"].unique())
    ]
    return Words(
        title="Dale's law",
        question="What does it cost that a neuron excites or inhibits, and do excitation and inhibition balance?",
        answer=[
            f"Under Dale's law test accuracy is {content.said('dale: test accuracy', digits=3)}, beside "
            f"{labels.listed(references)}; a step makes an angle of "
            f"{content.said('dale: angle of a step to the gradient at the end (degrees)', '°')} with the gradient at "
            f"the end, and {content.said('dale: share of synapses at 0 at the end')} of the synapses are at 0.",
            f"Excitation over inhibition, 1 where they balance, is {labels.listed(ratios)}.",
        ],
        sections=[
            Section("costs", "Costs", "What does the law cost?", [], [_costs(content)]),
            Section("balance", "Balance", "Do excitation and inhibition balance?", [], [_balance(content)]),
        ],
        methods=[
            Method(
                "Training",
                f"Networks {'-'.join(map(str, settings['sizes']))} learn digits ({settings['activation']}, "
                f"cross-entropy, r = {settings['learning_rate']:g}, "
                f"{labels.counted(settings['epochs'], 'epoch')}, batches of "
                f"{settings['batch_size']}, float64); the same data and batches for all three, seed by seed.",
            ),
            Method(
                "The law",
                f"Each input and hidden neuron is inhibitory with a share of {100 * settings['inhibitory']:.0f} %, by "
                "seed, else excitatory. After each step, a synapse whose sign would not be its neuron's is put to 0: "
                "projected gradient descent. Initial inhibitory weights are scaled by the number of excitatory over "
                "that of inhibitory neurons.",
            ),
            Method(
                "Angle",
                "The angle between what a step changes under the law and minus the gradient (automatic "
                "differentiation), in degrees. A smaller step crosses fewer zeros and makes a smaller one.",
            ),
        ],
        paper=["The credit rule."],
        ours=["Dale's law by projection, and its references: the paper has none."],
        limits=[
            "One task, one size, one learning rate; neurons that cannot fire at negative rates.",
            "What learning does to the balance depends on initial weights that were scaled to balance.",
        ],
    )


def _basis(content: DemonstrationContent) -> str:
    sizes = content.settings["sizes"]
    return (
        f"mean over {content.of_seeds} as a line, single seeds as points; n = {labels.counted(sum(sizes), 'neuron')} a "
        "network"
    )


def _costs(content: DemonstrationContent) -> Illustration:
    table = content.tables["training"]
    caption = (
        "Test accuracy, angle of a step to the gradient, and share of synapses at exactly 0, over training: "
        f"{_basis(content)}. No null model: networks without the law, on the same data and batches, are the reference."
    )
    last = table[table["epoch"] == table["epoch"].max()]
    alternative = "Line plots. Mean test accuracy at the end: " + labels.listed(
        [f"{name} {labels.number(own['test_accuracy'].mean())}" for name, own in last.groupby("network", sort=False)]
    )
    return Illustration("dale_costs", dale_costs(table), caption, f"{alternative}.", table)


def _balance(content: DemonstrationContent) -> Illustration:
    table = content.tables["balance"]
    caption = (
        "Excitatory and inhibitory parts of the summed input of a layer's neurons, and their difference, over training "
        f"under Dale's law: {_basis(content)}. No null model: 0 is balance."
    )
    last = table[table["epoch"] == table["epoch"].max()]
    alternative = "Line plots, a column a layer. Mean difference E − I at the end: " + labels.listed(
        [f"layer {layer} {labels.number(own['difference'].mean(), 2)}" for layer, own in last.groupby("layer")]
    )
    return Illustration("dale_balance", dale_balance(table), caption, f"{alternative}.", table)
