"""What a sweep measures and keeps on the way, against what comes out when the networks themselves are asked."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from creditgraph.train import LayeredNetwork, LayeredSweep, RecurrentNetwork, RecurrentSweep, load_task
from creditgraph.train.sweeps.timetable import Timetable

OPTIONS = {"task": "parity", "task_options": {"bits": 6, "validation_fraction": 0.2}, "batch_size": 8}


def transcribed(s, total, balance, credit):
    """The three values of the probe from E - I, E + I, f and c of the watched neurons."""
    return [float((s.abs() / total).mean()), float(balance.mean()), float(credit.square().mean().sqrt())]


def test_layered_records_are_what_the_network_says():
    """Guards against losses of the wrong part, or a probe of the wrong neurons, weights or samples."""
    result = LayeredSweep(
        **OPTIONS, hidden=[7, 5], learning_rates=[0.1, 0.5], seeds=[2, 3], epochs=2, dtype=torch.float64
    ).run()
    final = result.training[result.training["epoch"] == 2].reset_index(drop=True)
    for member, (rate, seed) in enumerate([(0.1, 2), (0.1, 3), (0.5, 2), (0.5, 3)]):
        row = final.loc[member]
        assert (row["learning_rate"], row["seed"]) == (rate, seed)
        net = LayeredNetwork([6, 7, 5, 2], loss="cross_entropy", dtype=torch.float64)
        net.weights = [each[member : member + 1] for each in result.weights]
        net.biases = [each[member : member + 1] for each in result.biases]
        task = load_task("parity", seed=seed, bits=6, validation_fraction=0.2)
        for part in ("train", "validation", "test"):
            x, y = (torch.from_numpy(getattr(task, f"{each}_{part}")) for each in "xy")
            outputs = net.fire(x)[-1]
            assert row[f"{part}_loss"] == pytest.approx(float(net.loss.value(outputs, y).mean()), rel=1e-12)
            assert row[f"{part}_accuracy"] == float((outputs[0].argmax(1) == y).double().mean())
        x, y = torch.from_numpy(task.x_train), torch.from_numpy(task.y_train)
        rates = net.fire(x)
        credits = net.assign_credit(rates, y)
        pre, hidden = rates[:2], [net.weights[0], net.weights[1]]
        products = [w[0][None] * x[0][:, None] for w, x in zip(hidden, pre, strict=True)]
        biases = [net.biases[0][0], net.biases[1][0]]
        e = [p.clamp(min=0).sum(2) + b.clamp(min=0) for p, b in zip(products, biases, strict=True)]
        i = [-p.clamp(max=0).sum(2) - b.clamp(max=0) for p, b in zip(products, biases, strict=True)]
        e, i = torch.cat(e, 1), torch.cat(i, 1)
        f, c = (torch.cat([each[0] for each in values[:2]], 1) for values in (rates.balances, credits[1:]))
        expected = transcribed(e - i, e + i, f, c)
        assert row[["ei_imbalance", "mean_balance", "credit_norm"]].tolist() == pytest.approx(expected, rel=1e-12)


def test_recurrent_records_are_what_the_network_says():
    """Guards against the same, where neurons drive each other."""
    result = RecurrentSweep(
        **OPTIONS, hidden=5, learning_rates=[0.2], seeds=[2], epochs=2, dtype=torch.float64, loss="squared_error"
    ).run()
    net = RecurrentNetwork(6, 5, 2, dtype=torch.float64)
    net.weights, net.biases = result.weights[0], result.biases[0]
    task = load_task("parity", seed=2, bits=6, validation_fraction=0.2)
    row = result.training.iloc[-1]
    for part in ("train", "validation", "test"):
        x, y = (torch.from_numpy(getattr(task, f"{each}_{part}")) for each in "xy")
        outputs = net.fire(x)[..., -2:]
        targets = torch.nn.functional.one_hot(y, 2).double()
        assert row[f"{part}_loss"] == pytest.approx(float(net.loss.value(outputs, targets).mean()), rel=1e-9)
        assert row[f"{part}_accuracy"] == float((outputs[0].argmax(1) == y).double().mean())
    x, y = torch.from_numpy(task.x_train), torch.nn.functional.one_hot(torch.from_numpy(task.y_train), 2).double()
    rates = net.fire(x)
    credits = net.assign_credit(rates, y)
    products = net.weights[0][6:11][None] * rates[0][:, None]
    b = net.biases[0, 6:11]
    e, i = products.clamp(min=0).sum(2) + b.clamp(min=0), -products.clamp(max=0).sum(2) - b.clamp(max=0)
    expected = transcribed(e - i, e + i, 1 - rates[0, :, 6:11] ** 2, credits[0, :, 6:11])
    assert row[["ei_imbalance", "mean_balance", "credit_norm"]].tolist() == pytest.approx(expected, rel=1e-9)


def test_one_sided_and_balanced_neurons():
    """Guards against a measure that is not 1 where all input excites, and not 0 where it cancels."""
    from creditgraph.train.sweeps.measuring import imbalance

    net, total = torch.tensor([2.0, -2.0, 0.0, 0.0, 1.0]), torch.tensor([2.0, 2.0, 2.0, 0.0, 4.0])
    assert imbalance(net, total).tolist() == [1.0, 1.0, 0.0, 0.0, 0.25]


def test_members_tell_how_many_samples_they_had():
    """Guards against a share of the data being taken for what a network learned from."""
    task = load_task("parity", **OPTIONS["task_options"])
    members = LayeredSweep(**OPTIONS, hidden=[4], learning_rates=[0.1], seeds=[0], epochs=1).run().members
    for part in ("train", "validation", "test"):
        classes = getattr(task, f"y_{part}")
        assert members[f"{part}_samples"].tolist() == [len(classes)]
        largest = max(np.mean(classes == 0), np.mean(classes == 1))
        assert members[f"{part}_largest_class"].tolist() == [pytest.approx(largest)]


def test_the_largest_class_is_that_of_each_seeds_own_split():
    """Guards against the share of one seed, or of all samples, for every member."""
    options = {"task": "digits", "test_fraction": 0.3, "hidden": [4], "learning_rates": [0.1, 0.2], "seeds": [2, 0]}
    members = LayeredSweep(**options, epochs=1).run().members
    for row in members.to_dict("records"):
        classes = load_task("digits", seed=row["seed"], test_fraction=0.3).y_test
        assert row["test_largest_class"] == pytest.approx(np.bincount(classes).max() / len(classes))


def test_step_snapshots_are_the_weights_after_that_step():
    """Guards against snapshots a step early or late, or of another member."""
    options = {**OPTIONS, "hidden": [4], "learning_rates": [0.1, 0.5], "seeds": [0, 1], "epochs": 3}
    found = LayeredSweep(**options, snapshots=[0, 2, 9]).run().snapshots
    assert found.table["kind"].tolist() == ["step"] * 12
    assert found.table["step"].tolist() == [0] * 4 + [2] * 4 + [9] * 4
    assert found.table["target"].isna().all()
    for step in (2, 9):
        stopped = LayeredSweep(**options, snapshots=0)
        stopped.advance(step)
        now = stopped.result()
        assert now.members["status"].tolist() == ["running"] * 4
        assert now.members["iteration"].tolist() == [step] * 4
        rows = np.flatnonzero(found.table["step"] == step)
        for ours, theirs in zip([*found.weights, *found.biases], [*now.weights, *now.biases], strict=True):
            assert torch.equal(ours[rows], theirs)
    assert len(stopped.result().snapshots.table) == 0


def test_matched_losses_are_found_at_their_first_crossing():
    """Guards against a snapshot at a later crossing, at another loss, or of a member that never got there."""
    options = {**OPTIONS, "hidden": [16], "learning_rates": [0.01, 0.5, 2.0], "seeds": [0, 1], "epochs": 12}
    sweep = LayeredSweep(**options, matched_losses=[0.3, 0.65, 0.1], snapshots=0, evaluate_every=2)
    result = sweep.run()
    table = result.snapshots.table
    assert set(table["kind"]) == {"loss"}
    # the loss at every second step and every epoch's end, from the same sweep seen step by step
    stops = {step for step in range(sweep.steps_total + 1) if step % 2 == 0 or step % sweep._data.steps == 0}
    seen = LayeredSweep(**options, snapshots=sorted(stops)).run().snapshots
    expected = []
    for (rate, seed), curve in seen.table.groupby(["learning_rate", "seed"]):
        for target in (0.65, 0.3, 0.1):
            below = curve[curve["loss"] <= target]
            if len(below):
                expected.append((rate, seed, target, below.iloc[0]["step"], below.index[0]))
    assert 0 < len(expected) < 18
    assert len(table) == len(expected)
    for rate, seed, target, step, row in expected:
        own = table[(table["learning_rate"] == rate) & (table["seed"] == seed) & (table["target"] == target)]
        assert own["step"].tolist() == [step]
        assert float(own["loss"].iloc[0]) == float(seen.table.loc[row, "loss"])
        assert torch.equal(result.snapshots.weights[0][own.index[0]], seen.weights[0][row])


@given(st.integers(1, 40), st.integers(1, 50), st.integers(2, 30), st.integers(1, 60))
def test_timetables_stop_where_something_is_due(epochs, steps, count, every):
    """Guards against a stop that is passed over, and snapshots that leave out the first or the last step."""
    times = Timetable(epochs=epochs, steps_per_epoch=steps, snapshots=count, matched_losses=[0.1], evaluate_every=every)
    assert times.snapshot_steps[0] == 0
    assert times.snapshot_steps[-1] == times.total == epochs * steps
    assert len(times.snapshot_steps) <= count or times.total < count
    stops, step = [], 0
    while step < times.total:
        step = times.next_stop(step)
        stops.append(step)
    due = [
        step
        for step in range(1, times.total + 1)
        if times.ends_epoch(step) or times.takes_snapshot(step) or times.looks_at_loss(step)
    ]
    assert stops == due


def test_default_snapshots_are_evenly_spaced_in_the_logarithm():
    """Guards against a spacing that is not: each step is about the same factor beyond the one before."""
    steps = Timetable(epochs=100, steps_per_epoch=1000).snapshot_steps
    assert len(steps) == 12
    assert steps[:2] == [0, 1]
    np.testing.assert_allclose(np.diff(np.log10(steps[1:])), 0.5, atol=0.03)
