"""A headless Chromium, spoken to over the pipe of its debugging protocol, and what is asked of every page in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"),
)

OVERFLOWING = """
[...document.querySelectorAll("body *")].filter((element) => {
  if (element.parentElement.closest(".scroll")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !element.matches(".skip");
}).map((element) => element.outerHTML.slice(0, 100))
"""

SHOWN = """[...document.querySelectorAll(".browse figure")].filter((each) => each.offsetHeight > 0)
    .map((each) => each.dataset.label)"""


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


def press(browser: Browser, key: str) -> None:
    codes = {"Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, "End": 35}
    for kind in ("rawKeyDown", "keyUp"):
        text = {"text": "\r"} if key == "Enter" and kind == "rawKeyDown" else {}
        browser.call(
            "Input.dispatchKeyEvent",
            **{
                "type": "keyDown" if text else kind,
                "key": key,
                "code": key,
                "windowsVirtualKeyCode": codes[key],
                **text,
            },
        )


def complaints(browser: Browser, path: Path, width: int, scheme: str = "light") -> dict[str, Any]:
    """Open a page with all that it folds, and tell what is wrong: nothing of a page that is as it should be."""
    browser.open(path, width, scheme)
    browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    requested = {
        event["params"]["request"]["url"].partition(",")[0]
        for event in browser.events
        if event["method"] == "Network.requestWillBeSent"
    }
    broken = "[...document.images].filter((each) => !each.complete || each.naturalWidth <= 300).map((each) => each.alt)"
    found = {
        "wider than the window": max(0, browser.run("document.documentElement.scrollWidth") - width),
        "overflowing": browser.run(OVERFLOWING),
        "console": [
            event for event in browser.events if event["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")
        ],
        "requests": sorted(requested - {path.as_uri(), "data:image/svg+xml;base64"}),
        "pictures": browser.run(broken),
    }
    return {name: value for name, value in found.items() if value}
