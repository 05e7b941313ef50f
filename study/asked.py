"""What analyses and comparisons do alike: take options, write down what is asked before all else, and write tables."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import pandas as pd
import yaml

from ..guard import FileError, OptionError, write_whole
from ..reports.table import csv
from .analyses.options import AnalysisOptions
from .environment import environment
from .result_folder import ResultFolder


def asked_options(
    options: AnalysisOptions | None, changes: Mapping[str, Any], otherwise: Mapping[str, Any] | None = None
) -> AnalysisOptions:
    """The options of a call: those given, or else some others by name, with single ones changed.

    Parameters
    ----------
    options
        What the caller gave; None for the default.
    changes
        Single options by name, which go before all else.
    otherwise
        Single options by name where `options` is None.

    Raises
    ------
    OptionError
        For what are no options, or an option that does not exist or is not allowed.
    """
    if options is not None and not isinstance(options, AnalysisOptions):
        raise OptionError("options", options, "AnalysisOptions(...)")
    return AnalysisOptions.from_dict({**(options.to_dict() if options else otherwise or {}), **changes})


def option_words(options: AnalysisOptions, default: AnalysisOptions, said: Container[str] = ()) -> list[str]:
    """The options that are not the default's, and those of the names that were said, as the command takes them."""
    others = default.to_dict()
    return [
        f"--{name}={_typed(value)}"
        for name, value in options.to_dict().items()
        if value != others[name] or (name in said and value is not None)
    ]


def _typed(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    # as YAML says None
    return "null" if value is None else str(value)


def write_down(folder: ResultFolder, name: str, asked: Mapping[str, Any]) -> None:
    """Write what is asked as YAML, and the environment in which a folder of results was begun beside it."""
    write_whole(folder.path / name, yaml.safe_dump(dict(asked), sort_keys=False, allow_unicode=True))
    try:
        folder.read_json("environment.json")
    except FileError:
        folder.write_json("environment.json", environment("cpu"))


def write_tables(folder: ResultFolder, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write each table as parquet and as CSV."""
    for name, table in tables.items():
        folder.write_table(name, table)
        write_whole(folder.path / f"{name}.csv", csv(table))
