"""What demonstrations compute: timescales, predictions, Dale's law, control rules and balance functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from ..analysis import leiden
from ..graphs import WeightGraph
from ..train.balance_cost import angle_to_gradient
from ..train.development import develop, falling_schedule, module_connectivity
from ..train.layered import LayeredNetwork
from ..train.paired import PairedData
from ..train.predictions import amplitude_by_balance, retrograde_amplitudes, synaptic_ratios
from ..train.recurrent import RecurrentNetwork
from ..train.rule_comparison import compare_rules, dale_cost
from ..train.timescale_sweep import timescale_sweep
from ..train.timescales import integrate_timescales
from .exactness import verify

SMALL = {"layered": [8, 20, 20, 4], "recurrent": [8, 40, 4]}
SAMPLES = 16
INPUT_WINDOW, OUTPUT_WINDOW, PRESENTATION = (20, 420), (220, 560), 640
CREDIT_EVERY, PLASTICITY_EVERY = 10, 40
STIMULUS_SEED = 10**12

HIDDEN, EPOCHS, BATCH_SIZE = (64, 32), 20, 64
DIGITS = [64, *HIDDEN, 10]
RULE_RATES = (0.03, 0.1, 0.3)
BALANCE_STEPS = 200
SYNAPSES = 500

DEVELOPED, PRUNING = 150, 0.8
STAGES, STAGE_ITERATIONS = 12, 150
FIRST_RATE, LAST_RATE = 0.3, 0.001

Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Found:
    """What a demonstration found.

    Attributes
    ----------
    seeds
        Seeds of its networks.
    summary
        One row a quantity: quantity, seeds (count), mean, low, high (the least and the largest over seeds).
    tables
        Tidy tables by name.
    settings
        What was set, by name.
    """

    seeds: list[int]
    summary: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    settings: dict[str, Any]


def timescales(seeds: list[int], progress: Advance) -> Found:
    """Firing, credit and plasticity at once: one presentation, and angles to the gradient over their periods."""
    networks: dict[str, LayeredNetwork | RecurrentNetwork] = {
        "layered": LayeredNetwork(SMALL["layered"], members=len(seeds), seed=seeds, dtype=torch.float64),
        "recurrent": RecurrentNetwork(*SMALL["recurrent"], members=len(seeds), seed=seeds, dtype=torch.float64),
    }
    # a seed of its own: with a network's, the stimuli would be that network's first weights
    generator = torch.Generator().manual_seed(STIMULUS_SEED + seeds[0])
    x = torch.randn(SAMPLES, 8, generator=generator, dtype=torch.float64)
    y = 0.5 * torch.randn(SAMPLES, 4, generator=generator, dtype=torch.float64)
    events, sweeps, summary = [], [], []
    for place, (name, network) in enumerate(networks.items()):
        shown = integrate_timescales(
            network,
            x,
            y,
            steps=PRESENTATION,
            credit_every=CREDIT_EVERY,
            plasticity_every=PLASTICITY_EVERY,
            input_window=INPUT_WINDOW,
            output_window=OUTPUT_WINDOW,
        )
        events.append(shown.events.assign(network=name))
        summary += [
            _over_seeds(f"{name}: share of the change inside the overlap", shown.inside.numpy()),
            _over_seeds(f"{name}: angle of the presentation to the gradient (degrees)", shown.angle.numpy()),
        ]
        sweep = timescale_sweep(network, x, y, progress=_part(progress, place, len(networks)))
        sweeps.append(sweep.assign(network=name))
        for (overlap, k_c, k_w), own in sweep.groupby(["overlap", "credit_every", "plasticity_every"]):
            if own["angle"].notna().all():
                text = f"{name}: angle at overlap {overlap}, k_c {k_c}, k_w {k_w} (degrees)"
                summary.append(_over_seeds(text, own["angle"].to_numpy()))
    tables = {"events": pd.concat(events, ignore_index=True), "angles": pd.concat(sweeps, ignore_index=True)}
    settings = {
        **SMALL,
        "samples": SAMPLES,
        "steps": PRESENTATION,
        "input_window": INPUT_WINDOW,
        "output_window": OUTPUT_WINDOW,
        "credit_every": CREDIT_EVERY,
        "plasticity_every": PLASTICITY_EVERY,
    }
    return Found(seeds, pd.DataFrame(summary), tables, settings)


def predictions(seeds: list[int], progress: Advance) -> Found:
    """The paper's three: retrograde amplitude, the ratio dw / g, and a falling learning rate."""
    schedules = _schedules()
    parts = 4 + len(schedules)
    data = PairedData("digits", seeds=seeds)
    x, y = data.probe()
    summaries, summary = [], []
    for part, (activation, rate) in enumerate({"sigmoid": 1.0, "tanh": 0.3}.items()):
        network = LayeredNetwork(
            DIGITS,
            activation=activation,
            loss="cross_entropy",
            members=len(seeds),
            seed=seeds,
            dtype=torch.float64,
        )
        for batches in data.epochs(EPOCHS):
            for inputs, targets in batches:
                network.learn(inputs, targets, rate)
        amplitudes = amplitude_by_balance(retrograde_amplitudes(network, x, y))
        summaries.append(amplitudes.assign(network=f"{activation}, trained"))
        for (by, group), own in amplitudes[amplitudes["by"] != "balance"].groupby(["by", "group"]):
            what = "rank correlation with" if by == "correlation" else "relative amplitude,"
            summary.append(_over_seeds(f"{activation}: {what} {group}", own["value"].to_numpy()))
        progress(part + 1, parts)
    amplitudes = pd.concat(summaries, ignore_index=True)
    network = LayeredNetwork(DIGITS, loss="cross_entropy", members=len(seeds), seed=seeds, dtype=torch.float64)
    ratios = synaptic_ratios(network, x[0, :8], y[0, :8], synapses=SYNAPSES, seed=seeds[0])
    worst = ratios.groupby("seed")["error"].max().to_numpy()
    inside = (ratios["error"] / ratios["rounding"]).groupby(ratios["seed"]).max().to_numpy()
    summary.append(_over_seeds("dw / g: median relative error", ratios.groupby("seed")["error"].median().to_numpy()))
    summary.append(_over_seeds("dw / g: largest relative error", worst))
    summary.append(_over_seeds("dw / g: largest error in units of rounding", inside))
    progress(3, parts)
    developments = []
    for part, (name, schedule) in enumerate(schedules.items()):
        weights = develop(schedule, n=DEVELOPED, pruning=PRUNING, seeds=seeds, iterations=STAGE_ITERATIONS)
        memberships = np.stack(
            [
                leiden(WeightGraph.from_matrix(last), weights="absolute", seed=seeds[0]).membership
                for last in weights[-1]
            ]
        )
        table = module_connectivity(weights, memberships)
        table = table.assign(
            schedule=name,
            seed=np.asarray(seeds)[table["member"]],
            learning_rate=np.asarray(schedule)[table["stage"] - 1],
            iteration=table["stage"] * STAGE_ITERATIONS,
        ).drop(columns="member")
        developments.append(table)
        first, last = (table[table["stage"] == stage]["ratio"].to_numpy() for stage in (1, STAGES))
        summary.append(_over_seeds(f"{name}: across / within after the first stage", first))
        summary.append(_over_seeds(f"{name}: across / within at the end", last))
        summary.append(_over_seeds(f"{name}: change of across / within", last - first))
        progress(4 + part, parts)
    development = pd.concat(developments, ignore_index=True)
    progress(parts, parts)
    tables = {"amplitudes": amplitudes, "ratios": ratios, "development": development}
    settings = {
        "task": "digits",
        "sizes": DIGITS,
        "epochs": EPOCHS,
        "synapses": SYNAPSES,
        "development_neurons": DEVELOPED,
        "pruning": PRUNING,
        "stages": STAGES,
        "stage_iterations": STAGE_ITERATIONS,
        "schedules": schedules,
    }
    return Found(seeds, pd.DataFrame(summary), tables, settings)


