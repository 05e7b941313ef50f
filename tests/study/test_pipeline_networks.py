"""Networks of each experiment, as the pipeline trains, stores and scores them."""

import dataclasses

import numpy as np
import pytest

from creditgraph.analysis import leiden
from creditgraph.guard import DataError
from creditgraph.study import (
    CommunitiesOptions,
    NullOptions,
    RecurrentOptions,
    Study,
    SweepOptions,
    run,
)
from creditgraph.study import sweeps as study_sweeps
from creditgraph.study.store import TRAINED, RunDirectory, cells_of, shuffled_cells_of
from creditgraph.train import LayeredSweep


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
    # maximal Q only: minimal Q is a constant
    assert len(result.communities) == 6 * 2 * 2
    assert set(result.effects["direction"]) == {"maximise"}
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


def test_the_initial_null_never_holds_a_networks_own_initial_weights(small_connectome):
    """Guards against a null sample that is the network itself, untrained."""
    own = study_sweeps.initial_graph(small_connectome, 0).adjacency()
    other = study_sweeps.initial_graph(small_connectome, 1_000_000_000).adjacency()
    assert not np.array_equal(own, other)
    assert np.std(own) == pytest.approx(small_connectome.connectome.initial_scale, rel=0.1)


def unsettled(gain):
    """A recurrent study with networks that find no equilibrium before their first step."""
    return Study(
        name="unsettled",
        experiment="recurrent",
        recurrent=RecurrentOptions(
            task="parity",
            task_options={"bits": 6},
            hidden=12,
            epochs=1,
            batch_size=16,
            gain=gain,
            credit="clamp",
        ),
        sweep=SweepOptions(learning_rates=[0.1], seeds=3, snapshots=2),
        communities=CommunitiesOptions(restarts=1),
        nulls=NullOptions(models=["shuffle_nonzero"], samples=2),
    )


@pytest.mark.usefixtures("bare")
def test_a_network_that_is_frozen_before_its_first_step_is_left_out(tmp_path):
    """Guards against a run that can never be finished for the snapshots that such a network has not."""
    result = run(unsettled(1.3), tmp_path, workers=1)
    directory = RunDirectory(result.path)
    members = directory.read_table("members")
    lost = members[members["iteration"] == 0]
    assert set(lost["status"]) == {"no_equilibrium"}
    assert 0 < len(lost) < len(members)
    assert set(directory.read_table("snapshots")["seed"]) == set(members["seed"]) - set(lost["seed"])
    assert run(unsettled(1.3), tmp_path, workers=1).trained == 0


@pytest.mark.usefixtures("bare")
def test_networks_that_never_settle_are_not_blamed_on_the_learning_rate(tmp_path):
    """Guards against advice that does not help when it is followed."""
    with pytest.raises(DataError, match=r"all 3 networks found no equilibrium before the first step.*recurrent\.gain"):
        run(unsettled(3.0), tmp_path, workers=1)
