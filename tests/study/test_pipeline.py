import dataclasses
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import leiden, modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, FileError, OptionError
from creditgraph.study import (
    CommunitiesOptions,
    ConnectomeOptions,
    NullOptions,
    RecurrentOptions,
    Study,
    SweepOptions,
    run,
)
from creditgraph.study import communities as study_communities
from creditgraph.study import sweeps as study_sweeps
from creditgraph.study import training as study_training
from creditgraph.study.pipeline import render
from creditgraph.study.progress import Progress
from creditgraph.study.store import ANALYSED, TRAINED, RunDirectory, cells_of, shuffled_cells_of
from creditgraph.train import LayeredSweep

TABLES = ("members", "training", "communities", "nulls", "effects", "trends")


@pytest.fixture(scope="module")
def finished(small_connectome, tmp_path_factory):
    """A finished run of the small study, on one worker; tests only read it."""
    return run(small_connectome, tmp_path_factory.mktemp("runs"), workers=1)


def tables(path):
    directory = RunDirectory(path)
    return {name: directory.read_table(name) for name in TABLES}


def contents(path):
    return {file.relative_to(path): file.read_bytes() for file in Path(path).rglob("*") if file.is_file()}


class Text(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data):
        self.text += data


def test_the_pipeline_ends_in_a_report_with_every_cell_scored(finished, small_connectome):
    """Guards against a pipeline that loses a member, a direction or a null model on the way."""
    assert (finished.trained, finished.analysed) == (6, 6)
    assert len(finished.communities) == 6 * 2 * 2
    assert len(finished.effects) == 3 * 2 * 2
    assert len(finished.trends) == 2 * 2
    directory = RunDirectory(finished.path)
    assert len(directory.read_table("nulls")) == 6 * 2 * 2 * 3
    for cell in cells_of(small_connectome):
        assert directory.state(cell, TRAINED) == directory.state(cell, ANALYSED) == "done"
    page = Text(finished.report.read_text(encoding="utf-8")).text
    assert small_connectome.question in page


def test_a_stored_score_is_that_of_the_stored_partition_on_the_stored_weights(finished, small_connectome):
    """Guards against tables, partitions and weights that belong to different networks."""
    directory = RunDirectory(finished.path)
    for cell in cells_of(small_connectome):
        graph = WeightGraph.from_matrix(directory.weights(cell)["weights"])
        mine = finished.communities[
            (finished.communities["learning_rate"] == cell.learning_rate) & (finished.communities["seed"] == cell.seed)
        ]
        for direction in ("maximise", "minimise"):
            expected = modularity(graph, directory.partitions(cell)[f"absolute_{direction}"], weights="absolute")
            found = mine.loc[mine["direction"] == direction, "quality"]
            np.testing.assert_allclose(found, expected, atol=1e-12)


def test_p_values_are_those_of_the_stored_null_samples(finished):
    """Guards against p-values that no reader can compute from the tables."""
    nulls = RunDirectory(finished.path).read_table("nulls")
    keys = ["learning_rate", "seed", "weights", "direction", "null"]
    for row in finished.communities.to_dict("records"):
        sample = nulls
        for key in keys:
            sample = sample[sample[key] == row[key]]
        beyond = (
            sample["quality"] >= row["quality"]
            if row["direction"] == "maximise"
            else sample["quality"] <= row["quality"]
        )
        assert row["p_value"] == pytest.approx((1 + beyond.sum()) / (1 + len(sample)))


def test_a_second_call_does_nothing_twice(finished, small_connectome):
    """Guards against work that is done again although its result is there."""
    cells = finished.path / "cells"
    before = {file: file.stat().st_mtime_ns for file in cells.rglob("*") if file.is_file()}
    again = run(small_connectome, finished.path.parent.parent, workers=1)
    assert (again.trained, again.analysed) == (0, 0)
    assert {file: file.stat().st_mtime_ns for file in cells.rglob("*") if file.is_file()} == before
    assert again.path == finished.path
    assert again.answer == finished.answer
    pd.testing.assert_frame_equal(again.communities, finished.communities)


@pytest.mark.usefixtures("bare")
def test_the_same_study_gives_the_same_numbers_on_any_number_of_workers(finished, small_connectome, tmp_path):
    """Guards against results that depend on the machine's cores."""
    other = run(small_connectome, tmp_path, workers=2)
    for name, table in tables(finished.path).items():
        pd.testing.assert_frame_equal(tables(other.path)[name], table)
    one, two = contents(finished.path / "cells"), contents(other.path / "cells")
    weights = [name for name in one if name.name == "weights.safetensors"]
    assert len(weights) == 6
    assert all(one[name] == two[name] for name in weights)


