"""What is compared: from what a user names to opened runs and graph files, each with a label of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...guard import FileError, OptionError, several, suggestion
from ..analyses.options import AnalysisOptions
from ..analyses.refusals import refuse_files_beside
from ..analyses.sources import Source, files_of, source_of
from ..config import Study
from ..pipeline import run
from ..progress import Progress
from ..study_file import bundled_studies
from .comparison_file import ComparisonFile, bundled_comparisons, read_comparison

STUDY_FILES = (".yaml", ".yml")
LONGEST_OF_NAME = 25
NAMED_WHOLE = 3
"""Of more sources than this the name of a comparison has two, and counts the others."""


@dataclass(frozen=True)
class Compared:
    """One of the things that are compared.

    Attributes
    ----------
    label
        What it is called, unlike the others.
    path
        Where it is: a graph file, a folder of them, or a run directory.
    source
        The same, opened.
    """

    label: str
    path: Path
    source: Source

    @property
    def study(self) -> Study | None:
        """The study that trained it; None for graph files."""
        return None if self.source.run is None else self.source.run.study


@dataclass(frozen=True)
class Named:
    """What a user named, before anything is trained: a path, or a study with its label."""

    label: str
    what: Path | Study


def named(sources: Sequence[str | Path | Study]) -> tuple[list[Named], ComparisonFile | None]:
    """Tell what each source is; a comparison file stands for all its studies, and brings a name and a question.

    Raises
    ------
    CreditgraphError
        If there is no such file, folder, study or comparison.
    """
    found: list[Named] = []
    comparison: ComparisonFile | None = None
    for source in sources:
        if isinstance(source, Study):
            found.append(Named(source.name, source))
            continue
        if not isinstance(source, str | os.PathLike):
            raise OptionError(
                "sources", source, "a run directory, a graph file, a folder of them, a study file, or a bundled name"
            )
        path, known = Path(source), {**bundled_studies(), **bundled_comparisons()}
        if path.is_dir():
            # a run is called as its study, whose folder it is in
            place = path.resolve()
            found.append(Named(place.name if files_of(path) else place.parent.name, path))
        elif path.exists() and path.suffix.lower() not in STUDY_FILES:
            found.append(Named(path.stem, path))
        elif path.exists() or str(source).removesuffix(".yaml") in known:
            comparison_file = read_comparison(path)
            if comparison_file is None:
                study = Study.from_file(path)
                found.append(Named(study.name, study))
                continue
            comparison = comparison or comparison_file
            found += [Named(label, study) for label, study in comparison_file.studies.items()]
        else:
            near = suggestion(str(source), known) or "bundled are " + ", ".join(known)
            raise FileError(f"{source}: no such run directory, graph file or study; {near}")
    return found, comparison


def distinct_labels(found: Sequence[Named], given: Sequence[str] | None) -> list[str]:
    """A label for each: as given, or what it is called, numbered where several are called alike.

    Raises
    ------
    OptionError
        If labels were given, and not one for each, all different.
    """
    if given is not None:
        if not several(given):
            raise OptionError("labels", given, f"a list of {len(found)} labels, one for each source")
        words = [str(label).strip() for label in given]
        if len(words) != len(found) or len(set(words)) < len(words) or not all(words):
            raise OptionError("labels", list(given), f"{len(found)} different labels, one for each source")
        return words
    labels: list[str] = []
    for each in found:
        label, count = each.label, 1
        while label in labels:
            count += 1
            label = f"{each.label}-{count}"
        labels.append(label)
    return labels


def derived_name(labels: Sequence[str]) -> str:
    """A name for a comparison of sources that are called so: readable, and safe as a folder's.

    Examples
    --------
    >>> derived_name(["connectome", "C. elegans"]), derived_name(["a", "b", "c", "d"])
    ('connectome-vs-C_elegans', 'a-vs-b-and-2-others')
    """
    words = [re.sub(r"[^\w-]+", "_", label)[:LONGEST_OF_NAME].strip("_-") or "source" for label in labels]
    if len(words) <= NAMED_WHOLE:
        return "-vs-".join(words)
    return f"{words[0]}-vs-{words[1]}-and-{len(words) - 2}-others"


def opened(
    found: Sequence[Named],
    labels: Sequence[str],
    *,
    runs: str | Path,
    options: AnalysisOptions,
    workers: int | None,
    progress: Progress,
) -> list[Compared]:
    """Run the studies that are not run yet, and open everything.

    Raises
    ------
    CreditgraphError
        If a file or run cannot be used; the message says what to do.
    """
    compared = []
    for each, label in zip(found, labels, strict=True):
        if isinstance(each.what, Study):
            path = run(each.what, runs, workers=workers, progress=progress).path
        else:
            path = each.what
        compared.append(Compared(label, path, source_of(path, options, progress.warn)))
    own = [each.label for each in compared if each.source.run is None]
    if not own:
        refuse_files_beside(options, "runs")
    if options.initial is not None and len(own) > 1 and not Path(options.initial).is_dir():
        raise OptionError(
            "initial", options.initial, f"a folder with a file of the same name for each, since {len(own)} are compared"
        )
    checks: dict[Any, str] = {}
    for other in compared:
        before = checks.setdefault(other.source.checksum, other.label)
        if before != other.label:
            progress.warn(f"{other.label} and {before} hold the same networks")
    return compared
