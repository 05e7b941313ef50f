import errno
import os
import warnings

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from creditgraph.guard import FileError, OptionError
from creditgraph.train import ConnectomeSimulation
from creditgraph.train.checkpoint import (
    SLOTS,
    Checkpoints,
    CheckpointWarning,
    delete_checkpoints,
    run_with_checkpoints,
)

IDENTITY = {"n": 12, "note": "of a test"}


class Killed(Exception):
    pass


class Walk:
    """A random walk that says how many steps it was made to do; it may be killed after some."""

    def __init__(self, steps_total=400, dies_after=None):
        self.place, self.steps_done, self.steps_total, self.dies_after = 0.0, 0, steps_total, dies_after
        self.made = 0

    def advance(self, steps):
        for _ in range(steps):
            if self.made == self.dies_after:
                raise Killed
            self.place += np.random.default_rng(self.steps_done).normal()
            self.steps_done += 1
            self.made += 1

    def state(self):
        return {"place": np.array(self.place), "done": np.array([self.steps_done]), "none": np.empty((0, 3), bool)}

    def restore(self, state):
        assert state["place"].shape == ()
        assert state["none"].shape == (0, 3)
        self.place, self.steps_done = float(state["place"]), int(state["done"][0])

    def result(self):
        return self.place


def walked(path, **options):
    walk = Walk(**options)
    return walk, run_with_checkpoints(walk, path, identity=IDENTITY, every_seconds=0.0)


def test_a_sweep_that_dies_goes_on_from_its_checkpoint_to_the_same_result(tmp_path):
    """Guards against checkpoints that are not read, or a state that does not come back to the bit."""
    expected = walked(tmp_path / "whole")[1]
    with pytest.raises(Killed):
        walked(tmp_path / "killed", dies_after=300)
    walk, result = walked(tmp_path / "killed")
    assert 0 < walk.made < 400
    assert result == expected


def test_algorithm_1_goes_on_to_the_bit(tmp_path):
    """Guards against arrays that lose their type, shape or bits on the way to the disk and back."""
    options = {"n": 12, "learning_rates": [0.1, 0.3], "seeds": [0, 1], "iterations": 90, "snapshots": 5}
    whole = ConnectomeSimulation(**options).run()
    first = ConnectomeSimulation(**options)
    first.advance(31)
    Checkpoints(tmp_path, IDENTITY).write(first.state(), first.steps_done)
    told = []
    second = ConnectomeSimulation(**options)
    result = run_with_checkpoints(second, tmp_path, identity=IDENTITY, progress=lambda *counts: told.append(counts))
    assert told[0] == (31, 90)
    assert told[-1] == (90, 90)
    assert torch.equal(result.weights, whole.weights)
    assert torch.equal(result.snapshots, whole.snapshots)
    assert result.training.equals(whole.training)


def written(path, *steps):
    checkpoints = Checkpoints(path, IDENTITY)
    for done in steps:
        checkpoints.write({"done": np.array([done])}, done)
    return checkpoints


@pytest.mark.parametrize("damage", ["truncated", "a bit", "empty", "garbage", "steps"])
def test_where_the_newest_checkpoint_is_corrupt_the_one_before_is_used(tmp_path, damage):
    """Guards against a torn write, or a bit that flipped on the disk, that spoils the result or the run."""
    written(tmp_path, 10, 20, 30)
    newest = tmp_path / SLOTS[0]
    content = newest.read_bytes()
    spoilt = {
        "truncated": content[:-3],
        "a bit": content[:-1] + bytes([content[-1] ^ 1]),
        "empty": b"",
        "garbage": b"garbage" * 100,
        "steps": content.replace(b'"steps_done":"30"', b'"steps_done":"39"'),
    }[damage]
    assert spoilt != content
    newest.write_bytes(spoilt)
    with pytest.warns(CheckpointWarning, match="corrupt checkpoint"):
        state = Checkpoints(tmp_path, IDENTITY).newest()
    assert state["done"].tolist() == [20]


def test_the_newest_is_never_the_one_that_is_overwritten(tmp_path):
    """Guards against a checkpoint that is lost because the next one could not be written."""
    written(tmp_path, 10, 20, 30)
    again = Checkpoints(tmp_path, IDENTITY)
    assert again.newest()["done"].tolist() == [30]
    again.write({"done": np.array([40])}, 40)
    (tmp_path / SLOTS[1]).write_bytes(b"")
    with pytest.warns(CheckpointWarning):
        assert Checkpoints(tmp_path, IDENTITY).newest()["done"].tolist() == [30]


