"""What a report shows of a run: its tables, and the matrices of some of its networks."""

from __future__ import annotations

import pandas as pd

from ..guard import FileError, counted, plural
from ..reports import ReportContent, labels
from .config import Study
from .data_files import STORED
from .examples import examples_of
from .experiments import TaskOptions
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
        notes=[*_notes(members), *_data(directory, study)],
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


def _notes(members: pd.DataFrame) -> list[str]:
    """Networks that are in no score, and why."""
    reasons = {
        "diverged": "diverged; {whose} weights were frozen at the last state within bounds",
        "no_equilibrium": "found no equilibrium of rates or credits; {whose} weights were frozen there",
    }
    notes = []
    for status, reason in reasons.items():
        lost = members[members["status"] == status]
        if len(lost):
            rates = sorted(lost["learning_rate"].unique())
            listed = f"{plural(len(rates), 'learning rate')} {', '.join(f'{rate:g}' for rate in rates)}"
            notes.append(
                f"{len(lost)} of {counted(len(members), 'network')} ({listed}) "
                f"{reason.format(whose=plural(len(lost), 'its', 'their'))}, and "
                f"{plural(len(lost), 'it is', 'they are')} left out of every score."
            )
    return notes
