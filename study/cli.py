"""The command ``creditgraph``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from ..guard import CreditgraphError, choice, suggestion, whole_number
from .analyses.options import AnalysisOptions
from .checks import LARGEST_SEED
from .comparisons.comparison_file import bundled_comparisons
from .config import Study, option_names
from .interruption import one_interruption
from .out_of_memory import is_out_of_memory
from .progress import Bars
from .repeat import read_option
from .study_file import bundled_studies, read_value

BAD_INPUT = 2
INTERRUPTED = 130
FLAGSHIP = "connectome"
AS_TEXT = ("weight", "pre_column", "post_column", "neuron_table", "missing_weights")
"""Options of an analysis that are text, whatever they look like."""
DEMONSTRATED = ("timescales", "predictions", "dale", "controls", "balance")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        Exit code: 0 on success only, 1 if `verify` finds a bound broken, 2 for bad input, 130 when interrupted.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(stderr=True)
    try:
        with one_interruption():
            options, unknown = _parser().parse_known_args(arguments)
            if unknown:
                raise _unknown(options.parser, unknown[0])
            code: int = options.action(options)
    except CreditgraphError as error:
        console.print(f"creditgraph: {error}", markup=False, highlight=False, soft_wrap=True)
        return BAD_INPUT
    except KeyboardInterrupt:
        console.print("creditgraph: interrupted; what is done is kept, and the same command goes on from there")
        return INTERRUPTED
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        console.print(
            f"creditgraph: out of memory ({' '.join(str(error).split())[:200]}); take fewer or smaller networks or "
            "snapshots, or fewer --workers; what is done is kept",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        return BAD_INPUT
    except BrokenPipeError:
        # whoever read our output has gone; the interpreter would complain of it when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


class _Parser(argparse.ArgumentParser):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "allow_abbrev": False})
        self.set_defaults(parser=self)

    def error(self, message: str) -> NoReturn:
        raise CreditgraphError(f"{message}; see `{self.prog} --help`")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="creditgraph",
        description="Train networks with the credit rule, turn their weights into graphs, and test their communities "
        "against null models.",
    )
    parser.add_argument("--version", action="version", version=f"creditgraph {version('creditgraph')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, action: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(action=action)
        return added

    run_parser = add("run", _run, "Run a study: train, find communities, test them against null models, report.")
    run_parser.add_argument(
        "study", metavar="STUDY", help="a study file (YAML), or a bundled study: " + ", ".join(bundled_studies())
    )
    reproduce = add("reproduce", _run, f"Run the bundled study `{FLAGSHIP}`, the project's main job.")
    reproduce.set_defaults(study=FLAGSHIP)
    for each in (run_parser, reproduce):
        each.add_argument("--out", metavar="DIR", default="runs", help="folder for runs (default: runs)")
        each.add_argument("--workers", metavar="N", default=None, help="worker processes (default: one for each core)")
        _add_study_options(each)

    verify_parser = add("verify", _verify, "Compare the rule's updates with autograd's gradients in float64.")
    verify_parser.add_argument("--out", metavar="FILE", default=None, help="write the table as JSON too")
    verify_parser.add_argument("--seed", metavar="N", default="0", help="seed of the networks and data (default: 0)")

    demonstrate = add(
        "demonstrate", _demonstrate, "Show the rule at work, with five seeds: tables, figures and a summary."
    )
    demonstrate.add_argument(
        "what", metavar="WHAT", help="timescales, predictions, dale, controls, balance, or all of them: all"
    )
    demonstrate.add_argument(
        "--out", metavar="DIR", default="demonstrations", help="folder for the results (default: demonstrations)"
    )
    demonstrate.add_argument("--seed", metavar="N", default="0", help="the first of the five seeds (default: 0)")

    analyse_parser = add(
        "analyse", _analyse, "Find and test the communities of a graph file, or of all networks of a run, to a report."
    )
    analyse_parser.add_argument(
        "source", metavar="FILE_OR_RUN", help="a graph file (GraphML, GEXF, CSV, npz, xlsx), or a run directory"
    )
    analyse_parser.add_argument(
        "--out", metavar="DIR", default="analyses", help="folder for analyses (default: analyses)"
    )
    analyse_parser.add_argument(
        "--workers", metavar="N", default=None, help="worker processes (default: one for each core)"
    )
    _add_analysis_options(analyse_parser)

    compare_parser = add(
        "compare", _compare, "Set runs, studies and graph files side by side, to tables and a report with intervals."
    )
    compare_parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="a run directory, a graph file, a study (run first if it is not yet), or a comparison file; bundled: "
        + ", ".join([*bundled_comparisons(), *bundled_studies()]),
    )
    compare_parser.add_argument(
        "--out", metavar="DIR", default="comparisons", help="folder for comparisons (default: comparisons)"
    )
    compare_parser.add_argument("--runs", metavar="DIR", default="runs", help="folder for runs (default: runs)")
    compare_parser.add_argument(
        "--labels", metavar="A,B,...", default=None, help="what the sources are called (default: their own names)"
    )
    compare_parser.add_argument(
        "--neurons",
        metavar="HOW",
        default="auto",
        help="which neurons correspond: auto (by name in files, by construction in runs), order, none (default: auto)",
    )
    compare_parser.add_argument(
        "--workers", metavar="N", default=None, help="worker processes (default: one for each core)"
    )
    _add_analysis_options(compare_parser, without=("parts",))

    report = add(
        "report",
        _report,
        "Write the report of a finished run again, with all sections where an analysis of it is found, or of an "
        "analysis.",
    )
    report.add_argument(
        "run",
        metavar="RUN_OR_ANALYSIS",
        help="a run directory, such as runs/connectome/0123456789ab, or the folder of an analysis",
    )
    report.add_argument(
        "--analyse",
        action="store_true",
        help="analyse the networks of the run first (structure, function, trajectory, statistics), or what is missing",
    )
    report.add_argument(
        "--analyses",
        metavar="DIR",
        default="analyses",
        help="folder for analyses, where one of the run is looked for (default: analyses)",
    )
    report.add_argument(
        "--workers", metavar="N", default=None, help="worker processes of --analyse (default: one for each core)"
    )
    return parser


def _add_study_options(parser: argparse.ArgumentParser) -> None:
    groups: dict[str, argparse._ArgumentGroup] = {}
    for name, each in option_names().items():
        section = name.rpartition(".")[0]
        if section not in groups:
            groups[section] = parser.add_argument_group(
                f"options of the section {section}" if section else "options of the study",
                None if section else "each overrides the study file's; lists are written [1, 2] or 1,2",
            )
        groups[section].add_argument(
            f"--{name}",
            metavar="VALUE",
            default=argparse.SUPPRESS,
            help=f"{each.metadata['about']} (default: {_written(each.default)})".replace("%", "%%"),
        )


def _add_analysis_options(parser: argparse.ArgumentParser, without: Sequence[str] = ()) -> None:
    for each in fields(AnalysisOptions):
        if each.name not in without:
            parser.add_argument(
                f"--{each.name}",
                metavar="VALUE",
                default=argparse.SUPPRESS,
                help=f"{each.metadata['about']} (default: {_written(each.default)})".replace("%", "%%"),
            )


def _written(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, tuple):
        return ",".join(str(value) for value in default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def _unknown(parser: argparse.ArgumentParser, given: str) -> CreditgraphError:
    name = given.partition("=")[0]
    near = suggestion(name, parser._option_string_actions)
    return CreditgraphError(f"unknown option {name}; {near or f'see `{parser.prog} --help`'}")


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    """The study's options that stand on the command line, each read as a study file would read it."""
    return {name: read_option(name, vars(options)[name]) for name in option_names() if name in vars(options)}


