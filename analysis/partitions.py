from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, choice
from .modularity import community_labels


@dataclass(frozen=True, eq=False, repr=False)
class Partition:
    """Neurons divided into communities, with all that was asked to find it.

    Parameters
    ----------
    membership
        Community of each neuron, shape (n,); labels from 0 by falling size (of equal ones the community with the lowest
        neuron first). Neurons without any synapse are alone, with the last labels.
    quality
        The objective of this partition: for "modularity", Q.
    objective, direction, weights, directed, resolution, restarts, seed
        What was asked; see :func:`creditgraph.analysis.leiden`.
    isolated
        Count of neurons without any synapse in this view.
    memberships
        Partition of every restart, shape (restarts, n), labelled alike.
    qualities
        Quality of every restart, shape (restarts,).
    """

    membership: npt.NDArray[np.int64]
    quality: float
    objective: str
    direction: str
    weights: str
    directed: bool
    resolution: float
    restarts: int
    seed: int
    isolated: int
    memberships: npt.NDArray[np.int64]
    qualities: npt.NDArray[np.float64]

    @property
    def communities(self) -> int:
        """Count of communities; neurons without any synapse are none."""
        return int(self.membership.max()) + 1 - self.isolated

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Count of neurons in each community, falling, shape (communities,)."""
        return np.bincount(self.membership)[: self.communities]

    def agreement(self) -> float | None:
        """Mean similarity (AMI) over all pairs of restarts: 1 where all found the same, about 0 where chance decides.

        None for a single restart, which agrees with nobody.
        """
        pairs = combinations(self.memberships, 2)
        similarities = [compare(p, q) for p, q in pairs]
        return float(np.mean(similarities)) if similarities else None

    def __repr__(self) -> str:
        return (
            f"Partition(neurons={len(self.membership)}, communities={self.communities}, quality={self.quality:.6g},"
            f" objective={self.objective!r}, direction={self.direction!r}, weights={self.weights!r},"
            f" directed={self.directed}, resolution={self.resolution:g}, restarts={self.restarts}, seed={self.seed})"
        )


def compare(p: Any, q: Any, *, method: str = "ami") -> float:
    """How alike two partitions of the same neurons are, whatever their labels.

    Parameters
    ----------
    p, q
        Partitions, or labels as whole numbers, shape (n,).
    method
        "ami": mutual information, adjusted for chance (1 alike, about 0 unrelated; arithmetic mean of the entropies).
        "nmi": the same, normalised but not adjusted. "ari": the Rand index, adjusted for chance. "vi": variation of
        information, ``H(p|q) + H(q|p)``, in nats (0 alike, at most log n).

    Raises
    ------
    DataError
        If the partitions are of different numbers of neurons, or empty.

    References
    ----------
    Vinh, Epps and Bailey, JMLR 11 (2010), for ami; Hubert and Arabie (1985) for ari; Meila (2007) for vi. All but "vi"
    are scikit-learn's.

    Examples
    --------
    >>> compare([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    >>> round(compare([0, 0, 1, 1], [0, 0, 0, 0], method="vi"), 6)
    0.693147
    """
    choice("method", method, ("ami", "nmi", "ari", "vi"))
    first = getattr(p, "membership", p)
    n = np.size(first)
    if not n:
        raise DataError("p: got a partition of no neurons, expected at least one")
    a, b = community_labels(first, n), community_labels(q, n)
    if method == "vi":
        return _variation_of_information(a, b)
    # scikit-learn takes most of a second to import, and few calls need it
    from sklearn import metrics

    functions = {
        "ami": metrics.adjusted_mutual_info_score,
        "nmi": metrics.normalized_mutual_info_score,
        "ari": metrics.adjusted_rand_score,
    }
    return float(functions[method](a, b))


def relabelled(membership: npt.NDArray[Any], isolated: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Labels from 0 by falling size, of equal sizes by lowest neuron; isolated neurons each alone, last."""
    labels = membership.astype(np.int64)
    labels[isolated] = labels.max() + 1 + np.arange(int(isolated.sum()))
    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes, isolated[first]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse]


def _variation_of_information(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> float:
    n = len(a)
    joint = np.unique(a * (int(b.max()) + 1) + b, return_counts=True)[1] / n
    separate = [np.bincount(labels) / n for labels in (a, b)]
    value = sum(float(share @ np.log(share)) for share in separate) - 2 * float(joint @ np.log(joint))
    return max(value, 0.0)
