"""What to name instead, where a user named the folder around several runs."""

from __future__ import annotations

from pathlib import Path

from ..guard import counted
from .repeat import place

MOST_NAMED = 3


def runs_below(folder: Path, *marks: str) -> str:
    """The runs below a folder as a hint, the latest first; empty where there are none.

    Parameters
    ----------
    folder
        That of a study (``runs/connectome``), or of all of them (``runs``).
    marks
        Files that mark what is looked for; by default ``study.yaml``, that of a run.
    """
    marked = [
        path for mark in marks or ("study.yaml",) for depth in ("*", "*/*") for path in folder.glob(f"{depth}/{mark}")
    ]
    found = [path.parent for path in sorted(marked, key=lambda path: (-path.stat().st_mtime_ns, str(path)))]
    if not found:
        return ""
    if len(found) == 1:
        return f"below it is one: {place(found[0])}"
    named = [place(each) for each in found[:MOST_NAMED]]
    others = len(found) - len(named)
    more = f" and {counted(others, 'other')}" if others else ""
    return f"below it are {', '.join(named)}{more}: name one of them"
