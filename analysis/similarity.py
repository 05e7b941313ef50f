from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln, xlogy

from ..guard import DataError, OptionError, choice, finite_array
from .membership import community_labels

# terms of an expectation that are held at once, some 50 MB
BLOCK = 1_000_000


def compare(p: Any, q: Any, *, method: str = "ami") -> float:
    r"""How alike two partitions of the same neurons are, whatever their labels.

    With :math:`n_{ij}` the count of neurons in community i of p and j of q, :math:`a_i` and :math:`b_j` the sizes of
    the communities, H the entropies of the two partitions and I their mutual information:

    .. math::
        \text{ami} &= \frac{I - E[I]}{(H_p + H_q) / 2 - E[I]} \qquad
        \text{nmi} = \frac{2 I}{H_p + H_q} \qquad \text{vi} = H_p + H_q - 2 I \\
        \text{ari} &= \frac{S - E[S]}{(S_a + S_b) / 2 - E[S]}, \quad S = \sum_{ij} \binom{n_{ij}}{2}, \quad
        S_a = \sum_i \binom{a_i}{2}, \quad S_b = \sum_j \binom{b_j}{2} \\
        \text{element\_centric} &= \frac{1}{n} \sum_{ij} \frac{n_{ij}^2}{\max(a_i, b_j)}

    where E is the expectation over all ways to hand out the same sizes of communities at random.

    Parameters
    ----------
    p, q
        Partitions, or labels as whole numbers, shape (n,).
    method
        "ami": mutual information, adjusted for chance (1 alike, about 0 unrelated). "nmi": the same, normalised but not
        adjusted. "ari": the Rand index, adjusted for chance. "vi": variation of information, in nats (0 alike, at most
        log n). "element_centric": mean of :func:`element_similarity` (1 alike, always above 0; not adjusted).

    Raises
    ------
    DataError
        If the partitions are of different numbers of neurons, or empty.

    References
    ----------
    Vinh, Epps and Bailey, JMLR 11 (2010), for ami; Hubert and Arabie, Journal of Classification 2 (1985), for ari;
    Meila, Journal of Multivariate Analysis 98 (2007), for vi; Gates, Wood, Hetrick and Ahn, Scientific Reports 9
    (2019), for element_centric.

    Examples
    --------
    >>> compare([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    >>> round(compare([0, 0, 1, 1], [0, 0, 0, 0], method="vi"), 6)
    0.693147
    >>> compare([0, 0, 1, 1], [0, 0, 0, 0], method="element_centric")
    0.5
    """
    choice("method", method, METHODS)
    return float(similarity_matrix([p, q], method=method)[0, 1])


def element_similarity(p: Any, q: Any) -> npt.NDArray[np.float64]:
    r"""How alike two partitions are from where each neuron stands (Gates et al. 2019).

    The general measure compares, neuron by neuron, the stationary distributions of random walks that hop between
    neurons of one community and return to where they began. For communities that do not overlap it has a closed form
    that does not depend on the chance to return: with A and B the communities of neuron i in p and in q,

    .. math:: S_i = \frac{|A \cap B|}{\max(|A|, |B|)}

    Parameters
    ----------
    p, q
        Partitions, or labels as whole numbers, shape (n,).

    Returns
    -------
    ndarray
        Similarity of each neuron, above 0 and at most 1, shape (n,).

    Raises
    ------
    DataError
        If the partitions are of different numbers of neurons, or empty.

    Examples
    --------
    >>> element_similarity([0, 0, 1, 1], [0, 0, 0, 1]).round(3).tolist()
    [0.667, 0.667, 0.333, 0.5]
    """
    a, b = labels_of([p, q])
    _, cell, shared = np.unique(a * (int(b.max()) + 1) + b, return_inverse=True, return_counts=True)
    return np.asarray(shared[cell] / np.maximum(np.bincount(a)[a], np.bincount(b)[b]))


