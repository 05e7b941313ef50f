"""A network as a file gives it, and what becomes of it: nothing is merged, dropped or guessed without a word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError, choice, counted, finite_array, plural, real_number, setting, true_or_false
from ..edges import MERGES, synapses_of_edges
from ..weight_graph import WeightGraph

SELF_SYNAPSES = ("keep", "drop", "refuse")
ISOLATED = ("keep", "drop")
MISSING = ("refuse", "drop")


class GraphFileWarning(UserWarning):
    """What of a file was merged, dropped, completed or read by default; one line for each file."""


@dataclass
class ForeignNetwork:
    """A network as a file gives it.

    Parameters
    ----------
    n
        Number of neurons.
    source, target
        Neuron indices of each edge, shape (edges,).
    weight
        Weight of each edge, shape (edges,); NaN where the file has none.
    marks
        Fields of the neurons, as of a :class:`creditgraph.graphs.WeightGraph`.
    initial
        Untrained weight of each edge, shape (edges,), 0 where there was no synapse; or None.
    directed
        Whether an edge leads one way only.
    notes
        What the user should know.
    first_missing
        Where in the file the first weight is missing, in words; empty where that is not known, or no weight is given.
    doubled
        Whether the weight of an edge counts twice, shape (edges,); or None. So does an undirected loop among directed
        edges.
    """

    n: int
    source: npt.NDArray[Any]
    target: npt.NDArray[Any]
    weight: npt.NDArray[np.float64]
    marks: dict[str, Any] = field(default_factory=dict)
    initial: npt.NDArray[np.float64] | None = None
    directed: bool = True
    notes: list[str] = field(default_factory=list)
    first_missing: str = ""
    doubled: npt.NDArray[np.bool_] | None = None

    def called(self, neuron: int) -> str:
        """A neuron by its name where it has one, else by its number."""
        names = self.marks.get("names")
        return str(neuron) if names is None else str(names[neuron])[:40]


@dataclass(frozen=True)
class Wishes:
    """What the user wants done with edges and neurons that are not plain; see :func:`creditgraph.graphs.read_graph`."""

    directed: bool | None
    duplicates: str
    self_synapses: str
    isolated: str
    missing_weights: str | float

    def __post_init__(self) -> None:
        if self.directed is not None:
            true_or_false("directed", self.directed)
        choice("duplicates", self.duplicates, MERGES)
        choice("self_synapses", self.self_synapses, SELF_SYNAPSES)
        choice("isolated", self.isolated, ISOLATED)
        if isinstance(self.missing_weights, str):
            choice("missing_weights", self.missing_weights, MISSING)
        else:
            real_number("missing_weights", self.missing_weights)


def settled(network: ForeignNetwork, wishes: Wishes) -> WeightGraph:
    """The graph of a network, by the user's wishes; what was done is added to the network's notes."""
    if not network.n:
        raise DataError("the file has no neurons, expected at least one")
    _complete_weights(network, wishes.missing_weights)
    if network.doubled is not None:
        network.weight = np.where(network.doubled, 2.0 * network.weight, network.weight)
        if network.initial is not None:
            network.initial = np.where(network.doubled, 2.0 * network.initial, network.initial)
    _without_self_synapses(network, wishes.self_synapses)
    graph = _joined(network, wishes)
    if wishes.isolated == "drop":
        return without_isolated(graph, network.notes)
    return graph


def refuse_twice(network: ForeignNetwork) -> None:
    """Refuse several edges for one ordered pair of neurons, in a file with untrained weights.

    Raises
    ------
    DataError
        With their count.
    """
    places = network.target.astype(np.int64) * network.n + network.source
    count = len(places) - len(np.unique(places))
    if count:
        raise _twice(count)


def _complete_weights(network: ForeignNetwork, wish: str | float) -> None:
    absent = np.isnan(network.weight)
    count = int(absent.sum())
    if not count:
        return
    if count == len(network.weight) and not network.first_missing:
        network.weight = np.ones(count)
        network.notes.append("no synapse has a weight: each counts 1")
    elif wish == "refuse":
        first = f", the first in {network.first_missing}" if network.first_missing else ""
        raise DataError(
            f"weight: {count} of {counted(len(network.weight), 'synapse')} {plural(count, 'has', 'have')} no "
            f"weight{first}; leave them out of the file or write 0 there, or say {setting('missing_weights', 'drop')} "
            "to leave them out, or a number"
        )
    elif wish == "drop":
        _keep(network, ~absent)
        network.notes.append(f"{counted(count, 'synapse')} without a weight dropped")
    else:
        network.weight = np.where(absent, float(wish), network.weight)
        network.notes.append(f"{counted(count, 'synapse')} without a weight given {float(wish):g}")


def _without_self_synapses(network: ForeignNetwork, wish: str) -> None:
    loops = network.source == network.target
    count = int(loops.sum())
    if not count or wish == "keep":
        return
    if wish == "refuse":
        raise DataError(
            f"synapses: {counted(count, 'leads', 'lead')} from a neuron to itself, the first at neuron "
            f"{network.called(int(network.source[np.argmax(loops)]))};"
            f" say {setting('self_synapses', 'keep', 'drop')}"
        )
    _keep(network, ~loops)
    network.notes.append(f"{counted(count, 'self-synapse')} dropped")


def _joined(network: ForeignNetwork, wishes: Wishes) -> WeightGraph:
    finite_array("weight", network.weight)
    directed = network.directed if wishes.directed is None else wishes.directed
    n, source, target = network.n, network.source.astype(np.int64), network.target.astype(np.int64)
    edges = source * n + target if directed else np.minimum(source, target) * n + np.maximum(source, target)
    _, first = np.unique(edges, return_index=True)
    parallel = len(edges) - len(first)
    if parallel:
        _parallel(network, parallel, int(np.setdiff1d(np.arange(len(edges)), first)[0]), wishes.duplicates)
    if not directed and len(edges):
        network.notes.append(
            f"{counted(len(first), 'undirected edge')} read as a synapse each way, so that numbers of synapses, "
            "strengths and weights of communities count them twice"
        )
    pre, post, weight = synapses_of_edges(
        n, source, target, network.weight, directed=directed, duplicates=wishes.duplicates
    )
    if network.initial is None:
        zeros = int((weight == 0).sum())
        if zeros:
            network.notes.append(f"{counted(zeros, 'synapse')} of weight zero left out")
        return WeightGraph(n, pre, post, weight, **network.marks)
    untrained = synapses_of_edges(n, source, target, network.initial, directed=directed, duplicates="refuse")
    return WeightGraph(n, pre, post, weight, **network.marks, initial=WeightGraph(n, *untrained))


def _parallel(network: ForeignNetwork, count: int, first: int, wish: str) -> None:
    if network.initial is not None:
        raise _twice(count)
    if wish == "refuse":
        raise DataError(
            f"synapses: {counted(count, 'is', 'are')} parallel to another, the first from neuron "
            f"{network.called(int(network.source[first]))} to"
            f" {network.called(int(network.target[first]))}; say "
            f"{setting('duplicates', 'sum', 'mean', 'first', 'strongest')}"
        )
    network.notes.append(f"{counted(count, 'parallel synapse')} merged ({wish})")


def _twice(count: int) -> DataError:
    return DataError(
        f"synapses: {counted(count, 'is', 'are')} given twice in a file with untrained weights; merge them first"
    )


def without_isolated(graph: WeightGraph, notes: list[str]) -> WeightGraph:
    """The graph of the neurons that have synapses; how many have none is added to the notes."""
    joined = np.zeros(graph.n, dtype=bool)
    joined[graph.pre] = joined[graph.post] = True
    if not joined.any():
        dropped, kept = (setting("isolated", what) for what in ("drop", "keep"))
        raise DataError(f"neurons: all are isolated, so {dropped} leaves none; say {kept}")
    if joined.all():
        return graph
    notes.append(f"{counted(graph.n - int(joined.sum()), 'isolated neuron')} dropped")
    return graph.subgraph(joined)


def _keep(network: ForeignNetwork, kept: npt.NDArray[np.bool_]) -> None:
    network.source, network.target = network.source[kept], network.target[kept]
    network.weight = network.weight[kept]
    if network.initial is not None:
        network.initial = network.initial[kept]
    if network.doubled is not None:
        network.doubled = network.doubled[kept]
