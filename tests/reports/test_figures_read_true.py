"""What a figure makes its reader believe: words and legends that are true of what is drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
from drawn_texts import texts
from matplotlib.figure import Figure

from creditgraph.analysis import resolution_profile
from creditgraph.graphs import WeightGraph
from creditgraph.reports import Drawing, Findings, Similarities, illustrations
from creditgraph.reports.figures import (
    balance_curves,
    modularity_differences,
    neuron_roles,
    power_curves,
    resolution_curves,
    similarity_map,
    verification_errors,
)


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
