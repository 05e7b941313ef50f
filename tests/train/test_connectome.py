import hashlib
import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.guard import CreditgraphError, DataError, OptionError
from creditgraph.train import connectome_compiled, connectome_dynamics
from creditgraph.train.connectome import ConnectomeSimulation

sys.path.insert(0, str(Path(__file__).parent))
from connectome_reference import SIGMA, simulate

ENGINES = ("compiled", "tensor")
# Every pair of readings occurs.
READINGS = [
    ("constant", "independent", "kept"),
    ("constant", "shared", "none"),
    ("identity", "independent", "none"),
    ("identity", "shared", "kept"),
]


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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_member_alone_is_the_same_to_the_bit_whatever_the_batch_and_the_threads(dtype):
    """Guards against seeds, noise or sums that depend on the other members or on the number of threads."""
    options = {"n": 60, "learning_rates": [1e-3, 0.1, 0.3], "pruning": [0.5, 0.8], "seeds": [0, 1, 3], "dtype": dtype}
    together = ConnectomeSimulation(**options).run(80)
    threads = torch.get_num_threads()
    try:
        for m, threads_alone in ((0, 1), (4, 2), (13, 3), (17, 1)):
            torch.set_num_threads(threads_alone)
            row = together.members.iloc[m]
            alone = {"learning_rates": [row.learning_rate], "pruning": [row.pruning], "seeds": [row.seed]}
            result = ConnectomeSimulation(**(options | alone)).run(80)
            assert torch.equal(result.weights[0], together.weights[m])
    finally:
        torch.set_num_threads(threads)


