"""What a user named and is not there: told before anything large is loaded, and again where it is opened."""

from __future__ import annotations

import os
from pathlib import Path

from ..guard import FileError


def refuse_missing_source(path: str | os.PathLike[str]) -> None:
    """Refuse what is to be analysed if there is nothing of that name.

    Raises
    ------
    FileError
        If there is not.
    """
    if not Path(path).exists():
        raise FileError(
            f"{path}: there is no such file or folder; name a graph file, a folder of them, or a run directory"
        )


def refuse_missing_folder(path: str | os.PathLike[str]) -> None:
    """Refuse what is to be reported if there is no folder of that name.

    Raises
    ------
    FileError
        If there is not.
    """
    if not Path(path).exists():
        raise FileError(f"{path}: there is no such folder; name the folder that `run` or `analyse` printed")