def _schedules() -> dict[str, list[float]]:
    falling = falling_schedule(FIRST_RATE, LAST_RATE, stages=STAGES)
    middle = float(np.sqrt(FIRST_RATE * LAST_RATE))
    return {
        "falling": falling,
        "rising": falling[::-1],
        f"constant {FIRST_RATE:g}": [FIRST_RATE] * STAGES,
        f"constant {middle:.2g}": [middle] * STAGES,
        f"constant {LAST_RATE:g}": [LAST_RATE] * STAGES,
    }


def dale(seeds: list[int], progress: Advance) -> Found:
    """What Dale's law costs, and the balance of excitation and inhibition over training."""
    options: dict[str, Any] = {
        "task": "digits",
        "activation": "clipped_relu",
        "learning_rate": 0.3,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "inhibitory": 0.2,
    }
    training, balance = dale_cost(hidden=HIDDEN, seeds=seeds, progress=progress, **options)
    summary = []
    last = training[training["epoch"] == training["epoch"].max()]
    for name, own in last.groupby("network", sort=False):
        summary.append(_over_seeds(f"{name}: test accuracy", own["test_accuracy"].to_numpy()))
    dale = training[training["network"] == "dale"]
    for what, own in (
        ("before training", dale[dale["epoch"] == 0]),
        ("at the end", dale[dale["epoch"] == dale["epoch"].max()]),
    ):
        summary.append(_over_seeds(f"dale: angle of a step to the gradient {what} (degrees)", own["angle"].to_numpy()))
    summary.append(_over_seeds("dale: largest angle (degrees)", dale.groupby("seed")["angle"].max().to_numpy()))
    end = dale[dale["epoch"] == dale["epoch"].max()]
    summary.append(_over_seeds("dale: share of synapses at 0 at the end", end["silent"].to_numpy()))
    for epoch in (0, int(balance["epoch"].max())):
        for layer, own in balance[balance["epoch"] == epoch].groupby("layer"):
            for column in ("difference", "ratio"):
                text = f"layer {layer}, epoch {epoch}: {'E - I' if column == 'difference' else 'E / I'}"
                summary.append(_over_seeds(text, own[column].to_numpy()))
    settings = {**options, "sizes": DIGITS}
    return Found(seeds, pd.DataFrame(summary), {"training": training, "balance": balance}, settings)


