from __future__ import annotations

import base64
import dataclasses
import gzip
import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_findings
from conftest import make_findings
from PIL import Image

from creditgraph.guard import FileError
from creditgraph.reports import Findings, answer, write_report
from creditgraph.reports.figures import network_drawing
from creditgraph.reports.illustrations import Illustration, every_matrix
from creditgraph.reports.page import Page as PageContent
from creditgraph.reports.page import write_page
from creditgraph.reports.report import report_page
from creditgraph.reports.section import Section

VOID = {"meta", "img", "input", "br", "hr", "link"}


class Page(HTMLParser):
    """Elements of a page in order, with their attributes and text, and every tag closed as it was opened."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[tuple[str, list[str]]] = []
        self.feed(self.source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text: list[str] = []
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        self.elements.append((tag, {name: value or "" for name, value in attrs}, text))
        if tag not in VOID:
            self.open.append((tag, text))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        for _, text in self.open:
            text.append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str], str]]:
        return [(tag, attributes, "".join(text)) for tag, attributes, text in self.elements if tag in tags]

    def text(self, tag: str) -> str:
        return " ".join(text for _, _, text in self.all(tag)).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def folder(usual_report: Path) -> Path:
    return usual_report.parent


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page(folder / "index.html")


def test_page_says_what_was_asked_and_the_answer(page, content):
    """Guards against a report without its finding."""
    assert page.text("h1") == content.title
    assert content.question in page.text("header")
    for sentence in answer(content):
        assert sentence in page.text("main")
    assert content.notes[0] in page.text("main")
    assert content.command in page.text("pre")


def test_every_section_is_there_and_linked(page):
    """Guards against a section that is missing or that no link reaches."""
    sections = [attributes["id"] for _, attributes, _ in page.all("section")]
    assert sections == [
        *("answer", "exactness", "learning", "communities", "matrices", "stability", "scores"),
        *("methods", "limits", "repeat", "references"),
    ]
    targets = [a["href"] for _, a, _ in page.all("a") if a["href"].startswith("#")]
    assert {f"#{section}" for section in sections} == set(targets)
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_page_stands_alone_and_allows_nothing_else(page):
    """Guards against a request to anywhere: sources are in the page, and its policy forbids all others."""
    for tag, attributes, _ in page.elements:
        assert tag not in {"link", "iframe", "object", "embed", "form", "base"}
        assert "src" not in attributes or attributes["src"].startswith("data:image/svg+xml;base64,")
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert not attributes.get("href", "").startswith(("http", "//", "javascript"))
    policy = next(a["content"] for _, a, _ in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "url(" not in page.text("style")


def test_headings_descend_one_level_at_a_time(page):
    """Guards against headings by which a screen reader loses its way."""
    levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_landmarks_language_and_skip_link(page):
    """Guards against a page that only eyes can find their way in."""
    assert next(a for _, a, _ in page.all("html"))["lang"] == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    first_link = page.all("a")[0][1]
    assert (first_link["class"], first_link["href"]) == ("skip", "#answer")


def test_figures_have_words_data_and_pictures(page, folder, content):
    """Guards against a figure without alt text, caption (n, seeds, null), data or files."""
    captions = [text for _, _, text in page.all("figcaption")]
    assert len(captions) == len(page.all("img")) == len(page.all("figure")) == 7
    for _, attributes, _ in page.all("img"):
        assert len(attributes["alt"]) > 80
        assert base64.b64decode(attributes["src"].partition(",")[2]).startswith(b"<?xml")
    for caption in captions:
        assert re.search(r"n\s=\s\d+|\d+ comparisons", caption)
    for caption in captions[2:5]:
        for said in ("4 to 5 seeds", "shuffled weights", "untrained weights", "20 samples"):
            assert said in caption
    for _, attributes, text in page.all("a"):
        if text == "Data (CSV)":
            table = base64.b64decode(attributes["href"].partition(",")[2]).decode()
            assert table == (folder / "figures" / attributes["download"]).read_text()
        elif text == "Weights (CSV, gzip)":
            held = base64.b64decode(attributes["href"].partition(",")[2])
            assert held == (folder / "figures" / attributes["download"]).read_bytes()
        elif "beside this page" in text:
            assert (folder / attributes["href"]).stat().st_size > 5_000
        elif text in ("LaTeX", "Markdown"):
            assert (folder / attributes["href"]).stat().st_size > 50


def test_pictures_are_what_journals_take(folder):
    """Guards against a PNG below 300 dpi, a PDF without its fonts, and pictures of unlike sizes."""
    for path in sorted((folder / "figures").glob("*.png")):
        with Image.open(path) as image:
            assert round(image.info["dpi"][0]) == 300
            inches = image.width / 300
        assert 3 < inches <= 7.21
        points = re.search(r'width="([\d.]+)pt"', path.with_suffix(".svg").read_text()[:1500])
        assert float(points[1]) == pytest.approx(72 * inches, abs=1)
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


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


def test_bibtex_on_the_page_is_that_beside_it(page, folder):
    """Guards against a link whose entries differ from the file's, or to sources that are not cited on the page."""
    (link,) = (a for _, a, text in page.all("a") if text == "BibTeX")
    entries = base64.b64decode(link["href"].partition(",")[2]).decode()
    assert entries == (folder / "references.bib").read_text()
    assert entries.count("@") == len(page.all("ol")[0][2].strip().splitlines())


