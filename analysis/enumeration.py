"""Every partition of few neurons, of which the best are found without a search."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .objectives import Objective

# 21,147 partitions of 9 neurons are scored in half a millisecond; of 10 there are 115,975, of 12 over 4 million
MOST_NEURONS = 9

# partitions whose qualities differ by no more than this share of all that pairs can add are equally good: sums of 36
# numbers in another order differ by less than a tenth of it
ROUNDING = 1e-13


@lru_cache(maxsize=MOST_NEURONS)
def all_partitions(n: int) -> npt.NDArray[np.int8]:
    """Every partition of n neurons as a restricted growth string, in rising order, shape (Bell number of n, n).

    A neuron is in a community of a neuron before it, or begins the next one: so each partition is there once.

    Examples
    --------
    >>> all_partitions(3).tolist()
    [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2]]
    """
    labels, last = np.zeros((1, 1), dtype=np.int8), np.zeros(1, dtype=np.int8)
    for _ in range(n - 1):
        choices = last.astype(np.int64) + 2
        parent = np.repeat(np.arange(len(labels)), choices)
        chosen = (np.arange(len(parent)) - np.repeat(np.cumsum(choices) - choices, choices)).astype(np.int8)
        labels, last = np.column_stack([labels[parent], chosen]), np.maximum(last[parent], chosen)
    labels.setflags(write=False)
    return labels


def best_partitions(
    objective: Objective, sign: float, *, apart: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int64]:
    """All partitions that are best by an objective, or by its negative with a `sign` of -1, shape (partitions, n).

    More than one where they are equally good but for rounding. Neurons to be set `apart`, shape (n,), which must add
    nothing to the objective wherever they are, are each alone.
    """
    n = objective.view.n
    rows, columns = np.triu_indices(n, 1)
    pairs = sign * objective.pairs()[rows, columns]
    # not _together(n) @ pairs: threads of a linear algebra library would change the last digit
    gains = np.einsum("pk,k->p", _together(n), pairs)
    best = gains >= gains.max() - ROUNDING * float(np.abs(pairs).sum())
    if apart is not None and apart.any():
        best &= ~_together(n)[:, apart[rows] | apart[columns]].any(axis=1)
    return np.asarray(all_partitions(n)[best], dtype=np.int64)


@lru_cache(maxsize=MOST_NEURONS)
def _together(n: int) -> npt.NDArray[np.float64]:
    """1 where a pair of neurons is in one community, shape (partitions, pairs)."""
    labels = all_partitions(n)
    rows, columns = np.triu_indices(n, 1)
    return np.asarray(labels[:, rows] == labels[:, columns], dtype=np.float64)
