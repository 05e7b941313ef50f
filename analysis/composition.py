from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ..guard import DataError, counted, whole_number
from .false_discovery import false_discovery
from .membership import community_labels


def composition(membership: Any, attribute: Any, *, smallest: int = 2) -> pd.DataFrame:
    r"""What communities are made of: layers, roles, types, preferred classes, or any other attribute of neurons.

    Of N neurons, K have a value of the attribute; a community of n neurons has k of them. If communities knew nothing
    of the attribute, k would be hypergeometric with mean :math:`n K / N`; the p-value is the probability of k or more.

    Parameters
    ----------
    membership
        A partition, or whole numbers, shape (neurons,).
    attribute
        A value for each neuron, texts or whole numbers, length neurons: ``g.layers`` or ``g.roles``, say.
    smallest
        Communities of fewer neurons are left out of the table; 2 leaves out neurons without any synapse.

    Returns
    -------
    DataFrame
        One row per community and value: `community`, `value`, `neurons` (k), `size` (n), `expected`, `ratio` (k by
        expected), `p_value`, and `q_value`, Benjamini-Hochberg over all rows.

    Raises
    ------
    DataError
        If there is not one value for each neuron, or the values are neither texts nor whole numbers.

    References
    ----------
    Rivals, Personnaz, Taing and Potier, "Enrichment or depletion of a GO category within a class of genes: which
    test?", Bioinformatics 23 (2007).

    Examples
    --------
    >>> table = composition([0, 0, 1, 1], ["input", "input", "hidden", "input"])
    >>> table[["community", "value", "neurons", "expected"]].to_numpy().tolist()
    [[0, 'hidden', 0, 0.5], [0, 'input', 2, 1.5], [1, 'hidden', 1, 0.5], [1, 'input', 1, 1.5]]
    """
    whole_number("smallest", smallest, 1)
    given = np.asarray(getattr(membership, "membership", membership))
    own = community_labels(membership, given.size)
    values, kind = np.unique(attribute_values("attribute", attribute, given.size), return_inverse=True)
    counts = np.zeros((int(own.max(initial=-1)) + 1, len(values)), dtype=np.int64)
    np.add.at(counts, (own, kind), 1)
    labels, sizes, totals = np.unique(given), counts.sum(axis=1), counts.sum(axis=0)
    kept = np.flatnonzero(sizes >= smallest)
    counts, sizes = counts[kept], sizes[kept]
    expected = np.outer(sizes, totals) / given.size
    p_value = stats.hypergeom.sf(counts - 1, given.size, totals, sizes[:, None])
    return pd.DataFrame(
        {
            "community": np.repeat(labels[kept], len(values)),
            "value": np.tile(values, len(kept)),
            "neurons": counts.ravel(),
            "size": np.repeat(sizes, len(values)),
            "expected": expected.ravel(),
            "ratio": (counts / expected).ravel(),
            "p_value": p_value.ravel(),
            "q_value": false_discovery(p_value.ravel()),
        }
    )


def attribute_values(name: str, given: Any, n: int) -> npt.NDArray[Any]:
    """Texts or whole numbers, one for each of n neurons."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(f"{name}: got {type(given).__name__}, expected a value for each of the {counted(n, 'neuron')}")
    try:
        values = np.asarray(list(given))
    except ValueError as error:
        raise DataError(
            f"{name}: rows of unequal length, expected a value for each of the {counted(n, 'neuron')}"
        ) from error
    if values.ndim != 1 or len(values) != n:
        raise DataError(
            f"{name}: got an array of shape {values.shape}, expected a value for each of the {counted(n, 'neuron')}"
        )
    if values.dtype.kind not in "biuU":
        raise DataError(f"{name}: got values of type {values.dtype}, expected texts or whole numbers")
    return values
