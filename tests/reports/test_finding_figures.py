"""Figures of findings: what they draw, that their words fit from 3 to 300 items, and that they repeat."""

from __future__ import annotations

import re
from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from drawn_texts import assert_words_fit, texts
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from creditgraph.guard import CreditgraphError, DataError, OptionError
from creditgraph.reports import (
    block_maps,
    class_selectivity,
    community_colours,
    community_flow,
    lesion_matrix,
    matched_loss_curves,
    network_drawing,
    neuron_roles,
    phase_diagram,
    power_curves,
    resolution_curves,
    similarity_map,
    trajectory_events,
)
from creditgraph.reports.figures import svg
from creditgraph.reports.figures.style import TALLEST

FIGURES: dict[str, Callable[[], Figure]] = {
    "phases": lambda: phase_diagram(made.phases()),
    "similarity": lambda: similarity_map(*made.similarity()),
    "flow": lambda: community_flow(made.memberships()),
    "course": lambda: community_flow(made.memberships(over="step"), over="step"),
    "roles": lambda: neuron_roles(made.roles()),
    "lesions": lambda: lesion_matrix(made.lesions()),
    "selectivity": lambda: class_selectivity(made.selectivity()),
    "blocks": lambda: block_maps(made.blocks()),
    "layers": lambda: network_drawing(*made.layered_graph()),
    "circle": lambda: network_drawing(*made.all_to_all_graph()),
    "resolution": lambda: resolution_curves(made.profile()),
    "events": lambda: trajectory_events(made.events()),
    "matched loss": lambda: matched_loss_curves(made.matched_loss()),
    "power": lambda: power_curves(made.power(), seeds=5),
}
SMALL: dict[str, Callable[[], Figure]] = {
    "phases": lambda: phase_diagram(made.phases(rates=(0.1,), prunings=(0.8,))),
    "similarity": lambda: similarity_map(*made.similarity(3, 1)),
    "flow": lambda: community_flow(made.memberships(1, 3, 3)),
    "roles": lambda: neuron_roles(made.roles(3, 1)),
    "lesions": lambda: lesion_matrix(made.lesions(1, 3)),
    "selectivity": lambda: class_selectivity(made.selectivity(1)),
    "blocks": lambda: block_maps(made.blocks(1)),
    "layers": lambda: network_drawing(*made.layered_graph((3, 2))),
    "circle": lambda: network_drawing(*made.all_to_all_graph(5)),
    "resolution": lambda: resolution_curves(made.profile(3)),
    "events": lambda: trajectory_events(made.events(2, (0.1,))),
    "power": lambda: power_curves(made.power((0.5,))),
}
LARGE: dict[str, Callable[[], Figure]] = {
    "phases": lambda: phase_diagram(made.phases(rates=np.geomspace(1e-4, 1, 30), prunings=np.linspace(0, 0.95, 20))),
    "similarity": lambda: similarity_map(*made.similarity(60, 5)),
    "flow": lambda: community_flow(made.memberships(40, 300, 60)),
    "roles": lambda: neuron_roles(made.roles(300, 300)),
    "lesions": lambda: lesion_matrix(made.lesions(300, 100)),
    "selectivity": lambda: class_selectivity(made.selectivity(300)),
    "blocks": lambda: block_maps(made.blocks(100)),
    "layers": lambda: network_drawing(*made.layered_graph((300, 300, 300, 100))),
    "circle": lambda: network_drawing(*made.all_to_all_graph(300)),
    "resolution": lambda: resolution_curves(made.profile(300)),
    "events": lambda: trajectory_events(made.events(100, tuple(np.geomspace(0.001, 1, 20)))),
    "power": lambda: power_curves(made.power(tuple(np.linspace(0.1, 3, 30)))),
}


@pytest.mark.parametrize("name", FIGURES)
def test_words_fit(name):
    """Guards against words that run into each other or are cut off, and a figure without a question."""
    figure = FIGURES[name]()
    assert_words_fit(figure)
    assert figure.get_suptitle().endswith("?")


