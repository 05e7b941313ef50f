"""Backbones: the part of a dense graph that carries most of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.sparse.csgraph import minimum_spanning_tree

from ..guard import OptionError, choice, real_number, whole_number
from ..guard import fraction as share_of
from .ranks import places_within, strongest, strongest_first
from .weight_graph import WeightGraph, weight_graph

BACKBONES = ("strongest", "top_k", "disparity", "spanning_tree")
SIDES = ("outgoing", "incoming", "either")

# options of each method
OPTIONS = {
    "strongest": ("fraction",),
    "top_k": ("k", "side"),
    "disparity": ("alpha", "side"),
    "spanning_tree": ("fraction",),
}


def backbone(
    g: WeightGraph,
    method: str,
    *,
    fraction: float | None = None,
    k: int | None = None,
    alpha: float | None = None,
    side: str | None = None,
) -> WeightGraph:
    """Keep the synapses that matter by a given measure, with their weights and signs; all neurons stay.

    Strong means of large ``|w|``. Of synapses equally strong the last, row by row of ``W[post, pre]``, counts as the
    stronger, as in pruning, which removes the first.

    Parameters
    ----------
    g
        The graph.
    method
        "strongest": the strongest `fraction` of all synapses, exactly ``round(fraction * synapses)``.

        "top_k": the `k` strongest synapses of each neuron, or all where it has fewer, among those that leave it (side
        "outgoing"), those that arrive ("incoming"), or either: a synapse is kept if one of its neurons keeps it.

        "disparity": the synapses whose :func:`disparity` is below `alpha`, by side as above.

        "spanning_tree": the maximum spanning tree (a forest where neurons are not all joined) of the graph without
        directions, self-synapses left out, each pair of neurons joined by the stronger of its synapses, which is the
        one kept; so n minus the number of weakly connected components. And besides, as "strongest", the strongest
        `fraction` of all synapses (0, the default: none).
    fraction
        For "strongest" and "spanning_tree", from 0 to 1.
    k
        For "top_k", at least 1.
    alpha
        For "disparity", above 0 and at most 1.
    side
        For "top_k" and "disparity": "outgoing", "incoming" or "either" (the default).

    Raises
    ------
    OptionError
        If the method is unknown, or an option is missing, impossible, or another method's.

    References
    ----------
    Serrano, Boguna and Vespignani, "Extracting the multiscale backbone of complex weighted networks", PNAS 106 (2009).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 5, -1], [-9, 0, 2], [3, 4, 0]])
    >>> backbone(g, "strongest", fraction=0.5).adjacency().tolist()
    [[0.0, 5.0, 0.0], [-9.0, 0.0, 0.0], [0.0, 4.0, 0.0]]
    """
    weight_graph("g", g)
    choice("method", method, BACKBONES)
    for option, given in (("fraction", fraction), ("k", k), ("alpha", alpha), ("side", side)):
        if given is not None and option not in OPTIONS[method]:
            raise OptionError(option, given, f"nothing for the backbone {method}")
    if method == "strongest":
        return g.keep_synapses(_strongest(g, fraction))
    if method == "spanning_tree":
        return g.keep_synapses(_spanning_tree(g) | _strongest(g, 0.0 if fraction is None else fraction))
    side = choice("side", "either" if side is None else side, SIDES)
    if method == "top_k":
        return g.keep_synapses(_top_k(g, whole_number("k", k, 1), side))
    return g.keep_synapses(disparity(g, side=side) < real_number("alpha", alpha, maximum=1.0, above=0.0))


def disparity(g: WeightGraph, *, side: str = "either") -> npt.NDArray[np.float64]:
    r"""How likely a synapse's share of its neuron's strength is by chance.

    .. math:: \alpha = (1 - p)^{k - 1}, \qquad p = |w| / s

    with the neuron's degree k and strength s (the sum of its ``|w|``) on the side asked for: the probability of a share
    of at least p if the strength were split at k - 1 points thrown uniformly. A neuron's only synapse has alpha 1: it
    is never significant on that side, only by its other end.

    Parameters
    ----------
    g
        The graph.
    side
        "outgoing": share of the presynaptic neuron's output. "incoming": share of the postsynaptic neuron's input.
        "either": the smaller alpha of the two.

    Returns
    -------
    array
        alpha of each synapse, shape (synapses,). Self-synapses count on both sides.

    References
    ----------
    Serrano, Boguna and Vespignani, PNAS 106 (2009).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 0, 0], [3, 0, 0], [1, 0, 0]])
    >>> disparity(g, side="outgoing").round(3).tolist(), disparity(g, side="incoming").tolist()
    ([0.25, 0.75], [1.0, 1.0])
    """
    weight_graph("g", g)
    choice("side", side, SIDES)
    alphas = []
    for end in _ends(g, side):
        # sums of the largest numbers would overflow
        largest = np.zeros(g.n)
        np.maximum.at(largest, end, np.abs(g.weight))
        magnitude = np.abs(g.weight) / largest[end]
        degree = np.bincount(end, minlength=g.n)[end]
        others = np.bincount(end, magnitude, g.n)[end] - magnitude
        # rounded, the rest of the strength may be less than nothing
        rest = np.maximum(others, 0.0)
        alphas.append(np.where(degree == 1, 1.0, (rest / (rest + magnitude)) ** (degree - 1)))
    least: npt.NDArray[np.float64] = np.min(alphas, axis=0)
    return least


def _ends(g: WeightGraph, side: str) -> list[npt.NDArray[np.int32]]:
    """The neuron to which each synapse belongs, on one side or each."""
    return {"outgoing": [g.pre], "incoming": [g.post], "either": [g.pre, g.post]}[side]


def _strongest(g: WeightGraph, share: float | None) -> npt.NDArray[np.bool_]:
    kept = np.zeros(g.synapses, dtype=bool)
    kept[strongest(g.weight, round(share_of("fraction", share) * g.synapses))] = True
    return kept


def _top_k(g: WeightGraph, k: int, side: str) -> npt.NDArray[np.bool_]:
    kept = np.zeros(g.synapses, dtype=bool)
    order = strongest_first(g.weight)
    for end in _ends(g, side):
        by_neuron = order[np.argsort(end[order], kind="stable")]
        kept[by_neuron[places_within(np.bincount(end, minlength=g.n)) < k]] = True
    return kept


def _spanning_tree(g: WeightGraph) -> npt.NDArray[np.bool_]:
    # the tree of least ranks: ranks are all different, so there is one such tree, and none of them is 0, an absent edge
    order = strongest_first(g.weight)
    order = order[g.pre[order] != g.post[order]]
    low, high = np.minimum(g.pre, g.post)[order], np.maximum(g.pre, g.post)[order]
    _, first = np.unique(low.astype(np.int64) * g.n + high, return_index=True)
    ranks = scipy.sparse.csr_array((first + 1.0, (low[first], high[first])), shape=(g.n, g.n))
    kept = np.zeros(g.synapses, dtype=bool)
    kept[order[minimum_spanning_tree(ranks).data.astype(np.int64) - 1]] = True
    return kept
