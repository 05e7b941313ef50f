"""A folder of results: tables as parquet, facts as JSON, and marks that vouch for files by their checksums."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ..guard import FileError, sha256, write_whole


class ResultFolder:
    """Files of results that lie in one folder.

    Parameters
    ----------
    path
        The folder.
    """

    again: ClassVar[str] = "say the same command again"
    """What mends a file that is missing or corrupt."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a mapping as JSON."""
        write_whole(self.path / name, json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False) + "\n")

    def read_json(self, name: str) -> dict[str, Any]:
        """Read a mapping from JSON."""
        try:
            content = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FileError(f"{self.path / name}: missing or corrupt; {self.again}") from error
        if not isinstance(content, dict):
            raise FileError(f"{self.path / name}: corrupt; {self.again}")
        return content

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as parquet."""
        write_table(self.path / f"{name}.parquet", table)

    def read_table(self, name: str) -> pd.DataFrame:
        """Read a table.

        Raises
        ------
        FileError
            If it is missing or corrupt.
        """
        return read_table(self.path / f"{name}.parquet", self.again)

    def has_table(self, name: str) -> bool:
        """Whether a table is there and can be read."""
        try:
            self.read_table(name)
        except FileError:
            return False
        return True


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as parquet, whole or not at all."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    write_whole(path, buffer.getvalue())


def read_table(path: Path, again: str) -> pd.DataFrame:
    """Read a table from parquet; the error says what to do `again`."""
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: missing or corrupt; {again}") from error


def vouch(folder: Path, mark: str, names: Iterable[str]) -> None:
    """Write the checksums of files, after them."""
    checksums = {name: sha256(folder / name) for name in names}
    write_whole(folder / mark, json.dumps(checksums, indent=1) + "\n")
