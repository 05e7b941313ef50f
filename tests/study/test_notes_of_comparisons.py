"""A comparison tells what the analysis of each of its sources would tell, and of which of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from creditgraph.graphs import WeightGraph, write_graph
from creditgraph.study import AnalysisOptions, compare
from creditgraph.study.analyses.notes import notes_of
from creditgraph.study.analyses.sources import source_of
from creditgraph.study.comparisons import pipeline
from creditgraph.study.comparisons.notes import notes_after, notes_before
from creditgraph.study.comparisons.sources import Compared
from creditgraph.study.progress import Progress

FEEDFORWARD = "Minimal Q was not sought"


class Heard(Progress):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def warn(self, message: str) -> None:
        self.told.append(message)


def layered_graph(seed: int) -> WeightGraph:
    """A feedforward network, whose minimal Q cannot differ."""
    weights = np.zeros((12, 12))
    weights[6:, :6] = np.random.default_rng(seed).normal(size=(6, 6))
    return WeightGraph.from_matrix(weights, layers=[0] * 6 + [1] * 6)


@pytest.fixture
def sources(tmp_path, planted):
    """Two feedforward networks and one that is none."""
    graphs = {"one": layered_graph(0), "two": layered_graph(1), "worm": planted.graph}
    return {name: write_graph(graph, tmp_path / f"{name}.graphml") for name, graph in graphs.items()}


def opened(sources, options) -> list[Compared]:
    return [Compared(name, path, source_of(path, options, lambda _: None)) for name, path in sources.items()]


def test_notes_of_single_analyses_name_what_they_concern(sources):
    """Guards against a comparison that is silent about what the analysis of each source tells."""
    options = AnalysisOptions.from_dict({"nulls": ["shuffle_nonzero"], "parts": ["structure"]})
    compared = opened(sources, options)
    notes = notes_before(compared, options, options)
    (of_layered,) = [note for note in notes if FEEDFORWARD in note]
    assert of_layered.startswith(f"one and two: {FEEDFORWARD}")
    for each in compared:
        for note in notes_of(each.source, options):
            assert any(each.label in told.partition(":")[0] and told.endswith(note) for told in notes)


def test_what_holds_of_all_is_told_once_and_first(sources):
    """Guards against the note on a backbone being repeated for every source."""
    options = AnalysisOptions.from_dict({"backbone": "strongest:0.5", "directions": ["maximise"]})
    notes = notes_before(opened(sources, options), options, options)
    assert notes[0].startswith("All of this is of the backbone strongest:0.5")
    assert sum("backbone" in note for note in notes) == 1


def test_what_an_analysis_found_out_of_its_null_models_is_told():
    """Guards against a source with fewer samples than the others of which the page says nothing."""
    scores = pd.DataFrame({"null": ["rewire", "shuffled_labels"], "samples": [20, 1]})
    kept = pd.DataFrame(
        {"null": ["strength"], "in_strength_error": [1e-12], "out_strength_error": [1e-11], "unmoved": [0.1]}
    )
    found = {"a": {"scores": scores}, "b": {"scores": scores.head(1), "kept_strengths": kept}}
    few, close = notes_after(found)
    assert few == (
        "a: Weights trained on shuffled labels: 1 sample of this null model, all that the run has; of the others there "
        "are 20."
    )
    assert close.startswith("b: Weights fitted to strengths: samples of this null model keep the neurons'")
    assert "under sources/ in the folder of the comparison" in close


def test_terminal_and_page_have_them(sources, tmp_path, monkeypatch):
    """Guards against notes that are made and never shown."""
    shown = SimpleNamespace()

    def keep(content, folder):
        shown.notes = content.notes
        return folder

    monkeypatch.setattr(pipeline, "write_comparison", keep)
    heard = Heard()
    compare(
        [sources["one"], sources["worm"]],
        tmp_path / "out",
        samples=3,
        restarts=2,
        workers=1,
        objectives=["modularity"],
        nulls=["shuffle_nonzero"],
        progress=heard,
    )
    assert any(note.startswith(f"one: {FEEDFORWARD}") for note in shown.notes)
    assert any(note.startswith(f"one: {FEEDFORWARD}") for note in heard.told)
