from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..guard import write_whole
from . import labels
from .figures import Spot, lay_out, pdf, png, spots, svg
from .figures.style import WIDTH
from .illustrations import Illustration
from .methods import Method
from .references import Reference
from .section import Section
from .table import Table, csv

TEMPLATES = Path(__file__).parent / "templates"

ROWS = 300
"""At most so many rows of a table are on a page; all of them are in its CSV."""

COMPRESSED_FROM = 250_000
"""Bytes of CSV from which on a page holds it compressed."""

HELD = 200_000
"""Bytes, compressed, of further data of a figure that a page holds at most; of more, it names the file beside it."""


@dataclass(frozen=True)
class KeyNumber:
    """A number at the top of the page, and what it counts."""

    name: str
    value: str


@dataclass(frozen=True)
class Page:
    """All that a page shows, section by section; what is empty is left out.

    Attributes
    ----------
    title, question, kind
        Its name, what was asked, and what kind of report it is. Any text; shown as text.
    answer, others
        The answer in sentences, and the same of what else was asked.
    numbers, notes
        The numbers at the top, and what a reader must know.
    sections
        Its sections.
    methods, paper, ours, limits
        Methods in words; what is the paper's and what is ours; what the numbers cannot say.
    command, files, resumes
        The command that makes it again, the text of each file that it takes, by name, and whether it goes on from what
        is done already.
    options
        Tables of options and environment.
    references
        Sources of the methods used.
    data
        Tables that are written beside the page, whole.
    """

    title: str
    question: str
    kind: str
    answer: Sequence[str]
    others: Sequence[str] = ()
    numbers: Sequence[KeyNumber] = ()
    notes: Sequence[str] = ()
    sections: Sequence[Section] = ()
    methods: Sequence[Method] = ()
    paper: Sequence[str] = ()
    ours: Sequence[str] = ()
    limits: Sequence[str] = ()
    command: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    resumes: bool = True
    options: Sequence[Table] = ()
    references: Sequence[Reference] = ()
    data: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class FurtherData:
    """Further data of a figure: the name of their file, what they are called, and their CSV, compressed."""

    file: str
    called: str
    content: bytes

    @property
    def held(self) -> bool:
        """Whether the page holds them."""
        return len(self.content) <= HELD


@dataclass(frozen=True)
class Picture:
    """A figure as it is on the page: words, the drawing, its data, and what its places say."""

    name: str
    label: str
    caption: str
    alternative: str
    svg: bytes
    wide: bool
    csv: str
    further: Sequence[FurtherData]
    spots: str


@dataclass(frozen=True)
class Shown:
    """A section with its pictures."""

    section: Section
    figures: Sequence[Picture]
    browsed: Sequence[Picture]


def write_page(page: Page, out: str | os.PathLike[str]) -> Path:
    """Write a page that stands alone, with its figures and tables beside it.

    The page needs no network and no other file. Beside it: every figure as SVG, PDF and PNG (300 dpi) with its data as
    CSV, every table as CSV, those of the page as Markdown and LaTeX too, and the sources as BibTeX. Further data of a
    figure, its weights say, are compressed CSV; the page holds those of at most 200 kB. The same page gives the same
    bytes.

    Parameters
    ----------
    page
        What it shows.
    out
        Folder for ``index.html``, ``figures/``, ``tables/`` and ``references.bib``; made where it is missing.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    FileError
        If the folder cannot be written.
    """
    out = Path(out)
    # the tables first: a folder that cannot be written is refused before any figure is drawn
    for table in (*(each for section in page.sections for each in (*section.tables, *section.folded)), *page.options):
        write_whole(out / "tables" / f"{table.name}.md", table.markdown())
        write_whole(out / "tables" / f"{table.name}.tex", table.latex())
        if table.name not in page.data:
            write_whole(out / "tables" / f"{table.name}.csv", table.csv())
    for name, data in page.data.items():
        write_whole(out / "tables" / f"{name}.csv", csv(data))
    if page.references:
        write_whole(out / "references.bib", _bibtex(page))
    shown = [
        Shown(
            section,
            [_picture(each, out / "figures") for each in section.figures],
            [_picture(each, out / "figures") for each in section.browsed],
        )
        for section in page.sections
    ]
    # the page last: where it stands, all that it speaks of is there
    return write_whole(out / "index.html", _html(page, shown))


def _picture(illustration: Illustration, folder: Path) -> Picture:
    """Draw a figure into its files."""
    figure, name = illustration.figure, illustration.name
    lay_out(figure)
    drawing = svg(figure)
    data = csv(illustration.data)
    for kind, content in (("svg", drawing), ("png", png(figure)), ("pdf", pdf(figure)), ("csv", data)):
        write_whole(folder / f"{name}.{kind}", content)
    further = [
        FurtherData(f"{name}-{called}.csv.gz", called, _compressed(csv(table)))
        for called, table in illustration.further.items()
    ]
    for each in further:
        write_whole(folder / each.file, each.content)
    return Picture(
        name,
        illustration.label,
        illustration.caption,
        illustration.alternative,
        drawing,
        figure.get_figwidth() > 0.8 * WIDTH,
        data,
        further,
        _spots_as_json(spots(figure)),
    )


def _spots_as_json(found: Sequence[Spot]) -> str:
    """The spots of a figure for the page's script, as short as they go; empty where there are none."""
    rows = [[each.left, each.top, each.right, each.bottom, each.text] for each in found]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def _html(page: Page, shown: Sequence[Shown]) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_inert,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["csv_link"] = _csv_link
    environment.filters["further_link"] = _further_link
    environment.filters["rows"] = lambda count: labels.counted(count, "row")
    environment.filters["unbroken"] = labels.unbroken
    environment.filters["typed"] = labels.typed
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    return environment.get_template("page.html.j2").render(
        page=page,
        shown=shown,
        most=ROWS,
        bibtex=_bibtex(page),
        style=style,
        script=script,
        style_hash=_source_hash(style),
        script_hash=_source_hash(script),
    )


def _inert(value: Any) -> Any:
    """What the page shows of a value: text cannot turn the words around it."""
    return labels.inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _bibtex(page: Page) -> str:
    return "\n".join(reference.bibtex() for reference in page.references)


def _source_hash(source: str) -> str:
    """The name by which a content security policy allows this source and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _data_uri(content: bytes | str, kind: str) -> str:
    data = content.encode(errors="replace") if isinstance(content, str) else content
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _csv_link(data: str, name: str, words: str) -> Markup:
    """A link to a CSV that the page itself holds, compressed where it is large."""
    link = Markup('<a download="{}" href="{}">{}</a>')
    if len(data) < COMPRESSED_FROM:
        return link.format(f"{name}.csv", _data_uri(data, "text/csv"), f"{words} (CSV)")
    return link.format(f"{name}.csv.gz", _data_uri(_compressed(data), "application/gzip"), f"{words} (CSV, gzip)")


def _compressed(data: str) -> bytes:
    """Text compressed, the same bytes whenever it is done."""
    return gzip.compress(data.encode(errors="replace"), compresslevel=6, mtime=0)


def _further_link(data: FurtherData) -> Markup:
    """A link to further data of a figure: in the page where they are small, else the file beside it."""
    called = labels.capital(data.called)
    if not data.held:
        return Markup('<a href="figures/{}">{} (CSV, gzip, beside this page)</a>').format(data.file, called)
    return Markup('<a download="{}" href="{}">{} (CSV, gzip)</a>').format(
        data.file, _data_uri(data.content, "application/gzip"), called
    )
