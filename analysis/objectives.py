"""What a search for communities optimises: the weight within communities beside the weight expected there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..graphs.layers import layer_blocks
from ..graphs.weight_graph import weight_graph
from ..guard import DataError, OptionError, choice, counted, plural, real_number, true_or_false
from .membership import community_labels

OBJECTIVES = ("modularity", "signed", "layered", "cpm")

# views that keep the sign of synapses
SIGNED_VIEWS = ("signed", "change")


@dataclass(frozen=True, eq=False)
class Part:
    """Synapses that are held against a null model of their own: it expects ``factor sum_c out_c into_c`` of them.

    Parameters
    ----------
    synapses
        Which of the view's, as an index; of no use to the constant Potts model.
    sign
        1, or -1 where weight within communities counts against them.
    factor
        See above.
    out, into
        What each neuron sends and receives, shape (n,), summed up over a community ``c``; one array where the same.
    """

    synapses: npt.NDArray[np.int64] | slice
    sign: float
    factor: float
    out: npt.NDArray[np.float64]
    into: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Objective:
    """Quality of partitions of a view: weight within communities over `unit`, minus what the parts expect there.

    Parameters
    ----------
    view
        The graph.
    unit
        Weight that counts as 1.
    directed
        Whether the direction of synapses counts.
    resolution
        Gamma.
    parts
        The null model of each part.
    constant
        Added to the quality.
    """

    view: WeightGraph
    unit: float
    directed: bool
    resolution: float
    parts: tuple[Part, ...]
    constant: float = 0.0

    def value(self, membership: npt.NDArray[np.int64]) -> float:
        """Quality of a partition given as labels from 0, shape (n,)."""
        view, size = self.view, int(membership.max()) + 1
        observed = float(view.weight[membership[view.pre] == membership[view.post]].sum()) / self.unit
        expected = 0.0
        for part in self.parts:
            out = np.bincount(membership, part.out, size)
            into = out if part.into is part.out else np.bincount(membership, part.into, size)
            # not out @ into: threads of a linear algebra library would change the last digit
            expected += part.sign * part.factor * float((out * into).sum())
        return observed - expected + self.constant

    def pairs(self) -> npt.NDArray[np.float64]:
        """What each pair of neurons adds when both are in one community, shape (n, n), symmetric."""
        view = self.view
        matrix = np.zeros((view.n, view.n))
        matrix[view.post, view.pre] = view.weight / self.unit
        for part in self.parts:
            matrix -= part.sign * part.factor * np.outer(part.into, part.out)
        return matrix + matrix.T


def quality(
    g: WeightGraph,
    membership: Any,
    *,
    objective: str = "modularity",
    resolution: float = 1.0,
    directed: bool = False,
    weights: str = "absolute",
) -> float:
    """Quality of a partition of a weight graph, by any of the objectives that can be searched for.

    Parameters
    ----------
    g
        The graph.
    membership
        Community of each neuron, whole numbers, shape (n,), or a :class:`creditgraph.analysis.Partition`.
    objective
        "modularity": :func:`creditgraph.analysis.modularity`. "signed": :func:`creditgraph.analysis.signed_modularity`.
        "layered": :func:`creditgraph.analysis.layered_modularity`. "cpm":
        :func:`creditgraph.analysis.constant_potts`.
    resolution
        Gamma, above 0; for "cpm" in units of weight.
    directed
        Whether the direction of synapses counts; False for "layered", which tells layers apart by itself.
    weights
        View of the weights; "signed" or "change" for the objective "signed".

    Returns
    -------
    float
        The quality.

    Raises
    ------
    OptionError
        If an option is impossible, or two do not go together.
    DataError
        If the view has no synapse, or weights that the objective does not allow; if layers are needed and absent; if
        the membership has another length.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    >>> quality(g, [0, 0, 1, 1], objective="modularity")
    0.5
    >>> quality(g, [0, 0, 1, 1], objective="cpm", resolution=0.5)
    3.0
    """
    real_number("resolution", resolution, above=0.0)
    view = view_for(g, objective, weights=weights, directed=directed)
    return objective_of(view, objective, directed=directed, resolution=resolution).value(
        community_labels(membership, g.n)
    )


def view_for(g: WeightGraph, objective: str, *, weights: str, directed: bool) -> WeightGraph:
    """View of a graph that an objective can be computed of.

    But for "cpm", whose resolution has a unit, weights are scaled exactly (by a power of two) to at most 1: sums of
    very large and very small weights stay finite, and the quality does not depend on the scale.

    Raises
    ------
    OptionError
        If objective, weights and directed do not go together.
    DataError
        If the view has no synapse, or weights that the objective does not allow; if layers are needed and absent.
    """
    choice("objective", objective, OBJECTIVES)
    true_or_false("directed", directed)
    view = weight_graph("g", g).view(weights)
    if objective == "signed" and weights not in SIGNED_VIEWS:
        raise OptionError("weights", weights, "signed or change, for the objective signed")
    if objective == "layered" and directed:
        raise OptionError("directed", directed, "False for the objective layered, whose blocks have a direction each")
    if objective == "layered" and view.layers is None:
        raise DataError("layers: the objective layered needs them, and the graph has none")
    if not view.synapses:
        kind = {"positive": "positive ", "negative": "negative "}.get(weights, "")
        raise DataError(f"weights: the graph has no {kind}synapse, so its communities are not defined")
    negative = int((view.weight < 0).sum())
    if negative and objective in ("modularity", "layered"):
        raise DataError(
            f"weights: {negative} of {counted(view.synapses, 'synapse')} {plural(negative, 'is', 'are')} "
            f"negative, which the objective {objective} does not"
            " allow; ask for weights absolute, positive or negative, or for the objective signed"
        )
    if objective == "cpm":
        with np.errstate(over="ignore"):
            total = float(np.abs(view.weight).sum())
        if not math.isfinite(total):
            raise DataError("weights: their sum is too large a number; divide them first")
        return view
    exponent = int(np.frexp(np.abs(view.weight).max())[1])
    # what is 2^-1000 of the strongest synapse would vanish, and an underflow to 0 is no synapse
    return view.with_weights(np.ldexp(view.weight, -exponent))


def objective_of(view: WeightGraph, name: str, *, directed: bool, resolution: float) -> Objective:
    """Objective of a view from :func:`view_for`."""
    everything = slice(None)
    if name == "cpm":
        neurons = np.ones(view.n)
        factor = resolution if directed else resolution / 2.0
        part = Part(everything, 1.0, factor, neurons, neurons)
        return Objective(view, 1.0, directed, resolution, (part,), constant=factor * view.n)
    total = float(np.abs(view.weight).sum())
    if name == "modularity":
        part = _part(view, everything, 1.0, directed, resolution, total)
        return Objective(view, total, directed, resolution, (part,))
    if name == "signed":
        found = [(np.flatnonzero(view.weight > 0), 1.0), (np.flatnonzero(view.weight < 0), -1.0)]
    else:
        blocks = layer_blocks(view)
        found = [(np.flatnonzero(blocks == block), 1.0) for block in np.unique(blocks)]
    directed = directed or name == "layered"
    parts = [_part(view, synapses, sign, directed, resolution, total) for synapses, sign in found if len(synapses)]
    return Objective(view, total, directed, resolution, tuple(parts))


def _part(
    view: WeightGraph,
    synapses: npt.NDArray[np.int64] | slice,
    sign: float,
    directed: bool,
    resolution: float,
    total: float,
) -> Part:
    """Configuration model of some synapses, by its share of the weight of all (`total`)."""
    weight = np.abs(view.weight[synapses])
    own = float(weight.sum())
    out = np.bincount(view.pre[synapses], weight, view.n).astype(np.float64, copy=False)
    into = np.bincount(view.post[synapses], weight, view.n).astype(np.float64, copy=False)
    if directed:
        return Part(synapses, sign, resolution / (own * total), out, into)
    strength = out + into
    return Part(synapses, sign, resolution / (4.0 * own * total), strength, strength)
