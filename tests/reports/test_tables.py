from __future__ import annotations

import io
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditgraph.reports import Column, Table, labels, latex, networks_table, scores_table, trends_table
from creditgraph.reports.community_tables import neurons_table
from creditgraph.reports.table import csv
from creditgraph.reports.tables import configuration_table, environment_table, exactness_table, members_table


def test_a_mean_z_of_another_sign_than_the_mean_difference_is_explained(content):
    """Guards against two numbers of one row that seem to contradict each other."""
    same = content.effects.assign(z_mean=content.effects["difference_mean"])
    assert "another sign" not in " ".join(scores_table(same).caption.split())
    assert "another sign" in " ".join(scores_table(same.assign(z_mean=-same["z_mean"])).caption.split())


def test_csv_gives_back_the_table(content):
    """Guards against rounded or decorated numbers in the files that others compute with."""
    back = pd.read_csv(io.StringIO(scores_table(content.effects).csv()))
    assert list(back.columns) == list(content.effects.columns)
    numbers = content.effects.select_dtypes("number").columns
    assert np.array_equal(back[numbers].to_numpy(float), content.effects[numbers].to_numpy(float))


def test_markdown_by_hand():
    """Guards against cells that break the table: a pipe, a line break, emphasis."""
    data = pd.DataFrame({"name": ["a|b", "*c*\nd"], "q": [0.0001, 0.25]})
    table = Table("t", "Two.", data, [Column("name", "name"), Column("q", "q", labels.probability, True)])
    assert table.markdown() == "Two.\n\n| name | q |\n| :--- | ---: |\n| a\\|b | \\< 0.001 |\n| \\*c\\* d | 0.25 |\n"


def test_constant_columns_move_into_the_caption(build):
    """Guards against columns that say the same in every row, and against losing what they say."""
    one = scores_table(build(weights=("positive",)).effects)
    assert one.caption.endswith("positive weights, pruning 0.8.")
    assert not {"weights", "pruning"} & {column.key for column in one.shown}
    several = scores_table(build(weights=("absolute", "positive"), prunings=(0.5, 0.8)).effects)
    assert {"weights", "pruning"} <= {column.key for column in several.shown}


def test_missing_numbers_are_dashes(build):
    """Guards against nan, <NA> and None in front of readers."""
    content = build(seeds=1, learning_rates=(0.1, 0.3))
    table = trends_table(content.trends)
    shown = [cell.text for row in table.rows for cell in row]
    assert not {"nan", "None", "<NA>"} & set(shown)
    assert "–" in shown
    assert any("needs at least 3 learning rates" in text for text in shown)


def test_exactness_shows_the_worst(content):
    """Guards against a mean or a first error standing for the worst, and a broken bound going unseen."""
    verification = content.verification.copy()
    at = verification.index[(verification["activation"] == "relu") & (verification["network"] == "layered")][2]
    verification.loc[at, ["error", "holds"]] = [5e-3, False]
    data = exactness_table(verification).data
    row = data[(data["activation"] == "relu") & (data["error"] == 5e-3)]
    assert len(row) == 1
    assert not row["holds"].item()
    assert row["comparisons"].item() == 4
    assert len(data) == 42


def test_members_show_the_last_step(content):
    """Guards against the first step of training being shown as its end."""
    table = members_table(content.members, content.training, "connectome").data
    row = table[(table["learning_rate"] == 0.5) & (table["seed"] == 4)].iloc[0]
    course = content.training[(content.training["learning_rate"] == 0.5) & (content.training["seed"] == 4)]
    assert row["status"] == "diverged"
    assert row["weight_norm"] == course.sort_values("iteration")["weight_norm"].iloc[-1]
    assert len(table) == len(content.members)


def test_an_environment_that_a_run_went_on_in_is_listed_as_the_first_is():
    """Guards against a dictionary of Python in front of readers."""
    rows = environment_table({"python": "3.11", "resumed": [{"python": "3.12", "versions": {"torch": "2.9"}}]}).data
    expected = [("python", "3.11"), ("resumed.1.python", "3.12"), ("resumed.1.versions.torch", "2.9")]
    assert list(rows.itertuples(index=False, name=None)) == expected


def test_configuration_lists_every_option_even_unknown_ones():
    """Guards against options in force that no reader is told of."""
    rows = configuration_table(
        {"name": "a", "sweep": {"seeds": [0, 1], "new": {"x": True, "y": None}}, "rate": 1e-5}
    ).data
    expected = [
        ("name", "a"),
        ("sweep.seeds", "0, 1"),
        ("sweep.new.x", "yes"),
        ("sweep.new.y", "not set"),
        ("rate", "1e-05"),
    ]
    assert list(rows.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [(-0.0001, "0.000"), (-0.12345, "−0.123"), (float("nan"), "–"), (pd.NA, "–"), (None, "–"), (float("inf"), "–")],
)
def test_scores_read_well(given, said):
    """Guards against −0.000, hyphens for minus signs and nan."""
    assert labels.score(given) == said


def test_neurons_have_true_minus_signs():
    """Guards against −0.00, and hyphens in one table and minus signs in the next, on the page and in LaTeX."""
    neurons = pd.DataFrame({"neuron": [0, 1], "community": [0, -1], "within_module_z": [-0.001, -1.234]})
    table = neurons_table(neurons)
    assert [[cell.text for cell in row] for row in table.rows] == [["0", "0", "0.00"], ["1", "−1", "−1.23"]]
    assert "1 & $-$1 & $-$1.23" in table.latex()
    assert labels.decimals(-1e-9, 3) == "0.000"
    assert labels.decimals(float("nan"), 2) == "–"


