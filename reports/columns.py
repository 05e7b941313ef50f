from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..guard import DataError


def require_columns(name: str, table: object, columns: Sequence[str]) -> None:
    """Check that a table has its columns; an empty table needs none.

    Raises
    ------
    DataError
        Naming the columns that are missing.
    """
    if not isinstance(table, pd.DataFrame):
        raise DataError(f"{name}: got {type(table).__name__}, expected a pandas DataFrame")
    missing = [column for column in columns if column not in table.columns]
    if len(table) and missing:
        raise DataError(f"{name}: the column {', '.join(missing)} is missing, expected {', '.join(columns)}")


def require_rows(name: str, table: pd.DataFrame) -> None:
    """Refuse a table without rows, of which nothing can be drawn."""
    if table.empty:
        raise DataError(f"{name}: the table is empty, so there is nothing to draw")
