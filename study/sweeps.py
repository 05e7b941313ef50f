"""From a study's options to its sweeps, what they leave of each network, and the graphs of that."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..graphs import WeightGraph
from ..guard import OptionError
from ..train import (
    ConnectomeResult,
    ConnectomeSimulation,
    LayeredNetwork,
    LayeredSweep,
    RecurrentNetwork,
    RecurrentSweep,
    Stepped,
    SweepResult,
    load_task,
)
from .batches import Batch
from .config import Study
from .experiments import TaskOptions
from .store import Snapshot, prunings_of

Arrays = dict[str, npt.NDArray[Any]]
Result = ConnectomeResult | SweepResult


def sweep_of(study: Study, batch: Batch, *, memory: int | None = None) -> Stepped[Result]:
    """The sweep of a batch, before its first step; it takes so many bytes at most, by default half of what is free."""
    if study.experiment != "connectome":
        return _task_sweep(study, batch, memory)
    connectome = study.connectome
    return ConnectomeSimulation(
        n=connectome.n,
        pruning=[pruning for pruning in batch.prunings if pruning is not None],
        iterations=connectome.iterations,
        noise=connectome.noise,
        noise_mode=connectome.noise_mode,
        initial_scale=connectome.initial_scale,
        clamp=connectome.clamp,
        clamped_fraction=connectome.clamped_fraction,
        self_synapses=connectome.self_synapses,
        **_shared_options(study, batch, memory),
    )


def one_network(study: Study, *, memory: int | None = None) -> LayeredSweep | RecurrentSweep:
    """The sweep of one network of a study with a task, made so that what does not fit is told before anything is.

    Raises
    ------
    CreditgraphError
        If a file of the task is missing or malformed, an option of the task unknown, a batch larger than the data, or
        the network larger than the memory.
    """
    batch = Batch("one network", study.sweep.learning_rates[:1], prunings_of(study), study.sweep.seeds[:1])
    try:
        return _task_sweep(study, batch, memory)
    except OptionError as error:
        # as the study's file names it
        for section in (study.options, study.sweep):
            if error.option in {each.name for each in fields(section)}:
                name = f"{section.section}.{error.option}"
                raise OptionError(name, error.given, error.allowed, error.hint) from error
        raise


def _shared_options(study: Study, batch: Batch, memory: int | None) -> dict[str, Any]:
    """The options of sweeps of all experiments."""
    return {
        "learning_rates": batch.learning_rates,
        "seeds": batch.seeds,
        "activation": study.options.activation,
        "snapshots": 0 if batch.shuffled else study.sweep.snapshots,
        "dtype": getattr(torch, study.options.dtype),
        "device": study.sweep.device,
        "memory": memory,
    }


def _task_sweep(study: Study, batch: Batch, memory: int | None) -> LayeredSweep | RecurrentSweep:
    """The sweep of a batch of networks that are trained on a task."""
    options = study.recurrent if study.experiment == "recurrent" else study.layered
    shared = _shared_options(study, batch, memory) | {
        "task": options.task,
        "test_fraction": options.test_fraction,
        "task_options": options.task_arguments | ({"shuffled_labels": True} if batch.shuffled else {}),
        "epochs": options.epochs,
        "batch_size": options.batch_size,
        "loss": options.loss,
        "matched_losses": () if batch.shuffled else study.sweep.matched_losses or (),
        "evaluate_every": None if batch.shuffled else study.sweep.evaluate_every,
    }
    if study.experiment == "layered":
        return LayeredSweep(hidden=study.layered.hidden, rule=study.layered.rule, **shared)
    recurrent = study.recurrent
    return RecurrentSweep(
        hidden=recurrent.hidden,
        credit=recurrent.credit,
        mask=recurrent.mask,
        mask_options=recurrent.mask_options,
        gain=recurrent.gain,
        max_steps=recurrent.max_steps,
        **shared,
    )


def weights_of(result: Result, member: int) -> Arrays:
    """Weights and biases of a member after training, by name."""
    if isinstance(result, ConnectomeResult):
        return {"weights": result.weights[member].cpu().numpy()}
    return _named(result.weights, result.biases, member)


def snapshots_of(result: Result, member: int) -> list[Snapshot]:
    """Weights and biases of a member on the way."""
    if isinstance(result, ConnectomeResult):
        return [
            Snapshot("step", step, float("nan"), float("nan"), {"weights": weights[member].cpu().numpy()})
            for step, weights in zip(result.snapshot_steps, result.snapshots, strict=True)
        ]
    kept = result.snapshots
    keys = ["learning_rate", "seed"]
    mine = (kept.table[keys] == result.members.loc[member, keys]).all(axis=1)
    return [
        Snapshot(row["kind"], row["step"], row["target"], row["loss"], _named(kept.weights, kept.biases, int(place)))
        for place, row in zip(np.flatnonzero(mine), kept.table[mine].to_dict("records"), strict=True)
    ]


def _named(weights: list[torch.Tensor], biases: list[torch.Tensor], place: int) -> Arrays:
    arrays = {}
    for layer, (synapses, thresholds) in enumerate(zip(weights, biases, strict=True)):
        arrays[f"weights.{layer}"] = synapses[place].cpu().numpy()
        arrays[f"biases.{layer}"] = thresholds[place].cpu().numpy()
    return arrays


def initial_graph(study: Study, seed: int) -> WeightGraph:
    """The untrained weights of the study's network, drawn with a seed."""
    dtype = getattr(torch, study.options.dtype)
    if study.experiment == "connectome":
        simulation = ConnectomeSimulation(
            n=study.connectome.n,
            learning_rates=[1.0],
            pruning=[0.0],
            seeds=[seed],
            initial_scale=study.connectome.initial_scale,
            self_synapses=study.connectome.self_synapses,
            dtype=dtype,
        )
        return trained_graph(study, {"weights": simulation.weights[0].numpy()})
    options = study.recurrent if study.experiment == "recurrent" else study.layered
    features, classes = _shape(options)
    if study.experiment == "recurrent":
        recurrent = study.recurrent
        network = RecurrentNetwork(
            features,
            recurrent.hidden,
            classes,
            mask=recurrent.mask,
            mask_options=recurrent.mask_options,
            gain=recurrent.gain,
            seed=seed,
            dtype=dtype,
        )
        return trained_graph(study, {"weights.0": network.weights[0].numpy(), "biases.0": network.biases[0].numpy()})
    layers = LayeredNetwork([features, *study.layered.hidden, classes], seed=seed, dtype=dtype)
    return WeightGraph.from_layers([weights[0].numpy() for weights in layers.weights])