def similarity_matrix(partitions: Iterable[Any], *, method: str = "ami") -> npt.NDArray[np.float64]:
    """How alike several partitions of the same neurons are, each with each.

    Parameters
    ----------
    partitions
        Partitions, or labels as whole numbers, shape (n,) each; or an array of labels, shape (partitions, n).
    method
        One of those of :func:`compare`.

    Returns
    -------
    ndarray
        Symmetric, shape (partitions, partitions); its diagonal is 1 ("vi": 0).

    Raises
    ------
    DataError
        If there is no partition, or they are of different numbers of neurons, or empty.

    Examples
    --------
    >>> similarity_matrix([[0, 0, 1, 1], [5, 5, 3, 3], [0, 1, 0, 1]], method="ari").round(3).tolist()
    [[1.0, 1.0, -0.5], [1.0, 1.0, -0.5], [-0.5, -0.5, 1.0]]
    """
    score = _SCORES[choice("method", method, METHODS)]
    ensemble = _Ensemble.of(labels_of(partitions))
    result = np.empty((ensemble.partitions, ensemble.partitions))
    for row in range(ensemble.partitions):
        overlaps = ensemble.overlaps(row)
        result[row] = np.where(overlaps.same, 0.0 if method == "vi" else 1.0, score(ensemble, overlaps))
    # the two triangles differ by rounding
    return (result + result.T) / 2


def labels_of(partitions: Iterable[Any]) -> npt.NDArray[np.int64]:
    """Labels 0.. of several partitions of the same neurons, shape (partitions, n)."""
    # a table gives the names of its columns
    if isinstance(partitions, str | bytes | pd.DataFrame) or not isinstance(partitions, Iterable):
        raise OptionError("partitions", partitions, "a list of partitions, or an array of labels, a row each")
    given = [getattr(partition, "membership", partition) for partition in partitions]
    if not given:
        raise DataError("partitions: got none, expected at least one")
    n = len(finite_array("membership", given[0], ndim=1))
    if not n:
        raise DataError("partitions: got a partition of no neurons, expected at least one")
    return np.stack([community_labels(membership, n) for membership in given])


