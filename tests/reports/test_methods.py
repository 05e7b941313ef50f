from __future__ import annotations

import dataclasses

from creditgraph.reports.methods import REFERENCES, limits, methods


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


def test_limits_name_the_smallest_p(build):
    """Guards against readers taking an unreachable q for the absence of an effect."""
    assert "never below 0.048" in " ".join(limits(build(samples=20)))
    assert "never below 0.01," in " ".join(limits(build(samples=99)))
    assert "how much was learned" in " ".join(limits(build(kind="layered")))
    assert "communities.neurons=free" in " ".join(limits(build()))


def test_references_are_the_five_of_the_methods():
    """Guards against a reference that gets lost."""
    text = " ".join(f"{each.text} {each.identifier}" for each in REFERENCES)
    for source in ("2405.14139", "Traag", "Newman", "Page, E. B. (1963)", "Benjamini"):
        assert source in text