def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(tmp_path, monkeypatch):
    """Guards against a traceback, or a half-written checkpoint over a good one, when space runs out."""
    written(tmp_path, 10, 20)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    checkpoints = Checkpoints(tmp_path, IDENTITY)
    assert checkpoints.newest()["done"].tolist() == [20]
    with pytest.raises(FileError, match="No space left on device") as caught:
        checkpoints.write({"done": np.array([30])}, 30)
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_checkpoint_of_other_options_is_set_aside(tmp_path):
    """Guards against weights of another sweep that are taken up, or destroyed."""
    written(tmp_path, 10)
    content = (tmp_path / SLOTS[0]).read_bytes()
    with pytest.warns(CheckpointWarning, match="of other options or another version, set aside"):
        assert Checkpoints(tmp_path, IDENTITY | {"n": 13}).newest() is None
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {SLOTS[0] + ".set-aside": content}


@pytest.mark.filterwarnings("ignore::creditgraph.train.checkpoint.CheckpointWarning")
def test_none_that_was_set_aside_is_overwritten(tmp_path):
    """Guards against the second sweep of other options destroying what the first left."""
    contents = []
    for n in range(3):
        Checkpoints(tmp_path, IDENTITY | {"n": n}).newest()
        written(tmp_path, n + 1)
        contents.append((tmp_path / SLOTS[0]).read_bytes())
        assert Checkpoints(tmp_path, IDENTITY | {"n": 13}).newest() is None
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == sorted(contents)


def test_a_state_that_the_sweep_does_not_know_starts_it_anew(tmp_path):
    """Guards against a traceback where the identity was not told apart."""
    options = {"n": 5, "learning_rates": [0.1], "iterations": 3}
    Checkpoints(tmp_path, IDENTITY).write(ConnectomeSimulation(**(options | {"n": 6})).state(), 0)
    with pytest.warns(CheckpointWarning, match="begun anew, state: weights has shape"):
        result = run_with_checkpoints(ConnectomeSimulation(**options), tmp_path, identity=IDENTITY)
    assert torch.equal(result.weights, ConnectomeSimulation(**options).run().weights)


def test_models_are_no_checkpoints_though_they_are_called_alike(tmp_path):
    """Guards against a folder of trained networks that goes, and a linked one that is emptied."""
    (tmp_path / "models").mkdir()
    for i in (0, 1):
        save_file({"0.weight": np.eye(2)}, tmp_path / "models" / f"{i}.safetensors")
    with pytest.raises(FileError, match=r"holds '0\.safetensors', which is no checkpoint"):
        delete_checkpoints(tmp_path / "models")
    assert len(list((tmp_path / "models").iterdir())) == 2
    written(tmp_path / "them", 1)
    (tmp_path / "link").symlink_to(tmp_path / "them")
    with pytest.raises(FileError, match="is a link; nothing was deleted"):
        delete_checkpoints(tmp_path / "link")
    assert list((tmp_path / "them").iterdir())


@pytest.mark.parametrize("other", ["thesis.csv", "results/table.parquet", "weights.safetensors"])
def test_what_is_no_checkpoint_is_never_deleted(tmp_path, other):
    """Guards against a wrong path that costs somebody a folder of results."""
    written(tmp_path, 1)
    kept = tmp_path / other
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FileError, match="which is no checkpoint; nothing was deleted"):
        delete_checkpoints(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
    with pytest.raises(FileError, match="cannot be deleted"):
        delete_checkpoints(kept)


def test_deleting_and_odd_options(tmp_path):
    """Guards against checkpoints that outlive their sweep, and a missing folder that is taken for a failure."""
    written(tmp_path / "them", 1)
    delete_checkpoints(tmp_path / "them")
    assert list(tmp_path.iterdir()) == []
    delete_checkpoints(tmp_path / "them")
    written(tmp_path / "more", 2)
    for name in ("0.safetensors.set-aside", "1.safetensors.set-aside2"):
        (tmp_path / "more" / name).write_bytes((tmp_path / "more" / "0.safetensors").read_bytes())
    (tmp_path / "more" / ".0.safetensors.0123456789abcdef.part").touch()
    delete_checkpoints(tmp_path / "more")
    assert list(tmp_path.iterdir()) == []
    with warnings.catch_warnings():
        assert Checkpoints(tmp_path, IDENTITY).newest() is None
    with pytest.raises(OptionError, match="every_seconds"):
        run_with_checkpoints(Walk(), tmp_path, identity=IDENTITY, every_seconds=-1)
