"""Reports written again: of a run, with what an analysis found beyond its scores, or of an analysis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..guard import CreditgraphError, FileError, OptionError, worker_count
from ..reports import write_report
from .analyses.options import PARTS, AnalysisOptions
from .analyses.page import answer_of, content_of_run, write_page_of
from .analyses.pipeline import analysed_tables, command, folder_of, state_of
from .analyses.sources import Source, source_of
from .analyses.tables import Tables
from .claim import claimed
from .demonstrations import is_demonstration, redraw
from .missing import REPORTED, refuse_missing
from .near_runs import runs_below
from .pipeline import answer_of_run, render
from .progress import Progress
from .result_folder import ResultFolder
from .store import RunDirectory
from .study_file import StudyLoader

MARKS = ("study.yaml", "analysis.yaml")
ABOUT = ("analysed", "about", "checksum")


@dataclass(frozen=True)
class Written:
    """A report that was written again, and what it says.

    Attributes
    ----------
    page
        The page.
    tables
        Those of the analysis that it shows; of a run without one, its `effects` and `trends`; of a demonstration, its
        `summary`.
    answer
        The answer of the page of a run, in sentences.
    """

    page: Path
    tables: Tables
    answer: tuple[str, ...]


def report(
    path: str | Path,
    analyses: str | Path = "analyses",
    *,
    analyse: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write the report of a finished run, or of an analysis, again; return the page.

    The page of a run shows all sections where an analysis of it is found; of several, the one with default options,
    else the one that looked at most. Without one it shows scores alone, and names the command that adds the rest.

    Parameters
    ----------
    path
        The folder of a run, of an analysis (of a run or a graph file) or of a demonstration.
    analyses
        Folder for analyses, where one of the run is looked for.
    analyse
        Analyse the networks of the run first, or what is missing of that.
    workers
        Worker processes of the analysis, by default one for each core.
    progress
        Told of what is done; by default nothing is shown.

    Raises
    ------
    CreditgraphError
        If there is neither, something is missing or corrupt, or the graph file has changed; the message says what to
        do.
    """
    return written(path, analyses, analyse=analyse, workers=workers, progress=progress).page


def written(
    path: str | Path,
    analyses: str | Path = "analyses",
    *,
    analyse: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write a report again, as :func:`report` does; return what it says too."""
    progress, place = progress or Progress(), Path(path)
    refuse_missing(path, REPORTED)
    if (place / "analysis.yaml").is_file():
        if analyse:
            raise OptionError("analyse", True, "none", f"{path} is an analysis already")
        return _of_analysis(place, progress)
    if not (place / "study.yaml").is_file():
        if is_demonstration(place):
            if analyse:
                raise OptionError("analyse", True, "none", f"{path} is a demonstration, not a run")
            shown = redraw(place)
            return Written(shown.report, {"summary": shown.summary}, shown.answer)
        if (place / "comparison.yaml").is_file():
            raise FileError(
                f"{path}: is a comparison, whose page is {place / 'report' / 'index.html'}; say the same `compare` "
                "again to write it anew"
            )
        raise FileError(
            f"{path}: not a run directory nor the folder of an analysis (it has no study.yaml or analysis.yaml); "
            f"{runs_below(place, *MARKS) or 'name the folder that `run` or `analyse` printed'}"
        )
    run = RunDirectory.existing(place)
    if analyse:
        source, options = source_of(place, AnalysisOptions(), progress.warn), AnalysisOptions()
        folder = folder_of(source, options, analyses)
        with claimed(folder.path):
            tables, _ = analysed_tables(
                folder, place, source, options, workers=worker_count(workers), progress=progress
            )
        return _of_run(source, tables, options, progress)
    found = _analysis_of(run, Path(analyses))
    if found is None:
        page = render(run, progress=progress)
        tables = {name: run.read_table(name) for name in ("effects", "trends")}
        return Written(page, tables, answer_of_run(run.study, tables["effects"], tables["trends"]))
    folder, source, options = found
    return _of_run(source, _tables(folder), options, progress)


def _of_run(source: Source, tables: Tables, options: AnalysisOptions, progress: Progress) -> Written:
    """Write the report of a run with what its analysis found, in the place of that without."""
    assert source.run is not None
    with progress.stage("report", 1) as advance:
        content = content_of_run(source, tables, options, command(source.run.path, source, options))
        page = write_report(content, source.run.report)
        advance(1)
    return Written(page, tables, answer_of(source, tables))


def _of_analysis(place: Path, progress: Progress) -> Written:
    folder = ResultFolder(place)
    about, options = _described(place)
    if state_of(place) != "done":
        raise FileError(f"{place}: not finished, or changed since; say `creditgraph analyse` again")
    if not Path(about["analysed"]).exists():
        raise FileError(f"{place}: what was analysed is no more at {about['analysed']}, and the page shows its weights")
    source = source_of(about["analysed"], options, progress.warn)
    if source.checksum != about["checksum"]:
        either = " or ".join([about["analysed"], *options.files_beside])
        raise FileError(f"{either}: has changed since it was analysed; say `creditgraph analyse` again")
    tables = _tables(folder)
    with progress.stage("report", 1) as advance:
        page = write_page_of(source, tables, options, folder, command(about["analysed"], source, options))
        advance(1)
    return Written(page, tables, answer_of(source, tables))


def _analysis_of(run: RunDirectory, analyses: Path) -> tuple[ResultFolder, Source, AnalysisOptions] | None:
    """The finished analysis of a run that says most; None where there is none."""
    candidates = list(_finished(analyses / run.study.name))
    if not candidates:
        return None
    source = source_of(run.path, AnalysisOptions(), lambda _: None)
    own = [(place, options) for place, checksum, options in candidates if checksum == source.checksum]
    if not own:
        return None
    place, options = max(
        own,
        key=lambda each: (
            each[1] == AnalysisOptions(),
            len(set(each[1].parts) & set(PARTS)),
            (each[0] / "analysis.yaml").stat().st_mtime_ns,
            each[0].name,
        ),
    )
    return ResultFolder(place), source, options


def _finished(folder: Path) -> Iterator[tuple[Path, str, AnalysisOptions]]:
    """Finished analyses of sources of one name: folder, checksum of the source, options."""
    for described in sorted(folder.glob("*/analysis.yaml")):
        try:
            about, options = _described(described.parent)
        except CreditgraphError:
            continue
        if state_of(described.parent) == "done":
            yield described.parent, about["checksum"], options


def _described(place: Path) -> tuple[dict[str, str], AnalysisOptions]:
    """What was analysed, and the options of the analysis."""
    path = place / "analysis.yaml"
    try:
        described: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=StudyLoader)  # noqa: S506 (a SafeLoader)
        about, options = {name: str(described[name]) for name in ABOUT}, dict(described["options"])
    except (OSError, ValueError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise FileError(f"{path}: missing or corrupt; say `creditgraph analyse` again") from error
    return about, AnalysisOptions.from_dict(options)


def _tables(folder: ResultFolder) -> Tables:
    """Every table of a finished analysis."""
    return {path.stem: folder.read_table(path.stem) for path in sorted(folder.path.glob("*.parquet"))}
