"""Numbers that are written as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError, counted, plural
from ...guard.errors import shown

# words that programs write where a value is missing, in small letters
MISSING_WORDS = frozenset(("nan", "na", "n/a", "#n/a", "<na>", "null", "none"))
REMEDY = "write 0 where there is no synapse, or the weight"


def is_missing(text: Any) -> bool:
    """Whether a text is a word that stands for a missing value, such as NA.

    Examples
    --------
    >>> is_missing("NaN"), is_missing(" NA "), is_missing("0"), is_missing("")
    (True, True, False, False)
    """
    return str(text).strip().lower() in MISSING_WORDS


def floats(
    name: str, texts: Sequence[Any] | npt.NDArray[Any], where: Callable[[int], str] = lambda _: ""
) -> npt.NDArray[np.float64]:
    """Numbers to the bit as they were written.

    Parameters
    ----------
    name
        What they are.
    texts
        The numbers as texts.
    where
        Where in the file the text of a place in `texts` stands, in words.

    Raises
    ------
    DataError
        If a text is no finite number; the message names the first, and where it stands, and of words for a missing
        value how many there are.
    """
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        wrong = next(place for place, text in enumerate(texts) if not _reads(text))
        raise DataError(_refused(name, texts, wrong, "a number", where)) from None
    if not np.isfinite(numbers).all():
        raise DataError(_refused(name, texts, int(np.argmin(np.isfinite(numbers))), "a finite number", where))
    return numbers


def _refused(
    name: str, texts: Sequence[Any] | npt.NDArray[Any], place: int, expected: str, where: Callable[[int], str]
) -> str:
    at = where(place)
    if is_missing(texts[place]):
        count = sum(map(is_missing, texts))
        first = f", the first in {at}" if at else ""
        return (
            f"{name}: {count} of {counted(len(texts), 'value')} {plural(count, 'is', 'are')} missing "
            f"({shown(str(texts[place]))}){first}; {REMEDY}"
        )
    return f"{name}: got {shown(str(texts[place]))}{f' in {at}' if at else ''}, expected {expected}"


def are_indices(labels: Iterable[str], n: int) -> bool:
    """Whether n labels are the numbers 0 to n - 1 as they are usually written, in any order."""
    return set(labels) == {str(i) for i in range(n)}


def _reads(text: Any) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
