from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import igraph
import numpy as np
import numpy.typing as npt
import scipy.sparse

from ..guard import DataError, choice, finite_array, square_matrix

if TYPE_CHECKING:
    import networkx as nx

    from .weight_graph import WeightGraph

Synapses = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]

# attribute of a node in foreign graphs -> field of a WeightGraph
ATTRIBUTES = {"layer": "layers", "role": "roles", "name": "names"}


def read_matrix(matrix: Any, name: str = "matrix") -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Neurons and synapses (n, pre, post, weight) of ``W[post, pre]``, dense or scipy sparse."""
    if scipy.sparse.issparse(matrix):
        given: Any = matrix
        if len(given.shape) != 2:
            raise DataError(f"{name}: got a sparse array of shape {given.shape}, expected 2 dimensions")
        if given.shape[0] != given.shape[1]:
            raise DataError(f"{name}: got a matrix of {given.shape[0]} x {given.shape[1]}, expected a square one")
        if given.dtype.kind not in "buif":
            raise DataError(f"{name}: got values of type {given.dtype}, expected real numbers")
        # sums of entries given twice would wrap around in small integers
        with np.errstate(over="ignore", under="ignore"):
            sparse = given.astype(np.float64).tocsr()
            sparse.sum_duplicates()
        finite_array(name, sparse.data, ndim=1)
        n, (post, pre), weight = sparse.shape[0], sparse.tocoo().coords, sparse.data
    else:
        dense = square_matrix(name, matrix)
        n = len(dense)
        post, pre = np.nonzero(dense)
        weight = dense[post, pre]
    if not n:
        raise DataError(f"{name}: got an empty matrix, expected at least one neuron")
    return n, pre, post, weight


def read_layers(
    blocks: Sequence[Any],
) -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], tuple[str, ...]]:
    """Neurons, synapses, layers and roles of weight matrices, each of shape (n_post, n_pre)."""
    if not isinstance(blocks, Iterable):
        raise DataError(f"blocks: got a value of type {type(blocks).__name__}, expected a list of weight matrices")
    matrices = [finite_array(f"blocks[{i}]", block, ndim=2) for i, block in enumerate(blocks)]
    if not matrices or not all(matrix.size for matrix in matrices):
        raise DataError("blocks: expected at least one weight matrix, none of them empty")
    for i, (below, above) in enumerate(pairwise(matrices)):
        if above.shape[1] != below.shape[0]:
            raise DataError(
                f"blocks[{i + 1}]: got a matrix of {above.shape[0]} x {above.shape[1]}, expected {below.shape[0]}"
                f" columns, as many as blocks[{i}] has rows"
            )
    sizes = [matrices[0].shape[1], *(matrix.shape[0] for matrix in matrices)]
    starts = np.cumsum([0, *sizes])
    found = [np.nonzero(matrix) for matrix in matrices]
    pre = np.concatenate([columns + starts[i] for i, (_, columns) in enumerate(found)])
    post = np.concatenate([rows + starts[i + 1] for i, (rows, _) in enumerate(found)])
    weight = np.concatenate([matrix[places] for matrix, places in zip(matrices, found, strict=True)])
    layers = np.repeat(np.arange(len(sizes)), sizes)
    names = ["input", *["hidden"] * (len(sizes) - 2), "output"]
    roles = tuple(chain.from_iterable([name] * size for name, size in zip(names, sizes, strict=True)))
    return int(starts[-1]), pre, post, weight, layers, roles


def to_layers(g: WeightGraph) -> list[npt.NDArray[np.float64]]:
    """Weight matrices between consecutive layers."""
    if g.layers is None:
        raise DataError("layers: the graph has none, so there are no blocks between layers")
    sizes = np.bincount(g.layers)
    if not sizes.all():
        raise DataError(f"layers: layer {int(np.argmin(sizes > 0))} of 0..{len(sizes) - 1} is empty")
    below = g.layers[g.pre]
    strays = np.flatnonzero(g.layers[g.post] != below + 1)
    if len(strays):
        raise DataError(
            f"synapses: {len(strays)} do not lead to the next layer, the first from neuron {g.pre[strays[0]]} (layer"
            f" {below[strays[0]]}) to {g.post[strays[0]]} (layer {g.layers[g.post[strays[0]]]})"
        )
    order = np.argsort(g.layers, kind="stable")
    place = np.empty(g.n, dtype=np.int64)
    place[order] = np.arange(g.n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    blocks = [np.zeros((above, width)) for width, above in pairwise(sizes)]
    for layer, block in enumerate(blocks):
        chosen = np.flatnonzero(below == layer)
        block[place[g.post[chosen]], place[g.pre[chosen]]] = g.weight[chosen]
    return blocks


def to_scipy(g: WeightGraph) -> scipy.sparse.csr_array[Any]:
    """Sparse matrix ``W[post, pre]``."""
    return scipy.sparse.csr_array((g.weight, (g.post, g.pre)), shape=(g.n, g.n))


def to_networkx(g: WeightGraph) -> nx.DiGraph[int]:
    """Digraph of networkx with attributes weight, layer, role and name."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(g.n))
    graph.add_weighted_edges_from(zip(g.pre.tolist(), g.post.tolist(), g.weight.tolist(), strict=True))
    for attribute, values in _node_attributes(g).items():
        nx.set_node_attributes(graph, dict(enumerate(values)), attribute)
    return graph


