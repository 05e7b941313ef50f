"""What a report shows of a run: its tables, and the matrices of some of its networks."""

from __future__ import annotations

from ..guard import FileError
from ..reports import ReportContent, labels
from .config import Study
from .data_files import STORED
from .examples import examples_of
from .experiments import TaskOptions
from .left_out import left_out
from .repeat import repeat
from .store import RunDirectory


def report_content(directory: RunDirectory) -> ReportContent:
    """Gather from the stored files of a run what its report shows.

    Raises
    ------
    FileError
        If the run is not finished, or a file is corrupt.
    """
    study = directory.study
    members = directory.read_table("members")
    communities = directory.read_table("communities")
    command, files = repeat(study)
    return ReportContent(
        title=study.name,
        question=study.question,
        kind=study.experiment,
        members=members,
        training=directory.read_table("training"),
        communities=communities,
        nulls=directory.read_table("nulls"),
        effects=directory.read_table("effects"),
        trends=directory.read_table("trends"),
        verification=directory.read_table("verification"),
        matrices=examples_of(directory, members, communities),
        configuration=study.to_dict(),
        environment=directory.read_json("environment.json"),
        command=command,
        files=files,
        notes=[*left_out(members), *_data(directory, study)],
    )


def _data(directory: RunDirectory, study: Study) -> list[str]:
    """Which files the networks learned from, that whoever repeats the study needs."""
    path = study.options.task_path if isinstance(study.options, TaskOptions) else None
    if path is None:
        return []
    try:
        checksums = directory.read_json(STORED)
    except FileError:
        return []
    files = [f"{labels.short(name, labels.LONGEST)} (SHA-256 {checksum})" for name, checksum in checksums.items()]
    return [
        f"The networks learned from {labels.listed(files)}. The command that repeats the study looks for "
        f"{labels.short(path, labels.LONGEST)} from where it runs."
    ]
