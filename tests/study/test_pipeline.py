import dataclasses
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import modularity
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, FileError, OptionError
from creditgraph.study import (
    ConnectomeOptions,
    run,
)
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


def test_a_second_call_does_nothing_twice(finished, small_connectome, no_drawings):
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


def test_members_that_diverge_are_left_out_and_said_so(small_connectome, tmp_path, monkeypatch, no_drawings):
    """Guards against one wild learning rate bringing down a study, or passing for a result."""
    study = dataclasses.replace(
        small_connectome,
        name="wild",
        connectome=ConnectomeOptions(n=24, pruning=[0.0], iterations=40, activation="linear", clamped_fraction=0.5),
        sweep=dataclasses.replace(small_connectome.sweep, learning_rates=[0.01, 0.02, 50.0]),
    )
    monkeypatch.setattr("creditgraph.study.pipeline.verify", lambda progress: pd.DataFrame())
    told: list[str] = []

    class Told(Progress):
        def warn(self, message: str) -> None:
            told.append(message)

    result = run(study, tmp_path, workers=1, progress=Told())
    assert any("2 of 6 networks (learning rate 50) diverged" in message for message in told)
    members = RunDirectory(result.path).read_table("members")
    assert set(members.loc[members["learning_rate"] == 50.0, "status"]) == {"diverged"}
    assert set(result.communities["learning_rate"]) == {0.01, 0.02}
    assert np.isfinite(result.communities["quality"]).all()
    assert "2 of 6 networks (learning rate 50) diverged" in Text(result.report.read_text(encoding="utf-8")).text


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


def test_a_report_is_written_again_from_what_is_stored(finished, no_png_and_pdf):
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
