"""Colours of figures: that they can be read, and stand for one thing."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from matplotlib.colors import to_hex

from creditgraph.reports.figures import (
    block_maps,
    community_flow,
    lesion_matrix,
    phase_diagram,
)
from creditgraph.reports.figures.heat import contrast, readable_on


@pytest.mark.parametrize("name", ["cividis", "RdBu_r", "PuOr_r", "PuOr"])
def test_numbers_in_cells_can_be_read(name):
    """Guards against grey on grey: every colour of a map has words of a contrast of at least 4.5."""
    for colour in matplotlib.colormaps[name](np.linspace(0, 1, 256)):
        assert contrast(readable_on(colour[:3]), colour[:3]) >= 4.5
    assert contrast("white", "black") == pytest.approx(21)
    assert contrast("#777777", "white") == pytest.approx(4.48, abs=0.01)
    assert readable_on("white") == "#222222"
    assert readable_on("black") == "white"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: phase_diagram(made.phases()),
        lambda: block_maps(made.blocks()),
        lambda: lesion_matrix(made.lesions().assign(excess=lambda table: np.linspace(-1, 1, len(table)))),
    ],
)
def test_cells_are_written_in_what_stands_out(draw):
    """Guards against the choice of colours being made from another cell's colour."""
    figure = draw()
    checked = 0
    for axes in figure.axes:
        for text in axes.texts if axes.images else []:
            column, row = map(int, text.get_position())
            image = axes.images[0]
            ground = image.to_rgba(np.asarray(image.get_array(), float))[row, column, :3]
            assert contrast(text.get_color(), ground) >= 4.5
            checked += 1
    assert checked > 20


def test_phases_have_one_colour_for_more_structure():
    """Guards against orange meaning more communities on the left, and less structure across on the right."""
    figure = phase_diagram(made.phases())
    more, less = figure.axes[0].images[0], figure.axes[1].images[0]
    assert figure.axes[1].get_title().startswith("Minimal Q")
    assert np.allclose(more.to_rgba(np.array([3.0])), less.to_rgba(np.array([-3.0])), atol=0.02)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == [
        "more structure than chance: maximal Q above the null model (z > 0) or minimal Q below it (z < 0)",
        "less: maximal Q below the null model (z < 0) or minimal Q above it (z > 0)",
        "q ≤ 0.05",
    ]
    red, _, blue = more.to_rgba(np.array([8.0]))[0, :3]
    assert red > blue
    patch = figure.legends[0].get_patches()[0].get_facecolor()
    assert patch[0] > patch[2]


def test_the_legend_of_a_flow_has_the_colours_of_its_blocks():
    """Guards against one colour that stands for five communities of five colours, and blocks that look like bands."""
    table = pd.DataFrame({"learning_rate": 0.1, "neuron": np.arange(156), "community": np.repeat(np.arange(26), 6)})
    figure = community_flow(table)
    blocks = figure.axes[0].patches
    legend = figure.legends[0]
    entries = dict(zip([text.get_text() for text in legend.get_texts()], legend.get_patches(), strict=True))
    assert list(entries) == [*map(str, range(24)), "2 more"]
    for label in range(24):
        assert to_hex(blocks[label].get_facecolor()) == to_hex(entries[f"{label}"].get_facecolor())
        assert blocks[label].get_hatch() == entries[f"{label}"].get_hatch()
        assert bool(blocks[label].get_hatch()) == (label >= 12)
    for block in blocks[24:]:
        assert to_hex(block.get_facecolor()) == to_hex(entries["2 more"].get_facecolor())
    few = community_flow(made.memberships(2, 60, 5))
    named = [(round(text.get_position()[0]), text.get_text()) for text in few.axes[0].texts]
    assert named == [(place, f"{label}") for place in (0, 1) for label in range(5)]
