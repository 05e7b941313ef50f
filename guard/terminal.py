"""Text from outside on its way to a terminal, which obeys what it should show."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""The same text without control characters, line breaks excepted, and without those that turn writing around.

    Names of files and neurons come from anywhere; an escape sequence in one would colour the terminal, or clear it.

    Examples
    --------
    >>> printable("\x1b[31mred\u202e")
    '[31mred'
    """
    return "".join(each for each in text if each == "\n" or unicodedata.category(each)[0] != "C")
