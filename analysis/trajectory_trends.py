from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..guard import DataError, counted
from .sweep_table import column_of, need, once
from .trends import trend_frame, trend_row

# what says which network a row is, and how often it was looked at; all else that is a number is measured
PLACES = ("learning_rate", "seed", "snapshots")


def trajectory_trends(table: pd.DataFrame) -> pd.DataFrame:
    """Whether communities take another course over training at other learning rates.

    Each number of the course (births, lifetime, flexibility, ...) is tested as the quality is by
    :func:`creditgraph.analysis.trends`: seeds are paired across learning rates, so only seeds that have the number at
    every learning rate count, in a matrix of seeds x learning rates.

    Parameters
    ----------
    table
        One row per learning rate and seed, as :func:`creditgraph.analysis.trajectory_summary` returns; columns of
        numbers may be added (a `multislice_flexibility`, say), and are tested too. With a column `pruning`, each
        pruning is tested by itself.

    Returns
    -------
    DataFrame
        One row per (pruning and) `measure`, the name of the column, in its order: `seeds`, `learning_rates`, `page_l`,
        `page_p`, `trend`, `friedman_statistic`, `friedman_p` and `note` as in :func:`creditgraph.analysis.trends`;
        `q_value`, Benjamini-Hochberg over `page_p` of all rows. A network with other `snapshots` than most (of as many,
        the more) has missed some, or was looked at more often: its numbers cannot be compared and count as missing,
        and `note` says of how many networks that is so. A number that is the same everywhere has p = 1.

    Raises
    ------
    OptionError
        If it is no table.
    DataError
        If the table lacks a column, is empty, has nothing that was measured, or has a network twice.

    References
    ----------
    Page, "Ordered hypotheses for multiple treatments", JASA 58 (1963). Friedman, JASA 32 (1937).

    Examples
    --------
    >>> rates = [0.01, 0.1, 1.0] * 2
    >>> table = pd.DataFrame({"learning_rate": rates, "seed": [0, 0, 0, 1, 1, 1], "snapshots": 9})
    >>> table["flexibility"] = [0.1, 0.2, 0.4, 0.0, 0.1, 0.3]
    >>> trajectory_trends(table)[["measure", "trend", "page_l"]].to_numpy().tolist()
    [['flexibility', 'increasing', 28.0]]
    """
    need("table", table, [], PLACES)
    keys = ["pruning"] if "pruning" in table else []
    once("table", table, [*keys, "learning_rate", "seed"])
    measures = [
        column for column in table.columns.tolist() if column not in (*PLACES, *keys) and _counts(table[column])
    ]
    if not measures:
        raise DataError("table: no column of numbers beside learning_rate, seed and snapshots")
    rows: list[tuple[Any, ...]] = []
    for key, group in table.groupby(keys, dropna=False) if keys else [((), table)]:
        usual = int(group["snapshots"].mode().max())
        other = (group["snapshots"] != usual).to_numpy()
        left_out = f"{other.sum()} of {counted(len(group), 'network')} left out, whose snapshots are not {usual}"
        for measure in measures:
            values = np.where(other, np.nan, column_of("table", group, measure))
            if np.isinf(values).any():
                raise DataError(f"table: {counted(int(np.isinf(values).sum()), 'infinite value')} in column {measure}")
            matrix = group.assign(value=values).pivot_table(
                index="seed", columns="learning_rate", values="value", dropna=False
            )
            *tests, note = trend_row(matrix.sort_index(axis=1))
            note = "; ".join(filter(None, (note, left_out if other.any() else "")))
            rows.append((*key, measure, *tests, note))
    return trend_frame(rows, [*keys, "measure"])


def _counts(column: pd.Series) -> bool:
    """Whether a column holds numbers, and not truths."""
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))
