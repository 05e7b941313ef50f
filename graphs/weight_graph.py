from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, choice, counted, finite_array, whole_number
from . import matrices
from .fields import layer_numbers, neuron_indices, neuron_positions, neuron_texts, read_only
from .forms import OtherForms

VIEWS = ("absolute", "positive", "negative", "signed", "change", "absolute_change")

# fields that belong to neurons, one value each
MARKS = ("layers", "roles", "names", "types", "positions")


@dataclass(frozen=True, eq=False, repr=False)
class WeightGraph(OtherForms):
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
    types
        Type of each neuron, such as "excitatory", "inhibitory", "mixed" (see :meth:`sign_types`), length n; or None.
    positions
        Position of each neuron, in the user's unit of length, shape (n, 2) or (n, 3); or None.
    initial
        Untrained weights ``W0[post, pre]`` of the same neurons, a matrix or a graph; kept as a graph; or None. What a
        sparse matrix has several times for one place is summed, as scipy reads it.

    Raises
    ------
    DataError
        If lengths disagree, an index is outside 0..n-1, a weight is NaN or infinite, or a synapse is given twice.

    Notes
    -----
    Two graphs are equal (``==`` or :meth:`same_as`) when neurons, synapses, weights (to the bit) and all fields of
    neurons are, and their untrained weights. The arrays are read-only views of what was given: nothing is copied if
    `pre` and `post` are int32, `weight` float64 and all in the order of the matrix.

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
    types: tuple[str, ...] | None = None
    positions: npt.NDArray[np.float64] | None = None
    initial: WeightGraph | None = None

    def __post_init__(self) -> None:
        n = whole_number("n", self.n, 1, np.iinfo(np.int32).max)
        pre, post = neuron_indices("pre", self.pre, n), neuron_indices("post", self.post, n)
        weight = finite_array("weight", self.weight, ndim=1).astype(np.float64, copy=False)
        if not len(pre) == len(post) == len(weight):
            raise DataError(
                f"pre, post and weight: got {len(pre)}, {len(post)} and {counted(len(weight), 'value')}, "
                "expected as many"
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
                    f"synapses: {counted(len(twice), 'is', 'are')} given more than once, the first from "
                    f"neuron {pre[first]} to"
                    f" {post[first]}; merge them first, or convert with duplicates='sum'"
                )
        for field, array in (("pre", pre), ("post", post), ("weight", weight)):
            object.__setattr__(self, field, read_only(array))
        object.__setattr__(self, "n", n)
        if self.layers is not None:
            object.__setattr__(self, "layers", read_only(layer_numbers(self.layers, n)))
        for field in ("roles", "names", "types"):
            object.__setattr__(self, field, neuron_texts(field, getattr(self, field), n))
        if self.positions is not None:
            object.__setattr__(self, "positions", read_only(neuron_positions(self.positions, n)))
        if self.initial is not None:
            object.__setattr__(self, "initial", _untrained(self.initial, n, self.names))

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
            by their magnitude. "change": ``W - W0``, what training added to the untrained weights, over the synapses of
            either; where nothing changed there is none. "absolute_change": ``|W - W0|``.

        Returns
        -------
        WeightGraph
            The neurons with all their fields. A view of the change has no untrained weights of its own.

        Raises
        ------
        DataError
            If the change is asked for and the graph has no untrained weights (`initial`).
        """
        choice("weights", weights, VIEWS)
        if weights == "signed":
            return self
        if weights == "absolute":
            return self._over(weight=np.abs(self.weight))
        if weights == "change":
            return self._change()
        if weights == "absolute_change":
            return self._change().view("absolute")
        kept = np.flatnonzero(self.weight > 0 if weights == "positive" else self.weight < 0)
        return self._over(pre=self.pre[kept], post=self.post[kept], weight=np.abs(self.weight[kept]))

    def with_weights(self, weight: npt.ArrayLike) -> WeightGraph:
        """Same neurons and synapses, other strengths, shape (synapses,)."""
        values = finite_array("weight", weight, ndim=1).astype(np.float64, copy=False)
        if len(values) == self.synapses and values.all():
            return self._over(weight=values)
        return replace(self, weight=values)

    def keep_synapses(self, kept: npt.ArrayLike) -> WeightGraph:
        """Same neurons with some of the synapses: a boolean mask over them, shape (synapses,)."""
        mask = np.asarray(kept)
        if mask.dtype != bool or mask.shape != (self.synapses,):
            raise DataError(
                f"kept: got values of type {mask.dtype} and shape {mask.shape}, expected a truth value for each of the"
                f" {counted(self.synapses, 'synapse')}"
            )
        return self._over(pre=self.pre[mask], post=self.post[mask], weight=self.weight[mask])

    def subgraph(self, neurons: npt.ArrayLike) -> WeightGraph:
        """Some of the neurons, and the synapses among them.

        Parameters
        ----------
        neurons
            Their indices, each once, at least one: neuron i of the subgraph is ``neurons[i]``. Or a boolean mask,
            shape (n,).

        Raises
        ------
        DataError
            If an index is not one of a neuron, or given twice, or there is none.

        Examples
        --------
        >>> g = WeightGraph.from_matrix([[0, 2, 0], [0, 0, 0], [5, 0, 0]], names=["a", "b", "c"])
        >>> g.subgraph([2, 0]).adjacency().tolist()
        [[0.0, 5.0], [0.0, 0.0]]
        """
        mask = np.asarray(neurons)
        chosen = np.flatnonzero(mask) if mask.dtype == bool and mask.shape == (self.n,) else mask
        chosen = neuron_indices("neurons", chosen, self.n)
        number = np.full(self.n, -1, dtype=np.int32)
        number[chosen] = np.arange(len(chosen))
        if not len(chosen) or (number >= 0).sum() < len(chosen):
            raise DataError(
                f"neurons: got {counted(len(chosen), 'index', 'indices')}, expected at least one, and none "
                "of them twice"
            )
        pre, post = number[self.pre], number[self.post]
        inside = (pre >= 0) & (post >= 0)
        marks: dict[str, Any] = {}
        for field in MARKS:
            values = getattr(self, field)
            marks[field] = values[chosen] if isinstance(values, np.ndarray) else values and [values[i] for i in chosen]
        if self.initial is not None:
            marks["initial"] = self.initial.subgraph(chosen)
        return WeightGraph(len(chosen), pre[inside], post[inside], self.weight[inside], **marks)

    def sign_types(self) -> tuple[str, ...]:
        """Type of each neuron by the signs of its outgoing synapses, length n.

        "excitatory" if all are positive, "inhibitory" if all are negative, "mixed" if there are both, "none" if there
        are no outgoing synapses.

        Examples
        --------
        >>> WeightGraph.from_matrix([[1, -2, 3], [4, -5, -6], [0, 0, 0]]).sign_types()
        ('excitatory', 'inhibitory', 'mixed')
        """
        positive = np.bincount(self.pre[self.weight > 0], minlength=self.n) > 0
        negative = np.bincount(self.pre[self.weight < 0], minlength=self.n) > 0
        kinds = np.array(["none", "excitatory", "inhibitory", "mixed"])
        return tuple(kinds[positive + 2 * negative].tolist())

    def same_as(self, other: WeightGraph) -> bool:
        """Whether neurons, synapses, weights (to the bit), all fields of neurons and untrained weights are equal."""
        weight_graph("other", other)
        return all(_equal(getattr(self, field.name), getattr(other, field.name)) for field in fields(self))

    def __eq__(self, other: object) -> bool:
        return self.same_as(other) if isinstance(other, WeightGraph) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        layers = "" if self.layers is None else f", layers={len(np.unique(self.layers))}"
        return f"WeightGraph(n={self.n}, synapses={self.synapses}{layers})"

    def _over(self, **arrays: npt.NDArray[Any]) -> WeightGraph:
        """The graph with other synapses that need no check: in order, none of them zero."""
        # checks and sorting would cost more than a null model does
        graph = object.__new__(WeightGraph)
        for field in fields(self):
            value = arrays.get(field.name)
            object.__setattr__(graph, field.name, getattr(self, field.name) if value is None else read_only(value))
        return graph

    def _change(self) -> WeightGraph:
        if self.initial is None:
            raise DataError("initial: the graph has no untrained weights, so there is no change; give them as initial")
        change = self.to_scipy() - self.initial.to_scipy()
        _, pre, post, weight = matrices.read_matrix(change, "change")
        return replace(self, pre=pre, post=post, weight=weight, initial=None)


def weight_graph(name: str, given: Any) -> WeightGraph:
    """Return `given` if it is a :class:`WeightGraph`, or raise :class:`DataError`."""
    if not isinstance(given, WeightGraph):
        raise DataError(f"{name}: got a value of type {type(given).__name__}, expected a WeightGraph")
    return given


def _untrained(given: Any, n: int, names: Sequence[str] | None) -> WeightGraph:
    """Untrained weights as a graph that has nothing else."""
    bare = isinstance(given, WeightGraph) and all(getattr(given, field) is None for field in (*MARKS, "initial"))
    if isinstance(given, WeightGraph):
        graph = given if bare else WeightGraph(given.n, given.pre, given.post, given.weight)
    else:
        graph = WeightGraph(*matrices.read_matrix(matrices.of_names(given, names, "initial"), "initial"))
    if graph.n != n:
        raise DataError(
            f"initial: got untrained weights of {counted(graph.n, 'neuron')}, expected {n}, as in the graph"
        )
    return graph


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return type(one) is type(other) and one == other
