import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from drawn_texts import assert_words_fit
from synthetic_comparison import comparison

from creditgraph import reports
from creditgraph.guard import DataError
from creditgraph.reports.comparison import comparison_answer, illustrations

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>' + "a" * 80, "‮gnp.exe שלום $x_1$")


def figures(content):
    table = content.differences[content.differences["measure"] == "excess"]
    return {
        "groups": reports.group_scores(content.groups),
        "differences": reports.group_differences(table),
        "similarity": reports.group_similarity_map(content.similarity),
        "accuracy": reports.accuracy_curves(content.accuracy),
    }


@pytest.mark.parametrize("name", ["groups", "differences", "similarity", "accuracy"])
@pytest.mark.parametrize(
    "sources", [("a", "b"), ("credit", "backprop", "worm"), tuple(f"a rather long name {i}" for i in range(9)), HOSTILE]
)
def test_words_fit_from_two_to_many_sources(sources, name):
    """Guards against labels that overlap or are cut off at few, many, long or hostile names."""
    assert_words_fit(figures(comparison(sources))[name])


def test_points_are_those_of_the_table():
    """Guards against markers at the place of another group, and hollow ones that should be full."""
    content = comparison()
    figure = reports.group_scores(content.groups)
    axes = figure.axes[0]
    names = [text.get_text() for text in axes.get_yticklabels()]
    expected = content.groups.query("direction == 'maximise' and null == 'initial'").set_index("group")
    full, hollow = {}, {}
    for line in axes.lines:
        if line.get_marker() == "s":
            found = hollow if line.get_markerfacecolor() == "white" else full
            found |= {names[round(y)]: x for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)}
    assert full | hollow == pytest.approx(expected["difference_mean"].astype(float).to_dict())
    assert set(full) == set(expected.index[expected["q_value"] <= 0.05])


def test_differences_that_are_rounding_do_not_fill_the_axis():
    """Guards against an axis of 1e-16 that makes rounding look like a finding."""
    content = comparison()
    tiny = content.groups.assign(difference_mean=1e-17, difference_low=-1e-17, difference_high=2e-17)
    low, high = reports.group_scores(tiny).axes[0].get_xlim()
    assert high - low >= 0.002


def test_words_of_a_map_count_its_groups():
    """Guards against "1 groups" of a map of two, a hyphen for a minus sign, and "0.60 to 0.60"."""
    table = comparison(("credit", "backprop", "worm"), rates=(0.1,)).similarity
    apart = table[table["group"] != table["other"]].assign(same_seed=-0.13)
    (found,) = illustrations.similarity(comparison(similarity=apart))
    assert found.alternative == "Heat map of 2 groups. Same seeds: −0.13."


def test_empty_tables_are_refused():
    """Guards against an empty figure that looks like a result of nothing."""
    content = comparison()
    for draw, table in (
        (reports.group_scores, content.groups),
        (reports.group_differences, content.differences),
        (reports.group_similarity_map, content.similarity),
        (reports.accuracy_curves, content.accuracy),
    ):
        with pytest.raises(DataError, match="nothing to draw"):
            draw(table.iloc[:0])
    with pytest.raises(DataError, match="column q_value is missing"):
        comparison(groups=content.groups.drop(columns="q_value"))
    with pytest.raises(DataError, match="nothing to report"):
        comparison(groups=content.groups.iloc[:0])


def test_the_answer_counts_groups_beyond_every_null_model():
    """Guards against a group called beyond chance because one lenient null model says so."""
    content = comparison()
    groups = content.groups.copy()
    initial = (groups["null"] == "initial") & (groups["direction"] == "maximise")
    groups.loc[initial & groups["group"].str.startswith("backprop"), ["difference_mean", "q_value"]] = [-0.01, 0.9]
    sentences = comparison_answer(comparison(groups=groups))
    assert len(sentences) == 2
    # of the synthetic means -0.03, -0.01, +0.01, +0.03, +0.05 the last three are beyond
    assert "credit 0 of 2" in sentences[0]
    assert "backprop 0 of 2" in sentences[0]
    assert "worm yes" in sentences[0]
    assert "backprop 2 of 2" in comparison_answer(content)[0]
    excess = content.differences.query("measure == 'excess' and direction == 'maximise' and null == 'shuffle_block'")
    tested = excess[excess["q_value"].notna()]
    apart = int((tested["q_value"] <= 0.05).sum())
    assert f"Of {len(excess)} pairs of groups {len(tested)} can be tested and {apart} differ" in sentences[1]
    alone = content.differences.assign(q_value=pd.NA, p_value=pd.NA)
    assert "none can be tested, each being a single network" in comparison_answer(comparison(differences=alone))[1]


