"""Communities of one trained cell, against the null models of its study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..analysis import leiden, significance
from ..graphs import WeightGraph
from ..guard import DataError, counted
from .checks import FIRST_NULL_SEED
from .config import Study
from .store import Cell, RunDirectory, shuffled_cells_of
from .sweeps import initial_graph, trained_graph


@dataclass(frozen=True)
class Analysis:
    """A cell to be analysed."""

    run: RunDirectory
    study: Study
    cell: Cell


def analyse_cell(analysis: Analysis) -> Cell:
    """Find the communities of a cell in both directions, test them against each null model, and store them."""
    run, study, cell = analysis.run, analysis.study, analysis.cell
    graph = trained_graph(study, run.weights(cell))
    rows: list[dict[str, object]] = []
    samples: list[pd.DataFrame] = []
    partitions: dict[str, npt.NDArray[np.int64]] = {}
    options = study.communities
    for weights in options.weights:
        for direction in options.directions:
            search: Any = {
                "weights": weights,
                "direction": direction,
                "directed": options.directed,
                "resolution": options.resolution,
                "restarts": options.restarts,
                "seed": cell.seed,
            }
            partition = leiden(graph, **search)
            partitions[f"{weights}_{direction}"] = partition.membership
            for model in study.nulls.models:
                found = significance(
                    graph,
                    null=model,
                    samples=study.nulls.samples,
                    initial=untrained_networks(study) if model == "initial" else None,
                    trained=shuffled_networks(run, study, cell) if model == "shuffled_labels" else None,
                    partition=partition,
                    **search,
                )
                keys = {**cell.keys, "weights": weights, "direction": direction, "null": model}
                rows.append(
                    {
                        **keys,
                        "quality": found.observed,
                        "communities": partition.communities,
                        "null_mean": found.null_mean,
                        "null_sd": found.null_sd,
                        "z": found.z,
                        "p_value": found.p_value,
                        "agreement": partition.agreement(),
                        "samples": study.nulls.samples,
                        "restarts": options.restarts,
                    }
                )
                samples.append(
                    pd.DataFrame({**keys, "sample": np.arange(len(found.null)), "quality": np.asarray(found.null)})
                )
    run.write_analysed(cell, pd.DataFrame(rows), pd.concat(samples, ignore_index=True), partitions)
    return cell


def shuffled_networks(run: RunDirectory, study: Study, cell: Cell) -> Callable[[int], WeightGraph]:
    """Networks that learned shuffled labels at the learning rate of a cell, one after the other."""
    mine = [each for each in shuffled_cells_of(study) if each.learning_rate == cell.learning_rate]
    graphs = (trained_graph(study, run.weights(each)) for each in mine)

    def following(_: int) -> WeightGraph:
        graph = next(graphs, None)
        if graph is None:
            raise DataError(
                f"{run.path}: has {counted(len(mine), 'network')} of shuffled labels at each learning "
                "rate, no more can be drawn"
            )
        return graph

    return following


def untrained_networks(study: Study) -> Callable[[int], WeightGraph]:
    """Untrained networks of a study, one for each seed of the null model."""
    return lambda seed: initial_graph(study, FIRST_NULL_SEED + seed)
