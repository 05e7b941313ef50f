from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from creditgraph.reports import write_report
from creditgraph.reports.content import ReportContent

sys.path.insert(0, str(Path(__file__).parent))
from synthetic_content import make_content, make_findings


@pytest.fixture(scope="session")
def build() -> Callable[..., ReportContent]:
    """The builder itself, for studies of other shapes; each is built once."""
    return functools.lru_cache(maxsize=None)(make_content)


@pytest.fixture(scope="session")
def content(build) -> ReportContent:
    """The usual study: 8 learning rates x 5 seeds, two null models, 60 neurons."""
    return build()


@pytest.fixture(scope="session")
def usual_report(content, made_once) -> Path:
    """The page of the usual study, with its files beside it."""
    return made_once("usual", lambda folder: write_report(content, folder)) / "index.html"


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }} & $x_{ \u202emalicious " + "w" * 400


@pytest.fixture(scope="session")
def hostile_report(content, made_once) -> tuple[str, Path]:
    """A name that is markup, script, template and formula, and the page of a study that has it everywhere."""
    hostile = dataclasses.replace(
        content,
        title=HOSTILE,
        question=HOSTILE,
        command=HOSTILE,
        notes=[HOSTILE],
        configuration={HOSTILE: HOSTILE, "connectome": {"activation": HOSTILE, "n": HOSTILE}, "sweep": HOSTILE},
        environment={"host": HOSTILE},
        effects=content.effects.assign(null=HOSTILE),
        communities=content.communities.assign(null=HOSTILE),
        nulls=content.nulls.assign(null=HOSTILE),
        trends=content.trends.assign(null=HOSTILE),
    )
    return HOSTILE, made_once("hostile", lambda folder: write_report(hostile, folder)) / "index.html"


@pytest.fixture(scope="session")
def whole(build) -> ReportContent:
    """A small study with every finding that a page can show, and a matrix for each learning rate."""
    small = build(learning_rates=(0.01, 0.1, 0.3), seeds=3, prunings=(0.5, 0.8))
    first = small.matrices[0]
    unlabelled = [
        dataclasses.replace(first, label="", learning_rate=rate) for rate in small.effects["learning_rate"].unique()
    ]
    assert small.training is not None
    return dataclasses.replace(
        small,
        matrices=[*small.matrices, *unlabelled],
        findings=make_findings(),
        training=small.training.assign(ei_imbalance=0.2 + small.training["iteration"] / 1e4),
    )


@pytest.fixture(scope="session")
def whole_report(whole, made_once, svg_alone) -> Path:
    """The page of that study, with its files beside it, but for PNG and PDF."""

    def make(folder: Path) -> None:
        with svg_alone():
            write_report(whole, folder)

    return made_once("whole", make) / "index.html"
