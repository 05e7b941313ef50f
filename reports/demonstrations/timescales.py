"""Firing, credit and plasticity at once, and the gradient that they follow without a learning phase."""

from __future__ import annotations

import math

from .. import labels
from ..figures import timescale_angles, timescale_raster
from ..figures.style import pick
from ..illustrations import Illustration
from ..methods import Method
from ..section import Section
from .content import DemonstrationContent, Words

TO_ROUNDING = 1e-3
"""Degrees up to which an angle is called that of rounding."""


def timescales(content: DemonstrationContent) -> Words:
    """The page of the demonstration of three timescales."""
    slow, fast = (f"angle at overlap 100, k_c {k_c}, k_w {k_w} (degrees)" for k_c, k_w in ((1, 100), (30, 1)))
    exact = all(content.value(f"{name}: {slow}", "high") < TO_ROUNDING for name in ("layered", "recurrent"))
    angles = {
        when: " and ".join(f"{content.said(f'{name}: {when}', '°')} ({name})" for name in ("layered", "recurrent"))
        for when in (slow, fast)
    }
    shares = " and ".join(
        f"{_percent(content.value(f'{name}: share of the change inside the overlap', 'low'))} ({name})"
        for name in ("layered", "recurrent")
    )
    return Words(
        title="Timescales",
        question="Do firing, credit and plasticity that run at once follow the gradient, without a learning phase?",
        answer=[
            f"{'Yes, to rounding,' if exact else 'Not to rounding'} where credit and plasticity are slow enough: with "
            "an event of credit every step and of plasticity every 100, what was learned in an overlap of 100 steps "
            f"makes an angle of {angles[slow]} with the gradient, the mean over seeds (least to largest).",
            f"Where plasticity goes at the speed of firing and credit comes every 30 steps only, it is {angles[fast]}; "
            f"and of all changes of the weights, at least {shares} fall into the overlap of both clamps.",
        ],
        sections=[
            Section(
                "course",
                "Course",
                "When does what happen?",
                [
                    "The equations stay the same from beginning to end; only the clamps of inputs and outputs come "
                    "and go."
                ],
                [_raster(content, name) for name in ("layered", "recurrent")],
            ),
            Section("speed", "Speed", "How slow is slow enough?", [], [_angles(content)]),
        ],
        methods=[
            Method(
                "Dynamics",
                "Neurons fire at every step, credits are assigned every k_c steps, synapses change every k_w steps, by "
                "equations 1 to 4 of the paper. Clamps hold inputs and outputs for a while each; where they overlap, "
                "credits come from the error of the outputs. float64.",
            ),
            Method(
                "Angle",
                "The angle between the sum of all changes and minus the gradient of the mean loss at the weights "
                "before (automatic differentiation), in degrees; 0° is the gradient's direction. All events together "
                "had a learning rate of 0.01, so that where there are several, the weights move between them, which "
                "alone makes an angle of about 0.3°.",
            ),
        ],
        paper=["Three timescales, and learning where both clamps overlap (equations 1 to 4, figure 2A)."],
        ours=["The sweep over periods, a bias that is clamped with the input, and a mean over the samples of a batch."],
        limits=[
            "Two small networks and random stimuli: how slow is slow enough depends on depth, and on how long a "
            "recurrent network takes to settle.",
            "With neurons that fire at rest (sigmoid, softplus), synapses also learn under the output clamp alone; "
            "these fire at 0 there.",
        ],
    )


def _percent(share: float) -> str:
    # rounded down: 100 % is all
    return f"{math.floor(1e6 * share + 1e-6) / 1e4:g} %"


def _size(content: DemonstrationContent, network: str) -> str:
    sizes = content.settings[network]
    return f"n = {labels.counted(sum(sizes), 'neuron')} ({'-'.join(map(str, sizes))})"


def _raster(content: DemonstrationContent, network: str) -> Illustration:
    settings = content.settings
    events = pick(content.tables["events"], network=network)
    seed = int(events["seed"].iloc[0])
    shown = events[(events["seed"] == seed) & (events["change"] > 0)].drop(columns="network")
    windows = {name: tuple(settings[f"{name}_window"]) for name in ("input", "output")}
    caption = (
        f"One presentation to a {network} network, {_size(content, network)}, seed {seed}, the first of "
        f"{content.of_seeds}, mean over {labels.counted(settings['samples'], 'stimulus', 'stimuli')}: a stroke is an "
        f"event of firing (every step), credit (every {settings['credit_every']}) or plasticity (every "
        f"{settings['plasticity_every']}), the darker the larger the change, down to a ten-thousandth of the largest "
        "of its kind. No null model."
    )
    counts = {str(name): int((own["change"] > 0).sum()) for name, own in shown.groupby("quantity", sort=False)}
    alternative = "Raster of events over time. " + labels.listed(
        [f"{labels.counted(count, 'event')} of {name}" for name, count in counts.items()]
    )
    figure = timescale_raster(events, input_window=windows["input"], output_window=windows["output"], seed=seed)
    return Illustration(f"timescales_{network}", figure, caption, f"{alternative}.", shown)


def _angles(content: DemonstrationContent) -> Illustration:
    table = content.tables["angles"]
    networks = labels.listed([f"{name} {_size(content, name)}" for name in labels.distinct(table, "network")])
    caption = (
        f"Angle between what was learned and the gradient: mean over {content.of_seeds} as a line, single seeds as "
        f"points; {networks}. Combinations in which nothing was learned are left out. No null model: 0° is the "
        "gradient, 90° what a random direction makes."
    )
    known = table.dropna(subset="angle")
    means = known.groupby(["network", "overlap", "credit_every", "plasticity_every"])["angle"].mean()
    alternative = (
        f"Line plots of {labels.counted(len(means), 'combination')} of network, overlap and periods. Mean angles go "
        f"from {labels.error(float(means.min()))}° to {labels.number(float(means.max()))}°."
    )
    return Illustration("how_slow", timescale_angles(table), caption, alternative, table)
