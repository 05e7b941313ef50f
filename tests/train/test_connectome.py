import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.train.connectome import ConnectomeSimulation
from creditgraph.train.connectome.engines import made_engine

sys.path.insert(0, str(Path(__file__).parent))
from connectome_reference import ENGINES, READINGS, SIGMA


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
    module = made_engine(engine, torch.device("cpu"), at_once=1)
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
