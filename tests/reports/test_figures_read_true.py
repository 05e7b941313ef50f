"""What a figure makes its reader believe: scales, legends and words that are true of what is drawn."""

from __future__ import annotations

import dataclasses

import matplotlib
import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from drawn_texts import texts
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from creditgraph.analysis import resolution_profile
from creditgraph.graphs import WeightGraph
from creditgraph.reports import Drawing, Findings, Similarities, illustrations
from creditgraph.reports.figures import (
    balance_curves,
    block_maps,
    community_flow,
    lesion_matrix,
    matched_loss_curves,
    modularity_curves,
    modularity_differences,
    neuron_roles,
    null_distributions,
    phase_diagram,
    power_curves,
    reordered_matrix,
    resolution_curves,
    score_samples,
    similarity_map,
    training_curves,
    trajectory_events,
    verification_errors,
)
from creditgraph.reports.figures.heat import contrast, readable_on


def words_of(figure: Figure) -> list[str]:
    return [text.get_text() for text, _ in texts(figure)]


def test_a_drawing_says_how_many_synapses_there_are():
    """Guards against "all synapses", and shares of those drawn passing for shares of all, where 600 are drawn."""
    members = np.arange(40) % 2
    same = members[:, None] == members[None, :]
    matrix = np.where(same, 2.0, 1.0) - np.eye(40) * 2  # 760 strong synapses within, 800 weak ones across
    drawing = Drawing(WeightGraph.from_matrix(matrix), members)
    (found,) = illustrations.structure(Findings(network="r = 0.1", drawing=drawing))
    assert found.caption.startswith("The 600 strongest of 1,560 synapses of the network r = 0.1: n = 40 neurons")
    assert "49 % of all its synapses" in found.alternative
    assert "100 % of the 600 strongest" in found.alternative
    assert any("the 600 strongest of 1,560 synapses" in words for words in words_of(found.figure))
    few = Drawing(WeightGraph.from_matrix(matrix[:10, :10]), members[:10])
    (found,) = illustrations.structure(Findings(drawing=few))
    assert found.caption.startswith("All 90 synapses: n = 10 neurons")
    assert "44 % of all its synapses, all drawn" in found.alternative


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


def test_similarity_says_what_it_is_of_what():
    """Guards against a similarity of no name, "groups" that are learning rates, and labels that stand for nothing."""
    matrix, groups = made.similarity()
    figure = similarity_map(matrix, [group.removeprefix("r = ") for group in groups])
    axes, bar = figure.axes
    assert bar.get_ylabel() == "similarity (AMI)"
    assert axes.get_xlabel().startswith("learning rate r")
    assert axes.get_ylabel() == axes.get_xlabel()
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {0.0}
    figure = similarity_map(matrix, [f"a long name {group}" for group in groups], measure="element-centric")
    assert figure.axes[1].get_ylabel() == "similarity (element-centric)"
    assert figure.axes[0].get_xlabel() == "partition, by group"
    assert {label.get_rotation() for label in figure.axes[0].get_xticklabels()} == {90.0}
    named = similarity_map(matrix, groups, axis="condition")
    assert named.axes[0].get_xlabel() == "condition"


@pytest.mark.parametrize("points", [8, 30, 300])
def test_plateaus_are_named_where_there_is_room(points):
    """Guards against a name beyond its plateau, a plateau without a name, and shading that nothing explains."""
    table = made.profile(points)
    figure = resolution_curves(table)
    names = [(text, box) for text, box in texts(figure) if text in figure.axes[0].texts]
    for text, box in names:
        own = table[table["communities"] == int(text.get_text().split()[0])]["resolution"]
        ends = [figure.axes[0].transData.transform((edge, 1))[0] for edge in (own.min(), own.max())]
        assert ends[0] <= box.x0 < box.x1 <= ends[1]
    if points >= 30:
        assert [text.get_text() for text, _ in names] == ["4 communities", "12 communities"]
    assert "plateau: the partition stays" in words_of(figure)


def test_plateaus_say_the_number_of_their_table():
    """Guards against a figure that says another number of communities than the table of plateaus beside it."""
    graph, _ = made.layered_graph((8, 12, 8))
    found = resolution_profile(graph, resolutions=np.geomspace(0.2, 3, 16), restarts=4, level=0.8, seed=0)
    rows = found.table["plateau"]
    assert found.table["communities"].groupby(rows).nunique().max() > 1, "where all agree, any number is right"
    named = [text.get_text().split()[0] for text in resolution_curves(found.table).axes[0].texts]
    assert named
    assert named == [str(found.plateaus["communities"][int(place)]) for place in sorted(rows.dropna().unique())]


