from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ..guard import DataError
from . import bibliography, illustrations, labels, tables
from .answer import answer, other_answers
from .content import ReportContent
from .figures import training_summary
from .figures.style import LEVEL
from .findings import Findings
from .limits import limits, origins
from .methods import methods
from .page import KeyNumber, Page, write_page
from .rules import control_rule_of, verified
from .section import Section
from .stability_tables import folded_stability_tables, stability_tables
from .table import Table
from .verdict import sought

KINDS = {
    "connectome": "algorithm 1, all-to-all network",
    "layered": "layered network",
    "recurrent": "recurrent network",
}


def write_report(content: ReportContent, out: str | os.PathLike[str]) -> Path:
    """Write a study's report: one page that stands alone, with its figures and tables beside it.

    Parameters
    ----------
    content
        What the report shows.
    out
        Folder for ``index.html``, ``figures/``, ``tables/`` and ``references.bib``; made where it is missing. What goes
        where is told by :func:`write_page`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    FileError
        If the folder cannot be written.
    DataError
        If `content` is no :class:`ReportContent`.
    """
    if not isinstance(content, ReportContent):
        raise DataError(f"content: got {type(content).__name__}, expected a ReportContent")
    return write_page(report_page(content), out)


def report_page(content: ReportContent) -> Page:
    """The page of a study, section by section."""
    paper, ours = origins(content)
    rule = control_rule_of(content)
    return Page(
        title=content.title,
        question=content.question,
        kind=f"Study report · {KINDS[content.kind]}" + (f", trained with {rule.name}" if rule is not None else ""),
        answer=answer(content),
        others=other_answers(content),
        numbers=_key_numbers(content),
        notes=content.notes,
        sections=[section for section in _sections(content) if not section.empty],
        methods=methods(content),
        paper=paper,
        ours=ours,
        limits=limits(content),
        command=content.command,
        files=content.files,
        options=_some(
            [
                tables.configuration_table(content.configuration),
                tables.environment_table(content.environment),
            ]
        ),
        references=bibliography.used(content),
        data=_data(content),
    )


def _sections(content: ReportContent) -> list[Section]:
    """Every section that a study can have, the empty ones too."""
    findings, exact, trained = content.findings, verified(content), content.members
    kinds = findings.table("structure")
    return [
        Section(
            "exactness",
            "Exactness",
            "Is the rule exact?",
            [
                "The theorem says that the credit rule with f = σ′ follows the negative gradient exactly. Before "
                "anything is read from trained networks, its update is compared with automatic differentiation."
            ],
            illustrations.exactness(content),
            folded=[] if exact.empty else [tables.exactness_table(exact)],
        ),
        Section(
            "learning",
            "Learning",
            "How did training go?",
            [" ".join(_learned(content))],
            illustrations.learning(content),
            folded=[] if trained.empty else [tables.members_table(trained, content.training, content.kind)],
        ),
        Section(
            "communities",
            "Communities",
            "Communities against chance",
            [_what_scores_tell(content)],
            illustrations.communities(content),
            tables=[] if content.trends.empty else [tables.trends_table(content.trends)],
        ),
        Section(
            "matrices",
            "Weights",
            "Weights, reordered by community",
            [
                "Leiden always finds blocks: whether they mean anything is what z above each matrix says."
                + _gone_through(content)
            ],
            illustrations.matrices(content),
            illustrations.every_matrix(content),
        ),
        Section(
            "structure",
            "Structure",
            "Blocks: within or across?",
            [findings.verdict] if findings.verdict else [],
            illustrations.structure(findings),
            tables=[] if kinds is None else [tables.structure_table(kinds)],
        ),
        Section(
            "stability",
            "Stability",
            "Are the communities stable?",
            [
                "A score can be far from chance while the partition is one of many. Only where restarts, seeds and "
                "neighbouring learning rates agree does a single community mean something."
            ],
            [*illustrations.stability(content), *illustrations.similarity(findings)],
            tables=stability_tables(findings),
            folded=folded_stability_tables(findings),
        ),
        _function(findings),
        Section(
            "trajectory",
            "Trajectory",
            "How did communities come about?",
            ["Communities are matched from one snapshot of training to the next by the neurons that they share."],
            illustrations.trajectory(findings),
        ),
        _statistics(findings),
        Section(
            "scores",
            "Scores",
            "All scores",
            tables=[] if content.effects.empty else [tables.scores_table(content.effects)],
            folded=[] if content.communities.empty else [tables.networks_table(content.communities)],
        ),
    ]


def _what_scores_tell(content: ReportContent) -> str:
    """What the scores that were searched for mean."""
    if "minimise" not in labels.distinct(content.communities, "direction"):
        return (
            "Maximal Q tells how dense the weights are within communities. Random networks have communities too, so it "
            "is read against its null models only."
        )
    return (
        "Maximal Q tells how dense the weights are within communities, minimal Q (negative) how dense they are across "
        "them. Random networks have both, so each is read against its null models only."
    )


def _function(findings: Findings) -> Section:
    """What communities do, where it was measured; else how their neurons are wired."""
    measured = any(findings.table(name) is not None for name in ("lesions", "selectivity"))
    return Section(
        "function",
        "Function" if measured else "Roles",
        "What do communities do?" if measured else "Which neurons hold communities together?",
        [
            "Wiring is not function: a community does something where silencing it costs more than silencing others."
            if measured
            else "A hub is coupled strongly within its community; a connector spreads its synapses over many."
        ],
        illustrations.function(findings),
    )


