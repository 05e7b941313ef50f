from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ..guard import FileError

CLAIM = ".claim"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a run's folder, so that no second process works on it; delete what a killed one left half-written.

    The system lets go of the folder when the process ends, however it ends.

    Raises
    ------
    FileError
        If another process holds the folder, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        claim = open(folder / CLAIM, "w")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise FileError(f"{folder}: cannot be written ({error.strerror}); choose another folder") from error
    with claim:
        _lock(claim, folder)
        for left in folder.rglob(".*.part"):
            left.unlink(missing_ok=True)
        yield


def _lock(claim: TextIO, folder: Path) -> None:
    if sys.platform == "win32":
        # which has no such locks
        return
    import fcntl

    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FileError(
            f"{folder}: another process is at work on this run; wait until it is done, or stop it"
        ) from error
    except OSError:
        # some network file systems know no locks
        return
