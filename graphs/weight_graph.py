from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, choice, finite_array, square_matrix, whole_number
from . import convert

if TYPE_CHECKING:
    import igraph
    import networkx as nx
    import scipy.sparse

VIEWS = ("absolute", "positive", "negative", "signed")


@dataclass(frozen=True, eq=False, repr=False)
class WeightGraph:
    """A network of neurons and weighted, directed synapses.

    Synapse number s runs from neuron ``pre[s]`` to neuron ``post[s]`` with strength ``weight[s]``: the entry
    ``W[post[s], pre[s]]`` of the weight matrix. Synapses are kept in the order of that matrix (by post, then pre), at
    most one for each ordered pair; a self-synapse is allowed. A weight of zero is no synapse: it is left out.

    Parameters
    ----------
    n
        Number of neurons, isolated ones included.
    pre, post
        Neuron indices from 0, shape (synapses,), kept as int32.
    weight
        Finite strengths, shape (synapses,), kept as float64 (float32 values are kept exactly).
    layers
        Layer of each neuron, whole numbers of at least 0, shape (n,); or None.
    roles
        Role of each neuron, such as "input", "hidden", "output", length n; or None.
    names
        Name of each neuron, length n; or None.

    Raises
    ------
    DataError
        If lengths disagree, an index is outside 0..n-1, a weight is NaN or infinite, or a synapse is given twice.

    Notes
    -----
    Two graphs are equal (``==`` or :meth:`same_as`) when neurons, synapses, weights (to the bit), layers, roles and
    names are. The arrays are read-only views of what was given.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0.0, -2.0], [0.5, 0.0]])
    >>> g
    WeightGraph(n=2, synapses=2)
    >>> g.pre.tolist(), g.post.tolist(), g.weight.tolist()
    ([1, 0], [0, 1], [-2.0, 0.5])
    """

    n: int
    pre: npt.NDArray[np.int32]
    post: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    layers: npt.NDArray[np.int32] | None = None
    roles: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        n = whole_number("n", self.n, 1, np.iinfo(np.int32).max)
        pre, post = _indices("pre", self.pre, n), _indices("post", self.post, n)
        weight = finite_array("weight", self.weight, ndim=1).astype(np.float64, copy=False)
        if not len(pre) == len(post) == len(weight):
            raise DataError(
                f"pre, post and weight: got {len(pre)}, {len(post)} and {len(weight)} values, expected as many"
            )
        if not weight.all():
            kept = np.flatnonzero(weight)
            pre, post, weight = pre[kept], post[kept], weight[kept]
        place = post.astype(np.int64) * n + pre
        if (np.diff(place) <= 0).any():
            order = np.argsort(place, kind="stable")
            pre, post, weight, place = pre[order], post[order], weight[order], place[order]
            twice = np.flatnonzero(np.diff(place) == 0)
            if len(twice):
                first = twice[0]
                raise DataError(
                    f"synapses: {len(twice)} are given more than once, the first from neuron {pre[first]} to"
                    f" {post[first]}; merge them first, or convert with duplicates='sum'"
                )
        for field, array in (("pre", pre), ("post", post), ("weight", weight)):
            object.__setattr__(self, field, _read_only(array))
        object.__setattr__(self, "n", n)
        if self.layers is not None:
            object.__setattr__(self, "layers", _read_only(_layers(self.layers, n)))
        for field in ("roles", "names"):
            object.__setattr__(self, field, _texts(field, getattr(self, field), n))

    @classmethod
    def from_matrix(
        cls,
        matrix: Any,
        *,
        layers: Sequence[int] | npt.NDArray[Any] | None = None,
        roles: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
    ) -> WeightGraph:
        """Graph of a weight matrix ``W[post, pre]``, dense or scipy sparse; non-zero entries are synapses.

        Raises
        ------
        DataError
            If the matrix is not square, empty, or holds NaN or infinity.
        """
        n, pre, post, weight = convert.read_matrix(matrix)
        return cls(n, pre, post, weight, layers=layers, roles=roles, names=names)  # type: ignore[arg-type]

    @classmethod
    def from_layers(cls, blocks: Sequence[Any], *, names: Sequence[str] | None = None) -> WeightGraph:
        """Graph of a layered network from its weight matrices, each of shape (n_post, n_pre), the first layer's first.

        Neurons are numbered layer by layer; ``layers`` is set from 0, ``roles`` to input, hidden and output.

        Raises
        ------
        DataError
            If consecutive matrices disagree on the size of the layer between them.
        """
        n, pre, post, weight, layers, roles = convert.read_layers(blocks)
        return cls(n, pre, post, weight, layers=layers, roles=roles, names=names)  # type: ignore[arg-type]

    @classmethod
    def from_networkx(cls, graph: nx.Graph[Any], *, duplicates: str = "refuse") -> WeightGraph:
        """Graph of a networkx graph: the edge u -> v with its attribute ``weight`` is the synapse from u to v.

        Node attributes ``layer``, ``role`` and ``name`` become layers, roles and names, where all nodes have them.
        Nodes 0..n-1 keep their numbers; any other nodes are numbered as networkx lists them, and their labels become
        the names. Where no edge has a weight, each counts 1. An edge of an undirected graph becomes a synapse in each
        direction, a self-loop one synapse of twice its weight: beside pairs of synapses it then counts as in networkx
        and igraph (once within its community, twice in the strength of its node), and the undirected modularity is
        theirs. Self-loops of directed graphs keep their weight.

        Parameters
        ----------
        graph
            Any networkx graph.
        duplicates
            What to do with parallel edges: "refuse", or "sum" their weights.

        Raises
        ------
        DataError
            If some edges have a weight and others none, some nodes an attribute and others none, a weight is no finite
            number, edges are parallel and not to be summed, or `graph` is none of networkx.
        """
        return cls(**convert.read_networkx(graph, duplicates))

    @classmethod
    def from_igraph(cls, graph: igraph.Graph, *, duplicates: str = "refuse") -> WeightGraph:
        """Graph of an igraph graph; as :meth:`from_networkx`, vertices keep their numbers."""
        return cls(**convert.read_igraph(graph, duplicates))

    @property
    def synapses(self) -> int:
        """Count of synapses."""
        return len(self.weight)

    def view(self, weights: str) -> WeightGraph:
        """The graph that a question is asked of.

        Parameters
        ----------
        weights
            "signed": as it is. "absolute": ``|W|``. "positive": the synapses above 0. "negative": the synapses below 0,
            by their magnitude.
        """
        choice("weights", weights, VIEWS)
        if weights == "signed":
            return self
        if weights == "absolute":
            return replace(self, weight=np.abs(self.weight))
        kept = np.flatnonzero(self.weight > 0 if weights == "positive" else self.weight < 0)
        return replace(self, pre=self.pre[kept], post=self.post[kept], weight=np.abs(self.weight[kept]))

    def with_weights(self, weight: npt.NDArray[Any]) -> WeightGraph:
        """Same neurons and synapses, other strengths, shape (synapses,)."""
        return replace(self, weight=weight)

    def adjacency(self, *, weights: str = "signed") -> npt.NDArray[np.float64]:
        """Dense matrix ``W[post, pre]``, shape (n, n), of a :meth:`view`."""
        view = self.view(weights)
        matrix = np.zeros((self.n, self.n))
        matrix[view.post, view.pre] = view.weight
        return matrix

    def to_scipy(self, *, weights: str = "signed") -> scipy.sparse.csr_array[Any]:
        """Sparse matrix ``W[post, pre]`` (csr) of a :meth:`view`."""
        return convert.to_scipy(self.view(weights))

    def to_networkx(self, *, weights: str = "signed") -> nx.DiGraph[int]:
        """Digraph of networkx of a :meth:`view`: nodes 0..n-1, edges from pre to post with attribute ``weight``."""
        return convert.to_networkx(self.view(weights))

    def to_igraph(self, *, weights: str = "signed") -> igraph.Graph:
        """Directed igraph graph of a :meth:`view`: edges from pre to post with attribute ``weight``."""
        return convert.to_igraph(self.view(weights))

    def to_layers(self) -> list[npt.NDArray[np.float64]]:
        """Weight matrices between consecutive layers, each of shape (n_post, n_pre); undoes :meth:`from_layers`.

        Raises
        ------
        DataError
            If the graph has no layers, a layer is empty, or a synapse does not lead to the next layer.
        """
        return convert.to_layers(self)

    def same_as(self, other: WeightGraph) -> bool:
        """Whether neurons, synapses, weights (to the bit), layers, roles and names are equal."""
        layers = (
            self.layers is None
            if other.layers is None
            else self.layers is not None and np.array_equal(self.layers, other.layers)
        )
        return (
            self.n == other.n
            and np.array_equal(self.pre, other.pre)
            and np.array_equal(self.post, other.post)
            and np.array_equal(self.weight, other.weight)
            and layers
            and self.roles == other.roles
            and self.names == other.names
        )

    def __eq__(self, other: object) -> bool:
        return self.same_as(other) if isinstance(other, WeightGraph) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        layers = "" if self.layers is None else f", layers={len(np.unique(self.layers))}"
        return f"WeightGraph(n={self.n}, synapses={self.synapses}{layers})"


