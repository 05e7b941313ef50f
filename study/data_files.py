"""The files that a study's task reads, told apart by their checksums, so that one run is of one data set."""

from __future__ import annotations

from pathlib import Path

from ..guard import FileError, sha256
from .config import Study
from .experiments import TaskOptions
from .result_folder import ResultFolder

STORED = "data.json"


def checksums_of(study: Study) -> dict[str, str]:
    """SHA-256 of each file that the task reads, by its name; those that are there."""
    options = getattr(study, study.experiment)
    if not isinstance(options, TaskOptions) or options.task_path is None:
        return {}
    path = Path(options.task_path)
    files = [path] if path.is_file() else sorted(path.glob("*-ubyte*"))
    try:
        return {file.name: sha256(file) for file in files}
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror})") from error


def refuse_other_data(study: Study, folder: ResultFolder) -> None:
    """Note of which data a run is when it begins, and refuse to go on with others.

    What is gone since is no error here: networks that are trained need it, and say so.

    Raises
    ------
    FileError
        If a file has changed since the run began, or came.
    """
    now = checksums_of(study)
    if not now:
        return
    if not (folder.path / STORED).is_file():
        folder.write_json(STORED, now)
        return
    try:
        before = folder.read_json(STORED)
    except FileError as error:
        raise FileError(f"{folder.path / STORED}: corrupt; delete it if the data are as they were") from error
    changed = [name for name, checksum in now.items() if before.get(name) != checksum]
    if changed:
        raise FileError(
            f"{folder.path}: its networks learned other data than {', '.join(changed)} holds now; give the study "
            "another name, or the data as they were"
        )
