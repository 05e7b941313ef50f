import html
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from creditgraph.analysis import planted_structure, score_differences
from creditgraph.graphs import WeightGraph, write_graph
from creditgraph.guard import FileError, OptionError
from creditgraph.study import (
    AnalysisOptions,
    CommunitiesOptions,
    ConnectomeOptions,
    LayeredOptions,
    NullOptions,
    Study,
    SweepOptions,
    compare,
)
from creditgraph.study.analyses.sources import source_of
from creditgraph.study.cli import main
from creditgraph.study.comparisons.comparison_file import bundled_comparisons, read_comparison
from creditgraph.study.comparisons.groups import BEST, EVERY, SAME
from creditgraph.study.comparisons.questions import beside_own_reports
from creditgraph.study.comparisons.sources import Compared

FAST = {"samples": 5, "restarts": 2, "workers": 1}


def layered(rule, **changes):
    return Study(
        name=f"small-{rule}",
        experiment="layered",
        layered=LayeredOptions(hidden=[12], epochs=2, rule=rule, **changes),
        sweep=SweepOptions(learning_rates=[0.1, 0.5], seeds=3, snapshots=0),
        communities=CommunitiesOptions(directions=["maximise"], restarts=2),
        nulls=NullOptions(models=["shuffle_block", "initial"], samples=2),
    )


@pytest.fixture(scope="module")
def runs(bare_run, tmp_path_factory):
    """Small runs of two rules, one of another size, and one of algorithm 1."""
    folder = tmp_path_factory.mktemp("runs")
    connectome = Study(
        name="small-connectome",
        connectome=ConnectomeOptions(n=40, iterations=100),
        sweep=SweepOptions(learning_rates=[0.1], seeds=2),
        communities=CommunitiesOptions(restarts=2),
        nulls=NullOptions(samples=2),
    )
    wide = layered("credit", activation="relu", test_fraction=0.3)
    studies = {"credit": layered("credit"), "readout": layered("readout_only"), "wide": wide, "connectome": connectome}
    return {name: bare_run(study, folder) for name, study in studies.items()}


@pytest.fixture(scope="module")
def rules(runs, tmp_path_factory, undrawn):
    """Two rules, compared."""
    out = tmp_path_factory.mktemp("rules")
    with undrawn():
        return compare([runs["credit"], runs["readout"]], out, labels=["credit", "readout"], **FAST), out


def test_networks_of_one_seed_are_paired_and_compared_at_each_learning_rate_and_at_best_accuracy(rules):
    """Guards against pairs that have nothing in common, and against unpaired tests of paired networks."""
    found, _ = rules
    differences = found.tables["differences"]
    assert set(differences["basis"]) == {"paired seeds"}
    assert set(differences["null"]) == {"shuffle_block", "initial"}
    accuracy = found.tables["accuracy"]
    # of digits, ten classes of about one size
    assert accuracy["largest_class"].astype(float).between(0.1, 0.12).all()
    best = {source: own.loc[own["accuracy_mean"].idxmax(), "group"] for source, own in accuracy.groupby("source")}
    at = differences.drop_duplicates(["group", "other"]).set_index(["group", "other"])["at"]
    assert at[best["credit"], best["readout"]] == BEST
    for rate in ("0.1", "0.5"):
        assert at[f"credit, r = {rate}", f"readout, r = {rate}"] in (SAME, BEST)
    # the table of differences is that of the scores
    scores = found.tables["scores"]
    again = score_differences(scores, list(at.index), paired=list(at.index))
    np.testing.assert_allclose(again["difference_mean"].astype(float), differences["difference_mean"].astype(float))


def test_likeness_of_paired_networks_is_there_for_each_pair(rules):
    """Guards against partitions that are compared where neurons do not correspond, or not where they do."""
    found, _ = rules
    table = found.tables["similarity"]
    between = table[(table["group"] != table["other"]) & (table["method"] == "ami")]
    assert (between["seeds"] == 3).all()
    assert between["same_seed"].notna().all()
    assert between["p_value"].between(1 / 6 - 1e-9, 1).all()


def test_a_second_call_does_nothing_twice_and_gives_the_same(rules, runs, no_drawings):
    """Guards against work done again, and tables that change from call to call."""
    found, out = rules
    again = compare([runs["credit"], runs["readout"]], out, labels=["credit", "readout"], **FAST)
    assert again.analysed == 0
    assert again.path == found.path
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
        stored = pd.read_parquet(found.path / f"{name}.parquet")
        assert list(stored.columns) == list(table.columns)
        assert len(stored) == len(pd.read_csv(found.path / f"{name}.csv")) == len(table)