@pytest.mark.parametrize("name", SMALL)
def test_words_fit_at_the_least(name):
    """Guards against figures that need more than one or three of a thing."""
    assert_words_fit(SMALL[name]())


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_words_fit_at_300(name):
    """Guards against 300 names on one axis, legends of 300 communities, and figures higher than a printed page."""
    figure = LARGE[name]()
    assert figure.get_figheight() <= TALLEST
    assert_words_fit(figure)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_figures_repeat_byte_for_byte_and_leave_settings_alone(name):
    """Guards against dates, random names and a changed global style."""
    before = dict(matplotlib.rcParams)
    assert svg(FIGURES[name]()) == svg(FIGURES[name]())
    assert dict(matplotlib.rcParams) == before


def test_colours_of_communities_are_told_apart_and_stay():
    """Guards against one colour for two communities, and a colour that depends on which others there are."""
    colours = community_colours(range(24))
    assert len(set(colours.values())) == 24
    assert community_colours([7, 3]) == {7: colours[7], 3: colours[3]}
    assert set(community_colours([24, 300, -1]).values()) == {"#B8B8B8"}


def test_phase_diagram_draws_z_where_it_belongs():
    """Guards against transposed or reversed axes, a scale that is not symmetric, and dots where no test passed."""
    table = made.phases(rates=(0.01, 0.1), prunings=(0.5, 0.9))
    figure = phase_diagram(table)
    image = figure.axes[0].images[0]
    own = table[(table["direction"] == "maximise") & (table["null"] == table["null"].iloc[0])]
    z = own.set_index(["pruning", "learning_rate"])["z_mean"]
    assert np.asarray(image.get_array()).tolist() == [[z[0.9, 0.01], z[0.9, 0.1]], [z[0.5, 0.01], z[0.5, 0.1]]]
    low, high = image.get_clim()
    assert low == -high
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(dots[0].get_xdata()) == (own["q_value"] <= 0.05).sum()


def test_flow_keeps_every_neuron():
    """Guards against bars that lose neurons, and bands in a wrong colour or of a wrong width."""
    table = pd.DataFrame(
        {
            "learning_rate": [0.1] * 4 + [0.2] * 4,
            "neuron": [0, 1, 2, 3] * 2,
            "community": [0, 0, 1, 1, 0, 1, 1, 1],
        }
    )
    axes = community_flow(table).axes[0]
    blocks = [(patch.get_x() + patch.get_width() / 2, patch.get_y(), patch.get_height()) for patch in axes.patches]
    assert [tuple(np.round(block, 6)) for block in blocks] == [(0, 0, 2), (0, 2, 2), (1, 0, 1), (1, 1, 3)]
    (bands,) = (each for each in axes.collections if each.get_paths()[0].vertices.shape[0] > 10)
    ends = [path.vertices for path in bands.get_paths()]
    widths = [points[:, 1].max() - points[:, 1].min() for points in ends]
    # 0 to 0: one neuron; 0 to 1: one, which falls by nothing; 1 to 1: two
    assert np.allclose(widths, [1, 1, 2])
    assert [to_hex(colour[:3]) for colour in bands.get_facecolor()] == ["#0072b2", "#0072b2", "#e69f00"]


def test_flow_refuses_what_it_cannot_place():
    """Guards against a neuron that counts twice, and a position that is no column."""
    table = made.memberships(2, 5)
    with pytest.raises(DataError, match="comes twice at one learning_rate; pick one seed"):
        community_flow(pd.concat([table, table]))
    with pytest.raises(DataError, match="no column step"):
        community_flow(table, over="step")
    with pytest.raises(OptionError, match="over: got 'time'"):
        community_flow(table, over="time")


