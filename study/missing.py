"""What a user named and is not there: told before anything large is loaded, and again where it is opened."""

from __future__ import annotations

import os
from pathlib import Path

from ..guard import FileError

SOURCE = "file or folder; name a graph file, a folder of them, or a run directory"
REPORTED = "folder; name the folder that `run` or `analyse` printed"


def refuse_missing(path: str | os.PathLike[str], what: str) -> None:
    """Refuse a path if there is nothing of that name; `what` it should be, and what to name.

    Raises
    ------
    FileError
        If there is not.
    """
    if not Path(path).exists():
        raise FileError(f"{path}: there is no such {what}")
