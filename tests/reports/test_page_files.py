from __future__ import annotations

import base64
import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_findings
from page_reader import Page
from PIL import Image

from creditgraph.guard import FileError
from creditgraph.reports import write_report
from creditgraph.reports.figures import network_drawing
from creditgraph.reports.illustrations import Illustration
from creditgraph.reports.page import Page as PageContent
from creditgraph.reports.page import write_page
from creditgraph.reports.section import Section


@pytest.fixture(scope="module")
def folder(usual_report: Path) -> Path:
    return usual_report.parent


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


def test_a_page_holds_the_file_that_its_command_takes(content, tmp_path, no_drawings):
    """Guards against a command that takes a file which only its author has, and a file that becomes markup."""
    file = "question: '</a><script>alert(1)</script>\u202e'\n"
    told = dataclasses.replace(content, command="creditgraph run study.yaml", files={"study.yaml": file})
    page = Page(write_report(dataclasses.replace(told, matrices=(), training=None, nulls=pd.DataFrame()), tmp_path))
    (link,) = (a for _, a, _ in page.all("a") if a.get("download") == "study.yaml")
    assert base64.b64decode(link["href"].removeprefix("data:application/yaml;base64,")).decode() == file
    assert len(page.all("script")) == 1


def test_unwritable_folders_are_refused_in_one_line(content, tmp_path):
    """Guards against a traceback of the operating system."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written") as caught:
        write_report(content, tmp_path / "file" / "report")
    assert "\n" not in str(caught.value)
