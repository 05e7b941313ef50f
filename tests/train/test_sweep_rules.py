"""Sweeps that a control rule trains, against that rule in a plain loop, one network after the other."""

import itertools

import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import ControlRule, LayeredNetwork, LayeredSweep, Update, control_rule, load_task, register_rule
from creditgraph.train.controls import RULES
from creditgraph.train.sweeps.control_step import ControlStep

CONTROLS = [name for name in RULES if name != "credit"]
# odd sizes: products of odd matrices are where members could lean on their neighbours in memory
SMALL = {
    "task": "parity",
    "task_options": {"bits": 7},
    "hidden": [9, 5],
    "learning_rates": [0.05, 0.3],
    "seeds": [0, 4, 9],
    "epochs": 3,
    "batch_size": 12,
    "snapshots": 0,
}


def swept(rule, **options):
    return LayeredSweep(**{**SMALL, "rule": rule, **options})


def relative(one, other):
    return float((one - other).norm() / other.norm())


def looped(rule, rate, seed, *, loss, activation="tanh"):
    """One network by itself: the rule's own learning step, batch after batch, in float64."""
    task = load_task("parity", seed=seed, bits=7, test_fraction=0.2)
    x = torch.from_numpy(task.x_train).double()
    y = torch.from_numpy(task.y_train)
    if loss == "squared_error":
        y = torch.eye(2, dtype=torch.float64)[y]
    network = LayeredNetwork([7, 9, 5, 2], activation=activation, loss=loss, seed=seed, dtype=torch.float64)
    learner, order = control_rule(rule), torch.Generator().manual_seed(seed)
    for _ in range(3):
        shuffled = torch.randperm(len(x), generator=order)
        for batch in shuffled[: len(x) // 12 * 12].split(12):
            learner.learn(network, x[batch], y[batch], rate)
    return network


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("rule", list(RULES))
def test_a_sweep_by_a_rule_is_the_rule_in_a_loop(rule, loss, monkeypatch):
    """Guards against members that get another's batch, rate, targets or random feedback, or another rule's update."""
    # all members in one chunk
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    result = swept(rule, loss=loss, activation="sigmoid", dtype=torch.float64).run()
    for member, (rate, seed) in enumerate(swept(rule).keys):
        network = looped(rule, rate, seed, loss=loss, activation="sigmoid")
        for ours, theirs in zip(result.weights, network.weights, strict=True):
            assert relative(ours[member], theirs[0]) <= 1e-12
        for ours, theirs in zip(result.biases, network.biases, strict=True):
            assert float((ours[member] - theirs[0]).norm()) <= 1e-12
    moved = [relative(after, before) for after, before in zip(result.weights, result.initial_weights, strict=True)]
    assert moved[-1] > 1e-3
    assert (max(moved[:-1]) == 0) == (rule == "readout_only")


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_backprop_and_the_credit_rule_learn_the_same(activation, loss):
    """Guards against two ways through the sweep whose difference passes for one between two rules: 55 steps."""
    options = {"task": "digits", "task_options": None, "hidden": [17, 9], "epochs": 5, "batch_size": 128}
    options |= {"activation": activation, "loss": loss, "dtype": torch.float64}
    credit, backprop = (swept(rule, **options).run() for rule in ("credit", "backprop"))
    for one, other in zip([*credit.weights, *credit.biases], [*backprop.weights, *backprop.biases], strict=True):
        assert relative(one, other) <= 1e-10
    assert relative(credit.weights[0], credit.initial_weights[0]) > 1e-2
    one, other = credit.training, backprop.training
    assert (one["test_accuracy"] == other["test_accuracy"]).all()
    assert (one["credit_norm"] / other["credit_norm"] - 1).abs().max() <= 1e-9


def test_rules_share_initial_weights_and_differ_in_what_is_learned():
    """Guards against a comparison of rules that start apart, and against a name that is not listened to."""
    results = {rule: swept(rule).run() for rule in RULES}
    initial = results["credit"].initial_weights
    for result in results.values():
        assert all(torch.equal(one, other) for one, other in zip(result.initial_weights, initial, strict=True))
    first = {rule: result.weights[0] for rule, result in results.items()}
    for one, other in itertools.combinations(RULES, 2):
        assert (relative(first[one], first[other]) > 1e-3) == ({one, other} != {"credit", "backprop"})


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("rule", CONTROLS)
def test_a_member_is_the_same_alone_and_in_any_chunk(rule, dtype, bound, monkeypatch):
    """Guards against members that leak into each other, and random feedback that depends on the company."""
    together = swept(rule, dtype=dtype).run()
    monkeypatch.setattr("creditgraph.train.sweeps.memory.LARGEST_CHUNK", 2)
    others = [(0, swept(rule, dtype=dtype).run(), range(6))]
    for member, (rate, seed) in enumerate(swept(rule).keys):
        others.append((member, swept(rule, dtype=dtype, learning_rates=[rate], seeds=[seed]).run(), range(1)))
    for first, other, members in others:
        for own in members:
            for one, all_of in zip([*other.weights, *other.biases], [*together.weights, *together.biases], strict=True):
                distance = float((one[own] - all_of[first + own]).norm())
                assert distance <= bound * max(1, float(all_of[first + own].norm()))


def test_members_of_a_control_rule_come_out_the_same_whatever_the_threads(monkeypatch):
    """Guards against last bits that depend on the machine's cores: as many threads, as many chunks."""
    results = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        results.append(swept("backprop").run())
    for other in results[1:]:
        assert all(torch.equal(one, same) for one, same in zip(results[0].weights, other.weights, strict=True))
        assert results[0].training.equals(other.training)


@pytest.mark.parametrize("start", [0.5, -0.5])
def test_a_step_that_leaves_the_bounds_is_not_made(start):
    """Guards against a frozen member that keeps its last step, upwards or downwards, and neighbours that stop too."""
    step = ControlStep(
        control_rule("readout_only"),
        LayeredNetwork([1, 1], activation="linear"),
        seeds=[0, 0],
        parameters=torch.tensor([[start, 0], [start, 0]]),
        learning_rates=torch.tensor([0.25, 1e7]),
    )
    for _ in range(3):
        step.learn(torch.ones(1, 1), torch.zeros(1, 1), torch.tensor([0, 0]))
    assert step.alive.tolist() == [True, False]
    assert step.made.tolist() == [3, 0]
    w, b = start, 0.0
    for _ in range(3):
        change = -0.25 * (w + b)
        w, b = w + change, b + change
    assert step.parameters.tolist() == [[w, b], [start, 0.0]]


@pytest.mark.parametrize("rule", [name for name in CONTROLS if name != "hebbian"])
def test_a_member_that_diverges_is_frozen_finite_and_leaves_the_others_alone(rule):
    """Guards against one learning rate too many spoiling a sweep, and against NaN in its results."""
    options = {"activation": "relu", "loss": "squared_error", "seeds": [0, 4], "dtype": torch.float64}
    together = swept(rule, learning_rates=[0.05, 1e5], **options).run()
    alone = swept(rule, learning_rates=[0.05], **options).run()
    assert together.members["status"].tolist() == ["completed", "completed", "diverged", "diverged"]
    assert (together.members["iteration"][2:] < together.members["iteration"][0]).all()
    assert all(bool(torch.isfinite(each).all()) for each in [*together.weights, *together.biases])
    assert max(float(each.abs().max()) for each in together.weights) <= 1e6
    for one, other in zip(together.weights, alone.weights, strict=True):
        assert relative(one[:2], other) <= 1e-12


class Poisoned(ControlRule):
    """Backprop, but for one member in one step, where it gives what no number is."""

    name = "poisoned"

    def __init__(self, *, seed=0):
        super().__init__(seed=seed)
        self.steps = 0

    def update(self, network, x, y):
        update = control_rule("backprop").update(network, x, y)
        self.steps += 1
        if self.steps == 3 and 4 in network.seeds:
            update.biases[0][network.seeds.index(4), 0] = float("nan")
        return update


def test_a_rule_of_one_s_own_trains_a_sweep_and_its_nan_stays_with_its_member():
    """Guards against a sweep that only knows the rules that came with it, and a NaN that is kept or spreads."""
    register_rule(Poisoned)
    try:
        spoilt = swept("poisoned", learning_rates=[0.05], dtype=torch.float64).run()
    finally:
        del RULES["poisoned"]
    sound = swept("backprop", learning_rates=[0.05], dtype=torch.float64)
    sound.advance(2)
    after_two = sound.result()
    after_all = sound.run()
    assert spoilt.members["status"].tolist() == ["completed", "diverged", "completed"]
    assert spoilt.members["iteration"][1] == 2
    for found, two, whole in zip(spoilt.weights, after_two.weights, after_all.weights, strict=True):
        assert relative(found[1], two[1]) <= 1e-12
        assert relative(found[[0, 2]], whole[[0, 2]]) <= 1e-12


@pytest.mark.parametrize(
    "members", [{}, {"learning_rates": [0.3], "seeds": [4], "hidden": [33, 17, 9], "batch_size": 50}]
)
@pytest.mark.parametrize("rule", CONTROLS)
def test_a_restored_sweep_goes_on_to_the_bit(rule, members):
    """Guards against random feedback that is drawn anew, and bits that depend on where a step finds its numbers."""
    members = {"matched_losses": [0.6], "evaluate_every": 4, "learning_rates": [0.3, 1e6], **members}
    straight = swept(rule, **members).run()
    total = swept(rule, **members).steps_total
    for stop in range(1, total, 5):
        first = swept(rule, **members)
        first.advance(stop)
        again = swept(rule, **members)
        again.restore({name: array.copy() for name, array in first.state().items()})
        found = again.run()
        for one, other in zip([*found.weights, *found.biases], [*straight.weights, *straight.biases], strict=True):
            assert torch.equal(one, other)
        assert found.training.equals(straight.training)
        assert found.members.equals(straight.members)


def test_the_state_of_another_rule_is_refused():
    """Guards against a run that one rule begins and another ends."""
    with pytest.raises(DataError, match="other options or data"):
        swept("feedback_alignment").restore(swept("credit").state())


@pytest.mark.parametrize("wrong", ["feedback_alignement", "", None, 3])
def test_a_wrong_name_is_answered_in_one_line(wrong):
    """Guards against a misspelt rule that trains by another, or ends in a traceback."""
    with pytest.raises(OptionError, match=r"rule: got .*, expected one of .*credit.*hebbian") as caught:
        swept(wrong)
    assert "\n" not in str(caught.value)
    assert ("did you mean 'feedback_alignment'" in str(caught.value)) == (wrong == "feedback_alignement")


def test_a_control_rule_s_buffers_are_counted():
    """Guards against a limit of memory that control rules, which make new tensors at each step, do not keep."""
    credit, control = (swept(rule, hidden=[96, 64], batch_size=16).need for rule in ("credit", "backprop"))
    assert control.buffers - credit.buffers == 4 * 4 * (96 * (7 + 1) + 64 * (96 + 1) + 2 * (64 + 1))


def test_no_memory_changes_what_a_control_rule_learns():
    """Guards against members that learn in other company where memory is short, and differ in their last bits."""
    need = swept("feedback_alignment").need
    least = need.of(members=6, seeds=3)
    tight = swept("feedback_alignment", memory=least).run()
    for one, other in zip(tight.weights, swept("feedback_alignment").run().weights, strict=True):
        assert torch.equal(one, other)
    with pytest.raises(OptionError, match=r"memory: got .* expected at least \d+ bytes .* 6 members"):
        swept("feedback_alignment", memory=least - 1)


def test_an_update_that_a_rule_returns_is_not_changed():
    """Guards against a step that writes into what belongs to the rule, or to the network that it was made from."""
    kept = []

    class Kept(ControlRule):
        name = "kept"

        def update(self, network, x, y):
            kept.append(
                Update([torch.ones_like(w) for w in network.weights], [torch.ones_like(b) for b in network.biases])
            )
            return kept[-1]

    network = LayeredNetwork([2, 2], members=2, dtype=torch.float64)
    before = [each.clone() for each in network.weights]
    step = ControlStep(
        Kept(),
        network,
        seeds=[0, 1],
        parameters=torch.zeros(2, 6, dtype=torch.float64),
        learning_rates=torch.tensor([0.5, 2.0], dtype=torch.float64),
    )
    for _ in range(2):
        step.learn(torch.ones(3, 2, dtype=torch.float64), torch.ones(3, 2, dtype=torch.float64), torch.tensor([0, 1]))
    assert step.parameters.tolist() == [[1.0] * 6, [4.0] * 6]
    assert all(bool((each == 1).all()) for update in kept for each in [*update.weights, *update.biases])
    assert all(torch.equal(one, other) for one, other in zip(network.weights, before, strict=True))
