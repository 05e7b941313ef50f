"""Demonstrations from one command each, written down as tables and a page that can be drawn again."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..guard import FileError, choice, whole_number, write_whole
from ..reports.demonstrations import ROWS_BESIDE, DemonstrationContent, demonstration_page
from ..reports.page import write_page
from ..reports.table import csv
from .analyses.pipeline import DONE, state_of
from .claim import CLAIM, claimed
from .demonstrated import DEMONSTRATIONS, Advance
from .environment import environment
from .result_folder import ResultFolder, vouch

SEEDS = 5
ABOUT = "demonstration.json"
"""File of a demonstration's folder that tells which it is."""
OTHERS = ("study.yaml", "analysis.yaml", "comparison.yaml")
"""Files of the folders of runs, analyses and comparisons, which no demonstration may overwrite."""


@dataclass(frozen=True)
class Demonstration:
    """What a demonstration found and wrote.

    Attributes
    ----------
    summary
        What is to be known at a glance: quantity, seeds (count), mean, low, high (the least and the largest over
        seeds).
    tables
        Tidy tables by name.
    answer
        The answer of its page, in sentences.
    report
        Its page.
    """

    summary: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    answer: tuple[str, ...]
    report: Path


def demonstrate(
    what: str, out: str | os.PathLike[str], *, seed: int = 0, progress: Advance | None = None
) -> Demonstration:
    """Compute a demonstration with five seeds and write its tables and its page.

    =============  ==============================================================================================
    timescales     firing, credit and plasticity at once; the angle to the gradient over their periods
    predictions    the paper's three: retrograde amplitude, the ratio dw / g, a falling learning rate
    dale           what Dale's law costs, and the balance of excitation and inhibition over training
    controls       the credit rule beside backprop, feedback alignment (two), Hebbian learning and a readout
    balance        what other balance functions than sigma' cost
    exactness      the table of :func:`creditgraph.study.verify`, each case with a seed of its own
    =============  ==============================================================================================

    Parameters
    ----------
    what
        One of the names above.
    out
        Folder: tables go to ``out/*.parquet`` and, where they are short, ``out/*.csv``, the page with its figures to
        ``out/report``. :func:`redraw` makes the page again from the tables. It has to be new or empty, or that of the
        same demonstration, which is made anew.
    seed
        The first of the seeds.
    progress
        Called with the parts done and the parts in all.

    Raises
    ------
    OptionError
        If the name is unknown or the seed is no whole number of at least 0.
    FileError
        If the folder cannot be written, holds anything else, or another process is at work on it.
    """
    compute = DEMONSTRATIONS[choice("what", what, DEMONSTRATIONS)]
    first, folder = whole_number("seed", seed, 0), ResultFolder(Path(out))
    _refuse_foreign(folder, what)
    with claimed(folder.path):
        # from here on the folder is this demonstration's, and what it holds is void
        folder.write_json(ABOUT, {"what": what})
        (folder.path / DONE).unlink(missing_ok=True)
        found = compute(list(range(first, first + SEEDS)), progress or _quiet)
        for name, table in {**found.tables, "summary": found.summary}.items():
            folder.write_table(name, table)
            if len(table) <= ROWS_BESIDE:
                write_whole(folder.path / f"{name}.csv", csv(table))
        folder.write_json("environment.json", environment("cpu"))
        folder.write_json(
            ABOUT, {"what": what, "seeds": found.seeds, "settings": found.settings, "tables": [*found.tables]}
        )
        parquet = [f"{name}.parquet" for name in ("summary", *found.tables)]
        vouch(folder.path, DONE, [*parquet, ABOUT, "environment.json"])
        return redraw(folder.path)


def redraw(place: str | os.PathLike[str]) -> Demonstration:
    """Write the page of a demonstration again, from its tables.

    Raises
    ------
    FileError
        If the folder holds no finished demonstration, or a file has changed since.
    """
    folder = ResultFolder(Path(place))
    if state_of(folder.path) != "done":
        raise FileError(f"{folder.path}: not finished, or changed since; say `creditgraph demonstrate` again")
    about = folder.read_json(ABOUT)
    content = DemonstrationContent(
        what=about["what"],
        seeds=about["seeds"],
        summary=folder.read_table("summary"),
        tables={name: folder.read_table(name) for name in about["tables"]},
        settings=about["settings"],
        environment=folder.read_json("environment.json"),
        command=_command(about["what"], about["seeds"][0]),
    )
    page = demonstration_page(content)
    return Demonstration(
        content.summary, dict(content.tables), tuple(page.answer), write_page(page, folder.path / "report")
    )


def is_demonstration(place: str | os.PathLike[str]) -> bool:
    """Whether a folder is that of a demonstration."""
    return (Path(place) / ABOUT).is_file()


def _refuse_foreign(folder: ResultFolder, what: str) -> None:
    """Refuse a folder that holds anything but this demonstration."""
    try:
        held = sorted(path.name for path in folder.path.iterdir() if path.name != CLAIM)
    except OSError:
        # there is none yet; one that cannot be written is told when it is claimed
        return
    own = is_demonstration(folder.path) and folder.read_json(ABOUT).get("what") == what
    foreign = [name for name in held if name in OTHERS or not own]
    if foreign:
        raise FileError(
            f"{folder.path}: holds {foreign[0][:40]}, which is not of the demonstration {what}; choose a new or an "
            "empty folder"
        )


def _command(what: str, seed: int) -> str:
    """What makes a demonstration again, for a reader who has its page and nothing else."""
    words = ["verify", "--report=exactness"] if what == "exactness" else ["demonstrate", what]
    return shlex.join(["creditgraph", *words, *([f"--seed={seed}"] if seed else [])])


def _quiet(done: int, total: int) -> None:
    del done, total
