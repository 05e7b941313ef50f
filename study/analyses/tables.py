"""What is found in one network, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ...analysis import (
    Partition,
    StructureVerdict,
    agreement,
    block_matrices,
    composition,
    leiden,
    roles,
    significance,
    structure,
)
from ...graphs import WeightGraph
from .networks import FileNetwork, Network
from .options import FEWEST_STRUCTURE_SAMPLES, AnalysisOptions
from .pace import Pace
from .shuffles import shuffle_of
from .stability import over_resolutions, restart_agreement, with_consensus
from .strengths import KEEPING, kept_strengths
from .views import sizes_of, view_of

# co-assignments of all pairs of neurons are kept in memory
LARGEST_CONSENSUS = 3_000
# three scores of every sample are searched
MOST_STRUCTURE_RESTARTS = 3
# samples of the null model over resolutions: enough for a p of 0.05 of a file's plateaus, and for a band in a run,
# where it is seeds that are tested
RESOLUTION_SAMPLES, FEW = 19, 5
# a network of fewer has no structure to speak of
FEWEST_NEURONS = 4
# types by sign of networks that keep to Dale's principle; neurons without outgoing synapses have none
PURE = {"excitatory", "inhibitory", "none"}

Tables = dict[str, pd.DataFrame]


def tables_of(network: Network, options: AnalysisOptions, pace: Pace | None = None) -> Tables:
    """All tables of one network: scores and their null samples, neurons, communities and what else was asked for.

    Every row starts with the network's keys. Which tables there are depends on the options and the network alone, not
    on the pace at which they are made.
    """
    pace = Pace() if pace is None else pace
    g = network.load(options)
    seed = options.seed + network.seed
    found: Tables = {}
    partitions = dict(_searched(network, g, options, seed))
    pace.advance(1)
    found["scores"], found["nulls"] = _scores(network, g, options, seed, partitions, pace)
    scored = found["scores"][["weights", "null"]].itertuples(index=False, name=None)
    kept = kept_strengths(g, scored, network.samples(options, KEEPING[0]), seed)
    if len(kept):
        found["kept_strengths"] = kept
    best = partitions[main_objective(network, options), "maximise"]
    # structure and blocks are of sizes: those of signed weights are another question
    sizes = sizes_of(best.weights)
    verdict = None
    if "structure" in options.parts:
        samples = max(network.samples(options, ""), FEWEST_STRUCTURE_SAMPLES)
        verdict = _structure(g, sizes, options, samples, seed, pace.workers)
        pace.advance(3 * samples)
    if verdict is not None:
        found["structure"] = verdict.table.assign(
            verdict=verdict.verdict,
            null=verdict.null_model,
            samples=samples,
            weights=verdict.weights,
            objective="modularity",
        )
    found["neurons"] = _neurons(g, best, partitions.get(("modularity", "minimise")), verdict, options)
    found["blocks"] = block_matrices(g, best, weights=sizes).table()
    found["communities"] = _communities(found["blocks"], best)
    made_of = _compositions(g, best)
    if len(made_of):
        found["composition"] = made_of
    if "stability" in options.parts:
        found["restart_agreement"] = restart_agreement(partitions)
        if g.n <= LARGEST_CONSENSUS:
            found["neurons"], found["consensus"] = with_consensus(found["neurons"], best, options, seed)
    if "resolution" in options.parts:
        found |= over_resolutions(g, best, options, profile_samples(network, options), seed, pace.workers)
    pace.finish()
    found["networks"] = _summary(g, best, verdict)
    return {name: keyed(table, network.keys) for name, table in found.items()}


def profile_samples(network: Network, options: AnalysisOptions) -> int:
    """Samples of the null model that a profile over resolutions stands beside."""
    return min(network.samples(options, ""), RESOLUTION_SAMPLES if isinstance(network, FileNetwork) else FEW)


def objective_shown(tables: Tables) -> str:
    """The objective that a page or a terminal shows of several: modularity, or the first that was asked for."""
    objectives = list(tables["scores"]["objective"].unique())
    return "modularity" if "modularity" in objectives else str(objectives[0])


def main_objective(network: Network, options: AnalysisOptions) -> str:
    """The objective whose communities are looked at: modularity, or the first that was asked for."""
    objectives = network.objectives(options)
    return "modularity" if "modularity" in objectives else objectives[0]


def keyed(table: pd.DataFrame, keys: dict[str, Any]) -> pd.DataFrame:
    """A table with the keys of a network before its own columns."""
    named = pd.DataFrame({name: [value] * len(table) for name, value in keys.items()}, index=table.index)
    return pd.concat([named, table], axis=1).reset_index(drop=True)


def _searched(
    network: Network, g: WeightGraph, options: AnalysisOptions, seed: int
) -> Iterator[tuple[tuple[str, str], Partition]]:
    for objective, direction in network.sought(options):
        yield (objective, direction), leiden(g, direction=direction, **search(options, objective, seed))


def search(options: AnalysisOptions, objective: str, seed: int) -> dict[str, Any]:
    """What :func:`creditgraph.analysis.leiden` is asked for an objective, but for the direction."""
    return {
        "weights": view_of(options, objective),
        "objective": objective,
        "directed": options.directed and objective != "layered",
        "resolution": options.resolution,
        "restarts": options.restarts,
        "seed": seed,
    }


def _scores(
    network: Network,
    g: WeightGraph,
    options: AnalysisOptions,
    seed: int,
    partitions: dict[tuple[str, str], Partition],
    pace: Pace,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every partition against every null model, and the qualities of the samples."""
    rows, qualities = [], []
    for (objective, direction), partition in partitions.items():
        for null in network.nulls(options, objective):
            samples = network.samples(options, null)
            test = significance(
                g,
                null=null,
                samples=samples,
                restarts=options.settled_restarts,
                seed=seed,
                weights=partition.weights,
                objective=objective,
                direction=direction,
                directed=partition.directed,
                resolution=options.resolution,
                partition=partition,
                workers=pace.workers,
                **network.sources(null),
            )
            pace.advance(samples)
            keys = {"weights": partition.weights, "objective": objective, "direction": direction, "null": null}
            rows.append(
                {
                    **keys,
                    "quality": test.observed,
                    "communities": partition.communities,
                    "null_mean": test.null_mean,
                    "null_sd": test.null_sd,
                    "z": test.z,
                    "p_value": test.p_value,
                    "agreement": partition.agreement(),
                    "samples": samples,
                    "restarts": options.restarts,
                }
            )
            qualities.append(pd.DataFrame({**keys, "sample": np.arange(samples), "quality": test.null}))
    return pd.DataFrame(rows), pd.concat(qualities, ignore_index=True)


