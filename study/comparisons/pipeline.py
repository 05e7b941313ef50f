"""From runs, studies and graph files to the tables and the page that set them side by side."""

from __future__ import annotations

import itertools
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...guard import OptionError, choice, worker_count
from ...reports.comparison import comparison_answer, write_comparison
from ..analyses.options import AnalysisOptions
from ..analyses.pipeline import analysed_tables
from ..analyses.refusals import refuse_impossible
from ..analyses.sources import files_of
from ..analyses.tables import Tables
from ..asked import asked_options, option_words, write_down, write_tables
from ..checks import study_name
from ..claim import begun
from ..config import Study
from ..label_list import listed
from ..progress import Progress
from ..result_folder import ResultFolder
from .groups import PAIRED, belong_together, in_folder
from .notes import few_samples_of, notes_after, notes_before
from .page import content_of
from .questions import PARTS, common_options
from .sources import Compared, derived_name, distinct_labels, named, opened
from .tables import compared_tables

NEURONS = ("auto", "order", "none")
QUESTION = "How do these networks differ in their communities?"


@dataclass(frozen=True)
class ComparisonResult:
    """What a comparison leaves behind.

    Attributes
    ----------
    path, report
        Its folder, and its page.
    answer
        The answer of the page, in sentences.
    tables
        Every table by its name, as ``<path>/<name>.parquet`` and ``.csv`` hold them.
    analysed
        How many networks this call analysed; 0 where earlier calls had.
    """

    path: Path
    report: Path
    answer: tuple[str, ...]
    tables: Tables
    analysed: int


def compare(
    sources: Sequence[str | Path | Study],
    out: str | Path = "comparisons",
    *,
    name: str | None = None,
    labels: Sequence[str] | None = None,
    neurons: str = "auto",
    paired: str = "auto",
    runs: str | Path = "runs",
    options: AnalysisOptions | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    **changes: Any,
) -> ComparisonResult:
    """Set the communities of runs, studies and graph files side by side, to tables and a report.

    Every network is searched and tested with the same options. Networks of a run that differ by their seed alone form
    a group; groups of different sources are compared at the same learning rate, and each at its best accuracy.

    Parameters
    ----------
    sources
        Two or more: directories of finished runs, graph files, folders of graph files (each a group of networks),
        studies (a :class:`Study`, a study file, the name of a bundled one), which are run first, or a comparison file
        or the name of a bundled one, which stands for all its studies.
    out
        Folder for comparisons; this one goes to ``<out>/<name>/<hash of the options and of all sources>``.
    name
        Of the comparison, and of its folder; by default a comparison file's, or one made of the labels.
    labels
        What the sources are called; by default their studies' or files' names.
    neurons
        Which neurons correspond, so that partitions can be compared: ``auto`` (those of the same name in files; of
        networks that are built alike in runs), ``order`` (by their place in any networks of one size), ``none``.
    paired
        Whose networks belong together two by two: ``auto`` (those of one seed in runs that start alike), ``names`` (and
        the files of one name in two folders).
    runs
        Folder for the runs of studies that are not run yet.
    options
        How networks are analysed; or say single options by name, such as ``restarts=20``. What is ``auto`` becomes
        what all sources share.
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
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = [
    ...         write_graph(planted_structure(kind, n=30, strength=4.0, seed=1).graph, f"{folder}/{kind}.graphml")
    ...         for kind in ("block-diagonal", "none")
    ...     ]
    ...     found = compare(files, folder, samples=59, restarts=2, directions=["maximise"], workers=1)
    >>> bool(found.tables["differences"]["difference_low"].iloc[0] > 0)
    True
    """
    if isinstance(sources, str | os.PathLike | Study) or not isinstance(sources, Sequence):
        raise OptionError("sources", sources, "a list of runs, studies and graph files")
    choice("neurons", neurons, NEURONS)
    choice("paired", paired, PAIRED)
    if name is not None:
        study_name("name", name)
    workers, progress = worker_count(workers), progress or Progress()
    found, comparison = named(sources)
    if len(found) < 2 and not (found and isinstance(found[0].what, Path) and files_of(found[0].what)):
        raise OptionError("sources", list(map(str, sources)), "two or more to compare, or a folder of graph files")
    called = distinct_labels(found, labels)
    otherwise = {"parts": PARTS, **(comparison.analysis if comparison else {})}
    asked = asked_options(options, changes, otherwise)
    words = option_words(asked, AnalysisOptions.from_dict(otherwise), changes)
    compared = opened(found, called, runs=runs, options=asked, workers=workers, progress=progress)
    if paired == "names":
        if sum(map(in_folder, compared)) < 2:
            raise OptionError("paired", paired, "auto", "it is for files of one name in two folders")
        # files of other names are told before the work
        for one, other in itertools.combinations(compared, 2):
            belong_together(one, other, paired)
    before, asked = asked, common_options(compared, asked)
    beside = notes_before(compared, asked, before)
    for note in [*beside, *few_samples_of(compared, asked)]:
        progress.warn(note)
    checksum = "".join(f"{each.label}={each.source.checksum};" for each in compared) + neurons
    checksum += "" if paired == "auto" else paired
    title = name or (comparison.name if comparison else derived_name(called))
    folder = ResultFolder(Path(out) / title / asked.hash(checksum))
    for each in compared:
        refuse_impossible(each.source, asked)
    with begun(folder.path):
        _begin(folder, compared, asked, neurons, paired)
        tables, analysed = _analysed(folder, compared, asked, workers, progress)
        with progress.stage("comparison", 1) as advance:
            made = compared_tables(compared, tables, neurons, paired)
            write_tables(folder, made)
            advance(1)
        with progress.stage("report", 1) as advance:
            content = content_of(
                compared,
                made,
                tables,
                folder,
                title=title,
                question=comparison.question if comparison else QUESTION,
                options=asked,
                command=command(sources, out, name, labels, neurons, paired, runs, words),
                notes=[*beside, *notes_after(tables)],
            )
            page = write_comparison(content, folder.path / "report")
            advance(1)
    return ComparisonResult(folder.path, page, tuple(comparison_answer(content)), made, analysed)


