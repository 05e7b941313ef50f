from __future__ import annotations

import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.recurrent import RecurrentNetwork
from creditgraph.train.timescale_sweep import timescale_sweep
from creditgraph.train.timescales import integrate_timescales, recurrent_form

GENERATOR = torch.Generator().manual_seed(2)
X = torch.randn(5, 4, generator=GENERATOR, dtype=torch.float64)
Y = torch.randn(5, 3, generator=GENERATOR, dtype=torch.float64)


def layered(activation="tanh", loss="squared_error"):
    net = LayeredNetwork([4, 6, 5, 3], activation=activation, loss=loss, members=2, dtype=torch.float64)
    net.biases = [0.1 * torch.randn(each.shape, generator=GENERATOR, dtype=each.dtype) for each in net.biases]
    return net


def recurrent(**options):
    net = RecurrentNetwork(4, 8, 3, members=2, dtype=torch.float64, **options)
    net.biases[:, 4:] = 0.1
    return net


def test_recurrent_form_is_the_same_network():
    """Guards against a block of weights that lands on the wrong layer."""
    net = layered("sigmoid", "cross_entropy")
    form = recurrent_form(net)
    assert torch.allclose(form.fire(X), torch.cat(list(net.fire(X)), -1), rtol=0, atol=1e-14)


