"""What communities did during training: over the snapshots of a network, and where it had learned as much as others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import flexibility, leiden, multislice, significance, trajectory, trajectory_summary
from .networks import RunNetwork
from .options import AnalysisOptions
from .tables import main_objective, search
from .views import sizes_of

# of one snapshot there is no course
FEWEST_SNAPSHOTS = 2
# a slice repeats all neurons in one graph
LARGEST_MULTISLICE = 20_000


def course_of(network: RunNetwork, options: AnalysisOptions, seed: int) -> dict[str, pd.DataFrame]:
    """Communities over snapshots: where each neuron was, events, a summary, how often neurons moved, and slices.

    Each snapshot is searched as the trained network is, for the same objective, so that the last has its communities.
    Multislice communities are those of plain undirected modularity, which is all that they are defined for here.
    """
    taken = [each for each in network.run.snapshots(network.cell) if each.kind == "step"]
    if len(taken) < FEWEST_SNAPSHOTS:
        return {}
    objective = main_objective(network, options)
    asked = search(options, objective, seed)
    graphs = {each.step: network.graph_of(each.weights, options) for each in taken}
    # weights of which nothing has changed yet have no synapse in a view of changes
    graphs = {step: graph for step, graph in graphs.items() if graph.view(asked["weights"]).synapses}
    if len(graphs) < FEWEST_SNAPSHOTS:
        return {}
    followed = trajectory({step: leiden(graph, **asked) for step, graph in graphs.items()})
    found = {
        "course": _tidy(followed.steps, followed.labels),
        "events": followed.events,
        "lifetimes": followed.lifetimes,
    }
    summary = trajectory_summary({(network.cell.learning_rate, network.cell.seed): followed})
    summary = summary.drop(columns=["learning_rate", "seed"])
    if followed.labels.size <= LARGEST_MULTISLICE:
        together = multislice(
            list(graphs.values()),
            seed=seed,
            weights=sizes_of(asked["weights"]),
            # that of the constant Potts model has a unit
            resolution=1.0 if objective == "cpm" else options.resolution,
            restarts=options.settled_restarts,
        )
        summary["multislice_communities"] = together.communities
        summary["multislice_flexibility"] = float(flexibility(together.memberships).mean())
        summary["multislice_quality"] = together.quality
        found["slices"] = _tidy(followed.steps, together.memberships)
    found["trajectories"] = summary
    return found


def _tidy(steps: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> pd.DataFrame:
    """A row a snapshot and neuron, from labels of shape (snapshots, n)."""
    n = labels.shape[1]
    return pd.DataFrame(
        {"step": np.repeat(steps, n), "neuron": np.tile(np.arange(n), len(steps)), "community": labels.ravel()}
    )


def at_matched_loss(network: RunNetwork, options: AnalysisOptions, seed: int) -> dict[str, pd.DataFrame]:
    """Scores of the weights when the training loss first was at or below each of the losses chosen for the run.

    They stand beside every null model of plain modularity, so that the trend at matched loss and that at the fixed
    step are told of the same. Where the loss was reached before any weight of the view was there, as of changes at step
    0, scores are missing, and `unchanged` says so.
    """
    if "modularity" not in network.objectives(options):
        return {}
    rows = []
    for each in network.run.snapshots(network.cell):
        if each.kind != "loss":
            continue
        graph = network.graph_of(each.weights, options)
        for direction in network.directions(options):
            asked = {**search(options, "modularity", seed), "direction": direction}
            unchanged = not graph.view(asked["weights"]).synapses
            partition = None if unchanged else leiden(graph, **asked)
            for null in network.nulls(options, "modularity"):
                samples = network.samples(options, null)
                scores = dict.fromkeys(("quality", "null_mean", "z", "p_value"), np.nan)
                if partition is not None:
                    test = significance(
                        graph, null=null, samples=samples, partition=partition, **asked, **network.sources(null)
                    )
                    found = (test.observed, test.null_mean, test.z, test.p_value)
                    scores = dict(zip(scores, found, strict=True))
                rows.append(
                    {
                        "weights": asked["weights"],
                        "direction": direction,
                        "null": null,
                        "target": each.target,
                        "step": each.step,
                        "loss": each.loss,
                        **scores,
                        "samples": samples,
                        "unchanged": unchanged,
                    }
                )
    return {"at_matched_loss": pd.DataFrame(rows)} if rows else {}