def test_spots_lie_in_their_pictures(page, content):
    """Guards against values under the pointer that are not those of the table, or lie outside of the picture."""
    places = {attributes["id"]: i for i, (_, attributes, _) in enumerate(page.all("figure"))}
    image = page.all("img")[places["figure-modularity"]][1]
    spots = json.loads(image["data-spots"])
    assert len(spots) == 2 * content.effects["learning_rate"].nunique()
    assert all(0 <= edge <= 1 for spot in spots for edge in spot[:4])
    first = content.effects[content.effects["direction"] == "maximise"].iloc[0]
    assert f"maximal Q {first['quality_mean']:.3f} (" in spots[0][4]
    ordered = [spot[0] for spot in spots[: len(spots) // 2]]
    assert ordered == sorted(ordered)


@pytest.mark.slow
def test_long_tables_are_cut_on_the_page_and_whole_beside_it(build, tmp_path):
    """Guards against pages of thousands of rows, against rows that are lost, and against not saying so."""
    content = build(seeds=60, nulls=("shuffle_nonzero", "initial"), samples=3)
    assert len(content.communities) > 1000
    page = Page(write_report(content, tmp_path))
    assert "Here are the first 300 of 1,916 rows; the CSV has them all." in page.text("main")
    assert page.source.count('<th scope="row"') < 3000
    link = next(a for _, a, _ in page.all("a") if a.get("download") == "communities.csv.gz")
    held = gzip.decompress(base64.b64decode(link["href"].partition(",")[2])).decode()
    assert held == (tmp_path / "tables" / "communities.csv").read_text()
    assert len(held.splitlines()) == 1917


def test_tables_name_their_rows_and_columns(page):
    """Guards against tables whose cells a screen reader cannot place."""
    assert len(page.all("caption")) == len(page.all("table")) == 7
    assert all(text.strip() for _, _, text in page.all("caption"))
    assert all(attributes["scope"] in {"col", "row"} for _, attributes, _ in page.all("th"))
    for _, attributes, text in page.all("td"):
        if attributes.get("class") == "number":
            assert "data-value" in attributes
            assert re.search(r"\d|–", text)


def test_scores_on_the_page_are_those_of_the_table(page, content):
    """Guards against a table on the page that differs from the study's."""
    shown = [attributes["data-value"] for _, attributes, text in page.all("td") if "data-value" in attributes]
    for value in content.effects["difference_mean"]:
        assert str(value) in shown


def test_tables_are_written_whole(folder, content):
    """Guards against files that hold less than the study, and leftovers of writing."""
    tables = folder / "tables"
    for name in ("members", "training", "communities", "nulls", "effects", "trends", "verification"):
        assert len(pd.read_csv(tables / f"{name}.csv")) == len(getattr(content, name))
    for table in tables.glob("*.tex"):
        assert table.with_suffix(".csv").is_file()
    weights = pd.read_csv(folder / "figures" / "matrices-weights.csv.gz")
    first = weights[weights["label"] == "low"]
    example = content.matrices[0].matrix
    assert len(first) == (example != 0).sum()
    at = first.iloc[5]
    assert at["weight"] == pytest.approx(example[int(at["post"]), int(at["pre"])])
    assert (tables / "scores.md").read_text().count("\n| ") == len(content.effects) + 2
    assert not list(folder.rglob(".*"))


@pytest.mark.slow
def test_same_content_same_bytes(folder, content, tmp_path):
    """Guards against dates and random names in the output."""
    write_report(content, tmp_path)
    names = sorted(path.relative_to(folder) for path in folder.rglob("*.*"))
    assert len(names) > 30
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.slow
def test_hostile_words_appear_as_text(hostile_report):
    """Guards against names, options, notes and commands that become markup, scripts or template code."""
    hostile, path = hostile_report
    page = Page(path)
    assert len(page.all("script")) == 1
    assert "alert" not in page.text("script")
    assert all(a["src"].startswith("data:") for _, a, _ in page.all("img"))
    for tag in ("h1", "header", "pre", "main", "td"):
        assert "<script>alert(1)</script>\"'>" in page.text(tag)
        assert "{{ 7 * 7 }}" in page.text(tag)
    # what stands after a name is not turned around by it, and a name that runs from right to left stands for itself
    assert page.text("title") == hostile.replace("\u202e", "")
    assert page.text("bdi") == page.text("title")
    assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", page.source)
    assert "unicode-bidi: isolate" in page.text("style")
    assert "\u202e" not in (path.parent / "tables" / "configuration.md").read_text()
    assert r"{ '$'\u202e''malicious" in page.text("pre")
    names = {file.name for file in path.parent.rglob("*.*")}
    assert not [name for name in names if "script" in name or len(name) > 40]
    latex = (path.parent / "tables" / "configuration.tex").read_text()
    assert r"\$x\_\{" in latex
    assert "\u202e" not in latex


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


def test_large_further_data_lie_beside_the_page(tmp_path):
    """Guards against pages that grow by the weights of every network, and weights that are nowhere."""
    random = np.random.default_rng(0)
    weights = pd.DataFrame({"weight": random.normal(size=60_000)})
    links = {}
    for count in (10, 60_000):
        figure = network_drawing(*synthetic_findings.all_to_all_graph(12))
        shown = Illustration("f", figure, "", "", weights[:1], further={"weights": weights[:count]})
        page = PageContent("p", "?", "k", [], sections=[Section("s", "S", "S", figures=[shown])])
        path = write_page(page, tmp_path / str(count))
        links[count] = next(a for _, a, text in Page(path).all("a") if text.startswith("Weights"))
        assert len(pd.read_csv(path.parent / "figures" / "f-weights.csv.gz")) == count
    assert links[10]["href"].startswith("data:application/gzip;base64,")
    assert links[60_000]["href"] == "figures/f-weights.csv.gz"


def test_layered_studies_tell_how_well_the_task_is_learned(build, tmp_path):
    """Guards against a report on communities that hides whether anything was learned."""
    content = build(kind="layered", learning_rates=(0.01, 0.1, 0.3), seeds=3, nulls=("shuffle_block",))
    page = Page(write_report(content, tmp_path))
    last = content.training[content.training["epoch"] == 20].groupby("learning_rate")["test_accuracy"].mean()
    assert f"mean test accuracy is largest at r = {last.idxmax():g}: {last.max():.3f}" in page.text("main")
    assert "All 9 networks trained to the end; none diverged." in page.text("main")
    assert "pruning" not in page.text("th")


def gone_through(content, most=12):
    """The same study with as many matrices as a real one has, to go through one by one."""
    rates = list(content.members["learning_rate"].unique())
    more = [
        dataclasses.replace(content.matrices[i % 3], label="", learning_rate=rates[i % len(rates)])
        for i in range(most - 3)
    ]
    return dataclasses.replace(content, matrices=[*content.matrices, *more])


@pytest.mark.slow
def test_size_stays_small(build, tmp_path):
    """Guards against matrices drawn as paths and data that swell the page of the flagship study to 8 MB."""
    path = write_report(gone_through(build(n=300)), tmp_path)
    assert path.stat().st_size < 8_000_000
    assert (tmp_path / "figures" / "matrices.svg").stat().st_size < 2_000_000
    assert len(list((tmp_path / "figures").glob("matrix-*.svg"))) == 12
    assert set(pd.read_csv(tmp_path / "figures" / "matrices-weights.csv.gz")["label"]) == {"low", "middle", "high"}
    assert len(list((tmp_path / "figures").glob("matrix-*-weights.csv.gz"))) == 12


@pytest.mark.slow
def test_size_stays_small_at_1000_networks(build, tmp_path):
    """Guards against pages of 15 MB, that grow with every network: 20 learning rates, 50 seeds, 80,000 null samples."""
    rates = tuple(float(f"{10 ** (-4 + 4 * i / 19):.3g}") for i in range(20))
    content = dataclasses.replace(build(n=300, learning_rates=rates, seeds=50), findings=make_findings(1000))
    assert len(content.members) == 1000
    page = write_report(gone_through(content), tmp_path)
    assert page.stat().st_size < 15_000_000
    assert page.read_text(encoding="utf-8").count("<tr>") < 1000
    assert len(pd.read_csv(tmp_path / "tables" / "nulls.csv")) == len(content.nulls)
    assert len(pd.read_csv(tmp_path / "figures" / "similarity.csv")) == 6 * 7 / 2
    pairs = pd.read_csv(tmp_path / "figures" / "similarity-pairs.csv.gz").to_numpy()
    assert np.isnan(pairs[np.triu_indices(len(pairs), 1)]).all()
    given = np.asarray(content.findings.similarities.matrix)
    low = np.tril_indices(len(pairs))
    assert np.abs(pairs[low] - given[low]).max() < 1e-6


def test_a_page_holds_the_file_that_its_command_takes(content, tmp_path):
    """Guards against a command that takes a file which only its author has, and a file that becomes markup."""
    file = "question: '</a><script>alert(1)</script>\u202e'\n"
    told = dataclasses.replace(content, command="creditgraph run study.yaml", files={"study.yaml": file})
    page = Page(write_report(dataclasses.replace(told, matrices=(), training=None, nulls=pd.DataFrame()), tmp_path))
    (link,) = (a for _, a, _ in page.all("a") if a.get("download") == "study.yaml")
    assert base64.b64decode(link["href"].removeprefix("data:application/yaml;base64,")).decode() == file
    assert len(page.all("script")) == 1


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


def test_unwritable_folders_are_refused_in_one_line(content, tmp_path):
    """Guards against a traceback of the operating system."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written") as caught:
        write_report(content, tmp_path / "file" / "report")
    assert "\n" not in str(caught.value)