def test_plateaus_stand_beside_a_band_of_the_null():
    """Guards against a null model that is drawn without its spread, or a panel that lacks it."""
    table = made.profile()
    measures = ("communities", "agreement", "next_similarity")
    for name in measures:
        mean = table[name].astype(float) * 0.8
        table = table.assign(**{f"null_{name}": mean, f"null_{name}_low": mean * 0.9, f"null_{name}_high": mean * 1.1})
    figure = resolution_curves(table)
    for axes, name in zip(figure.axes, measures, strict=True):
        (band,) = [each for each in axes.collections if each.get_label() == "range of its samples"]
        corners = band.get_paths()[0].vertices[:, 1]
        assert corners.max() == pytest.approx(table[f"null_{name}_high"].max())
        assert corners.min() == pytest.approx(table[f"null_{name}_low"].min())
    assert "null model" in words_of(figure)
    assert not any(
        axes.collections and "range" in axes.collections[0].get_label()
        for axes in resolution_curves(made.profile()).axes
    )


def test_exactness_goes_from_layered_to_recurrent(content):
    """Guards against rows in the order of the table, and two ways to write a power of ten."""
    table = content.verification.iloc[::-1].assign(check="equations")
    figure = verification_errors(table)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows[0] == "layered"
    assert all(row.startswith("recurrent") for row in rows[1:])
    titles = [axes.get_title(loc="left") for axes in verification_errors(content.verification.iloc[::-1]).axes]
    assert titles[0].startswith("Layered")
    assert figure.axes[-1].get_xlabel().endswith("(0 drawn at 10⁻¹⁸)")
    assert "10⁻¹⁶" in words_of(figure)


def test_legends_tell_lines_apart_and_say_their_unit(content):
    """Guards against a dashed line whose dashes do not fit the legend, and an effect without a unit."""
    legend = modularity_differences(content.effects).legends[0]
    assert legend.handlelength >= 3
    legend = power_curves(made.power()).legends[0]
    assert "d_z" in legend.get_title().get_text()
    assert "s.d." in legend.get_title().get_text()
    assert legend.get_texts()[0].get_text() == "d_z = 0.3"


def test_curves_on_one_another_are_all_seen(content):
    """Guards against the last learning rate hiding all others, and one that diverged flattening them."""
    training = content.training.assign(credit_norm=lambda table: np.where(table["weight_norm"] > 200, 1e6, 5.0))
    figure = training_curves(training, "connectome")
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
    assert not any("−" in words for words in words_of(figure))
    low, high = reordered_matrix(content.matrices[0]).axes[0].images[0].get_clim()
    assert low == -high


def test_points_do_not_touch_the_names_of_regions():
    """Guards against neurons that hide R1 to R7."""
    x = np.tile(np.linspace(0, 1, 60), 2)
    z = np.repeat([-1.0, 3.1], 60)
    table = pd.DataFrame({"neuron": np.arange(120), "community": 0, "participation": x, "within_module_z": z})
    figure = neuron_roles(table)
    names = [box for text, box in texts(figure) if text.get_text().startswith("R")]
    assert len(names) == 7
    axes = figure.axes[0]
    points = axes.transData.transform(axes.collections[0].get_offsets())
    radius = np.sqrt(axes.collections[0].get_sizes()[0]) / 2 * figure.dpi / 72
    for box in names:
        inside = (points[:, 0] > box.x0 - radius) & (points[:, 0] < box.x1 + radius)
        inside &= (points[:, 1] > box.y0 - radius) & (points[:, 1] < box.y1 + radius)
        assert not inside.any()


def test_captions_say_n_seeds_and_null(whole):
    """Guards against a caption that leaves out how many neurons, which seeds, or that there is no null model."""
    captions = {
        each.name: each.caption
        for made_of in (illustrations.exactness, illustrations.learning)
        for each in made_of(whole)
    }
    assert "a seed of its own" in captions["exactness"]
    assert captions["exactness"].count("No null model.") == 1
    assert "No null model." in captions["learning"]
    assert "3 times the largest" in captions["learning"] or not len(whole.diverged)
    findings = whole.findings
    found = [*illustrations.structure(findings), *illustrations.similarity(findings)]
    captions = {each.name: each.caption for each in found}
    for name in ("blocks", "similarity", "resolution"):
        assert "n = 120 neurons" in captions[name], name
    matrix, groups = made.similarity()
    (alone,) = illustrations.similarity(Findings(similarities=Similarities(matrix, groups)))
    assert "neurons" not in alone.caption


def test_balance_of_algorithm_1_is_drawn(whole):
    """Guards against the E-I balance of connectome studies being recorded and not shown."""
    figure = balance_curves(whole.training, "connectome")
    assert figure.axes[0].get_ylabel() == "E-I imbalance |E − I| / (E + I)"


def test_words_of_a_range_are_true_of_one_value():
    """Guards against "3 to 3 communities", and a hyphen before a number for a minus sign."""
    still = made.memberships(positions=3, communities=3, neurons=30)
    matrix = np.array([[1.0, -0.13], [-0.13, 1.0]])
    found = illustrations.similarity(Findings(memberships=still, similarities=Similarities(matrix, ["a", "b"])))
    words = {each.name: each.alternative for each in found}
    assert "snapshot" not in words["flow"]
    assert "3 learning rates: 3 communities; " in words["flow"]
    assert "of different groups −0.13." in words["similarity"]
