"""The data of a map of similarities: every pair once, or means over groups where there are too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST_NETWORKS = 200
"""Of more networks than this, pairs are in a file of their own."""

DIGITS = 6


def similarity_data(
    matrix: npt.NDArray[np.floating], groups: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """What a map of similarities draws, as a table and as further data.

    Similarities are symmetric, so that one triangle of them says all: row i has those with networks 0 to i, rounded to
    six digits. Of more than 200 networks the table has the mean over the pairs of networks of each pair of groups
    (a network is in no pair with itself), and the triangle is further data, ``pairs``.

    Parameters
    ----------
    matrix
        Shape (networks, networks), symmetric.
    groups
        Group of each network: its learning rate, say.

    Examples
    --------
    >>> data, further = similarity_data(np.array([[1.0, 0.25], [0.25, 1.0]]), ["0.1", "0.3"])
    >>> data["0: 0.1"].tolist(), further
    ([1.0, 0.25], {})
    """
    lower = np.where(np.tri(len(groups), dtype=bool), np.round(matrix, DIGITS), np.nan)
    triangle = pd.DataFrame(lower, columns=[f"{i}: {group}" for i, group in enumerate(groups)])
    if len(groups) <= MOST_NETWORKS:
        return triangle, {}
    names = list(dict.fromkeys(groups))
    place = np.array([names.index(group) for group in groups])
    one, two = np.tril_indices(len(groups), -1)
    # a pair of groups is one, whichever of the two comes first
    low, high = np.minimum(place[one], place[two]), np.maximum(place[one], place[two])
    pairs = pd.DataFrame({"group": low, "other": high, "similarity": matrix[one, two]})
    means = pairs.groupby(["group", "other"], as_index=False).agg(
        pairs=("similarity", "size"), similarity=("similarity", "mean")
    )
    named = {name: [names[i] for i in means[name]] for name in ("group", "other")}
    return means.assign(**named, similarity=means["similarity"].round(DIGITS)), {"pairs": triangle}
