from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from ..guard import DataError, finite_array


def false_discovery(p_values: Any) -> npt.NDArray[np.float64]:
    """q-values of a family of tests: the false discovery rate at which each would be called (Benjamini, Hochberg 1995).

    Parameters
    ----------
    p_values
        Numbers from 0 to 1, shape (tests,).

    Returns
    -------
    ndarray
        ``q_(i) = min over j >= i of p_(j) * tests / j`` for the i-th smallest, in the order given.

    Raises
    ------
    DataError
        If a value is missing or not from 0 to 1.

    References
    ----------
    Benjamini and Hochberg, JRSS B 57 (1995).

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = finite_array("p_values", p_values, ndim=1).astype(np.float64)
    if ((values < 0) | (values > 1)).any():
        raise DataError("p_values: expected numbers from 0 to 1")
    return np.asarray(stats.false_discovery_control(values)) if len(values) else values
