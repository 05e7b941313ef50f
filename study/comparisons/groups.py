"""Groups of networks: those of one source at one learning rate (and pruning), and which of them are compared."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...graphs import WeightGraph
from ...guard import OptionError
from ..analyses.networks import FileNetwork
from ..config import Study
from ..sweeps import initial_graph
from .sources import Compared

NO_SEED = -1
"""Stands for the seed of a network that no seed made."""


@dataclass(frozen=True)
class Group:
    """Networks of one source that differ by their seed alone, or are the files of one folder.

    Attributes
    ----------
    name
        What it is called, unlike all others.
    source
        Label of its source.
    learning_rate, pruning
        Where its networks have them.
    networks
        Name of each network by its seed; of files in a folder by their place there.
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
            seed = NO_SEED if network.place is None else network.place
            found.setdefault((None, None), {})[seed] = network.name
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


def in_folder(compared: Compared) -> bool:
    """Whether the networks of a source are the files of a folder."""
    return any(isinstance(network, FileNetwork) and network.place is not None for network in compared.source.networks)


PAIRED = ("auto", "names")
"""Whose networks belong together: those of a seed where they start alike, and files of one name where that is said."""


def belong_together(one: Compared, other: Compared, paired: str) -> bool:
    """Whether the networks of two sources belong together two by two.

    Raises
    ------
    OptionError
        If files are to be paired by their names, and have others.
    """
    if one.study is not None or other.study is not None:
        return same_start(one, other)
    if paired != "names" or not (in_folder(one) and in_folder(other)):
        return False
    names = [
        [network.called for network in each.source.networks if isinstance(network, FileNetwork)]
        for each in (one, other)
    ]
    if names[0] != names[1]:
        strange = [*(Counter(names[0]) - Counter(names[1])), *(Counter(names[1]) - Counter(names[0]))]
        raise OptionError(
            "paired",
            paired,
            f"auto for {one.label} and {other.label}",
            f"they have files of other names, such as {strange[0]}",
        )
    return True


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


Orders = dict[str, npt.NDArray[np.intp]]
"""The order of a network's neurons in which they correspond to those of others, by the network's name."""


def corresponding(compared: Sequence[Compared], neurons: str) -> list[dict[str, Orders]]:
    """Sets of sources whose neurons correspond, each by its label with the orders in which its networks' neurons do.

    Parameters
    ----------
    compared
        All sources.
    neurons
        ``auto``: neurons of files correspond by their names, those of runs where networks are built alike (the same
        layers or roles); ``order``: neurons of all networks of one size, by their order; ``none``.
    """
    sets: dict[object, dict[str, Orders]] = {}
    for each in compared:
        alike = _alike(each, neurons)
        if alike is not None:
            sets.setdefault(alike[0], {})[each.label] = alike[1]
    return [found for found in sets.values() if len(found) > 1]


def _alike(compared: Compared, neurons: str) -> tuple[object, Orders] | None:
    """What the neurons of all networks of a source have in common with those that they correspond to, and their orders.

    None where they correspond to none.
    """
    if neurons == "none":
        return None
    if compared.study is not None:
        graph = initial_graph(compared.study, compared.study.sweep.seeds[0])
        built = graph.n if neurons == "order" else (compared.study.experiment, graph.n, _marks(graph))
        return built, {network.name: np.arange(graph.n) for network in compared.source.networks}
    graphs = {network.name: network.graph for network in compared.source.networks if isinstance(network, FileNetwork)}
    if neurons == "order":
        sizes = {graph.n for graph in graphs.values()}
        return (sizes.pop(), {name: np.arange(graph.n) for name, graph in graphs.items()}) if len(sizes) == 1 else None
    keys, orders = set(), {}
    for name, graph in graphs.items():
        if graph.names is None:
            return None
        orders[name] = np.argsort(np.asarray(graph.names, dtype=object).astype(str), kind="stable")
        keys.add(tuple(sorted(map(str, graph.names))))
    return (keys.pop(), orders) if len(keys) == 1 else None


def _marks(graph: WeightGraph) -> tuple[str, ...]:
    marks = graph.layers if graph.layers is not None else graph.roles
    return () if marks is None else tuple(map(str, np.asarray(marks).tolist()))
