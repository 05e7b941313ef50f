"""Synapses by strength, and places within groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def strongest_first(weight: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Synapses from the strongest ``|w|`` to the weakest; of equal ones the last, row by row, counts as stronger.

    So the first of equal weights are the first to be pruned, as in the simulations of creditgraph.
    """
    return np.argsort(np.abs(weight), kind="stable")[::-1]


def strongest(weight: npt.NDArray[Any], count: int) -> npt.NDArray[np.intp]:
    """The first `count` synapses of :func:`strongest_first`, in the order of the synapses, without sorting them all."""
    if not count:
        return np.empty(0, dtype=np.intp)
    magnitude = np.abs(weight)
    threshold = np.partition(magnitude, len(magnitude) - count)[len(magnitude) - count]
    above = np.flatnonzero(magnitude > threshold)
    level = np.flatnonzero(magnitude == threshold)
    return np.sort(np.concatenate([above, level[len(level) - (count - len(above)) :]]))


def places_within(counts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Place from 0 of each member of consecutive groups of so many members each."""
    ends = np.cumsum(counts)
    places: npt.NDArray[np.int64] = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    return places