def test_roles_are_drawn_in_their_communitys_colour():
    """Guards against axes that are swapped and colours that go by row."""
    table = pd.DataFrame(
        {"neuron": [0, 1], "community": [4, 2], "participation": [0.1, 0.7], "within_module_z": [3.0, -1.0]}
    )
    points = neuron_roles(table).axes[0].collections[0]
    assert points.get_offsets().tolist() == [[0.1, 3.0], [0.7, -1.0]]
    colours = community_colours([2, 4])
    assert [to_hex(each[:3]).upper() for each in points.get_facecolor()] == [colours[4], colours[2]]


def test_blocks_are_logarithms_of_the_ratio():
    """Guards against rows and columns that are swapped, and a ratio without its logarithm."""
    table = pd.DataFrame(
        {"post": [0, 0, 1, 1], "pre": [0, 1, 0, 1], "ratio": [2.0, 0.5, 1.0, 0.0], "mean": 1.0, "density": 0.5}
    )
    drawn = np.ma.filled(block_maps(table).axes[0].images[0].get_array(), np.nan)
    assert np.array_equal(drawn, [[1.0, -1.0], [0.0, np.nan]], equal_nan=True)


def test_drawing_has_the_strongest_synapses_and_says_how_many():
    """Guards against weak synapses crowding out strong ones, and a picture that hides that it leaves some out."""
    graph, membership = made.layered_graph((6, 5))
    figure = network_drawing(graph, membership, strongest=4)
    lines = figure.axes[0].collections[0]
    assert len(lines.get_segments()) == 4
    order = np.argsort(-np.abs(graph.weight))[:4]
    starts = {tuple(np.round(segment[0], 6)) for segment in lines.get_segments()}
    points = figure.axes[0].collections[1].get_offsets()
    assert starts == {tuple(np.round(points[graph.pre[i]], 6)) for i in order}
    assert any(f"the 4 strongest of {len(graph.weight)} synapses" in text.get_text() for text, _ in texts(figure))
    with pytest.raises(DataError, match="got 3 entries, expected one for each of 11 neurons"):
        network_drawing(graph, [0, 1, 2])
    with pytest.raises(OptionError, match="strongest"):
        network_drawing(graph, membership, strongest=0)


def test_events_are_counted_over_seeds():
    """Guards against counts that grow with the seeds."""
    table = pd.DataFrame({"step": [1, 1, 2, 2], "event": ["birth", "birth", "death", "birth"], "seed": [0, 1, 0, 0]})
    bars = [patch.get_height() for patch in trajectory_events(table).axes[0].patches]
    assert bars == [1.0, 0.5, 0.0, 0.5]


def test_matched_loss_leaves_out_what_did_not_reach_it():
    """Guards against a point for a learning rate that never had that loss."""
    figure = matched_loss_curves(made.matched_loss())
    counts = sorted(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() in ("o", "s", "^"))
    assert counts == [5, 5, 6]


@pytest.mark.parametrize(
    "draw",
    [
        *(phase_diagram, community_flow, lesion_matrix, class_selectivity, block_maps, resolution_curves),
        *(trajectory_events, matched_loss_curves, power_curves, neuron_roles),
    ],
)
def test_empty_tables_are_refused(draw):
    """Guards against an empty picture."""
    with pytest.raises(CreditgraphError, match="nothing to draw"):
        draw(pd.DataFrame())


HOSTILE = ["$\\alpha_{", "<script>", "a$b$c", "\u202eevil\u202c", "w" * 300, "名前", "line\nbreak", "=1+1"]


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_hostile_names_are_drawn_as_text():
    """Guards against names that become formulas, reverse what follows, break lines or push the picture aside."""
    table = made.lesions(len(HOSTILE), 3)
    table = table.assign(community=[HOSTILE[i] for i in table["community"]])
    figure = lesion_matrix(table)
    svg(figure)
    assert_words_fit(figure)
    words = [text.get_text() for text, _ in texts(figure)]
    for shown in ("$\\alpha_{", "<script>", "a$b$c", "evil", "line break", "=1+1"):
        assert shown in words, shown
    assert any(re.fullmatch("w+…", word) for word in words)
