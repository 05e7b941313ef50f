from __future__ import annotations

import math

import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.activations import ACTIVATIONS, activation

CLOSED_FORMS = {
    "tanh": (math.tanh, lambda s: 1 / math.cosh(s) ** 2),
    "sigmoid": (lambda s: 1 / (1 + math.exp(-s)), lambda s: math.exp(-s) / (1 + math.exp(-s)) ** 2),
    "shifted_sigmoid": (lambda s: math.tanh(s / 2) / 2, lambda s: 1 / (4 * math.cosh(s / 2) ** 2)),
    "relu": (lambda s: max(s, 0.0), lambda s: float(s > 0)),
    "clipped_relu": (lambda s: min(max(s, 0.0), 1.0), lambda s: float(0 < s < 1)),
    "softplus": (lambda s: math.log1p(math.exp(s)), lambda s: 1 / (1 + math.exp(-s))),
    "linear": (lambda s: s, lambda s: 1.0),
}
POINTS = [-30.0, -2.5, -0.7, -1e-3, 1e-3, 0.2, 0.99, 1.01, 3.0, 25.0, 41.0]


def test_every_activation_has_a_closed_form_here():
    """Guards against an activation that no test covers."""
    assert set(ACTIVATIONS) == set(CLOSED_FORMS)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_values_and_derivatives_follow_the_closed_forms(name):
    """Guards against a wrong formula, such as a sigmoid shifted by 1 or softplus cut off at 20."""
    function, derivative = CLOSED_FORMS[name]
    found = activation(name)
    s = torch.tensor(POINTS, dtype=torch.float64)
    assert found.name == name
    assert found.function(s).tolist() == pytest.approx([function(p) for p in POINTS], rel=1e-13, abs=1e-15)
    assert found.derivative(s).tolist() == pytest.approx([derivative(p) for p in POINTS], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_the_derivative_is_autograds(name):
    """Guards against a derivative that belongs to another function than the one that fires."""
    found = activation(name)
    s = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(found.function(s).sum(), s)
    torch.testing.assert_close(found.derivative(s.detach()), gradient, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_and_shape_are_kept(name, dtype):
    """Guards against a derivative that promotes a batch to another dtype."""
    s = torch.zeros(2, 3, 4, dtype=dtype)
    for each in (activation(name).function(s), activation(name).derivative(s)):
        assert each.dtype == dtype
        assert each.shape == s.shape


@pytest.mark.parametrize("name", ["relu", "clipped_relu"])
def test_derivative_is_zero_at_kinks(name):
    """Guards against silent neurons that learn: at a net input of exactly 0 a rectified neuron is silent."""
    s = torch.tensor([0.0], dtype=torch.float64)
    assert activation(name).derivative(s).item() == 0


def test_a_misspelt_name_is_answered_with_the_nearest():
    """Guards against a KeyError in the user's face."""
    with pytest.raises(OptionError, match="did you mean 'tanh'"):
        activation("tahn")
