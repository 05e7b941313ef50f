"""Recurrent sweeps against single recurrent networks."""

import pytest
import torch

from creditgraph.train import EquilibriumError, RecurrentNetwork, RecurrentSweep, load_task

EPOCHS, BATCH = 2, 16


def trained_alone(rate, seed, *, loss, credit, mask, gain=0.5):
    """One RecurrentNetwork after another, each with its own loop."""
    task = load_task("parity", seed=seed, bits=6)
    x, y = torch.from_numpy(task.x_train), torch.from_numpy(task.y_train)
    if loss == "squared_error":
        y = torch.nn.functional.one_hot(y, 2).double()
    net = RecurrentNetwork(
        6, 8, 2, seed=seed, loss=loss, credit=credit, mask=mask, gain=gain, dtype=torch.float64, max_steps=300
    )
    generator = torch.Generator().manual_seed(seed)
    for done in range(EPOCHS * (len(x) // BATCH)):
        if done % (len(x) // BATCH) == 0:
            order = torch.randperm(len(x), generator=generator)
            first = 0
        batch = order[first : first + BATCH]
        first += BATCH
        try:
            net.learn(x[batch], y[batch], rate)
        except EquilibriumError:
            return net, done
    return net, EPOCHS * (len(x) // BATCH)


@pytest.mark.parametrize("mask", ["all_to_all", "layered"])
@pytest.mark.parametrize("credit", ["inject", "clamp"])
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_each_member_is_trained_as_it_would_be_alone(loss, credit, mask):
    """Guards against members that stop at each other's equilibria, and synapses off the mask."""
    sweep = RecurrentSweep(
        "parity", task_options={"bits": 6}, hidden=8, learning_rates=[0.05, 0.3], seeds=[0, 7], epochs=EPOCHS,
        batch_size=BATCH, loss=loss, credit=credit, mask=mask, dtype=torch.float64, max_steps=300,
    )  # fmt: skip
    result = sweep.run()
    assert result.members["status"].tolist() == ["completed"] * 4
    for member, (rate, seed) in enumerate(sweep.keys):
        net, _ = trained_alone(rate, seed, loss=loss, credit=credit, mask=mask)
        torch.testing.assert_close(result.weights[0][member], net.weights[0], rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(result.biases[0][member], net.biases[0], rtol=1e-9, atol=1e-12)
        assert torch.equal(result.weights[0][member] != 0, net.weights[0] != 0)


def test_a_member_without_equilibrium_is_frozen_where_it_lost_it():
    """Guards against learning from rates that are none, and against a member that holds up the others."""
    options = {
        "task_options": {"bits": 6}, "hidden": 8, "seeds": [0, 1], "epochs": EPOCHS, "batch_size": BATCH,
        "loss": "squared_error", "dtype": torch.float64, "max_steps": 300,
    }  # fmt: skip
    sweep = RecurrentSweep("parity", learning_rates=[0.05, 8.0], **options)
    result = sweep.run()
    lost = result.members[result.members["status"] == "no_equilibrium"]
    assert len(lost)
    assert set(lost["learning_rate"]) == {8.0}
    for member in lost.index:
        seed, done = int(lost.loc[member, "seed"]), int(lost.loc[member, "iteration"])
        net, alone = trained_alone(8.0, seed, loss="squared_error", credit="inject", mask="all_to_all")
        assert done <= alone
        if done == alone:
            torch.testing.assert_close(result.weights[0][member], net.weights[0], rtol=1e-6, atol=1e-9)
    quiet = RecurrentSweep("parity", learning_rates=[0.05], **options).run()
    assert torch.equal(quiet.weights[0], result.weights[0][:2])


def test_networks_without_equilibrium_at_the_start_are_recorded_so():
    """Guards against a sweep that fails, or hides a member, where initial weights are too strong."""
    result = RecurrentSweep(
        "parity", task_options={"bits": 6}, hidden=8, learning_rates=[0.1], seeds=[0, 1], epochs=1, batch_size=BATCH,
        gain=30.0, max_steps=50,
    ).run()  # fmt: skip
    assert result.members["status"].tolist() == ["no_equilibrium"] * 2
    assert result.members["iteration"].tolist() == [0, 0]
    assert len(result.training) == len(result.snapshots.table) == 0
    assert torch.equal(result.weights[0], result.initial_weights[0])


def test_digits_are_learned():
    """Guards against a sweep that runs and learns nothing: chance is 10 %."""
    result = RecurrentSweep(hidden=10, learning_rates=[0.3], seeds=[0], epochs=4, batch_size=32, snapshots=0).run()
    assert result.training["test_accuracy"].iloc[-1] > 0.85
