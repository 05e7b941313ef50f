"""How alike the communities of networks are: pair by pair, over restarts, over seeds, and neuron by neuron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import Agreement, agreement, expected_element_similarity, similarity_matrix

METHODS = ("ami", "nmi", "ari", "vi", "element_centric")
# what a neuron is, where the network says
MARKS = ("name", "layer", "role", "type")

Labels = npt.NDArray[np.int64]


def likeness(neurons: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables of how alike the communities of the networks of a run are, from the community of every neuron in each.

    Returns
    -------
    dict of DataFrame
        `similarity`: a row a pair of networks, each with every measure of METHODS. `seed_agreement`: a row a learning
        rate (and pruning), see :func:`measures`. `neuron_agreement`: a row a learning rate and neuron, its
        `element_centric` similarity, mean over pairs of seeds, beside `expected`, that of labels handed out at random.
        It is missing where no learning rate has two seeds.
    """
    memberships = {
        str(name): own.sort_values("neuron")["community"].to_numpy(np.int64)
        for name, own in neurons.groupby("network", sort=False)
    }
    keys = [name for name in ("learning_rate", "pruning") if name in neurons]
    over_seeds, by_neuron = [], []
    for key, own in neurons.groupby(keys):
        partitions = [memberships[str(name)] for name in own["network"].unique()]
        over_seeds.append({**dict(zip(keys, key, strict=True)), "seeds": len(partitions), **measures(partitions)})
        expected = expected_element_similarity(partitions)
        if expected is not None:
            first = own[own["network"] == own["network"].iloc[0]].sort_values("neuron")
            marks = [name for name in MARKS if name in own]
            by_neuron.append(
                first[[*keys, "neuron", *marks]].assign(
                    seeds=len(partitions),
                    element_centric=agreement(partitions, method="element_centric").neurons,
                    expected=expected,
                )
            )
    found = {"similarity": _pairs(memberships), "seed_agreement": typed(pd.DataFrame(over_seeds))}
    if by_neuron:
        found["neuron_agreement"] = pd.concat(by_neuron, ignore_index=True)
    return found


def measures(partitions: Sequence[Labels]) -> dict[str, float | None]:
    """Mean of every measure over all pairs of partitions, with its jackknife interval: ``ami``, ``ami_low``, ...

    None where there are too few partitions: one has no pair, two no interval.
    """
    found: dict[str, float | None] = {}
    for method in METHODS:
        each: Agreement = agreement(partitions, method=method)
        found |= {method: each.mean, f"{method}_low": each.low, f"{method}_high": each.high}
    return found


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with numbers of :func:`measures` that may be missing."""
    columns = [f"{method}{end}" for method in METHODS for end in ("", "_low", "_high")]
    types: dict[str, Any] = dict.fromkeys(columns, "Float64")
    return table.astype(types)


def _pairs(memberships: dict[str, Labels]) -> pd.DataFrame:
    """Every pair of networks with every measure."""
    names = list(memberships)
    first, second = np.triu_indices(len(names), 1)
    table = pd.DataFrame({"network": np.asarray(names)[first], "other": np.asarray(names)[second]})
    for method in METHODS:
        table[method] = similarity_matrix(list(memberships.values()), method=method)[first, second]
    return table