def test_other_settings_than_those_of_a_runs_own_report_are_told(rules, runs):
    """Guards against numbers that differ from a run's own report without a word."""
    found, _ = rules
    told = (
        "credit and readout: compared with null samples 5 (there 2), so numbers may differ from those of their own "
        "reports"
    )
    assert told in found.report.read_text()
    studies = [layered("credit"), layered("readout_only")]
    compared = [
        Compared(study.name, runs[name], source_of(runs[name], AnalysisOptions(), print))
        for study, name in zip(studies, ("credit", "readout"), strict=True)
    ]
    own = AnalysisOptions(
        nulls=("initial", "shuffle_block"), samples=2, restarts=2, objectives=("modularity",), directions=("maximise",)
    )
    assert beside_own_reports(compared, own) == []
    assert beside_own_reports(compared, replace(own, nulls=("shuffle_nonzero",), directed=True)) == [
        "small-credit and small-readout_only: compared with null models shuffle_nonzero (there initial, "
        "shuffle_block); directed yes (there no), so numbers may differ from those of their own reports"
    ]


def test_a_comparison_has_a_name_of_its_own(rules):
    """Guards against all comparisons lying in one folder, under hashes alone."""
    found, _ = rules
    assert found.path.parent.name == "credit-vs-readout"
    assert "<title>credit-vs-readout" in found.report.read_text()


@pytest.mark.parametrize("name", ["a/b", "..", " "])
def test_a_name_that_names_no_folder_is_refused(tmp_path, name):
    """Guards against a comparison written anywhere."""
    with pytest.raises(OptionError, match="name"):
        compare(["rules"], tmp_path, name=name)
    assert not list(tmp_path.iterdir())


def test_runs_on_other_data_are_not_paired(runs, tmp_path, no_drawings):
    """Guards against seeds that pair networks which never saw the same data."""
    found = compare([runs["credit"], runs["wide"]], tmp_path, **FAST)
    assert set(found.tables["differences"]["basis"]) == {"independent seeds"}
    assert found.tables["sources"]["source"].tolist() == ["small-credit", "small-credit-2"]


def test_a_run_beside_a_foreign_network(runs, tmp_path, no_drawings):
    """Guards against a file that has to have what runs have, and against likeness of neurons that do not correspond."""
    file = write_graph(planted_structure("block-diagonal", n=40, seed=1).graph, tmp_path / "worm.graphml")
    found = compare([runs["connectome"], file], tmp_path / "out", **FAST)
    differences = found.tables["differences"]
    assert set(differences["basis"]) == {"one network beside seeds"}
    assert set(differences["at"]) == {EVERY}
    assert "similarity" not in found.tables
    assert "accuracy" not in found.tables
    assert set(found.tables["scores"]["null"]) == {"shuffle_nonzero"}
    assert found.tables["sources"]["kind"].tolist() == ["connectome", "graph file"]
    page = found.report.read_text()
    assert "one network beside seeds" in page
    assert "worm" in page
    by_order = compare([runs["connectome"], file], tmp_path / "out", neurons="order", **FAST)
    between = by_order.tables["similarity"].query("group != other")
    assert between["other_seed"].notna().all()
    assert between["same_seed"].isna().all()


def test_neurons_of_files_correspond_by_name(tmp_path, no_drawings):
    """Guards against partitions compared by place where files name their neurons in another order."""
    g = planted_structure("block-diagonal", n=40, strength=6.0, seed=2).graph
    matrix, names = g.adjacency(), [f"neuron {i}" for i in range(40)]
    order = np.random.default_rng(0).permutation(40)
    files = [
        write_graph(WeightGraph.from_matrix(w, names=n), tmp_path / f"{place}.graphml")
        for place, (w, n) in enumerate([(matrix, names), (matrix[np.ix_(order, order)], [names[i] for i in order])])
    ]
    found = compare(files, tmp_path / "out", **FAST)
    ami = found.tables["similarity"].query("method == 'ami'")["same_seed"].astype(float)
    assert ami.tolist() == pytest.approx([1.0])
    by_place = compare(files, tmp_path / "out", neurons="order", **FAST)
    assert by_place.tables["similarity"].query("method == 'ami'")["same_seed"].astype(float).max() < 0.5
    assert "similarity" not in compare(files, tmp_path / "out", neurons="none", **FAST).tables


def test_untrained_weights_are_of_a_single_file(tmp_path):
    """Guards against the untrained weights of one network that are taken for another's."""
    files = [write_graph(WeightGraph.from_matrix(np.eye(4, k=k)), tmp_path / f"{k}.npz") for k in (1, 2)]
    with pytest.raises(OptionError, match=r"initial: .* a folder with a file of the same name for each, since 2"):
        compare(files, tmp_path, initial=str(files[0]))


