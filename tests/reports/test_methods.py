from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
import synthetic_findings as synthetic
from synthetic_comparison import comparison

from creditgraph.reports import Findings
from creditgraph.reports.bibliography import used
from creditgraph.reports.comparison.methods import sources_cited
from creditgraph.reports.limits import limits, origins
from creditgraph.reports.methods import methods
from creditgraph.reports.references import SOURCES, Reference
from creditgraph.reports.report import report_page
from creditgraph.reports.rules import CONTROLS
from creditgraph.train.controls import RULES


def words(content) -> str:
    return " ".join(method.text for method in methods(content))


def test_methods_speak_of_the_options_in_force(build):
    """Guards against methods that describe defaults in place of what was run."""
    content = build(n=60, samples=13, prunings=(0.5, 0.95))
    section = content.configuration["connectome"]
    changed = {"clamp": "identity", "noise_mode": "shared", "self_synapses": "none", "clamped_fraction": 0.25}
    configuration = {**content.configuration, "connectome": {**section, **changed}}
    text = words(dataclasses.replace(content, configuration=configuration))
    for said in (
        *("60 neurons", "fraction of 0.5 and 0.95", "kept from step to step", "shared by rates and credits"),
        *("first 25% of the neurons", "onto itself are left out", "13 samples", "best of 5 restarts", "undirected"),
    ):
        assert said in text, said


def test_directed_modularity_is_named_as_such(content):
    """Guards against a directed analysis being described by the undirected formula."""
    section = {**content.configuration["communities"], "directed": True}
    text = words(dataclasses.replace(content, configuration={**content.configuration, "communities": section}))
    assert "Leicht and Newman 2008" in text
    assert "undirected" not in text


def test_missing_options_are_not_spoken_of(content, build):
    """Guards against a crash, or invented words, where a configuration is empty or partial."""
    empty = dataclasses.replace(content, configuration={})
    assert [method.heading for method in methods(empty)] == ["Training", "Statistics"]
    partial = dataclasses.replace(build(kind="layered"), configuration={"layered": {"epochs": 3}, "sweep": None})
    assert methods(partial)[0].text == "A layered network is trained with the credit rule. Training takes 3 epochs."


def test_what_networks_learn_from_is_counted(build):
    """Guards against a share of the data being named where the data have a test part of their own."""
    content = build(kind="layered")
    assert "sample" not in methods(content)[0].text
    members = content.members.assign(train_samples=60_000, test_samples=10_000)
    text = methods(dataclasses.replace(content, members=members))[0].text
    assert "Each network learns from 60,000 samples, and is tested on 10,000 others." in text
    members["validation_samples"] = 1
    text = methods(dataclasses.replace(content, members=members))[0].text
    assert "learns from 60,000 samples, 1 more is kept for validation, and is tested on 10,000 others." in text


def test_one_seed_and_one_learning_rate_are_spoken_of_as_one(build):
    """Guards against intervals, trends and bands being explained, and sources cited, that a study of one has not."""
    content = build(learning_rates=(0.1,), seeds=1)
    sweep = {"learning_rates": [0.1], "seeds": [0]}
    content = dataclasses.replace(content, configuration={**content.configuration, "sweep": sweep})
    page = report_page(content)
    told = {method.heading: method.text for method in page.methods}
    assert told["Sweep"] == "The learning rate is 0.1. It is run with one seed (0)."
    assert told["Statistics"].endswith("One seed gives no interval.")
    assert not {"page1963", "friedman1937"} & {source.key for source in page.references}
    assert any("One seed gives no interval" in limit for limit in page.limits)
    assert not any("confounds" in limit for limit in page.limits)
    assert "over 1 seed" not in " ".join([*page.limits, *told.values()])


