from __future__ import annotations

from typing import Any

from ..graphs import WeightGraph
from .objectives import quality


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
        "absolute", "positive", "negative", or another view where no weight is below 0.

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
    return quality(g, membership, resolution=resolution, directed=directed, weights=weights)


def signed_modularity(
    g: WeightGraph,
    membership: Any,
    *,
    resolution: float = 1.0,
    directed: bool = False,
    weights: str = "signed",
) -> float:
    r"""Modularity of a partition of a graph with excitatory and inhibitory synapses.

    Positive and negative synapses are two graphs with a null model each, weighted by their share of the weight:

    .. math:: Q = \frac{m^+}{m^+ + m^-} Q^+ - \frac{m^-}{m^+ + m^-} Q^-

    with ``m+`` and ``m-`` the sums of the magnitudes, and ``Q+``, ``Q-`` the :func:`modularity` of the positive and
    negative view (0 for a view without synapse). It is high where communities are tied by positive synapses within and
    negative ones across. Synapses are parted one by one: two of opposite sign between the same neurons do not cancel.

    Parameters
    ----------
    g, membership, resolution, directed
        As for :func:`modularity`; one resolution for both parts.
    weights
        "signed", or "change".

    Returns
    -------
    float
        Q, from -1 to 1 at resolution 1.

    Raises
    ------
    OptionError
        If the view has no signs.
    DataError
        If the graph has no synapse, or the membership has another length.

    References
    ----------
    Gomez, Jensen and Arenas, "Analysis of community structure in networks of correlated data", PRE 80 (2009).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, -1, 0], [1, 0, 0, -1], [-1, 0, 0, 1], [0, -1, 1, 0]])
    >>> signed_modularity(g, [0, 0, 1, 1])
    0.5
    """
    return quality(g, membership, objective="signed", resolution=resolution, directed=directed, weights=weights)


def layered_modularity(g: WeightGraph, membership: Any, *, resolution: float = 1.0, weights: str = "absolute") -> float:
    r"""Modularity of a partition of a layered network, whose null model expects only what the layers allow.

    The synapses from one layer to another are a block ``b``, with the sum of weights ``m_b``. Each block is held
    against its own strengths (Barber's bipartite modularity) and counts by its share of the weight ``m``:

    .. math:: Q = \sum_b \frac{m_b}{m} \cdot \frac{1}{m_b} \sum_{ij} \left(V^b_{ij}
        - \gamma \frac{k^{b,in}_i k^{b,out}_j}{m_b}\right) \delta(g_i, g_j)

    Every ordered pair of layers that synapses join is a block: consecutive layers, those that a skip or a feedback
    connection joins, and a layer with itself where synapses stay within it (for that block the formula is directed
    modularity). So no weight is left out, and none is expected between layers that have no synapse. Plain modularity
    expects synapses within layers, where a layered network has none. Weighting blocks by their share is ours.

    Parameters
    ----------
    g
        The graph, with layers.
    membership
        Community of each neuron, whole numbers, shape (n,); a community may reach over several layers.
    resolution
        Gamma, above 0.
    weights
        As for :func:`modularity`.

    Returns
    -------
    float
        Q, at most 1.

    Raises
    ------
    DataError
        If the graph has no layers, the view no synapse or a negative weight, or the membership another length.

    References
    ----------
    Barber, "Modularity and community detection in bipartite networks", PRE 76 (2007).

    Examples
    --------
    >>> g = WeightGraph.from_layers([[[1, 0], [0, 1]], [[1, 0], [0, 1]]])
    >>> layered_modularity(g, [0, 1, 0, 1, 0, 1])
    0.5
    """
    return quality(g, membership, objective="layered", resolution=resolution, weights=weights)


def constant_potts(
    g: WeightGraph,
    membership: Any,
    *,
    resolution: float = 1.0,
    directed: bool = False,
    weights: str = "absolute",
) -> float:
    r"""Quality of a partition by the constant Potts model (CPM), which has no resolution limit.

    With ``w_c`` the weight within community c and ``n_c`` its count of neurons, undirected and directed:

    .. math:: \sum_c \left(w_c - \gamma \frac{n_c (n_c - 1)}{2}\right)
        \quad\text{and}\quad \sum_c \left(w_c - \gamma n_c (n_c - 1)\right)

    Each community is denser within than ``gamma``, and each two sparser between: gamma is the weight that a pair of
    neurons (an ordered pair, if directed) must have on average, in the unit of the weights. The value has that unit
    too and is not normalised, as in leidenalg. Every neuron counts, with synapses or without. Weights of either sign
    are allowed.

    Without self-synapses this is the `quality()` of leidenalg's ``CPMVertexPartition`` if directed, and half of it if
    not. In a graph with any self-synapse leidenalg takes a neuron and itself for a pair too, with ``n_c^2`` and
    ``n_c (n_c + 1) / 2`` pairs: then it is ``gamma n`` lower, whatever the partition, so that the best is the same.

    Parameters
    ----------
    g, membership, directed
        As for :func:`modularity`.
    resolution
        Gamma, above 0.
    weights
        Any view.

    Returns
    -------
    float
        The quality.

    Raises
    ------
    DataError
        If the view has no synapse, weights too large to add up, or the membership another length.

    References
    ----------
    Traag, Van Dooren and Nesterov, "Narrow scope for resolution-limit-free community detection", PRE 84 (2011).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    >>> constant_potts(g, [0, 0, 1], resolution=0.5)
    1.5
    """
    return quality(g, membership, objective="cpm", resolution=resolution, directed=directed, weights=weights)
