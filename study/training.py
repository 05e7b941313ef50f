"""From a study's options to trained cells: which networks the options mean, trained in batches and stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from ..graphs import WeightGraph
from ..train import ConnectomeSimulation, LayeredNetwork, LayeredSweep, load_task
from .config import Study
from .store import TRAINED, Cell, RunDirectory


@dataclass(frozen=True)
class Batch:
    """Members that are trained side by side: all seeds of one learning rate and pruning.

    A batch depends on the study alone, never on the number of workers or on what is done already: so every number in
    it comes out the same in every run.
    """

    run: RunDirectory
    study: Study
    cells: tuple[Cell, ...]


def batches(run: RunDirectory, study: Study, cells: list[Cell]) -> list[Batch]:
    """Group the cells of a study into batches."""
    groups: dict[tuple[float, float | None], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.learning_rate, cell.pruning), []).append(cell)
    return [Batch(run, study, tuple(group)) for group in groups.values()]


def train_batch(batch: Batch) -> tuple[Cell, ...]:
    """Train the members of a batch and store those that are not stored yet."""
    with _one_thread():
        return _connectome(batch) if batch.study.experiment == "connectome" else _layered(batch)


def initial_graph(study: Study, seed: int) -> WeightGraph:
    """The untrained weights of the study's network, drawn with a seed."""
    if study.experiment == "connectome":
        options = study.connectome
        simulation = ConnectomeSimulation(
            n=options.n,
            learning_rates=[1.0],
            pruning=[0.0],
            seeds=[seed],
            initial_scale=options.initial_scale,
            self_synapses=options.self_synapses,
            dtype=getattr(torch, options.dtype),
        )
        return _graph(study, simulation.weights[0].numpy())
    options_ = study.layered
    task = load_task(options_.task, seed=0, test_fraction=options_.test_fraction)
    network = LayeredNetwork(
        [task.features, *options_.hidden, task.classes], seed=seed, dtype=getattr(torch, options_.dtype)
    )
    return WeightGraph.from_layers([weights[0].numpy() for weights in network.weights])


def trained_graph(study: Study, weights: dict[str, npt.NDArray[np.floating]]) -> WeightGraph:
    """The graph of a trained cell's stored weights."""
    if study.experiment == "connectome":
        return _graph(study, weights["weights"])
    count = sum(name.startswith("weights.") for name in weights)
    return WeightGraph.from_layers([weights[f"weights.{layer}"] for layer in range(count)])


def _graph(study: Study, matrix: npt.NDArray[np.floating]) -> WeightGraph:
    """All neurons of a connectome, or those whose credit is free."""
    clamped = round(study.connectome.clamped_fraction * study.connectome.n)
    first = clamped if study.communities.neurons == "free" else 0
    roles = np.repeat(["clamped", "free"], [clamped, len(matrix) - clamped])
    return WeightGraph.from_matrix(matrix[first:, first:], roles=roles[first:].tolist())


def _connectome(batch: Batch) -> tuple[Cell, ...]:
    options = batch.study.connectome
    simulation = ConnectomeSimulation(
        n=options.n,
        learning_rates=[batch.cells[0].learning_rate],
        pruning=[cell.pruning for cell in batch.cells[:1] if cell.pruning is not None],
        seeds=[cell.seed for cell in batch.cells],
        noise=options.noise,
        noise_mode=options.noise_mode,
        initial_scale=options.initial_scale,
        activation=options.activation,
        clamp=options.clamp,
        clamped_fraction=options.clamped_fraction,
        self_synapses=options.self_synapses,
        dtype=getattr(torch, options.dtype),
    )
    result = simulation.run(iterations=options.iterations)
    for member, cell in enumerate(batch.cells):
        if batch.run.state(cell, TRAINED) != "done":
            mine = result.training["seed"] == cell.seed
            batch.run.write_trained(
                cell,
                {"weights": result.weights[member].numpy()},
                result.members.iloc[[member]],
                result.training[mine],
            )
    return batch.cells


def _layered(batch: Batch) -> tuple[Cell, ...]:
    options = batch.study.layered
    sweep = LayeredSweep(
        options.task,
        hidden=options.hidden,
        learning_rates=[batch.cells[0].learning_rate],
        seeds=[cell.seed for cell in batch.cells],
        epochs=options.epochs,
        batch_size=options.batch_size,
        activation=options.activation,
        loss=options.loss,
        test_fraction=options.test_fraction,
        dtype=getattr(torch, options.dtype),
    )
    result = sweep.run()
    for member, cell in enumerate(batch.cells):
        if batch.run.state(cell, TRAINED) != "done":
            mine = result.training["seed"] == cell.seed
            arrays = {}
            for layer, (weights, biases) in enumerate(zip(result.weights, result.biases, strict=True)):
                arrays[f"weights.{layer}"] = weights[member].numpy()
                arrays[f"biases.{layer}"] = biases[member].numpy()
            batch.run.write_trained(cell, arrays, result.members.iloc[[member]], result.training[mine])
    return batch.cells


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are split by thread, so results are the same for any number of workers only at a fixed number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
