import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import compare, expected_co_assignment, leiden, planted_structure, significance
from creditgraph.graphs import BACKBONES, FORMATS, NULL_MODELS, VIEWS, WeightGraph, write_graph
from creditgraph.guard import CreditgraphError, DataError, FileError, OptionError
from creditgraph.study import (
    AnalysisOptions,
    CommunitiesOptions,
    LayeredOptions,
    NullOptions,
    Study,
    SweepOptions,
    analyse,
    run,
)
from creditgraph.study.analyses import options as declared
from creditgraph.study.analyses import page, pipeline
from creditgraph.study.analyses.backbones import PARAMETERS
from creditgraph.study.analyses.course import course_of
from creditgraph.study.analyses.minimum import NO_FINDING, minimum_is_fixed
from creditgraph.study.analyses.networks import source_of
from creditgraph.study.analyses.notes import notes_of
from creditgraph.study.cli import main
from creditgraph.study.progress import Progress
from creditgraph.study.report_content import report_content
from creditgraph.study.store import RunDirectory
from creditgraph.study.sweeps import trained_graph

QUICK = {"samples": 9, "restarts": 2, "parts": ["stability"], "workers": 1}


@pytest.fixture(scope="module")
def planted():
    return planted_structure("block-diagonal", n=40, strength=5.0, seed=3)


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    study = Study.from_dict(
        {
            "name": "small",
            "experiment": "layered",
            "layered": {"hidden": [12], "epochs": 2},
            "sweep": {"learning_rates": [0.03, 0.1, 0.3], "seeds": 2, "matched_losses": [2.0], "snapshots": 3},
            "nulls": {"models": ["shuffle_block", "shuffled_labels"], "samples": 3},
            "communities": {"restarts": 2},
        }
    )
    return run(study, tmp_path_factory.mktemp("runs"), workers=1).path


@pytest.fixture
def no_page(monkeypatch):
    """Analyses without their page, which takes seconds."""
    monkeypatch.setattr(pipeline, "write_page_of", lambda source, tables, options, folder, command: folder.path)


def test_options_name_what_the_rooms_know():
    """Guards against a null model, view or format that the command refuses because its list is old."""
    assert set(declared.NULLS) == set(NULL_MODELS)
    assert set(declared.VIEWS) == set(VIEWS)
    assert set(declared.FORMATS) == {"auto", *FORMATS}
    assert set(PARAMETERS) == set(BACKBONES)


@pytest.mark.parametrize("suffix", ["graphml", "gexf", "csv", "npz", "xlsx"])
def test_the_planted_communities_are_found_in_a_file_of_every_format(planted, suffix, tmp_path, no_page):
    """Guards against a reader that loses weights or the order of neurons."""
    file = tmp_path / f"network.{suffix}"
    write_graph(planted.graph, file)
    found = analyse(file, tmp_path, **QUICK)
    neurons = found.tables["neurons"].sort_values("neuron")
    assert compare(neurons["community"].to_numpy(), planted.membership) == 1.0
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(found.path / f"{name}.parquet"), table)
        assert len(pd.read_csv(found.path / f"{name}.csv")) == len(table)


