from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import OptionError, choice, counted, fraction, layer_sizes, real_number, whole_number

STRUCTURES = ("block-diagonal", "off-diagonal", "core-periphery", "none")
PLACES = ("weights", "wiring")

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator


@dataclass(frozen=True, eq=False)
class Planted:
    """A random network whose structure is known.

    Parameters
    ----------
    graph
        The network; signs of weights are random and know nothing of the structure.
    membership
        Group of each neuron, from 0, shape (n,); of a core and its periphery, 0 is the core.
    """

    graph: WeightGraph
    membership: npt.NDArray[np.int64]


def planted_structure(
    structure: str,
    *,
    n: int = 60,
    groups: int = 3,
    strength: float = 2.0,
    density: float = 0.3,
    place: str = "weights",
    core: float = 0.25,
    seed: int = 0,
) -> Planted:
    """A random directed network with blocks on the diagonal, off the diagonal, a core and periphery, or none.

    Pairs of neurons have a synapse with a given probability, and weights are standard normal. The planted structure
    multiplies one of the two in its blocks by `strength`:

    ================ ================================================================================================
    block-diagonal   within each group
    off-diagonal     between different groups (a multipartite network)
    core-periphery   within the core; between core and periphery by ``sqrt(strength)``, so that, block by block, the
                     expectation is a product of a neuron's own factors
    none             nowhere
    ================ ================================================================================================

    Parameters
    ----------
    structure
        One of the above.
    n
        Neurons, at least 4.
    groups
        Groups of equal size (to one neuron), 2 to n / 2; a core and periphery has no use for it.
    strength
        Factor, at least 1 (then there is no structure).
    density
        Share of the pairs with a synapse.
    place
        "weights": the factor multiplies weights, and who is connected is random. "wiring": it multiplies the
        probability of a synapse (scaled to keep the density; at most 1), and weights are random.
    core
        Share of the neurons in the core; at least 2 neurons are in it and out of it.
    seed
        Seed of the network.

    Examples
    --------
    >>> found = planted_structure("off-diagonal", n=6, groups=3, seed=1)
    >>> found.membership.tolist()
    [0, 1, 2, 0, 1, 2]
    """
    choice("structure", structure, STRUCTURES)
    choice("place", place, PLACES)
    whole_number("n", n, 4)
    if structure != "core-periphery":
        whole_number("groups", groups, 2, n // 2)
    real_number("strength", strength, 1.0)
    _positive_share("density", density)
    fraction("core", core)
    whole_number("seed", seed, 0)
    generator = np.random.default_rng(seed)
    if structure == "core-periphery":
        membership = (np.arange(n) >= min(max(round(core * n), 2), n - 2)).astype(np.int64)
        factor = np.array([[strength, strength**0.5], [strength**0.5, 1.0]])
    else:
        membership = np.arange(n) % groups
        within = strength if structure == "block-diagonal" else 1.0
        across = strength if structure == "off-diagonal" else 1.0
        factor = np.where(np.eye(groups, dtype=bool), within, across)
    factors = factor[np.ix_(membership, membership)]
    weight = generator.normal(size=(n, n))
    probability: Floats = np.full((n, n), float(density))
    if place == "weights":
        weight *= factors
    else:
        probability = np.minimum(1.0, density * factors / factors[~np.eye(n, dtype=bool)].mean())
    return _planted(weight, probability, membership, generator)


def planted_communities(
    *,
    n: int = 300,
    mixing: float = 0.3,
    mean_degree: float = 15.0,
    smallest: int = 20,
    largest: int = 60,
    degree_exponent: float = 2.5,
    size_exponent: float = 1.5,
    seed: int = 0,
) -> Planted:
    r"""A directed, weighted network like the benchmark of Lancichinetti and Fortunato: broad degrees and sizes.

    Sizes of communities and expected degrees follow power laws; a share :math:`\mu`, the mixing, of a neuron's synapses
    leads out of its community:

    .. math::
        p_{ij} = (1 - \mu) \frac{a_i b_j}{\sum_{l \in g_j, l \ne j} a_l} \text{ within, }
        \mu \frac{a_i b_j}{\sum_{l \notin g_j} a_l} \text{ across}

    (at most 1, which thins small communities) is the probability of a synapse from j to i, with :math:`b_j` the
    expected out-degree and :math:`a_i` the attraction of i, drawn from the same power law. Weights are standard normal,
    so that weight mixes as synapses do.

    Unlike the original (LFR), degrees hold on average and not exactly, and no rewiring has to converge.

    Parameters
    ----------
    n
        Neurons, at least 4.
    mixing
        Share of synapses that leave the community, 0 to 1.
    mean_degree
        Synapses out of a neuron, on average.
    smallest, largest
        Bounds of community sizes, at most ``n / 2`` and ``n - smallest``; the last one drawn takes what is left, and
        where that is too few its neurons go to the others.
    degree_exponent, size_exponent
        Of the power laws, above 1; degrees range over a factor of 10.
    seed
        Seed of the network.

    References
    ----------
    Lancichinetti and Fortunato, "Benchmarks for testing community detection algorithms on directed and weighted graphs
    with overlapping communities", Physical Review E 80 (2009).

    Examples
    --------
    >>> found = planted_communities(n=100, smallest=20, largest=40, seed=1)
    >>> bool(np.bincount(found.membership).min() >= 20)
    True
    """
    whole_number("n", n, 4)
    fraction("mixing", mixing)
    real_number("mean_degree", mean_degree, above=0.0)
    whole_number("smallest", smallest, 2)
    if n < 2 * smallest:
        raise OptionError("smallest", smallest, f"at most half of the {counted(n, 'neuron')}, to have two communities")
    whole_number("largest", largest, smallest, n - smallest)
    for name, exponent in (("degree_exponent", degree_exponent), ("size_exponent", size_exponent)):
        real_number(name, exponent, above=1.0)
    whole_number("seed", seed, 0)
    generator = np.random.default_rng(seed)
    membership = _community_sizes(n, smallest, largest, size_exponent, generator)
    out = _power_law(n, degree_exponent, 1.0, 10.0, generator)
    out *= mean_degree / out.mean()
    attraction = _power_law(n, degree_exponent, 1.0, 10.0, generator)
    inside = np.bincount(membership, attraction)[membership]
    same = membership[:, None] == membership
    # a neuron is no target of its own
    probability = np.where(
        same, (1.0 - mixing) / (inside - attraction), mixing / (attraction.sum() - inside)
    ) * np.outer(attraction, out)
    return _planted(generator.normal(size=(n, n)), np.minimum(1.0, probability), membership, generator)


def planted_layers(
    sizes: list[int] | tuple[int, ...],
    *,
    groups: int = 4,
    mixing: float = 0.3,
    density: float = 1.0,
    seed: int = 0,
) -> Planted:
    r"""A layered network whose groups run through all layers.

    Synapses join consecutive layers with a given probability; weights are normal with standard deviation

    .. math:: k (1 - \mu) \text{ within a group, } \frac{k}{k - 1} \mu \text{ between groups}

    for k groups and mixing :math:`\mu`: the share of a neuron's weight that leaves its group, on average, where groups
    are of equal size. There is no structure at :math:`\mu = 1 - 1/k`.

    Parameters
    ----------
    sizes
        Neurons of each layer, the input first, each at least `groups`.
    groups
        At least 2; every layer is divided evenly (to one neuron).
    mixing
        0 to 1.
    density
        Share of the pairs between consecutive layers with a synapse.
    seed
        Seed of the network.

    Examples
    --------
    >>> found = planted_layers([4, 6, 2], groups=2)
    >>> found.graph
    WeightGraph(n=12, synapses=36, layers=3)
    """
    whole_number("groups", groups, 2)
    sizes = [whole_number("sizes", size, groups) for size in layer_sizes("sizes", sizes, fewest=2)]
    fraction("mixing", mixing)
    _positive_share("density", density)
    whole_number("seed", seed, 0)
    generator = np.random.default_rng(seed)
    own = [np.arange(size) % groups for size in sizes]
    blocks = []
    for below, above in pairwise(own):
        scale = np.where(above[:, None] == below, groups * (1.0 - mixing), groups / (groups - 1) * mixing)
        present = generator.random(scale.shape) < density
        blocks.append(scale * present * generator.normal(size=scale.shape))
    return Planted(WeightGraph.from_layers(blocks), np.concatenate(own))


def _planted(weight: Floats, probability: Floats, membership: npt.NDArray[np.int64], generator: Generator) -> Planted:
    present = generator.random(weight.shape) < probability
    np.fill_diagonal(present, False)
    return Planted(WeightGraph.from_matrix(weight * present), membership)


def _community_sizes(
    n: int, smallest: int, largest: int, exponent: float, generator: Generator
) -> npt.NDArray[np.int64]:
    """Membership of communities in random order of neurons, with sizes of a power law."""
    sizes: list[int] = []
    while (left := n - sum(sizes)) >= smallest:
        drawn = int(_power_law(1, exponent, smallest, largest + 1.0, generator)[0])
        sizes.append(min(drawn, left, largest))
    for spare in range(n - sum(sizes)):
        sizes[spare % len(sizes)] += 1
    return generator.permutation(np.repeat(np.arange(len(sizes)), sizes))


def _power_law(count: int, exponent: float, low: float, high: float, generator: Generator) -> Floats:
    """Draws from a density proportional to ``x^-exponent`` between the bounds, by the inverse of its distribution."""
    a, b = low ** (1.0 - exponent), high ** (1.0 - exponent)
    return np.asarray((a + generator.random(count) * (b - a)) ** (1.0 / (1.0 - exponent)))


def _positive_share(name: str, value: float) -> None:
    if fraction(name, value) == 0:
        raise OptionError(name, value, "a number above 0 and at most 1")
