"""Balance functions f of the net input: the derivative, which is exact, and other bells, which are not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, real_number
from .activations import Activation

NARROWEST = 1e-30
"""Least width of a balance function: net inputs over a smaller one would leave the range of single precision."""

Elementwise = Callable[[Tensor], Tensor]

BALANCES = ("derivative", "gaussian", "boxcar", "widened_derivative")
BELLS = {"tanh": (0.0, 2.0), "sigmoid": (0.0, 4.0), "shifted_sigmoid": (0.0, 4.0), "clipped_relu": (0.5, 1.0)}
"""Centre of sigma' and the area under it at height 1, of the activations whose derivative is a bell."""


def balance_width(balance: str, activation: Activation, width: float | None = None) -> float | None:
    """Return the width in force: the one given, else the default of that balance function; None for the derivative.

    Raises
    ------
    OptionError
        If the name is unknown, a width is given with ``derivative``, or it is no finite number of at least 1e-30.
    """
    choice("balance", balance, BALANCES)
    if balance == "derivative":
        if width is not None:
            raise OptionError("balance_width", width, "no width with balance='derivative', which has none")
        return None
    if width is not None:
        return real_number("balance_width", width, NARROWEST)
    if balance == "widened_derivative":
        return 2.0
    if activation.name not in BELLS:
        return 1.0
    area = BELLS[activation.name][1]
    return area / 2 if balance == "boxcar" else area / math.sqrt(2 * math.pi)


def balance_function(balance: str, activation: Activation, width: float | None = None) -> Elementwise:
    r"""Return f, elementwise, for the activation :math:`\sigma`.

    ==================== ============================== ==================================
    name                 f(s)                           default width w
    ==================== ============================== ==================================
    derivative           sigma'(s)                      none: the rule is exact
    gaussian             exp(-(s - s0)^2 / (2 w^2))     A / sqrt(2 pi)
    boxcar               1 where abs(s - s0) < w        A / 2
    widened_derivative   sigma'(s / w)                  2; at 1 it is the derivative
    ==================== ============================== ==================================

    s0 is the centre of :math:`\sigma'` (1/2 for ``clipped_relu``, else 0), A the area under
    :math:`\sigma' / \max \sigma'`: 2 for ``tanh``, 4 for the sigmoids, 1 for ``clipped_relu``. By default the Gaussian
    and the boxcar have that area too. Where :math:`\sigma'` is no bell (``relu``, ``softplus``, ``linear``), w is 1.

    Parameters
    ----------
    balance
        One of the names above.
    activation
        The activation of the network.
    width
        w, in units of the net input; above 0.

    Raises
    ------
    OptionError
        As :func:`balance_width`.

    Notes
    -----
    Fan and Mysore 2024 ask of f that it be bell-shaped, near 1 where a neuron's input is balanced; with
    :math:`f = \sigma'` their theorem holds. The other three, their heights of 1 and all default widths are ours.

    Examples
    --------
    >>> from creditgraph.train import activation
    >>> balance_function("boxcar", activation("tanh"))(torch.tensor([-2.0, 0.0, 0.9]))
    tensor([0., 1., 1.])
    """
    w = balance_width(balance, activation, width)
    if w is None:
        return activation.derivative
    if balance == "widened_derivative":
        return lambda s: activation.derivative(s / w)
    centre = BELLS.get(activation.name, (0.0, 0.0))[0]
    if balance == "boxcar":
        return lambda s: ((s - centre).abs() < w).to(s.dtype)
    return lambda s: torch.exp(-0.5 * ((s - centre) / w).square())


def chosen_balance(balance: str | Elementwise | None, width: float | None, activation: Activation) -> Elementwise:
    """Return f for a name, for a function of the net input (which is returned), or for None: the derivative.

    Raises
    ------
    OptionError
        As :func:`balance_width`; or if a width is given with a function, or the balance is neither.
    """
    if balance is None or isinstance(balance, str):
        return balance_function("derivative" if balance is None else balance, activation, width)
    if not callable(balance):
        raise OptionError("balance", balance, "one of " + ", ".join(BALANCES) + ", or a function of the net input")
    if width is not None:
        raise OptionError("balance_width", width, "no width where balance is a function of its own")
    return _Checked(balance)


@dataclass(frozen=True)
class _Checked:
    """A caller's own function, of which every value is looked at: a NaN would go into all synapses."""

    function: Elementwise

    def __call__(self, s: Tensor) -> Tensor:
        found = self.function(s)
        if isinstance(found, Tensor) and found.ndim == 0:
            found = found.expand_as(s)
        if not isinstance(found, Tensor) or found.shape != s.shape or found.dtype != s.dtype:
            what = f"{found.dtype} of {tuple(found.shape)}" if isinstance(found, Tensor) else type(found).__name__
            raise DataError(f"balance: the function gave {what}, expected a tensor of {s.dtype} of {tuple(s.shape)}")
        # a sum is one pass; where net inputs have left the range of numbers themselves, the network says so
        if not math.isfinite(found.sum()) and bool((~torch.isfinite(found) & torch.isfinite(s)).any()):
            raise DataError("balance: the function gave NaN or infinity for a finite net input")
        return found