def test_several_seeds_and_learning_rates_are_spoken_of_as_several(build):
    """Guards against tests of trend that are not described where they were done."""
    page = report_page(build(learning_rates=(0.01, 0.1, 0.3), seeds=3))
    told = {method.heading: method.text for method in page.methods}
    assert "Each is run with the same 3 seeds" in told["Sweep"]
    assert "Student's t. Seeds are paired" in told["Statistics"]
    assert {"page1963", "friedman1937"} <= {source.key for source in page.references}
    assert any("rest on 3 seeds" in limit for limit in page.limits)
    assert any("confounds" in limit for limit in page.limits)


def test_limits_name_the_smallest_p(build):
    """Guards against readers taking an unreachable q for the absence of an effect."""
    assert "never below 0.048" in " ".join(limits(build(samples=20)))
    assert "never below 0.01," in " ".join(limits(build(samples=99)))
    assert "how much was learned" in " ".join(limits(build(kind="layered")))
    assert "communities.neurons=free" in " ".join(limits(build()))


def test_every_finding_is_said_how_it_was_found(whole):
    """Guards against figures of an analysis whose methods, controls, samples or selection nobody tells."""
    fixed = {
        *(("structure_null", "shuffle_block"), ("structure_samples", 59), ("structure_restarts", 3)),
        *(("lesion_controls", 39), ("selectivity_samples", 199)),
    }
    analysis = {"restarts": 5, "fixed": dict(fixed)}
    content = dataclasses.replace(whole, configuration={**whole.configuration, "analysis": analysis})
    told = {method.heading: method.text for method in methods(content)}
    for heading, said in {
        "Which network is shown": "r = 0.1, seed 0: of all networks the one whose maximal Q has the greatest z",
        "Structure": "59 samples of one null model, weights shuffled within blocks",
        "Roles and drawing": "participation coefficient",
        "Similarity of communities": "adjusted mutual information",
        "Resolution": "at 30 resolutions from γ = ",
        "Lesions": "39 controls: random sets of as many neurons of the same layers",
        "Class selectivity": "199 shuffles of the neurons among communities",
        "Trajectory": "with 5 restarts each",
        "Matched loss": "where the training loss of a network first was at most",
        "Power": "noncentral t",
    }.items():
        assert said in told[heading], heading
    assert told["Resolution"].endswith("No null model.")
    beside = whole.findings.resolution.assign(null="shuffle_block", samples=19)
    findings = dataclasses.replace(content.findings, resolution=beside)
    (said,) = [
        method.text
        for method in methods(dataclasses.replace(content, findings=findings))
        if method.heading == "Resolution"
    ]
    assert "19 samples of weights shuffled within blocks are searched alike" in said
    assert "selected for standing out" in told["Which network is shown"]
    assert ", each the best of 3 restarts." in told["Structure"]
    without = {method.heading for method in methods(dataclasses.replace(content, findings=Findings()))}
    assert without == {"Training", "Sweep", "Graphs and communities", "Null models", "Statistics"}
    bare = dataclasses.replace(whole, configuration={})
    assert "controls: random sets" in " ".join(method.text for method in methods(bare))


def test_only_what_is_pruned_is_said_to_be(build):
    """Guards against layered networks, of which nothing is pruned, that are told to be pruned."""
    assert "Untrained weights are pruned as the trained ones are." in words(build())
    nulls = ("shuffle_block", "initial")
    layered = words(build(kind="layered", learning_rates=(0.1, 0.3), seeds=2, nulls=nulls))
    assert "untrained weights (initial weights of the same distribution)" in layered
    assert "pruned" not in layered


def test_references_are_those_of_the_methods_used(content, build):
    """Guards against a source that gets lost, and against citing what was not done."""
    assert {each.key for each in used(content)} == {
        *("fan2024", "traag2019", "newman2006", "vinh2010", "fisher1932"),
        *("benjamini1995", "page1963", "friedman1937"),
    }
    section = {**content.configuration["communities"], "directed": True}
    directed = dataclasses.replace(content, configuration={**content.configuration, "communities": section})
    assert {"leicht2008"} == {each.key for each in used(directed)} - {each.key for each in used(content)}
    nothing = pd.DataFrame()
    bare = dataclasses.replace(content, communities=nothing, nulls=nothing, effects=nothing, trends=nothing)
    assert [each.key for each in used(bare)] == ["fan2024"]
    with_roles = dataclasses.replace(bare, findings=Findings(roles=synthetic.roles()))
    assert [each.key for each in used(with_roles)] == ["fan2024", "guimera2005"]