def test_the_bundled_comparison_asks_for_five_rules_on_the_same_data():
    """Guards against a bundled comparison that compares something else."""
    found = read_comparison("rules")
    assert list(bundled_comparisons()) == ["rules"]
    rules = [study.layered.rule for study in found.studies.values()]
    assert rules == ["credit", "backprop", "feedback_alignment", "hebbian", "readout_only"]
    options = [study.to_dict() for study in found.studies.values()]
    for each in options:
        del each["name"], each["layered"]["rule"]
    assert all(one == other for one, other in itertools.pairwise(options))


def test_a_comparison_file_runs_its_variants(tmp_path, capsys, monkeypatch, bare, no_png_and_pdf):
    """Guards against a comparison file whose options are lost on the way to its studies."""
    monkeypatch.chdir(tmp_path)
    base = layered("credit").to_dict()
    base["layered"]["epochs"] = 1
    base["sweep"] |= {"seeds": [0], "learning_rates": [0.3]}
    del base["name"], base["question"]
    file = tmp_path / "width.yaml"
    variants = {"narrow": {"layered.hidden": [6]}, "wide": {"layered.hidden": [14]}}
    analysis = {"samples": 3, "restarts": 2}
    file.write_text(
        yaml.safe_dump(
            {"name": "width", "question": "<b>Wider?</b>", "base": base, "variants": variants} | {"analysis": analysis}
        )
    )
    # 5 is the default of the project, 2 the file's
    asked = ["--restarts=5", '--labels=narrow,"wide, 14"']
    assert main(["compare", str(file), "--name=wider", "--workers=1", *asked]) == 0
    out = capsys.readouterr().out
    assert "narrow" in out
    page = tmp_path / out.strip().splitlines()[-1]
    assert page.parts[-5] == "comparisons"
    assert page.parts[-4] == "wider"
    assert "--name=wider '--labels=narrow,\"wide, 14\"' --restarts=5</" in html.unescape(page.read_text())
    assert "&lt;b&gt;Wider?&lt;/b&gt;" in page.read_text()
    networks = pd.read_parquet(page.parent.parent / "networks.parquet")
    assert networks["neurons"].tolist() == [64 + 6 + 10, 64 + 14 + 10]
    assert pd.read_parquet(page.parent.parent / "scores.parquet")["samples"].unique().tolist() == [3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare"], "required: SOURCE"),
        (["compare", "ruls", "connectome"], "ruls: no such run directory, graph file or study; did you mean 'rules'?"),
        (["compare", "connectome"], "expected two or more to compare"),
        (["compare", "rules", "--neurons=names"], "neurons: got 'names', expected one of auto, order, none"),
        (["compare", "rules", "--labels=a,b"], "expected 5 different labels, one for each source"),
        (["compare", "rules", "--restart=3"], "did you mean '--restarts'?"),
        (["compare", "rules", "--samples=1"], "samples: got 1"),
    ],
)
def test_a_mistake_is_answered_in_one_line(capsys, arguments, message):
    """Guards against tracebacks, and against work that begins before a mistake is told."""
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_comparison_files_with_mistakes_are_refused(tmp_path):
    """Guards against an option of a comparison file that is passed over."""
    file = tmp_path / "c.yaml"
    for content, error, message in (
        ({"variants": {"a": {}, "b": {}}, "bases": {}}, OptionError, "did you mean 'base'"),
        ({"variants": {"a": {}}}, FileError, "got 1 variant,"),
        ({"base": {}, "variant": {"a": {}, "b": {}}}, OptionError, "got 'variant', .*did you mean 'variants'"),
        (
            {"variants": {"a": {"layered.rul": "hebbian"}, "b": {}}, "base": {"experiment": "layered"}},
            OptionError,
            "rul",
        ),
        ({"variants": {"a/b": {}, "b": {}}}, OptionError, "it names a folder"),
        ({"variants": {"a": 3, "b": {}}}, OptionError, "options by name"),
    ):
        file.write_text(yaml.safe_dump(content))
        with pytest.raises(error, match=message):
            compare([file], tmp_path)
    for name in "ab":
        write_graph(WeightGraph.from_matrix(np.eye(3)), tmp_path / f"{name}.npz")
    with pytest.raises(OptionError, match="labels: got 'ab', expected a list of 2 labels"):
        compare([tmp_path / "a.npz", tmp_path / "b.npz"], tmp_path, labels="ab")
    assert {path.name for path in tmp_path.iterdir()} == {"c.yaml", "a.npz", "b.npz"}
