from __future__ import annotations

import pytest
import torch

from creditgraph.train.behaviour import BEHAVIOURS, OSCILLATING, RUNAWAY, SETTLED, WANDERING, observe
from creditgraph.train.recurrent import RecurrentNetwork


def watch(step, start):
    state = torch.tensor(start, dtype=torch.float64)
    for _ in range(200):
        state = step(state)
    codes, periods = observe(step, state, torch.zeros(state.shape[:2], dtype=torch.bool))
    return codes.tolist(), periods.tolist()


@pytest.mark.parametrize(("r", "period"), [(3.2, 2), (3.5, 4), (3.83, 3), (3.55, 8)])
def test_cycles_of_the_logistic_map(r, period):
    """Guards against a wrong period: the logistic map's cycles at these parameters are textbook knowledge."""
    assert watch(lambda z: r * z * (1 - z), [[[0.3]]]) == ([[OSCILLATING]], [[period]])


def test_chaos_and_a_slow_way_to_rest_are_wandering():
    """Guards against chaos that passes for a cycle, and slow decay (0.9999 a step) for one of period 1 or 2."""
    assert watch(lambda z: 4 * z * (1 - z), [[[0.3]]]) == ([[WANDERING]], [[0]])
    for factor in (0.9999, -0.9999):
        assert watch(lambda z, a=factor: a * z, [[[1.0]]]) == ([[WANDERING]], [[0]])


def test_growth_is_runaway_long_before_it_overflows():
    """Guards against a slowly growing, or growing and alternating, sample that counts as bounded."""
    factors = torch.tensor([[[1.01], [-1.01], [-1.0], [0.5]]], dtype=torch.float64)
    codes, periods = observe(
        lambda z: z * factors,
        torch.ones_like(factors),
        torch.tensor([[False, False, False, True]]),
    )
    assert codes.tolist() == [[RUNAWAY, RUNAWAY, OSCILLATING, SETTLED]]
    assert periods.tolist() == [[0, 0, 2, 0]]


def fired(weights, x, **options):
    n = weights.shape[0]
    net = RecurrentNetwork(
        1,
        n - 2,
        1,
        mask="all_to_all",
        mask_options={"self_synapses": True},
        dtype=torch.float64,
        unconverged="keep",
        **options,
    )
    net.weights = weights[None].double()
    return net.fire([[each] for each in x], report=True)[1]


def test_networks_built_to_settle_oscillate_and_run_away():
    """Guards against a wrong name for what firing does, sample by sample in one batch.

    Two hidden neurons inhibit each other with weight -3 under input 0.1, together: a cycle of 2. An inhibitory input
    of -20 holds both at -1, where their slope is nearly 0: they rest.
    """
    weights = torch.zeros(4, 4)
    weights[1, 2] = weights[2, 1] = -3.0
    weights[1, 0] = weights[2, 0] = weights[3, 1] = 1.0
    report = fired(weights, [0.1, -20.0])
    assert report.behaviours.tolist() == [["oscillating", "settled"]]
    assert report.period.tolist() == [[2, 0]]
    loop = torch.zeros(4, 4)
    loop[1, 2] = loop[2, 1] = 1.05
    loop[1, 0] = loop[3, 2] = 1.0
    report = fired(loop, [1.0, 0.0], activation="linear", max_steps=100)
    assert report.behaviours.tolist() == [["runaway", "settled"]]
    assert report.residual[0, 0].isfinite()


def test_a_random_network_of_high_gain_is_chaotic():
    """Guards against chaos reported as anything else: tanh, gain 8, 200 neurons (Sompolinsky and others 1988).

    A disturbance of 1e-9 must grow, which tells chaos from a slow way to rest.
    """
    net = RecurrentNetwork(1, 200, 1, gain=8.0, seed=3, dtype=torch.float64, unconverged="keep")
    rates, report = net.fire([[0.5]], report=True)
    assert report.behaviours.tolist() == [["wandering"]]
    weights = net.weights[0].mT
    apart = rates[0] + 1e-9
    together = rates[0].clone()
    for _ in range(60):
        together, apart = torch.tanh(together @ weights), torch.tanh(apart @ weights)
        together[:, 0] = apart[:, 0] = 0.5
    assert (together - apart).abs().max() > 0.1


def test_credits_that_do_not_settle_are_named():
    """Guards against credits without rest that have no name: a balance of 9 makes J expand."""
    net = RecurrentNetwork(2, 10, 2, balance=lambda s: torch.full_like(s, 9.0), dtype=torch.float64, unconverged="keep")
    rates = net.fire(torch.ones(1, 2))
    _, report = net.assign_credit(rates, torch.ones(1, 2), report=True)
    assert report.behaviours.tolist() == [["runaway"]]
    assert set(report.behaviours.flatten()) <= set(BEHAVIOURS)
