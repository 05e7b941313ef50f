from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, counted, finite_array


def community_labels(membership: Any, n: int) -> npt.NDArray[np.int64]:
    """Labels 0.. of a membership given as any whole numbers, shape (n,)."""
    given = finite_array("membership", getattr(membership, "membership", membership), ndim=1)
    if len(given) != n:
        raise DataError(
            f"membership: got {counted(len(given), 'label')}, expected one for each of the {counted(n, 'neuron')}"
        )
    if given.dtype.kind not in "bui":
        raise DataError(f"membership: got values of type {given.dtype}, expected whole numbers")
    return np.unique(given, return_inverse=True)[1].astype(np.int64, copy=False)