def test_scores_are_those_of_the_analysis_room(planted, tmp_path, no_page):
    """Guards against options that do not reach the search, or a null model under another's name."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, nulls=["strength"], seed=5, resolution=1.2, **QUICK)
    row = found.tables["scores"].set_index("direction").loc["maximise"]
    search = {"restarts": 2, "seed": 5, "resolution": 1.2}
    best = leiden(planted.graph, **search)
    test = significance(planted.graph, null="strength", samples=9, **search)
    assert row["quality"] == best.quality == test.observed
    assert row["z"] == test.z
    assert row["null"] == "strength"
    qualities = found.tables["nulls"].query("direction == 'maximise'")["quality"].to_numpy()
    np.testing.assert_array_equal(qualities, test.null)


def test_what_was_done_is_not_done_again_and_what_has_changed_is(planted, tmp_path, no_page):
    """Guards against lost work, and against results of a corrupt file."""
    file = tmp_path / "network.npz"
    write_graph(planted.graph, file)
    first = analyse(file, tmp_path, **QUICK)
    assert first.analysed == 1
    assert analyse(file, tmp_path, **QUICK).analysed == 0
    stored = first.path / "networks" / "network" / "scores.parquet"
    stored.write_bytes(b"nothing")
    again = analyse(file, tmp_path, **QUICK)
    assert again.analysed == 1
    pd.testing.assert_frame_equal(again.tables["scores"], first.tables["scores"])


@pytest.mark.slow
def test_a_run_gets_every_table_whatever_the_number_of_workers(finished_run, tmp_path):
    """Guards against tables that are left out, or that hang on the order in which workers finish."""
    options = {"samples": 4, "restarts": 2, "parts": ["stability", "function", "trajectory"]}
    one = analyse(finished_run, tmp_path / "one", workers=1, **options)
    two = analyse(finished_run, tmp_path / "two", workers=2, **options)
    expected = {
        *("scores", "nulls", "neurons", "communities", "blocks", "composition", "networks", "effects", "contrasts"),
        *("trends", "similarity", "seed_agreement", "memberships", "matched", "matched_answers", "matched_reached"),
        *("restart_agreement", "consensus", "neuron_agreement", "trend_power", "slices"),
        *(
            "power",
            "lesions",
            "selectivity",
            "neuron_selectivity",
            "class_composition",
            "course",
            "events",
            "lifetimes",
            "trajectories",
            "trajectory_trends",
            "at_matched_loss",
        ),
    }
    assert set(one.tables) == expected
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two.tables[name])
    assert one.tables["networks"]["network"].tolist() == [
        f"r{rate!r}_s{seed}" for rate in (0.03, 0.1, 0.3) for seed in (0, 1)
    ]
    # the run has trained three networks on shuffled labels at each learning rate, and no more can be drawn
    assert one.tables["scores"].groupby("null")["samples"].first().to_dict() == {
        "shuffle_block": 4,
        "shuffled_labels": 3,
    }
    # every seed has its neurons at each learning rate once, under aligned labels
    memberships = one.tables["memberships"]
    assert not memberships.duplicated(["seed", "learning_rate", "neuron"]).any()
    # and the last snapshot of training has those of the trained network
    course = one.tables["course"]
    last = course[course["step"] == course["step"].max()].merge(memberships, on=["network", "neuron"])
    assert len(last) == len(memberships)
    assert (last["community_x"] == last["community_y"]).all()
    assert len(one.tables["similarity"]) == 15
    assert not one.tables["similarity"][["ami", "nmi", "ari", "vi", "element_centric"]].isna().any(axis=None)
    # by the tests of trend of two null models
    assert one.tables["trends"]["note"].tolist() == ["", ""]
    assert one.tables["trend_power"].groupby("null").size().tolist() == [13, 13]
    page = one.report.read_text(encoding="utf-8")
    for section in ("communities", "structure", "function", "trajectory", "statistics"):
        assert f'id="{section}"' in page


@pytest.mark.slow
def test_a_run_scored_by_another_objective_is_answered_by_it(finished_run, tmp_path):
    """Guards against a page that says there is no answer where there is one."""
    found = analyse(finished_run, tmp_path, objectives=["layered"], nulls=["shuffle_block"], **QUICK)
    assert set(found.tables["effects"]["objective"]) == {"layered"}
    text = found.report.read_text(encoding="utf-8")
    assert "there is no answer" not in text
    assert "Q on this page is the objective layered" in text
    assert 'id="communities"' in text
    assert 'id="scores"' in text


@pytest.mark.slow
def test_an_analysis_that_was_stopped_goes_on_with_the_networks_that_are_missing(
    finished_run, tmp_path, no_page, monkeypatch
):
    """Guards against work that is lost, or results that differ, after Ctrl-C."""
    whole = analyse(finished_run, tmp_path / "whole", **QUICK)
    original, begun = pipeline.analyse_network, []

    def stopped(task):
        begun.append(task)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return original(task)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "analyse_network", stopped)
        with pytest.raises(KeyboardInterrupt):
            analyse(finished_run, tmp_path / "stopped", **QUICK)
    again = analyse(finished_run, tmp_path / "stopped", **QUICK)
    assert again.analysed == 4
    for name, table in whole.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


@pytest.mark.parametrize("weights", ["change", "absolute_change"])
def test_the_change_of_a_run_is_that_from_the_weights_it_began_with(finished_run, weights):
    """Guards against a view that no run can have, or untrained weights of another network."""
    found = source_of(finished_run, AnalysisOptions(), print)
    network = found.networks[-1]
    graph = network.load(AnalysisOptions(weights=weights))
    begun = next(each for each in network.run.snapshots(network.cell) if each.kind == "step" and each.step == 0)
    before = trained_graph(network.study, dict(begun.weights)).adjacency()
    change = graph.adjacency() - before
    expected = np.abs(change) if weights == "absolute_change" else change
    np.testing.assert_array_equal(graph.view(weights).adjacency(), expected)


@pytest.mark.slow
def test_a_run_is_analysed_by_what_training_changed(finished_run, tmp_path, no_page):
    """Guards against snapshots without the untrained weights that the view needs."""
    options = {"samples": 3, "restarts": 2, "parts": ["trajectory"], "nulls": ["shuffle_block"], "workers": 1}
    found = analyse(finished_run, tmp_path, weights="absolute_change", **options)
    assert set(found.tables["scores"]["weights"]) == {"absolute_change"}
    assert len(found.tables["at_matched_loss"])
    signed = analyse(finished_run, tmp_path, weights="change", **options)
    assert set(signed.tables["scores"]["objective"]) == {"signed"}


def test_minimal_q_of_layers_is_not_sought_unasked_and_no_finding_if_asked(finished_run, tmp_path, no_page):
    """Guards against a finding that is -1/2 by construction, and against leaving it out without a word."""
    told = []

    class Told(Progress):
        def warn(self, message):
            told.append(message)

    options = {**QUICK, "samples": 3, "nulls": ["shuffle_block"], "progress": Told()}
    layers = [np.random.default_rng(0).random(shape) for shape in ((9, 12), (6, 9), (4, 6))]
    file = write_graph(WeightGraph.from_layers(layers), tmp_path / "layers.npz")
    found = analyse(file, tmp_path, **options)
    assert set(found.tables["scores"]["direction"]) == {"maximise"}
    assert "Minimal Q was not sought" in told.pop()
    asked = analyse(file, tmp_path, directions=["minimise"], **options)
    minimal = asked.tables["scores"].query("direction == 'minimise' and objective == 'modularity'")
    np.testing.assert_allclose(minimal["quality"], -0.5, atol=1e-12)
    np.testing.assert_allclose(minimal["null_mean"], -0.5, atol=1e-12)
    assert "Minimal Q is no finding" in told.pop()
    # the run asks for both directions by default, and its own report says what to think of that
    assert NO_FINDING in report_content(RunDirectory.existing(finished_run)).notes
    assert source_of(finished_run, AnalysisOptions(), print).networks[0].directions(AnalysisOptions()) == ("maximise",)


@pytest.mark.parametrize(
    ("pairs", "directed", "fixed"),
    [
        ([(0, 1), (1, 2)], False, True),
        ([(0, 1), (1, 2)], True, False),
        ([(0, 1), (1, 2), (0, 3)], False, True),
        # a skip over an even number of layers, and synapses within a layer
        ([(0, 1), (1, 2), (0, 2)], False, False),
        ([(0, 1), (1, 1)], False, False),
    ],
)
def test_layers_that_fix_minimal_q(pairs, directed, fixed):
    """Guards against leaving out a score that could differ, as that of networks with skips can."""
    neurons = np.arange(8)
    layers = neurons // 2
    matrix = np.zeros((8, 8))
    for before, after in pairs:
        matrix[np.ix_(layers == after, layers == before)] = 1.0
    np.fill_diagonal(matrix, 0.0)
    g = replace(WeightGraph.from_matrix(matrix), layers=layers)
    assert minimum_is_fixed(g, directed=directed) is fixed
    if not directed:
        assert (leiden(g, direction="minimise", restarts=8).quality == pytest.approx(-0.5, abs=1e-9)) is fixed


@pytest.mark.slow
def test_a_course_follows_the_objective(finished_run, tmp_path, no_page):
    """Guards against snapshots that are searched for another score than the trained network, without a word."""
    source = source_of(finished_run, AnalysisOptions(), print)
    options = AnalysisOptions(objectives=["layered"], restarts=2)
    network = source.networks[0]
    course = course_of(network, options, 0)["course"]
    last = course[course["step"] == course["step"].max()]["community"].to_numpy()
    best = leiden(network.load(options), objective="layered", restarts=2, seed=0)
    assert compare(last, best.membership) == 1.0
    assert compare(last, leiden(network.load(options), restarts=2, seed=0).membership) < 1.0
    said = " ".join(notes_of(source, options))
    assert "Multislice communities are those of plain undirected modularity" in said
    assert "not compared at matched loss" in said
    assert "Multislice" not in " ".join(notes_of(source, AnalysisOptions()))


def test_resolutions_are_held_against_a_null_model(planted, tmp_path, no_page):
    """Guards against plateaus that nothing tells from those of random networks."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, "samples": 3, "parts": ["resolution"]})
    resolution, plateaus = found.tables["resolution"], found.tables["plateaus"]
    assert set(resolution["null"]) == {"shuffle_nonzero"}
    assert set(resolution["samples"]) == {3}
    assert (resolution["null_communities_low"] <= resolution["null_communities_high"]).all()
    # planted communities stay over a wider range than any of shuffled weights
    assert plateaus["p_value"].iloc[0] == 1 / 4
    assert plateaus["communities"].iloc[0] == 3