def trained_graph(study: Study, weights: Arrays) -> WeightGraph:
    """The graph of a cell's stored weights."""
    if study.experiment == "connectome":
        return _connectome_graph(study, weights["weights"])
    if study.experiment == "recurrent":
        return _recurrent_graph(study, weights["weights.0"])
    count = sum(name.startswith("weights.") for name in weights)
    return WeightGraph.from_layers([weights[f"weights.{layer}"] for layer in range(count)])


def _connectome_graph(study: Study, matrix: npt.NDArray[np.floating]) -> WeightGraph:
    """All neurons of a connectome, or those whose credit is free."""
    clamped = round(study.connectome.clamped_fraction * study.connectome.n)
    first = clamped if study.communities.neurons == "free" else 0
    roles = np.repeat(["clamped", "free"], [clamped, len(matrix) - clamped])
    return WeightGraph.from_matrix(matrix[first:, first:], roles=roles[first:].tolist())


def _recurrent_graph(study: Study, matrix: npt.NDArray[np.floating]) -> WeightGraph:
    features, classes = _shape(study.recurrent)
    counts = [features, study.recurrent.hidden, classes]
    return WeightGraph.from_matrix(matrix, roles=np.repeat(["input", "hidden", "output"], counts).tolist())


def _shape(options: TaskOptions) -> tuple[int, int]:
    """Input features and classes of a task."""
    return _loaded_shape(options.task, json.dumps(options.task_arguments | {"test_fraction": options.test_fraction}))


@cache
def _loaded_shape(task: str, arguments: str) -> tuple[int, int]:
    # asked for by every sample of a null model, and the same for every seed
    loaded = load_task(task, seed=0, **json.loads(arguments))
    return loaded.features, loaded.classes