def controls(seeds: list[int], progress: Advance) -> Found:
    """The credit rule beside control rules, at several learning rates."""
    options: dict[str, Any] = {"task": "digits", "activation": "tanh", "epochs": 15, "batch_size": BATCH_SIZE}
    tables = []
    for part, rate in enumerate(RULE_RATES):
        table = compare_rules(
            seeds=seeds,
            hidden=HIDDEN,
            learning_rate=rate,
            progress=_part(progress, part, len(RULE_RATES)),
            **options,
        )
        tables.append(table.assign(learning_rate=rate))
    training = pd.concat(tables, ignore_index=True)
    last = training[training["epoch"] == training["epoch"].max()]
    summary = []
    for (rule, rate), own in last.groupby(["rule", "learning_rate"], sort=False):
        for column in ("test_accuracy", "angle", "distance"):
            summary.append(_over_seeds(f"{rule}, r = {rate:g}: {column.replace('_', ' ')}", own[column].to_numpy()))
    settings = {**options, "sizes": DIGITS, "learning_rates": RULE_RATES}
    return Found(seeds, pd.DataFrame(summary), {"training": training}, settings)


def balance(seeds: list[int], progress: Advance) -> Found:
    """What other balance functions than sigma' cost."""
    data = PairedData("digits", seeds=seeds)
    network = LayeredNetwork(DIGITS, loss="cross_entropy", members=len(seeds), seed=seeds, dtype=torch.float64)
    x, y = data.probe()
    costs = angle_to_gradient(network, x, y, learning_rate=0.3, steps=BALANCE_STEPS, every=10)
    progress(1, 1)
    summary = []
    for (name, step), own in costs[costs["step"].isin([0, costs["step"].max()])].groupby(
        ["balance", "step"], sort=False
    ):
        for column in ("angle", "loss"):
            summary.append(_over_seeds(f"{name}, step {step}: {column}", own[column].to_numpy(float)))
    settings = {
        "task": "digits",
        "sizes": DIGITS,
        "activation": "tanh",
        "learning_rate": 0.3,
        "steps": BALANCE_STEPS,
        "samples": x.shape[1],
    }
    return Found(seeds, pd.DataFrame(summary), {"costs": costs}, settings)


def exactness(seeds: list[int], progress: Advance) -> Found:
    """The exactness table; its cases have seeds of their own, counted from the first."""
    table = verify(seed=seeds[0], progress=progress)
    summary = [
        {
            "quantity": f"{str(check).replace('_', ' ')}, {network} networks: largest relative error",
            "seeds": len(own),
            "mean": own["error"].mean(),
            "low": own["error"].min(),
            "high": own["error"].max(),
        }
        for (check, network), own in table.groupby(["check", "network"], sort=False)
    ]
    own_seeds = list(range(seeds[0], seeds[0] + len(table)))
    return Found(own_seeds, pd.DataFrame(summary), {"verification": table}, {"dtype": "float64"})


DEMONSTRATIONS: dict[str, Callable[[list[int], Advance], Found]] = {
    "timescales": timescales,
    "predictions": predictions,
    "dale": dale,
    "controls": controls,
    "balance": balance,
    "exactness": exactness,
}


def _over_seeds(quantity: str, values: np.ndarray) -> dict[str, object]:
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return {
        "quantity": quantity,
        "seeds": len(known),
        "mean": known.mean() if len(known) else np.nan,
        "low": known.min() if len(known) else np.nan,
        "high": known.max() if len(known) else np.nan,
    }


def _part(progress: Advance, part: int, parts: int) -> Advance:
    """Progress of one of several parts of the same length, told as progress of the whole."""
    return lambda done, total: progress(part * total + done, parts * total)
