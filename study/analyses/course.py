"""What communities did during training: over the snapshots of a network, and where it had learned as much as others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...analysis import flexibility, leiden, multislice, significance, trajectory, trajectory_summary
from .networks import RunNetwork
from .options import AnalysisOptions

# of one snapshot there is no course
FEWEST_SNAPSHOTS = 2
# a slice repeats all neurons in one graph
LARGEST_MULTISLICE = 20_000


def course_of(network: RunNetwork, options: AnalysisOptions, seed: int) -> dict[str, pd.DataFrame]:
    """Communities over snapshots: where each neuron was, events, a summary, and how often neurons moved."""
    taken = [each for each in network.run.snapshots(network.cell) if each.kind == "step"]
    if len(taken) < FEWEST_SNAPSHOTS:
        return {}
    view = "absolute" if options.weights not in ("absolute", "positive", "negative") else options.weights
    graphs = {each.step: network.graph_of(each.weights, options) for each in taken}
    graphs = {step: graph for step, graph in graphs.items() if graph.view(view).synapses}
    if len(graphs) < FEWEST_SNAPSHOTS:
        return {}
    search: dict[str, Any] = {"weights": view, "resolution": options.resolution, "restarts": options.restarts}
    followed = trajectory({step: leiden(graph, seed=seed, **search) for step, graph in graphs.items()})
    n = followed.labels.shape[1]
    found = {
        "course": pd.DataFrame(
            {
                "step": np.repeat(followed.steps, n),
                "neuron": np.tile(np.arange(n), len(followed.steps)),
                "community": followed.labels.ravel(),
            }
        ),
        "events": followed.events,
        "lifetimes": followed.lifetimes,
    }
    summary = trajectory_summary({(network.cell.learning_rate, network.cell.seed): followed})
    summary = summary.drop(columns=["learning_rate", "seed"])
    if n * len(graphs) <= LARGEST_MULTISLICE:
        together = multislice(list(graphs.values()), seed=seed, **search)
        summary["multislice_communities"] = together.communities
        summary["multislice_flexibility"] = float(flexibility(together.memberships).mean())
        summary["multislice_quality"] = together.quality
    found["trajectories"] = summary
    return found


def at_matched_loss(network: RunNetwork, options: AnalysisOptions, seed: int) -> dict[str, pd.DataFrame]:
    """Scores of the weights when the training loss first was at or below each of the losses chosen for the run."""
    if "modularity" not in network.objectives(options):
        return {}
    null = network.nulls(options, "modularity")[0]
    rows = []
    for each in network.run.snapshots(network.cell):
        if each.kind != "loss":
            continue
        graph = network.graph_of(each.weights, options)
        for direction in network.directions(options):
            test = significance(
                graph,
                null=null,
                samples=network.samples(options, null),
                restarts=options.restarts,
                seed=seed,
                weights=options.weights,
                direction=direction,
                directed=options.directed,
                resolution=options.resolution,
                **network.sources(null),
            )
            rows.append(
                {
                    "weights": options.weights,
                    "direction": direction,
                    "null": null,
                    "target": each.target,
                    "step": each.step,
                    "loss": each.loss,
                    "quality": test.observed,
                    "null_mean": test.null_mean,
                    "z": test.z,
                    "p_value": test.p_value,
                }
            )
    return {"at_matched_loss": pd.DataFrame(rows)} if rows else {}
