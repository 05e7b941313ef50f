"""Tables of experiments with the rule, made up from a seed or a formula: curves that can be told from one another."""

from __future__ import annotations

import numpy as np
import pandas as pd
from synthetic_findings import grid


def events() -> pd.DataFrame:
    """Firing of inputs comes first, plasticity of outputs last; every third event is too weak to be drawn."""
    table = grid(
        seed=[0], step=range(0, 60, 3), quantity=["firing", "credit", "plasticity"], group=["input", "hidden", "output"]
    )
    late = {"firing": 0, "credit": 15, "plasticity": 30}
    started = table["step"] >= table["quantity"].map(late) + table["group"].map({"input": 0, "hidden": 6, "output": 12})
    return table.assign(change=np.where(started & (table["step"] % 9 != 0), 1.0 + table["step"] / 60, 1e-9))


def angles() -> pd.DataFrame:
    """Angles that grow with both periods, and fall with the overlap."""
    table = grid(
        network=["layered", "recurrent"],
        seed=[0, 1],
        credit_every=[1, 3, 10, 30],
        plasticity_every=[1, 10, 50],
        overlap=[30, 90],
    )
    angle = 2 * table["credit_every"] + table["plasticity_every"] / 2 + table["seed"]
    return table.assign(angle=angle * 30 / table["overlap"])


def ratios() -> pd.DataFrame:
    random = np.random.default_rng(0)
    predicted = random.standard_normal(200)
    return pd.DataFrame(
        {
            "measured": predicted * (1 + 1e-15),
            "predicted": predicted,
            "error": 10 ** random.uniform(-17, -15, 200),
            "rounding": 10 ** random.uniform(-16, -14, 200),
        }
    )


def development() -> pd.DataFrame:
    """Modules that grow where the learning rate falls, and do not where it stays."""
    table = grid(schedule=["falling", "constant"], seed=[0, 1, 2], stage=[1, 2, 3, 4])
    falls = (table["schedule"] == "falling").to_numpy()
    ratio = np.where(falls, 1.3 - 0.2 * table["stage"], 1.1) + 0.02 * table["seed"]
    return table.assign(
        learning_rate=np.where(falls, 0.8 / table["stage"], 0.8),
        iteration=table["stage"] * 100,
        within=0.1 * table["stage"],
        across=0.1 * table["stage"] * ratio,
        ratio=ratio,
    )


def rules() -> pd.DataFrame:
    """Credit learns fast and along the gradient, Hebbian learning does not."""
    table = grid(learning_rate=[0.01, 0.1, 0.3], rule=["credit", "backprop", "hebbian"], seed=[0, 1], epoch=range(6))
    best = table["rule"].map({"credit": 0.95, "backprop": 0.9, "hebbian": 0.4})
    return table.assign(
        test_accuracy=best * (1 - np.exp(-table["epoch"] * (0.2 + table["learning_rate"]) * 2)) + 0.01 * table["seed"],
        angle=table["rule"].map({"credit": 1.0, "backprop": 8.0, "hebbian": 85.0}) + table["epoch"],
        distance=np.where(table["rule"] == "credit", 0.0, 0.01 * 2.0 ** table["epoch"]),
    )


def dale() -> pd.DataFrame:
    table = grid(network=["dale", "released", "free"], seed=[0, 1], epoch=range(6))
    best = table["network"].map({"dale": 0.7, "released": 0.85, "free": 0.95})
    return table.assign(
        test_accuracy=best * (1 - np.exp(-table["epoch"] * 0.8)) + 0.01 * table["seed"],
        angle=np.where(table["network"] == "dale", 25.0 + 2 * table["epoch"], 1.0),
        silent=0.08 * table["epoch"] + 0.01 * table["seed"],
    )


def inputs() -> pd.DataFrame:
    """Excitation and inhibition that come to balance in the first layer, and not in the second."""
    table = grid(seed=[0, 1], epoch=range(6), layer=[1, 2])
    excitation = 3.0 + 0.5 * table["epoch"] + 0.1 * table["seed"]
    inhibition = np.where(table["layer"] == 1, 1.0 + 0.9 * table["epoch"], 1.0)
    return table.assign(
        excitation=excitation, inhibition=inhibition, difference=excitation - inhibition, spread=0.5 + table["layer"]
    )


def costs() -> pd.DataFrame:
    table = grid(balance=["derivative", "boxcar", "triangle"], seed=[0, 1], step=range(0, 101, 20))
    slow = table["balance"].map({"derivative": 1.0, "boxcar": 3.0, "triangle": 2.0})
    return table.assign(
        angle=10.0 * (slow - 1) + table["step"] / 20 + table["seed"], loss=slow * np.exp(-table["step"] / 40 / slow)
    )
