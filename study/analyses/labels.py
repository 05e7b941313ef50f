"""Labels of communities that mean the same throughout a page, so that their colours do."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from ...analysis import align
from ..store import Cell
from .tables import Tables

# columns that hold labels of communities
LABELLED = {
    "neurons": ("community",),
    "blocks": ("post", "pre"),
    "communities": ("community",),
    "lesions": ("community",),
    "selectivity": ("community",),
}


def of_seed(memberships: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """Communities over learning rates of a cell's seed and pruning."""
    own = memberships[memberships["seed"] == cell.seed]
    return own if cell.pruning is None else own[own["pruning"] == cell.pruning]


def relabelled(own: Tables, memberships: pd.DataFrame) -> Tables:
    """The tables of a network under the labels that its communities have over learning rates.

    Communities over training take the labels of those that they end as; those that are gone by then get their own.

    Parameters
    ----------
    own
        Tables of one network.
    memberships
        Aligned communities of its seed, as :func:`of_seed` gives them.
    """
    neurons = own["neurons"].sort_values("neuron")
    rate = neurons["learning_rate"].iloc[0]
    aligned = memberships[memberships["learning_rate"] == rate].sort_values("neuron")["community"].to_numpy(np.int64)
    new = dict(zip(neurons["community"].tolist(), aligned.tolist(), strict=True))
    found = dict(own)
    for name, columns in LABELLED.items():
        if name in own:
            found[name] = own[name].assign(**{column: own[name][column].map(new) for column in columns})
    if "course" in own:
        course = own["course"]
        last = course[course["step"] == course["step"].max()].sort_values("neuron")["community"].to_numpy(np.int64)
        # align numbers the communities of its reference from 0; what has no partner there comes after them
        known = dict(enumerate(np.unique(aligned).tolist()))
        fresh = itertools.count(1 + int(memberships["community"].max()))
        matched = align([last], reference=aligned)[0].tolist()
        named = {label: known[label] if label in known else next(fresh) for label in dict.fromkeys(matched)}
        ends_as = {label: named[partner] for label, partner in zip(last.tolist(), matched, strict=True)}
        gone = {label: next(fresh) for label in sorted(set(course["community"]) - set(ends_as) - {-1})}
        # -1 is no community but neurons in none that counts
        found["course"] = course.assign(community=course["community"].map({**gone, **ends_as, -1: -1}))
    return found
