"""A page says what concerns its own experiment, and nothing of others."""

from __future__ import annotations

import dataclasses

from creditgraph.reports.limits import limits, origins
from creditgraph.reports.methods import methods
from creditgraph.reports.report import report_page


def without_minimum(content):
    """The study as if minimal Q had not been sought, as of feedforward networks."""
    tables = {
        name: table[table["direction"] == "maximise"].reset_index(drop=True)
        for name in ("communities", "nulls", "effects", "trends")
        if len(table := getattr(content, name))
    }
    options = {**content.configuration["communities"], "directions": ["maximise"]}
    return dataclasses.replace(content, **tables, configuration={**content.configuration, "communities": options})


def words_of(content) -> str:
    page, (paper, ours) = report_page(content), origins(content)
    texts = [text for section in page.sections for text in section.words]
    return " ".join([*limits(content), *paper, *ours, *(each.text for each in methods(content)), *texts])


def test_a_layered_study_without_minimal_q_speaks_of_neither_minimal_q_nor_recurrent_networks(build):
    """Guards against readers looking for recurrent networks, pairs of synapses, and minimal Q that are not there."""
    text = words_of(without_minimum(build(kind="layered")))
    for foreign in ("minimal Q", "Minimal Q", "ecurrent", "synapses of a pair", "clamped"):
        assert foreign not in text, foreign
    assert "lower bound of maximal Q" in text
    assert "comparison with autograd" in text


def test_what_was_done_is_still_said(build):
    """Guards against a page that hides minimal Q or the recurrent credits where it has them."""
    recurrent = dataclasses.replace(build(kind="layered"), kind="recurrent")
    layered, of_recurrent = words_of(build(kind="layered")), words_of(recurrent)
    assert "Minimal Q as a measure of across-module structure." in layered
    assert "upper bound of minimal Q" in layered
    assert "Recurrent networks with injected credits." in of_recurrent
    assert "synapses of a pair" in of_recurrent
