"""What the tables of a sweep have in common: one row per network and question, and missing values that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError, OptionError, counted, plural

# what was asked of a network, beside the learning rate and seed that made it
QUESTION = ["weights", "direction", "null"]

# columns that tell rows apart
KEYS = {*QUESTION, "pruning", "objective", "group", "seed"}

# tests are called, and intervals drawn, at this error rate
LEVEL = 0.05

# differences of Q below this are rounding, and must not be ranked
ROUNDING = 1e-12


def question(table: pd.DataFrame) -> list[str]:
    """Columns that tell questions apart: those of QUESTION, and the pruning where networks were pruned."""
    return [*QUESTION, "pruning"] if "pruning" in table else list(QUESTION)


def need(name: str, table: object, columns: Iterable[str], numbers: Sequence[str]) -> None:
    """Check that a table has rows, all the columns, in `numbers` finite numbers, and in those of KEYS something.

    Raises
    ------
    OptionError
        If it is no table.
    DataError
        If it has not; the message names the columns.
    """
    if not isinstance(table, pd.DataFrame):
        raise OptionError(name, table, "a pandas DataFrame")
    columns = list(columns)
    missing = [column for column in (*columns, *numbers) if column not in table]
    if missing:
        raise DataError(f"{name}: the table has no column {', '.join(missing)}")
    if table.empty:
        raise DataError(f"{name}: the table is empty")
    for column in sorted(KEYS.intersection([*columns, *numbers])):
        # rows without a key would be in no group, or in one with what is alike in nothing else
        absent = int(table[column].isna().sum())
        if absent:
            raise DataError(
                f"{name}: {absent} of {counted(len(table), 'value')} of column {column} "
                f"{plural(absent, 'is', 'are')} missing"
            )
    for column in [*numbers, *({"pruning"} & set(columns))]:
        bad = int((~np.isfinite(column_of(name, table, column))).sum())
        if bad:
            raise DataError(
                f"{name}: {bad} of {counted(len(table), 'value')} of column {column} "
                f"{plural(int(bad), 'is', 'are')} missing or infinite"
            )


def column_of(name: str, table: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """A column as numbers, NaN where a value is missing; texts of numbers, whose order is another, are none."""
    values = table[column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        numeric = pd.api.types.is_numeric_dtype(values.cat.categories.dtype)
        values = values.astype(np.float64 if numeric else object)
    kind = values.dtype.name
    if kind == "object":
        kind = "text" if any(isinstance(value, str) for value in values) else kind
    try:
        if kind not in ("object", "bool") and not pd.api.types.is_numeric_dtype(values):
            raise TypeError(kind)
        return values.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: column {column} holds {kind} values, expected numbers") from error


def once(name: str, table: pd.DataFrame, columns: list[str]) -> None:
    """Check that no network is there twice: copies would count as independent seeds."""
    if table.duplicated(columns).any():
        raise DataError(f"{name}: a network comes twice at one learning rate, which would count it as two seeds")


def groups(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Rows of a table by their keys: numbers in rising order, names in the order in which the table has them.

    Examples
    --------
    >>> table = pd.DataFrame({"null": ["rewire", "initial", "rewire"], "learning_rate": [0.3, 0.1, 0.1]})
    >>> [key for key, _ in groups(table, ["null", "learning_rate"])]
    [('rewire', 0.1), ('rewire', 0.3), ('initial', 0.1)]
    """
    numeric = [pd.api.types.is_numeric_dtype(table[key]) for key in keys]
    places = [
        {} if is_number else {name: i for i, name in enumerate(table[key].unique())}
        for key, is_number in zip(keys, numeric, strict=True)
    ]

    def order(found: tuple[tuple[Any, ...], pd.DataFrame]) -> tuple[Any, ...]:
        return tuple(place.get(value, value) for place, value in zip(places, found[0], strict=True))

    return sorted(table.groupby(list(keys)), key=order)


def excess_of(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Quality less the network's own null mean, without rounding errors where the quality is no share (as cpm).

    Those of numbers beyond 1 are a share of them, so what is below that share of the largest is no difference.
    """
    quality, null_mean = (table[column].to_numpy(np.float64, na_value=np.nan) for column in ("quality", "null_mean"))
    largest = float(np.nanmax(np.abs([quality, null_mean]), initial=1.0))
    found: npt.NDArray[np.float64] = quality - null_mean
    return found if largest <= 1.0 else np.round(found / (ROUNDING * largest)) * (ROUNDING * largest)


def difference_table(communities: pd.DataFrame) -> pd.DataFrame:
    """Quality less the member's own null mean, seeds by learning rates; missing where there is no such network."""
    difference = excess_of(communities)
    return (
        communities.assign(difference=difference)
        .pivot_table(index="seed", columns="learning_rate", values="difference", dropna=False)
        .sort_index(axis=1)
    )


def named(keys: Sequence[str], values: Iterable[Any]) -> str:
    """Row of a table in words, for a message."""
    return ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))


def typed(table: pd.DataFrame, *, numbers: Iterable[str] = (), counts: Iterable[str] = ()) -> pd.DataFrame:
    """The table with nullable types, so that what is missing is pd.NA and not NaN."""
    return table.astype({**dict.fromkeys(numbers, "Float64"), **dict.fromkeys(counts, "Int64")})
