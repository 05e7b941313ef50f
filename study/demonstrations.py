"""Demonstrations: timescales, predictions, Dale's law, control rules and balance functions, from one command each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from ..analysis import leiden
from ..graphs import WeightGraph
from ..guard import FileError, choice, whole_number, write_whole
from ..reports.figures.rule import (
    development_modules,
    retrograde_amplitude,
    synaptic_ratio,
    timescale_angles,
    timescale_raster,
)
from ..reports.figures.rule_training import balance_costs, dale_balance, dale_costs, rule_curves
from ..reports.figures.style import png, svg
from ..train.balance_cost import angle_to_gradient
from ..train.development import develop, falling_schedule, module_connectivity
from ..train.layered import LayeredNetwork
from ..train.paired import PairedData
from ..train.predictions import amplitude_by_balance, retrograde_amplitudes, synaptic_ratios
from ..train.recurrent import RecurrentNetwork
from ..train.rule_comparison import compare_rules, dale_cost
from ..train.timescale_sweep import timescale_sweep
from ..train.timescales import integrate_timescales

SEEDS = 5
ROWS_OF_A_CSV = 20_000
"""Tables with more rows are written as parquet."""

INPUT_WINDOW, OUTPUT_WINDOW, PRESENTATION = (20, 420), (220, 560), 640
CREDIT_EVERY, PLASTICITY_EVERY = 10, 40
STIMULUS_SEED = 10**12
RULE_RATES = (0.03, 0.1, 0.3)
STAGES, STAGE_ITERATIONS = 12, 150
FIRST_RATE, LAST_RATE = 0.3, 0.001

Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Demonstration:
    """What a demonstration found and wrote.

    Attributes
    ----------
    summary
        What is to be known at a glance: quantity, seeds (count), mean, low, high (the least and the largest over
        seeds).
    tables
        Tidy tables by name.
    files
        All files written.
    """

    summary: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    files: list[Path]


def demonstrate(
    what: str, out: str | os.PathLike[str], *, seed: int = 0, progress: Advance | None = None
) -> Demonstration:
    """Compute a demonstration with five seeds and write its tables, figures and summary.

    =============  ==============================================================================================
    timescales     firing, credit and plasticity at once; the angle to the gradient over their periods
    predictions    the paper's three: retrograde amplitude, the ratio dw / g, a falling learning rate
    dale           what Dale's law costs, and the balance of excitation and inhibition over training
    controls       the credit rule beside backprop, feedback alignment (two), Hebbian learning and a readout
    balance        what other balance functions than sigma' cost
    =============  ==============================================================================================

    Parameters
    ----------
    what
        One of the names above.
    out
        Folder: tables go to ``out/*.csv`` (or ``.parquet`` where they are long), figures to ``out/*.svg`` and
        ``*.png``, the summary to ``out/summary.csv``.
    seed
        The first of the five seeds.
    progress
        Called with the parts done and the parts in all.

    Raises
    ------
    OptionError
        If the name is unknown or the seed is no whole number of at least 0.
    FileError
        If the folder cannot be written.
    """
    found = DEMONSTRATIONS[choice("what", what, DEMONSTRATIONS)]
    first = whole_number("seed", seed, 0)
    folder, files = Path(out), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from error
    summary, tables, figures = found(list(range(first, first + SEEDS)), progress or _quiet)
    for name, table in {**tables, "summary": summary}.items():
        files.append(_write_table(folder, name, table))
    for name, figure in figures.items():
        files.append(write_whole(folder / f"{name}.svg", svg(figure)))
        files.append(write_whole(folder / f"{name}.png", png(figure)))
    return Demonstration(summary, tables, files)


Found = tuple[pd.DataFrame, dict[str, pd.DataFrame], Mapping[str, Figure]]


def _timescales(seeds: list[int], progress: Advance) -> Found:
    networks: dict[str, LayeredNetwork | RecurrentNetwork] = {
        "layered": LayeredNetwork([8, 20, 20, 4], members=len(seeds), seed=seeds, dtype=torch.float64),
        "recurrent": RecurrentNetwork(8, 40, 4, members=len(seeds), seed=seeds, dtype=torch.float64),
    }
    # a seed of its own: with a network's, the stimuli would be that network's first weights
    generator = torch.Generator().manual_seed(STIMULUS_SEED + seeds[0])
    x = torch.randn(16, 8, generator=generator, dtype=torch.float64)
    y = 0.5 * torch.randn(16, 4, generator=generator, dtype=torch.float64)
    events, sweeps, summary, figures = [], [], [], {}
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
        figures[f"timescales_{name}"] = timescale_raster(
            shown.events, input_window=INPUT_WINDOW, output_window=OUTPUT_WINDOW
        )
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
    sweep = pd.concat(sweeps, ignore_index=True)
    figures["how_slow"] = timescale_angles(sweep)
    return pd.DataFrame(summary), {"events": pd.concat(events, ignore_index=True), "angles": sweep}, figures


def _predictions(seeds: list[int], progress: Advance) -> Found:
    schedules = _schedules()
    parts = 4 + len(schedules)
    data = PairedData("digits", seeds=seeds)
    x, y = data.probe()
    summaries, summary = [], []
    for part, (activation, rate) in enumerate({"sigmoid": 1.0, "tanh": 0.3}.items()):
        network = LayeredNetwork(
            [data.features, 64, 32, data.classes],
            activation=activation,
            loss="cross_entropy",
            members=len(seeds),
            seed=seeds,
            dtype=torch.float64,
        )
        for batches in data.epochs(20):
            for inputs, targets in batches:
                network.learn(inputs, targets, rate)
        amplitudes = amplitude_by_balance(retrograde_amplitudes(network, x, y))
        summaries.append(amplitudes.assign(network=f"{activation}, trained"))
        for (by, group), own in amplitudes[amplitudes["by"] != "balance"].groupby(["by", "group"]):
            what = "rank correlation with" if by == "correlation" else "relative amplitude,"
            summary.append(_over_seeds(f"{activation}: {what} {group}", own["value"].to_numpy()))
        progress(part + 1, parts)
    amplitudes = pd.concat(summaries, ignore_index=True)
    network = LayeredNetwork(
        [data.features, 64, 32, data.classes], loss="cross_entropy", members=len(seeds), seed=seeds, dtype=torch.float64
    )
    ratios = synaptic_ratios(network, x[0, :8], y[0, :8], synapses=500, seed=seeds[0])
    worst = ratios.groupby("seed")["error"].max().to_numpy()
    inside = (ratios["error"] / ratios["rounding"]).groupby(ratios["seed"]).max().to_numpy()
    summary.append(_over_seeds("dw / g: median relative error", ratios.groupby("seed")["error"].median().to_numpy()))
    summary.append(_over_seeds("dw / g: largest relative error", worst))
    summary.append(_over_seeds("dw / g: largest error in units of rounding", inside))
    progress(3, parts)
    developments = []
    for part, (name, schedule) in enumerate(schedules.items()):
        weights = develop(schedule, seeds=seeds, iterations=STAGE_ITERATIONS)
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
    figures = {
        "retrograde_amplitude": retrograde_amplitude(amplitudes),
        "synaptic_ratio": synaptic_ratio(ratios),
        "development": development_modules(development),
    }
    return pd.DataFrame(summary), tables, figures


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


def _dale(seeds: list[int], progress: Advance) -> Found:
    training, balance = dale_cost(activation="clipped_relu", learning_rate=0.3, seeds=seeds, progress=progress)
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
    figures = {"dale_costs": dale_costs(training), "dale_balance": dale_balance(balance)}
    return pd.DataFrame(summary), {"training": training, "balance": balance}, figures


def _controls(seeds: list[int], progress: Advance) -> Found:
    tables = []
    for part, rate in enumerate(RULE_RATES):
        table = compare_rules(
            seeds=seeds,
            learning_rate=rate,
            epochs=15,
            progress=_part(progress, part, len(RULE_RATES)),
        )
        tables.append(table.assign(learning_rate=rate))
    training = pd.concat(tables, ignore_index=True)
    last = training[training["epoch"] == training["epoch"].max()]
    summary = []
    for (rule, rate), own in last.groupby(["rule", "learning_rate"], sort=False):
        for column in ("test_accuracy", "angle", "distance"):
            summary.append(_over_seeds(f"{rule}, r = {rate:g}: {column.replace('_', ' ')}", own[column].to_numpy()))
    return pd.DataFrame(summary), {"training": training}, {"rules": rule_curves(training)}


def _balance(seeds: list[int], progress: Advance) -> Found:
    data = PairedData("digits", seeds=seeds)
    network = LayeredNetwork(
        [data.features, 64, 32, data.classes], loss="cross_entropy", members=len(seeds), seed=seeds, dtype=torch.float64
    )
    x, y = data.probe()
    costs = angle_to_gradient(network, x, y, learning_rate=0.3, steps=200, every=10)
    progress(1, 1)
    summary = []
    for (name, step), own in costs[costs["step"].isin([0, costs["step"].max()])].groupby(
        ["balance", "step"], sort=False
    ):
        for column in ("angle", "loss"):
            summary.append(_over_seeds(f"{name}, step {step}: {column}", own[column].to_numpy(float)))
    return pd.DataFrame(summary), {"costs": costs}, {"balance": balance_costs(costs)}


DEMONSTRATIONS: dict[str, Callable[[list[int], Advance], Found]] = {
    "timescales": _timescales,
    "predictions": _predictions,
    "dale": _dale,
    "controls": _controls,
    "balance": _balance,
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


def _write_table(folder: Path, name: str, table: pd.DataFrame) -> Path:
    if len(table) > ROWS_OF_A_CSV:
        return write_whole(folder / f"{name}.parquet", table.to_parquet(index=False))
    return write_whole(folder / f"{name}.csv", table.to_csv(index=False))


def _part(progress: Advance, part: int, parts: int) -> Advance:
    """Progress of one of several parts of the same length, told as progress of the whole."""
    return lambda done, total: progress(part * total + done, parts * total)


def _quiet(done: int, total: int) -> None:
    del done, total
