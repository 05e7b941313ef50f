"""Where minimal Q is a constant, and so no finding."""

from __future__ import annotations

import igraph
import numpy as np

from ...graphs import WeightGraph

CONSTANT = (
    "synapses run only between layers, so that odd and even layers are groups with nothing within, and minimal Q is "
    "-1/2 (of plain modularity, at a resolution of 1) whatever the weights, those of a null model that keeps the "
    "layers included"
)
NO_FINDING = f"Minimal Q is no finding here: {CONSTANT}."


def minimum_is_fixed(g: WeightGraph, *, directed: bool) -> bool:
    r"""Whether minimal Q is the same for a layered network and for all that keep its layers, whatever the weights.

    Where synapses run only between layers, and these can be told into two groups without any within (of a feedforward
    network without skips, odd and even layers), each group bears half of all strength, so that these two have
    :math:`Q = -\gamma (1/4 + 1/4)`. No partition has less, up to :math:`\gamma = 2`: with :math:`a_c` the share of
    strength and :math:`e_c` that of weight within community c, :math:`e_c \ge \max(0, 2 a_c - 1)` in any graph, and

    .. math:: Q = \sum_c (e_c - \gamma a_c^2) \ge -\max(\gamma / 2, \gamma - 1)

    which one community of all has above that. Directed modularity is another matter.

    References
    ----------
    Brandes et al., "On modularity clustering", IEEE TKDE 20 (2008), for -1/2 at a resolution of 1; the rest is ours.
    """
    if directed or g.layers is None or not g.synapses:
        return False
    layers, places = np.unique(g.layers, return_inverse=True)
    pairs = np.unique(np.stack([places[g.post], places[g.pre]], axis=1), axis=0)
    return bool(igraph.Graph(len(layers), pairs.tolist()).is_bipartite())
