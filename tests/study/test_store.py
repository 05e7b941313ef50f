import numpy as np
import pandas as pd
import pytest

from creditgraph.guard import FileError
from creditgraph.study import ConnectomeOptions, Study, SweepOptions
from creditgraph.study.store import ANALYSED, TRAINED, RunDirectory, cells_of

STUDY = Study(
    name="stored",
    connectome=ConnectomeOptions(pruning=[0.5, 0.8]),
    sweep=SweepOptions(learning_rates=[0.1, 0.01], seeds=[0, 3]),
)


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory.of(STUDY, tmp_path)
    directory.begin(STUDY, {"python": "3"})
    cell = cells_of(STUDY)[0]
    table = pd.DataFrame([cell.keys])
    directory.write_trained(cell, {"weights": np.eye(3, dtype=np.float32)[:, ::-1]}, table, table)
    directory.write_analysed(cell, table, table, {"absolute_maximise": np.array([0, 0, 1])})
    return directory


def test_cells_are_every_learning_rate_pruning_and_seed():
    """Guards against a sweep that leaves a member out, or names two members alike."""
    cells = cells_of(STUDY)
    assert [tuple(cell.keys.values()) for cell in cells] == [
        (r, p, s) for r in (0.01, 0.1) for p in (0.5, 0.8) for s in (0, 3)
    ]
    assert len({cell.name for cell in cells}) == 8
    assert cells[0].name == "r0.01_p0.5_s0"
    assert cells_of(Study(experiment="layered"))[0].name == "r0.001_s0"


def test_what_is_written_comes_back(run):
    """Guards against weights that lose their layout, or a study that comes back as another."""
    cell = cells_of(STUDY)[0]
    assert run.state(cell, TRAINED) == run.state(cell, ANALYSED) == "done"
    np.testing.assert_array_equal(run.weights(cell)["weights"], np.eye(3)[:, ::-1])
    np.testing.assert_array_equal(run.partitions(cell)["absolute_maximise"], [0, 0, 1])
    assert run.cell_table(cell, "members").to_dict("records") == [cell.keys]
    assert RunDirectory.existing(run.path).study == STUDY
    assert run.read_json("environment.json") == {"python": "3"}


@pytest.mark.parametrize("name", ["weights.safetensors", "training.parquet", "members.parquet"])
def test_a_changed_file_is_seen(run, name):
    """Guards against a corrupt file passing for a result."""
    cell = cells_of(STUDY)[0]
    path = run.folder(cell) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert run.state(cell, TRAINED) == "corrupt"
    path.unlink()
    assert run.state(cell, TRAINED) == "corrupt"
    assert run.state(cell, ANALYSED) == "done"


def test_a_mark_that_is_garbage_vouches_for_nothing(run):
    """Guards against a half-written or doctored mark."""
    cell = cells_of(STUDY)[0]
    for garbage in ("", "[1]", "{}", '{"../../study.yaml": 1}', "\x00"):
        (run.folder(cell) / TRAINED).write_text(garbage)
        assert run.state(cell, TRAINED) == "corrupt"


def test_new_weights_void_the_communities_of_the_old(run):
    """Guards against communities of weights that are no longer there."""
    cell = cells_of(STUDY)[0]
    table = pd.DataFrame([cell.keys])
    run.write_trained(cell, {"weights": np.zeros((3, 3))}, table, table)
    assert run.state(cell, ANALYSED) == "missing"


def test_corrupt_files_are_one_line_errors(run):
    """Guards against a library's traceback for a file that went bad."""
    cell = cells_of(STUDY)[0]
    for name in ("weights.safetensors", "members.parquet"):
        (run.folder(cell) / name).write_bytes(b"garbage")
    partitions = run.folder(cell) / "partitions.npz"
    partitions.write_bytes(partitions.read_bytes()[:-9])
    for read in (
        lambda: run.weights(cell),
        lambda: run.cell_table(cell, "members"),
        lambda: run.partitions(cell),
        lambda: run.read_table("communities"),
        lambda: run.read_json("absent.json"),
        lambda: RunDirectory.existing(run.path.parent),
    ):
        with pytest.raises(FileError, match=r"missing or corrupt|not a run directory") as caught:
            read()
        assert "\n" not in str(caught.value)


def test_pickled_partitions_are_never_loaded(run):
    """Guards against code in a results file that runs when it is opened."""
    cell = cells_of(STUDY)[0]
    np.savez(run.folder(cell) / "partitions.npz", evil=np.array([{}], dtype=object))
    with pytest.raises(FileError, match="corrupt"):
        run.partitions(cell)
