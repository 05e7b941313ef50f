"""Things of another kind are answered in one line, by every function that a notebook may hand them to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph import analysis, graphs, train
from creditgraph.guard import CreditgraphError

X, Y = torch.rand(4, 3), torch.rand(4, 2)
LAYERED = train.LayeredNetwork([3, 5, 2], seed=1)
RECURRENT = train.RecurrentNetwork(3, 5, 2, seed=1)
G = graphs.WeightGraph.from_matrix(np.ones((4, 4)))


class Nameless(train.ControlRule):
    """A rule that says no name."""


WRONG: dict[str, Callable[[], Any]] = {
    "synaptic ratios of a recurrent network": lambda: train.synaptic_ratios(RECURRENT, X, Y),  # type: ignore[arg-type]
    "synaptic ratios of silent inputs": lambda: train.synaptic_ratios(LAYERED, X * 0, Y),
    "recurrent form of a recurrent network": lambda: train.recurrent_form(RECURRENT),  # type: ignore[arg-type]
    "radii of a layered network": lambda: train.spectral_radii(LAYERED, LAYERED.fire(X)),  # type: ignore[arg-type]
    "amplitudes without seeds": lambda: train.amplitude_by_balance(pd.DataFrame({"balance": [0.5]})),
    "a rule without a name": lambda: train.register_rule(Nameless),
    "a rising schedule that is to fall": lambda: train.falling_schedule(0.1, 1.0),
    "rules as a text": lambda: train.compare_rules("credit"),
    "a checkpoint of what is no mapping": lambda: train.run_with_checkpoints(
        train.ConnectomeSimulation(n=5, learning_rates=[0.1], iterations=2),
        Path("unused"),
        identity=None,  # type: ignore[arg-type]
    ),
    "chains as lists": lambda: analysis.align_chains([[0, 1]]),  # type: ignore[list-item]
    "trajectories by seed alone": lambda: analysis.trajectory_summary(
        {0: analysis.trajectory({0: [0, 0, 1], 1: [0, 1, 1]})}  # type: ignore[dict-item]
    ),
    "a number of samples for all": lambda: analysis.least_p_value(10),  # type: ignore[arg-type]
    "no samples": lambda: analysis.least_p_value([]),
    "a statistic that is no function": lambda: analysis.null_statistics(G, "x"),  # type: ignore[arg-type]
    "an update of nothing": lambda: LAYERED.apply(None, 0.1),  # type: ignore[arg-type]
    "a recurrent update of nothing": lambda: RECURRENT.apply(None, 0.1),  # type: ignore[arg-type]
    "structure beside one network": lambda: analysis.structure(G, null="initial", initial=np.ones((4, 4)), samples=59),
    "clusters beside one network": lambda: analysis.clusterability(G, clusters=2, null="initial", initial=G),
    "resolutions beside one network": lambda: analysis.resolution_profile(G, null="initial", initial=G),
    "untrained weights that are no path": lambda: graphs.read_graph("edges.csv", initial=5),  # type: ignore[arg-type]
    "a graph from nothing": lambda: graphs.read_graph(None),  # type: ignore[arg-type]
    "a column that is true": lambda: graphs.read_graph("edges.csv", source=True),
}


@pytest.mark.parametrize("what", WRONG)
def test_one_line_of_our_own(what):
    """Guards against another library's traceback."""
    with pytest.raises(CreditgraphError) as caught:
        WRONG[what]()
    assert "\n" not in str(caught.value)
    assert not Path("unused").exists()


def test_an_identity_may_hold_numbers_of_numpy(tmp_path):
    """Guards against checkpoints that cannot tell a sweep by a seed from an array."""
    sweep = train.ConnectomeSimulation(n=5, learning_rates=[0.1], iterations=2)
    train.run_with_checkpoints(sweep, tmp_path, identity={"seed": np.int64(2), "rates": np.array([0.1])})
    with pytest.raises(CreditgraphError, match=r"identity: .*what can be written as JSON"):
        train.run_with_checkpoints(sweep, tmp_path, identity={"net": LAYERED})


def test_data_of_a_file_can_be_compared_by_rules(tmp_path):
    """Guards against tasks that ask for a path which nobody can give."""
    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(40, 3))).assign(kind=["a", "b"] * 20)
    table.to_csv(tmp_path / "cells.csv", index=False)
    found = train.compare_rules(
        ["credit"],
        task="table",
        task_options={"path": str(tmp_path / "cells.csv"), "label": "kind"},
        hidden=[4],
        seeds=[0],
        epochs=1,
        batch_size=8,
    )
    assert found["test_accuracy"].between(0, 1).all()


def test_selectivity_and_inhibition_of_any_rates():
    """Guards against squares that vanish, and against inhibition below 0 from rates that no neuron has."""
    rates = np.random.default_rng(0).random((30, 4))
    classes = np.arange(30) % 3
    for scale in (1e160, 1e-170):
        np.testing.assert_allclose(
            analysis.selectivity(rates * scale, classes), analysis.selectivity(rates, classes), rtol=1e-9
        )
    law = train.DaleLaw(train.LayeredNetwork([3, 5, 2], activation="sigmoid"))
    with pytest.raises(CreditgraphError, match="none below 0 under Dale's law"):
        law.balance(-X)


def test_a_partition_stays_what_its_quality_is_of():
    """Guards against a result whose communities are changed below its quality."""
    found = analysis.leiden(G, restarts=2, seed=0)
    for kept in (found, copy.deepcopy(found)):
        for array in (kept.membership, kept.memberships, kept.qualities):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    own = np.array([0, 0, 1, 1])
    other = replace(found, membership=own)
    own[0] = 1
    assert other.membership[0] == 0
