"""Answers stay short however many learning rates, null models and sources there are."""

from __future__ import annotations

import itertools
import random

import pandas as pd
import pytest
from synthetic_comparison import comparison
from test_answer import effects_of, trends_of

from creditgraph.reports.answer import answer_in_words
from creditgraph.reports.comparison.answer import comparison_answer

RATES = tuple(round(0.001 * 1.4**place, 5) for place in range(24))
NULLS = ("initial", "shuffle_nonzero", "rewire", "shuffle_dyads", "strength")
LONGEST = 900
"""Characters of a sentence: about six lines of a page."""


def test_many_scattered_learning_rates_are_told_by_their_range_and_count():
    """Guards against a list of a dozen learning rates in the first sentence of a page."""
    rows = [(rate, "initial", *((0.02, 0.04) if place % 2 else (-0.01, 0.01))) for place, rate in enumerate(RATES)]
    text = answer_in_words(effects_of(*rows), trends_of())[0]
    assert text.startswith(
        "Communities beyond chance at 12 of 24 learning rates (between r = 0.0014 and 2.296): there "
    )
    assert "by up to 0.030, 95 % interval 0.020 to 0.040" in text
    assert text.endswith("; each learning rate is in the table of scores.")
    assert text.count("r = ") == 2


def test_a_range_does_not_pass_over_a_learning_rate_that_was_not_tested():
    """Guards against 0.001 to 0.1 where of 0.01 one seed is left and nothing is known."""
    rates = (0.001, 0.003, 0.01, 0.03, 0.1)
    effects = effects_of(*((rate, "initial", 0.02, 0.04) for rate in rates))
    ends = ["difference_low", "difference_high", "q_value"]
    effects.loc[effects["learning_rate"] == 0.01, ends] = float("nan")
    text = answer_in_words(effects, trends_of())[0]
    assert "(between r = 0.001 and 0.1)" in text
    assert text.endswith("; each learning rate is in the table of scores.")


def test_few_learning_rates_are_named_and_no_table_is_needed():
    """Guards against a range where the learning rates themselves are as short."""
    rows = [(rate, "initial", *((0.02, 0.04) if rate in (0.1, 0.3) else (-0.01, 0.01))) for rate in (0.1, 0.2, 0.3)]
    text = answer_in_words(effects_of(*rows), trends_of())[0]
    assert "(r = 0.1 and 0.3)" in text
    assert "table" not in text


@pytest.mark.parametrize("seed", range(5))
def test_no_sentence_is_long_whatever_the_null_models_say(seed):
    """Guards against a clause for every set of null models that some learning rate happens to differ from."""
    drawn = random.Random(seed)
    sides = ((0.02, 0.04), (-0.01, 0.01), (-0.04, -0.02))
    # no null model speaks for communities at half of the learning rates, so that all sorts of clauses occur
    rows = [
        (rate, null, *drawn.choice(sides[place % 2 :]))
        for (place, rate), null in itertools.product(enumerate(RATES), NULLS)
    ]
    effects = pd.concat([effects_of(*rows, direction=direction) for direction in ("maximise", "minimise")])
    for sentence in answer_in_words(effects, trends_of(*((null, "increasing", 0.2) for null in NULLS))):
        assert len(sentence) <= LONGEST, sentence


def test_of_many_sources_those_with_the_largest_differences_are_named():
    """Guards against an answer of a comparison that grows with its sources."""
    content = comparison()
    one = content.groups[content.groups["source"] == content.groups["source"].iloc[0]]
    groups = pd.concat(
        [
            one.assign(source=f"source {place}", group=[f"{name} {place}" for name in one["group"]])
            .assign(difference_mean=one["difference_mean"].astype(float).abs() + place)
            .copy()
            for place in range(9)
        ],
        ignore_index=True,
    )
    object.__setattr__(content, "groups", groups)
    text = comparison_answer(content)[0]
    assert "4 others, 0 of them with groups beyond, are in the table of groups" in text
    assert "source 8" in text
    assert "source 0" not in text
    # a small one that is beyond chance is no worse than a large one that is not
    beyond = groups["source"].map({"source 0": 0.01}).fillna(0.9)
    object.__setattr__(content, "groups", groups.assign(q_value=beyond))
    text = comparison_answer(content)[0]
    assert "source 0 2 of 2" in text
    assert "4 others, 0 of them with groups beyond," in text