def test_what_the_methods_name_is_in_the_references(whole):
    """Guards against sources that the methods name and the references lack: of a trajectory, and of comparisons."""
    quiet = dataclasses.replace(whole, findings=Findings(course=whole.findings.course))
    assert "Palla" in " ".join(method.text for method in methods(quiet))
    assert "palla2007" in {each.key for each in used(quiet)}
    content = comparison()
    rewired = dataclasses.replace(content, groups=content.groups.assign(null="rewire"))
    assert set(sources_cited(rewired)) >= {"fisher1932", "crawford1998", "maslov2002", "gates2019", "borgatti2000"}
    sources = {
        "shuffle_strength": "metropolis1953",
        "shuffle_dyads_strength": "metropolis1953",
        "strength": "deming1940",
    }
    for null, key in sources.items():
        kept = dataclasses.replace(whole, effects=whole.effects.assign(null=null))
        assert key in {each.key for each in used(kept)}
        assert key not in {each.key for each in used(whole)}
    untested = dataclasses.replace(
        content,
        networks=content.networks.assign(verdict="not tested"),
        differences=content.differences.query("basis == 'paired seeds'"),
        similarity=pd.DataFrame(),
    )
    assert not {"crawford1998", "maslov2002", "gates2019", "borgatti2000"} & set(sources_cited(untested))


def test_limits_name_what_no_null_model_keeps(build):
    """Guards against a limit that a null model of the study has lifted, and against silence where none has."""
    none = " ".join(limits(build()))
    assert "keeps the strengths of the neurons or how alike the two synapses of a pair are" in none
    one = " ".join(limits(build(nulls=("strength", "initial"), learning_rates=(0.1, 0.3), seeds=2)))
    assert "No null model of this study keeps how alike" in one
    for keeping in ("strength", "shuffle_strength"):
        both = " ".join(limits(build(nulls=(keeping, "shuffle_dyads"), learning_rates=(0.1, 0.3), seeds=2)))
        assert "No null model of this study" not in both
    both = " ".join(limits(build(nulls=("shuffle_dyads_strength",), learning_rates=(0.1, 0.3), seeds=2)))
    assert "No null model of this study" not in both


def test_references_read_as_before():
    """Guards against a citation that loses its place or its number."""
    page = SOURCES["page1963"]
    assert page.text == (
        "Page, E. B. (1963). Ordered hypotheses for multiple treatments: a significance test for linear ranks. Journal "
        "of the American Statistical Association 58, 216–230."
    )


def test_bibtex_by_hand():
    """Guards against entries that BibTeX cannot read: braces, accents as they are, a doi without its prefix."""
    reference = Reference(
        "a2001", ("Müller, A.", "B & C, D."), 2001, "50 % of {x}_1", "Journal", "3", "1--2", "doi:10.1/x_y"
    )
    assert reference.bibtex() == (
        "@article{a2001,\n  author = {Müller, A. and B \\& C, D.},\n  title = {{50 \\% of \\{x\\}\\_1}},\n"
        "  year = {2001},\n  journal = {Journal},\n  volume = {3},\n  pages = {1--2},\n  doi = {10.1/x_y}\n}\n"
    )
    assert "eprint = {2405.14139}" in SOURCES["fan2024"].bibtex()
    assert "{{Contribute to balance" in SOURCES["fan2024"].bibtex()


def trained_by(content, rule):
    section = {**content.configuration["layered"], "rule": rule}
    return dataclasses.replace(content, configuration={**content.configuration, "layered": section})


