"""Numbers of a comparison in words, and the row that a sentence is about."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .. import labels


def largest(table: pd.DataFrame, by: pd.Series) -> pd.Series:
    """The row in which `by` is largest."""
    return table.iloc[int(by.astype("Float64").to_numpy(float, na_value=-np.inf).argmax())]


def signed(value: Any) -> str:
    """A score with its sign."""
    text = labels.score(value)
    return text if text.startswith("−") or text == labels.MISSING else f"+{text}"


def compared_at(at: Any) -> str:
    """Where two groups are compared, as it follows *compared*."""
    return at if str(at).startswith(("each", "as")) else f"at {labels.short(at, labels.LONGEST)}"


def interval(row: pd.Series) -> str:
    """The interval of a difference as it follows its mean."""
    if labels.missing(row["difference_low"]):
        return ", no interval"
    return f" [{signed(row['difference_low'])}, {signed(row['difference_high'])}]"
