"""The pipeline from a study to its report; a second call goes on where the first stopped."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis import effects, trends
from ..guard import DataError, OptionError, byte_count, setting, work_through, worker_count
from ..reports import answer_in_words, labels, write_report
from ..reports.rules import control_rule
from .claim import claimed
from .communities import Analysis, analyse_cell
from .config import Study
from .data_files import refuse_other_data
from .environment import environment
from .exactness import verify
from .left_out import left_out
from .memory import Division, divided
from .progress import Progress
from .repeat import place
from .report_content import report_content
from .standing import watched
from .store import ANALYSED, TRAINED, Cell, RunDirectory, cells_of, shuffled_cells_of
from .too_few import too_few
from .training import Training, stored_standing, train_batch, waiting_standing


@dataclass(frozen=True)
class RunResult:
    """What a run leaves behind.

    Attributes
    ----------
    path
        The run directory.
    report
        The report, an HTML page.
    communities, effects, trends
        The tables of scores against nulls: one row a member; one row a learning rate; one row a question.
    answer
        The answer of the report, in sentences.
    trained, analysed
        Number of networks that this call trained, those of null models among them, and analysed; 0 where earlier calls
        had done it all.
    """

    path: Path
    report: Path
    communities: pd.DataFrame
    effects: pd.DataFrame
    trends: pd.DataFrame
    answer: tuple[str, ...]
    trained: int
    analysed: int


def run(
    study: Study | str | Path,
    out: str | Path = "runs",
    *,
    workers: int | None = None,
    memory: int | str | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Run a study to its report.

    Parameters
    ----------
    study
        A study, a study file, or the name of a bundled study.
    out
        Folder for runs; this one goes to ``<out>/<name>/<hash of its options>``.
    workers
        Worker processes, by default one for each core. The results do not depend on it.
    memory
        Bytes that networks may take while they are trained, on the device that trains them: a whole number, or such as
        ``"4 GiB"``; by default half of what is free. The results do not depend on it.
    progress
        Told of what is done; by default nothing is shown.

    Raises
    ------
    CreditgraphError
        For options, files or data that cannot be used; the message says what to do.
    """
    if not isinstance(out, str | os.PathLike):
        raise OptionError("out", out, "a folder")
    study = study if isinstance(study, Study) else Study.from_file(study)
    workers, allowed = worker_count(workers), byte_count(memory)
    directory = RunDirectory.of(study, out)
    if not directory.path.exists():
        # what does not fit is told before anything is written
        divided(study, workers=workers, memory=allowed)
    with claimed(directory.path):
        return _run(directory, study, workers, allowed, progress or Progress())


def _run(directory: RunDirectory, study: Study, workers: int, memory: int | None, progress: Progress) -> RunResult:
    now = environment(study.sweep.device)
    before = directory.begin(study, now)
    refuse_other_data(study, directory)
    few = too_few(study.nulls.samples, "nulls.samples", seeds=len(study.sweep.seeds))
    if few:
        progress.warn(few)
    _verify(directory, progress)
    cells = cells_of(study)
    trained = _train(directory, study, [*cells, *shuffled_cells_of(study)], workers, memory, progress)
    completed = [cell for cell in cells if _status(directory, cell) == "completed"]
    if not completed:
        raise DataError(_nothing_left(study, [directory.cell_table(cell, "members") for cell in cells]))
    for note in left_out(pd.concat([directory.cell_table(cell, "members") for cell in cells])):
        progress.warn(note)
    analysed = _analyse(directory, study, completed, workers, progress)
    others = [before, *before.get("resumed", [])]
    if (trained or analysed) and not any(_same_code(now, each) for each in others):
        directory.went_on_with(now)
        progress.warn(
            f"{directory.path}: begun with other versions of libraries or of the code; environment.json lists both"
        )
    _collect(directory, cells, completed)
    page = directory.report / "index.html"
    # a page that is there shows these networks, perhaps with an analysis of them: see `creditgraph report`
    if not page.is_file():
        render(directory, progress=progress)
    found_effects, found_trends = directory.read_table("effects"), directory.read_table("trends")
    return RunResult(
        directory.path,
        page,
        directory.read_table("communities"),
        found_effects,
        found_trends,
        answer_of_run(study, found_effects, found_trends),
        trained,
        analysed,
    )


def _nothing_left(study: Study, members: list[pd.DataFrame]) -> str:
    """Why no network is left to analyse, and what to do."""
    networks = f"{labels.plural(len(members), 'the', 'all')} {labels.counted(len(members), 'network')}"
    if all(table["status"].iloc[0] == "no_equilibrium" and not table["iteration"].iloc[0] for table in members):
        return (
            f"{study.name}: {networks} found no equilibrium before the first step, nothing is left to analyse; lower "
            "recurrent.gain, or take another recurrent.mask or more recurrent.max_steps"
        )
    return (
        f"{study.name}: {networks} diverged or found no equilibrium, nothing is left to analyse; lower "
        "sweep.learning_rates"
    )


