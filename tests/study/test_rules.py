"""Layered studies that a control rule trains, from their options to their pages."""

import re

import numpy as np
import pandas as pd
import pytest

from creditgraph.study import RunDirectory, Study, analyse, pipeline, run
from creditgraph.study.store import cells_of, shuffled_cells_of
from creditgraph.train import LayeredSweep

OPTIONS = {"hidden": [9], "epochs": 2, "batch_size": 100}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A tiny study under feedback alignment; its check of exactness is of one case, by name."""
    study = Study.from_dict(
        {
            "name": "tiny",
            "question": "Which?",
            "experiment": "layered",
            "layered": {**OPTIONS, "rule": "feedback_alignment"},
            "sweep": {"learning_rates": [0.1, 0.5], "seeds": 2, "snapshots": 0},
            "communities": {"restarts": 2, "directions": ["maximise"]},
            "nulls": {"models": ["shuffle_block", "shuffled_labels"], "samples": 2},
        }
    )
    case = {"network": "layered", "credit": "layered", "activation": "tanh", "loss": "squared_error", "depth": 1}
    table = pd.DataFrame([{**case, "batch": 1, "error": 1e-16, "bound": 1e-12, "holds": True}])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "verify", lambda progress: table)
        return study, run(study, tmp_path_factory.mktemp("runs"), workers=1)


def words(page):
    """The text of a page, without its tags, styles and embedded files."""
    text = re.sub(r"(?s)<(script|style|svg).*?</\1>", " ", page.read_text(encoding="utf-8"))
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_cells_and_networks_of_shuffled_labels_are_those_of_the_rule(finished):
    """Guards against a study that trains, or whose null model trains, by the credit rule whatever was asked."""
    study, result = finished
    directory = RunDirectory(result.path)
    for cell, task in ((cells_of(study)[3], {}), (shuffled_cells_of(study)[0], {"shuffled_labels": True})):
        alone = LayeredSweep(
            learning_rates=[cell.learning_rate],
            seeds=[cell.seed],
            rule="feedback_alignment",
            task_options=task,
            **OPTIONS,
        ).run()
        stored = directory.weights(cell)
        for layer, expected in enumerate(alone.weights):
            np.testing.assert_allclose(stored[f"weights.{layer}"], expected[0].numpy(), rtol=1e-4, atol=1e-5)


def test_the_report_names_the_rule_and_takes_it_nowhere_for_the_credit_rule(finished):
    """Guards against a page that passes a control rule off as the credit rule, or its exactness as the networks'."""
    text = words(finished[1].report)
    assert "layered network, trained with feedback alignment" in text
    assert "trained with feedback alignment (Lillicrap et al. 2016), a control rule, not with the credit rule: " in text
    assert "is trained with feedback alignment (Lillicrap et al. 2016), a control rule, not the credit rule" in text
    assert "Random synaptic feedback weights support error backpropagation" in text
    assert "credits are those that the credit rule would assign" in text
    for claim in ("trained with the credit rule", "The theorem says", "Is the rule exact", "bounds kept", "Nøkland"):
        assert claim not in text, claim


def test_the_terminal_names_the_rule(finished):
    """Guards against a summary that passes a control rule off as the credit rule."""
    said = "trained with feedback alignment (Lillicrap et al. 2016), a control rule, not with the credit rule: "
    assert said in finished[1].answer[0]


def test_the_rule_is_kept_with_the_run(finished):
    """Guards against two rules in one folder."""
    study, result = finished
    assert "rule: feedback_alignment" in (result.path / "study.yaml").read_text()
    other = {**study.to_dict(), "layered": {**study.to_dict()["layered"], "rule": "credit"}}
    assert Study.from_dict(other).hash() != study.hash()
    assert Study.from_dict(study.to_dict()).hash() == study.hash()


@pytest.mark.slow
def test_an_analysis_of_the_run_measures_function_and_names_the_rule(finished, tmp_path):
    """Guards against lesions of networks that another rule trained being lost, or shown as the credit rule's."""
    found = analyse(finished[1].path, tmp_path, samples=3, restarts=2, parts=["function"], workers=1)
    assert "unmeasured" not in found.tables
    assert len(found.tables["lesions"]) > 0
    assert np.isfinite(found.tables["lesions"].select_dtypes("number")).any().any()
    text = words(found.path / "report" / "index.html")
    assert "trained with feedback alignment (Lillicrap et al. 2016), a control rule, not with the credit rule: " in text
    assert "The theorem says" not in text
