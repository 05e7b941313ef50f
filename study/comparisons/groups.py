"""Groups of networks: those of one source at one learning rate (and pruning), and which of them are compared."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...graphs import WeightGraph
from ..analyses.networks import FileNetwork, RunNetwork
from ..config import Study
from ..sweeps import initial_graph
from .sources import Compared

NO_SEED = -1
"""Stands for the seed of a network that no seed made."""


@dataclass(frozen=True)
class Group:
    """Networks of one source that differ by their seed alone.

    Attributes
    ----------
    name
        What it is called, unlike all others.
    source
        Label of its source.
    learning_rate, pruning
        Where its networks have them.
    networks
        Name of each network by its seed.
    """

    name: str
    source: str
    learning_rate: float | None
    pruning: float | None
    networks: dict[int, str]


def groups_of(compared: Compared) -> list[Group]:
    """The groups of a source."""
    found: dict[tuple[float | None, float | None], dict[int, str]] = {}
    for network in compared.source.networks:
        if isinstance(network, FileNetwork):
            found[None, None] = {NO_SEED: network.name}
        else:
            cell = network.cell
            found.setdefault((cell.learning_rate, cell.pruning), {})[cell.seed] = network.name
    several_prunings = len({pruning for _, pruning in found}) > 1
    groups = []
    for (rate, pruning), networks in found.items():
        words = [compared.label]
        words += [f"r = {rate:g}"] if rate is not None and len(found) > 1 else []
        words += [f"pruning {pruning:g}"] if several_prunings else []
        groups.append(Group(", ".join(words), compared.label, rate, pruning, networks))
    return groups


@dataclass(frozen=True)
class Pair:
    """Two groups that are compared, and why these two.

    Attributes
    ----------
    group, other
        Their names.
    at
        ``the same learning rate``, ``each at its best accuracy``, ``every learning rate`` beside something that has
        none or others, or ``as they are`` where neither has one.
    """

    group: str
    other: str
    at: str


SAME, BEST, EVERY = "the same learning rate", "each at its best accuracy", "every learning rate"
AS_THEY_ARE = "as they are"


def pairs_of(groups: Sequence[Group], accuracy: pd.DataFrame) -> list[Pair]:
    """Which groups are compared: those of different sources at the same learning rate, and each at its best accuracy.

    Sources that share no learning rate, and networks that have none, are compared group by group. Of prunings, too,
    only those that both have are paired; where both prune, but never alike, all that they have at a learning rate.

    Parameters
    ----------
    groups
        Of all sources.
    accuracy
        One row a group that learned a task: `group`, `accuracy_mean`.
    """
    of_source: dict[str, list[Group]] = {}
    for group in groups:
        of_source.setdefault(group.source, []).append(group)
    best = _best(of_source, accuracy)
    pairs: dict[tuple[str, str], str] = {}
    for one, other in itertools.combinations(of_source, 2):
        shared = _at_the_same_rate(of_source[one], of_source[other])
        if one in best and other in best:
            pairs[best[one], best[other]] = BEST
        for pair in shared:
            pairs.setdefault(pair, SAME)
        if not shared and not (one in best and other in best):
            pairs |= {
                (a.name, b.name): AS_THEY_ARE if a.learning_rate is None and b.learning_rate is None else EVERY
                for a, b in itertools.product(of_source[one], of_source[other])
            }
    return [Pair(*names, at) for names, at in pairs.items()]


def _at_the_same_rate(ones: Sequence[Group], others: Sequence[Group]) -> list[tuple[str, str]]:
    """Names of the groups of two sources that have one learning rate, and where there are such also one pruning.

    Learning rates of algorithm 1, which prunes, and of networks that learn a task are two things, and never the same.
    """
    found = [
        (a, b)
        for a, b in itertools.product(ones, others)
        if a.learning_rate is not None
        and a.learning_rate == b.learning_rate
        and (a.pruning is None) == (b.pruning is None)
    ]
    alike = [(a, b) for a, b in found if a.pruning == b.pruning]
    return [(a.name, b.name) for a, b in alike or found]


def _best(of_source: dict[str, list[Group]], accuracy: pd.DataFrame) -> dict[str, str]:
    """The group of best accuracy of every source that has several and learned a task."""
    if accuracy.empty:
        return {}
    means = accuracy.set_index("group")["accuracy_mean"].astype(float)
    return {
        source: max(groups, key=lambda group: float(means.get(group.name, -np.inf))).name
        for source, groups in of_source.items()
        if any(group.name in means.index for group in groups)
    }


def same_start(one: Compared, other: Compared) -> bool:
    """Whether networks of one seed had the same initial weights and the same data, so that seeds pair them."""
    first, second = one.study, other.study
    if first is None or second is None or first.experiment != second.experiment:
        return False
    shared = sorted(set(first.sweep.seeds) & set(second.sweep.seeds))
    if not shared or _data(first) != _data(second):
        return False
    weights, others = (initial_graph(study, shared[0]).adjacency() for study in (first, second))
    return bool(np.array_equal(weights, others))


def _data(study: Study) -> list[object]:
    """What the data and batches of a study's networks depend on, beside the seed."""
    if study.experiment == "connectome":
        return [study.connectome.noise, study.connectome.noise_mode]
    options = study.recurrent if study.experiment == "recurrent" else study.layered
    return [options.task, options.task_arguments, options.test_fraction, options.batch_size]


def corresponding(compared: Sequence[Compared], neurons: str) -> list[list[tuple[str, npt.NDArray[np.intp]]]]:
    """Sets of sources whose neurons correspond, each source with the order in which its neurons do.

    Parameters
    ----------
    compared
        All sources.
    neurons
        ``auto``: neurons of files correspond by their names, those of runs where networks are built alike (the same
        layers or roles); ``order``: neurons of all networks of one size, by their order; ``none``.
    """
    sets: dict[object, list[tuple[str, npt.NDArray[np.intp]]]] = {}
    for each in compared:
        if neurons == "none":
            continue
        graph = _any_graph(each)
        if neurons == "order":
            sets.setdefault(graph.n, []).append((each.label, np.arange(graph.n)))
        elif isinstance(each.source.networks[0], RunNetwork):
            study = each.study
            assert study is not None
            built = (study.experiment, graph.n, _marks(graph))
            sets.setdefault(built, []).append((each.label, np.arange(graph.n)))
        elif graph.names is not None:
            order = np.argsort(np.asarray(graph.names, dtype=object).astype(str), kind="stable")
            key = tuple(sorted(map(str, graph.names)))
            sets.setdefault(key, []).append((each.label, order))
    return [found for found in sets.values() if len(found) > 1]


def _any_graph(compared: Compared) -> WeightGraph:
    network = compared.source.networks[0]
    if isinstance(network, FileNetwork):
        return network.graph
    return initial_graph(network.study, network.cell.seed)


def _marks(graph: WeightGraph) -> tuple[str, ...]:
    marks = graph.layers if graph.layers is not None else graph.roles
    return () if marks is None else tuple(map(str, np.asarray(marks).tolist()))