def _run(options: argparse.Namespace) -> int:
    study = Study.from_file(options.study, _overrides(options))
    workers = None if options.workers is None else read_value(options.workers)
    # torch and igraph take seconds to load; a misspelt option is told before that
    from .pipeline import how_to_complete, run
    from .store import RunDirectory
    from .summary import print_answer, print_effects

    result = run(study, options.out, workers=workers, progress=Bars())
    console = Console()
    print_effects(console, result.effects, result.trends)
    print_answer(console, result.answer)
    console.print(how_to_complete(RunDirectory(result.path)), markup=False, highlight=False, soft_wrap=True)
    if not result.trained and not result.analysed:
        console.print("Everything had been done by an earlier call; nothing was done twice.")
    console.print(str(result.report), markup=False, highlight=False, soft_wrap=True)
    return 0


def _analyse(options: argparse.Namespace) -> int:
    chosen = AnalysisOptions.from_dict(_analysis_options(options))
    workers = None if options.workers is None else read_value(options.workers)
    # torch and igraph take seconds to load; a misspelt option is told before that
    from .analyses.pipeline import analyse
    from .summary import print_analysis, print_answer

    found = analyse(options.source, options.out, options=chosen, workers=workers, progress=Bars())
    console = Console()
    print_analysis(console, found.tables)
    print_answer(console, found.answer)
    if not found.analysed:
        console.print("Everything had been done by an earlier call; nothing was done twice.")
    console.print(str(found.report), markup=False, highlight=False, soft_wrap=True)
    return 0


