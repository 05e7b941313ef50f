"""What the page of an analysis answers of each score."""

from types import SimpleNamespace

import pandas as pd
import pytest

from creditgraph.reports.analysis.answer import analysis_answer


def answer(**columns):
    """The sentence on the one score, beside as many null models as there are values."""
    scores = pd.DataFrame(
        {"weights": "absolute", "objective": "modularity", "direction": "maximise", "quality": 0.4, "null_mean": 0.3}
        | {"z": 3.0, "p_value": 0.2}
        | columns
    )
    content = SimpleNamespace(
        source="a file",
        networks=pd.DataFrame({"communities": [3]}),
        scores=scores,
        findings=SimpleNamespace(verdict=""),
    )
    return analysis_answer(content)[1]


@pytest.mark.parametrize(("samples", "told"), [(18, False), (19, True), (99, True)])
def test_what_no_number_of_exceeded_samples_could_tell_is_not_called_untold(samples, told):
    """Guards against "not told from", of a test that could not have come out however strong the communities."""
    said = answer(null=["rewire"], samples=[samples], q_value=[0.2])
    assert ("not told from rewired synapses" in said) == told
    assert ("cannot be told from rewired synapses" in said) != told
    assert ("for with so few null samples q is never below 0.053" in said) != told


def test_each_null_model_is_told_by_its_own_samples():
    """Guards against one null model with few samples speaking for the others."""
    said = answer(null=["rewire", "strength", "shuffle_nonzero"], samples=[99, 99, 9], q_value=[0.01, 0.3, 0.15])
    beyond, short, untold = said.partition(": ")[2].split("; ")
    assert beyond.startswith("beyond rewired synapses")
    assert short.startswith("not told from weights fitted to strengths")
    assert untold.startswith("cannot be told from shuffled weights")
    assert untold.endswith("never below 0.1.")


def test_a_score_beyond_all_samples_is_told_how_many_it_takes():
    """Guards against "not told from" of a score that no sample reached, where more samples would tell."""
    nulls = ["rewire", "strength", "shuffle_nonzero", "initial"]
    said = answer(null=nulls, samples=[19] * 4, p_value=[0.05, 0.05, 0.5, 0.6], q_value=[0.1, 0.1, 0.6, 0.6])
    alone, short = said.partition(": ")[2].split("; ")
    assert alone.startswith("beyond all samples of rewired synapses (0.300, z = 3")
    assert alone.endswith("which are too few: of 4 tests one can pass alone with 79 samples")
    assert short.startswith("not told from shuffled weights")
