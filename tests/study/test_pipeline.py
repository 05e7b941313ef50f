import dataclasses
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from creditgraph.analysis import modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, FileError
from creditgraph.study import run
from creditgraph.study import training as study_training
from creditgraph.study.config import CommunitiesOptions, ConnectomeOptions
from creditgraph.study.pipeline import render
from creditgraph.study.progress import Progress
from creditgraph.study.store import ANALYSED, TRAINED, RunDirectory, cells_of

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
    pd.testing.assert_frame_equal(again.communities, finished.communities)


def test_the_same_study_gives_the_same_numbers_on_any_number_of_workers(finished, small_connectome, tmp_path):
    """Guards against results that depend on the machine's cores."""
    other = run(small_connectome, tmp_path, workers=2)
    for name, table in tables(finished.path).items():
        pd.testing.assert_frame_equal(tables(other.path)[name], table)
    one, two = contents(finished.path / "cells"), contents(other.path / "cells")
    weights = [name for name in one if name.name == "weights.safetensors"]
    assert len(weights) == 6
    assert all(one[name] == two[name] for name in weights)


class StopAfter(Progress):
    """Progress that interrupts the run after some items."""

    def __init__(self, stage, items):
        self.interrupted_stage, self.left = stage, items

    def stage(self, name, total, done=0):
        outer = super().stage(name, total, done)
        if name != self.interrupted_stage:
            return outer
        return self

    def __enter__(self):
        return self.advance

    def __exit__(self, *error):
        return None

    def advance(self, count):
        self.left -= count
        if self.left <= 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize(("stage", "items"), [("training", 1), ("training", 4), ("communities", 1), ("communities", 5)])
def test_an_interrupted_run_goes_on_to_the_same_result(finished, small_connectome, tmp_path, stage, items):
    """Guards against a Ctrl-C that costs the work done, or changes the result."""
    with pytest.raises(KeyboardInterrupt):
        run(small_connectome, tmp_path, workers=1, progress=StopAfter(stage, items))
    resumed = run(small_connectome, tmp_path, workers=1)
    assert resumed.trained + resumed.analysed < 12
    for name, table in tables(finished.path).items():
        pd.testing.assert_frame_equal(tables(resumed.path)[name], table)


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
    assert len(warned) == 1
    assert cell.name in warned[0]
    pd.testing.assert_frame_equal(again.communities, finished.communities)


def test_a_table_that_was_lost_is_put_together_again(small_connectome, tmp_path):
    """Guards against a run that cannot be mended once a table is gone."""
    first = run(small_connectome, tmp_path, workers=1)
    (first.path / "effects.parquet").unlink()
    (first.path / "members.parquet").write_bytes(b"garbage")
    again = run(small_connectome, tmp_path, workers=1)
    assert (again.trained, again.analysed) == (0, 0)
    pd.testing.assert_frame_equal(again.effects, first.effects)


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
    assert "2 of 6 networks diverged" in Text(result.report.read_text(encoding="utf-8")).text


def test_a_study_in_which_all_diverge_is_one_clear_line(small_connectome, tmp_path):
    """Guards against a traceback where there is nothing to analyse."""
    study = dataclasses.replace(
        small_connectome,
        name="wilder",
        connectome=ConnectomeOptions(n=24, pruning=[0.0], iterations=40, activation="linear", clamped_fraction=0.5),
        sweep=dataclasses.replace(small_connectome.sweep, learning_rates=[50.0]),
    )
    with pytest.raises(DataError, match=r"all 2 networks diverged.* lower sweep\.learning_rates"):
        run(study, tmp_path, workers=1)


def test_free_neurons_are_those_whose_credit_is_not_clamped(small_connectome):
    """Guards against a graph that still holds the neurons which the experimenter drives, or the wrong ones."""
    study = dataclasses.replace(small_connectome, communities=CommunitiesOptions(neurons="free"))
    weights = np.arange(1.0, 24 * 24 + 1).reshape(24, 24)
    graph = study_training.trained_graph(study, {"weights": weights})
    np.testing.assert_array_equal(graph.adjacency(), weights[2:, 2:])
    assert set(graph.roles) == {"free"}
    assert study_training.initial_graph(study, 0).n == 22
    everyone = study_training.trained_graph(small_connectome, {"weights": weights})
    assert (everyone.n, list(everyone.roles).count("clamped")) == (24, 2)


def test_a_layered_study_goes_through_the_same_pipeline(small_layered, tmp_path):
    """Guards against a pipeline that only knows algorithm 1."""
    result = run(small_layered, tmp_path, workers=1)
    assert len(result.communities) == 6 * 2 * 2 * 2
    assert "pruning" not in result.communities
    training = RunDirectory(result.path).read_table("training")
    assert set(training["epoch"]) == {0, 1, 2}
    assert training["test_accuracy"].between(0, 1).all()


def test_the_initial_null_never_holds_a_networks_own_initial_weights(small_connectome):
    """Guards against a null sample that is the network itself, untrained."""
    own = study_training.initial_graph(small_connectome, 0).adjacency()
    other = study_training.initial_graph(small_connectome, 1_000_000_000).adjacency()
    assert not np.array_equal(own, other)
    assert np.std(own) == pytest.approx(small_connectome.connectome.initial_scale, rel=0.1)


def test_a_report_is_written_again_from_what_is_stored(finished):
    """Guards against a report that needs the run's memory, or changes from one writing to the next."""
    before = finished.report.read_bytes()
    again = render(RunDirectory.existing(finished.path), command="", progress=Progress())
    assert again == finished.report
    first = render(RunDirectory.existing(finished.path), command="", progress=Progress()).read_bytes()
    assert first == again.read_bytes()
    assert len(before) > 10_000


def test_an_unwritable_folder_is_one_clear_line_and_nothing_is_written(small_connectome, tmp_path):
    """Guards against a traceback, or hours of work before the first write fails."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        run(small_connectome, tmp_path / "file", workers=1)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
def test_kill_minus_nine_and_resume(finished, small_connectome, tmp_path):
    """Guards against a state on disk that a killed run leaves half-written."""
    code = (
        "import os, signal, sys, yaml\n"
        "from creditgraph.study import Study, run\n"
        "import creditgraph.study.store as store\n"
        "write, left = store.write_whole, [int(sys.argv[3])]\n"
        "def counted(path, content):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return write(path, content)\n"
        "store.write_whole = counted\n"
        "run(Study.from_dict(yaml.safe_load(sys.argv[1])), sys.argv[2], workers=1)"
    )
    options = yaml.safe_dump(small_connectome.to_dict())
    for writes in (1, 9, 15, 15):
        done = subprocess.run([sys.executable, "-c", code, options, str(tmp_path), str(writes)], capture_output=True)
        assert done.returncode == -9, done.stderr.decode()
    resumed = run(small_connectome, tmp_path, workers=1)
    for name, table in tables(finished.path).items():
        pd.testing.assert_frame_equal(tables(resumed.path)[name], table)
