"""Two of the paper's predictions in simulated networks: retrograde amplitude and balance, and the ratio dw / g."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..guard import DataError, finite_array, real_number, whole_number
from .fitting import of_kind
from .layered import LayeredNetwork

STATES = ("silent", "between, below", "balanced", "between, above", "saturated")
BALANCED_FROM, OFF_BELOW = 2 / 3, 1 / 3


def retrograde_amplitudes(network: LayeredNetwork, x: object, y: object) -> pd.DataFrame:
    r"""Amplitude of the signals that each hidden neuron sends back, beside its net input and its balance.

    .. math:: a_i = \frac{1}{n_{pre}} \sum_j |g_{ji}| = |c_i| f(s_i) \frac{1}{n_{pre}} \sum_j |w_{ij}|, \quad
        g_{ji} = c_i f(s_i) w_{ij}

    The paper predicts that amplitudes are highest for balanced neurons, and low for saturated and silent ones (Fan and
    Mysore 2024, section 6). That f enters the amplitude is by construction; that it decides over the amplitude,
    whatever the credits and the weights, is not.

    Parameters
    ----------
    network
        A network with hidden layers, whose balance function peaks between silence and saturation.
    x, y
        Stimuli and targets.

    Returns
    -------
    pandas.DataFrame
        One row a member, hidden layer, neuron and sample: seed, layer (from 1), neuron, sample, net_input s, balance
        (f(s) relative to the largest f of the table), credit c, amplitude a, relative (a over its mean in this member
        and layer; missing where that is 0), state: ``balanced`` (balance at least 2/3), ``silent`` and ``saturated``
        (below 1/3, with s below and above that of the largest balance), and ``between, below`` and ``between, above``.

    Raises
    ------
    DataError
        If the network has no hidden layer, or a balance that is the same for all neurons and samples.
    """
    if len(network.sizes) < 3:
        raise DataError(f"network: got layers {network.sizes}, expected at least one hidden layer")
    rates = network.fire(x)
    credits = network.assign_credit(rates, y)
    tables = []
    for layer in range(1, len(network.sizes) - 1):
        s, f, c = rates.net_inputs[layer - 1], rates.balances[layer - 1], credits[layer]
        synapses = network.weights[layer - 1].abs().mean(2).unsqueeze(1)
        amplitude = c.abs() * f * synapses
        mean = amplitude.mean((1, 2), keepdim=True)
        members, batch, neurons = s.shape
        tables.append(
            pd.DataFrame(
                {
                    "seed": np.repeat(network.seeds, batch * neurons),
                    "layer": layer,
                    "neuron": np.tile(np.arange(neurons), members * batch),
                    "sample": np.tile(np.repeat(np.arange(batch), neurons), members),
                    "net_input": _column(s),
                    "balance": _column(f),
                    "credit": _column(c),
                    "amplitude": _column(amplitude),
                    "relative": _column(torch.where(mean > 0, amplitude / mean, torch.nan)),
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    largest, least = table["balance"].max(), table["balance"].min()
    if largest <= least:
        raise DataError("network: its balance is the same for all neurons and samples, so there is nothing to compare")
    table["balance"] /= largest
    peak = table["net_input"].iloc[int(table["balance"].to_numpy().argmax())]
    table["state"] = _states(table["balance"].to_numpy(), table["net_input"].to_numpy() < peak)
    return table


def amplitude_by_balance(amplitudes: pd.DataFrame, *, bins: int = 12) -> pd.DataFrame:
    """Mean relative amplitude over bins of the balance and over states, and rank correlations, for each member.

    Parameters
    ----------
    amplitudes
        What :func:`retrograde_amplitudes` returned.
    bins
        Count of bins of the balance, of equal width from 0 to 1.

    Returns
    -------
    pandas.DataFrame
        seed, by (``balance``: bins; ``state``; ``correlation``: Spearman's over neurons and samples, of the amplitude
        with balance, with the size of the credit, and of balance with the size of the credit), group (centre of the
        bin, the state, or ``balance``, ``credit``, ``balance and credit``), neurons (rows), value.
    """
    whole_number("bins", bins, 2)
    needed = ("seed", "state", "balance", "relative", "credit")
    if not isinstance(amplitudes, pd.DataFrame) or not set(needed) <= set(amplitudes):
        raise DataError(f"amplitudes: expected the table of retrograde_amplitudes, with {', '.join(needed)}")
    rows = []
    for seed, own in amplitudes.groupby("seed"):
        place = np.minimum((own["balance"].to_numpy() * bins).astype(int), bins - 1)
        for each, group in own.groupby(place):
            rows.append((seed, "balance", f"{(each + 0.5) / bins:.4f}", len(group), group["relative"].mean()))
        for state in STATES:
            group = own[own["state"] == state]
            if len(group):
                rows.append((seed, "state", state, len(group), group["relative"].mean()))
        size = own["credit"].abs()
        for name, one, other in (
            ("balance", own["relative"], own["balance"]),
            ("credit", own["relative"], size),
            ("balance and credit", own["balance"], size),
        ):
            rows.append((seed, "correlation", name, len(own), one.rank().corr(other.rank())))
    return pd.DataFrame(rows, columns=["seed", "by", "group", "neurons", "value"])


def synaptic_ratios(
    network: LayeredNetwork, x: object, y: object, *, learning_rate: float = 0.1, synapses: int = 2000, seed: int = 0
) -> pd.DataFrame:
    r"""The ratio of a synapse's change to its retrograde signal, measured and predicted.

    .. math:: \frac{\Delta w_{ij}}{g_{ji}} = \frac{r c_i f(s_i) x_j}{c_i f(s_i) w_{ij}} = r \frac{x_j}{w_{ij}}

    (Fan and Mysore 2024, section 6.) It holds for one stimulus at a time: a batch's mean change has no such ratio to
    its mean signal. The change is the one that the network makes, by the difference of its weights before and after
    learning each stimulus alone; the weights are then put back.

    Parameters
    ----------
    network
        The network; float64 keeps the rounding of the difference small.
    x, y
        Stimuli and targets, for all members alike.
    learning_rate
        r, above 0.
    synapses
        How many synapses of each member, drawn over all layers and stimuli among those with a signal and a presynaptic
        rate that are not 0.
    seed
        Of this draw.

    Returns
    -------
    pandas.DataFrame
        seed, layer, post, pre, sample, change, retrograde, measured, predicted, error (relative difference), rounding
        (relative error that rounding leaves in the change: eps (1 + abs(w) / abs(change))).

    Raises
    ------
    DataError
        If no synapse has a presynaptic rate and a signal that are not 0, or the data do not fit the network.
    """
    of_kind("network", network, LayeredNetwork)
    r = real_number("learning_rate", learning_rate, above=0)
    whole_number("synapses", synapses, 1)
    generator = np.random.default_rng(whole_number("seed", seed, 0))
    stimuli, targets = (_plain(name, given) for name, given in (("x", x), ("y", y)))
    found: list[pd.DataFrame] = []
    for sample in range(stimuli.shape[0]):
        one, target = stimuli[sample : sample + 1], targets[sample : sample + 1]
        rates = network.fire(one)
        credits = network.assign_credit(rates, target)
        before = [each.clone() for each in network.weights]
        biases = [each.clone() for each in network.biases]
        network.learn(one, target, r)
        for layer, w in enumerate(before):
            change = network.weights[layer] - w
            retrograde = (credits[layer + 1] * rates.balances[layer])[:, 0, :, None] * w
            pre_rates = rates[layer][:, 0, None, :].expand_as(w)
            found += _drawn(network, layer, sample, change, retrograde, pre_rates, w, synapses, r, generator)
        for values, old in zip([*network.weights, *network.biases], [*before, *biases], strict=True):
            values.copy_(old)
    if not found or not any(map(len, found)):
        raise DataError("x, y: no synapse has a presynaptic rate and a retrograde signal that are not 0")
    table = pd.concat(found, ignore_index=True)
    kept = [
        own.sample(min(synapses, len(own)), random_state=int(generator.integers(2**31)))
        for _, own in table.groupby("seed", sort=False)
    ]
    return pd.concat(kept).sort_values(["seed", "layer", "post", "pre", "sample"]).reset_index(drop=True)


def _plain(name: str, given: object) -> Tensor:
    """Data as a tensor, whatever array they are."""
    if isinstance(given, Tensor):
        return given
    array = finite_array(name, given)
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("=")))


def _drawn(
    network: LayeredNetwork,
    layer: int,
    sample: int,
    change: Tensor,
    retrograde: Tensor,
    rates: Tensor,
    weights: Tensor,
    synapses: int,
    learning_rate: float,
    generator: np.random.Generator,
) -> list[pd.DataFrame]:
    """Rows of at most `synapses` synapses of each member, for one layer and one sample."""
    rows = []
    for m, seed in enumerate(network.seeds):
        places = ((retrograde[m] != 0) & (rates[m] != 0)).nonzero().numpy()
        chosen = generator.permutation(len(places))[:synapses]
        post, pre = places[chosen].T
        dw, g, x, w = (each[m][post, pre].double().numpy() for each in (change, retrograde, rates, weights))
        measured, predicted = dw / g, learning_rate * x / w
        rounding = torch.finfo(network.dtype).eps * (1 + np.abs(w) / np.abs(learning_rate * g * x / w))
        rows.append(
            pd.DataFrame(
                {
                    "seed": seed,
                    "layer": layer + 1,
                    "post": post,
                    "pre": pre,
                    "sample": sample,
                    "change": dw,
                    "retrograde": g,
                    "measured": measured,
                    "predicted": predicted,
                    "error": np.abs(measured - predicted) / np.abs(predicted),
                    "rounding": rounding,
                }
            )
        )
    return rows


def _states(balance: np.ndarray, below: np.ndarray) -> np.ndarray:
    off = balance < OFF_BELOW
    return np.select(
        [balance >= BALANCED_FROM, off & below, off, below],
        ["balanced", "silent", "saturated", "between, below"],
        "between, above",
    )


def _column(values: Tensor) -> np.ndarray:
    """(members, batch, neurons) as one column, neurons fastest."""
    return values.double().cpu().numpy().ravel()
