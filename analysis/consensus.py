from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import fraction, whole_number
from .agreement import co_assignment, expected_co_assignment
from .leiden import leiden
from .partitions import relabelled
from .similarity import labels_of, similarity_matrix

# in tries on random networks, what converges at all does so in fewer than 10
MOST_ROUNDS = 50


@dataclass(frozen=True, eq=False)
class Consensus:
    """What several partitions of the same neurons have in common.

    Parameters
    ----------
    membership
        Community of each neuron, shape (n,); labels from 0 by falling size.
    similarity
        Mean AMI of this partition with those given: near 0, they have nothing in common, and this partition is one of
        many.
    co_assignment
        Share of the partitions given in which two neurons are together, shape (n, n).
    threshold
        Co-assignment in the partitions given that counted as none.
    rounds
        How many times co-assignments were clustered; 0 where all partitions were the same from the start.
    converged
        Whether all partitions of the last round were the same. If not, `membership` is the best of that round.
    restarts, seed
        What was asked.
    """

    membership: npt.NDArray[np.int64]
    similarity: float
    co_assignment: npt.NDArray[np.float64]
    threshold: float
    rounds: int
    converged: bool
    restarts: int
    seed: int


def consensus(
    partitions: Iterable[Any],
    *,
    threshold: float | None = None,
    restarts: int = 10,
    seed: int = 0,
    workers: int | None = 1,
) -> Consensus:
    """Consensus partition: cluster the co-assignments of partitions, and those of what comes out, until all agree.

    In each round, co-assignments that are no more than the threshold are set to 0; the rest are the weights of a graph
    of neurons, of which the Leiden algorithm finds as many partitions as there are restarts. Memory grows with the
    square of the count of neurons.

    Parameters
    ----------
    partitions
        Partitions, or labels as whole numbers, shape (n,) each; or an array of labels, shape (partitions, n), as the
        `memberships` of a :class:`Partition` (of which ``memberships[:, placed]`` leaves out neurons without synapses,
        which are alone in all and make partitions alike that are not).
    threshold
        Co-assignment from 0 to 1 that counts as none; by default, in each round, what is expected if labels are
        permuted within each partition, see :func:`expected_co_assignment`.
    restarts
        Partitions that are found in each round, at least 2.
    seed
        Seed of all rounds.
    workers
        How many processes share the restarts; None for one each core. The result does not depend on it.

    Returns
    -------
    Consensus
        With every neuron alone if no two are together more often than the threshold.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If there is no partition, or they are of different numbers of neurons, or empty.

    References
    ----------
    Lancichinetti and Fortunato, "Consensus clustering in complex networks", Scientific Reports 2 (2012), for the
    rounds; Bassett et al., Chaos 23 (2013), for the threshold from permuted labels.

    Examples
    --------
    >>> consensus([[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 2], [0, 0, 2, 1, 1, 1]]).membership.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    fixed = None if threshold is None else fraction("threshold", threshold)
    whole_number("restarts", restarts, 2)
    whole_number("seed", seed, 0)
    labels = given = labels_of(partitions)
    first_threshold = expected_co_assignment(given) if fixed is None else fixed
    best, rounds = given[0], 0
    while not (converged := _all_same(labels)) and rounds < MOST_ROUNDS:
        together = co_assignment(labels)
        together[together <= (expected_co_assignment(labels) if fixed is None else fixed)] = 0.0
        np.fill_diagonal(together, 0.0)
        rounds += 1
        if not together.any():
            best = np.arange(given.shape[1])
            labels = best[None]
            continue
        own_seed = int(np.random.SeedSequence((seed, rounds)).generate_state(1)[0])
        found = leiden(WeightGraph.from_matrix(together), restarts=restarts, seed=own_seed, workers=workers)
        best, labels = found.membership, found.memberships
    nobody = np.zeros(given.shape[1], dtype=np.bool_)
    membership = relabelled(best, nobody)
    return Consensus(
        membership=membership,
        similarity=float(similarity_matrix([membership, *given])[0, 1:].mean()),
        co_assignment=co_assignment(given),
        threshold=first_threshold,
        rounds=rounds,
        converged=converged,
        restarts=restarts,
        seed=seed,
    )


def _all_same(labels: npt.NDArray[np.int64]) -> bool:
    # variation of information is 0 for partitions that are the same, and for no others
    return not similarity_matrix(labels, method="vi")[0].any()