def to_igraph(g: WeightGraph) -> igraph.Graph:
    """Directed igraph graph with attributes weight, layer, role and name."""
    return igraph.Graph(
        n=g.n,
        # a list of pairs is read three times faster than an array
        edges=list(zip(g.pre.tolist(), g.post.tolist(), strict=True)),
        directed=True,
        vertex_attrs=_node_attributes(g),
        edge_attrs={"weight": g.weight.tolist()},
    )


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
    fields: dict[str, Any] = {}
    for attribute, field in ATTRIBUTES.items():
        values = [graph.nodes[node].get(attribute) for node in nodes]
        fields[field] = _attribute(attribute, values)
    if fields["names"] is None and not numbered:
        fields["names"] = tuple(map(str, nodes))
    edges: list[tuple[Any, Any, Any]] = list(graph.edges(data="weight"))
    sources, targets, weights = zip(*edges, strict=True) if edges else ((), (), ())
    if not numbered:
        number = {node: i for i, node in enumerate(nodes)}
        sources, targets = map(number.__getitem__, sources), map(number.__getitem__, targets)  # type: ignore[assignment]
    pre = np.fromiter(sources, np.int32, len(edges))
    post = np.fromiter(targets, np.int32, len(edges))
    return _fields(n, pre, post, list(weights), graph.is_directed(), duplicates) | fields


def read_igraph(graph: igraph.Graph, duplicates: str) -> dict[str, Any]:
    """Fields of a WeightGraph from any igraph graph."""
    if not isinstance(graph, igraph.Graph):
        raise DataError(f"graph: got a value of type {type(graph).__name__}, expected a graph of igraph")
    n = graph.vcount()
    if not n:
        raise DataError("graph: it has no vertices, expected at least one")
    known = graph.vs.attributes()
    fields = {
        field: _attribute(attribute, graph.vs[attribute]) if attribute in known else None
        for attribute, field in ATTRIBUTES.items()
    }
    ends = np.fromiter(chain.from_iterable(graph.get_edgelist()), np.int32, 2 * graph.ecount())
    weights = graph.es["weight"] if "weight" in graph.es.attributes() else [None] * graph.ecount()
    return _fields(n, ends[::2], ends[1::2], weights, graph.is_directed(), duplicates) | fields


def _fields(
    n: int, pre: npt.NDArray[Any], post: npt.NDArray[Any], weights: list[Any], directed: bool, duplicates: str
) -> dict[str, Any]:
    choice("duplicates", duplicates, ("refuse", "sum"))
    weight = _weights(weights)
    if not directed:
        loop, other = np.flatnonzero(pre == post), np.flatnonzero(pre != post)
        # an edge weighs twice its weight in V + V^T, one synapse each way; so must a loop, which is a single synapse
        with np.errstate(over="ignore"):
            weight[loop] *= 2.0
        pre, post = np.concatenate([pre, post[other]]), np.concatenate([post, pre[other]])
        weight = np.concatenate([weight, weight[other]])
    pre, post, weight = _merged(n, pre, post, weight, duplicates)
    return {"n": n, "pre": pre, "post": post, "weight": weight}


def _weights(given: list[Any]) -> npt.NDArray[Any]:
    # not given.count(None): an array compared with None is no truth
    missing = sum(weight is None for weight in given)
    if missing == len(given):
        return np.ones(len(given))
    if missing:
        raise DataError(
            f"weight: {missing} of {len(given)} edges have none; give every edge the attribute weight, or none of them"
        )
    return finite_array("weight", given, ndim=1).astype(np.float64)


def _merged(
    n: int, pre: npt.NDArray[Any], post: npt.NDArray[Any], weight: npt.NDArray[Any], duplicates: str
) -> Synapses:
    places, first, which = np.unique(post.astype(np.int64) * n + pre, return_index=True, return_inverse=True)
    if len(places) == len(weight):
        return pre[first], post[first], weight[first]
    if duplicates == "refuse":
        twice = first[np.bincount(which) > 1][0]
        raise DataError(
            f"edges: {len(weight) - len(places)} are parallel to another, the first from {pre[twice]} to {post[twice]};"
            " merge them first, or say duplicates='sum'"
        )
    return pre[first], post[first], np.bincount(which, weight, len(places))


def _attribute(name: str, values: list[Any]) -> Any:
    missing = sum(value is None for value in values)
    if missing == len(values):
        return None
    if missing:
        raise DataError(
            f"{name}: {missing} of {len(values)} neurons have none; give every neuron the attribute, or none"
        )
    return values


def _node_attributes(g: WeightGraph) -> dict[str, list[Any]]:
    fields = {attribute: getattr(g, field) for attribute, field in ATTRIBUTES.items()}
    return {
        attribute: values.tolist() if isinstance(values, np.ndarray) else list(values)
        for attribute, values in fields.items()
        if values is not None
    }