def test_what_is_told_of_neurons_is_explained():
    """Guards against words such as gateway that a reader of the page alone cannot look up."""
    neurons = pd.DataFrame(
        {"neuron": [0, 1], "community": [0, 1], "gateway": [0.1, 0.2], "stability": [np.nan, np.nan]}
    )
    caption = neurons_table(neurons).caption
    assert "Gateway: participation in which" in caption
    assert "stability" not in caption.lower()
    assert neurons_table(neurons[["neuron", "community"]]).caption == "Neurons and their communities."


def test_numbers_read_well():
    """Guards against padded exponents and p-values of zero."""
    assert labels.rate(1e-5) == "1e-5"
    assert labels.rate(0.001) == "0.001"
    assert labels.probability(1e-9) == "< 0.001"
    # beyond a level is never written as on it
    assert [labels.probability(value) for value in (0.05, 0.0496, 0.05037, 0.050001)] == [
        "0.05",
        "0.05",
        "0.0504",
        "0.050001",
    ]
    assert labels.error(0.0) == "0"
    assert labels.error(1.26e-9) == "1.3e−9"


def test_latex_by_hand():
    """Guards against cells that are commands, and a table without the rules of booktabs."""
    data = pd.DataFrame({"name": ["a_b & 50 %", "[x] \\input{y}"], "q": [0.0001, -0.25]})
    table = Table("t", "Two_1.", data, [Column("name", "name"), Column("q", "q", labels.number, True)])
    assert table.latex() == (
        "\\begin{table}\n\\caption{Two\\_1.}\n\\label{tab:t}\n\\begin{tabular}{lr}\n\\toprule\nname & q \\\\\n"
        "\\midrule\na\\_b \\& 50 \\% & 0.0001 \\\\\n"
        "{[}x] \\textbackslash{}input\\{y\\} & $-$0.25 \\\\\n\\bottomrule\n\\end{tabular}\n\\end{table}\n"
    )


def test_wide_latex_tables_fit_a_page(content):
    """Guards against tables that run off the page: broken headings first, then smaller letters, then on their side."""
    data = pd.DataFrame({f"c{i}": ["x" * 3] for i in range(10)})
    narrow = Table("t", "Ten.", data, [Column(f"c{i}", "a long {h}") for i in range(10)]).latex()
    assert "\\begin{table}\n\\centering\n\\setlength{\\tabcolsep}{2.5pt}" in narrow
    assert "\\small" not in narrow
    assert "landscape" not in narrow
    assert narrow.count("\\shortstack[l]{a \\\\ long \\\\ \\{h\\}}") == 10
    wide = scores_table(content.effects).latex()
    assert wide.startswith("\\begin{landscape}\n")
    assert wide.endswith("\\end{landscape}\n")
    long = Table("t", "Long.", pd.concat([data] * 60), [Column(f"c{i}", "x" * 6) for i in range(10)]).latex()
    assert long.startswith("\\begingroup\n\\footnotesize\n")
    assert long.endswith("\\end{longtable}\n\\endgroup\n")
    words = pd.DataFrame({"text": ["a word and " * 20], "key": ["x" * 50]})
    told = Table("t", "Words.", words, [Column("text", "text"), Column("key", "key")]).latex()
    assert told.count("\\raggedright\\arraybackslash}p{") == 2
    assert f"{'x' * 12}\\allowbreak{{}}{'x' * 12}" in told


@settings(max_examples=50)
@given(st.text())
def test_latex_escapes_every_command(text):
    """Guards against names that end a cell or a row, start a command, or hide characters, whatever they hold."""
    escaped = latex.escaped(text)
    plain = escaped
    for command in sorted(filter(lambda value: len(value) > 1, latex.SPECIAL.values()), key=len, reverse=True):
        plain = plain.replace(command, "")
    assert not set('\\&%$#_^|<>"') & set(plain)
    assert "\n" not in escaped
    assert not any(unicodedata.category(each)[0] == "C" for each in escaped)


def test_long_tables_go_over_pages(content):
    """Guards against a table that runs off the page."""
    assert "\\begin{longtable}" in networks_table(content.communities).latex()
    few = scores_table(content.effects.head(8)).latex()
    assert "\\begin{tabular}" in few
    assert few.count(" \\\\\n") == 8 + 1


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_names_are_no_formulas_in_a_spreadsheet(name):
    """Guards against a neuron's name that runs as a formula where a CSV is opened in a spreadsheet."""
    back = pd.read_csv(io.StringIO(csv(pd.DataFrame({"name": [name], "value": [-1.5]}))))
    guarded = "'" + name.replace("\r", "\n")
    assert back["name"].tolist() == [guarded]
    assert back["value"].tolist() == [-1.5]
    assert pd.read_csv(io.StringIO(csv(pd.DataFrame({name: [1]})))).columns.tolist() == [guarded]


def test_numbers_as_text_stay_numbers_in_csv():
    """Guards against an apostrophe before a negative option."""
    assert csv(pd.DataFrame({"value": ["-0.5", "-", "a=b"]})) == "value\n-0.5\n'-\na=b\n"
