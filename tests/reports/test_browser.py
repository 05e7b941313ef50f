"""The page in a real browser, spoken to over the pipe of its debugging protocol."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, OVERFLOWING, SHOWN, Browser, complaints, press

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page cannot be opened in a browser"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def path(whole, whole_report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page alone, without the files that are written beside it, of a study with a very long name."""
    page = tmp_path_factory.mktemp("alone") / "index.html"
    page.write_text(whole_report.read_text(encoding="utf-8").replace(whole.title, "a" * 300), encoding="utf-8")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_overflows_and_nothing_complains(browser, path, width, scheme):
    """Guards against elements wider than a phone, console errors, and requests that leave the page."""
    assert complaints(browser, path, width, scheme) == {}


CONTRAST = """
(() => {
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const colour = numbers(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && element.tagName !== "SCRIPT"
  ).map((element) => {
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), element.outerHTML.slice(0, 80)];
  }).filter(([ratio]) => ratio < 4.5);
})()
"""


def test_the_usual_scores_fit_a_desk(browser, usual_report):
    """Guards against the last columns of the main table being out of sight at 1440 px."""
    browser.open(usual_report, 1440)
    seen, whole = browser.run(
        """(() => { const box = document.querySelector("#table-scores").parentElement;
                    return [box.clientWidth, box.scrollWidth]; })()"""
    )
    assert whole <= seen


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, path, scheme):
    """Guards against text below the contrast of 4.5 that WCAG 2 asks for, in either scheme."""
    browser.open(path, 1440, scheme)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)" if scheme == "light" else "rgb(19, 22, 26)"
    )
    assert browser.run(CONTRAST) == []


def test_tables_sort_and_filter(browser, path):
    """Guards against controls that do nothing, or sort numbers as text."""
    browser.open(path, 1440)
    column = """[...document.querySelectorAll("#table-scores tbody tr")].filter((row) => !row.hidden)
        .map((row) => Number(row.cells[place].dataset.value))"""
    place = browser.run(
        """[...document.querySelectorAll("#table-scores thead th")].findIndex((th) => th.textContent.startsWith("z"))"""
    )
    column = column.replace("place", str(place))
    before = browser.run(column)
    click = f"""document.querySelectorAll("#table-scores thead th button")[{place}].click()"""
    browser.run(click)
    assert browser.run(column) == sorted(before) != before
    browser.run(click)
    assert browser.run(column) == sorted(before, reverse=True)
    assert browser.run(f"""document.querySelectorAll("#table-scores thead th")[{place}].ariaSort""") == "descending"
    browser.run(
        """{ const input = document.querySelector("#scores input");
             input.value = "minimal untrained 0.5"; input.dispatchEvent(new Event("input")); }"""
    )
    assert len(browser.run(column)) == len(before) // 8
    assert (
        browser.run("""document.querySelector("#scores output").textContent""")
        == f"{len(before) // 8} of {len(before)}"
    )


@pytest.mark.parametrize(("kind", "start"), [("svg", "data:image/svg+xml;base64,"), ("png", "data:image/png;base64,")])
def test_pictures_can_be_saved_from_the_page_alone(browser, path, kind, start):
    """Guards against dead links to pictures once the page is sent without the files beside it."""
    browser.open(path, 1440)
    link = f"""document.querySelector('a[data-save="{kind}"]')"""
    browser.run(f"""{link}.addEventListener("click", (event) => event.preventDefault())""")
    browser.run(f"{link}.click()")
    assert browser.run(f"{link}.href").startswith(start)
    assert len(browser.run(f"{link}.href")) > 10_000


def test_matrices_are_gone_through_by_keyboard(browser, path):
    """Guards against a slider that the keyboard cannot reach or move, and one that does not say what it shows."""
    browser.open(path, 1440)
    every = browser.run("""[...document.querySelectorAll(".browse figure")].map((each) => each.dataset.label)""")
    assert len(every) == 9
    assert browser.run(SHOWN) == every[:1]
    browser.run("""document.querySelector(".browse input").focus()""")
    press(browser, "ArrowRight")
    assert browser.run(SHOWN) == every[1:2]
    assert browser.run("""document.querySelector(".browse output").textContent""") == f"{every[1]} (2 of 9)"
    assert browser.run("""document.querySelector(".browse input").getAttribute("aria-valuetext")""") == every[1]
    press(browser, "End")
    assert browser.run(SHOWN) == every[-1:]
    press(browser, "Tab")
    press(browser, "Enter")
    assert browser.run("document.activeElement.ariaLabel") == "Next network"
    assert browser.run(SHOWN) == every[-1:], "at the end it stays"
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.run(SHOWN) == every
    browser.call("Emulation.setEmulatedMedia", media="")


