"""Tables of plain text, every cell as it was written."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from ...guard import FileError

SEPARATORS = (",", "\t", ";")

# of a table's text, as much as tells its separator
GLANCE = 1 << 16


def read_table(path: Path) -> pd.DataFrame:
    """Cells of a table separated by commas, tabs, semicolons or spaces, whichever its first row has most of.

    Raises
    ------
    FileError
        If the file is empty, no text, or its rows are of different lengths.
    """
    content = path.read_bytes()
    try:
        start = content[:GLANCE].decode("utf-8-sig", errors="strict" if len(content) <= GLANCE else "ignore")
        options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "header": None, "encoding": "utf-8-sig"}
        table: pd.DataFrame = pd.read_csv(BytesIO(content), sep=_separator(start), **options)
        return table
    except UnicodeDecodeError as error:
        raise FileError(f"{path}: byte {error.start} is no UTF-8 text; is it another format?") from error
    except pd.errors.EmptyDataError as error:
        raise FileError(f"{path}: is empty, expected a table") from error
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).removeprefix("Error tokenizing data. C error: ").split())
        raise FileError(f"{path}: is no table ({reason}); is it damaged, or another format?") from error


def _separator(start: str) -> str:
    """The separator of the first row; of several spaces, any number of them."""
    row = re.sub(r'"(?:[^"]|"")*"', "", start).lstrip("\r\n").splitlines()
    first = row[0] if row else ""
    best = max(SEPARATORS, key=first.count)
    return best if first.count(best) else r"\s+" if " " in first.strip() else ","