def layer_blocks(g: WeightGraph) -> npt.NDArray[np.int64]:
    """Number of the block (layer of post, layer of pre) of each synapse; a single block where there are no layers."""
    if g.layers is None:
        return np.zeros(g.synapses, dtype=np.int64)
    ranks = np.unique(g.layers, return_inverse=True)[1]
    return ranks[g.post] * (int(ranks.max()) + 1) + ranks[g.pre]


def weight_graph(name: str, given: Any) -> WeightGraph:
    """Return `given` if it is a :class:`WeightGraph`, or raise :class:`DataError`."""
    if not isinstance(given, WeightGraph):
        raise DataError(f"{name}: got a value of type {type(given).__name__}, expected a WeightGraph")
    return given


def weight_matrix(name: str, matrix: Any) -> npt.NDArray[np.float64]:
    """Dense float64 matrix of a :class:`WeightGraph` or of anything that reads as a square matrix."""
    if isinstance(matrix, WeightGraph):
        return matrix.adjacency()
    if hasattr(matrix, "toarray"):
        n, pre, post, weight = convert.read_matrix(matrix, name)
        return WeightGraph(n, pre, post, weight).adjacency()
    return square_matrix(name, matrix).astype(np.float64, copy=False)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _indices(name: str, given: Any, n: int) -> npt.NDArray[np.int32]:
    array = finite_array(name, given, ndim=1)
    if not array.size:
        return array.astype(np.int32)
    if array.dtype.kind not in "ui":
        raise DataError(f"{name}: got values of type {array.dtype}, expected neuron indices")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= n:
        raise DataError(f"{name}: got neuron indices from {low} to {high}, expected 0 to {n - 1}")
    return array.astype(np.int32, copy=False)


def _layers(given: Any, n: int) -> npt.NDArray[np.int32]:
    array = finite_array("layers", given, ndim=1)
    if len(array) != n:
        raise DataError(f"layers: got {len(array)} values, expected one for each of the {n} neurons")
    if array.dtype.kind not in "ui" or array.min() < 0 or array.max() > np.iinfo(np.int32).max:
        raise DataError("layers: expected whole numbers of at least 0")
    return array.astype(np.int32, copy=False)


def _texts(name: str, given: Any, n: int) -> tuple[str, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(f"{name}: got {type(given).__name__}, expected a text for each of the {n} neurons")
    texts = tuple(given)
    if len(texts) != n:
        raise DataError(f"{name}: got {len(texts)} values, expected one for each of the {n} neurons")
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"{name}: expected a text for each neuron")
    return tuple(str(text) for text in texts)
