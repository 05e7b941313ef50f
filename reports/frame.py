"""The frame that pages of analyses and of comparisons share: what is on every one of them, whatever it shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ..guard import DataError
from . import bibliography, tables
from .columns import require_columns
from .methods import Method
from .page import KeyNumber, Page, write_page
from .section import Section

Content = TypeVar("Content", bound="FramedContent")


@dataclass(frozen=True, kw_only=True)
class FramedContent:
    """What every page says, whatever it shows.

    Parameters
    ----------
    title
        Name of what is shown. Any text; shown as text.
    configuration, environment
        Options in force; versions and machine.
    command, notes
        What makes the page again; what a reader must know.
    """

    title: str
    configuration: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    notes: Sequence[str] = ()

    def require(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Check that tables, by the name of their attribute, have their columns.

        Raises
        ------
        DataError
            Naming the columns that are missing.
        """
        for name, needed in columns.items():
            require_columns(name, getattr(self, name), needed)


def write_framed(
    content: Content, kind: type[Content], page: Callable[[Content], Page], out: str | os.PathLike[str]
) -> Path:
    """Write the page of a content, with its figures and tables beside it; see :func:`write_page`.

    Raises
    ------
    FileError
        If the folder cannot be written.
    DataError
        If `content` is not of its kind.
    """
    if not isinstance(content, kind):
        raise DataError(f"content: got {type(content).__name__}, expected a {kind.__name__}")
    return write_page(page(content), out)


def framed_page(
    content: FramedContent,
    *,
    question: str,
    kind: str,
    answer: Sequence[str],
    numbers: Sequence[KeyNumber],
    sections: Sequence[Section],
    methods: Sequence[Method],
    ours: str,
    limits: Sequence[str],
    cited: Sequence[str],
    data: Sequence[str],
) -> Page:
    """The page of a content: its own parts within the frame; sections, tables and data without content are left out.

    Parameters
    ----------
    content
        What the page shows.
    question, kind, answer, numbers, sections, methods, limits
        Of the page, see :class:`Page`.
    ours
        What of the methods is not the paper's.
    cited
        Keys of the literature.
    data
        Names of the tables that the page gives as files.
    """
    options = (tables.configuration_table(content.configuration), tables.environment_table(content.environment))
    return Page(
        title=content.title,
        question=question,
        kind=kind,
        answer=answer,
        numbers=numbers,
        notes=content.notes,
        sections=[section for section in sections if not section.empty],
        methods=methods,
        ours=[ours],
        limits=limits,
        command=content.command,
        options=[table for table in options if len(table.data)],
        references=bibliography.of_keys(cited),
        data={name: getattr(content, name) for name in data if len(getattr(content, name))},
    )