def test_the_answer_says_what_cannot_be_told_and_the_largest_difference_from_every_null_model():
    """Guards against a no where so few samples could say nothing else, and a difference of one null model alone."""
    content = comparison()
    told = comparison_answer(comparison(groups=content.groups.assign(p_least=0.1, q_value=0.4)))[0]
    assert "worm cannot be told, for with so few null samples and seeds q is never below 0.1 (Q −" in told
    assert "yes" not in told
    assert "cannot be told" not in comparison_answer(comparison(groups=content.groups.assign(p_least=0.01)))[0]
    excess = content.differences.query("measure == 'excess' and direction == 'maximise'")
    second = str(excess["null"].unique()[1])
    larger = (content.differences["null"] == second) & (content.differences["measure"] == "excess")
    changed = content.differences.assign(
        difference_mean=content.differences["difference_mean"].mask(larger, -0.321),
    )
    assert "it is −0.321" in comparison_answer(comparison(differences=changed))[1]


class Texts(HTMLParser):
    """Text and tags of a page, and the alternative texts of its pictures."""

    def __init__(self):
        super().__init__()
        self.tags, self.alternatives, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.alternatives.append(dict(attrs).get("alt", ""))

    def handle_data(self, data):
        self.text.append(data)


def read(path):
    parser = Texts()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


def test_the_page_has_every_section_and_its_files(tmp_path):
    """Guards against a section, table or figure that is left out of the page or of its folder."""
    content = comparison()
    path = reports.write_comparison(content, tmp_path)
    html = path.read_text(encoding="utf-8")
    for section in (
        "sources",
        "learning",
        "communities",
        "differences",
        "weights",
        "similarity",
        "structure",
        "scores",
    ):
        assert f'id="{section}"' in html
    assert all(text.strip() for text in read(path).alternatives)
    for name in ("sources", "groups", "differences", "scores", "networks", "accuracy", "similarity"):
        assert len(pd.read_csv(tmp_path / "tables" / f"{name}.csv")) == len(getattr(content, name))
    for kind in ("svg", "png", "pdf", "csv"):
        assert (tmp_path / "figures" / f"groups-absolute-modularity.{kind}").is_file()
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html, flags=re.S)
    assert captions
    for caption in captions:
        assert re.search(r"n\s*=|n\xa0=", caption), caption


def test_hostile_names_are_text(tmp_path):
    """Guards against names of files and studies that become markup."""
    path = reports.write_comparison(comparison(HOSTILE, title=HOSTILE[0], question=HOSTILE[1]), tmp_path)
    parser = read(path)
    assert parser.tags.count("script") == 1
    assert "<script>alert(1)" not in path.read_text(encoding="utf-8")
    assert any(HOSTILE[0] in text for text in parser.text)


def test_sections_without_data_are_left_out(tmp_path):
    """Guards against empty sections where files are compared that neither learned nor share neurons."""
    content = comparison(accuracy=pd.DataFrame(), similarity=pd.DataFrame(), matrices=[])
    html = reports.write_comparison(content, tmp_path).read_text(encoding="utf-8")
    assert 'id="learning"' not in html
    assert 'id="similarity"' not in html


def test_the_map_tells_same_seeds_above_and_different_seeds_below():
    """Guards against a map whose halves are swapped."""
    content = comparison()
    table = content.similarity.assign(same_seed=0.9, other_seed=0.1)
    table.loc[table["group"] == table["other"], "same_seed"] = np.nan
    figure = reports.group_similarity_map(table)
    image = figure.axes[0].images[0].get_array()
    upper = np.triu(np.ones(image.shape, bool), 1)
    assert (image[upper] == 0.9).all()
    assert (image[~upper] == 0.1).all()


def test_a_group_below_its_null_model_is_said_to_be_below():
    """Guards against a "no" that sounds like nothing where a group lies the other way, at a small q."""
    content = comparison(rates=(0.1,))
    own = content.groups["source"] == "worm"
    for difference, q, expected in (
        (-0.05, 0.01, "worm no, it is below ("),
        (-0.05, 0.4, "worm no ("),
        (0.05, 0.4, "worm no ("),
    ):
        groups = content.groups.copy()
        groups.loc[own, ["difference_mean", "q_value"]] = [difference, q]
        assert expected in comparison_answer(replace(content, groups=groups))[0]
