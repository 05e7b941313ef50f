"""Pages of comparisons, files and demonstrations in a real browser, with names that are markup and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
import synthetic_rules as ruled
from browser import CHROMIUM, Browser, complaints
from conftest import HOSTILE
from synthetic_comparison import comparison

from creditgraph.reports import (
    AnalysisContent,
    Drawing,
    Findings,
    MatrixExample,
    write_analysis,
    write_comparison,
)
from creditgraph.reports.demonstrations import DemonstrationContent, write_demonstration

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the page cannot be opened in a browser"),
]


def analysis(name: str) -> AnalysisContent:
    """A file of a layered network in which every neuron, role and type is called by the name."""
    graph, members = made.layered_graph()
    scores, samples = made.scores()
    count = len(members)
    scores = scores.assign(
        communities=4, null_mean=0.1, null_sd=0.02, p_value=0.05, q_value=0.05, agreement=0.9, samples=20
    )
    neurons = made.roles(count).assign(
        community=members, name=[f"{name} {i}" for i in range(count)], role=name, type=name, layer=graph.layers
    )
    network = {"neurons": count, "synapses": len(graph.weight), "density": 0.3, "reciprocity": 0.0, "negative": 0.5}
    matrix = np.zeros((count, count))
    matrix[graph.post, graph.pre] = graph.weight
    return AnalysisContent(
        title=name,
        source=f"the file {name}.graphml",
        networks=pd.DataFrame([{**network, "communities": 4, "agreement": 0.9, "verdict": "block-diagonal"}]),
        scores=scores,
        nulls=samples,
        neurons=neurons,
        communities=pd.DataFrame({"community": range(4), "size": np.bincount(members)}),
        composition=pd.DataFrame(
            {
                "community": [0],
                "mark": "type",
                "value": name,
                "neurons": 5,
                "expected": 2.0,
                "ratio": 2.5,
                "q_value": 0.1,
            }
        ),
        findings=Findings(
            network=name,
            blocks=made.blocks(4),
            structure=made.structure(),
            verdict="The network is block-diagonal.",
            roles=neurons,
            drawing=Drawing(graph, members),
            resolution=made.profile(),
        ),
        matrix=MatrixExample(0.0, None, 0, "", matrix, members, 0.3, 0.1, 10.0, 0.05, members, name=name),
        configuration={"analysis": {"file": f"{name}.graphml", "restarts": 5}},
        environment={"python": "3.11"},
        command=f"creditgraph analyse {name}.graphml",
    )


def demonstration(name: str) -> DemonstrationContent:
    """The demonstration of balance functions, one of which has the name."""
    table = ruled.costs().assign(balance=lambda table: table["balance"].replace("triangle", name), norm_ratio=1.0)
    ends = table[table["step"] == 100].groupby("balance")[["angle", "loss"]].agg(["mean", "min", "max"])
    summary = [
        {"quantity": f"{function}, step 100: {quantity}", "seeds": 2, "mean": mean, "low": low, "high": high}
        for quantity in ("angle", "loss")
        for function, (mean, low, high) in ends[quantity].T.items()
    ]
    settings = {"steps": 100, "samples": 50, "sizes": [64, 16, 10], "activation": "tanh", "learning_rate": 0.1}
    return DemonstrationContent("balance", [0, 1], pd.DataFrame(summary), {"costs": table}, settings)


PAGES: dict[str, Callable[[Path], Path]] = {
    "comparison": lambda folder: write_comparison(comparison((HOSTILE, "漢字" * 40, "W" * 60), title=HOSTILE), folder),
    "analysis": lambda folder: write_analysis(analysis(HOSTILE), folder),
    "demonstration": lambda folder: write_demonstration(demonstration(HOSTILE), folder),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_overflows_complains_or_runs(browser, tmp_path, kind):
    """Guards against pages that no study makes being wider than a phone, and names of files and neurons as markup."""
    page = tmp_path / "alone.html"
    page.write_bytes(PAGES[kind](tmp_path / "report").read_bytes())
    for width in (360, 1440):
        assert complaints(browser, page, width) == {}, width
        assert not [event for event in browser.events if event["method"] == "Page.javascriptDialogOpening"]
    assert browser.run("document.body.innerText.includes('alert(1)')"), "the names are text"
    assert browser.run("document.querySelectorAll('img[src=x], main script').length") == 0
    assert browser.run("document.querySelectorAll('figure').length") >= 1