def test_values_are_told_under_the_pointer_and_one_by_one(browser, path):
    """Guards against values of another place than the pointer's, and against values that only a mouse can reach."""
    browser.open(path, 1440)
    image = """document.querySelector("#figure-modularity img")"""
    first, second = browser.run(f"JSON.parse({image}.dataset.spots).slice(0, 2)")
    browser.run(f"""{image}.scrollIntoView({{ block: "center" }})""")
    x, y = browser.run(
        f"""(() => {{ const box = {image}.getBoundingClientRect();
             return [box.left + {second[0]} * box.width, box.top + {second[1]} * box.height]; }})()"""
    )
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + 3, y=y - 2)
    assert browser.run("""document.querySelector(".tip").textContent""") == second[4]
    box = browser.run("""document.querySelector(".tip").getBoundingClientRect().toJSON()""")
    assert box["left"] >= 0
    assert box["right"] <= 1440
    assert box["bottom"] <= 900
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
    assert browser.run("""document.querySelector(".tip").hidden""")
    buttons = """document.querySelectorAll("#figure-modularity .controls button")"""
    output = """document.querySelector("#figure-modularity .controls output").textContent"""
    browser.run(f"{buttons}[1].focus()")
    press(browser, "Enter")
    assert browser.run(output).startswith(first[4])
    press(browser, "Enter")
    assert browser.run(output).startswith(second[4])
    browser.run(f"{buttons}[0].click()")
    assert browser.run(output).startswith(first[4])


def test_everything_is_reached_by_keyboard(browser, path):
    """Guards against controls without a name, and against focus that nobody sees."""
    browser.open(path, 1440)
    nameless = browser.run(
        """[...document.querySelectorAll("button, input, a, summary, [tabindex]")].filter((each) =>
             !(each.ariaLabel || each.textContent.trim() || each.getAttribute("aria-labelledby")
               || each.closest("label")?.textContent.trim())).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    press(browser, "Tab")
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    for _ in range(3):
        press(browser, "Tab")
    assert browser.run("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


def test_everything_is_there_without_scripts(browser, path):
    """Guards against content that only a script brings."""
    browser.open(path, 360, script=False)
    assert len(browser.call("Accessibility.getFullAXTree")["nodes"]) > 500
    rows = browser.call("Page.captureSnapshot", format="mhtml")["data"]
    assert rows.count("<button") == 0
    link = """document.querySelector("a[data-save=svg]").innerText"""
    assert browser.run(link) == "SVG (beside this page)"
    assert rows.count("<table") >= 6
    assert rows.count('<figure id=3D"figure-matrix-') == 9
    assert re.search(r"<figure[^>]* hidden", rows) is None
    browser.open(path, 360)
    assert browser.run(link) == "SVG"


@pytest.mark.parametrize("script", [True, False])
def test_options_and_environment_are_printed(browser, path, script):
    """Guards against paper that hides how the numbers were made, and against figures and headings that pages part."""
    browser.open(path, 1440, script=script)
    browser.call("Emulation.setEmulatedMedia", media="print")
    style = "[...document.querySelectorAll('{}')].every((each) => getComputedStyle(each).{} === '{}')"
    # reading the page takes scripts, those of the page were not run
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    # what is unfolded for paper is so from the next frame on
    browser.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    for name in ("configuration", "environment"):
        assert browser.run(
            f"document.querySelector('#table-{name}').checkVisibility({{ contentVisibilityAuto: true }})"
        )
        assert browser.run(f"document.querySelector('#table-{name}').getBoundingClientRect().height") > 50
    assert browser.run("document.querySelector('#scores details').getBoundingClientRect().height") == 0
    for where, what, value in (
        *(
            ("figure", "breakInside", "avoid"),
            (".opening", "breakInside", "avoid"),
            (".opening", "breakAfter", "avoid"),
        ),
        *(("h2", "breakAfter", "avoid"), ("h3", "breakAfter", "avoid"), ("p", "orphans", "3"), ("p", "widows", "3")),
    ):
        assert browser.run(style.format(where, what, value)), (where, what)
    browser.call("Emulation.setEmulatedMedia", media="")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine: paper cannot be read")
def test_no_page_of_paper_ends_in_a_heading(browser, path, tmp_path):
    """Guards against a heading and its introduction at the foot of a page, their figure on the next."""
    browser.open(path, 1440)
    openings = browser.run("[...document.querySelectorAll('.opening, h3')].map((each) => each.innerText)")
    printed = tmp_path / "page.pdf"
    printed.write_bytes(base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"]))
    text = subprocess.run(["pdftotext", str(printed), "-"], capture_output=True, text=True, check=True).stdout
    pages = [" ".join(page.split()) for page in text.split("\f") if page.strip()]
    assert len(pages) > 10
    for opening in openings:
        assert not [page[-80:] for page in pages if page.endswith(" ".join(opening.split()))]
    assert any(re.search(r"Options in force.*\bconnectome\.\w+ ", page) for page in pages)
    assert any("connectome.iterations 1500" in page for page in pages)


def test_hostile_names_do_nothing(browser, hostile_report):
    """Guards against names that become markup or scripts, or that push the page apart, once a browser reads them."""
    _, page = hostile_report
    browser.open(page, 360)
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    browser.run("""document.querySelector("#figure-differences .controls button").click()""")
    assert not [event for event in browser.events if event["method"] == "Page.javascriptDialogOpening"]
    assert browser.run("document.documentElement.scrollWidth") <= 360
    assert browser.run(OVERFLOWING) == []
    assert browser.run("document.querySelectorAll('img[src=x], main script').length") == 0