def answer_of_run(study: Study, found: pd.DataFrame, over_rates: pd.DataFrame) -> tuple[str, ...]:
    """The answer of the report of a run in sentences, from its effects and its trends over learning rates."""
    return tuple(answer_in_words(found, over_rates, control_rule(study.experiment, study.to_dict())))


def render(directory: RunDirectory, *, progress: Progress) -> Path:
    """Write the report of a run from what is stored of it, without an analysis; return the page's path."""
    with progress.stage("report", 1) as advance:
        content = report_content(directory)
        notes = [*content.notes, how_to_complete(directory)]
        page = write_report(replace(content, notes=notes), directory.report)
        advance(1)
    return page


def how_to_complete(directory: RunDirectory) -> str:
    """What the report of a run lacks until its networks are analysed, and the command that adds it."""
    missing = ["structure", "function", *(["trajectory"] if directory.study.sweep.snapshots else []), "statistics"]
    words = shlex.join(["creditgraph", "report", place(directory.path), "--analyse"])
    return f"Sections on {labels.listed(missing)} are added by: {labels.typed(words)}"


def _same_code(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("commit", "python", "versions", "device"))


def _verify(directory: RunDirectory, progress: Progress) -> None:
    if not directory.has_table("verification"):
        progress.tell("exactness: before training, the rule's updates are compared with autograd's, once for each run")
        with progress.course("exactness") as tell:
            directory.write_table("verification", verify(progress=tell))


def _train(
    directory: RunDirectory, study: Study, cells: list[Cell], workers: int, memory: int | None, progress: Progress
) -> int:
    missing = _not_done(directory, cells, TRAINED, progress)
    if missing:
        _void_report(directory, missing)
        _train_missing(directory, study, missing, divided(study, workers=workers, memory=memory), progress)
    directory.delete_checkpoints()
    return len(missing)


def _train_missing(
    directory: RunDirectory, study: Study, missing: set[Cell], division: Division, progress: Progress
) -> None:
    if division.short:
        progress.warn(
            f"memory is enough for {labels.counted(division.workers, 'worker')} only; allow more of it with "
            f"{setting('memory')}"
        )
    call = secrets.token_hex(8)
    todo = {
        batch.name: Training(directory, study, batch, call, os.getpid(), division.memory)
        for batch in division.batches
        if missing.intersection(batch.cells)
    }
    standings = {
        batch.name: waiting_standing(batch) if batch.name in todo else stored_standing(directory, batch)
        for batch in division.batches
    }
    bulletins = {name: training.bulletin for name, training in todo.items()}
    with progress.training() as show, watched(standings, bulletins, show) as finished:
        for trained in work_through(train_batch, todo.values(), workers=division.workers):
            finished(trained.name, trained.standing)
            for message in trained.mended:
                progress.warn(message)


def _analyse(directory: RunDirectory, study: Study, cells: list[Cell], workers: int, progress: Progress) -> int:
    missing = _not_done(directory, cells, ANALYSED, progress)
    _void_report(directory, missing)
    todo = [Analysis(directory, study, cell) for cell in cells if cell in missing]
    with progress.stage("communities", len(cells), done=len(cells) - len(todo)) as advance:
        for _ in work_through(analyse_cell, todo, workers=workers):
            advance(1)
    return len(missing)


def _void_report(directory: RunDirectory, missing: set[Cell]) -> None:
    """Delete the page that shows networks which are done again."""
    if missing:
        (directory.report / "index.html").unlink(missing_ok=True)


def _not_done(directory: RunDirectory, cells: Iterable[Cell], mark: str, progress: Progress) -> set[Cell]:
    missing = set()
    for cell in cells:
        state = directory.state(cell, mark)
        if state == "corrupt":
            progress.warn(f"{directory.folder(cell)}: files have changed since {mark} was written; done again")
        if state != "done":
            missing.add(cell)
    return missing


def _collect(directory: RunDirectory, cells: list[Cell], completed: list[Cell]) -> None:
    """Put the tables of the cells together and compute what spans them."""
    for name in ("members", "training"):
        directory.write_table(name, _together(directory, cells, name))
    # a network that was frozen before its first step has none
    with_snapshots = list(filter(directory.has_snapshots, cells))
    if with_snapshots:
        directory.write_table("snapshots", _together(directory, with_snapshots, "snapshots"))
    communities = _together(directory, completed, "communities")
    nulls = _together(directory, completed, "nulls")
    directory.write_table("communities", communities)
    directory.write_table("nulls", nulls)
    directory.write_table("effects", effects(communities, nulls))
    directory.write_table("trends", trends(communities))


def _together(directory: RunDirectory, cells: Iterable[Cell], name: str) -> pd.DataFrame:
    return pd.concat([directory.cell_table(cell, name) for cell in cells], ignore_index=True)


def _status(directory: RunDirectory, cell: Cell) -> str:
    return str(directory.cell_table(cell, "members")["status"].iloc[0])
