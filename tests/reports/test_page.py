from __future__ import annotations

import base64
import itertools
import json
import re
from pathlib import Path

import pytest
from page_reader import Page

from creditgraph.reports import answer


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
    assert len(captions) == len(page.all("img")) == len(page.all("figure")) == 8
    for _, attributes, _ in page.all("img"):
        assert len(attributes["alt"]) > 80
        assert base64.b64decode(attributes["src"].partition(",")[2]).startswith(b"<?xml")
    for caption in captions:
        assert re.search(r"n\s=\s\d+|\d+ comparisons", caption)
    for caption in captions[3:6]:
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
