"""Numbers that are written as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ...guard.errors import shown


def floats(name: str, texts: Sequence[Any] | npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Numbers to the bit as they were written.

    Raises
    ------
    DataError
        If a text is no finite number; the message names the first.
    """
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        wrong = next(text for text in texts if not _reads(text))
        raise DataError(f"{name}: got {shown(str(wrong))}, expected a number") from None
    if not np.isfinite(numbers).all():
        wrong = texts[int(np.argmin(np.isfinite(numbers)))]
        raise DataError(f"{name}: got {shown(str(wrong))}, expected a finite number")
    return numbers


def are_indices(labels: Iterable[str], n: int) -> bool:
    """Whether n labels are the numbers 0 to n - 1 as they are usually written, in any order."""
    return set(labels) == {str(i) for i in range(n)}


def _reads(text: Any) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
