"""The steps of a sweep against the networks whose rule they are to follow."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from creditgraph.train import LayeredNetwork, RecurrentNetwork
from creditgraph.train.activations import ACTIVATIONS, activation
from creditgraph.train.losses import loss as named_loss
from creditgraph.train.sweeps.in_place import in_place
from creditgraph.train.sweeps.layered_step import LayeredStep
from creditgraph.train.sweeps.parameters import ParameterRow, layered_row
from creditgraph.train.sweeps.recurrent_dynamics import RecurrentDynamics
from creditgraph.train.sweeps.settling import settle


def relative(given, expected):
    return float((given - expected).norm() / expected.norm())


def samples(members, batch, features, classes, dtype, seed=0):
    draw = torch.Generator().manual_seed(seed)
    x = torch.rand(members * batch, features, generator=draw, dtype=torch.float64).to(dtype)
    y = torch.randint(classes, (members * batch,), generator=draw)
    return x, y, torch.nn.functional.one_hot(y, classes).to(dtype)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_in_place_are_the_activations(name):
    """Guards against a slope taken from the rate that is not the slope at the net input, kinks included."""
    s = torch.tensor([[-40.0, -3.0, -1.0, -0.25, 0.0, 1e-12, 0.25, 0.5, 1.0, 1.5, 3.0, 40.0]], dtype=torch.float64)
    c = torch.linspace(-2, 3, s.numel(), dtype=torch.float64).view_as(s)
    rates, effective = s.clone(), c.clone()
    in_place(activation(name)).fire(rates)
    in_place(activation(name)).weigh(effective, rates, torch.empty_like(s))
    torch.testing.assert_close(rates, activation(name).function(s), rtol=1e-14, atol=1e-300)
    torch.testing.assert_close(effective, c * activation(name).derivative(s), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_layered_steps_are_those_of_the_network(name, loss):
    """Guards against a fast step that is another rule: float64, ten steps, each against LayeredNetwork.learn."""
    sizes, batch, rates = [7, 9, 6, 3], 8, torch.tensor([0.01, 0.05, 0.1], dtype=torch.float64)
    net = LayeredNetwork(sizes, activation=name, loss=loss, members=3, seed=5, dtype=torch.float64)
    step = LayeredStep(
        sizes,
        net.activation,
        net.loss,
        parameters=ParameterRow.rows([*net.weights, *net.biases]),
        learning_rates=rates,
        batch=batch,
    )
    for number in range(10):
        x, y, targets = samples(3, batch, 7, 3, torch.float64, number)
        order = torch.randperm(3 * batch, generator=torch.Generator().manual_seed(number))
        step.learn(x, targets, order)
        batches = order.view(3, batch)
        net.learn(x[batches], y[batches] if loss == "cross_entropy" else targets[batches], rates)
        found = layered_row(sizes).tensors(step.parameters)
        for ours, theirs in zip(found, [*net.weights, *net.biases], strict=True):
            assert relative(ours.flatten(1), theirs.flatten(1)) <= 1e-12
    assert step.made.tolist() == [10, 10, 10]


@pytest.fixture
def one_thread():
    """As a sweep sets it for each chunk: sums are split by thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "shifted_sigmoid", "softplus"])
@pytest.mark.parametrize(
    ("sizes", "batch"), [([64, 32, 16, 10], 64), ([10, 9, 10], 64), ([20, 100, 3], 50), ([7, 9, 5, 2], 13), ([5, 2], 1)]
)
def test_a_member_is_the_same_to_the_bit_in_a_batch_and_alone(sizes, batch, name, dtype):
    """Guards against products and activations whose last bits depend on where a member lies in memory."""
    net = LayeredNetwork(sizes, activation=name, loss="cross_entropy", members=5, seed=0, dtype=dtype)
    x, _, targets = samples(5, 200, sizes[0], sizes[-1], dtype)
    orders = torch.randint(1000, (10, 5, batch), generator=torch.Generator().manual_seed(1))
    rates = torch.tensor([0.01, 0.03, 0.1, 0.3, 1.0], dtype=dtype)

    def trained(members):
        step = LayeredStep(
            sizes,
            net.activation,
            net.loss,
            parameters=ParameterRow.rows([*net.weights, *net.biases])[members],
            learning_rates=rates[members],
            batch=batch,
        )
        for order in orders[:, members]:
            step.learn(x, targets, order.flatten())
        return step.parameters

    together = trained([0, 1, 2, 3, 4])
    for member in range(5):
        assert torch.equal(trained([member])[0], together[member])


