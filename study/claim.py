from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ..guard import CreditgraphError, FileError

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


@contextmanager
def begun(folder: Path) -> Iterator[None]:
    """Hold a folder of results, as :func:`claimed` does; where a mistake is told before anything is done, leave none.

    A folder that was there before stays, and so does one in which anything is marked as done.
    """
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    with claimed(folder):
        try:
            yield
        except CreditgraphError:
            if made and not any(folder.rglob("DONE")):
                shutil.rmtree(folder, ignore_errors=True)
                with suppress(OSError):
                    for parent in made[1:]:
                        parent.rmdir()
            raise


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
