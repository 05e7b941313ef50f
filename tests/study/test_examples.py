"""Which networks stand on a page as matrices."""

import dataclasses

import numpy as np
import pytest

from creditgraph.study import ConnectomeOptions, RunDirectory, SweepOptions, examples, run
from creditgraph.study.examples import examples_of
from creditgraph.study.store import Cell

RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3]


@pytest.fixture(scope="module")
def directory(small_connectome, tmp_path_factory):
    """A run over many learning rates and two prunings; only what it stored is looked at."""
    study = dataclasses.replace(
        small_connectome,
        connectome=ConnectomeOptions(n=20, pruning=[0.5, 0.8], iterations=20),
        sweep=SweepOptions(learning_rates=RATES, seeds=2),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("creditgraph.study.pipeline.verify", lambda progress: None)
        patched.setattr("creditgraph.study.pipeline._verify", lambda directory, progress: None)
        patched.setattr("creditgraph.study.pipeline.render", lambda directory, progress: directory.path)
        return RunDirectory(run(study, tmp_path_factory.mktemp("runs"), workers=1).path)


def shown(directory, members=None):
    members = directory.read_table("members") if members is None else members
    return examples_of(directory, members, directory.read_table("communities"))


def test_every_learning_rate_is_shown_and_three_stand_side_by_side(directory, monkeypatch):
    """Guards against a page of three learning rates, of however many there are."""
    monkeypatch.setattr(examples, "MOST_EXAMPLES", 100)
    found = shown(directory)
    assert [(each.label, each.learning_rate, each.pruning) for each in found[:3]] == [
        ("low", 0.001, 0.8),
        ("middle", 0.03, 0.8),
        ("high", 0.3, 0.8),
    ]
    assert not any(each.label for each in found[3:])
    assert {(each.learning_rate, each.pruning) for each in found} == {(rate, p) for rate in RATES for p in (0.5, 0.8)}
    assert len(found) == 14
    assert {each.seed for each in found} == {0}


def test_the_matrix_and_its_communities_are_those_of_the_network(directory):
    """Guards against a matrix beside the communities or the score of another network."""
    communities = directory.read_table("communities")
    for each in shown(directory):
        cell = Cell(each.learning_rate, each.pruning, each.seed)
        np.testing.assert_array_equal(each.matrix, directory.weights(cell)["weights"])
        np.testing.assert_array_equal(each.membership, directory.partitions(cell)["absolute_maximise"])
        np.testing.assert_array_equal(each.minimal, directory.partitions(cell)["absolute_minimise"])
        keys = (communities[list(cell.keys)] == list(cell.keys.values())).all(axis=1)
        assert each.quality == communities[keys & (communities["direction"] == "maximise")]["quality"].iloc[0]


def test_pages_stay_small(directory, monkeypatch):
    """Guards against a page of hundreds of matrices, and against many of large networks."""
    assert len(shown(directory)) == 12
    monkeypatch.setattr(examples, "LARGEST_BROWSED", 19)
    assert [each.label for each in shown(directory)] == ["low", "middle", "high"]


def test_networks_that_diverged_are_not_shown(directory):
    """Guards against the matrix of a network that is in no score."""
    members = directory.read_table("members")
    lost = (members["learning_rate"] == 0.3) | ((members["learning_rate"] == 0.1) & (members["seed"] == 0))
    members.loc[lost, "status"] = "diverged"
    found = shown(directory, members)
    assert max(each.learning_rate for each in found) == 0.2
    assert {each.seed for each in found if each.learning_rate == 0.1} == {1}
