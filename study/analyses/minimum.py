"""Where minimal Q is a constant, and so no finding."""

from __future__ import annotations

import igraph
import numpy as np

from ...graphs import WeightGraph

BOUND_BY_ALL = 2.0
"""From this resolution on one community of all has the least Q that there is."""


def fixed_minimum(g: WeightGraph, *, directed: bool, resolution: float) -> str | None:
    r"""Why undirected minimal Q is a constant whatever the weights, in words; None where it is none.

    With :math:`a_c` the share of strength and :math:`e_c` that of weight within community c,
    :math:`e_c \ge \max(0, 2 a_c - 1)` in any graph, and

    .. math:: Q = \sum_c (e_c - \gamma a_c^2) \ge -\max(\gamma / 2, \gamma - 1)

    Up to :math:`\gamma = 2` two groups without any synapse within reach this bound, as each bears half of all strength:
    odd and even layers of a feedforward network without skips, or those of any bipartite graph. From
    :math:`\gamma = 2` on one community of all reaches it, in any graph. Directed modularity is another matter.

    References
    ----------
    Brandes et al., "On modularity clustering", IEEE TKDE 20 (2008), for -1/2 at a resolution of 1; the rest is ours.
    """
    if directed or not g.synapses:
        return None
    if resolution >= BOUND_BY_ALL:
        return (
            f"at a resolution of {BOUND_BY_ALL:g} and more, no partition has less than one community of all, so that "
            f"minimal Q is 1 - resolution = {1 - resolution:g} whatever the weights"
        )
    least = f"minimal Q is {-resolution / 2:g}"
    if g.layers is not None:
        layers, places = np.unique(g.layers, return_inverse=True)
        if _in_two(len(layers), np.unique(np.stack([places[g.post], places[g.pre]], axis=1), axis=0)):
            return (
                "synapses run only between layers, so that odd and even layers are groups with nothing within, and "
                f"{least} (undirected) whatever the weights, those of a null model that keeps the layers included"
            )
    if _in_two(g.n, np.stack([g.post, g.pre], axis=1)):
        return (
            f"neurons are in two groups without a synapse within either, so that {least} (undirected) whatever the "
            "weights, and rewired networks differ from it by that alone"
        )
    return None


def _in_two(n: int, pairs: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> bool:
    """Whether nodes can be told into two groups that no pair is within."""
    return bool(igraph.Graph(n, pairs.tolist()).is_bipartite())
