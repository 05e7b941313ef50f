"""The paper's three predictions in simulated networks."""

from __future__ import annotations

from .. import labels
from ..figures import development_modules, retrograde_amplitude, synaptic_ratio
from ..illustrations import Illustration
from ..methods import Method
from ..section import Section
from .content import DemonstrationContent, Words

STATES = ("silent", "balanced", "saturated")
ROUNDING = 4.0
"""Error of the ratio in units of the rounding of a weight and its change up to which it is said to hold."""


def predictions(content: DemonstrationContent) -> Words:
    """The page of the demonstration of the paper's predictions."""
    settings = content.settings
    networks = [str(name).partition(",")[0] for name in labels.distinct(content.tables["amplitudes"], "network")]
    balanced = labels.listed(
        [f"{content.said(f'{name}: relative amplitude, balanced', digits=3)} ({name})" for name in networks]
    )
    others = [
        content.value(f"{name}: relative amplitude, {state}") for name in networks for state in ("silent", "saturated")
    ]
    strongest = all(
        content.value(f"{name}: relative amplitude, balanced", "low")
        > max(content.value(f"{name}: relative amplitude, {state}", "high") for state in ("silent", "saturated"))
        for name in networks
    )
    units = content.value("dw / g: largest error in units of rounding", "high")
    return Words(
        title="Predictions",
        question="Do the paper's three predictions for experiments come out in simulated networks?",
        answer=[
            f"Balanced neurons {'send' if strongest else 'do not always send'} the strongest retrograde signals "
            f"(relative to the mean of their layer {balanced}, silent and saturated ones "
            f"{labels.number(min(others), 2)} to {labels.number(max(others), 2)}), and the ratio of a synapse's "
            f"change to its retrograde signal {'is' if units <= ROUNDING else 'is not'} what theory says (median "
            f"relative error {labels.error(content.value('dw / g: median relative error'))}, nowhere more than "
            f"{labels.number(units, 2)} times the rounding of the weight and its change).",
            f"That a falling learning rate turns connectivity across modules into such within them "
            f"{_development(content)}.",
        ],
        sections=[
            Section("amplitude", "Amplitude", "Do balanced neurons send the most?", [], [_amplitude(content)]),
            Section("ratio", "Ratio", "Is the ratio of change and signal what theory says?", [], [_ratio(content)]),
            Section(
                "development", "Development", "Does a falling learning rate build modules?", [], [_modules(content)]
            ),
        ],
        methods=[
            Method(
                "Retrograde amplitude",
                f"Networks {'-'.join(map(str, settings['sizes']))} learn digits for "
                f"{labels.counted(settings['epochs'], 'epoch')} "
                "(cross-entropy, float64). |g| is averaged over a neuron's incoming synapses and taken relative to the "
                "mean of its layer. Balanced: a balance f(s) of at least 2/3 of its maximum; silent and saturated: "
                "below 1/3, with a net input below and above that of the maximum. Rank correlations are Spearman's.",
            ),
            Method(
                "Ratio",
                f"Δw / g of {labels.counted(settings['synapses'], 'synapse')} a network, learning one "
                "stimulus at a time, the change "
                "taken as the difference of the weights after and before, against r x / w. Rounding is that of the "
                "weight and its change in float64, relative to the change.",
            ),
            Method(
                "Development",
                f"Algorithm 1 with n = {settings['development_neurons']}, pruning {settings['pruning']:g}, "
                f"{settings['stages']} stages of "
                f"{labels.counted(settings['stage_iterations'], 'iteration')}, one learning rate a stage. "
                "Modules are those of the last weights (Leiden, absolute weights), followed back; the number is mean "
                "|w| across modules over mean |w| within. Three constant rates and the rising schedule are the "
                "controls.",
            ),
        ],
        paper=["The three predictions (section 6), the equations, and algorithm 1."],
        ours=["How balanced, silent and saturated are told apart, the schedules, and all that is measured."],
        limits=[
            "That f enters the signal g is by construction; that credits do not undo it is not.",
            "Modules that are found in the last weights fit those best by construction, so that a fall towards the end "
            "shows nothing by itself: compare with the constant rates.",
            "For the mean over a batch there is no such ratio: neither changes nor signals add up to it.",
            "Simulations under these settings are no test of the predictions for brains.",
        ],
        sources=("fan2024", "traag2019"),
    )


def _development(content: DemonstrationContent) -> str:
    change = "change of across / within"
    names = labels.distinct(content.tables["development"], "schedule")
    others = [name for name in names if name != "falling"]
    shows = content.value(f"falling: {change}", "high") < min(
        content.value(f"{name}: {change}", "low") for name in others
    )
    beside = labels.listed([f"{content.said(f'{name}: {change}')} ({name})" for name in others])
    return (
        f"{'shows' if shows else 'does not show'} here: across over within changes by "
        f"{content.said(f'falling: {change}')} under it, and by {beside} under other schedules"
    )


def _amplitude(content: DemonstrationContent) -> Illustration:
    table, sizes = content.tables["amplitudes"], content.settings["sizes"]
    caption = (
        "Amplitude of retrograde signals, relative to its mean over the layer, over the balance and the state of the "
        f"neuron that sends them, and rank correlations: means and single seeds, {content.of_seeds}; n = "
        f"{labels.counted(sum(sizes[1:-1]), 'hidden neuron')} of {labels.counted(sum(sizes), 'neuron')} a network. No "
        "null model: dotted is the layer's mean."
    )
    states = table[(table["by"] == "state") & table["group"].isin(STATES)]
    means = states.groupby(["network", "group"], sort=False)["value"].mean().reset_index()
    alternative = "Line and dot plots. Mean relative amplitude: " + labels.listed(
        [f"{row['network']} {row['group']} {labels.number(row['value'], 2)}" for row in means.to_dict("records")]
    )
    return Illustration("retrograde_amplitude", retrograde_amplitude(table), caption, f"{alternative}.", table)


def _ratio(content: DemonstrationContent) -> Illustration:
    table, sizes = content.tables["ratios"], content.settings["sizes"]
    caption = (
        f"Ratio Δw / g of n = {labels.counted(len(table), 'synapse and stimulus', 'synapses and stimuli')}, "
        f"{content.of_seeds}, in networks of {labels.counted(sum(sizes), 'neuron')}: measured against predicted, and "
        "the relative error against the rounding of weight and change. No null model: on the line measured is "
        "predicted."
    )
    alternative = (
        "Scatter plots on logarithmic axes. The largest relative error is "
        f"{labels.error(float(table['error'].max()))}, the median {labels.error(float(table['error'].median()))}."
    )
    return Illustration("synaptic_ratio", synaptic_ratio(table), caption, alternative, table)


def _modules(content: DemonstrationContent) -> Illustration:
    table, settings = content.tables["development"], content.settings
    caption = (
        "Learning rate, and mean |w| across and within the modules of the last weights, over the iterations of "
        f"algorithm 1, by schedule: mean over {content.of_seeds} as a line, single seeds as points; n = "
        f"{labels.counted(settings['development_neurons'], 'neuron')} a network. No null model: constant rates are the "
        "control."
    )
    ends = table[table["stage"] == table["stage"].max()].groupby("schedule", sort=False)["ratio"].mean()
    alternative = "Line plots. Across over within at the end: " + labels.listed(
        [f"{name} {labels.number(value, 2)}" for name, value in ends.items()]
    )
    return Illustration("development", development_modules(table), caption, f"{alternative}.", table)
