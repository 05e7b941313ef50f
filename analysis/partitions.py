from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .similarity import similarity_matrix


@dataclass(frozen=True, eq=False, repr=False)
class Partition:
    """Neurons divided into communities, with all that was asked to find it.

    Parameters
    ----------
    membership
        Community of each neuron, shape (n,); labels from 0 by falling size (of equal ones the community with the lowest
        neuron first). Neurons without any synapse are alone, with the last labels; for "cpm", they are as all others.
    quality
        Its :func:`creditgraph.analysis.quality`: for "modularity", Q.
    objective, direction, weights, directed, resolution, restarts, seed
        What was asked; see :func:`creditgraph.analysis.leiden`.
    isolated
        Count of neurons set apart for want of synapses in this view; 0 for "cpm".
    memberships
        Partition of every restart, shape (restarts, n), labelled alike.
    qualities
        Quality of every restart, shape (restarts,).
    initial_membership
        Where the first restart started, labels from 0, shape (n,); None where chance decided.
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
    initial_membership: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Keep the arrays read-only: the quality is of them as they are. Those of the caller are left alone."""
        for name in ("membership", "memberships", "qualities", "initial_membership"):
            array = getattr(self, name)
            if array is not None:
                kept = np.array(array)
                kept.setflags(write=False)
                object.__setattr__(self, name, kept)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a copy's or a stored partition's values, read-only too."""
        self.__dict__.update(state)
        self.__post_init__()

    @property
    def communities(self) -> int:
        """Count of communities; neurons without any synapse are none."""
        return int(self.membership.max()) + 1 - self.isolated

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Count of neurons in each community, falling, shape (communities,)."""
        return np.bincount(self.membership)[: self.communities]

    @property
    def placed(self) -> npt.NDArray[np.bool_]:
        """Neurons that were searched a place for, shape (n,): all but those set apart.

        Neurons without synapses are alone in every partition, so they tell nothing of how firm communities are, and
        would make the partitions of any search alike: ``memberships[:, placed]`` are those without them.
        """
        return self.membership < self.communities

    def agreement(self) -> float | None:
        """Mean similarity (AMI) over all pairs of restarts: 1 where all found the same, about 0 where chance decides.

        Of the neurons that were searched a place for, see `placed`. None for a single restart, which agrees with
        nobody.
        """
        similarities = similarity_matrix(self.memberships[:, self.placed])
        pairs = np.triu_indices(len(similarities), 1)
        return float(similarities[pairs].mean()) if len(similarities) > 1 else None

    def __repr__(self) -> str:
        return (
            f"Partition(neurons={len(self.membership)}, communities={self.communities}, quality={self.quality:.6g},"
            f" objective={self.objective!r}, direction={self.direction!r}, weights={self.weights!r},"
            f" directed={self.directed}, resolution={self.resolution:g}, restarts={self.restarts}, seed={self.seed})"
        )


def relabelled(membership: npt.NDArray[Any], isolated: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Labels from 0 by falling size, of equal sizes by lowest neuron; isolated neurons each alone, last."""
    labels = membership.astype(np.int64)
    labels[isolated] = labels.max() + 1 + np.arange(int(isolated.sum()))
    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes, isolated[first]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse]
