from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from ..graphs import WeightGraph
from ..graphs.weight_graph import weight_graph
from ..guard import DataError, choice
from .membership import community_labels

SIDES = ("undirected", "in", "out")

HUB = 2.5
# greatest participation coefficient of each role, of Guimera and Amaral (2005), for all others and for hubs
PERIPHERAL_ROLES = ((0.05, "ultra-peripheral"), (0.62, "peripheral"), (0.80, "connector"), (1.0, "kinless"))
HUB_ROLES = ((0.30, "provincial hub"), (0.75, "connector hub"), (1.0, "kinless hub"))

Floats = npt.NDArray[np.float64]


def participation(g: WeightGraph, membership: Any, *, weights: str = "absolute", side: str = "undirected") -> Floats:
    r"""Participation coefficient: how evenly a neuron's synapses are spread over the communities.

    .. math:: P_i = 1 - \sum_s \left(\frac{k_{is}}{k_i}\right)^2

    with :math:`k_{is}` the strength of neuron i towards community s and :math:`k_i` its whole strength: 0 where all
    synapses are with one community (or there is none), at most ``1 - 1 / communities``.

    Parameters
    ----------
    g
        The graph. Self-synapses do not count.
    membership
        A partition, or whole numbers, shape (n,).
    weights
        View of the weights. "signed" with negative weights: the coefficients :math:`P^+, P^-` of the positive and the
        negative part, with strengths :math:`k^+, k^-`, are combined to

        .. math:: P_i = P^+_i - \frac{k^-_i}{k^+_i + k^-_i} P^-_i

        which Rubinov and Sporns (2011) propose for strengths and diversity; its use here is ours.
    side
        "undirected" (a neuron's synapses of both directions), "in" or "out".

    Returns
    -------
    ndarray
        Shape (n,).

    Raises
    ------
    DataError
        If the membership has another length or is not of whole numbers.

    References
    ----------
    Guimera and Amaral, "Functional cartography of complex metabolic networks", Nature 433 (2005).
    Rubinov and Sporns, "Weight-conserving characterization of complex functional brain networks", NeuroImage 56 (2011).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> participation(g, [0, 0, 1]).tolist()
    [0.5, 0.0, 0.0]
    """
    return _combined(_parts(g, membership, weights, side), _participation)


def within_module_z(g: WeightGraph, membership: Any, *, weights: str = "absolute", side: str = "undirected") -> Floats:
    r"""Within-module z-score: how strongly a neuron is coupled to its own community, beside its other members.

    .. math:: z_i = \frac{\kappa_i - \bar\kappa_{s_i}}{\sigma_{\kappa_{s_i}}}

    with :math:`\kappa_i` the strength of i within its own community, and mean and standard deviation (with division by
    the count) over the community; 0 where all members are alike. Of "signed" weights, :math:`\kappa` is the positive
    less the negative strength.

    Parameters, errors and references are those of :func:`participation`.

    Returns
    -------
    ndarray
        Shape (n,).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 1], [0, 0, 0], [0, 0, 0]])
    >>> within_module_z(g, [0, 0, 0], side="in").round(6).tolist()
    [1.414214, -0.707107, -0.707107]
    """
    parts = _parts(g, membership, weights, side)
    own = parts[0].own
    inner = sum(part.sign * part.towards[np.arange(g.n), own] for part in parts)
    # scaled exactly, so that squares of very large or very small strengths stay finite; z does not depend on it
    inner = np.ldexp(inner, -int(np.frexp(np.abs(inner).max(initial=0.0))[1]))
    counts = np.bincount(own)
    mean = (np.bincount(own, inner) / counts)[own]
    spread = np.sqrt(np.bincount(own, (inner - mean) ** 2) / counts)[own]
    # members that differ by rounding only are alike
    size = np.abs(inner).max(initial=0.0)
    alike = spread <= 1e-12 * size
    return np.where(alike, 0.0, (inner - mean) / np.where(alike, 1.0, spread))


def gateway(g: WeightGraph, membership: Any, *, weights: str = "absolute", side: str = "undirected") -> Floats:
    r"""Gateway coefficient: participation that counts more where a neuron holds its community's links to others.

    .. math:: G_i = 1 - \sum_s \left(\frac{k_{is}}{k_i}\right)^2 \left(1 - \frac{k_{is}}{\sum_{j \in s_i} k_{js}}
        \frac{c_{is}}{\max_n c_n}\right)^2

    The first fraction in the brackets is the share of neuron i in the strength between its own community
    :math:`s_i` and community s (within its own, undirected, the sum counts every synapse twice and is halved);
    :math:`c_{is}` is the sum of the strengths of the neighbours that i has in s, and :math:`c_n` the sum of the
    strengths in community n. G is at least the participation coefficient; a *gateway neuron* is one where it is much
    greater. It is 0 for neurons without synapses.

    Parameters, the combination of "signed" weights, and errors are those of :func:`participation`.

    Returns
    -------
    ndarray
        Shape (n,).

    References
    ----------
    Vargas and Wahl, "The gateway coefficient: a novel metric for identifying critical connections in modular networks",
    European Physical Journal B 87 (2014). Centrality is the strength here.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> gateway(g, [0, 0, 1]).round(4).tolist()
    [0.7778, 0.8889, 0.8889]
    """
    return _combined(_parts(g, membership, weights, side), _gateway)