def test_consensus_says_its_threshold(planted, tmp_path, no_page):
    """Guards against a consensus of which nobody knows what counted as together."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **QUICK)
    partitions = leiden(planted.graph, restarts=2, seed=0).memberships
    assert found.tables["consensus"]["threshold"].tolist() == [expected_co_assignment(partitions)]
    measured = found.tables["restart_agreement"].set_index("direction").loc["maximise"]
    for method in ("ami", "nmi", "ari", "vi", "element_centric"):
        assert measured[method] == pytest.approx(compare(*partitions, method=method), abs=1e-12)


def test_notes_tell_short_null_models_and_what_was_not_measured():
    """Guards against results that are missing without a word."""
    scores = pd.DataFrame(
        {
            "objective": ["signed", "signed", "cpm"],
            "null": ["strength", "shuffled_labels", "strength"],
            "samples": [20, 3, 20],
        }
    )
    lost = pd.DataFrame({"network": ["a"], "part": ["function"], "reason": ["it does not settle"]})
    tables = {"scores": scores, "networks": pd.DataFrame({"network": ["a", "b"]}), "unmeasured": lost}
    notes = " ".join(page._notes(tables, "signed"))
    assert "Q on this page is the objective signed" in notes
    assert "objective cpm are in the tables" in notes
    assert "shuffled_labels has 3 samples" in notes
    assert "1 of 2 networks: it does not settle" in notes


def test_an_unfinished_run_is_refused_in_one_line(finished_run, tmp_path):
    """Guards against findings from half of a sweep."""
    copy = shutil.copytree(finished_run, tmp_path / finished_run.parent.name / finished_run.name)
    next(copy.glob("cells/*/TRAINED")).unlink()
    with pytest.raises(FileError, match="5 of 6 networks are trained; finish the run first"):
        analyse(copy, tmp_path, **QUICK)


@pytest.mark.parametrize(
    ("matrix", "options", "nulls"),
    [
        ([[0, 1.0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], {}, {"shuffle_nonzero"}),
        (np.ones((6, 6)), {"parts": ["structure"]}, {"shuffle_nonzero"}),
        ([[0, 1.0], [-2.0, 0]], {"weights": "signed"}, {"shuffle_nonzero", "sign_shuffle"}),
    ],
)
def test_null_models_that_can_change_nothing_are_not_chosen(matrix, options, nulls, tmp_path, no_page):
    """Guards against a command that fails by its own defaults on a small or complete graph."""
    write_graph(WeightGraph.from_matrix(matrix), tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, **options})
    assert set(found.tables["scores"]["null"]) == nulls


def test_signed_weights_are_scored_by_the_signed_objective(tmp_path, no_page):
    """Guards against defaults that do not go together."""
    generator = np.random.default_rng(2)
    g = WeightGraph.from_matrix(generator.normal(size=(20, 20)) * (generator.random((20, 20)) < 0.4))
    write_graph(g, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, weights="signed", **QUICK)
    assert set(found.tables["scores"]["objective"]) == {"signed"}
    best = leiden(g, objective="signed", weights="signed", restarts=2, seed=0)
    assert found.tables["scores"]["quality"].iloc[0] == best.quality


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"nulls": ["initial"]}, DataError, "the null model initial needs a run"),
        ({"objectives": ["layered"]}, DataError, "layers: the objective layered needs them"),
        ({"weights": "change"}, DataError, "untrained weights"),
        ({"restart": 3}, OptionError, "did you mean 'restarts'"),
        ({"parts": ["sructure"]}, OptionError, "did you mean 'structure'"),
        ({"samples": 1}, OptionError, "samples: got 1"),
        ({"options": 3}, OptionError, "AnalysisOptions"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(planted, tmp_path, options, error, message):
    """Guards against a library's traceback for an option that does not fit."""
    write_graph(planted.graph, tmp_path / "network.npz")
    with pytest.raises(error, match=message) as raised:
        analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, **options})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("given", [5, None])
