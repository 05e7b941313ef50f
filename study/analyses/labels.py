"""Labels of communities that mean the same in all tables and figures of an analysis, so that their colours do."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import align, align_chains
from ..store import Cell
from .tables import Tables

# columns of the tables of a network that hold labels of its communities
LABELLED = {
    "neurons": ("community",),
    "blocks": ("post", "pre"),
    "communities": ("community",),
    "composition": ("community",),
    "lesions": ("community",),
    "selectivity": ("community",),
    "class_composition": ("community",),
}
# and those that hold labels of its communities over training
OVER_TRAINING = {"course": ("community",), "events": ("community", "other"), "lifetimes": ("community",)}

Labels = npt.NDArray[np.int64]


def aligned(tables: Tables) -> Tables:
    """The tables of a run under one set of labels, and ``memberships``, which says what they are.

    Learning rates are aligned within each seed (and pruning), and the seeds with the first by
    :func:`creditgraph.analysis.align_chains`. Communities over training take the labels of those that they end as, and
    those that are gone by then get their own; consensus and multislice communities take the labels of those that they
    overlap with most. Groups of minimal Q are aligned as communities are, among themselves: group 0 is not community 0.

    Parameters
    ----------
    tables
        Tables of the networks of a run, put together.
    """
    found = dict(tables)
    found["memberships"] = memberships = _memberships(tables["neurons"], "community")
    new, old = {}, tables["neurons"].sort_values("neuron")
    for name, own in memberships.groupby("network", sort=False):
        before = old.loc[old["network"] == name, "community"].to_numpy(np.int64)
        new[str(name)] = dict(zip(before.tolist(), own.sort_values("neuron")["community"].tolist(), strict=True))
    for table, columns in LABELLED.items():
        if table in found:
            found[table] = _renamed(found[table], columns, new)
    if "anti_community" in found["neurons"]:
        found["neurons"] = _with_aligned_groups(found["neurons"])
    named = with_named_consensus(found)
    taken = [memberships["community"], *([named["neurons"]["consensus"]] if "consensus" in named["neurons"] else [])]
    return _over_training(named, memberships, 1 + max(int(labels.max()) for labels in taken))


def with_named_consensus(tables: Tables) -> Tables:
    """The tables with consensus communities under the labels of those that they overlap with most.

    What overlaps with none gets a label that no network's communities have.
    """
    neurons = tables["neurons"]
    if "consensus" not in neurons:
        return tables
    fresh = 1 + int(neurons["community"].max())
    named = [
        own.assign(consensus=named_after(own["consensus"], own["community"], fresh))
        for _, own in neurons.groupby("network", sort=False)
    ]
    return {**tables, "neurons": pd.concat(named, ignore_index=True)}


def of_seed(memberships: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """Communities over learning rates of a cell's seed and pruning."""
    own = memberships[memberships["seed"] == cell.seed]
    return own if cell.pruning is None else own[own["pruning"] == cell.pruning]


def named_after(own: pd.Series[int], other: pd.Series[int], fresh: int) -> Labels:
    """Labels of a partition after another's, by greatest overlap; what has no partner gets labels from `fresh` on.

    Labels below 0 stand for neurons in no community: they stay, and name nobody.
    """
    labels, after = own.to_numpy(np.int64), other.to_numpy(np.int64)
    kept = (labels >= 0) & (after >= 0)
    names: dict[int, int] = {}
    if kept.any():
        # align numbers the communities of its reference from 0; what has no partner there comes after them
        known = dict(enumerate(np.unique(after[kept]).tolist()))
        matched = align([labels[kept]], reference=after[kept])[0]
        names = {
            label: known[place]
            for label, place in zip(labels[kept].tolist(), matched.tolist(), strict=True)
            if place in known
        }
    unused = itertools.count(fresh)
    names |= {label: next(unused) for label in sorted(set(labels.tolist()) - set(names) - {-1})}
    return np.array([names.get(label, label) for label in labels.tolist()], dtype=np.int64)


def _memberships(neurons: pd.DataFrame, column: str) -> pd.DataFrame:
    """Aligned labels of a column of all networks: network, (pruning,) seed, learning rate, neuron, and the column."""
    keys = [name for name in ("seed", "pruning") if name in neurons]
    chains: list[dict[float, Labels]] = []
    owners: list[dict[float, pd.DataFrame]] = []
    columns = ["network", *keys, "learning_rate", "neuron"]
    for _, of_chain in neurons.groupby(keys):
        by_rate = {
            own["learning_rate"].iloc[0]: own.sort_values("neuron") for _, own in of_chain.groupby("learning_rate")
        }
        chains.append({rate: own[column].to_numpy(np.int64) for rate, own in by_rate.items()})
        owners.append(by_rate)
    made = [
        by_rate[rate][columns].assign(**{column: labels})
        for by_rate, chain in zip(owners, align_chains(chains), strict=True)
        for rate, labels in chain.items()
    ]
    return pd.concat(made, ignore_index=True)


def _with_aligned_groups(neurons: pd.DataFrame) -> pd.DataFrame:
    """Neurons whose groups of minimal Q are aligned over networks."""
    groups = _memberships(neurons, "anti_community")[["network", "neuron", "anti_community"]]
    merged = neurons.drop(columns="anti_community").merge(groups, on=["network", "neuron"])
    return merged.reindex(columns=neurons.columns)


def _renamed(table: pd.DataFrame, columns: tuple[str, ...], new: Mapping[str, Mapping[int, int]]) -> pd.DataFrame:
    """A table whose columns have other labels, network by network; what has no other label keeps its own."""
    parts = []
    for name, own in table.groupby("network", sort=False):
        names = new[str(name)]
        parts.append(
            own.assign(
                **{column: own[column].map(lambda label, names=names: names.get(label, label)) for column in columns}
            ).astype({column: own[column].dtype for column in columns})
        )
    return pd.concat(parts, ignore_index=True) if parts else table


def _over_training(tables: Tables, memberships: pd.DataFrame, fresh: int) -> Tables:
    """Courses, their events and slices under the labels of the communities that they end as."""
    if "course" not in tables:
        return tables
    final = dict(iter(memberships.sort_values("neuron").groupby("network", sort=False)["community"]))
    new: dict[str, dict[int, int]] = {}
    for name, course in tables["course"].groupby("network", sort=False):
        last = course[course["step"] == course["step"].max()].sort_values("neuron")["community"]
        ends_as = dict(zip(last.tolist(), named_after(last, final[name], fresh).tolist(), strict=True))
        unused = itertools.count(max(fresh, 1 + max(ends_as.values())))
        gone = {label: next(unused) for label in sorted(set(course["community"]) - set(ends_as) - {-1})}
        new[str(name)] = {**gone, **ends_as}
    found = dict(tables)
    for table, columns in OVER_TRAINING.items():
        if table in found:
            found[table] = _renamed(found[table], columns, new)
    if "slices" in found:
        courses = dict(iter(found["course"].groupby("network", sort=False)))
        found["slices"] = pd.concat(
            [_slices_named(own, courses[name], fresh) for name, own in found["slices"].groupby("network", sort=False)],
            ignore_index=True,
        )
    return found


def _slices_named(slices: pd.DataFrame, course: pd.DataFrame, fresh: int) -> pd.DataFrame:
    """Communities of all slices together under the labels that their neurons have in the course."""
    both = slices.merge(course[["step", "neuron", "community"]], on=["step", "neuron"], suffixes=("", "_course"))
    unused = max(fresh, 1 + int(course["community"].max()))
    return both.assign(community=named_after(both["community"], both["community_course"], unused)).drop(
        columns="community_course"
    )