@pytest.mark.parametrize("rule", [name for name in RULES if name != "credit"])
def test_a_control_rule_is_named_and_never_taken_for_the_credit_rule(build, rule):
    """Guards against a page whose networks learned by another rule than it says."""
    content = trained_by(build(kind="layered", learning_rates=(0.1, 0.3), seeds=2), rule)
    name = CONTROLS[rule].name
    assert (
        f"A layered network is trained with {CONTROLS[rule].cited}, a control rule, not the credit rule, on digits."
        in (words(content))
    )
    page = report_page(content)
    assert page.kind.endswith(f"trained with {name}")
    assert page.answer[0].startswith(
        f"The networks were trained with {CONTROLS[rule].cited}, a control rule, not with the credit rule: "
    )
    assert len(page.answer) == 2
    assert f"learned by {name}, so nothing" in page.limits[0]
    assert "exactness" not in [section.name for section in page.sections]
    assert "exactness bounds kept" not in [number.name for number in page.numbers]
    assert "verification" not in page.data
    paper, ours = origins(content)
    assert CONTROLS[rule].cited in paper[0]
    assert not any("theorem" in each or "autograd" in each for each in [*paper, *ours])


def test_the_credit_rule_is_named_as_before(build):
    """Guards against pages of the credit rule that lose their exactness, or speak of control rules."""
    content = build(kind="layered", learning_rates=(0.1, 0.3), seeds=2)
    for each in (content, trained_by(content, "credit")):
        page = report_page(each)
        assert "trained with the credit rule on digits." in page.methods[0].text
        assert page.sections[0].name == "exactness"
        assert "verification" in page.data
        told = " ".join([page.kind, *page.answer, *page.limits, *page.paper, *page.ours])
        assert "control rule" not in told
        assert "trained with" not in page.kind


def test_sources_of_control_rules_are_cited_where_they_trained(build):
    """Guards against a rule without its source, and against sources of rules that nobody used."""
    content = build(kind="layered", learning_rates=(0.1, 0.3), seeds=2)
    usual = {each.key for each in used(content)}
    sources = {name: {each.key for each in used(trained_by(content, name))} - usual for name in RULES}
    assert sources == {
        "credit": set(),
        "backprop": set(),
        "feedback_alignment": {"lillicrap2016"},
        "direct_feedback_alignment": {"nokland2016"},
        "hebbian": {"oja1982"},
        "readout_only": set(),
    }


def test_a_rule_that_nobody_knows_is_still_no_credit_rule(build):
    """Guards against a rule of one's own that reads as the credit rule."""
    content = trained_by(build(kind="layered", learning_rates=(0.1, 0.3), seeds=2), "sign_feedback")
    assert "trained with sign feedback, a control rule, not the credit rule" in words(content)


def test_a_task_is_told_with_its_file_and_a_recurrent_network_with_all_that_makes_it(build):
    """Guards against methods from which nobody could repeat the study."""
    content = build(kind="layered")
    options = {"task": "table", "task_path": "cells.csv", "task_options": {"label": "my_type"}, "hidden": [8]}
    text = methods(dataclasses.replace(content, configuration={"layered": options}))[0].text
    assert "on table (cells.csv; label my_type; features standardised by the samples that are learned)." in text
    assert "Initial weights are drawn from N(0, 1/n)" in text
    scaled = {**options, "task_options": {"scaling": "none"}}
    text = methods(dataclasses.replace(content, configuration={"layered": scaled}))[0].text
    assert "on table (cells.csv; scaling none)." in text
    content = dataclasses.replace(content, kind="recurrent")
    options = {"hidden": 1, "mask": "random", "mask_options": {"density": 0.4}, "gain": 0.5, "max_steps": 1000}
    for credit, said in (("clamp", "held at the error"), ("inject", "added to those that other neurons assign")):
        configuration = {"recurrent": {**options, "credit": credit}}
        text = methods(dataclasses.replace(content, configuration=configuration))[0].text
        for words in (
            *("It has 1 hidden neuron", "those of the mask random (density 0.4)", "N(0, g²/n) with g = 0.5", said),
            "iterated to their equilibria, for at most 1,000 steps each",
        ):
            assert words in text, words
