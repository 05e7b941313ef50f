"""A run is of one data set, also where its file changes between two calls."""

import json

import numpy as np
import pandas as pd
import pytest

from creditgraph.guard import FileError, sha256
from creditgraph.study import Study, run
from creditgraph.study.data_files import STORED, checksums_of
from creditgraph.study.report_content import report_content
from creditgraph.study.store import TRAINED, RunDirectory, cells_of


@pytest.fixture
def table(tmp_path):
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=(60, 3)), columns=list("abc")).assign(
        label=generator.integers(2, size=60)
    )
    path = tmp_path / "data.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def study(table):
    return Study.from_dict(
        {
            "name": "own-data",
            "experiment": "layered",
            "layered": {"task": "table", "task_path": str(table), "hidden": 4, "epochs": 1, "batch_size": 16},
            "sweep": {"learning_rates": 0.1, "seeds": 2, "snapshots": 0},
            "communities": {"directions": "maximise", "restarts": 1},
            "nulls": {"models": "shuffle_nonzero", "samples": 2},
        }
    )


@pytest.mark.usefixtures("bare")
def test_a_run_does_not_go_on_with_other_data(study, table, tmp_path):
    """Guards against a run of two data sets, of which nobody is told."""
    first = run(study, tmp_path, workers=1)
    before = table.read_text()
    table.write_text(before.replace("0", "1", 5))
    lost = RunDirectory(first.path).folder(cells_of(study)[0])
    (lost / TRAINED).unlink()
    with pytest.raises(FileError, match=r"other data than data\.csv holds now; give the study another name"):
        run(study, tmp_path, workers=1)
    assert not (lost / TRAINED).exists()
    table.write_text(before)
    assert run(study, tmp_path, workers=1).trained == 1


@pytest.mark.usefixtures("bare")
def test_what_is_done_stays_when_the_data_are_gone(study, table, tmp_path):
    """Guards against a finished run that needs its data."""
    first = run(study, tmp_path, workers=1)
    table.unlink()
    assert run(study, tmp_path, workers=1).trained == 0
    (first.path / STORED).write_text("{")
    assert run(study, tmp_path, workers=1).trained == 0


@pytest.mark.usefixtures("bare")
def test_a_corrupt_note_says_what_to_do(study, tmp_path):
    """Guards against a run that cannot be gone on with, and a hint that does not help."""
    first = run(study, tmp_path, workers=1)
    assert set(json.loads((first.path / STORED).read_text())) == {"data.csv"}
    (first.path / STORED).write_text("{")
    with pytest.raises(FileError, match="delete it if the data are as they were"):
        run(study, tmp_path, workers=1)
    (first.path / STORED).unlink()
    assert run(study, tmp_path, workers=1).trained == 0
    assert (first.path / STORED).is_file()


def test_all_files_of_a_folder_count(study, tmp_path):
    """Guards against images that change unnoticed beside a table that does not."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "notes.txt"):
        (folder / name).write_bytes(name.encode())
    found = checksums_of(Study.from_dict(study.to_dict() | {"layered": {"task": "idx", "task_path": str(folder)}}))
    assert set(found) == {"train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"}
    assert checksums_of(Study.from_dict({})) == {}


@pytest.mark.usefixtures("bare")
def test_a_report_names_the_data_by_their_checksum(study, table, tmp_path):
    """Guards against a page whose command cannot be repeated for want of a file that nobody names."""
    made = RunDirectory(run(study, tmp_path, workers=1).path)
    (told,) = [note for note in report_content(made).notes if "learned from" in note]
    assert f"data.csv (SHA-256 {sha256(table)})" in told
    assert str(table) in told
    (made.path / STORED).unlink()
    assert not [note for note in report_content(made).notes if "learned from" in note]