def test_a_source_that_is_no_path_is_told(given):
    with pytest.raises(OptionError, match="source"):
        analyse(given)


def test_a_file_of_a_hostile_name_and_with_synapses_merged_says_so_and_stays_in_its_folder(tmp_path):
    """Guards against a name that leaves the folder or runs as HTML, and against silent merging."""
    file = tmp_path / "..<script>alert(1)<script>.csv"
    file.write_text(
        "pre,post,weight\n" + "".join(f"{i},{(i + 1) % 6},1\n{i},{(i + 2) % 6},2\n" for i in range(6)) + "0,1,5\n"
    )
    with pytest.raises(CreditgraphError, match="parallel to another"):
        analyse(file, tmp_path / "out", **QUICK)
    found = analyse(file, tmp_path / "out", duplicates="sum", **QUICK)
    assert found.path.parent.parent == tmp_path / "out"
    page = found.report.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "sum" in page


def test_an_unweighted_graph_is_held_against_rewired_ones(tmp_path, no_page):
    """Guards against shuffling equal weights, which is the network itself."""
    generator = np.random.default_rng(1)
    g = WeightGraph.from_matrix((generator.random((30, 30)) < 0.2).astype(float))
    write_graph(g, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, "parts": ["structure"]})
    assert set(found.tables["scores"]["null"]) == {"rewire"}
    assert set(found.tables["structure"]["null"]) == {"rewire"}


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        (np.zeros((5, 5)), {}, "network: the graph has no synapse"),
        (-np.ones((5, 5)), {"weights": "positive"}, "network: the graph has no positive synapse"),
        (np.eye(5, k=1), {"nulls": ["initial"]}, "network: the null model initial needs a run"),
        (np.eye(5, k=1), {"objectives": ["layered"]}, "layer"),
    ],
)
def test_a_mistake_leaves_no_folder(tmp_path, weights, options, message):
    """Guards against folders of analyses that were never begun; one that was there stays."""
    file = write_graph(WeightGraph.from_matrix(weights), tmp_path / "network.graphml")
    for out in (tmp_path / "out", tmp_path):
        with pytest.raises(CreditgraphError, match=message):
            analyse(file, out, **QUICK, **options)
        assert [path.name for path in tmp_path.iterdir()] == ["network.graphml"]