@pytest.mark.parametrize(
    ("module", "function", "calls"),
    [
        (study_training, "weights_of", 1),
        (study_training, "weights_of", 4),
        (study_communities, "trained_graph", 1),
        (study_communities, "trained_graph", 5),
    ],
)
@pytest.mark.usefixtures("bare")
def test_an_interrupted_run_goes_on_to_the_same_result(
    finished, small_connectome, tmp_path, monkeypatch, module, function, calls
):
    """Guards against a Ctrl-C that costs the work done, or changes the result."""
    real, left = getattr(module, function), [calls]

    def interrupted(*arguments):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(module, function, interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(small_connectome, tmp_path, workers=1)
    resumed = run(small_connectome, tmp_path, workers=1)
    assert resumed.trained + resumed.analysed == 12 - calls + (1 if module is study_training else -5)
    for name, table in tables(finished.path).items():
        pd.testing.assert_frame_equal(tables(resumed.path)[name], table)


@pytest.mark.usefixtures("bare")
def test_a_corrupt_cell_is_done_again_with_a_warning(finished, small_connectome, tmp_path):
    """Guards against a bad file being used, or bringing the run down."""
    first = run(small_connectome, tmp_path, workers=1)
    cell = cells_of(small_connectome)[3]
    path = RunDirectory(first.path).folder(cell) / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    warned = []

    class Warned(Progress):
        def warn(self, message):
            warned.append(message)

    again = run(small_connectome, tmp_path, workers=1, progress=Warned())
    assert (again.trained, again.analysed) == (1, 1)
    few, corrupt = warned
    assert "no q can be below" in few
    assert cell.name in corrupt
    pd.testing.assert_frame_equal(again.communities, finished.communities)


@pytest.mark.usefixtures("bare")
def test_a_table_that_was_lost_is_put_together_again(small_connectome, tmp_path):
    """Guards against a run that cannot be mended once a table is gone."""
    first = run(small_connectome, tmp_path, workers=1)
    (first.path / "effects.parquet").unlink()
    (first.path / "members.parquet").write_bytes(b"garbage")
    again = run(small_connectome, tmp_path, workers=1)
    assert (again.trained, again.analysed) == (0, 0)
    pd.testing.assert_frame_equal(again.effects, first.effects)


@pytest.mark.usefixtures("bare")
def test_a_run_that_goes_on_with_other_code_says_so(small_connectome, tmp_path):
    """Guards against results of two versions in one table, under the name of the first."""
    first = run(small_connectome, tmp_path, workers=1)
    directory = RunDirectory(first.path)
    directory.write_json("environment.json", {**directory.read_json("environment.json"), "commit": "another"})
    for file in directory.folder(cells_of(small_connectome)[0]).iterdir():
        file.unlink()
    run(small_connectome, tmp_path, workers=1)
    environment = directory.read_json("environment.json")
    assert environment["commit"] == "another"
    assert len(environment["resumed"]) == 1
    text = (first.path / "study.yaml").read_text()
    (first.path / "study.yaml").write_text(text.replace("n: 24", "n: 25"))
    with pytest.raises(FileError, match="not that of the results"):
        RunDirectory.existing(first.path)


def test_members_that_diverge_are_left_out_and_said_so(small_connectome, tmp_path):
    """Guards against one wild learning rate bringing down a study, or passing for a result."""
    study = dataclasses.replace(
        small_connectome,
        name="wild",
        connectome=ConnectomeOptions(n=24, pruning=[0.0], iterations=40, activation="linear", clamped_fraction=0.5),
        sweep=dataclasses.replace(small_connectome.sweep, learning_rates=[0.01, 0.02, 50.0]),
    )
    result = run(study, tmp_path, workers=1)
    members = RunDirectory(result.path).read_table("members")
    assert set(members.loc[members["learning_rate"] == 50.0, "status"]) == {"diverged"}
    assert set(result.communities["learning_rate"]) == {0.01, 0.02}
    assert np.isfinite(result.communities["quality"]).all()
    assert "2 of 6 networks (learning rates 50) diverged" in Text(result.report.read_text(encoding="utf-8")).text


@pytest.mark.usefixtures("bare")
def test_a_study_in_which_all_diverge_is_one_clear_line(small_connectome, tmp_path):
    """Guards against a traceback where there is nothing to analyse."""
    study = dataclasses.replace(
        small_connectome,
        name="wilder",
        connectome=ConnectomeOptions(n=24, pruning=[0.0], iterations=40, activation="linear", clamped_fraction=0.5),
        sweep=dataclasses.replace(small_connectome.sweep, learning_rates=[50.0]),
    )
    with pytest.raises(DataError, match=r"all 2 networks diverged.*; lower sweep\.learning_rates"):
        run(study, tmp_path, workers=1)


def test_free_neurons_are_those_whose_credit_is_not_clamped(small_connectome):
    """Guards against a graph that still holds the neurons which the experimenter drives, or the wrong ones."""
    study = dataclasses.replace(small_connectome, communities=CommunitiesOptions(neurons="free"))
    weights = np.arange(1.0, 24 * 24 + 1).reshape(24, 24)
    graph = study_sweeps.trained_graph(study, {"weights": weights})
    np.testing.assert_array_equal(graph.adjacency(), weights[2:, 2:])
    assert set(graph.roles) == {"free"}
    assert study_sweeps.initial_graph(study, 0).n == 22
    everyone = study_sweeps.trained_graph(small_connectome, {"weights": weights})
    assert (everyone.n, list(everyone.roles).count("clamped")) == (24, 2)


@pytest.mark.usefixtures("bare")
def test_a_layered_study_goes_through_the_same_pipeline(small_layered, tmp_path):
    """Guards against a pipeline that only knows algorithm 1."""
    result = run(small_layered, tmp_path, workers=1)
    assert len(result.communities) == 6 * 2 * 2 * 2
    assert "pruning" not in result.communities
    training = RunDirectory(result.path).read_table("training")
    assert set(training["epoch"]) == {0, 1, 2}
    assert training["test_accuracy"].between(0, 1).all()
    assert training[["ei_imbalance", "mean_balance", "credit_norm"]].notna().all(axis=None)
    assert "validation_loss" not in training


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("mask", ["all_to_all", "random"])
def test_a_recurrent_study_goes_through_the_same_pipeline(tmp_path, mask):
    """Guards against weights of the wrong neurons, and untrained networks on another mask."""
    study = Study(
        name="small-recurrent",
        experiment="recurrent",
        recurrent=RecurrentOptions(
            task="parity",
            task_options={"bits": 6},
            validation_fraction=0.2,
            hidden=8,
            mask=mask,
            epochs=2,
            batch_size=8,
        ),
        sweep=SweepOptions(learning_rates=[0.01, 0.1], seeds=2),
        communities=CommunitiesOptions(restarts=2),
        nulls=NullOptions(models=["shuffle_nonzero", "initial", "shuffled_labels"], samples=3),
    )
    result = run(study, tmp_path, workers=1)
    assert len(result.communities) == 4 * 2 * 3
    directory = RunDirectory(result.path)
    assert directory.read_table("training")["validation_accuracy"].between(0, 1).all()
    graph = study_sweeps.trained_graph(study, directory.weights(cells_of(study)[0]))
    assert [list(graph.roles).count(role) for role in ("input", "hidden", "output")] == [6, 8, 2]
    assert graph.adjacency()[:6].any() == np.False_
    wired = study_sweeps.initial_graph(study, 0).adjacency() != 0
    assert (wired == (graph.adjacency() != 0)).mean() > 0.99


@pytest.mark.usefixtures("bare")
def test_snapshots_are_the_weights_on_the_way(small_layered, tmp_path):
    """Guards against snapshots of another network, or in another order than their table."""
    study = dataclasses.replace(
        small_layered,
        sweep=SweepOptions(learning_rates=[0.1, 1.0], seeds=2, snapshots=[0, 3, 14], matched_losses=[2.0]),
    )
    directory = RunDirectory(run(study, tmp_path, workers=1).path)
    table = directory.read_table("snapshots")
    for cell in cells_of(study):
        snapshots = directory.snapshots(cell)
        mine = table[(table["learning_rate"] == cell.learning_rate) & (table["seed"] == cell.seed)]
        assert mine["snapshot"].tolist() == list(range(len(snapshots)))
        assert [each.step for each in snapshots if each.kind == "step"] == [0, 3, 14]
        assert mine["step"].tolist() == [each.step for each in snapshots]
        last = next(each for each in snapshots if each.kind == "step" and each.step == 14)
        final = directory.weights(cell)
        assert last.weights.keys() == final.keys()
        assert all(np.array_equal(last.weights[name], final[name]) for name in final)
        for each in snapshots:
            if each.kind == "loss":
                assert each.target == 2.0
                assert each.loss <= 2.0
    assert set(table.loc[table["learning_rate"] == 1.0, "kind"]) == {"step", "loss"}
    alone = LayeredSweep(hidden=[10], learning_rates=[0.1], seeds=[1], epochs=2, batch_size=200).run()
    np.testing.assert_array_equal(directory.weights(cells_of(study)[1])["weights.0"], alone.weights[0][0].numpy())


@pytest.mark.usefixtures("bare")
def test_networks_of_shuffled_labels_are_trained_once_a_learning_rate_and_resumed(small_layered, tmp_path, monkeypatch):
    """Guards against a null of untrained weights, of the network's own seed, or trained anew for each cell."""
    study = dataclasses.replace(small_layered, nulls=NullOptions(models=["shuffled_labels"], samples=3))
    result = run(study, tmp_path, workers=1)
    assert result.trained == 6 + 3 * 3
    directory = RunDirectory(result.path)
    shuffled = shuffled_cells_of(study)
    assert len(shuffled) == 9
    assert all(directory.state(cell, TRAINED) == "done" for cell in shuffled)
    assert len(directory.read_table("members")) == 6
    cell = shuffled[1]
    alone = LayeredSweep(
        hidden=[10],
        learning_rates=[cell.learning_rate],
        seeds=[cell.seed],
        epochs=2,
        batch_size=200,
        task_options={"shuffled_labels": True},
    ).run()
    np.testing.assert_array_equal(directory.weights(cell)["weights.1"], alone.weights[1][0].numpy())
    # the null's Q are those of these networks
    nulls = directory.read_table("nulls").query("seed == 0 and weights == 'absolute' and direction == 'maximise'")
    mine = nulls[nulls["learning_rate"] == cell.learning_rate]
    graphs = [study_sweeps.trained_graph(study, directory.weights(each)) for each in shuffled[:3]]
    expected = [leiden(graph, direction="maximise", restarts=20, seed=0).quality for graph in graphs]
    np.testing.assert_allclose(mine["quality"], expected, rtol=0.05)
    for file in directory.folder(cell).iterdir():
        file.unlink()
    assert run(study, tmp_path, workers=1).trained == 1


@pytest.mark.usefixtures("bare")
def test_options_that_do_not_fit_the_data_are_told_before_anything_is_written(small_layered, tmp_path):
    """Guards against a folder half-written, and a traceback from a worker, for a batch larger than the data."""
    options = dataclasses.replace(small_layered.layered, batch_size=5000)
    with pytest.raises(OptionError, match=r"batch_size: got 5000, expected at most .* 1437"):
        run(dataclasses.replace(small_layered, layered=options), tmp_path, workers=1)
    options = dataclasses.replace(small_layered.layered, task="parity", task_options={"bit": 3})
    with pytest.raises(OptionError, match="did you mean 'bits'"):
        run(dataclasses.replace(small_layered, layered=options), tmp_path, workers=1)
    for wrong in (5, None, [1]):
        with pytest.raises(OptionError, match="study: got"):
            run(wrong, tmp_path)
    with pytest.raises(OptionError, match="out: got 5"):
        run(small_layered, 5)
    assert list(tmp_path.iterdir()) == []


def test_the_initial_null_never_holds_a_networks_own_initial_weights(small_connectome):
    """Guards against a null sample that is the network itself, untrained."""
    own = study_sweeps.initial_graph(small_connectome, 0).adjacency()
    other = study_sweeps.initial_graph(small_connectome, 1_000_000_000).adjacency()
    assert not np.array_equal(own, other)
    assert np.std(own) == pytest.approx(small_connectome.connectome.initial_scale, rel=0.1)


def test_a_report_is_written_again_from_what_is_stored(finished):
    """Guards against a report that needs the run's memory, or changes from one writing to the next."""
    before = finished.report.read_bytes()
    again = render(RunDirectory.existing(finished.path), progress=Progress())
    assert again == finished.report
    first = render(RunDirectory.existing(finished.path), progress=Progress()).read_bytes()
    assert first == again.read_bytes()
    assert len(before) > 10_000


def test_an_unwritable_folder_is_one_clear_line_and_nothing_is_written(small_connectome, tmp_path):
    """Guards against a traceback, or hours of work before the first write fails."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        run(small_connectome, tmp_path / "file", workers=1)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
