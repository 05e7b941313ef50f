from __future__ import annotations

import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.plasticity import add_scaled, bias_change, synaptic_change

GENERATOR = torch.Generator().manual_seed(5)
CREDITS = torch.randn(2, 4, 3, generator=GENERATOR, dtype=torch.float64)
RATES = torch.randn(2, 4, 5, generator=GENERATOR, dtype=torch.float64)


def test_change_is_the_mean_outer_product():
    """Guards against a transpose, a sum in place of the mean, or a mix of members."""
    for m in range(2):
        for i in range(3):
            expected = [sum(float(CREDITS[m, b, i] * RATES[m, b, j]) for b in range(4)) / 4 for j in range(5)]
            assert synaptic_change(CREDITS, RATES, 4)[m, i].tolist() == pytest.approx(expected, rel=1e-13)
        assert bias_change(CREDITS, 4)[m].tolist() == pytest.approx(CREDITS[m].mean(0).tolist(), rel=1e-13)


def test_a_bias_is_a_synapse_from_a_neuron_clamped_at_one():
    """Guards against a bias that learns by another rule than a synapse."""
    ones = torch.ones(2, 4, 1, dtype=torch.float64)
    torch.testing.assert_close(
        bias_change(CREDITS, 4), synaptic_change(CREDITS, ones, 4)[..., 0], rtol=1e-14, atol=1e-15
    )


def test_change_is_local():
    """Guards against a change of dW[i, j] with anything but the pre rate j and the post credit i: exact equality."""
    before = synaptic_change(CREDITS, RATES, 4)
    credits, rates = CREDITS.clone(), RATES.clone()
    credits[..., 1:] += 7
    rates[..., 1:] -= 3
    after = synaptic_change(credits, rates, 4)
    assert torch.equal(after[:, 0, 0], before[:, 0, 0])
    assert not torch.any(after[:, 1:, 1:] == before[:, 1:, 1:])


def test_learning_rate_per_member():
    """Guards against a learning rate that reaches the wrong member or the wrong dimension."""
    values = torch.zeros(2, 2, 2, dtype=torch.float64)
    add_scaled(values, torch.ones_like(values), torch.tensor([0.0, 0.25]))
    assert values[0].eq(0).all()
    assert values[1].eq(0.25).all()
    add_scaled(values, torch.ones_like(values), 1)
    assert values[1].eq(1.25).all()


@pytest.mark.parametrize(
    "rate", [-0.1, float("nan"), float("inf"), "fast", torch.tensor([0.1]), torch.tensor([0.1, -1.0])]
)
def test_bad_learning_rates_are_named(rate):
    """Guards against weights that silently become NaN or climb the gradient."""
    values = torch.zeros(2, 1)
    with pytest.raises(OptionError, match="learning_rate: got"):
        add_scaled(values, torch.ones(2, 1), rate)
    assert values.eq(0).all()