def test_another_table_of_neurons_is_another_input(tmp_path):
    """Guards against the results of a table of neurons that has been edited since."""
    (tmp_path / "edges.csv").write_text("pre,post,weight\na,b,1\nb,c,2\nc,a,3\n")
    table, checksums = tmp_path / "marks.csv", set()
    options = AnalysisOptions(neuron_table=str(table))
    for layer in ("0", "1"):
        table.write_text(f"neuron,layer\na,0\nb,{layer}\nc,1\n")
        checksums.add(source_of(tmp_path / "edges.csv", options, print).checksum)
    assert len(checksums) == 2


def test_the_command_prints_scores_and_the_path(planted, tmp_path, capsys):
    """Guards against a command that fails although everything worked, or the other way round."""
    write_graph(planted.graph, tmp_path / "network.npz")
    arguments = ["analyse", str(tmp_path / "network.npz"), "--out", str(tmp_path), "--samples=9", "--restarts=2"]
    assert main([*arguments, "--parts=stability", "--workers=1"]) == 0
    printed = capsys.readouterr().out
    assert "shuffle_nonzero" in printed
    assert "index.html" in printed.splitlines()[-1]
    assert main(["analyse", str(tmp_path / "missing.npz")]) == 2
    assert main([*arguments, "--restart=3"]) == 2
    assert "did you mean '--restarts'" in capsys.readouterr().err


