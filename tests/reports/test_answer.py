from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from creditgraph.reports import answer, other_answers, report_page, verdict
from creditgraph.reports.answer import answer_in_words


def effects_of(*rows: tuple[float, str, float, float], direction: str = "maximise") -> pd.DataFrame:
    """Effects at (learning rate, null, low, high), the mean in the middle, 5 seeds, 3 of them significant."""
    return pd.DataFrame(
        [
            {
                "weights": "absolute",
                "direction": direction,
                "null": null,
                "learning_rate": rate,
                "seeds": 5,
                "quality_mean": 0.1 + (low + high) / 2,
                "quality_low": 0.1 + low,
                "quality_high": 0.1 + high,
                "null_mean": 0.1,
                "null_low": 0.09,
                "null_high": 0.11,
                "difference_mean": (low + high) / 2,
                "difference_low": low,
                "difference_high": high,
                "z_mean": 1.0,
                "p_value": 0.001,
                "q_value": 0.002,
                "significant": 3,
            }
            for rate, null, low, high in rows
        ]
    )


def trends_of(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Trends of (null, trend, q)."""
    return pd.DataFrame(
        [
            {
                "weights": "absolute",
                "direction": "maximise",
                "null": null,
                "seeds": 5,
                "learning_rates": 3,
                "page_l": 70.0,
                "page_p": q,
                "trend": trend,
                "q_value": q,
                "friedman_statistic": 4.0,
                "friedman_p": 0.1,
                "note": "",
            }
            for null, trend, q in rows
        ]
    )


def test_learning_rate_counts_only_when_the_whole_interval_lies_beside_zero():
    """Guards against calling a difference found whose interval contains zero."""
    found = verdict(
        effects_of((0.1, "initial", 0.01, 0.03), (0.2, "initial", -0.001, 0.03), (0.3, "initial", -0.03, -0.02)),
        weights="absolute",
        direction="maximise",
    )
    assert (found.above, found.below) == ((0.1,), (0.3,))
    assert (found.partly_above, found.partly_below, found.contrary) == ((), (), ())


def test_null_models_must_agree():
    """Guards against picking the null model that suits."""
    found = verdict(
        effects_of(
            (0.1, "initial", 0.01, 0.03),
            (0.1, "shuffle_nonzero", -0.01, 0.03),
            (0.2, "initial", 0.01, 0.03),
            (0.2, "shuffle_nonzero", -0.03, -0.01),
            (0.3, "initial", 0.01, 0.03),
            (0.3, "shuffle_nonzero", 0.02, 0.03),
        ),
        weights="absolute",
        direction="maximise",
    )
    assert (found.partly_above, found.contrary) == ((0.1,), (0.2,))
    assert found.above == (0.3,)


def test_missing_intervals_decide_nothing():
    """Guards against NaN passing for a difference."""
    found = verdict(effects_of((0.1, "initial", np.nan, 0.02)), weights="absolute", direction="maximise")
    assert found.above == found.below == ()


def test_sentence_carries_the_numbers_of_the_largest_effect_against_the_nearest_null(content):
    """Guards against numbers in the answer that are not those of the table."""
    effects = effects_of(
        (0.1, "initial", 0.010, 0.030),
        (0.1, "shuffle_nonzero", 0.020, 0.040),
        (0.3, "initial", 0.050, 0.070),
        (0.3, "shuffle_nonzero", 0.040, 0.044),
        (0.5, "initial", -0.01, 0.01),
        (0.5, "shuffle_nonzero", -0.01, 0.01),
    )
    text = answer(dataclasses.replace(content, effects=effects, trends=trends_of(("initial", "increasing", 0.004))))
    assert text == [
        "Communities beyond chance at 2 of 3 learning rates (r = 0.1 and 0.3): there the absolute weights are more "
        "modular than both null models, untrained weights and shuffled weights (maximal Q higher by up to 0.042, 95 % "
        "interval 0.040 to 0.044, at r = 0.3 with 5 seeds, against shuffled weights, q = 0.002).",
        "Maximal Q minus null tends to be larger at higher learning rates (Page's test, q = 0.004): 0.020 (95 % "
        "interval 0.010 to 0.030) at r = 0.1 and 0.000 (95 % interval −0.010 to 0.010) at r = 0.5, against untrained "
        "weights.",
    ]


BOTH = {
    "communities alone": ((0.04, 0.06), (-0.01, 0.01)),
    "anti-modular alone": ((-0.01, 0.01), (-0.06, -0.04)),
    "both": ((0.04, 0.06), (-0.06, -0.04)),
    "neither": ((-0.01, 0.01), (-0.01, 0.01)),
    "the other sides": ((-0.06, -0.04), (0.04, 0.06)),
}


@pytest.mark.parametrize("found", BOTH)
def test_both_questions_are_answered_in_two_sentences_with_an_effect_its_interval_and_q(content, found):
    """Guards against an answer to half of the question, and against a null result without its size."""
    effects = pd.concat(
        [
            effects_of((0.1, "initial", *bounds), direction=direction)
            for direction, bounds in zip(("maximise", "minimise"), BOTH[found], strict=True)
        ]
    )
    text = answer(dataclasses.replace(content, effects=effects, trends=trends_of(("initial", "increasing", 0.4))))
    assert len(text) == 2
    for sentence in text:
        assert sentence.count(". ") == 0
        assert re.search(r"95 % interval −?0\.0\d0 to −?0\.0\d0, at r = 0\.1 with 5 seeds, .*, q = 0\.002", sentence)
    said = [sentence.partition(" beyond chance at the one learning rate (r = 0.1)")[0] for sentence in text]
    assert said == [
        "Communities" if found in ("communities alone", "both") else "No evidence of communities",
        "Anti-modular structure"
        if found in ("anti-modular alone", "both")
        else "No evidence of anti-modular structure",
    ]


def test_what_depends_on_the_null_model_is_no_finding(content):
    """Guards against picking the null model that suits, and against calling disputed learning rates undisputed."""
    effects = effects_of(
        *((0.1, "initial", 0.01, 0.03), (0.1, "shuffle_nonzero", -0.01, 0.02)),
        *((0.3, "initial", -0.01, 0.02), (0.3, "shuffle_nonzero", -0.01, 0.02)),
    )
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))
    assert text[0].startswith(
        "No evidence of communities beyond chance at any of 2 learning rates: at 1 of 2 (r = 0.1) it depends on the "
        "null model (above untrained weights by 0.020, not told from shuffled weights); at no other is maximal Q of "
        "the absolute weights told from both null models"
    )
    # what is largest elsewhere, not what was just said to be told from a null model
    assert "at r = 0.3 with 5 seeds" in text[0]


def test_below_one_null_model_and_not_told_from_another_is_no_evidence(content):
    """Guards against "it depends on the null model" where no null model speaks for communities."""
    effects = effects_of(
        *((0.1, "initial", -0.05, -0.03), (0.1, "shuffle_nonzero", -0.01, 0.02)),
        *((0.3, "initial", -0.01, 0.02), (0.3, "shuffle_nonzero", 0.01, 0.02)),
    )
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))[0]
    assert text == (
        "No evidence of communities beyond chance at any of 2 learning rates: at 1 of 2 (r = 0.3) it depends on the "
        "null model (above shuffled weights by 0.015, not told from untrained weights); at "
        "1 of 2 (r = 0.1) there is no evidence for communities: maximal Q of the absolute weights lies below "
        "untrained weights (by up to 0.040, 95 % interval 0.030 to 0.050, at r = 0.1 with 5 seeds, against untrained "
        "weights, q = 0.002) and is not told from shuffled weights."
    )


def test_above_a_null_model_is_no_evidence_for_anti_modular_structure(content):
    """Guards against the sides of minimal Q being taken for those of maximal Q."""
    rows = ((0.1, "initial", 0.03, 0.05), (0.1, "shuffle_nonzero", -0.01, 0.02))
    effects = effects_of(*rows, direction="minimise")
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))[0]
    assert ": there is no evidence for anti-modular structure: minimal Q of the absolute weights lies above" in text
    assert "depends" not in text


def test_tests_on_the_other_side_are_no_findings(content):
    """Guards against a tile that counts Q significantly below its null model among what was found."""
    rows = ((0.1, "initial", 0.01, 0.03), (0.2, "initial", -0.03, -0.01), (0.3, "initial", -0.03, -0.01))
    effects = pd.concat([effects_of(*rows), effects_of(rows[0], direction="minimise")])
    numbers = report_page(dataclasses.replace(content, effects=effects)).numbers
    tiles = {number.name: number.value for number in numbers if "q ≤ 0.05" in number.name}
    assert tiles == {"tests with q ≤ 0.05 on the side sought": "1 of 4", "with q ≤ 0.05 on the other side": "3 of 4"}


def test_lower_minimal_q_is_more_across_module_structure(content):
    """Guards against the sign of minimal Q being read the wrong way round."""
    effects = effects_of((0.1, "initial", -0.06, -0.04), direction="minimise")
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))[0]
    assert text.startswith("Anti-modular structure beyond chance at the one learning rate (r = 0.1): there ")
    assert "have more across-module structure than untrained weights (minimal Q lower by up to 0.050, " in text
    assert "95 % interval 0.040 to 0.060" in text


def test_the_side_that_was_not_searched_is_told_too(content):
    """Guards against a finding on the other side of the null being dropped, or told without its test."""
    effects = effects_of((0.1, "initial", -0.06, -0.04))
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))[0]
    assert text.endswith(
        "are less modular than untrained weights (maximal Q lower by up to 0.050, 95 % interval 0.040 "
        "to 0.060, at r = 0.1 with 5 seeds, against untrained weights, q = 0.002)."
    )


def test_an_interval_alone_is_no_finding(content):
    """Guards against a difference told as found while its test fails: intervals of five seeds are too narrow."""
    effects = effects_of((0.1, "initial", 0.04, 0.06)).assign(q_value=0.2)
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))[0]
    assert text == (
        "No evidence of communities beyond chance at the one learning rate (r = 0.1): nowhere is maximal Q of the "
        "absolute weights told from untrained weights; the largest difference from the nearest null model is "
        "0.050 (95 % interval 0.040 to 0.060, at r = 0.1 with "
        "5 seeds, against untrained weights, q = 0.2)."
    )


def test_one_seed_has_no_interval_and_no_verdict(content):
    """Guards against missing intervals being told as intervals that contain zero."""
    effects = effects_of((0.1, "initial", pd.NA, pd.NA)).assign(seeds=1, difference_mean=0.02)
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))
    assert text == [
        "Communities: whether maximal Q of the absolute weights differs from chance cannot be said, for no learning "
        "rate has the two seeds that an interval takes; the largest difference from the nearest null model is "
        "0.020 (at r = 0.1 with 1 seed, "
        "against untrained weights, q = 0.002)."
    ]


def test_nothing_found_is_said(content):
    """Guards against an answer that hides a null result."""
    effects = effects_of((0.1, "initial", -0.01, 0.02), (0.2, "initial", -0.01, 0.01))
    text = answer(dataclasses.replace(content, effects=effects, trends=pd.DataFrame()))
    assert text == [
        "No evidence of communities beyond chance at any of 2 learning rates: nowhere is maximal Q of the absolute "
        "weights told from untrained weights; the largest difference from the nearest null model is "
        "0.005 (95 % interval −0.010 to 0.020, at r = 0.1 with "
        "5 seeds, against untrained weights, q = 0.002)."
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("initial", "increasing", 0.01), ("shuffle_nonzero", "increasing", 0.04)], "tends to be larger at higher"),
        ([("initial", "decreasing", 0.01), ("shuffle_nonzero", "decreasing", 0.04)], "tends to be lower at higher"),
        ([("initial", "increasing", 0.01), ("shuffle_nonzero", "increasing", 0.4)], "against untrained weights only"),
        ([("initial", "increasing", 0.2), ("shuffle_nonzero", "increasing", 0.4)], "no clear trend"),
        ([("initial", "increasing", 0.01), ("shuffle_nonzero", "decreasing", 0.01)], "opposite trends"),
    ],
)
def test_trend_must_hold_against_every_null_model(content, rows, said):
    """Guards against a trend against one null model being told as a trend against all."""
    effects = effects_of((0.1, "initial", -0.01, 0.02))
    assert said in answer(dataclasses.replace(content, effects=effects, trends=trends_of(*rows)))[-1]


def test_few_seeds_are_owned_up_to(build):
    """Guards against two seeds sounding like a result, and against missing trends."""
    content = build(seeds=2, learning_rates=(0.1, 0.3))
    assert len(answer(content)) == 2
    assert answer(content)[-1].endswith("; with 2 seeds only, a difference may well be missed.")
    found = dataclasses.replace(content, effects=content.effects.assign(q_value=0.01))
    assert "; with 2 seeds only, this is a tendency and no more." in " ".join(answer(found))
    assert other_answers(content) == ["There are too few seeds or learning rates for a test of trend."]


def test_other_graphs_are_answered_too(build):
    """Guards against an answer that leaves out the views of the weights and prunings that it does not lead with."""
    content = build(weights=("absolute", "positive"), prunings=(0.5, 0.8))
    others = other_answers(content)
    assert len(others) == 4
    assert "Page's test" in others[0]
    assert "absolute weights at pruning 0.8" in others[1]
    assert "positive weights at pruning 0.8" in others[3]
    assert "absolute weights at pruning 0.5" in answer(content)[0]


def test_no_effects_no_answer(content):
    """Guards against a crash where every network diverged."""
    nothing = dataclasses.replace(content, effects=pd.DataFrame())
    assert answer(nothing) == ["No network was compared with a null model, so there is no answer."]
    assert other_answers(nothing) == []


def test_too_few_samples_and_seeds_tell_nothing_either_way():
    """Guards against "no communities" where no test could have found any."""
    effects = effects_of((0.1, "initial", 0.01, 0.03)).assign(p_least=0.0512, q_value=0.06)
    said = answer_in_words(effects, trends_of())[0]
    assert "cannot be told" in said
    assert "never below 0.051" in said
    assert "cannot be told" not in answer_in_words(effects.assign(p_least=0.001), trends_of())[0]
    # nothing that is not told is a tendency
    assert "tendency" not in " ".join(answer_in_words(effects.assign(seeds=3), trends_of()))
    assert "tendency" not in " ".join(answer_in_words(effects.assign(seeds=3, p_least=0.001), trends_of()))
    assert "tendency" in " ".join(answer_in_words(effects.assign(seeds=3, p_least=0.001, q_value=0.02), trends_of()))


def test_what_lies_on_both_sides_is_told_with_its_sizes():
    """Guards against "it depends" without saying on what, where a reader wants to know which null model is beaten."""
    rows = ((0.1, "initial", 0.04, 0.06), (0.1, "shuffle_nonzero", -0.04, -0.02), (0.1, "strength", -0.01, 0.02))
    said = answer_in_words(effects_of(*rows), trends_of())[0].replace("\N{MINUS SIGN}", "-")
    assert "(above untrained weights by 0.050, below shuffled weights by 0.030, not told from " in said
    assert "largest difference" not in said


def test_a_largest_difference_on_the_other_side_is_said_to_be_there():
    """Guards against a maximal Q below its null model that reads like weak evidence for communities."""
    said = answer_in_words(effects_of((0.1, "initial", -0.03, 0.01)), trends_of())[0]
    assert "is -0.010, which is not on the side sought" in said.replace("\N{MINUS SIGN}", "-")
    assert "side sought" not in answer_in_words(effects_of((0.1, "initial", -0.01, 0.03)), trends_of())[0]


def test_a_trend_over_few_seeds_is_a_tendency_whatever_the_null_models_say():
    """Guards against a trend of three seeds that sounds like a result, since no learning rate could be told apart."""
    effects = effects_of((0.1, "initial", 0.01, 0.03)).assign(p_least=0.2, seeds=3)
    said = answer_in_words(effects, trends_of(("initial", "increasing", 0.01)))
    assert said[-1].endswith("; with 3 seeds only, this is a tendency and no more.")
