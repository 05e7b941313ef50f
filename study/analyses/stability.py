"""How firm the communities of one network are: over restarts, and over resolutions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...analysis import Partition, consensus, resolution_profile
from ...graphs import WeightGraph
from .likeness import measures, typed
from .options import AnalysisOptions
from .shuffles import shuffle_of


def restart_agreement(partitions: dict[tuple[str, str], Partition]) -> pd.DataFrame:
    """How alike the partitions of restarts are, by every measure, for each score."""
    rows = [
        {
            "weights": each.weights,
            "objective": objective,
            "direction": direction,
            "restarts": each.restarts,
            **measures(list(each.memberships[:, each.placed])),
        }
        for (objective, direction), each in partitions.items()
    ]
    return typed(pd.DataFrame(rows))


def with_consensus(
    neurons: pd.DataFrame, best: Partition, options: AnalysisOptions, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Neurons with their community in the consensus of restarts, and one row on how that was reached."""
    placed = best.placed
    found = consensus(best.memberships[:, placed], restarts=options.settled_restarts, seed=seed)
    # neurons without synapses stay alone, with the last labels
    membership = np.empty(len(placed), dtype=np.int64)
    membership[placed] = found.membership
    membership[~placed] = found.membership.max() + 1 + np.arange(int((~placed).sum()))
    row = {
        "weights": best.weights,
        "objective": best.objective,
        "direction": best.direction,
        "communities": int((np.bincount(membership) > 1).sum()),
        "alone": int((np.bincount(membership) == 1).sum()),
        "threshold": found.threshold,
        "similarity": found.similarity,
        "rounds": found.rounds,
        "converged": found.converged,
        "restarts": found.restarts,
    }
    place = list(neurons.columns).index("stability") + 1
    table = neurons.copy()
    table.insert(place, "consensus", membership[neurons["neuron"].to_numpy(np.int64)])
    return table, pd.DataFrame([row])


def over_resolutions(
    g: WeightGraph, best: Partition, options: AnalysisOptions, samples: int, seed: int, workers: int = 1
) -> dict[str, pd.DataFrame]:
    """Communities over resolutions, searched for as the best partition was, beside a few samples of the null model."""
    null = shuffle_of(g, best.weights)
    profile = resolution_profile(
        g,
        weights=best.weights,
        objective=best.objective,
        directed=best.directed,
        restarts=options.settled_restarts,
        seed=seed,
        null=null,
        samples=samples,
        workers=workers,
    )
    said: dict[str, str | int] = {
        "weights": profile.weights,
        "objective": profile.objective,
        "directed": profile.directed,
    }
    said |= {} if null is None else {"null": null, "samples": samples}
    return {"resolution": profile.table.assign(**said), "plateaus": profile.plateaus.assign(**said)}
