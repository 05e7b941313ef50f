"""From a graph file or a run to the tables and the page of its analysis; a second call goes on where one stopped."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...guard import OptionError, sha256, work_through, worker_count
from ..asked import asked_options, option_words, write_down, write_tables
from ..claim import begun
from ..progress import Progress
from ..repeat import folder_of as run_folder
from ..repeat import repeat
from ..result_folder import ResultFolder, vouch
from .across import across, corrected
from .course import at_matched_loss, course_of
from .function import function_of
from .labels import aligned, with_named_consensus
from .networks import Network, RunNetwork
from .notes import few_samples, notes_of
from .options import AnalysisOptions
from .pace import Pace, searches_of
from .page import answer_of, write_page_of
from .refusals import refuse_files_beside, refuse_impossible
from .sources import Source, files_of, source_of
from .tables import Tables, keyed, profile_samples, tables_of

DONE = "DONE"


@dataclass(frozen=True)
class AnalysisResult:
    """What an analysis leaves behind.

    Attributes
    ----------
    path, report
        Its folder, and its page.
    tables
        Every table by its name, as ``<path>/<name>.parquet`` and ``.csv`` hold them.
    analysed
        How many networks this call analysed; 0 where earlier calls had.
    answer
        Of a run, the answer of its page in sentences.
    """

    path: Path
    report: Path
    tables: dict[str, pd.DataFrame]
    analysed: int
    answer: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Task:
    """A network to be analysed, and where its tables go."""

    network: Network
    options: AnalysisOptions
    folder: Path


def analyse(
    source: str | Path,
    out: str | Path = "analyses",
    *,
    options: AnalysisOptions | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    **changes: Any,
) -> AnalysisResult:
    """Analyse the communities of a graph file, or of every network of a run, to tables and a report.

    Parameters
    ----------
    source
        A graph file, of any format that :func:`creditgraph.graphs.read_graph` reads, or the directory of a finished
        run.
    out
        Folder for analyses; this one goes to ``<out>/<name>/<hash of the options and the input's checksum>``.
    options
        What is computed; or say single options by name, such as ``restarts=20``.
    workers
        Worker processes, by default one for each core. The results do not depend on it.
    progress
        Told of what is done; by default nothing is shown.

    Raises
    ------
    CreditgraphError
        For options, files or data that cannot be used; the message says what to do.

    Examples
    --------
    >>> import tempfile
    >>> from creditgraph.analysis import planted_structure
    >>> from creditgraph.graphs import write_graph
    >>> network = planted_structure("block-diagonal", n=40, strength=4.0, seed=1).graph
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = write_graph(network, folder + "/network.graphml")
    ...     found = analyse(file, folder, parts=["structure"], samples=9, restarts=2, workers=1)
    >>> found.tables["networks"]["verdict"].tolist()
    ['block-diagonal']
    """
    for name, given in (("source", source), ("out", out)):
        if not isinstance(given, str | os.PathLike):
            raise OptionError(name, given, "a path")
    options = asked_options(options, changes)
    workers, progress = worker_count(workers), progress or Progress()
    if files_of(Path(source)):
        raise OptionError(
            "source", source, "a graph file or a run", "creditgraph compare takes folders of graph files, as groups"
        )
    found = source_of(source, options, progress.warn)
    if found.run is not None:
        refuse_files_beside(options, "a run")
    folder = folder_of(found, options, out)
    for note in [*notes_of(found, options), *few_samples(found, options, sides=1)]:
        progress.warn(note)
    refuse_impossible(found, options)
    with begun(folder.path):
        tables, analysed = analysed_tables(folder, source, found, options, workers=workers, progress=progress)
        with progress.stage("report", 1) as advance:
            page = write_page_of(found, tables, options, folder, command(source, found, options))
            advance(1)
    return AnalysisResult(folder.path, page, tables, analysed, answer_of(found, tables))


def folder_of(found: Source, options: AnalysisOptions, out: str | Path) -> ResultFolder:
    """The folder below `out` in which a source is analysed with these options."""
    return ResultFolder(Path(out) / found.name / options.hash(found.checksum))


def analysed_tables(
    folder: ResultFolder,
    source: str | Path,
    found: Source,
    options: AnalysisOptions,
    *,
    workers: int,
    progress: Progress,
) -> tuple[Tables, int]:
    """Analyse what is missing of a source's networks, write all its tables into a folder, and count what was missing.

    The folder must be claimed.
    """
    described = {
        "analysed": os.path.abspath(source),
        "about": found.about,
        "checksum": found.checksum,
        "options": options.to_dict(),
    }
    write_down(folder, "analysis.yaml", described)
    analysed = _work(folder, found, options, workers, progress)
    return _gather(folder, found, options), analysed


def analyse_network(task: _Task, pace: Pace | None = None) -> str:
    """Analyse one network, and store and vouch for its tables."""
    network, options = task.network, task.options
    tables = tables_of(network, options, pace)
    if isinstance(network, RunNetwork):
        seed = options.seed + network.seed
        more: Tables = {}
        if "function" in options.parts:
            g = network.load(options)
            more |= function_of(network, g, tables["neurons"]["community"].to_numpy(), seed)
        if "trajectory" in options.parts:
            more |= course_of(network, options, seed)
            more |= at_matched_loss(network, options, seed)
        tables |= {name: keyed(table, network.keys) for name, table in more.items()}
    folder = ResultFolder(task.folder)
    for name, table in tables.items():
        folder.write_table(name, table)
    vouch(folder.path, DONE, [f"{name}.parquet" for name in tables])
    return network.name


def _work(folder: ResultFolder, found: Source, options: AnalysisOptions, workers: int, progress: Progress) -> int:
    tasks = [
        _Task(network, network.settled(options), folder.path / "networks" / network.name) for network in found.networks
    ]
    todo = []
    for task in tasks:
        state = state_of(task.folder)
        if state == "corrupt":
            progress.warn(f"{task.folder}: files have changed since {DONE} was written; done again")
        if state != "done":
            todo.append(task)
    if todo:
        # what was found over other networks is void
        (folder.path / DONE).unlink(missing_ok=True)
    if len(tasks) == len(todo) == 1:
        # a single network has all processes for its searches
        (task,) = todo
        searches = searches_of(task.network, task.options, profile_samples(task.network, task.options))
        with progress.course("searches") as tell:
            tell(0, searches)
            analyse_network(task, Pace(workers, tell, searches))
        return 1
    with progress.stage("networks", len(tasks), done=len(tasks) - len(todo)) as advance:
        for _ in work_through(analyse_network, todo, workers=workers):
            advance(1)
    return len(todo)


def state_of(folder: Path) -> str:
    """Whether what is marked as done in a folder is: ``done``, ``missing``, or ``corrupt``."""
    try:
        checksums = json.loads((folder / DONE).read_text(encoding="utf-8"))
        intact = all(sha256(folder / name) == checksum for name, checksum in checksums.items())
    except FileNotFoundError as error:
        return "missing" if error.filename == str(folder / DONE) else "corrupt"
    except (OSError, ValueError, AttributeError):
        return "corrupt"
    return "done" if intact else "corrupt"


def _gather(folder: ResultFolder, found: Source, options: AnalysisOptions) -> Tables:
    """Put the tables of the networks together, compute what spans them, and write them all."""
    tables: Tables = {}
    for name in _names(folder, found):
        made = [
            ResultFolder(folder.path / "networks" / network.name).read_table(name)
            for network in found.networks
            if (folder.path / "networks" / network.name / f"{name}.parquet").is_file()
        ]
        tables[name] = pd.concat(made, ignore_index=True)
    tables["scores"] = corrected(tables["scores"])
    if found.run is not None:
        tables = aligned(tables)
        tables |= across(tables, options.interval)
    else:
        tables = with_named_consensus(tables)
    write_tables(folder, tables)
    vouch(folder.path, DONE, [f"{name}.parquet" for name in tables])
    return tables


def _names(folder: ResultFolder, found: Source) -> Iterable[str]:
    """Names of the tables that any network has, in the order of the first that has them."""
    names: dict[str, None] = {}
    for network in found.networks:
        marked = json.loads((folder.path / "networks" / network.name / DONE).read_text(encoding="utf-8"))
        names |= dict.fromkeys(name.removesuffix(".parquet") for name in marked)
    return names


def command(source: str | Path, found: Source, options: AnalysisOptions) -> str:
    """The command that makes the analysis again, after that of its run, for a reader who has the page only."""
    before = []
    if found.run is None:
        # a path as it was typed; from the root it is nobody else's
        name = Path(source).name if Path(source).is_absolute() else str(source)
        place = f"./{name}" if name.startswith("-") else name
    else:
        before = [repeat(found.run.study)[0]]
        place = str(run_folder(found.run.study))
    words = ["creditgraph", "analyse", place, *option_words(options, AnalysisOptions())]
    return "\n".join([*before, shlex.join(words)])
