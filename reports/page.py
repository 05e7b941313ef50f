from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..guard import DataError, write_whole
from . import illustrations, labels, tables
from .answer import answer, other_answers
from .content import ReportContent
from .figures import training_summary, weight_table
from .illustrations import Illustration
from .methods import REFERENCES, limits, methods, origins
from .tables import Table

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class KeyNumber:
    """A number at the top of the page, and what it counts."""

    name: str
    value: str


def write_report(content: ReportContent, out: str | os.PathLike[str]) -> Path:
    """Write a study's report: one page that stands alone, with its figures and tables beside it.

    The page needs no network and no other file. Beside it: every figure as SVG and PNG, every table as CSV, those of
    the page as Markdown too. The same content gives the same bytes.

    Parameters
    ----------
    content
        What the report shows.
    out
        Folder for ``index.html``, ``figures/`` and ``tables/``; made where it is missing.

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
    out = Path(out)
    # the tables first: a folder that cannot be written is refused before any figure is drawn
    shown = _tables(content)
    for table in shown.values():
        write_whole(out / "tables" / f"{table.name}.md", table.markdown())
    for name, text in _data(content).items():
        write_whole(out / "tables" / f"{name}.csv", text)
    figures = {
        "exactness": illustrations.exactness(content),
        "learning": illustrations.learning(content),
        "communities": illustrations.communities(content),
        "matrices": illustrations.matrices(content),
    }
    for illustration in (each for group in figures.values() for each in group):
        write_whole(out / "figures" / f"{illustration.name}.svg", illustration.svg)
        write_whole(out / "figures" / f"{illustration.name}.png", illustration.png)
        write_whole(out / "figures" / f"{illustration.name}.csv", tables.csv(illustration.data))
    # the page last: where it stands, all that it speaks of is there
    return write_whole(out / "index.html", _page(content, figures, shown))


def _tables(content: ReportContent) -> dict[str, Table]:
    """The tables of the page; those without rows are left out."""
    possible = {
        "members": content.members.empty or tables.members_table(content.members, content.training, content.kind),
        "scores": content.effects.empty or tables.scores_table(content.effects),
        "trends": content.trends.empty or tables.trends_table(content.trends),
        "communities": content.communities.empty or tables.networks_table(content.communities),
        "verification": content.verification.empty or tables.exactness_table(content.verification),
        "configuration": not content.configuration or tables.configuration_table(content.configuration),
        "environment": not content.environment or tables.environment_table(content.environment),
    }
    return {name: table for name, table in possible.items() if isinstance(table, Table)}


def _data(content: ReportContent) -> dict[str, str]:
    """The tables of the study, whole, as CSV."""
    data = {
        "members": content.members,
        "training": content.training,
        "communities": content.communities,
        "nulls": content.nulls,
        "effects": content.effects,
        "trends": content.trends,
        "verification": content.verification,
        "matrices": weight_table(content.matrices) if content.matrices else None,
    }
    return {name: tables.csv(table) for name, table in data.items() if table is not None and len(table)}


def _page(content: ReportContent, figures: dict[str, list[Illustration]], shown: dict[str, Table]) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["csv"] = tables.csv
    environment.filters["unbroken"] = labels.unbroken
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "script.js").read_text(encoding="utf-8")
    paper, ours = origins(content.kind)
    return environment.get_template("page.html.j2").render(
        content=content,
        figures=figures,
        tables=shown,
        answer=answer(content),
        others=other_answers(content),
        numbers=_key_numbers(content),
        learned=_learned(content),
        methods=methods(content),
        limits=limits(content),
        paper=paper,
        ours=ours,
        references=REFERENCES,
        style=style,
        script=script,
        style_hash=_source_hash(style),
        script_hash=_source_hash(script),
    )


def _key_numbers(content: ReportContent) -> list[KeyNumber]:
    numbers = []
    total, lost = len(content.members), len(content.diverged)
    if total:
        rates = sorted(content.members["learning_rate"].unique())
        numbers += [
            KeyNumber("networks trained", f"{total - lost} of {total}" if lost else f"{total}"),
            KeyNumber(
                f"learning rates, {labels.rate(rates[0])} to {labels.rate(rates[-1])}"
                if len(rates) > 1
                else f"learning rate, {labels.rate(rates[0])}",
                f"{len(rates)}",
            ),
            KeyNumber("seeds each", f"{content.members['seed'].nunique()}"),
        ]
    if len(content.communities) and "samples" in content.communities.columns:
        numbers.append(KeyNumber("null samples a network", f"{int(content.communities['samples'].max())}"))
    if len(content.effects):
        tested = content.effects["q_value"].dropna().astype(float)
        numbers.append(KeyNumber("tests with q ≤ 0.05", f"{int((tested <= 0.05).sum())} of {len(tested)}"))
    if len(content.verification):
        holds = int(content.verification["holds"].astype(bool).sum())
        numbers.append(KeyNumber("exactness bounds kept", f"{holds} of {len(content.verification)}"))
    return numbers


def _learned(content: ReportContent) -> list[str]:
    """How training went, in sentences."""
    if content.members.empty:
        return []
    total, lost = len(content.members), content.diverged
    if lost.empty:
        sentences = [f"All {labels.counted(total, 'network')} trained to the end; none diverged."]
    else:
        counts = lost.groupby("learning_rate").size()
        where = labels.listed(
            [f"{count} at r = {labels.rate(rate)}" for rate, count in zip(counts.index, counts, strict=True)]
        )
        sentences = [
            f"{total - len(lost)} of {total} networks trained to the end; {len(lost)} diverged ({where}) and "
            f"{'is' if len(lost) == 1 else 'are'} in no statistic."
        ]
    if content.kind == "layered" and content.training is not None and len(content.training):
        summary = training_summary(content.training, "layered")
        accuracy = summary[(summary["quantity"] == "test_accuracy") & (summary["epoch"] == summary["epoch"].max())]
        if len(accuracy):
            best = accuracy.loc[accuracy["mean"].idxmax()]
            sentences.append(
                f"After {labels.counted(int(best['epoch']), 'epoch')} the mean test accuracy is largest at r = "
                f"{labels.rate(best['learning_rate'])}: {best['mean']:.3f} ({best['low']:.3f} to {best['high']:.3f} "
                f"over {labels.counted(int(best['seeds']), 'seed')})."
            )
    return sentences


def _source_hash(source: str) -> str:
    """The name by which a content security policy allows this source and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _data_uri(content: bytes | str, kind: str) -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