def test_members_that_no_longer_learn_stay_as_they_are():
    """Guards against a frozen member that wakes up when its sweep goes on."""
    net = LayeredNetwork([4, 3, 2], members=2, seed=0)
    start = ParameterRow.rows([*net.weights, *net.biases])
    alive = torch.tensor([False, True])
    step = LayeredStep(
        [4, 3, 2], net.activation, net.loss, parameters=start, learning_rates=torch.ones(2), batch=5, alive=alive
    )
    x, _, targets = samples(2, 5, 4, 2, torch.float32)
    step.learn(x, targets, torch.arange(10))
    assert torch.equal(step.parameters[0], start[0])
    assert not torch.equal(step.parameters[1], start[1])
    assert step.made.tolist() == [0, 1]
    assert step.alive.tolist() == alive.tolist() == [False, True]


@pytest.mark.parametrize("start", [0.5, -0.5])
def test_a_step_that_leaves_the_bounds_is_not_made(start):
    """Guards against a frozen member that keeps its last step, upwards or downwards, and neighbours that stop too."""
    parameters = torch.tensor([[start, 0], [start, 0]])
    step = LayeredStep(
        [1, 1],
        activation("linear"),
        named_loss("squared_error"),
        parameters=parameters,
        learning_rates=torch.tensor([0.25, 1e7]),
        batch=1,
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


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["inject", "clamp"]), st.sampled_from(["tanh", "sigmoid", "relu"]))
def test_recurrent_equilibria_are_those_of_the_network(seed, credit, name):
    """Guards against members that leave the iteration too early, too late, or with another's values."""
    net = RecurrentNetwork(
        3, 6, 2, activation=name, credit=credit, members=7, seed=seed, dtype=torch.float64, gain=0.9,
        unconverged="keep", max_steps=300,
    )  # fmt: skip
    net.biases[:, 3:] = torch.randn(7, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x, _, targets = samples(7, 5, 3, 2, torch.float64, seed)
    x, targets = x.view(7, 5, 3), targets.view(7, 5, 2)
    rates, fired = net.fire(x, report=True)
    credits, credited = net.assign_credit(rates, targets, report=True)
    dynamics = RecurrentDynamics(
        inputs=3, outputs=2, activation=net.activation, loss=net.loss, clamped=credit == "clamp", tolerance=1e-12,
        max_steps=300,
    )  # fmt: skip
    weights, biases = net.weights[:, 3:], net.biases[:, 3:].unsqueeze(2)
    found = dynamics.fire(weights, biases, x.mT)
    assert found.settled.tolist() == fired.converged.all(1).tolist()
    some = found.settled
    # both stop at steps below 1e-12, each at a place of its own
    torch.testing.assert_close(found.rates.mT[some], rates[some][..., 3:], rtol=1e-10, atol=1e-11)
    ours, settled = dynamics.assign_credit(weights, found, targets.mT)
    both = some & settled
    assert both.tolist() == (fired.converged & credited.converged).all(1).tolist()
    torch.testing.assert_close(ours.mT[both], credits[both][..., 3:], rtol=1e-10, atol=1e-11)


def test_settling_of_a_known_map():
    """Guards against a wrong verdict: z -> a z + 1 rests at 1 / (1 - a) for |a| < 1, oscillates or explodes else."""
    a = torch.tensor([0.5, -0.5, 0.9, -1.0, 3.0, 0.0], dtype=torch.float64).view(6, 1, 1).expand(6, 2, 3)

    def step(state, new, one, factor):
        return torch.addcmul(one, factor, state, out=new)

    state, settled = settle(step, (torch.ones_like(a), a), tolerance=1e-12, max_steps=2000, floor=1.0)
    assert settled.tolist() == [True, True, True, False, False, True]
    torch.testing.assert_close(state[settled], (1 / (1 - a))[settled], rtol=1e-10, atol=0)
    assert bool(torch.isfinite(state).all())