def _structure(
    g: WeightGraph, sizes: str, options: AnalysisOptions, samples: int, seed: int, workers: int
) -> StructureVerdict | None:
    null = shuffle_of(g, sizes)
    if g.n < FEWEST_NEURONS or null is None:
        return None
    return structure(
        g,
        weights=sizes,
        null=null,
        samples=samples,
        restarts=min(options.settled_restarts, MOST_STRUCTURE_RESTARTS),
        seed=seed,
        workers=workers,
    )


def _neurons(
    g: WeightGraph,
    best: Partition,
    anti: Partition | None,
    verdict: StructureVerdict | None,
    options: AnalysisOptions,
) -> pd.DataFrame:
    """A row a neuron: what it is, where it belongs, how firmly, and its place there."""
    table = pd.DataFrame({"neuron": np.arange(g.n)})
    marks = {"name": g.names, "layer": g.layers, "role": g.roles, "type": g.types}
    for name, values in marks.items():
        if values is not None:
            table[name] = values
    table["community"] = best.membership
    if anti is not None:
        table["anti_community"] = anti.membership
    if verdict is not None:
        table["core"] = verdict.core.core
    if "stability" in options.parts:
        table["stability"] = agreement(best.memberships).neurons
    # a view as it is: of signed weights, and of signed changes, roles are signed
    places = roles(g.view(best.weights), best, weights="signed").rename(columns={"role": "place"})
    return table.merge(places.drop(columns="community"), on="neuron")


def _communities(blocks: pd.DataFrame, best: Partition) -> pd.DataFrame:
    """A row a community: neurons, the weight that stays within, and how much of what it sends and receives that is."""
    within = blocks.loc[blocks["post"] == blocks["pre"]].set_index("post")
    sent = blocks.groupby("pre")["sum"].sum()
    received = blocks.groupby("post")["sum"].sum()
    both = (sent + received).to_numpy(np.float64)
    share = 2.0 * within["sum"].to_numpy(np.float64) / np.where(both > 0, both, 1.0)
    table = pd.DataFrame(
        {
            "community": within.index.to_numpy(),
            "size": np.bincount(best.membership)[within.index.to_numpy()],
            "weight_within": within["sum"].to_numpy(),
            "share_within": pd.array(np.where(both > 0, share, np.nan), dtype="Float64"),
            "density_within": within["density"].to_numpy(),
            "ratio_within": within["ratio"].to_numpy(),
        }
    )
    return table[table["community"] < best.communities].reset_index(drop=True)


def _compositions(g: WeightGraph, best: Partition) -> pd.DataFrame:
    """What communities are made of, for every mark that tells neurons apart.

    Of a graph that says no types, neurons that keep to one sign have one: excitatory or inhibitory by their synapses.
    """
    marks = {"layer": g.layers, "role": g.roles, "type": g.types, "type by sign": _types_by_sign(g)}
    found = [
        composition(best, values).assign(mark=name, value=lambda table: table["value"].astype("string"))
        for name, values in marks.items()
        if values is not None and len(set(np.asarray(values).tolist())) > 1
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _types_by_sign(g: WeightGraph) -> tuple[str, ...] | None:
    """Types by the signs of outgoing synapses, where there are both and no neuron has both; and none are said."""
    types = None if g.types is not None else g.sign_types()
    return types if types is not None and {"excitatory", "inhibitory"} <= set(types) <= PURE else None


def _summary(g: WeightGraph, best: Partition, verdict: StructureVerdict | None) -> pd.DataFrame:
    """One row: the network in numbers."""
    places = g.post.astype(np.int64) * g.n + g.pre
    apart = g.pre != g.post
    answered = np.isin(places[apart], (g.pre.astype(np.int64) * g.n + g.post)[apart])
    pairs = g.n * (g.n - 1)
    return pd.DataFrame(
        {
            "neurons": [g.n],
            "synapses": g.synapses,
            "density": float(apart.sum()) / pairs if pairs else 0.0,
            "reciprocity": pd.array([float(answered.mean()) if len(answered) else pd.NA], dtype="Float64"),
            "negative": float((g.weight < 0).mean()) if g.synapses else 0.0,
            "communities": best.communities,
            "agreement": pd.array([best.agreement()], dtype="Float64"),
            "verdict": "not tested" if verdict is None else verdict.verdict,
        }
    )
