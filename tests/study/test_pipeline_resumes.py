import pandas as pd
import pytest

from creditgraph.guard import FileError
from creditgraph.study import communities as study_communities
from creditgraph.study import run
from creditgraph.study import training as study_training
from creditgraph.study.progress import Progress
from creditgraph.study.store import RunDirectory, cells_of

TABLES = ("members", "training", "communities", "nulls", "effects", "trends")


@pytest.fixture(scope="module")
def uninterrupted(small_connectome, bare_run, tmp_path_factory):
    """The tables of a run that nothing has stopped."""
    return tables(bare_run(small_connectome, tmp_path_factory.mktemp("runs")))


def tables(path):
    directory = RunDirectory(path)
    return {name: directory.read_table(name) for name in TABLES}


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
    uninterrupted, small_connectome, tmp_path, monkeypatch, module, function, calls
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
    for name, table in tables(resumed.path).items():
        pd.testing.assert_frame_equal(table, uninterrupted[name])


@pytest.mark.usefixtures("bare")
def test_a_corrupt_cell_is_done_again_with_a_warning(uninterrupted, small_connectome, tmp_path):
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
    pd.testing.assert_frame_equal(again.communities, uninterrupted["communities"])


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