def _statistics(findings: Findings) -> Section:
    """The comparison at matched loss, where there is one; else what as many seeds can see."""
    matched, answers = findings.table("matched"), findings.table("matched_answers")
    compared = matched is not None or answers is not None
    return Section(
        "statistics",
        "Statistics",
        "Is it the learning rate?" if compared else "How many seeds does a difference take?",
        [
            "A sweep of fixed length confounds the learning rate with how much was learned; at the same training loss "
            "it does not."
            if compared
            else "With few seeds only a large difference is found. Whether a study was large enough for the difference "
            "that matters is asked before it runs."
        ],
        illustrations.statistics(findings),
        tables=[] if answers is None else [tables.matched_table(answers)],
    )


def _some(found: Iterable[Table]) -> list[Table]:
    return [table for table in found if len(table.data)]


def _data(content: ReportContent) -> dict[str, pd.DataFrame]:
    """The tables of the study that have rows, whole."""
    findings = content.findings
    data = {
        "members": content.members,
        "training": content.training,
        "communities": content.communities,
        "nulls": content.nulls,
        "effects": content.effects,
        "trends": content.trends,
        "verification": verified(content),
        "structure": findings.structure,
        "matched-loss": findings.matched_answers,
        "seed-agreement": findings.seed_agreement,
        "restart-agreement": findings.restart_agreement,
        "neuron-agreement": findings.neuron_agreement,
        "consensus": findings.consensus,
        "plateaus": findings.plateaus,
    }
    return {name: table for name, table in data.items() if table is not None and len(table)}


def _gone_through(content: ReportContent) -> str:
    """How many of the study's learning rates the matrices are of, where there are some to go through one by one."""
    if all(example.label for example in content.matrices):
        return ""
    shown = len({example.learning_rate for example in content.matrices})
    rates = content.members["learning_rate"].nunique() if len(content.members) else shown
    some = f"{shown} of " if shown < rates else "all " if rates > 1 else ""
    return f" After those of three, networks of {some}{labels.counted(rates, 'learning rate')} are shown one by one."


def _key_numbers(content: ReportContent) -> list[KeyNumber]:
    numbers = []
    total, lost = len(content.members), len(content.diverged)
    if total:
        rates, seeds = sorted(content.members["learning_rate"].unique()), content.members["seed"].nunique()
        kept = f"{total - lost} of {total}" if lost else f"{total}"
        numbers += [
            KeyNumber(f"{labels.plural(total, 'network')} trained", kept),
            KeyNumber(
                f"learning rates, {labels.rate(rates[0])} to {labels.rate(rates[-1])}"
                if len(rates) > 1
                else f"learning rate, {labels.rate(rates[0])}",
                f"{len(rates)}",
            ),
            KeyNumber(f"{labels.plural(seeds, 'seed')} each", f"{seeds}"),
        ]
    if len(content.communities) and "samples" in content.communities.columns:
        drawn = content.communities["samples"].astype(int)
        few, most = int(content.communities.groupby("null")["samples"].max().min()), int(drawn.max())
        drawn_each = f"{most}" if few == most else f"{few} to {most}"
        numbers.append(KeyNumber(f"{labels.plural(most, 'null sample')} a network", drawn_each))
    if len(content.effects):
        tested = content.effects[content.effects["q_value"].notna()]
        passes, on_side = tested["q_value"].astype(float) <= LEVEL, sought(tested)
        numbers.append(
            KeyNumber("tests with q ≤ 0.05 on the side sought", f"{int((passes & on_side).sum())} of {len(tested)}")
        )
        if (passes & ~on_side).any():
            numbers.append(
                KeyNumber("with q ≤ 0.05 on the other side", f"{int((passes & ~on_side).sum())} of {len(tested)}")
            )
    exact = verified(content)
    if len(exact):
        numbers.append(KeyNumber("exactness bounds kept", f"{int(exact['holds'].astype(bool).sum())} of {len(exact)}"))
    return numbers


def _learned(content: ReportContent) -> list[str]:
    """How training went, in sentences."""
    if content.members.empty:
        return []
    total, lost = len(content.members), content.diverged
    if lost.empty:
        sentences = [
            f"{labels.plural(total, 'The', 'All')} {labels.counted(total, 'network')} trained to the end; "
            "none diverged."
        ]
    else:
        counts = lost.groupby("learning_rate").size()
        where = labels.listed(
            [f"{count} at r = {labels.rate(rate)}" for rate, count in zip(counts.index, counts, strict=True)]
        )
        how = "diverged or found no equilibrium" if (lost["status"] == "no_equilibrium").any() else "diverged"
        sentences = [
            f"{total - len(lost)} of {labels.counted(total, 'network')} trained to the end; {len(lost)} "
            f"{how} ({where}) and "
            f"{labels.plural(len(lost), 'is', 'are')} in no statistic."
        ]
    if content.kind != "connectome" and content.training is not None and len(content.training):
        summary = training_summary(content.training, content.kind)
        accuracy = summary[(summary["quantity"] == "test_accuracy") & (summary["epoch"] == summary["epoch"].max())]
        if len(accuracy):
            best = accuracy.loc[accuracy["mean"].idxmax()]
            mean = "mean " if best["seeds"] > 1 else ""
            where = f"is largest at r = {labels.rate(best['learning_rate'])}:" if len(accuracy) > 1 else "is"
            spread = f" ({best['low']:.3f} to {best['high']:.3f} over {best['seeds']} seeds)" if mean else ""
            sentences.append(
                f"After {labels.counted(int(best['epoch']), 'epoch')} the {mean}test accuracy {where} "
                f"{best['mean']:.3f}{spread}."
            )
    return sentences
