"""Pages of real runs in a real browser: what a user gets, from the command to the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from browser import CHROMIUM, SHOWN, Browser, complaints, press

from creditgraph.study import Study, report, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page cannot be opened in a browser"),
]
RATES = [0.01, 0.03, 0.1, 0.3]
SHARED = {"sweep": {"learning_rates": RATES, "seeds": 2}, "communities": {"restarts": 2}}
STUDIES = {
    "connectome": {
        **SHARED,
        "name": "small",
        "connectome": {"n": 24, "pruning": [0.5, 0.8], "iterations": 40},
        "nulls": {"samples": 3},
    },
    "layered": {
        **SHARED,
        "name": "small-layered",
        "experiment": "layered",
        "layered": {"hidden": [12, 8], "epochs": 2, "batch_size": 200},
        "sweep": {**SHARED["sweep"], "snapshots": 3, "matched_losses": [2.0]},
        "nulls": {"models": ["shuffle_block", "initial"], "samples": 3},
    },
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=STUDIES)
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, svg_alone) -> dict[str, Path]:
    """The page of a run, and that with all sections, each alone."""
    folder = tmp_path_factory.mktemp("real")
    pages = {"run": folder / "run.html", "analysed": folder / "analysed.html"}
    with svg_alone():
        found = run(Study.from_dict(STUDIES[request.param]), folder / "runs", workers=1)
        pages["run"].write_bytes(found.report.read_bytes())
        pages["analysed"].write_bytes(report(found.path, folder / "analyses", analyse=True, workers=1).read_bytes())
    return pages


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("which", ["run", "analysed"])
def test_nothing_overflows_and_nothing_complains(browser, pages, which, width):
    """Guards against what made-up studies lack: words, names and figures that only a real run brings."""
    assert complaints(browser, pages[which], width) == {}


COMPUTED = ("power",)
"""Figures of no network: theirs are numbers of seeds."""


@pytest.mark.parametrize("which", ["run", "analysed"])
def test_every_caption_says_neurons_seeds_and_null_model_and_links_to_its_data(pages, which):
    """Guards against a figure whose reader cannot tell how much is behind it, against what, or what was drawn."""
    figures = re.findall(r'(?s)<figure id="figure-([\w-]+)".*?<figcaption>(.*?)</figcaption>', read(pages[which]))
    assert len(figures) > 8
    for name, inside in figures:
        caption = unescape(re.sub(r"<[^>]*>", "", inside.partition("</p>")[0]))
        if name not in COMPUTED:
            assert re.search(r"\d neurons", caption), f"{name}: {caption}"
        assert re.search(r"\bseeds?\b", caption), f"{name}: {caption}"
        assert re.search(r"\bnull\b|\bchance\b", caption), f"{name}: {caption}"
        assert re.search(r'download="[^"]+\.csv(\.gz)?" href="data:', inside), name
        assert {f'{name}.{kind}"' in inside for kind in ("svg", "png")} == {True}
    captions = dict(figures)
    if "lesions" in captions:
        assert "360 test samples" in captions["lesions"]
        assert "99 random sets" in captions["lesions"]
        assert "360 test samples" in captions["selectivity"]
        assert "199 shuffles" in captions["selectivity"]


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_section_is_on_the_page_of_an_analysed_run(browser, pages):
    """Guards against a report that needs a second page to be whole."""
    sections = "[...document.querySelectorAll('section')].map((each) => each.id)"
    browser.open(pages["run"], 1440)
    before = browser.run(sections)
    browser.open(pages["analysed"], 1440)
    assert set(browser.run(sections)) - set(before) == {
        *("structure", "function", "statistics"),
        *(["trajectory"] if "layered" in pages["run"].read_text(encoding="utf-8")[:600] else []),
    }


@pytest.mark.parametrize("which", ["run", "analysed"])
def test_a_slider_goes_through_the_learning_rates_by_keyboard(browser, pages, which):
    """Guards against a slider that only made-up studies have."""
    browser.open(pages[which], 1440)
    every = browser.run("""[...document.querySelectorAll(".browse figure")].map((each) => each.dataset.label)""")
    assert [label.split(",")[0] for label in every[:4]] == [f"r = {rate:g}" for rate in RATES]
    assert len(every) in (4, 8)
    assert browser.run(SHOWN) == every[:1]
    browser.run("""document.querySelector(".browse input").focus()""")
    press(browser, "ArrowRight")
    assert browser.run(SHOWN) == every[1:2]
    assert browser.run("""document.querySelector(".browse input").getAttribute("aria-valuetext")""") == every[1]
    press(browser, "End")
    assert browser.run(SHOWN) == every[-1:]
    press(browser, "ArrowLeft")
    assert browser.run(SHOWN) == every[-2:-1]
    assert not [each for each in browser.events if each["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
