from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest
from page_reader import Page

from creditgraph.reports import Findings, write_report
from creditgraph.reports.illustrations import every_matrix
from creditgraph.reports.report import report_page


@pytest.mark.slow
def test_every_finding_has_its_section(whole_report):
    """Guards against a finding that is computed and then not shown, or shown without words, data or a link to it."""
    page = Page(whole_report)
    assert [attributes["id"] for _, attributes, _ in page.all("section")] == [
        *("answer", "exactness", "learning", "communities", "matrices", "structure", "stability", "function"),
        *("trajectory", "statistics", "scores", "methods", "limits", "repeat", "references"),
    ]
    names = [attributes["id"] for _, attributes, _ in page.all("figure")]
    assert names == [
        f"figure-{name}"
        for name in (
            *("exactness", "learning", "balance", "modularity", "differences", "phases", "null-samples"),
            *("matrices-1", "matrices-2", *(f"matrix-{i + 1}" for i in range(9)), "blocks", "network", "stability"),
            *("similarity", "flow", "resolution", "roles", "lesions", "selectivity", "course", "events"),
            *("matched-loss", "power"),
        )
    ]
    for _, attributes, _ in page.all("img"):
        assert len(attributes["alt"]) > 60
    for _, _, text in page.all("figcaption"):
        assert re.search(r"n\s=\s|null|\d", text), text
    assert "The network is block-diagonal." in page.text("main")
    assert {"table-structure", "table-matched-loss"} <= {a.get("id") for _, a, _ in page.all("table")}
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for key in ("guimera2005", "borgatti2000"):
        assert key in whole_report.with_name("references.bib").read_text()


def test_sections_without_data_are_left_out(content, tmp_path):
    """Guards against a crash or an empty frame where a study verified, trained or compared nothing."""
    nothing = pd.DataFrame()
    empty = dataclasses.replace(
        content,
        members=nothing,
        training=None,
        communities=nothing,
        nulls=nothing,
        effects=nothing,
        trends=nothing,
        verification=nothing,
        matrices=(),
        configuration={},
        environment={},
        command="",
        notes=(),
    )
    page = Page(write_report(empty, tmp_path))
    assert [a["id"] for _, a, _ in page.all("section")] == ["answer", "methods", "limits", "repeat", "references"]
    assert not page.all("img", "table", "dl")
    assert "so there is no answer" in page.text("main")


def test_headings_say_what_is_there(whole):
    """Guards against a section on matched losses, or on what communities do, above a figure of neither."""
    nothing = pd.DataFrame()
    tables = dict.fromkeys(("members", "communities", "nulls", "effects", "trends", "verification"), nothing)
    found = Findings(roles=whole.findings.roles, power=whole.findings.power)
    content = dataclasses.replace(whole, matrices=(), training=None, findings=found, **tables)
    said = {each.name: (each.heading, each.words[0]) for each in report_page(content).sections}
    assert list(said) == ["function", "statistics"]
    assert said["function"][0] == "Which neurons hold communities together?"
    assert "silencing" not in said["function"][1]
    assert said["statistics"][0] == "How many seeds does a difference take?"
    assert "training loss" not in said["statistics"][1]


def test_layered_studies_tell_how_well_the_task_is_learned(build, tmp_path, no_drawings):
    """Guards against a report on communities that hides whether anything was learned."""
    content = build(kind="layered", learning_rates=(0.01, 0.1, 0.3), seeds=3, nulls=("shuffle_block",))
    page = Page(write_report(content, tmp_path))
    last = content.training[content.training["epoch"] == 20].groupby("learning_rate")["test_accuracy"].mean()
    assert f"mean test accuracy is largest at r = {last.idxmax():g}: {last.max():.3f}" in page.text("main")
    assert "All 9 networks trained to the end; none diverged." in page.text("main")
    assert "pruning" not in page.text("th")


def test_the_matrices_to_go_through_are_in_the_order_of_their_learning_rates(content):
    """Guards against a slider that jumps to and fro between learning rates."""
    rates = (0.3, 0.01, 0.1, 0.001)
    small = [dataclasses.replace(content.matrices[0], label="", learning_rate=rate) for rate in rates]
    weak = [dataclasses.replace(each, pruning=0.5) for each in small[:2]]
    shown = every_matrix(dataclasses.replace(content, matrices=[*weak, *small]))
    assert [each.label.removesuffix(", seed 0") for each in shown] == [
        *(f"r = {rate:g}, pruning 0.8" for rate in sorted(rates)),
        *("r = 0.01, pruning 0.5", "r = 0.3, pruning 0.5"),
    ]
