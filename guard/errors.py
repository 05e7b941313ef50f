from __future__ import annotations

from typing import Any

from .spelling import known_as

LONGEST_SHOWN = 80


def shown(given: object) -> str:
    """What was given, as one short line."""
    try:
        text = given if isinstance(given, str) else repr(given)
    except ValueError:
        # Python refuses to write out whole numbers of more than some thousand digits
        text = f"a value of type {type(given).__name__} too long to show"
    text = " ".join(text.split())
    if isinstance(given, str):
        text = f"'{text}'"
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


class CreditgraphError(ValueError):
    """Base of all errors that are the caller's to mend; its message is one line that says what to do."""


class OptionError(CreditgraphError):
    """An option that is unknown, of the wrong type, or out of range.

    Parameters
    ----------
    option
        Name of the option, as the user writes it.
    given
        What was given.
    allowed
        What is allowed, in words.
    hint
        What to do, if more can be said.
    """

    def __init__(self, option: str, given: Any, allowed: str, hint: str = "") -> None:
        self.option = known_as(option)
        self.given = given
        self.allowed = allowed
        self.hint = hint
        super().__init__(f"{self.option}: got {shown(given)}, expected {allowed}" + (f"; {hint}" if hint else ""))

    def __reduce__(self) -> tuple[type[OptionError], tuple[str, Any, str, str]]:
        # an error crosses from a worker process to the caller whole
        return type(self), (self.option, self.given, self.allowed, self.hint)


class DataError(CreditgraphError):
    """Data that cannot be used: NaN, infinity, a wrong shape, an empty graph."""


class WorkerError(CreditgraphError):
    """A worker process that died, for want of memory say."""


class FileError(CreditgraphError):
    """A file or folder that is missing, malformed, corrupt, or cannot be written."""
