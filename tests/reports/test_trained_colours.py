"""What is trained has one colour in the panels and in the legends of all figures: that of its direction."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from creditgraph.reports.figures import modularity_curves, null_distributions
from creditgraph.reports.figures.style import DIRECTION_COLOURS


def legend(figure) -> dict[str, object]:
    (found,) = figure.legends
    return {text.get_text(): handle for text, handle in zip(found.get_texts(), found.legend_handles, strict=True)}


@pytest.mark.parametrize("direction", ["maximise", "minimise"])
def test_legends_have_the_colours_of_the_panels(content, direction):
    """Guards against black and grey marks in the legend for what is drawn in colours."""
    score = {"maximise": "maximal Q", "minimise": "minimal Q"}[direction]
    curves = modularity_curves(content.effects, content.communities)
    rates = sorted(content.communities["learning_rate"].unique())[:2]
    samples = null_distributions(content.nulls, content.communities, rates, weights="absolute")
    for figure, trained in (
        (curves, (f"trained, {score}: mean, 95 % interval", f"one trained network, {score}")),
        (samples, (f"trained network, {score}",)),
    ):
        handles = legend(figure)
        for name in trained:
            assert to_hex(handles[name].get_color()) == DIRECTION_COLOURS[direction].lower()
        drawn = {
            to_hex(line.get_color())
            for axes in figure.axes
            if score in axes.get_ylabel()
            for line in axes.lines
            if line.get_marker() in ("o", "D") and np.size(line.get_xdata())
        }
        assert DIRECTION_COLOURS[direction].lower() in drawn


def test_directions_that_were_not_searched_are_not_in_the_legend(content):
    """Guards against a legend for points that are not drawn."""
    only = content.effects[content.effects["direction"] == "maximise"]
    assert not [name for name in legend(modularity_curves(only)) if "minimal" in name]
