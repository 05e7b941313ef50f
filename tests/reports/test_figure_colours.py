"""Colours as readers with three kinds of colour blindness see them, and what stands beside colour."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from matplotlib.colors import to_hex, to_rgb

from creditgraph.graphs import NULL_MODELS
from creditgraph.reports import group_scores, modularity_curves, null_distributions, resolution_curves, score_samples
from creditgraph.reports.figures.heat import contrast
from creditgraph.reports.figures.style import (
    COMMUNITY_COLOURS,
    DIRECTION_COLOURS,
    NULL_LOOKS,
    REST_COLOUR,
    null_looks,
)

# Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009), severity 1, for red, green and blue without gamma
SEEN = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def lab(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    channels = np.asarray(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    share = TO_XYZ @ np.clip(SEEN[vision] @ linear, 0, 1) / WHITE
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours: Sequence[str]) -> float:
    """The least difference (CIE 1976) of any two of the colours, for any reader."""
    return min(
        float(np.linalg.norm(lab(one, vision) - lab(other, vision)))
        for vision in SEEN
        for one, other in itertools.combinations(colours, 2)
    )


def test_the_simulation_is_that_of_the_paper():
    """Guards against matrices or a colour space in which everything differs."""
    assert lab("#FFFFFF", "normal") == pytest.approx([100, 0, 0], abs=0.05)
    assert lab("#FF0000", "normal") == pytest.approx([53.2, 80.1, 67.2], abs=0.1)
    for vision in SEEN:  # none of them changes grey
        assert lab("#777777", vision)[1:] == pytest.approx([0, 0], abs=0.1)
    assert nearest(["#CC79A7", "#44AA99"]) < 5, "pink and teal are one colour in deuteranopia"


def test_readers_of_any_colour_vision_tell_communities_apart():
    """Guards against two communities of one colour for one reader in twelve."""
    assert nearest([*COMMUNITY_COLOURS, REST_COLOUR, "#FFFFFF"]) > 13


def test_readers_of_any_colour_vision_tell_null_models_apart():
    """Guards against null models of one colour, or of that of a trained network, and lines that are hardly seen."""
    assert set(NULL_LOOKS) == set(NULL_MODELS)
    colours = [look["color"] for look in NULL_LOOKS.values()]
    assert nearest([*colours, *DIRECTION_COLOURS.values()]) > 17
    assert min(contrast(colour, "white") for colour in colours) > 3
    for name in ("marker", "linestyle"):
        assert len({str(look[name]) for look in NULL_LOOKS.values()}) == len(NULL_LOOKS)
    assert "D" not in {look["marker"] for look in NULL_LOOKS.values()}


def test_a_null_model_looks_the_same_wherever_it_stands():
    """Guards against looks that go by the order of the null models, and two of one look."""
    for name in NULL_MODELS:
        assert null_looks([name]) == {name: NULL_LOOKS[name]}
    unknown = null_looks(["rewire", "mine", "yours", "initial"])
    assert unknown["rewire"] == NULL_LOOKS["rewire"]
    assert len({look["color"] for look in unknown.values()}) == 4


def scores(null: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    table, samples = (each[each["null"] == "rewire"].assign(null=null) for each in made.scores())
    return table, samples


def profile(null: str) -> pd.DataFrame:
    means = {f"null_{name}": 0.5 for name in ("communities", "agreement", "next_similarity")}
    return made.profile().assign(null=null, samples=5, **means)


def groups(null: str) -> pd.DataFrame:
    columns = {f"difference_{end}": 0.1 for end in ("mean", "low", "high")}
    return pd.DataFrame(
        {"group": ["a"], "source": "a", "direction": "maximise", "null": null, "q_value": 0.01, **columns}
    )


@pytest.mark.parametrize("null", ["strength", "shuffle_dyads"])
def test_figures_draw_a_null_model_in_its_own_colour(content, null):
    """Guards against a band that is always the grey of shuffled weights, and samples told apart by colour alone."""
    one = (content.effects["null"] == "initial") & (content.effects["direction"] == "maximise")
    networks, samples = (
        table[(table["null"] == "initial") & (table["learning_rate"] == 0.1)].assign(null=null)
        for table in (content.communities, content.nulls)
    )
    figures = [
        modularity_curves(content.effects[one].assign(null=null)),
        null_distributions(samples, networks, [0.1], weights="absolute"),
        score_samples(*scores(null)),
        resolution_curves(profile(null)),
        group_scores(groups(null)),
    ]
    look = NULL_LOOKS[null]
    for figure, marked in zip(figures, (False, True, True, False, True), strict=True):
        own = [line for line in figure.axes[0].lines if to_hex(line.get_color()) == look["color"].lower()]
        assert own
        if marked:
            assert {line.get_marker() for line in own} == {look["marker"]}
