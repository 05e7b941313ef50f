"""How alike the communities of networks are: pair by pair, over restarts, over seeds, and neuron by neuron."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import Agreement, agreement, compare, expected_element_similarity, similarity_matrix

METHODS = ("ami", "nmi", "ari", "vi", "element_centric")
# what a neuron is, where the network says
MARKS = ("name", "layer", "role", "type")

ENDS = ("", "_low", "_high")

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Communities:
    """The communities of a network, and which of its neurons have synapses, shape (n,) each."""

    labels: Labels
    connected: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, neurons: pd.DataFrame) -> Communities:
        """From the table of the network's neurons."""
        table = neurons.sort_values("neuron")
        labels = table["community"].to_numpy(np.int64)
        _, community, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        return cls(labels, (sizes[community] > 1) | (table["strength"].to_numpy(np.float64) != 0))

    def ordered(self, order: npt.NDArray[np.intp]) -> Communities:
        """The same of neurons in another order."""
        return Communities(self.labels[order], self.connected[order])


def connected_in_all(communities: Sequence[Communities]) -> npt.NDArray[np.bool_]:
    """Neurons that have synapses in each of the networks, shape (n,)."""
    return np.asarray(np.all([each.connected for each in communities], axis=0))


def likeness(neurons: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables of how alike the communities of the networks of a run are, from the community of every neuron in each.

    Neurons without synapses are alone in every partition of their network, which is no likeness: a pair is compared in
    the neurons that have synapses in both, seeds of a learning rate in those that have some in all.

    Returns
    -------
    dict of DataFrame
        `similarity`: a row a pair of networks, each with every measure of METHODS. `seed_agreement`: a row a learning
        rate (and pruning), see :func:`measures`. `neuron_agreement`: a row a learning rate and neuron, its
        `element_centric` similarity, mean over pairs of seeds, beside `expected`, that of labels handed out at random.
        It is missing where no learning rate has two seeds.
    """
    communities = {str(name): Communities.of(own) for name, own in neurons.groupby("network", sort=False)}
    keys = [name for name in ("learning_rate", "pruning") if name in neurons]
    over_seeds, by_neuron = [], []
    for key, own in neurons.groupby(keys):
        seeds = [communities[str(name)] for name in own["network"].unique()]
        there = connected_in_all(seeds)
        partitions = [each.labels[there] for each in seeds]
        over_seeds.append({**dict(zip(keys, key, strict=True)), "seeds": len(seeds), **measures(partitions)})
        expected = expected_element_similarity(partitions) if there.any() else None
        if expected is not None:
            first = own[own["network"] == own["network"].iloc[0]].sort_values("neuron")[there]
            marks = [name for name in MARKS if name in own]
            by_neuron.append(
                first[[*keys, "neuron", *marks]].assign(
                    seeds=len(seeds),
                    element_centric=agreement(partitions, method="element_centric").neurons,
                    expected=expected,
                )
            )
    found = {"similarity": _pairs(communities), "seed_agreement": typed(pd.DataFrame(over_seeds))}
    if by_neuron:
        found["neuron_agreement"] = pd.concat(by_neuron, ignore_index=True)
    return found


def measures(partitions: Sequence[Labels]) -> dict[str, float | None]:
    """Mean of every measure over all pairs of partitions, with its jackknife interval: ``ami``, ``ami_low``, ...

    None where there are too few partitions (one has no pair, two no interval), and where they are of no neurons.
    """
    found: dict[str, float | None] = {}
    if not partitions[0].size:
        return {f"{method}{end}": None for method in METHODS for end in ENDS}
    for method in METHODS:
        each: Agreement = agreement(partitions, method=method)
        found |= {method: each.mean, f"{method}_low": each.low, f"{method}_high": each.high}
    return found


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with numbers of :func:`measures` that may be missing."""
    columns = [f"{method}{end}" for method in METHODS for end in ENDS]
    types: dict[str, Any] = dict.fromkeys(columns, "Float64")
    return table.astype(types)


def _pairs(communities: dict[str, Communities]) -> pd.DataFrame:
    """Every pair of networks with every measure, missing where no neuron has synapses in both."""
    names, each = list(communities), list(communities.values())
    first, second = np.triu_indices(len(names), 1)
    table = pd.DataFrame({"network": np.asarray(names)[first], "other": np.asarray(names)[second]})
    # networks with the same neurons connected are compared all at once
    alike: dict[bytes, list[int]] = {}
    for i, network in enumerate(each):
        alike.setdefault(network.connected.tobytes(), []).append(i)
    for method in METHODS:
        found = np.full((len(each), len(each)), np.nan)
        for members in alike.values():
            there = each[members[0]].connected
            if there.any():
                labels = [each[i].labels[there] for i in members]
                found[np.ix_(members, members)] = similarity_matrix(labels, method=method)
        for one, other in itertools.combinations(alike.values(), 2):
            for i, k in itertools.product(one, other):
                found[i, k] = found[k, i] = _pair(each[i], each[k], method)
        values = found[first, second]
        table[method] = pd.Series(values).astype("Float64")
    return table


def _pair(one: Communities, other: Communities, method: str) -> float:
    both = one.connected & other.connected
    return compare(one.labels[both], other.labels[both], method=method) if both.any() else np.nan
