"""Analyses of runs."""

import shutil

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import compare, leiden
from creditgraph.graphs import WeightGraph, write_graph
from creditgraph.guard import FileError, OptionError
from creditgraph.study import (
    AnalysisOptions,
    CommunitiesOptions,
    LayeredOptions,
    NullOptions,
    Study,
    SweepOptions,
    analyse,
)
from creditgraph.study.analyses import pipeline
from creditgraph.study.analyses.course import course_of
from creditgraph.study.analyses.notes import notes_of
from creditgraph.study.analyses.page import content_of_run
from creditgraph.study.analyses.refusals import refuse_impossible
from creditgraph.study.analyses.sources import source_of
from creditgraph.study.progress import Progress
from creditgraph.study.report_content import report_content
from creditgraph.study.store import RunDirectory
from creditgraph.study.sweeps import trained_graph

QUICK = {"samples": 9, "restarts": 2, "parts": ["stability"], "workers": 1}


@pytest.fixture(scope="module")
def finished_run(bare_run, tmp_path_factory):
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
    return bare_run(study, tmp_path_factory.mktemp("runs"))


@pytest.mark.slow
def test_a_run_gets_every_table_whatever_the_number_of_workers(finished_run, tmp_path, request):
    """Guards against tables that are left out, or that hang on the order in which workers finish."""
    options = {"samples": 4, "restarts": 2, "parts": ["stability", "function", "trajectory"]}
    one = analyse(finished_run, tmp_path / "one", workers=1, **options)
    request.getfixturevalue("no_page")
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
def test_a_run_scored_by_another_objective_is_answered_by_it(finished_run, tmp_path, no_drawings):
    """Guards against a page that says there is no answer where there is one."""
    found = analyse(finished_run, tmp_path, objectives=["layered"], nulls=["shuffle_block"], **QUICK)
    assert set(found.tables["effects"]["objective"]) == {"layered"}
    text = found.report.read_text(encoding="utf-8")
    assert "there is no answer" not in text
    assert "Q on this page is layered modularity" in text
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


def test_files_beside_a_run_are_refused(finished_run, tmp_path):
    """Guards against options that do nothing without a word."""
    for option in ("initial", "neuron_table"):
        with pytest.raises(OptionError, match=f"{option}: .* nothing for a run, which has its own"):
            analyse(finished_run, tmp_path, **{option: "none.npz"})


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
    assert "Minimal Q was not sought" in " ".join(told)
    asked = analyse(file, tmp_path, directions=["minimise"], **options)
    minimal = asked.tables["scores"].query("direction == 'minimise' and objective == 'modularity'")
    np.testing.assert_allclose(minimal["quality"], -0.5, atol=1e-12)
    np.testing.assert_allclose(minimal["null_mean"], -0.5, atol=1e-12)
    assert "Minimal Q is no finding" in " ".join(told)
    # a run leaves it out by itself
    assert set(report_content(RunDirectory.existing(finished_run)).effects["direction"]) == {"maximise"}
    assert source_of(finished_run, AnalysisOptions(), print).networks[0].directions(AnalysisOptions()) == ("maximise",)


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


def test_an_unfinished_run_is_refused_in_one_line(finished_run, tmp_path):
    """Guards against findings from half of a sweep."""
    copy = shutil.copytree(finished_run, tmp_path / finished_run.parent.name / finished_run.name)
    next(copy.glob("cells/*/TRAINED")).unlink()
    with pytest.raises(FileError, match="5 of 6 networks are trained; finish the run first"):
        analyse(copy, tmp_path, **QUICK)


def test_a_run_with_matched_losses_can_be_analysed_in_one_direction(bare_run, tmp_path, no_page):
    """Guards against hours of work that end in tables which do not fit together."""
    study = Study(
        name="matched",
        experiment="layered",
        layered=LayeredOptions(hidden=[8], epochs=3),
        sweep=SweepOptions(learning_rates=[0.1, 0.5], seeds=2, snapshots=0, matched_losses=[2.2]),
        communities=CommunitiesOptions(directions=["maximise"], restarts=1),
        nulls=NullOptions(models=["shuffle_block"], samples=2),
    )
    path = bare_run(study, tmp_path / "runs")
    found = analyse(path, tmp_path, **{**QUICK, "parts": ["trajectory"]})
    assert set(found.tables["matched"]["direction"]) == {"maximise"}


def test_what_a_study_asked_and_an_analysis_does_not_look_at_is_told(finished_run, tmp_path, no_page):
    """Guards against a page that shows fewer tests than the run, each with a smaller q, without a word."""
    missing = "The study also asked for weights trained on shuffled labels: what was found there is in the tables"
    for nulls, told in ((["shuffle_block"], True), (["shuffle_block", "shuffled_labels"], False)):
        options = AnalysisOptions(nulls=nulls, samples=2, restarts=2, parts=["stability"])
        found = analyse(finished_run, tmp_path, options=options, workers=1)
        content = content_of_run(source_of(finished_run, options, print), found.tables, options, "")
        assert any(note.startswith(missing) for note in content.notes) is told


def test_changes_are_not_held_against_untrained_weights(bare_run, tmp_path):
    """Guards against a null model that nobody named being refused, and against one that has no changes."""
    study = Study.from_dict(
        {
            "name": "changes",
            "experiment": "layered",
            "layered": {"task": "parity", "task_options": {"bits": 5}, "hidden": [6], "epochs": 1, "batch_size": 8},
            "sweep": {"learning_rates": [0.1], "seeds": 1, "snapshots": 0},
            "nulls": {"models": ["initial"], "samples": 2},
            "communities": {"restarts": 1},
        }
    )
    path = bare_run(study, tmp_path)
    for options, nulls in ((AnalysisOptions(), ("initial",)), (AnalysisOptions(weights="change"), ("shuffle_block",))):
        source = source_of(path, options, print)
        assert source.networks[0].nulls(options, "modularity") == nulls
        refuse_impossible(source, options)
    asked = AnalysisOptions(weights="change", nulls=["initial"])
    with pytest.raises(OptionError, match="nulls: got 'initial', expected another null model for changes"):
        refuse_impossible(source_of(path, asked, print), asked)
