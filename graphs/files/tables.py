"""Tables of plain text, every cell as it was written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from ...guard import FileError, counted

SEPARATORS = (",", "\t", ";")
SPACES = r"\s+"
# a line after a byte order mark and blank lines. Cells of spreadsheets that are no numbers begin with the same sign; a
# corner may be one, and where a further cell has one, they are labels
COMMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?[\r\n]*#(?!N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|[,;\t])"
    rb"(?![^\r\n]*[,;\t]\s*#)(?![^\s#]+ +#[^\s#])([^\r\n]*)(?:[\r\n]+|\Z)"
)

# of a table's text, as much as tells its separator
GLANCE = 1 << 16


def read_table(path: Path) -> pd.DataFrame:
    """Cells of a table separated by commas, tabs, semicolons or spaces, whichever its first row has most of.

    Lines before it that begin with # are comments; the last of them is its first row where it has a name for each
    column and the table has numbers there (as ``numpy.savetxt`` writes it).

    Raises
    ------
    FileError
        If the file is empty, no text, or its rows are of different lengths.
    """
    content = path.read_bytes()
    try:
        comments, begins = _comments(content)
        content = content[begins:]
        start = content[:GLANCE].decode("utf-8-sig", errors="strict" if len(content) <= GLANCE else "ignore")
        options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "header": None, "encoding": "utf-8-sig"}
        separator = _separator(start)
        table: pd.DataFrame = pd.read_csv(BytesIO(content), sep=separator, **options)
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: byte {error.start} is no UTF-8 text; is it another format?") from error
    except pd.errors.EmptyDataError as error:
        raise FileError(f"{path}: is empty, expected a table") from error
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).removeprefix("Error tokenizing data. C error: ").split())
        raise FileError(f"{path}: is no table ({reason}); is it damaged, or another format?") from error
    if (table.iloc[:, -1] == "").any():
        _refuse_short_rows(path, content.decode("utf-8-sig"), separator, table.shape[1])
    for line in comments:
        cells = _cells(line, separator)
        if not line.startswith((" ", "#")) and len(cells) == table.shape[1] > 1 and _has_number(cells):
            raise FileError(
                f"{path}: the line '#{line[:40]}' may be a comment or a row; write a space after the # of a comment, "
                "or another label"
            )
    names = _cells(comments[-1], separator) if comments else []
    if len(names) == table.shape[1] and not _has_number(names) and _has_number(table.iloc[0]):
        table = pd.concat([pd.DataFrame([names]), table], ignore_index=True)
    return table


def _comments(content: bytes) -> tuple[list[str], int]:
    """Lines of the comment at the beginning of a table, without their mark, and where the table begins."""
    comments, begins = [], 0
    while found := COMMENT.match(content, begins):
        comments.append(found[1].decode("utf-8", errors="replace"))
        begins = found.end()
    return comments, begins


def _cells(row: str, separator: str) -> list[str]:
    row = row.lstrip("#")
    return row.split() if separator == SPACES else [name.strip() for name in row.split(separator)]


def _has_number(cells: Iterable[str]) -> bool:
    for cell in cells:
        try:
            float(cell)
        except ValueError:
            continue
        return True
    return False


def _refuse_short_rows(path: Path, text: str, separator: str, width: int) -> None:
    """Refuse a table with a row of too few cells, which pandas fills up with blank ones."""
    lengths = [len(line.split()) for line in text.splitlines()] if separator == SPACES else _lengths(text, separator)
    for row, length in enumerate((length for length in lengths if length), start=1):
        if length < width:
            raise FileError(
                f"{path}: row {row} has {counted(length, 'cell')}, expected {width}; is the file cut off? Write cells "
                "that are blank with their separators"
            )


def _lengths(text: str, separator: str) -> list[int]:
    """Count of cells of each row, 0 of one that is blank."""
    limit = csv.field_size_limit(max(len(text), 1))
    try:
        # ends of lines of any system
        rows = csv.reader(StringIO(text, newline=None), delimiter=separator)
        return [len(cells) if len(cells) > 1 or "".join(cells).strip() else 0 for cells in rows]
    finally:
        csv.field_size_limit(limit)


def _separator(start: str) -> str:
    """The separator of the first row; of several spaces, any number of them."""
    row = re.sub(r'"(?:[^"]|"")*"', "", start).lstrip("\r\n").splitlines()
    first = row[0] if row else ""
    best = max(SEPARATORS, key=first.count)
    return best if first.count(best) else SPACES if " " in first.strip() else ","
