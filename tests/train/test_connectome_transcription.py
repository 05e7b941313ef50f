import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from creditgraph.train.connectome import ConnectomeSimulation

sys.path.insert(0, str(Path(__file__).parent))
from connectome_reference import ENGINES, READINGS, SIGMA, simulate

# Large enough for synapses to turn over, small enough for networks with unbounded rates not to explode.
LEARNING_RATES = {
    "tanh": 0.02,
    "sigmoid": 0.05,
    "shifted_sigmoid": 0.1,
    "relu": 0.01,
    "clipped_relu": 0.02,
    "softplus": 5e-4,
    "linear": 0.01,
}
UNBOUNDED = ("relu", "softplus", "linear")
N = 37


def given_state(activation):
    """Weights, rates and credits that keep a network alive without noise."""
    draw = np.random.default_rng(0)
    excitation = 0.4 if activation in UNBOUNDED else 2.0
    return draw.normal(excitation / N, 1 / N, (N, N)), draw.uniform(0, 1, N), draw.normal(0, 0.5, N)


def from_state(W, x, c, **options):
    simulation = ConnectomeSimulation(n=len(x), dtype=torch.float64, **options)
    simulation.weights, simulation.rates, simulation.credits = W, x, c
    return simulation


def noise_of(simulation, seed_index):
    """The noise of 256 iterations, (2 or 1, iterations, n)."""
    return np.concatenate([simulation._noise.block(block)[seed_index].numpy() for block in range(4)], axis=1)


def assert_state(simulation, member, wanted):
    for got, want in zip((simulation.weights, simulation.rates, simulation.credits), wanted, strict=True):
        np.testing.assert_allclose(got[member].numpy(), want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("activation", list(SIGMA))
@pytest.mark.parametrize("clamp", ["constant", "identity"])
@pytest.mark.parametrize("self_synapses", ["kept", "none"])
def test_without_noise_equals_a_plain_transcription(engine, activation, clamp, self_synapses):
    """Guards against any step of algorithm 1 that is out of order, missing, or misread."""
    r = LEARNING_RATES[activation]
    W, x, c = given_state(activation)
    if self_synapses == "none":
        np.fill_diagonal(W, 0)
    readings = {"activation": activation, "clamp": clamp, "self_synapses": self_synapses}
    simulation = from_state(W, x, c, learning_rates=[r], pruning=[0.6], noise=0.0, engine=engine, **readings)
    simulation.run(200)
    wanted = simulate(W, x, c, r=r, p=0.6, iterations=200, clamped=4, **readings)
    assert np.abs(wanted[0] - W).max() > 0.01
    assert_state(simulation, 0, wanted)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("activation", list(SIGMA))
@pytest.mark.parametrize(("clamp", "noise_mode", "self_synapses"), READINGS)
def test_with_noise_equals_a_plain_transcription_given_that_noise(engine, activation, clamp, noise_mode, self_synapses):
    """Guards against noise at the wrong place, scale or seed, and pruning that is off while synapses turn over."""
    readings = {"activation": activation, "clamp": clamp, "self_synapses": self_synapses}
    r, iterations = LEARNING_RATES[activation], 100
    simulation = ConnectomeSimulation(
        n=N,
        learning_rates=[0.001, r],
        pruning=[0.3, 0.8],
        seeds=[5, 7],
        noise=0.2,
        noise_mode=noise_mode,
        dtype=torch.float64,
        engine=engine,
        **readings,
    )
    W, x, c = (values[7].clone().numpy() for values in (simulation.weights, simulation.rates, simulation.credits))
    if self_synapses == "none":
        np.fill_diagonal(W, 0)
    noise = noise_of(simulation, 1)
    assert noise.std() == pytest.approx(0.2, rel=0.05)
    assert np.array_equal(noise[0], noise[-1]) == (noise_mode == "shared")
    simulation.run(iterations)
    early, _, _ = simulate(W, x, c, r=r, p=0.8, iterations=30, clamped=4, noise=noise, **readings)
    wanted = simulate(W, x, c, r=r, p=0.8, iterations=iterations, clamped=4, noise=noise, **readings)
    assert ((early == 0) != (wanted[0] == 0)).sum() > 10, "synapses turn over"
    assert_state(simulation, 7, wanted)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", [1.5, 20.0, 1e4])
@pytest.mark.parametrize("self_synapses", ["kept", "none"])
def test_the_limit_of_divergence_is_kept_exactly(engine, divergence, self_synapses):
    """Guards against a bound that is only estimated: the last state is within, one iteration more would exceed it."""
    options = {"activation": "linear", "clamp": "constant", "self_synapses": self_synapses}
    simulation = ConnectomeSimulation(
        n=N, learning_rates=[0.1], noise=0.2, divergence=divergence, engine=engine, dtype=torch.float64, **options
    )
    given = [values[0].clone().numpy() for values in (simulation.weights, simulation.rates, simulation.credits)]
    if self_synapses == "none":
        np.fill_diagonal(given[0], 0)
    noise = noise_of(simulation, 0)
    options |= {"r": 0.1, "clamped": 4, "noise": noise}
    members = simulation.run(200).members
    assert members.status.tolist() == ["diverged"]
    done = int(members.iteration[0])
    assert done > 10
    within = simulate(*given, p=0.8, iterations=done, **options)
    assert max(np.abs(values).max() for values in within) <= divergence
    assert_state(simulation, 0, within)
    beyond = simulate(*given, p=0.8, iterations=done + 1, **options)
    assert max(np.abs(values).max() for values in beyond) > divergence
