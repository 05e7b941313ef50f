"""The commands of ``creditgraph`` with their options and help."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields
from importlib.metadata import version
from typing import Any, NoReturn

from ..guard import CreditgraphError, suggestion
from .analyses.options import AnalysisOptions
from .commands import analyse_source, compare_sources, demonstrate_rule, rewrite_report, run_study, verify_rule
from .comparisons.comparison_file import bundled_comparisons
from .config import option_names
from .study_file import bundled_studies

FLAGSHIP = "connectome"


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are ours, in one line."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "allow_abbrev": False})
        self.set_defaults(parser=self)

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, with where to look."""
        raise CreditgraphError(f"{message}; see `{self.prog} --help`")


def parser_of_all() -> argparse.ArgumentParser:
    """The parser of the command, with all that its help says."""
    parser = Parser(
        prog="creditgraph",
        description="Train networks with the credit rule, turn their weights into graphs, and test their communities "
        "against null models.",
    )
    parser.add_argument("--version", action="version", version=f"creditgraph {version('creditgraph')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)

    def add(name: str, action: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(action=action)
        return added

    run_parser = add("run", run_study, "Run a study: train, find communities, test them against null models, report.")
    run_parser.add_argument(
        "study", metavar="STUDY", help="a study file (YAML), or a bundled study: " + ", ".join(bundled_studies())
    )
    reproduce = add("reproduce", run_study, f"Run the bundled study `{FLAGSHIP}`, the project's main job.")
    reproduce.set_defaults(study=FLAGSHIP)
    for each in (run_parser, reproduce):
        each.add_argument("--out", metavar="DIR", default="runs", help="folder for runs (default: runs)")
        each.add_argument("--workers", metavar="N", default=None, help="worker processes (default: one for each core)")
        each.add_argument(
            "--memory",
            metavar="BYTES",
            default=None,
            help="memory that networks may take while they are trained, on the device that trains them, such as 4GiB; "
            "results do not depend on it (default: half of what is free)",
        )
        _add_study_options(each)

    verify_parser = add("verify", verify_rule, "Compare the rule's updates with autograd's gradients in float64.")
    verify_parser.add_argument("--out", metavar="FILE", default=None, help="write the table as JSON too")
    verify_parser.add_argument(
        "--report",
        metavar="DIR",
        default=None,
        help="write a page, with its figure and tables, into this new or empty folder",
    )
    verify_parser.add_argument("--seed", metavar="N", default="0", help="seed of the networks and data (default: 0)")

    demonstrate = add(
        "demonstrate", demonstrate_rule, "Show the rule at work, with five seeds: tables, and a page with figures."
    )
    demonstrate.add_argument(
        "what", metavar="WHAT", help="timescales, predictions, dale, controls, balance, or all of them: all"
    )
    demonstrate.add_argument(
        "--out", metavar="DIR", default="demonstrations", help="folder for the results (default: demonstrations)"
    )
    demonstrate.add_argument("--seed", metavar="N", default="0", help="the first of the five seeds (default: 0)")

    analyse_parser = add(
        "analyse",
        analyse_source,
        "Find and test the communities of a graph file, or of all networks of a run, to a report.",
    )
    analyse_parser.add_argument(
        "source",
        metavar="FILE_OR_RUN",
        help="a graph file (GraphML, GEXF, csv, tsv, npz, xlsx), a trained model (safetensors), or a run directory",
    )
    analyse_parser.add_argument(
        "--out", metavar="DIR", default="analyses", help="folder for analyses (default: analyses)"
    )
    analyse_parser.add_argument(
        "--workers", metavar="N", default=None, help="worker processes (default: one for each core)"
    )
    _add_analysis_options(analyse_parser)

    compare_parser = add(
        "compare",
        compare_sources,
        "Set runs, studies and graph files side by side, to tables and a report with intervals.",
    )
    compare_parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="a run directory, a graph file, a folder of graph files (a group), a study (run first if it is not yet), "
        "or a comparison file; bundled: " + ", ".join([*bundled_comparisons(), *bundled_studies()]),
    )
    compare_parser.add_argument(
        "--out", metavar="DIR", default="comparisons", help="folder for comparisons (default: comparisons)"
    )
    compare_parser.add_argument(
        "--name",
        metavar="NAME",
        default=None,
        help="name of the comparison and of its folder (default: that of a comparison file, else made of the labels)",
    )
    compare_parser.add_argument("--runs", metavar="DIR", default="runs", help="folder for runs (default: runs)")
    compare_parser.add_argument(
        "--labels",
        metavar="A,B,...",
        default=None,
        help="what the sources are called, in double quotes where one has a comma (default: their own names)",
    )
    compare_parser.add_argument(
        "--neurons",
        metavar="HOW",
        default="auto",
        help="which neurons correspond: auto (by name in files, by construction in runs), order, none (default: auto)",
    )
    compare_parser.add_argument(
        "--paired",
        metavar="HOW",
        default="auto",
        help="whose networks belong together: auto (those of one seed in runs that start alike), names (and files of "
        "one name in two folders) (default: auto)",
    )
    compare_parser.add_argument(
        "--workers", metavar="N", default=None, help="worker processes (default: one for each core)"
    )
    _add_analysis_options(compare_parser, without=("parts",))

    report = add(
        "report",
        rewrite_report,
        "Write the report of a finished run again, with all sections where an analysis of it is found, or of an "
        "analysis or a demonstration.",
    )
    report.add_argument(
        "run",
        metavar="RUN_OR_ANALYSIS",
        help="a run directory, such as runs/connectome/0123456789ab, or the folder of an analysis or demonstration",
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
            help=_help(each.metadata["about"], each.default),
        )


def _add_analysis_options(parser: argparse.ArgumentParser, without: Sequence[str] = ()) -> None:
    for each in fields(AnalysisOptions):
        if each.name not in without:
            parser.add_argument(
                f"--{each.name}",
                metavar="VALUE",
                default=argparse.SUPPRESS,
                help=_help(each.metadata["about"], each.default),
            )


def _help(about: str, default: object) -> str:
    """What an option does, with its default, unless that is told already."""
    told = default is None and "by default" in about
    return (about if told else f"{about} (default: {_written(default)})").replace("%", "%%")


def _written(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, tuple):
        return ",".join(str(value) for value in default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def unknown_option(parser: argparse.ArgumentParser, given: str) -> CreditgraphError:
    """What is said of an option that does not exist, with the nearest that does."""
    name = given.partition("=")[0]
    near = suggestion(name, parser._option_string_actions)
    return CreditgraphError(f"unknown option {name}; {near or f'see `{parser.prog} --help`'}")
