from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import core_periphery, false_discovery, leiden, planted_structure, structure
from creditgraph.analysis.structure import KINDS
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

QUICK = {"samples": 59, "restarts": 1}


@pytest.mark.parametrize("kind", [*KINDS, "none"])
def test_each_planted_structure_is_recognised(kind: str) -> None:
    """Fails when a clear structure passes for another, or none for some."""
    for seed in range(3):
        g = planted_structure(kind, n=50, strength=4.0, density=0.4, seed=seed).graph
        found = structure(g, **QUICK, seed=seed)
        assert found.verdict == kind
        table = found.table.set_index("structure")
        assert table["holds"].to_dict() == (table["q_value"] <= 0.05 + 1e-12).to_dict()
        if kind != "none":
            assert table["z"].idxmax() == kind
            assert table.loc[kind, "p_value"] == 1 / 60


def test_scores_are_those_of_the_searches() -> None:
    """Fails when a score is of another search, view or seed than documented, or z has the wrong sign."""
    g = planted_structure("off-diagonal", n=40, strength=5.0, density=0.5, seed=1).graph
    found = structure(g, samples=59, restarts=2, seed=3, weights="positive")
    scores = found.table["score"].tolist()
    maximal = leiden(g, weights="positive", restarts=2, seed=3)
    minimal = leiden(g, weights="positive", restarts=2, seed=3, direction="minimise")
    core = core_periphery(g, weights="positive", restarts=2, seed=3)
    assert scores == [maximal.quality, minimal.quality, core.score]
    assert found.maximal.membership.tolist() == maximal.membership.tolist()
    assert found.minimal.membership.tolist() == minimal.membership.tolist()
    assert found.core.core.tolist() == core.core.tolist()
    assert found.core.weights == "positive"
    null = found.null
    assert found.table["null_mean"].tolist() == null.mean(axis=0).tolist()
    spread = null.std(axis=0, ddof=1)
    expected = (np.array(scores) - null.mean(axis=0)) / spread * [1, -1, 1]
    assert found.table["z"].to_numpy() == pytest.approx(expected)
    beyond = [(null[:, 0] >= scores[0]).sum(), (null[:, 1] <= scores[1]).sum(), (null[:, 2] >= scores[2]).sum()]
    p_values = [(1 + count) / 60 for count in beyond]
    assert found.table["p_value"].tolist() == p_values
    assert found.table["q_value"].tolist() == false_discovery(p_values).tolist()


def test_of_several_the_greatest_z() -> None:
    """Fails when, of two structures that hold, the verdict is not the one furthest from its null."""
    core = np.arange(60) < 15
    halves = np.arange(60) % 2
    for within, verdict in ((1.2, "core-periphery"), (3.0, "block-diagonal")):
        weights = np.random.default_rng(0).random((60, 60)) * np.where(np.outer(core, core), 3.0, 1.0)
        weights *= np.where(halves[:, None] == halves, within, 1.0)
        found = structure(WeightGraph.from_matrix(weights * (1 - np.eye(60))), **QUICK)
        table = found.table.set_index("structure")
        assert table["holds"].tolist() == [True, False, True]
        assert found.verdict == verdict == table["z"].idxmax()


def test_the_null_model_is_the_question() -> None:
    """Fails when a shuffle of weights finds structure of the wiring, which it keeps, or rewiring does not."""
    g = planted_structure("block-diagonal", n=50, strength=5.0, density=0.3, place="wiring", seed=0).graph
    assert structure(g, null="shuffle_nonzero", **QUICK).verdict == "none"
    assert structure(g, null="rewire", **QUICK).verdict == "block-diagonal"


@pytest.mark.slow
def test_workers_and_seed() -> None:
    """Fails when the number of workers changes the result, or the seed does not."""
    g = planted_structure("block-diagonal", n=30, seed=2).graph
    one, two = structure(g, **QUICK, seed=1), structure(g, **QUICK, seed=1, workers=2)
    assert one.null.tolist() == two.null.tolist()
    assert one.table.equals(two.table)
    assert structure(g, **QUICK, seed=2).null.tolist() != one.null.tolist()


def test_untrained_weights_as_null_model() -> None:
    """Fails when untrained weights are not drawn anew for each sample, or not viewed alike."""
    g = planted_structure("block-diagonal", n=40, strength=5.0, density=0.5, seed=0).graph

    def untrained(seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(40, 40))

    found = structure(g, null="initial", initial=untrained, weights="positive", **QUICK)
    assert found.verdict == "block-diagonal"
    assert len(np.unique(found.null[:, 0])) == 59


def test_too_few_samples_for_the_level() -> None:
    """Fails when a test that cannot come out significant is run all the same, or the bound is one off."""
    g = planted_structure("block-diagonal", n=30, strength=6.0, density=0.6, seed=2).graph
    with pytest.raises(OptionError, match="samples: got 58, expected at least 59"):
        structure(g, samples=58, restarts=1)
    alone = structure(g, samples=59, restarts=1).table
    assert alone["q_value"].min() == pytest.approx(0.05)
    assert alone["holds"].sum() == 1


def test_mistakes_are_told() -> None:
    """Fails when an impossible question gets a traceback of a library, or NaN."""
    g = planted_structure("none", n=10).graph
    with pytest.raises(OptionError, match="did you mean 'rewire'"):
        structure(g, null="rewired", **QUICK)
    with pytest.raises(OptionError, match="level: got 0"):
        structure(g, level=0)
    with pytest.raises(DataError, match="negative"):
        structure(g, weights="signed", **QUICK)
    with pytest.raises(DataError, match="2 neurons, expected at least 4"):
        structure(WeightGraph.from_matrix(np.ones((2, 2))), **QUICK)