def command(
    sources: Sequence[str | Path | Study],
    out: str | Path,
    name: str | None,
    labels: Sequence[str] | None,
    neurons: str,
    paired: str,
    runs: str | Path,
    of_analysis: Sequence[str],
) -> str:
    """The command that makes a comparison again; a study that was no file is told by its run."""
    words = ["creditgraph", "compare"]
    words += [
        str(Path(runs) / source.name / source.hash()) if isinstance(source, Study) else str(source)
        for source in sources
    ]
    words += ["--out", str(out)] + (["--runs", str(runs)] if str(runs) != "runs" else [])
    words += [f"--name={name}"] if name is not None else []
    words += [f"--labels={listed(map(str, labels))}"] if labels else []
    words += [f"--neurons={neurons}"] if neurons != "auto" else []
    words += [f"--paired={paired}"] if paired != "auto" else []
    return shlex.join([*words, *of_analysis])


def _begin(
    folder: ResultFolder, compared: Sequence[Compared], options: AnalysisOptions, neurons: str, paired: str
) -> None:
    described = {
        "sources": {
            each.label: {"path": str(each.path), "about": each.source.about, "checksum": each.source.checksum}
            for each in compared
        },
        "neurons": neurons,
        "paired": paired,
        "analysis": options.to_dict(),
    }
    write_down(folder, "comparison.yaml", described)


def _analysed(
    folder: ResultFolder, compared: Sequence[Compared], options: AnalysisOptions, workers: int, progress: Progress
) -> tuple[dict[str, dict[str, pd.DataFrame]], int]:
    """The tables of the analysis of each source, and how many networks this call analysed."""
    tables, analysed = {}, 0
    for place, each in enumerate(compared):
        # a label may be any text, a folder's name not
        own = ResultFolder(folder.path / "sources" / f"{place}-{each.source.name}")
        tables[each.label], count = analysed_tables(
            own, each.path, each.source, options, workers=workers, progress=progress
        )
        analysed += count
    return tables, analysed
