from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..graphs.weight_graph import weight_graph
from ..guard import DataError, finite_array, real_number, true_or_false


def modularity(
    g: WeightGraph,
    membership: Any,
    *,
    resolution: float = 1.0,
    directed: bool = False,
    weights: str = "absolute",
) -> float:
    r"""Modularity of a partition of a weight graph.

    With `V` the view of the weights that is asked for, undirected (Newman 2006), ``A = V + V^T``:

    .. math:: Q = \frac{1}{2m} \sum_{ij} \left(A_{ij} - \gamma \frac{k_i k_j}{2m}\right) \delta(g_i, g_j)

    with ``k_i = sum_j A_ij`` and ``2m = sum_i k_i``; directed (Leicht and Newman 2008):

    .. math:: Q = \frac{1}{m} \sum_{ij} \left(V_{ij} - \gamma \frac{k^{in}_i k^{out}_j}{m}\right) \delta(g_i, g_j)

    with ``k_in_i = sum_j V_ij``, ``k_out_j = sum_i V_ij`` and ``m = sum_ij V_ij``. A self-synapse counts as in
    networkx: once within its community, twice in the undirected strength of its neuron (``A_ii = 2 V_ii``).

    Computed over synapses and communities, never over pairs of neurons.

    Parameters
    ----------
    g
        The graph.
    membership
        Community of each neuron, whole numbers, shape (n,).
    resolution
        Gamma, above 0; higher values favour smaller communities.
    directed
        Whether the direction of synapses counts.
    weights
        "absolute", "positive", "negative", or "signed" where no weight is below 0.

    Returns
    -------
    float
        Q, at most 1.

    Raises
    ------
    DataError
        If the view has no synapse or a negative weight, or the membership has another length.

    References
    ----------
    Newman, "Modularity and community structure in networks", PNAS 103 (2006).
    Leicht and Newman, "Community structure in directed networks", PRL 100 (2008).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    >>> modularity(g, [0, 0, 1, 1])
    0.5
    """
    real_number("resolution", resolution, above=0.0)
    true_or_false("directed", directed)
    view = non_negative_view(g, weights)
    return score(view, community_labels(membership, g.n), resolution, directed)


def non_negative_view(g: WeightGraph, weights: str) -> WeightGraph:
    """View of a graph for plain modularity, its weights scaled exactly (by a power of two) to at most 1.

    The scale keeps the sums of very large and very small weights finite; modularity does not depend on it.

    Raises
    ------
    DataError
        If the view has no synapse, or a negative weight, or `g` is no graph.
    """
    view = weight_graph("g", g).view(weights)
    if not view.synapses:
        kind = {"positive": "positive ", "negative": "negative "}.get(weights, "")
        raise DataError(f"weights: the graph has no {kind}synapse, so its communities are not defined")
    negative = int((view.weight < 0).sum())
    if negative:
        raise DataError(
            f"weights: {negative} of {view.synapses} synapses are negative, which plain modularity does not allow;"
            " ask for weights absolute, positive or negative"
        )
    exponent = int(np.frexp(view.weight.max())[1])
    scaled = np.ldexp(view.weight, -exponent)
    # what is 2^-1000 of the strongest synapse would vanish, and an underflow to 0 is no synapse
    return view.with_weights(scaled)


def score(
    view: WeightGraph, membership: npt.NDArray[np.int64], resolution: float = 1.0, directed: bool = False
) -> float:
    """Modularity of labels from 0 on a graph without negative weights; see :func:`modularity`."""
    weight = view.weight
    pre, post = membership[view.pre], membership[view.post]
    size = int(membership.max()) + 1
    within = float(weight[pre == post].sum())
    total = float(weight.sum())
    out, into = np.bincount(pre, weight, size), np.bincount(post, weight, size)
    if directed:
        expected = float(out @ into) / total**2
    else:
        strength = out + into
        expected = float(strength @ strength) / (2 * total) ** 2
    return within / total - resolution * expected


def community_labels(membership: Any, n: int) -> npt.NDArray[np.int64]:
    """Labels 0.. of a membership given as any whole numbers, shape (n,)."""
    given = finite_array("membership", getattr(membership, "membership", membership), ndim=1)
    if len(given) != n:
        raise DataError(f"membership: got {len(given)} labels, expected one for each of the {n} neurons")
    if given.dtype.kind not in "bui":
        raise DataError(f"membership: got values of type {given.dtype}, expected whole numbers")
    return np.unique(given, return_inverse=True)[1].astype(np.int64, copy=False)