@pytest.mark.slow
def test_compiled_code_is_kept_and_gives_the_same_bits_in_another_process(tmp_path):
    """Guards against compiling anew in each process, and results that differ between fresh and kept code."""
    script = (
        "import hashlib; from creditgraph.train import ConnectomeSimulation; "
        "weights = ConnectomeSimulation(n=40, learning_rates=[0.1], seeds=[3]).run(70).weights; "
        "print(hashlib.sha256(weights.numpy().tobytes()).hexdigest())"
    )
    digests, kept = [], []
    for _ in range(2):
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        digests.append(done.stdout)
        kept.append({path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")})
    here = ConnectomeSimulation(n=40, learning_rates=[0.1], seeds=[3]).run(70).weights
    assert digests == [hashlib.sha256(here.numpy().tobytes()).hexdigest() + "\n"] * 2
    assert kept[0]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_each_member_keeps_exactly_the_largest_share(engine, dtype):
    """Guards against a threshold that is off by an entry while weights grow, shrink and turn over."""
    learning_rates = [0.0, 1e-3, 0.1, 1.0]
    simulation = ConnectomeSimulation(
        n=60, learning_rates=learning_rates, pruning=[0.37, 0.8, 0.999], seeds=[0, 1], engine=engine, dtype=dtype
    )
    for _ in range(5):
        weights = simulation.run(7).weights
        zeros = (weights == 0).sum((1, 2)).tolist()
        assert zeros == [round(p * 3600) for _, p, _ in simulation.keys]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_runs_equal_one_long_run_to_the_bit(engine):
    """Guards against noise that starts anew, or state that is lost, when a simulation goes on."""
    options = {"n": 30, "learning_rates": [0.05], "seeds": [0, 1], "engine": engine}
    whole, parts = ConnectomeSimulation(**options), ConnectomeSimulation(**options)
    long = whole.run(200)
    parts.run(90)
    short = parts.run(110)
    assert torch.equal(long.weights, short.weights)
    assert torch.equal(whole.rates, parts.rates)
    assert torch.equal(whole.credits, parts.credits)
    assert torch.equal(long.initial_weights, short.initial_weights)
    assert short.members.iteration.tolist() == [200, 200]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_runs_do_not_disturb_the_result_of_the_first(engine):
    """Guards against results that share memory with the running simulation."""
    simulation = ConnectomeSimulation(n=20, learning_rates=[0.1], engine=engine)
    first = simulation.run(20)
    kept = first.weights.clone()
    simulation.run(20)
    assert torch.equal(first.weights, kept)


@pytest.mark.parametrize("activation", list(SIGMA))
@pytest.mark.parametrize(("clamp", "noise_mode", "self_synapses"), READINGS)
def test_the_engines_agree(activation, clamp, noise_mode, self_synapses):
    """Guards against an engine that drifts from the other, divergence included."""
    options = {"clamp": clamp, "noise_mode": noise_mode, "self_synapses": self_synapses, "activation": activation}
    options |= {"n": 50, "learning_rates": [1e-3, 0.3], "pruning": [0.0, 0.8], "seeds": [2], "dtype": torch.float64}
    compiled, tensor = (ConnectomeSimulation(**options, engine=engine).run(40) for engine in ENGINES)
    pd.testing.assert_frame_equal(compiled.members, tensor.members)
    pd.testing.assert_frame_equal(compiled.training, tensor.training, rtol=1e-8)
    torch.testing.assert_close(compiled.weights, tensor.weights, rtol=1e-8, atol=1e-8)


def test_members_are_the_product_with_seeds_fastest_and_share_what_their_seed_gives():
    """Guards against members in another order, and initial weights that are not paired across the sweep."""
    simulation = ConnectomeSimulation(n=12, learning_rates=[0.3, 0.1], pruning=[0.5, 0.9], seeds=[4, 1])
    assert simulation.keys == list(itertools.product([0.3, 0.1], [0.5, 0.9], [4, 1]))
    for m in range(2, 8):
        assert torch.equal(simulation.weights[m], simulation.weights[m % 2])
    assert not torch.equal(simulation.weights[0], simulation.weights[1])
    assert simulation.credits[0].tolist() == [1] + [0] * 11
    assert not simulation.rates.any()
    result = simulation.run(3)
    assert (
        list(result.members[["learning_rate", "pruning", "seed"]].itertuples(index=False, name=None)) == simulation.keys
    )
    zeros = (result.weights == 0).sum((1, 2)).tolist()
    assert zeros == [72, 72, 130, 130] * 2


def test_initial_weights_have_the_scale_that_was_asked_for():
    """Guards against a variance taken for a standard deviation."""
    simulation = ConnectomeSimulation(n=200, learning_rates=[0.1], initial_scale=0.05)
    assert simulation.weights.std().item() == pytest.approx(0.05, rel=0.02)


def test_both_precisions_see_the_same_noise():
    """Guards against float64 runs that cannot be compared with float32 runs of the same seed."""
    single, double = (ConnectomeSimulation(n=9, learning_rates=[0.1], dtype=d) for d in (torch.float32, torch.float64))
    torch.testing.assert_close(single._noise.block(3).double(), double._noise.block(3), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_diverged_member_is_frozen_and_recorded_and_the_others_go_on(engine, dtype):
    """Guards against NaN in results, exceptions, and members that poison their neighbours."""
    options = {"n": 30, "activation": "linear", "pruning": [0.2], "seeds": [0, 1], "engine": engine, "dtype": dtype}
    both = ConnectomeSimulation(learning_rates=[1e-4, 5.0], **options)
    result = both.run(300)
    assert result.members.status.tolist() == ["completed", "completed", "diverged", "diverged"]
    assert (result.members.iteration[:2] == 300).all()
    for values in (result.weights, both.rates, both.credits):
        assert (values.abs() <= 1e6).all()
    alone = ConnectomeSimulation(learning_rates=[1e-4], **options).run(300)
    torch.testing.assert_close(result.weights[:2], alone.weights)
    for m in (2, 3):
        key = result.members.loc[[m], ["learning_rate", "pruning", "seed"]]
        last = int(result.members.iteration[m])
        assert 0 < last < 300
        before = ConnectomeSimulation(learning_rates=[5.0], **(options | {"seeds": [m - 2]})).run(last)
        assert before.members.status.tolist() == ["completed"]
        torch.testing.assert_close(before.weights[0], result.weights[m], rtol=1e-6, atol=1e-6)
        assert result.training.merge(key).iteration.max() <= last
    again = both.run(50)
    assert torch.equal(again.weights[2:], result.weights[2:])
    assert again.members.iteration.tolist()[2:] == result.members.iteration.tolist()[2:]


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


def test_training_records_what_its_columns_say():
    """Guards against mislabelled or misnormalised columns, and rows out of order."""
    simulation = ConnectomeSimulation(n=25, learning_rates=[0.1, 0.2], pruning=[0.5], seeds=[0, 1], dtype=torch.float64)
    simulation.run(4)
    s = torch.bmm(simulation.weights, simulation.rates.unsqueeze(2)).squeeze(2)
    training = simulation.run(1).training
    assert training.columns.tolist() == [
        *("learning_rate", "pruning", "seed", "iteration"),
        *("weight_norm", "mean_abs_weight", "rate_norm", "credit_norm", "mean_balance", "ei_imbalance"),
    ]
    assert training.iteration.tolist() == [1, 2, 3, 4, 5] * 4
    last = training[training.iteration == 5]
    weights = simulation.weights.flatten(1).numpy()
    np.testing.assert_allclose(last.weight_norm, np.sqrt((weights**2).sum(1)))
    np.testing.assert_allclose(last.mean_abs_weight, np.abs(weights).mean(1))
    np.testing.assert_allclose(last.rate_norm, np.sqrt((simulation.rates.numpy() ** 2).sum(1)))
    np.testing.assert_allclose(last.credit_norm, np.sqrt((simulation.credits.numpy() ** 2).sum(1)))
    np.testing.assert_allclose(last.mean_balance, (1 / np.cosh(s.numpy()) ** 2).mean(1))
    inputs = simulation.weights.numpy() * simulation.rates.numpy()[:, None, :]
    excitation, inhibition = np.clip(inputs, 0, None).sum(2), np.clip(-inputs, 0, None).sum(2)
    np.testing.assert_allclose(last.ei_imbalance, (abs(excitation - inhibition) / (excitation + inhibition)).mean(1))


@pytest.mark.parametrize("engine", ENGINES)
def test_imbalance_by_hand(engine):
    """Guards against a sign lost in the imbalance, and NaN of a neuron that has no input."""
    module = connectome_compiled if engine == "compiled" else connectome_dynamics
    weights = torch.tensor([[[1.0, -1.0, 0.0], [2.0, 1.0, -1.0], [0.0, 0.0, 0.0]]])
    rates = torch.tensor([[1.0, 1.0, -1.0]])
    # neurons: +1 -1, balanced; +2 +1 +1, excitation alone; no input
    assert module.imbalance(weights, rates).tolist() == pytest.approx([1 / 3])


def test_a_long_run_is_recorded_about_sixty_times_and_reports_progress():
    """Guards against a table that grows with the iterations, a last iteration left out, and a silent bar."""
    calls = []
    result = ConnectomeSimulation(n=5, learning_rates=[0.1]).run(1000, progress=lambda *call: calls.append(call))
    assert len(result.training) == 60
    assert result.training.iteration.iloc[[0, -1]].tolist() == [1, 1000]
    assert calls[-1] == (1000, 1000)
    assert [done for done, _ in calls] == result.training.iteration.tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"n": 0},
        {"n": 2.5},
        {"learning_rates": []},
        {"learning_rates": [-0.1]},
        {"learning_rates": [0.1, 0.1]},
        {"learning_rates": 0.1},
        {"pruning": [1.2]},
        {"seeds": []},
        {"seeds": [-1]},
        {"noise": -1},
        {"noise": float("nan")},
        {"initial_scale": -0.1},
        {"activation": "tanhh"},
        {"clamp": "fixed"},
        {"clamped_fraction": 2},
        {"noise_mode": "none"},
        {"self_synapses": True},
        {"dtype": torch.float16},
        {"device": "nowhere"},
        {"divergence": 0},
        {"engine": "fast"},
    ],
)
def test_impossible_options(options):
    """Guards against a mistake that surfaces as a library's traceback or not at all."""
    with pytest.raises(OptionError, match=next(iter(options))):
        ConnectomeSimulation(**({"n": 4, "learning_rates": [0.1]} | options))


@pytest.mark.parametrize("iterations", [0, -1, 1.5, "all"])
def test_impossible_iterations(iterations):
    """Guards against a run that does nothing or fails halfway."""
    with pytest.raises(OptionError, match="iterations"):
        ConnectomeSimulation(n=4, learning_rates=[0.1]).run(iterations)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("weights", np.ones((3, 4))),
        ("rates", np.ones(3)),
        ("credits", [0, 0, 0, float("nan")]),
        ("weights", np.full((4, 4), np.inf)),
    ],
)
def test_impossible_state(name, values):
    """Guards against state of another shape, or with NaN or infinity, that would be broadcast or spread."""
    simulation = ConnectomeSimulation(n=4, learning_rates=[0.1])
    with pytest.raises(DataError, match=name):
        setattr(simulation, name, values)


def test_state_that_was_changed_in_place_is_checked_before_a_run():
    """Guards against NaN that enters behind the setter's back."""
    simulation = ConnectomeSimulation(n=4, learning_rates=[0.1])
    simulation.weights[0, 1, 2] = float("nan")
    with pytest.raises(CreditgraphError, match="weights"):
        simulation.run(1)
