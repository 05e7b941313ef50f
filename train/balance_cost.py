"""What a balance function costs: the angle of the rule's update to minus the gradient, over training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, whole_number
from .angles import angle
from .balance import BALANCES, balance_width
from .layered import LayeredNetwork
from .recurrent import RecurrentNetwork

COLUMNS = ("balance", "width", "seed", "step", "angle", "norm_ratio", "loss")


def angle_to_gradient(
    net: LayeredNetwork | RecurrentNetwork,
    x: Any,
    y: Any,
    *,
    balances: Sequence[str | tuple[str, float]] = BALANCES,
    learning_rate: float = 0.1,
    steps: int = 100,
    every: int = 10,
) -> pd.DataFrame:
    """Train copies of a network with different balance functions and compare each update with minus the gradient.

    The gradient is that of the network as it is at that step, by the rule with f = sigma' (and, in recurrent networks,
    injected credits), which is exact. All weights and biases together are one vector.

    Parameters
    ----------
    net
        Where all copies start; it is left as it is.
    x, y
        The batch that every step uses, as in the network's ``fire`` and ``assign_credit``.
    balances
        Names of balance functions, with default widths, or pairs of a name and a width.
    learning_rate
        r.
    steps
        Learning steps; at least 1.
    every
        Steps between records; the first and the last are always recorded.

    Returns
    -------
    pandas.DataFrame
        One row a balance function, member and recorded step: ``balance``, ``width`` (pandas.NA for the derivative),
        ``seed``, ``step`` (steps made before), ``angle`` (degrees, 0 to 180), ``norm_ratio`` (norm of the update over
        that of the gradient), ``loss`` (mean over the batch). Angle and ratio are pandas.NA where an update or gradient
        is 0.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If x or y does not fit the network.
    EquilibriumError
        If a recurrent network meets a sample without an equilibrium and its policy is to raise.

    Notes
    -----
    Ours; the paper compares no other f.
    """
    total, stride = whole_number("steps", steps, 1), whole_number("every", every, 1)
    if not isinstance(net, LayeredNetwork | RecurrentNetwork):
        raise DataError(f"net: got {type(net).__name__}, expected a LayeredNetwork or a RecurrentNetwork")
    if isinstance(balances, str) or not isinstance(balances, Sequence) or not balances:
        raise OptionError("balances", balances, "a list of balance functions")
    rows: list[tuple[Any, ...]] = []
    for given in balances:
        if not isinstance(given, str) and not (isinstance(given, Sequence) and len(given) == 2):
            raise OptionError("balances", given, "names of balance functions, or pairs of a name and a width")
        name, width = (given, None) if isinstance(given, str) else given
        used = balance_width(choice("balances", name, BALANCES), net.activation, width)
        twin = net.with_balance(name, width=width)
        for step in range(total + 1):
            if step % stride == 0 or step == total:
                update, loss = _update(twin, x, y)
                exact, _ = _update(_exact(twin), x, y)
                angles, ratios = angle(update, exact), _norm(update) / _norm(exact)
                missing = angles.isnan()
                for m, seed in enumerate(net.seeds):
                    found = [pd.NA, pd.NA] if missing[m] else [float(angles[m]), float(ratios[m])]
                    rows.append((name, pd.NA if used is None else used, seed, step, *found, float(loss[m])))
            if step < total:
                twin.learn(x, y, learning_rate)
    missing_allowed = dict.fromkeys(("width", "angle", "norm_ratio"), "Float64")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(missing_allowed)


def _exact(net: LayeredNetwork | RecurrentNetwork) -> LayeredNetwork | RecurrentNetwork:
    return net.with_balance() if isinstance(net, LayeredNetwork) else net.with_balance(credit="inject")


def _update(net: LayeredNetwork | RecurrentNetwork, x: Any, y: Any) -> tuple[list[Tensor], Tensor]:
    """Changes of all weights and biases, and the mean loss of each member."""
    if isinstance(net, LayeredNetwork):
        layers = net.fire(x)
        blocks = net.plasticity(layers, net.assign_credit(layers, y))
        return [*blocks.weights, *blocks.biases], net.loss.value(layers[-1], y).mean(1)
    rates = net.fire(x)
    update = net.plasticity(rates, net.assign_credit(rates, y))
    return [update.weights, update.biases], net.loss.value(rates[..., -net.outputs :], y).mean(1)


def _norm(update: Sequence[Tensor]) -> Tensor:
    """Norm of all changes together, (members,)."""
    norm: Tensor = torch.linalg.vector_norm(torch.cat([each.flatten(1) for each in update], 1).double(), dim=1)
    return norm