@dataclass(frozen=True, eq=False)
class _Overlaps:
    """Overlaps of the communities of one partition with those of all partitions of an ensemble.

    Parameters
    ----------
    row
        The one partition.
    partition
        The other partition of each overlap, shape (overlaps,).
    shared, size, other
        Count of neurons in the overlap, in the community of the one partition and in that of the other, same shape.
    same
        Which partitions are the same as the one, shape (partitions,).
    """

    row: int
    partition: npt.NDArray[np.int64]
    shared: npt.NDArray[np.float64]
    size: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    same: npt.NDArray[np.bool_]

    def total(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Sum over the overlaps with each partition, shape (partitions,)."""
        return _sums(self.partition, values, len(self.same))


@dataclass(frozen=True, eq=False)
class _Ensemble:
    """The communities of several partitions, numbered through.

    Parameters
    ----------
    n, partitions
        Counts of neurons and of partitions.
    community
        Community of each neuron in each partition, shape (partitions, n).
    partition, size
        Partition and size of each community, shape (communities,).
    """

    n: int
    partitions: int
    community: npt.NDArray[np.int64]
    partition: npt.NDArray[np.int64]
    size: npt.NDArray[np.int64]

    @classmethod
    def of(cls, labels: npt.NDArray[np.int64]) -> _Ensemble:
        partitions, n = labels.shape
        counts = labels.max(axis=1) + 1
        community = labels + (np.cumsum(counts) - counts)[:, None]
        size = np.bincount(community.ravel(), minlength=int(counts.sum()))
        return cls(n, partitions, community, np.repeat(np.arange(partitions), counts), size)

    def overlaps(self, row: int) -> _Overlaps:
        total = len(self.size)
        own = self.community[row]
        pairs = ((own - own.min()) * total + self.community).ravel()
        # to count is faster than to sort, where most pairs of communities share a neuron
        if int(pairs.max()) < 4 * len(pairs):
            shared = np.bincount(pairs)
            pairs = np.flatnonzero(shared)
            shared = shared[pairs]
        else:
            pairs, shared = np.unique(pairs, return_counts=True)
        mine, community = np.divmod(pairs, total)
        mine += int(own.min())
        partition = self.partition[community]
        # one overlap for each community of both: each is the other under another name
        overlaps = np.bincount(partition, minlength=self.partitions)
        counts = np.bincount(self.partition, minlength=self.partitions)
        same = (overlaps == counts) & (overlaps == counts[row])
        return _Overlaps(row, partition, shared.astype(np.float64), self.size[mine], self.size[community], same)

    def entropies(self) -> npt.NDArray[np.float64]:
        share = self.size / self.n
        return -_sums(self.partition, np.asarray(xlogy(share, share), dtype=np.float64), self.partitions)

    def information(self, overlaps: _Overlaps) -> npt.NDArray[np.float64]:
        """Mutual information of one partition with each, nats, shape (partitions,)."""
        ratio = self.n * overlaps.shared / (overlaps.size.astype(np.float64) * overlaps.other)
        return overlaps.total(overlaps.shared / self.n * np.log(ratio))

    def expected_information(self, row: int) -> npt.NDArray[np.float64]:
        """Mutual information of one partition with each, expected of communities of the same sizes at random.

        A sum over pairs of communities that knows only their sizes, so it is computed once for each pair of sizes.
        """
        mine, count = np.unique(self.size[self.partition == row], return_counts=True)
        theirs, which = np.unique(self.size, return_inverse=True)
        expected = np.zeros(len(theirs))
        for size, times in zip(mine.tolist(), count.tolist(), strict=True):
            blocks = np.array_split(theirs, 1 + size * len(theirs) // BLOCK)
            expected += times * np.concatenate([_expected_term(size, block, self.n) for block in blocks])
        return _sums(self.partition, expected[which], self.partitions)


def _expected_term(size: int, others: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    """Mean of ``k / n log(n k / (size other))`` for k hypergeometric, for each other size, shape (others,)."""
    k = np.arange(1, size + 1)[:, None]
    possible = (k <= others) & (k >= size + others - n)
    # what is impossible is computed at a place where it is harmless, and weighs nothing
    k = np.where(possible, k, np.minimum(size, others))
    log_chance = (
        gammaln(size + 1)
        + gammaln(n - size + 1)
        + gammaln(others + 1)
        + gammaln(n - others + 1)
        - gammaln(n + 1)
        - gammaln(k + 1)
        - gammaln(size - k + 1)
        - gammaln(others - k + 1)
        - gammaln(n - size - others + k + 1)
    )
    terms = np.where(possible, np.exp(log_chance), 0.0) * (k / n) * np.log(n * k / (size * others.astype(np.float64)))
    return np.asarray(terms.sum(axis=0))


def _adjusted_information(ensemble: _Ensemble, overlaps: _Overlaps) -> npt.NDArray[np.float64]:
    entropies = ensemble.entropies()
    expected = ensemble.expected_information(overlaps.row)
    highest = (entropies + entropies[overlaps.row]) / 2
    return _ratio(ensemble.information(overlaps) - expected, highest - expected, overlaps.same)


def _normalised_information(ensemble: _Ensemble, overlaps: _Overlaps) -> npt.NDArray[np.float64]:
    entropies = ensemble.entropies()
    return _ratio(ensemble.information(overlaps), (entropies + entropies[overlaps.row]) / 2, overlaps.same)


def _adjusted_rand(ensemble: _Ensemble, overlaps: _Overlaps) -> npt.NDArray[np.float64]:
    pairs = _sums(ensemble.partition, ensemble.size * (ensemble.size - 1) / 2, ensemble.partitions)
    both = overlaps.total(overlaps.shared * (overlaps.shared - 1) / 2)
    expected = pairs * pairs[overlaps.row] / max(ensemble.n * (ensemble.n - 1) / 2, 1)
    return _ratio(both - expected, (pairs + pairs[overlaps.row]) / 2 - expected, overlaps.same)


def _variation_of_information(ensemble: _Ensemble, overlaps: _Overlaps) -> npt.NDArray[np.float64]:
    entropies = ensemble.entropies()
    variation = entropies + entropies[overlaps.row] - 2 * ensemble.information(overlaps)
    return np.asarray(np.maximum(variation, 0.0))


def _element_centric(ensemble: _Ensemble, overlaps: _Overlaps) -> npt.NDArray[np.float64]:
    return np.asarray(overlaps.total(overlaps.shared**2 / np.maximum(overlaps.size, overlaps.other)) / ensemble.n)


def _sums(place: npt.NDArray[np.int64], values: npt.NDArray[np.float64], places: int) -> npt.NDArray[np.float64]:
    """Sum of the values of each place, shape (places,)."""
    return np.bincount(place, values, places).astype(np.float64, copy=False)


def _ratio(
    part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64], same: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Quotient; 1 for partitions that are the same, of which some give 0 / 0, and no others do."""
    return np.divide(part, whole, out=np.ones_like(part), where=~same)


_SCORES: dict[str, Callable[[_Ensemble, _Overlaps], npt.NDArray[np.float64]]] = {
    "ami": _adjusted_information,
    "nmi": _normalised_information,
    "ari": _adjusted_rand,
    "vi": _variation_of_information,
    "element_centric": _element_centric,
}
METHODS = tuple(_SCORES)
