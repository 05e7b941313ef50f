"""The page in a real browser, spoken to over the pipe of its debugging protocol."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creditgraph.reports import write_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page cannot be opened in a browser"),
]
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"),
)


class Browser:
    """One tab of a headless Chromium; `events` are all that it has told so far."""

    def __init__(self, profile: Path) -> None:
        from_us, self.to = os.pipe()
        self.source, to_us = os.pipe()

        def connect() -> None:
            # the browser reads from 3 and writes to 4; both may be in use under other meanings until here
            read, write = os.dup(from_us), os.dup(to_us)
            high = [os.dup2(fd, place, inheritable=False) for fd, place in ((read, 60), (write, 61))]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(
            command, preexec_fn=connect, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(from_us)
        os.close(to_us)
        self.events: list[dict[str, Any]] = []
        self.rest = b""
        self.count = 0
        self.session = ""
        targets = self.call("Target.getTargets")["targetInfos"]
        tab = next(each["targetId"] for each in targets if each["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **options: Any) -> dict[str, Any]:
        self.count += 1
        message: dict[str, Any] = {"id": self.count, "method": method, "params": options}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self.events.append(answer)

    def receive(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            read = os.read(self.source, 1 << 16)
            assert read, "the browser has ended"
            self.rest += read
        message, _, self.rest = self.rest.partition(b"\0")
        return dict(json.loads(message))

    def open(self, path: Path, width: int, scheme: str = "light", script: bool = True) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def run(self, expression: str) -> Any:
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def close(self) -> None:
        with contextlib.suppress(OSError, AssertionError):
            self.session = ""
            self.call("Browser.close")
        self.process.wait(timeout=20)
        os.close(self.to)
        os.close(self.source)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def path(build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page alone, without the files that are written beside it, of a study with a very long name."""
    content = build(
        title="a" * 300, weights=("absolute", "positive"), prunings=(0.5, 0.8), learning_rates=(0.01, 0.1, 0.5)
    )
    folder = tmp_path_factory.mktemp("report")
    page = write_report(content, folder)
    shutil.rmtree(folder / "figures")
    shutil.rmtree(folder / "tables")
    return page


OVERFLOWING = """
[...document.querySelectorAll("body *")].filter((element) => {
  if (element.parentElement.closest(".scroll")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !element.matches(".skip");
}).map((element) => element.outerHTML.slice(0, 100))
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_overflows_and_nothing_complains(browser, path, width, scheme):
    """Guards against elements wider than a phone, console errors, and requests that leave the page."""
    browser.open(path, width, scheme)
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(OVERFLOWING) == []
    complaints = [event for event in browser.events if event["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert complaints == []
    requested = {
        event["params"]["request"]["url"].partition(",")[0]
        for event in browser.events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert requested <= {path.as_uri(), "data:image/svg+xml;base64"}
    assert browser.run("[...document.images].every((image) => image.complete && image.naturalWidth > 300)")


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


def test_the_usual_scores_fit_a_desk(browser, content, tmp_path):
    """Guards against the last columns of the main table being out of sight at 1440 px."""
    browser.open(write_report(content, tmp_path), 1440)
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
             input.value = "minimal untrained positive"; input.dispatchEvent(new Event("input")); }"""
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


def test_everything_is_there_without_scripts(browser, path):
    """Guards against content that only a script brings."""
    browser.open(path, 360, script=False)
    rows = browser.call("Page.captureSnapshot", format="mhtml")["data"]
    assert rows.count("<button") == 0
    assert rows.count("<table") >= 6
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
