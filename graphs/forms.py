"""The forms that a weight graph has elsewhere: matrices, and graphs of networkx and igraph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError
from . import convert, matrices
from .layers import read_layers, to_layers

if TYPE_CHECKING:
    import igraph
    import networkx as nx
    import scipy.sparse

    from .weight_graph import WeightGraph


class OtherForms(ABC):
    """What makes a :class:`creditgraph.graphs.WeightGraph` of other forms, and those of it.

    It is a class of its own only to be read apart; WeightGraph is all that is derived from it.
    """

    @abstractmethod
    def view(self, weights: str) -> WeightGraph:
        """The graph that a question is asked of."""

    @classmethod
    def from_matrix(
        cls,
        matrix: Any,
        *,
        layers: Sequence[int] | npt.NDArray[Any] | None = None,
        roles: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
        types: Sequence[str] | None = None,
        positions: npt.ArrayLike | None = None,
        initial: Any = None,
    ) -> Self:
        """Graph of a weight matrix ``W[post, pre]``, dense or scipy sparse; non-zero entries are synapses.

        The rows and columns of a pandas table are matched by their labels, which become the names; where only one side
        has labels (or both are numbered from 0), by place.

        Of a float64 csr array with int32 indices in order, the values and columns are shared, not copied. Entries that
        a sparse matrix (coo, or csr out of its canonical format) has several times for one place are summed, as scipy
        reads them; so are those of `initial`. Of a file, :func:`creditgraph.graphs.read_graph` asks what is to be done.

        Raises
        ------
        DataError
            If the matrix is not square, empty, or holds NaN or infinity; if the rows and columns of a table have
            other labels, or one twice.
        """
        if isinstance(matrix, pd.DataFrame):
            matrix, labels = matrices.read_table(matrix)
            names = labels if names is None else names
        n, pre, post, weight = matrices.read_matrix(matrix)
        fields: dict[str, Any] = {
            "n": n,
            "pre": pre,
            "post": post,
            "weight": weight,
            "layers": layers,
            "roles": roles,
            "names": names,
            "types": types,
            "positions": positions,
            "initial": initial,
        }
        return cls(**fields)

    @classmethod
    def from_layers(
        cls,
        blocks: Sequence[Any],
        *,
        names: Sequence[str] | None = None,
        recurrent: Mapping[int, Any] | None = None,
        initial: Sequence[Any] | WeightGraph | None = None,
    ) -> Self:
        """Graph of a layered network from its weight matrices, each of shape (n_post, n_pre), the first layer's first.

        Neurons are numbered layer by layer; ``layers`` is set from 0, ``roles`` to input, hidden and output. Weights
        of zero are no synapses.

        Parameters
        ----------
        blocks
            The matrices, as arrays or tensors: of PyTorch the `weight` of each linear layer.
        names
            Of all neurons.
        recurrent
            Synapses within layers: a matrix of shape (n, n) by the number of its layer, 0 that of the input.
        initial
            Untrained weights: matrices of the same shapes, or, where layers are recurrent, another graph of layers.

        Raises
        ------
        DataError
            If consecutive matrices disagree on the size of the layer between them, a recurrent one has another size
            than its layer, or untrained weights are of other layers.
        OptionError
            If a recurrent matrix is of a layer that there is not.

        Examples
        --------
        >>> from creditgraph.graphs import WeightGraph
        >>> WeightGraph.from_layers([[[1.0, 2.0]], [[3.0]]], recurrent={1: [[0.5]]}).adjacency().tolist()
        [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 0.5, 0.0], [0.0, 0.0, 3.0, 0.0]]
        """
        fields = read_layers(blocks, names, recurrent)
        if initial is None:
            return cls(**fields)
        untrained: Any = initial if hasattr(initial, "synapses") else cls.from_layers(initial)
        if untrained.layers is None or not np.array_equal(untrained.layers, fields["layers"]):
            raise DataError(
                f"initial: got untrained weights of layers of {_sizes(untrained.layers)} neurons, expected "
                f"{_sizes(fields['layers'])}"
            )
        fields["initial"] = untrained
        return cls(**fields)

    @classmethod
    def from_networkx(cls, graph: nx.Graph[Any], *, duplicates: str = "refuse") -> Self:
        """Graph of a networkx graph: the edge u -> v with its attribute ``weight`` is the synapse from u to v.

        Node attributes ``layer``, ``role``, ``name`` and ``type`` become layers, roles, names and types, ``x``, ``y``
        and ``z`` positions, where all nodes have them.
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
    def from_igraph(cls, graph: igraph.Graph, *, duplicates: str = "refuse") -> Self:
        """Graph of an igraph graph; as :meth:`from_networkx`, vertices keep their numbers."""
        return cls(**convert.read_igraph(graph, duplicates))

    def adjacency(self, *, weights: str = "signed") -> npt.NDArray[np.float64]:
        """Dense matrix ``W[post, pre]``, shape (n, n), of a :meth:`view`."""
        view = self.view(weights)
        matrix = np.zeros((view.n, view.n))
        matrix[view.post, view.pre] = view.weight
        return matrix

    def to_scipy(self, *, weights: str = "signed") -> scipy.sparse.csr_array[Any]:
        """Sparse matrix ``W[post, pre]`` (csr) of a :meth:`view`; values and columns are the view's own, read-only."""
        return matrices.to_scipy(self.view(weights))

    def to_networkx(self, *, weights: str = "signed") -> nx.DiGraph[int]:
        """Digraph of networkx of a :meth:`view`: nodes 0..n-1, edges from pre to post with attribute ``weight``.

        What is known of the neurons becomes attributes, as :meth:`from_networkx` reads them; untrained weights do not.
        """
        return convert.to_networkx(self.view(weights))

    def to_igraph(self, *, weights: str = "signed") -> igraph.Graph:
        """Directed igraph graph of a :meth:`view`: edges from pre to post with attribute ``weight``.

        What is known of the neurons becomes attributes, as :meth:`from_igraph` reads them; untrained weights do not.
        """
        return convert.to_igraph(self.view(weights))

    def to_layers(self) -> list[npt.NDArray[np.float64]]:
        """Weight matrices between consecutive layers, each of shape (n_post, n_pre); undoes :meth:`from_layers`.

        Raises
        ------
        DataError
            If the graph has no layers, a layer is empty, or a synapse does not lead to the next layer.
        """
        return to_layers(self.view("signed"))


def _sizes(layers: npt.NDArray[Any] | None) -> str:
    return "no" if layers is None else "-".join(map(str, np.bincount(layers)))