def _compare(options: argparse.Namespace) -> int:
    given = _analysis_options(options)
    # what cannot be right is told before anything is loaded
    AnalysisOptions.from_dict(given)
    labels = None if options.labels is None else [label.strip() for label in options.labels.split(",")]
    workers = None if options.workers is None else read_value(options.workers)
    from .comparisons.pipeline import compare
    from .summary import print_comparison

    found = compare(
        options.sources,
        options.out,
        labels=labels,
        neurons=options.neurons,
        runs=options.runs,
        workers=workers,
        progress=Bars(),
        **given,
    )
    console = Console()
    print_comparison(console, found.tables)
    if not found.analysed:
        console.print("Everything had been done by an earlier call; nothing was done twice.")
    console.print(str(found.report), markup=False, highlight=False, soft_wrap=True)
    return 0


def _analysis_options(options: argparse.Namespace) -> dict[str, Any]:
    """The options of an analysis that stand on the command line, each read as a file would be."""
    given = {}
    for each in fields(AnalysisOptions):
        if each.name in vars(options):
            text = vars(options)[each.name]
            is_list = isinstance(each.default, tuple) and not text.lstrip().startswith("[")
            given[each.name] = text if each.name in AS_TEXT else read_value(f"[{text}]" if is_list else text)
    return given


def _verify(options: argparse.Namespace) -> int:
    from .exactness import verify, write_verification
    from .summary import print_verification

    seed = whole_number("seed", read_value(options.seed), minimum=0, maximum=LARGEST_SEED)
    with Bars().course("exactness") as tell:
        table = verify(seed=seed, progress=tell)
    print_verification(Console(), table)
    if options.out is not None:
        write_verification(table, Path(options.out))
    return 0 if bool(table["holds"].all()) else 1


def _demonstrate(options: argparse.Namespace) -> int:
    seed = whole_number("seed", read_value(options.seed), minimum=0, maximum=LARGEST_SEED)
    choice("WHAT", options.what, [*DEMONSTRATED, "all"])
    from .demonstrations import demonstrate
    from .summary import print_demonstration

    console = Console()
    for what in DEMONSTRATED if options.what == "all" else [options.what]:
        with Bars().course(what) as tell:
            found = demonstrate(what, Path(options.out) / what, seed=seed, progress=tell)
        print_demonstration(console, what, found.summary)
        for path in found.files:
            if path.suffix == ".png":
                console.print(str(path), markup=False, highlight=False, soft_wrap=True)
    return 0


def _report(options: argparse.Namespace) -> int:
    workers = None if options.workers is None else read_value(options.workers)
    from .reporting import report

    page = report(options.run, options.analyses, analyse=options.analyse, workers=workers, progress=Bars())
    Console().print(str(page), markup=False, highlight=False, soft_wrap=True)
    return 0
