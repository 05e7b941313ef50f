"""Pages of comparisons, files and demonstrations in a real browser, with plain names and with hostile ones."""

from __future__ import annotations

from collections.abc import Iterator
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


def written(name: str, folder: Path) -> dict[str, Path]:
    """The three pages, each alone in a folder."""
    sources = ("credit", "backprop", "worm") if name == "plain" else (name, "漢字" * 40, "W" * 60)
    pages = {
        "comparison": write_comparison(comparison(sources, title=name), folder / "comparison"),
        "analysis": write_analysis(analysis(name), folder / "analysis"),
        "demonstration": write_demonstration(demonstration(name), folder / "demonstration"),
    }
    for kind, page in pages.items():
        alone = folder / f"{kind}.html"
        alone.write_bytes(page.read_bytes())
        pages[kind] = alone
    return pages


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.mark.parametrize("name", ["plain", HOSTILE], ids=["plain", "hostile"])
def test_nothing_overflows_complains_or_runs(browser, tmp_path, name):
    """Guards against pages that no study makes being wider than a phone, and names of files and neurons as markup."""
    for kind, page in written(name, tmp_path).items():
        for width in (360, 1440):
            assert complaints(browser, page, width) == {}, (kind, width)
        dialogs = [event for event in browser.events if event["method"] == "Page.javascriptDialogOpening"]
        assert not dialogs, kind
        assert browser.run("document.querySelectorAll('img[src=x], main script').length") == 0, kind
        assert browser.run("document.querySelectorAll('figure').length") >= 1, kind
