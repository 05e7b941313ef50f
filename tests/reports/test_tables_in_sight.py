"""Numbers that a table is there for are in sight on a desk, and on paper."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from browser import CHROMIUM, Browser
from synthetic_comparison import comparison

from creditgraph.reports import Table, labels, tables
from creditgraph.reports.comparison.tables import (
    differences_table,
    every_score_table,
    groups_table,
    similarity_table,
    sources_table,
    verdict_tables,
)
from creditgraph.reports.page import Page, write_page
from creditgraph.reports.section import Section
from creditgraph.reports.stability_tables import MEASURES, restart_agreement_table

HIDDEN = """[...document.querySelectorAll("#table-NAME thead th")].filter((each) =>
    each.getBoundingClientRect().right > each.closest(".rows").getBoundingClientRect().left
        + each.closest(".rows").clientWidth + 1).map((each) => each.textContent)"""


def two_prunings(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    """A table of a comparison whose groups are of two prunings, and say so in their names."""
    pruning = [(0.5, 0.8)[i % 2] for i in range(len(table))]
    told = {name: [f"{each}, pruning {p:g}" for each, p in zip(table[name], pruning, strict=True)] for name in names}
    return table.assign(pruning=pruning, **told)


def agreement() -> pd.DataFrame:
    """How alike restarts are by every measure: the widest of all tables."""
    measures = {f"{name}{end}": 0.123456 for name in MEASURES for end in ("", "_low", "_high")}
    asked = {"weights": ["absolute", "signed"], "objective": "modularity", "direction": "maximise", "restarts": 10}
    return pd.DataFrame({**asked, **measures})


@pytest.fixture(scope="module")
def pages(whole) -> dict[str, list[Table]]:
    """The tables of a study, and of a comparison with long names, both of two prunings."""
    content = comparison(("a rather long name of a network", "another rather long name", "worm"))
    return {
        "study": [
            tables.scores_table(whole.effects),
            tables.trends_table(whole.trends),
            tables.networks_table(whole.communities),
            tables.members_table(whole.members, whole.training, whole.kind),
            tables.exactness_table(whole.verification),
            tables.structure_table(whole.findings.structure),
            tables.matched_table(whole.findings.matched_answers),
            restart_agreement_table(agreement()),
            tables.configuration_table(whole.configuration | {"path": "/a/long/path/without/spaces/" * 5}),
            tables.environment_table(whole.environment | {"commit": "0123456789abcdef" * 4}),
        ],
        "comparison": [
            sources_table(content.sources),
            groups_table(two_prunings(content.groups, "group")),
            differences_table(two_prunings(content.differences, "group", "other")),
            every_score_table(two_prunings(content.scores, "group"), content.sources),
            similarity_table(content.similarity, content.sources),
            *verdict_tables(content.networks),
        ],
    }


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page cannot be opened in a browser")
def test_main_numbers_are_in_sight_on_a_desk(browser, pages, tmp_path):
    """Guards against differences, intervals and q of which a reader at 1440 px sees none without scrolling."""
    wanted = {
        ("study", "scores"): {"Q − null", "95 % interval", "q", "z"},
        ("study", "communities"): {"Q", "null Q", "z", "p"},
        ("study", "trends"): {"trend", "p", "q"},
        ("comparison", "differences"): {"difference", "95 % interval", "p", "q"},
        ("comparison", "groups"): {"Q − null", "95 % interval", "q"},
        ("comparison", "all-scores"): {"Q", "null Q", "z", "p", "q"},
    }
    for which, given in pages.items():
        page = Page(which, "?", "Tables", ["-"], sections=[Section("all", "All", "All", tables=given)])
        browser.open(write_page(page, tmp_path / which), 1440)
        for name, headings in ((name, headings) for (of, name), headings in wanted.items() if of == which):
            assert not headings & set(browser.run(HIDDEN.replace("NAME", name))), name
            assert browser.run(f"""document.querySelector("#table-{name}").offsetWidth""") > 300


def test_what_is_the_same_in_every_row_is_said_once():
    """Guards against columns of a comparison that push its numbers out of sight and say nothing."""
    content = comparison()
    one = content.differences.query("measure == 'excess' and direction == 'maximise' and null == 'initial'")
    table = differences_table(one)
    shown = {column.key for column in table.shown}
    assert shown.isdisjoint({"measure", "direction", "null", "objective", "weights"})
    for said in ("maximal Q", "untrained weights", "of Q − null mean", "absolute weights"):
        assert said in table.caption


def test_a_trend_that_is_not_told_from_none_is_not_called_one(whole):
    """Guards against “increasing” beside a p of 0.94."""
    trends = tables.trends_table(whole.trends)
    place = [column.heading for column in trends.shown].index("trend")
    said = [row[place].text for row in trends.rows]
    told = trends.data["q_value"].astype(float) <= 0.05
    assert set(said) == {"decreasing", "not told from none"}
    assert [text != "not told from none" for text in said] == told.tolist()
    assert "told" not in trends.csv().splitlines()[0].split(",")
    assert labels.number(-0.0) == "0"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine: tables cannot be set")
def test_latex_tables_are_as_wide_as_the_text(pages, tmp_path):
    """Guards against tables that run off the text of an article, to the right or below."""
    # a few rows are as wide as many
    cut = [dataclasses.replace(table, data=table.data.head(60)) for given in pages.values() for table in given]
    body = "\n\\clearpage\n".join(f"\\typeout{{table {table.name}}}\n{table.latex()}" for table in cut)
    said = complaints(tmp_path, body)
    assert not [each for each in said if not each.startswith("table ")], said


def complaints(folder: Path, body: str) -> list[str]:
    """Set tables in an article: the name of each, with what is said of one that is wider or higher than the text."""
    packages = "\\usepackage[T1]{fontenc}\n\\usepackage{booktabs,longtable,array,pdflscape}\n"
    (folder / "all.tex").write_text(
        f"\\documentclass{{article}}\n{packages}\\begin{{document}}\n{body}\n\\end{{document}}\n", encoding="utf-8"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    # what a longtable's columns are wide is known at its second run
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        log = done.stdout.decode("utf-8", errors="replace")
        assert done.returncode == 0, log[-2000:]
    return re.findall(r"table [\w-]+|(?:Overfull \\hbox|Float too large|LaTeX Error)[^\n]*", log)
