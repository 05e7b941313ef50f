from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.recurrent import RecurrentNetwork
from creditgraph.train.spectra import equilibria_over, spectral_radii


def network(**options):
    return RecurrentNetwork(3, 9, 2, **{"dtype": torch.float64, "seed": 4, "members": 2, "gain": 0.9, **options})


def test_radii_of_a_loop_by_hand():
    """Guards against a slope on the wrong side or a missed neuron: a loop of weights 4 and 9 at net input 0.

    With slopes 1 (tanh at 0) the eigenvalues of [[0, 4], [9, 0]] are 6 and -6. Clamped credits of the output cut the
    loop: nothing but zeros.
    """
    for credit, expected in (("inject", 6.0), ("clamp", 0.0)):
        net = RecurrentNetwork(1, 1, 1, credit=credit, dtype=torch.float64)
        weights = torch.zeros(1, 3, 3)
        weights[0, 1, 2], weights[0, 2, 1] = 4.0, 9.0
        net.weights = weights
        radii = spectral_radii(net, torch.zeros(1, 1, 3, dtype=torch.float64))
        assert radii.firing.item() == pytest.approx(6.0, rel=1e-12)
        assert radii.credit.item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("credit", ["inject", "clamp"])
@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_radii_against_numpy_on_autograds_jacobian(credit, loss):
    """Guards against a Jacobian other than that of the step itself, for each member and sample."""
    net = network(credit=credit, loss=loss)
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    rates = net.fire(x)
    radii = spectral_radii(net, rates)
    for m in range(2):
        for b in range(4):

            def step(free, m=m, b=b):
                s = net.weights[m, 3:] @ torch.cat([rates[m, b, :3], free]) + net.biases[m, 3:]
                linear = loss == "cross_entropy"
                return torch.cat([torch.tanh(s[:-2]), s[-2:] if linear else torch.tanh(s[-2:])])

            jacobian = torch.autograd.functional.jacobian(step, rates[m, b, 3:])
            assert radii.firing[m, b].item() == pytest.approx(np.abs(np.linalg.eigvals(jacobian)).max(), rel=1e-9)
            # free credits: under clamp those of the hidden neurons alone
            among = jacobian[:-2, :-2] if credit == "clamp" else jacobian
            assert radii.credit[m, b].item() == pytest.approx(np.abs(np.linalg.eigvals(among)).max(), rel=1e-9)


def test_radii_in_chunks(monkeypatch):
    """Guards against samples lost where a large batch is split."""
    net = network()
    rates = net.fire(torch.ones(5, 3) * torch.arange(5)[:, None])
    whole = spectral_radii(net, rates)
    monkeypatch.setattr("creditgraph.train.spectra.SOLVE_BYTES", 2 * 16 * 11 * 11 * 2)
    parts = spectral_radii(net, rates)
    torch.testing.assert_close(parts.firing, whole.firing, rtol=1e-13, atol=0)
    torch.testing.assert_close(parts.credit, whole.credit, rtol=1e-13, atol=0)


def test_the_credits_rate_of_decay_is_their_radius():
    """Guards against a radius that says nothing of the dynamics: credits without a source decay at that rate."""
    net = network(members=1)
    rates = net.fire(torch.ones(1, 3))
    matrix = net.credit_matrix(rates)[0, 0]
    credits, sizes = torch.ones(11, dtype=torch.float64), []
    for _ in range(400):
        credits = matrix @ credits
        sizes.append(credits.norm().item())
    rate = (sizes[-1] / sizes[199]) ** (1 / 200)
    assert rate == pytest.approx(spectral_radii(net, rates).credit.item(), rel=0.01)


def test_the_sweep_shows_where_equilibria_end():
    """Guards against a table that hides the limitation: at low gain all settles, at high gain nothing does."""
    table = equilibria_over([0.3, 4.0], hidden=30, networks=2, samples=4, max_steps=300)
    assert len(table) == 4
    low, high = table[table["gain"] == 0.3], table[table["gain"] == 4.0]
    assert (low[["settled", "credits_settled", "credits_solved"]] == 4).all(axis=None)
    assert (low["firing_radius_max"] < 1).all()
    assert (low["hidden_credit"] > 0.01).all()
    assert (high["firing_radius"] > 1).all()
    assert (high["oscillating"] + high["wandering"] == 4 - high["settled"]).all()
    assert (high["settled"] < 4).all()
    assert (table[["settled", "oscillating", "wandering", "runaway"]].sum(axis=1) == 4).all()
    pd.testing.assert_frame_equal(
        low.reset_index(drop=True), equilibria_over([0.3], hidden=30, networks=2, samples=4, max_steps=300)
    )


def test_runaway_networks_are_counted_not_raised():
    """Guards against NaN in eigenvalues or a library's error where rates left the range of numbers."""
    table = equilibria_over([8.0], activation="relu", hidden=20, networks=1, samples=3, credit="clamp", max_steps=2000)
    assert table["runaway"].tolist() == [3]
    assert table["credits_solved"].tolist() == [0]
    assert table["hidden_credit"].isna().all()
    assert (table["firing_radius"] > 1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gains": []}, "gains: got"),
        ({"gains": [-1.0]}, "gains: got"),
        ({"gains": [1.0], "samples": 0}, "samples: got 0"),
        ({"gains": [1.0], "mask": "small-world"}, "did you mean 'small_world'"),
    ],
)
def test_bad_options_are_named(options, message):
    """Guards against a library's traceback for an impossible sweep."""
    with pytest.raises(OptionError, match=message):
        equilibria_over(**options)


def test_matrices_of_two_neurons_by_hand():
    """Guards against slopes on the wrong side, which eigenvalues cannot tell."""
    net = RecurrentNetwork(1, 1, 1, dtype=torch.float64)
    weights = torch.zeros(1, 3, 3)
    weights[0, 1, 2], weights[0, 2, 1] = 4.0, 9.0
    net.weights = weights
    net.biases[0, 2] = 1.0
    rates, slope = torch.zeros(1, 1, 3, dtype=torch.float64), 1 / np.cosh(1.0) ** 2
    assert net.firing_matrix(rates)[0, 0].tolist() == [[0, pytest.approx(4)], [pytest.approx(9 * slope), 0]]
    assert net.credit_matrix(rates)[0, 0].tolist() == [[0, pytest.approx(9 * slope)], [pytest.approx(4), 0]]
