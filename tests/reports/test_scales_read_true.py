"""Scales of figures: what they make of small, large and few numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from drawn_texts import texts

from creditgraph.reports import illustrations
from creditgraph.reports.figures import (
    balance_curves,
    matched_loss_curves,
    modularity_curves,
    modularity_differences,
    null_distributions,
    reordered_matrix,
    score_samples,
    trajectory_events,
)


def flat(content):
    """The study where nothing differs but by rounding."""
    tiny = np.resize([1e-17, -3e-17, 0.0], len(content.effects))
    effects = content.effects.assign(quality_mean=0.1, quality_low=0.1, quality_high=0.1, null_mean=0.1)
    effects = effects.assign(null_low=0.1, null_high=0.1 + 1e-17)
    effects = effects.assign(difference_mean=tiny, difference_low=tiny - 1e-17, difference_high=tiny + 1e-17)
    return dataclasses.replace(
        content,
        effects=effects,
        communities=content.communities.assign(quality=0.1),
        nulls=content.nulls.assign(quality=0.1 + 1e-17),
    )


def scored(content):
    keys = {"objective": "modularity"}
    one = content.communities[(content.communities["learning_rate"] == 0.1) & (content.communities["seed"] == 0)]
    samples = content.nulls[(content.nulls["learning_rate"] == 0.1) & (content.nulls["seed"] == 0)]
    return one.assign(**keys), samples.assign(**keys)


@pytest.mark.parametrize(
    "draw",
    [
        lambda content: modularity_curves(content.effects, content.communities),
        lambda content: modularity_differences(content.effects),
        lambda content: null_distributions(content.nulls, content.communities, [0.1], weights="absolute"),
        lambda content: score_samples(*scored(content)),
        lambda content: matched_loss_curves(
            made.matched_loss().assign(difference_mean=1e-17, difference_low=0.0, difference_high=2e-17)
        ),
    ],
)
def test_rounding_is_not_drawn_as_a_finding(content, draw):
    """Guards against an axis of 1e-16 on which rounding errors look like differences."""
    for axes in draw(flat(content)).axes:
        low, high = axes.get_ylim()
        assert high - low >= 2e-3 - 1e-12


def test_tall_figures_fit_a_page_and_keep_flat_rows_readable(build):
    """Guards against 14 inches of panels, and a row whose intervals flatten the others."""
    content = build(prunings=(0.5, 0.8, 0.95), weights=("absolute", "positive"))
    for figure in (modularity_curves(content.effects, content.communities), modularity_differences(content.effects)):
        assert figure.get_figheight() <= 9.0
        assert figure.axes[0].get_ylim() == figure.axes[2].get_ylim()
    caption = next(each.caption for each in illustrations.communities(content) if each.name == "differences")
    assert "own scale" not in caption
    wide = content.effects.copy()
    at = wide["pruning"] == 0.95
    wide.loc[at, "difference_low"] -= 2.0
    wide.loc[at, "difference_high"] += 2.0
    figure = modularity_differences(wide)
    low, high = figure.axes[0].get_ylim()
    assert high - low < 0.5
    found = illustrations.communities(dataclasses.replace(content, effects=wide))
    assert "Each row of panels has its own scale." in next(each.caption for each in found if each.name == "differences")


@pytest.mark.parametrize("seeds", [1, 4, 40])
def test_events_are_counted_in_whole_numbers(seeds):
    """Guards against 2.5 events, and an axis that has no tick where a mean is below one."""
    table = pd.DataFrame({"step": [1, 1, 2], "event": ["birth", "death", "birth"], "seed": 0})
    table = pd.concat([table, pd.DataFrame({"step": 2, "event": "split", "seed": range(seeds)})])
    axes = trajectory_events(table).axes[0]
    low, high = axes.get_ylim()
    ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
    assert ticks == [round(tick) for tick in ticks]
    assert len(ticks) > 1


def test_curves_on_one_another_are_all_seen(content):
    """Guards against the last learning rate hiding all others, and one that diverged flattening them."""
    training = content.training.assign(credit_norm=lambda table: np.where(table["weight_norm"] > 200, 1e6, 5.0))
    figure = balance_curves(training, "connectome")
    axes = next(axes for axes in figure.axes if axes.get_ylabel() == "norm of the credits")
    whole = [line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 1]
    assert len(whole) == 8
    widths = [line.get_linewidth() for line in sorted(whole, key=lambda line: line.get_zorder())]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 8
    assert axes.get_ylim()[1] < 20
    assert axes.get_yscale() == "linear"


def test_weights_without_a_sign_have_no_negative_colours(content):
    """Guards against a colour bar of negative weights where there are none."""
    unsigned = dataclasses.replace(content.matrices[0], matrix=np.abs(content.matrices[0].matrix))
    figure = reordered_matrix(unsigned)
    assert figure.axes[0].images[0].get_clim()[0] == 0
    assert not any("−" in text.get_text() for text, _ in texts(figure))
    low, high = reordered_matrix(content.matrices[0]).axes[0].images[0].get_clim()
    assert low == -high