def roles(g: WeightGraph, membership: Any, *, weights: str = "absolute", side: str = "undirected") -> pd.DataFrame:
    """Every neuron's place within and between communities.

    Parameters and errors are those of :func:`participation`.

    Returns
    -------
    DataFrame
        One row per neuron: `neuron`, `community`, `strength` (of "signed" weights positive less negative),
        `within_module_z`, `participation`, `gateway`, and `role`, after Guimera and Amaral (2005): of neurons with z
        below 2.5 "ultra-peripheral" (participation up to 0.05), "peripheral" (0.62), "connector" (0.80) or "kinless";
        of the others "provincial hub" (0.30), "connector hub" (0.75) or "kinless hub"; "isolated" without synapses.
        Their bounds were found in metabolic networks, unweighted and undirected; take them as names for regions.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    >>> roles(g, [0, 0, 1])["role"].tolist()
    ['peripheral', 'ultra-peripheral', 'ultra-peripheral']
    """
    parts = _parts(g, membership, weights, side)
    z = within_module_z(g, membership, weights=weights, side=side)
    spread = _combined(parts, _participation)
    connected = np.sum([part.strength for part in parts], axis=0) > 0
    return pd.DataFrame(
        {
            "neuron": np.arange(g.n),
            "community": np.asarray(getattr(membership, "membership", membership)),
            "strength": sum(part.sign * part.strength for part in parts),
            "within_module_z": z,
            "participation": spread,
            "gateway": _combined(parts, _gateway),
            "role": [
                _role(*values) if any_synapse else "isolated"
                for *values, any_synapse in zip(z, spread, connected, strict=True)
            ],
        }
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """Strengths towards communities, of all weights or of those of one sign.

    Parameters
    ----------
    synapses
        Entry ``[i, j]`` is how strongly i is coupled to j on the side that is asked for; no diagonal.
    own
        Community of each neuron, from 0.
    sign
        1, or -1 for the magnitudes of negative weights.
    undirected
        Whether each coupling is there twice, ``[i, j]`` and ``[j, i]``.
    """

    synapses: scipy.sparse.csr_array[Any]
    own: npt.NDArray[np.int64]
    sign: float
    undirected: bool

    @property
    def members(self) -> scipy.sparse.csr_array[Any]:
        """Indicator of communities, shape (n, communities)."""
        n = len(self.own)
        return scipy.sparse.csr_array((np.ones(n), (np.arange(n), self.own)))

    @property
    def towards(self) -> Floats:
        """Strength towards each community, shape (n, communities)."""
        return np.asarray((self.synapses @ self.members).toarray())

    @property
    def strength(self) -> Floats:
        return np.asarray(self.synapses.sum(axis=1))


def _parts(g: WeightGraph, membership: Any, weights: str, side: str) -> list[_Part]:
    choice("side", side, SIDES)
    own = community_labels(membership, weight_graph("g", g).n)
    signed = weights == "signed" and bool((g.weight < 0).any())
    views = [(g.view(name), sign) for name, sign in (("positive", 1.0), ("negative", -1.0))] if signed else None
    return [_part(view, own, side, sign) for view, sign in views or [(g.view(weights), 1.0)]]


def _part(view: WeightGraph, own: npt.NDArray[np.int64], side: str, sign: float) -> _Part:
    other = np.flatnonzero(view.pre != view.post)
    if (view.weight[other] < 0).any():
        raise DataError("weights: this view has negative weights; ask for absolute, positive, negative or signed")
    with np.errstate(over="ignore"):
        if not np.isfinite(2.0 * view.weight[other].sum()):
            raise DataError("weights: their sum is too large a number; divide them first")
    entries = scipy.sparse.csr_array((view.weight[other], (view.post[other], view.pre[other])), shape=(view.n, view.n))
    turned = {"in": entries, "out": entries.T, "undirected": entries + entries.T}[side]
    return _Part(scipy.sparse.csr_array(turned), own, sign, side == "undirected")


def _combined(parts: list[_Part], coefficient: Any) -> Floats:
    if len(parts) == 1:
        return np.asarray(coefficient(parts[0]))
    positive, negative = parts
    whole = positive.strength + negative.strength
    share = negative.strength / np.where(whole > 0, whole, 1.0)
    return np.asarray(coefficient(positive) - share * coefficient(negative))


def _participation(part: _Part) -> Floats:
    strength = part.strength
    shares = part.towards / np.where(strength > 0, strength, 1.0)[:, None]
    return np.where(strength > 0, 1.0 - (shares**2).sum(axis=1), 0.0)


def _gateway(part: _Part) -> Floats:
    towards, strength, members = part.towards, part.strength, part.members
    between = np.asarray(members.T @ towards)
    if part.undirected:
        np.fill_diagonal(between, between.diagonal() / 2)
    held = between[part.own]
    held_share = towards / np.where(held > 0, held, 1.0)
    neighbours = part.synapses.astype(bool).astype(np.float64)
    centrality = np.asarray(neighbours @ (members * strength[:, None]).toarray())
    greatest = float((members.T @ strength).max())
    weight = 1.0 - held_share * centrality / (greatest if greatest > 0 else 1.0)
    shares = towards / np.where(strength > 0, strength, 1.0)[:, None]
    return np.where(strength > 0, 1.0 - (shares**2 * weight**2).sum(axis=1), 0.0)


def _role(z: float, spread: float) -> str:
    bounds = PERIPHERAL_ROLES if z < HUB else HUB_ROLES
    return next(name for bound, name in bounds if spread <= bound)
