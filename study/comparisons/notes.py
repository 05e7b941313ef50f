"""What a reader must know of a comparison: what holds of all that is compared, and what of single sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...reports import labels
from ..analyses.notes import backbone_notes, few_samples, fewer_samples, notes_of
from ..analyses.options import AnalysisOptions
from ..analyses.strengths import kept_in_words
from ..analyses.tables import Tables
from .questions import beside_own_reports
from .sources import Compared

KEPT = "of each source, under sources/ in the folder of the comparison"
"""Where the tables of single analyses are."""


def notes_before(compared: Sequence[Compared], options: AnalysisOptions, asked: AnalysisOptions) -> list[str]:
    """What can be told before anything is analysed: of all sources first, then what each analysis alone would say.

    A note that concerns single sources begins with their labels; one that several have is told once, for all of them.

    Parameters
    ----------
    compared
        The sources.
    options
        Those that all are analysed with.
    asked
        Those that were asked for, of which ``auto`` was made what all share.
    """
    # whether minimal Q was left out unasked shows in the directions that were asked for only
    alone = replace(options, directions=asked.directions)
    of_runs = any(each.study is not None for each in compared)
    common = backbone_notes(options, of_runs=of_runs)
    told = {*common, *(note for runs in (True, False) for note in backbone_notes(options, of_runs=runs))}
    own = [(each.label, note) for each in compared for note in notes_of(each.source, alone) if note not in told]
    return [*common, *beside_own_reports(compared, options), *_of_whom(own)]


def few_samples_of(compared: Sequence[Compared], options: AnalysisOptions) -> list[str]:
    """Of which sources nothing can be told with so few samples and seeds; the test of a group has two sides."""
    return _of_whom([(each.label, few) for each in compared for few in few_samples(each.source, options, sides=2)])


def notes_after(found: Mapping[str, Tables]) -> list[str]:
    """What the analyses found out about their null models, by the label of the source."""
    own: list[tuple[str, str]] = []
    for label, tables in found.items():
        if "kept_strengths" in tables:
            own.append((label, kept_in_words(tables["kept_strengths"], KEPT)))
        own += [(label, note) for note in fewer_samples(tables["scores"])]
    return _of_whom(own)


def _of_whom(notes: Sequence[tuple[str, str]]) -> list[str]:
    """Notes, each after the labels of the sources that it concerns."""
    concerned: dict[str, list[str]] = {}
    for label, note in notes:
        concerned.setdefault(note, []).append(label)
    return [f"{labels.listed(names)}: {note}" for note, names in concerned.items()]
