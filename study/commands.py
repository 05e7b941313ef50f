"""What each command of ``creditgraph`` does with its options: reads them, does the work, prints what was found."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from rich.console import Console

from ..guard import choice, printable, whole_number
from .analyses.options import AnalysisOptions
from .checks import LARGEST_SEED
from .config import Study, option_names
from .label_list import read_labels
from .missing import REPORTED, SOURCE, refuse_missing
from .progress import Bars
from .repeat import place, read_option
from .study_file import read_value

AS_TEXT = ("weight", "pre_column", "post_column", "neuron_table", "initial", "missing_weights")
"""Options of an analysis that are text, whatever they look like."""
DEMONSTRATED = ("timescales", "predictions", "dale", "controls", "balance")
"""Named here too, since the rooms that know them take seconds to load; a test compares."""


def run_study(options: argparse.Namespace) -> int:
    """Run a study and print what it found."""
    study = Study.from_file(options.study, overrides(options))
    workers = None if options.workers is None else read_value(options.workers)
    # torch and igraph take seconds to load; a misspelt option is told before that
    from .pipeline import how_to_complete, run
    from .store import RunDirectory
    from .summary import print_answer, print_effects

    memory = None if options.memory is None else read_value(options.memory)
    result = run(study, options.out, workers=workers, memory=memory, progress=Bars())
    console = Console()
    print_effects(console, result.effects, result.trends)
    print_answer(console, result.answer)
    console.print(printable(how_to_complete(RunDirectory(result.path))), markup=False, highlight=False, soft_wrap=True)
    if not result.trained and not result.analysed:
        console.print("Every network had been done by an earlier call; nothing was done twice.")
    _print_path(console, result.report)
    return 0


def analyse_source(options: argparse.Namespace) -> int:
    """Analyse a graph file or a run and print what was found."""
    chosen = AnalysisOptions.from_dict(_analysis_options(options))
    workers = None if options.workers is None else read_value(options.workers)
    refuse_missing(options.source, SOURCE)
    # torch and igraph take seconds to load; a misspelt option or name is told before that
    from .analyses.pipeline import analyse
    from .summary import print_analysis, print_answer

    found = analyse(options.source, options.out, options=chosen, workers=workers, progress=Bars())
    console = Console()
    print_analysis(console, found.tables)
    print_answer(console, found.answer)
    if not found.analysed:
        console.print("Every network had been done by an earlier call; nothing was done twice.")
    _print_path(console, found.report)
    return 0


def compare_sources(options: argparse.Namespace) -> int:
    """Compare sources and print how far they are apart."""
    given = _analysis_options(options)
    # what cannot be right is told before anything is loaded
    AnalysisOptions.from_dict(given)
    labels = None if options.labels is None else read_labels(options.labels)
    workers = None if options.workers is None else read_value(options.workers)
    from .comparisons.pipeline import compare
    from .summary import print_answer, print_comparison

    found = compare(
        options.sources,
        options.out,
        name=options.name,
        labels=labels,
        neurons=options.neurons,
        paired=options.paired,
        runs=options.runs,
        workers=workers,
        progress=Bars(),
        **given,
    )
    console = Console()
    print_comparison(console, found.tables)
    print_answer(console, found.answer)
    if not found.analysed:
        console.print("Every network had been done by an earlier call; nothing was done twice.")
    _print_path(console, found.report)
    return 0


def verify_rule(options: argparse.Namespace) -> int:
    """Compare the rule with autograd and print the worst errors; 1 if a bound is broken."""
    from .exactness import verify, write_verification
    from .summary import print_answer, print_verification

    seed = whole_number("seed", read_value(options.seed), minimum=0, maximum=LARGEST_SEED)
    console, found = Console(), None
    with Bars().course("exactness") as tell:
        if options.report is None:
            table = verify(seed=seed, progress=tell)
        else:
            from .demonstrations import demonstrate

            found = demonstrate("exactness", options.report, seed=seed, progress=tell)
            table = found.tables["verification"]
    print_verification(console, table)
    if found is not None:
        print_answer(console, found.answer)
        _print_path(console, found.report)
    if options.out is not None:
        write_verification(table, Path(options.out))
    return 0 if bool(table["holds"].all()) else 1


def demonstrate_rule(options: argparse.Namespace) -> int:
    """Show the rule at work and print the summaries."""
    seed = whole_number("seed", read_value(options.seed), minimum=0, maximum=LARGEST_SEED)
    choice("WHAT", options.what, [*DEMONSTRATED, "all"])
    from .demonstrations import demonstrate
    from .summary import print_answer, print_demonstration

    console = Console()
    for what in DEMONSTRATED if options.what == "all" else [options.what]:
        with Bars().course(what) as tell:
            found = demonstrate(what, Path(options.out) / what, seed=seed, progress=tell)
        print_demonstration(console, what, found.summary)
        print_answer(console, found.answer)
        _print_path(console, found.report)
    return 0


def rewrite_report(options: argparse.Namespace) -> int:
    """Write a report again and print what it says."""
    workers = None if options.workers is None else read_value(options.workers)
    refuse_missing(options.run, REPORTED)
    from .reporting import written
    from .summary import print_analysis, print_answer, print_demonstration, print_effects

    found = written(options.run, options.analyses, analyse=options.analyse, workers=workers, progress=Bars())
    console = Console()
    if "networks" in found.tables:
        print_analysis(console, found.tables)
    elif "summary" in found.tables:
        print_demonstration(console, found.page.parents[1].name, found.tables["summary"])
    else:
        print_effects(console, found.tables["effects"], found.tables["trends"])
    print_answer(console, found.answer)
    _print_path(console, found.page)
    return 0


def overrides(options: argparse.Namespace) -> dict[str, Any]:
    """The study's options that stand on the command line, each read as a study file would read it."""
    return {name: read_option(name, vars(options)[name]) for name in option_names() if name in vars(options)}


def _analysis_options(options: argparse.Namespace) -> dict[str, Any]:
    """The options of an analysis that stand on the command line, each read as a file would be."""
    given = {}
    for each in fields(AnalysisOptions):
        if each.name in vars(options):
            text = vars(options)[each.name]
            is_list = isinstance(each.default, tuple) and not text.lstrip().startswith("[")
            given[each.name] = text if each.name in AS_TEXT else read_value(f"[{text}]" if is_list else text)
    return given


def _print_path(console: Console, path: Path) -> None:
    """Print a path as one types it: from the working directory on, where it lies below that."""
    console.print(printable(place(path)), markup=False, highlight=False, soft_wrap=True)
