from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..guard import choice, real_number
from .similarity import METHODS, element_similarity, labels_of, similarity_matrix

# the most alike, and the least, that partitions can be; AMI and ARI below 0 have no round bound
RANGES = {
    "ami": (-1.0, 1.0),
    "nmi": (0.0, 1.0),
    "ari": (-1.0, 1.0),
    "vi": (0.0, math.inf),
    "element_centric": (0.0, 1.0),
}


@dataclass(frozen=True, eq=False)
class Agreement:
    """How alike several partitions of the same neurons are.

    Parameters
    ----------
    similarity
        Each with each, shape (partitions, partitions).
    mean
        Mean over pairs of different partitions; None for a single partition.
    low, high
        Jackknife interval of the mean; None for fewer than 3 partitions.
    neurons
        Mean over pairs of :func:`element_similarity`, shape (n,): 1 where a neuron is always with the same others; None
        for a single partition.
    method, level
        What was asked.
    """

    similarity: npt.NDArray[np.float64]
    mean: float | None
    low: float | None
    high: float | None
    neurons: npt.NDArray[np.float64] | None
    method: str
    level: float


def agreement(partitions: Iterable[Any], *, method: str = "ami", level: float = 0.95) -> Agreement:
    r"""How alike the partitions of several restarts or seeds are, over all pairs and neuron by neuron.

    The k (k - 1) / 2 pairs of k partitions are not independent, since each partition is in k - 1 of them, so the
    interval of their mean comes from leaving out one partition, and all its pairs, at a time (jackknife): with
    :math:`\theta` the mean over all pairs, :math:`\theta_{(i)}` that without partition i and :math:`\theta_{(\cdot)}`
    the mean of these,

    .. math:: \theta \pm t_{k-1} \sqrt{\frac{k - 1}{k} \sum_{i=1}^{k} (\theta_{(i)} - \theta_{(\cdot)})^2}

    Of the partitions of one network it tells how well defined its communities are; of networks of different seeds, how
    reproducible, provided that neuron i is the same neuron in each.

    Parameters
    ----------
    partitions
        Partitions, or labels as whole numbers, shape (n,) each; or an array of labels, shape (partitions, n), as the
        `memberships` of a :class:`Partition`.
    method
        Similarity, one of those of :func:`compare`.
    level
        Coverage of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If there is no partition, or they are of different numbers of neurons, or empty.

    References
    ----------
    Arvesen, "Jackknifing U-statistics", Annals of Mathematical Statistics 40 (1969).

    Examples
    --------
    >>> found = agreement([[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]], method="element_centric")
    >>> round(found.mean, 3), found.neurons.round(3).tolist()
    (0.694, [0.778, 0.778, 0.556, 0.667])
    """
    choice("method", method, METHODS)
    real_number("level", level, above=0.0, maximum=float(np.nextafter(1.0, 0.0)))
    labels = labels_of(partitions)
    similarity = similarity_matrix(labels, method=method)
    count = len(labels)
    if count < 2:
        return Agreement(similarity, None, None, None, None, method, level)
    pairs = np.triu_indices(count, 1)
    mean = float(similarity[pairs].mean())
    low, high = _jackknife(similarity, mean, level)
    neurons = np.mean([element_similarity(labels[i], labels[j]) for i, j in combinations(range(count), 2)], axis=0)
    bounds = RANGES[method]
    inside = [None if bound is None else min(max(bound, bounds[0]), bounds[1]) for bound in (low, high)]
    return Agreement(similarity, mean, inside[0], inside[1], neurons, method, level)


def _jackknife(
    similarity: npt.NDArray[np.float64], mean: float, level: float
) -> tuple[float, float] | tuple[None, None]:
    count = len(similarity)
    if count < 3:
        return None, None
    of_one = similarity.sum(axis=1) - similarity.diagonal()
    without = (of_one.sum() / 2 - of_one) / ((count - 1) * (count - 2) / 2)
    error = math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum()))
    half = float(stats.t.ppf((1 + level) / 2, count - 1)) * error
    return mean - half, mean + half


def co_assignment(partitions: Iterable[Any]) -> npt.NDArray[np.float64]:
    """Share of partitions in which two neurons are in one community.

    Parameters
    ----------
    partitions
        Partitions, or labels as whole numbers, shape (n,) each; or an array of labels, shape (partitions, n).

    Returns
    -------
    ndarray
        From 0 to 1, 1 on the diagonal, shape (n, n).

    Raises
    ------
    DataError
        If there is no partition, or they are of different numbers of neurons, or empty.

    Examples
    --------
    >>> co_assignment([[0, 0, 1], [4, 2, 2]]).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    labels = labels_of(partitions)
    together = np.zeros((labels.shape[1], labels.shape[1]))
    for membership in labels:
        together += membership[:, None] == membership[None, :]
    return together / len(labels)


def expected_co_assignment(partitions: Iterable[Any]) -> float:
    r"""Co-assignment of two different neurons if labels were handed out at random within each partition.

    With :math:`s_{pc}` the sizes of the communities of the P partitions of n neurons, the mean over all permutations of
    the labels of each partition is the same for all pairs of neurons,

    .. math:: \frac{1}{P} \sum_p \sum_c \frac{s_{pc} (s_{pc} - 1)}{n (n - 1)}

    Raises
    ------
    DataError
        If there is no partition, or they are of different numbers of neurons, or empty.

    References
    ----------
    Bassett et al., "Robust detection of dynamic community structure in networks", Chaos 23 (2013), who draw the
    permutations.

    Examples
    --------
    >>> round(expected_co_assignment([[0, 0, 1, 1], [0, 1, 2, 3]]), 4)
    0.1667
    """
    labels = labels_of(partitions)
    n = int(labels.shape[1])
    sizes = [np.bincount(membership).astype(np.float64) for membership in labels]
    together = float(np.mean([(size * (size - 1)).sum() for size in sizes]))
    return together / max(n * (n - 1), 1)


def expected_element_similarity(partitions: Iterable[Any]) -> float | None:
    r"""Mean of `Agreement.neurons` if labels were handed out at random within each partition.

    Two partitions with communities of sizes :math:`a_A` and :math:`b_B` put neuron i into A and B with chances
    :math:`a_A / n` and :math:`b_B / n`, where :math:`1 + (a_A - 1)(b_B - 1) / (n - 1)` neurons of A are expected in B.
    So the mean of :func:`element_similarity` over all permutations of the labels is the same for every neuron,

    .. math:: \sum_{AB} \frac{a_A b_B}{n^2} \frac{1 + (a_A - 1)(b_B - 1) / (n - 1)}{\max(a_A, b_B)}

    of which the mean over all pairs of partitions is taken. Element-centric similarity is not adjusted for chance: this
    is what it must be read against. None for a single partition, which has no pair.

    Raises
    ------
    DataError
        If there is no partition, or they are of different numbers of neurons, or empty.

    References
    ----------
    The measure: Gates, Wood, Hetrick and Ahn, Scientific Reports 9 (2019). Its expectation in closed form is ours.

    Examples
    --------
    >>> expected_element_similarity([[0, 0, 1, 1], [0, 0, 0, 0]])
    0.5
    """
    labels = labels_of(partitions)
    n = int(labels.shape[1])
    sizes = [np.bincount(membership).astype(np.float64) for membership in labels]
    expected = []
    for a, b in combinations(sizes, 2):
        shared = 1.0 + np.outer(a - 1, b - 1) / max(n - 1, 1)
        expected.append(float((np.outer(a, b) / n**2 * shared / np.maximum.outer(a, b)).sum()))
    return float(np.mean(expected)) if expected else None