@pytest.mark.parametrize("make", [layered, recurrent, lambda: recurrent(credit="clamp")])
def test_against_a_transcription(make):
    """Guards against any change of the order, the clamps or the equations: a loop over neurons says the same."""
    net = make()
    form = recurrent_form(net) if isinstance(net, LayeredNetwork) else net
    found = integrate_timescales(
        net, X, Y, steps=40, credit_every=2, plasticity_every=5, input_window=(3, 30), output_window=(10, 36),
        learning_rate=0.05,
    )  # fmt: skip
    n, out = form.n, slice(form.n - 3, form.n)
    for m in range(2):
        w, b, mask = form.weights[m].numpy().copy(), form.biases[m].numpy().copy(), form.mask.numpy()
        b[:4] = 0
        before = w.copy(), b.copy()
        x, bias_rate, c = np.zeros((5, n)), 0.0, np.zeros((5, n))
        for t in range(40):
            x, bias_rate = np.tanh(x @ w.T + bias_rate * b), 0.0
            if 3 <= t < 30:
                x[:, :4], bias_rate = X.numpy(), 1.0
            if t % 2 == 1:
                f = 1 - np.tanh(x @ w.T + bias_rate * b) ** 2
                c = (c * f) @ w
                if 10 <= t < 36:
                    error = Y.numpy() - x[:, out]
                    c[:, out] = error + (c[:, out] if form.credit == "inject" else 0)
            if t % 5 == 4:
                f = 1 - np.tanh(x @ w.T + bias_rate * b) ** 2
                effective = (c * f)[:, 4:]
                w[4:] += 0.05 * mask[4:] * (effective.T @ x) / 5
                b[4:] += 0.05 * effective.mean(0) * bias_rate
        assert found.accumulated.weights[m].numpy() == pytest.approx((w - before[0]) / 0.05, rel=1e-9, abs=1e-12)
        assert found.accumulated.biases[m].numpy() == pytest.approx((b - before[1]) / 0.05, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("make", [layered, recurrent])
def test_slow_enough_is_the_gradient(make):
    """Guards against a presentation that does not end at equation 4: one late event is the gradient."""
    net = make()
    found = integrate_timescales(net, X, Y, steps=400, credit_every=2, plasticity_every=400)
    for got, expected in (
        (found.accumulated.weights, found.gradient.weights),
        (found.accumulated.biases, found.gradient.biases),
    ):
        assert torch.allclose(got, expected, rtol=1e-9, atol=1e-11)
    assert (found.angle < 1e-8).all()
    form = recurrent_form(net) if isinstance(net, LayeredNetwork) else net
    weights = form.weights.clone().requires_grad_()
    stimulus = X.expand(2, -1, -1)
    rates = torch.zeros(2, 5, form.n, dtype=torch.float64)
    for _ in range(300):
        rates = torch.cat([stimulus, torch.tanh(rates @ weights.mT + form.biases[:, None])[..., 4:]], -1)
    (exact,) = torch.autograd.grad(0.5 * (rates[..., -3:] - Y).square().sum() / 5, [weights])
    assert torch.allclose(found.gradient.weights, -exact * form.mask, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("make", [layered, recurrent])
def test_learning_only_in_the_overlap(make):
    """Guards against synapses that change without both clamps: windows apart teach nothing, or nothing but a trace."""
    net = make()
    apart = {"input_window": (0, 150), "output_window": (300, 400)}
    for windows in (apart, {"input_window": (0, 400), "output_window": (0, 0)}):
        found = integrate_timescales(net, X, Y, steps=400, credit_every=3, plasticity_every=7, **windows)
        assert float(found.accumulated.weights.abs().max()) < 1e-9
    shared = integrate_timescales(
        net, X, Y, steps=400, credit_every=3, plasticity_every=7, input_window=(0, 250), output_window=(100, 400)
    )
    assert (shared.inside > 0.95).all()
    assert float(shared.accumulated.weights.abs().max()) > 0.01


def test_neurons_that_fire_at_rest_learn_under_the_output_clamp():
    """Guards against a phase switch that would hide it: with sigmoid the equations themselves learn there."""
    net = layered("sigmoid")
    found = integrate_timescales(net, X, Y, steps=200, input_window=(0, 0), output_window=(0, 200))
    assert float(found.accumulated.weights.abs().max()) > 1e-3
    assert (found.inside == 0).all()


def test_events():
    """Guards against a raster with events at the wrong times, groups or sizes."""
    net = LayeredNetwork([4, 6, 5, 3], members=2, dtype=torch.float64)
    found = integrate_timescales(net, X, Y, steps=30, credit_every=4, plasticity_every=10, input_window=(5, 30))
    events = found.events
    assert sorted(set(events["step"][events["quantity"] == "credit"])) == [3, 7, 11, 15, 19, 23, 27]
    assert sorted(set(events["step"][events["quantity"] == "plasticity"])) == [9, 19, 29]
    assert set(events["group"]) == {"input", "hidden 1", "hidden 2", "output"}
    first = events[(events["quantity"] == "firing") & (events["seed"] == 1) & (events["change"] > 0)]
    onsets = first.groupby("group")["step"].min()
    assert onsets.to_dict() == {"input": 5, "hidden 1": 6, "hidden 2": 7, "output": 8}
    arrival = events[(events["quantity"] == "firing") & (events["group"] == "input") & (events["step"] == 5)]
    assert arrival["change"].tolist() == pytest.approx([float(X.abs().mean())] * 2)


def test_sweep_goes_to_the_gradient():
    """Guards against a sweep whose angle does not fall as credit gets faster than plasticity."""
    table = timescale_sweep(layered(), X, Y, credit_every=[1, 20], plasticity_every=[1, 50], overlaps=[50])
    angles = table.groupby(["credit_every", "plasticity_every"])["angle"].mean()
    assert angles[1, 50] < 1e-8
    assert angles[1, 50] < angles[1, 1] < angles[20, 1]
    lengths = table.groupby(["credit_every", "plasticity_every"])["length"].mean()
    assert lengths[1, 50] == pytest.approx(1, abs=1e-9)


def test_the_network_is_left_alone():
    """Guards against a demonstration that trains its caller's network."""
    net = recurrent()
    weights, biases = net.weights.clone(), net.biases.clone()
    integrate_timescales(net, X, Y, steps=20, credit_every=1, plasticity_every=1, learning_rate=1.0)
    assert torch.equal(net.weights, weights)
    assert torch.equal(net.biases, biases)


@pytest.mark.parametrize(
    "options",
    [
        {"steps": 0},
        {"credit_every": 0},
        {"plasticity_every": 1.5},
        {"learning_rate": 0},
        {"input_window": (3, 2)},
        {"output_window": (0, 601)},
        {"output_window": "all"},
        {"input_window": (1, 2, 3)},
    ],
)
def test_bad_options_are_named(options):
    """Guards against a traceback from within the loop."""
    with pytest.raises(OptionError, match=f"{next(iter(options))}: got"):
        integrate_timescales(layered(), X, Y, **options)


def test_bad_data_are_named():
    """Guards against data that fit by chance, and silent NaN."""
    with pytest.raises(DataError, match="x: got"):
        integrate_timescales(layered(), X[:, :3], Y)
    with pytest.raises(DataError, match="y: got"):
        integrate_timescales(layered(), X, Y[:, :2])
    net = layered("linear")
    with pytest.raises(DataError, match="range of numbers"):
        integrate_timescales(net, X, Y, steps=900, credit_every=1, plasticity_every=1, learning_rate=100.0)
