"""Graphs of networkx and igraph to weight graphs and back."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import igraph
import numpy as np
import numpy.typing as npt

from ..guard import DataError, choice, counted, plural
from .edges import edge_weights, synapses_of_edges

if TYPE_CHECKING:
    import networkx as nx

    from .weight_graph import WeightGraph

# attribute of a node in foreign graphs -> field of a WeightGraph
ATTRIBUTES = {"layer": "layers", "role": "roles", "name": "names", "type": "types"}
AXES = ("x", "y", "z")


def to_networkx(g: WeightGraph) -> nx.DiGraph[int]:
    """Digraph of networkx with attribute weight and those of :func:`node_attributes`."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(g.n))
    graph.add_weighted_edges_from(zip(g.pre.tolist(), g.post.tolist(), g.weight.tolist(), strict=True))
    for attribute, values in node_attributes(g).items():
        nx.set_node_attributes(graph, dict(enumerate(values)), attribute)
    return graph


def to_igraph(g: WeightGraph) -> igraph.Graph:
    """Directed igraph graph with attribute weight and those of :func:`node_attributes`."""
    return igraph.Graph(
        n=g.n,
        # pairs one by one are read faster than an array or a list of all pairs, and take no memory
        edges=zip(g.pre.tolist(), g.post.tolist(), strict=True),
        directed=True,
        vertex_attrs=node_attributes(g),
        edge_attrs={"weight": g.weight.tolist()},
    )


def node_attributes(g: WeightGraph) -> dict[str, list[Any]]:
    """Attributes layer, role, name, type, and x, y, z of the positions, those that the graph has."""
    found = {
        attribute: values.tolist() if isinstance(values, np.ndarray) else list(values)
        for attribute, field in ATTRIBUTES.items()
        if (values := getattr(g, field)) is not None
    }
    if g.positions is not None:
        found |= dict(zip(AXES, g.positions.T.tolist(), strict=False))
    return found


def read_networkx(graph: nx.Graph[Any], duplicates: str) -> dict[str, Any]:
    """Fields of a WeightGraph from any networkx graph."""
    # by what it can do, since networkx is loaded for nobody else
    if not hasattr(graph, "nodes") or not hasattr(graph, "is_directed"):
        raise DataError(f"graph: got a value of type {type(graph).__name__}, expected a graph of networkx")
    nodes = list(graph.nodes)
    n = len(nodes)
    if not n:
        raise DataError("graph: it has no nodes, expected at least one")
    numbered = all(isinstance(node, int | np.integer) and not isinstance(node, bool) for node in nodes) and set(
        nodes
    ) == set(range(n))
    if numbered:
        nodes = list(range(n))
    fields = _marks({name: [graph.nodes[node].get(name) for node in nodes] for name in (*ATTRIBUTES, *AXES)})
    if fields["names"] is None and not numbered:
        fields["names"] = tuple(map(str, nodes))
    edges: list[tuple[Any, Any, Any]] = list(graph.edges(data="weight"))
    sources, targets, weights = zip(*edges, strict=True) if edges else ((), (), ())
    if not numbered:
        number = {node: i for i, node in enumerate(nodes)}
        sources, targets = map(number.__getitem__, sources), map(number.__getitem__, targets)  # type: ignore[assignment]
    source = np.fromiter(sources, np.int32, len(edges))
    target = np.fromiter(targets, np.int32, len(edges))
    return _fields(n, source, target, list(weights), graph.is_directed(), duplicates) | fields


def read_igraph(graph: igraph.Graph, duplicates: str) -> dict[str, Any]:
    """Fields of a WeightGraph from any igraph graph."""
    if not isinstance(graph, igraph.Graph):
        raise DataError(f"graph: got a value of type {type(graph).__name__}, expected a graph of igraph")
    n = graph.vcount()
    if not n:
        raise DataError("graph: it has no vertices, expected at least one")
    known = graph.vs.attributes()
    fields = _marks({name: graph.vs[name] if name in known else [None] * n for name in (*ATTRIBUTES, *AXES)})
    ends = np.fromiter(chain.from_iterable(graph.get_edgelist()), np.int32, 2 * graph.ecount())
    weights = graph.es["weight"] if "weight" in graph.es.attributes() else [None] * graph.ecount()
    return _fields(n, ends[::2], ends[1::2], weights, graph.is_directed(), duplicates) | fields


def _fields(
    n: int,
    source: npt.NDArray[Any],
    target: npt.NDArray[Any],
    weights: list[Any],
    directed: bool,
    duplicates: str,
) -> dict[str, Any]:
    choice("duplicates", duplicates, ("refuse", "sum"))
    pre, post, weight = synapses_of_edges(
        n, source, target, edge_weights(weights), directed=directed, duplicates=duplicates
    )
    return {"n": n, "pre": pre, "post": post, "weight": weight}


def _marks(attributes: dict[str, list[Any]]) -> dict[str, Any]:
    found = {name: _attribute(name, values) for name, values in attributes.items()}
    fields = {field: found[attribute] for attribute, field in ATTRIBUTES.items()}
    axes = [found[axis] for axis in AXES]
    while axes and axes[-1] is None:
        axes.pop()
    # a single axis is somebody else's attribute of that name
    complete = len(axes) > 1 and all(axis is not None for axis in axes)
    fields["positions"] = list(zip(*axes, strict=True)) if complete else None
    return fields


def _attribute(name: str, values: list[Any]) -> Any:
    missing = sum(value is None for value in values)
    if missing == len(values):
        return None
    if missing:
        raise DataError(
            f"{name}: {missing} of {counted(len(values), 'neuron')} {plural(missing, 'has', 'have')} none; "
            "give every neuron the attribute, or none"
        )
    return values
