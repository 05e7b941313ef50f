"""Counts in words: one of a thing, or several of them."""

from __future__ import annotations


def plural(count: int, singular: str, several: str = "") -> str:
    """The word, or words, that follow a count.

    Parameters
    ----------
    count
        How many there are.
    singular, several
        The words for one, and for none or several; by default the first with an s.

    Examples
    --------
    >>> plural(1, "seed"), plural(2, "seed"), plural(1, "is", "are")
    ('seed', 'seeds', 'is')
    """
    return singular if count == 1 else several or f"{singular}s"


def counted(count: int, singular: str, several: str = "") -> str:
    """A count with its word, which :func:`plural` chooses; thousands are set apart.

    Examples
    --------
    >>> counted(1, "community", "communities"), counted(0, "seed"), counted(1500, "row has none", "rows have none")
    ('1 community', '0 seeds', '1,500 rows have none')
    """
    return f"{count:,} {plural(count, singular, several)}"
