"""Steps at which weights are not looked at: that they are safe, and that it changes nothing."""

import pytest
import torch
from torch.nn import functional

from creditgraph.train.activations import activation
from creditgraph.train.losses import loss
from creditgraph.train.sweeps.layered_step import LayeredStep
from creditgraph.train.sweeps.parameters import layered_row
from creditgraph.train.sweeps.safe_steps import MOST, SafeSteps

SIZES, BATCH = [7, 9, 5, 3], 16
ACTIVATIONS = ("tanh", "sigmoid", "shifted_sigmoid", "relu", "clipped_relu", "softplus", "linear")


def data(members, steps):
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(50, SIZES[0], generator=draw)
    y = functional.one_hot(torch.randint(SIZES[-1], (50,), generator=draw), SIZES[-1]).float()
    return x, y, torch.randint(50, (steps, members * BATCH), generator=draw)


def step_of(name, loss_name, learning_rates, **options):
    parameters = torch.randn(1, layered_row(SIZES).size, generator=torch.Generator().manual_seed(0)) * 0.3
    return LayeredStep(
        SIZES,
        activation(name),
        loss(loss_name),
        parameters=parameters.repeat(len(learning_rates), 1),
        learning_rates=torch.tensor(learning_rates),
        batch=BATCH,
        **options,
    )


@pytest.mark.parametrize("loss_name", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_steps_that_are_foreseen_stay_within_bounds(name, loss_name):
    """Guards against a bound that is none: a member would go on beyond it and be said to be alive."""
    foreseen = set()
    for rate in (1e-4, 1e-3, 0.03, 1.0):
        step = step_of(name, loss_name, [rate])
        x, y, batches = data(1, MOST)
        safe = SafeSteps(
            SIZES,
            batch=BATCH,
            activation=name,
            softmax=loss_name == "cross_entropy",
            largest_input=float(x.norm(dim=1).max()),
            largest_weight=60.0,
        )
        norms = ([float(each.norm()) for each in kind] for kind in (step._now.weights, step._now.biases))
        count = safe.count(*norms, rate)
        foreseen.add(count)
        for place, batch in enumerate(batches[:count]):
            step.learn(x, y, batch)
            for now in (*step._now.weights, *step._now.biases):
                assert float(now.norm()) <= 60.0, place
    assert max(foreseen) > 2
    assert len(foreseen) > 1


@pytest.mark.parametrize("loss_name", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_foresight_changes_nothing(name, loss_name):
    """Guards against a member that learns otherwise, or diverges later, where it is not looked at after each step."""
    for learning_rates in ([0.01, 0.05], [0.05, 2e5]):
        x, y, batches = data(2, 150)
        looking = step_of(name, loss_name, learning_rates)
        foreseeing = step_of(name, loss_name, learning_rates, largest_input=float(x.norm(dim=1).max()))
        for batch in batches:
            looking.learn(x, y, batch)
            foreseeing.learn(x, y, batch)
        assert torch.equal(foreseeing.parameters, looking.parameters)
        assert torch.equal(foreseeing.alive, looking.alive)
        assert torch.equal(foreseeing.made, looking.made)


def test_weights_are_seldom_looked_at(monkeypatch):
    """Guards against foresight that never comes to bear: it is there for speed alone."""
    looks = []
    keep = LayeredStep._keep
    monkeypatch.setattr(LayeredStep, "_keep", lambda step: looks.append(1) or keep(step))
    x, y, batches = data(2, 150)
    step = step_of("tanh", "cross_entropy", [0.01, 0.1], largest_input=float(x.norm(dim=1).max()))
    for batch in batches:
        step.learn(x, y, batch)
    assert len(looks) < 5
