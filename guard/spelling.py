"""How an option is spelt in a message: as a keyword of Python, or as the command takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_OF_COMMAND: ContextVar[bool] = ContextVar("_OF_COMMAND", default=False)
_NAMES: ContextVar[Mapping[str, str]] = ContextVar("_NAMES", default={})  # noqa: B039 (never changed)


@contextmanager
def spelt_for_command() -> Iterator[None]:
    """Within it, options are spelt as on the command line: ``--missing_weights=drop``."""
    before = _OF_COMMAND.set(True)
    try:
        yield
    finally:
        _OF_COMMAND.reset(before)


@contextmanager
def options_named(names: Mapping[str, str]) -> Iterator[None]:
    """Within it, options go by the names that the caller knows, where these are others."""
    before = _NAMES.set(names)
    try:
        yield
    finally:
        _NAMES.reset(before)


def known_as(option: str) -> str:
    """The name by which the caller knows an option."""
    return _NAMES.get().get(option, option)


def spelt(option: str) -> str:
    """An option as the caller spells it: ``workers`` or ``--workers``."""
    return f"{'--' if _OF_COMMAND.get() else ''}{known_as(option)}"


def setting(option: str, *values: str) -> str:
    """An option with the values that it can be set to, as the caller types it.

    Examples
    --------
    >>> setting("duplicates", "sum", "first"), setting("weight")
    ("duplicates='sum' or 'first'", 'weight=')
    >>> with spelt_for_command():
    ...     setting("duplicates", "sum", "first")
    '--duplicates=sum or first'
    """
    written = [value if _OF_COMMAND.get() else repr(value) for value in values]
    listed = " or ".join(filter(None, [", ".join(written[:-1]), *written[-1:]]))
    return f"{spelt(option)}={listed}"
