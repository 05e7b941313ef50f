"""Where equilibria exist: spectral radii of firing and credit, and a table of both over a sweep of gains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from ..guard import real_numbers, whole_number
from .balance import Elementwise
from .behaviour import BEHAVIOURS
from .equilibrium import SOLVE_BYTES
from .fitting import of_kind
from .recurrent import RecurrentNetwork

COLUMNS = (
    *("gain", "seed", "samples", "firing_radius", "firing_radius_max", "credit_radius", "credit_radius_max"),
    *("settled", "oscillating", "wandering", "runaway"),
    *("credits_settled", "credits_oscillating", "credits_wandering", "credits_runaway", "credits_solved"),
    "hidden_credit",
)


@dataclass(frozen=True)
class SpectralRadii:
    """Largest absolute eigenvalues, (members, batch) each, float64; infinite where rates ran beyond all numbers.

    Attributes
    ----------
    firing
        Of ``diag(sigma'(s)) W`` among hidden and output neurons. Below 1, rates return after a small disturbance.
    credit
        Of J on the free credits. Below 1, credits settle from any start, above 1 from almost none.
    """

    firing: Tensor
    credit: Tensor


@torch.no_grad()
def spectral_radii(net: RecurrentNetwork, rates: Tensor) -> SpectralRadii:
    """Spectral radii of the firing dynamics and of the credit dynamics at given rates.

    Parameters
    ----------
    net
        The network.
    rates
        What its ``fire`` returned, (members, batch, n).

    Returns
    -------
    SpectralRadii
        ``firing`` and ``credit``. They are equal under ``inject`` with f = sigma', for then J is the transpose of
        ``W diag(sigma')``, which has the eigenvalues of ``diag(sigma') W``.
    """
    of_kind("net", net, RecurrentNetwork)
    free = net.n - net.inputs
    chunk = max(1, SOLVE_BYTES // (16 * free * free * net.members))
    parts = [rates[:, first : first + chunk] for first in range(0, rates.shape[1], chunk)]
    return SpectralRadii(_radii(net.firing_matrix, parts), _radii(net.credit_matrix, parts))


def equilibria_over(
    gains: Sequence[float],
    *,
    inputs: int = 5,
    hidden: int = 40,
    outputs: int = 3,
    networks: int = 5,
    samples: int = 8,
    seed: int = 0,
    activation: str = "tanh",
    loss: str = "squared_error",
    credit: str = "inject",
    mask: Any = "all_to_all",
    mask_options: Mapping[str, Any] | None = None,
    balance: str | Elementwise | None = None,
    balance_width: float | None = None,
    max_steps: int = 1000,
) -> pd.DataFrame:
    """Count, over a sweep of gains, where rates and credits find equilibria.

    Fan and Mysore 2024 name as a limitation that a non-trivial equilibrium of the credits is not guaranteed. Each
    network is drawn once, and its weights are scaled by each gain; it fires and assigns credit in float64 for inputs
    and real-valued targets from N(0, 1), or random classes, the same for all.

    Parameters
    ----------
    gains
        Gains to try: weights are drawn from N(0, gain^2 / n).
    inputs, hidden, outputs, activation, loss, credit, mask, mask_options, balance, balance_width, max_steps
        As in :class:`~creditgraph.train.recurrent.RecurrentNetwork`.
    networks
        Networks for each gain, with seeds from `seed` on.
    samples
        Input patterns for each network.
    seed
        Seed of the first network and of the data.

    Returns
    -------
    pandas.DataFrame
        One row a gain and network: ``gain``, ``seed``, ``samples``; ``firing_radius``, ``credit_radius`` (medians over
        samples) and ``..._max``, at the rates where firing ended, settled or not; counts of samples whose rates are
        ``settled``, ``oscillating``, ``wandering``, ``runaway``; and of the settled ones, how many have credits that
        do the same (``credits_...``), or solve the credit equation whether or not the dynamics settle
        (``credits_solved``); ``hidden_credit``, median norm of the hidden neurons' solved credits over the norm of the
        output clamp, pandas.NA where there are none: 0 would be the trivial equilibrium.

    Raises
    ------
    OptionError
        If an option is impossible.
    """
    rows: list[dict[str, Any]] = []
    whole_number("samples", samples, 1)
    seed = whole_number("seed", seed, 0)
    for gain in real_numbers("gains", gains, 0, 1e100):
        net = RecurrentNetwork(
            inputs,
            hidden,
            outputs,
            activation=activation,
            loss=loss,
            credit=credit,
            mask=mask,
            mask_options=mask_options,
            members=networks,
            seed=seed,
            dtype=torch.float64,
            balance=balance,
            balance_width=balance_width,
            gain=gain,
            max_steps=max_steps,
            unconverged="keep",
        )
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(samples, inputs, generator=generator, dtype=torch.float64)
        y = torch.randn(samples, outputs, generator=generator, dtype=torch.float64)
        rows.extend(_rows(net, gain, x, y.argmax(1) if net.loss.linear_outputs else y))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"hidden_credit": "Float64"})


def _rows(net: RecurrentNetwork, gain: float, x: Tensor, y: Tensor) -> list[dict[str, Any]]:
    rates, firing = net.fire(x, report=True)
    radii = spectral_radii(net, rates)
    _, dynamics = net.assign_credit(rates, y, report=True)
    credits, solved = net.assign_credit(rates, y, report=True, solver="direct")
    clamp = net.loss.clamp(rates[..., -net.outputs :], y)
    share = credits[..., net.inputs : -net.outputs].norm(dim=-1) / clamp.norm(dim=-1)
    rows = []
    for m in range(net.members):
        settled = firing.converged[m]
        usable = settled & solved.converged[m]
        row: dict[str, Any] = {"gain": gain, "seed": net.seeds[m], "samples": len(x)}
        for name, radius in (("firing_radius", radii.firing[m]), ("credit_radius", radii.credit[m])):
            row |= {name: float(radius.quantile(0.5)), f"{name}_max": float(radius.max())}
        for code, name in enumerate(BEHAVIOURS[:-1]):
            row[name] = int((firing.behaviour[m] == code).sum())
            row[f"credits_{name}"] = int((dynamics.behaviour[m][settled] == code).sum())
        row["credits_solved"] = int(usable.sum())
        row["hidden_credit"] = float(share[m][usable].quantile(0.5)) if bool(usable.any()) else pd.NA
        rows.append(row)
    return rows


def _radii(matrices: Callable[[Tensor], Tensor], parts: Sequence[Tensor]) -> Tensor:
    found = []
    for part in parts:
        matrix = matrices(part).double()
        finite = torch.isfinite(matrix).all(-1).all(-1)
        values = torch.linalg.eigvals(torch.where(finite[..., None, None], matrix, 0)).abs().amax(-1)
        found.append(torch.where(finite, values, torch.inf))
    return torch.cat(found, 1)