def test_options_and_input_are_stored_beside_the_results(planted, tmp_path, no_page):
    """Guards against a result that nobody can repeat."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, options=AnalysisOptions(seed=7), **QUICK)
    text = (found.path / "analysis.yaml").read_text()
    assert "seed: 7" in text
    assert "checksum: " in text
    assert json.loads((found.path / "environment.json").read_text())["versions"]["igraph"]


def test_layers_of_other_scales_are_no_structure(tmp_path):
    """Guards against a verdict that is only that an output layer has larger weights than the layers before it."""
    random = np.random.default_rng(5)
    layers = [random.normal(size=(16, 20)), 8.0 * random.normal(size=(8, 16))]
    file = write_graph(WeightGraph.from_layers(layers), tmp_path / "layers.npz")
    found = analyse(file, tmp_path, **{**QUICK, "parts": ["structure"]})
    assert set(found.tables["structure"]["null"]) == {"shuffle_block"}
    assert found.tables["networks"]["verdict"].tolist() == ["none"]


def test_a_table_of_edges_of_any_columns_is_read_from_the_command(tmp_path, capsys):
    """Guards against files whose remedy the command names but does not know."""
    random = np.random.default_rng(0)
    rows = [(i, j) for i in range(20) for j in range(20) if i != j and random.random() < 0.4]
    table = pd.DataFrame(rows, columns=["a", "b"]).assign(strength=random.random(len(rows)))
    table.loc[3, "strength"] = np.nan
    table.to_csv(tmp_path / "edges.csv", index=False)
    arguments = [
        *(
            "analyse",
            str(tmp_path / "edges.csv"),
            "--out",
            str(tmp_path / "out"),
            "--format=edges",
            "--parts=stability",
        ),
        *("--samples=2", "--restarts=2", "--workers=1", "--pre_column=a", "--post_column=b", "--weight=strength"),
    ]
    assert main(arguments) == 2
    assert "say --missing_weights=drop to leave them out" in capsys.readouterr().err
    assert main([each for each in arguments if "column" not in each]) == 2
    assert "pre_column: got columns a, b, strength, none called pre, source, from" in (err := capsys.readouterr().err)
    assert "say --pre_column= the column's name" in err
    assert main([*arguments, "--missing_weights=drop"]) == 0
    page = capsys.readouterr().out.strip().splitlines()[-1]
    networks = pd.read_csv(Path(page).parent.parent / "networks.csv")
    assert networks["synapses"].tolist() == [len(rows) - 1]
    assert main([*arguments, "--missing_weights=drob"]) == 2
    assert "missing_weights: got 'drob', expected one of refuse, drop" in capsys.readouterr().err


def test_a_run_with_matched_losses_can_be_analysed_in_one_direction(tmp_path, no_page):
    """Guards against hours of work that end in tables which do not fit together."""
    study = Study(
        name="matched",
        experiment="layered",
        layered=LayeredOptions(hidden=[8], epochs=3),
        sweep=SweepOptions(learning_rates=[0.1, 0.5], seeds=2, snapshots=0, matched_losses=[2.2]),
        communities=CommunitiesOptions(directions=["maximise"], restarts=1),
        nulls=NullOptions(models=["shuffle_block"], samples=2),
    )
    path = run(study, tmp_path / "runs", workers=1).path
    found = analyse(path, tmp_path, **{**QUICK, "parts": ["trajectory"]})
    assert set(found.tables["matched"]["direction"]) == {"maximise"}
