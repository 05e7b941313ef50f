from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import compare, leiden, resolution_profile
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

FINE = np.arange(96) // 6
COARSE = np.arange(96) // 24


def hierarchy(seed: int = 0) -> WeightGraph:
    """16 groups of 6 neurons within 4 groups of 24, each level with stronger synapses, and noise."""
    generator = np.random.default_rng(seed)
    strength = 0.1 + 0.9 * (COARSE[:, None] == COARSE) + 4.0 * (FINE[:, None] == FINE)
    weights = strength * generator.uniform(0.5, 1.5, (96, 96))
    np.fill_diagonal(weights, 0.0)
    return WeightGraph.from_matrix(weights)


@pytest.fixture(scope="module")
def profile():
    return resolution_profile(
        hierarchy(), resolutions=np.geomspace(0.2, 12.0, 19), restarts=3, null="shuffle_nonzero", samples=2, level=0.95
    )


def test_both_levels_of_a_hierarchy(profile) -> None:
    """Fails when plateaus miss a level, or count what is one community of all or each neuron alone."""
    found = profile.plateaus
    assert set(found["communities"][:2]) == {4, 16}
    for communities, truth in ((4, COARSE), (16, FINE)):
        best = found.loc[found["communities"] == communities, "best"].iloc[0]
        place = profile.table["resolution"].tolist().index(best)
        assert compare(profile.memberships[place], truth) == 1.0
    assert (found["communities"] > 1).all()
    assert (found["width"].diff().dropna() <= 0).all()
    inside = profile.table["resolution"].between(found["low"][1], found["high"][1])
    assert (profile.table["plateau"] == 1).fillna(False).tolist() == inside.tolist()
    assert found["width"].tolist() == pytest.approx(np.log(found["high"] / found["low"]).tolist())


def test_a_null_has_no_plateau(profile) -> None:
    """Fails when the null's columns are the graph's own: shuffled weights keep no level over a range of resolutions."""
    both = profile.plateaus[:2]
    assert (both["lowest_similarity"] > 0.95).all()
    table = profile.table
    for plateau in (0, 1):
        assert table.loc[(table["plateau"] == plateau).fillna(False), "null_next_similarity"][:-1].mean() < 0.85
    assert table["null_next_similarity"].iloc[-1] is pd.NA
    for measure in ("communities", "quality", "agreement", "next_similarity"):
        low, mean, high = (table[f"null_{measure}{end}"].to_numpy(float, na_value=0) for end in ("_low", "", "_high"))
        assert ((low <= mean + 1e-12) & (mean <= high + 1e-12)).all()
    assert (table["null_quality_low"] < table["null_quality_high"]).any()
    # where the graph keeps its fine level, restarts on shuffled weights do not agree either
    kept = table["resolution"].between(2.4, 4)
    assert (table["agreement"][kept] > 0.95).all()
    assert (table["null_agreement"][kept] < 0.75).all()


def test_plateaus_are_held_against_the_widest_of_each_sample() -> None:
    """Fails when a plateau's p is of some range of the null, or the null's own network does not reach a p of 1."""
    # weights that are all the same: shuffling them is the network itself, so every sample has its plateaus
    blocks = np.kron(np.eye(3), np.ones((6, 6))) - np.eye(18)
    blocks[0, 6] = blocks[6, 12] = blocks[12, 0] = 1.0
    options = {"resolutions": np.geomspace(0.2, 3.0, 9), "restarts": 2, "null": "shuffle_nonzero", "samples": 4}
    found = resolution_profile(WeightGraph.from_matrix(blocks), **options).plateaus
    assert found["communities"].iloc[0] == 3
    assert found["p_value"].iloc[0] == 1.0
    assert found["null_width"].iloc[0] == pytest.approx(found["width"].iloc[0])
    # rewired, there is none as wide
    rewired = resolution_profile(WeightGraph.from_matrix(blocks), **{**options, "null": "rewire"}).plateaus
    assert rewired["p_value"].iloc[0] == 1 / 5
    assert rewired["null_width"].iloc[0] < rewired["width"].iloc[0]


def test_rows_are_those_of_leiden(profile) -> None:
    """Fails when a row's numbers are of another resolution, or not of the best partition."""
    for place in (4, 9):
        row = profile.table.iloc[place]
        plain = leiden(hierarchy(), resolution=row["resolution"], restarts=3, seed=0)
        assert (row["quality"], row["communities"]) == (plain.quality, plain.communities)
        assert row["agreement"] == pytest.approx(plain.agreement())
        following = compare(profile.memberships[place], profile.memberships[place + 1])
        assert row["next_similarity"] == pytest.approx(following, abs=1e-12)
    assert profile.table["next_similarity"].iloc[-1] is pd.NA


@pytest.mark.slow
def test_workers_make_no_difference() -> None:
    """Fails when the split among processes changes a number or the order of the rows."""
    options = {"resolutions": [0.5, 3.0, 1.0], "restarts": 2, "null": "shuffle_nonzero", "samples": 2}
    one, two = (resolution_profile(hierarchy(), workers=workers, **options) for workers in (1, 2))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.table["resolution"].tolist() == [0.5, 1.0, 3.0]
    assert (one.memberships == two.memberships).all()


def test_isolated_neurons_are_no_plateau() -> None:
    """Fails when neurons without synapses make one community of all others look like several."""
    weights = np.zeros((8, 8))
    weights[:5, :5] = 1.0 - np.eye(5)
    found = resolution_profile(WeightGraph.from_matrix(weights), resolutions=[0.1, 0.2, 0.4], restarts=2)
    assert found.table["communities"].tolist() == [1, 1, 1]
    assert found.plateaus.empty
    assert found.table["plateau"].isna().all()


def test_what_is_refused() -> None:
    """Fails when a profile without range, or an empty graph, gives a table."""
    g = hierarchy()
    with pytest.raises(OptionError, match=r"resolutions: got .*at least 2"):
        resolution_profile(g, resolutions=[1.0])
    with pytest.raises(OptionError, match="resolutions"):
        resolution_profile(g, resolutions=[0.0, 1.0])
    with pytest.raises(OptionError, match="restarts: got 1"):
        resolution_profile(g, restarts=1)
    with pytest.raises(OptionError, match="did you mean 'shuffle_nonzero'"):
        resolution_profile(g, resolutions=[1.0, 2.0], restarts=2, null="shuffle_nonzer")
    with pytest.raises(DataError, match="no synapse"):
        resolution_profile(WeightGraph.from_matrix(np.zeros((3, 3))))
    with pytest.raises(OptionError, match="level: got 2"):
        resolution_profile(g, level=2)


def test_other_objectives_have_profiles_of_their_own() -> None:
    """Fails when an objective does not reach the search, or the constant Potts model has no unit of its own."""
    g = hierarchy()
    signed = WeightGraph.from_matrix(g.adjacency() * np.random.default_rng(1).choice([-1.0, 1.0, 1.0], (96, 96)))
    found = resolution_profile(
        signed, resolutions=[0.5, 1.0], weights="signed", objective="signed", restarts=2, null="shuffle_nonzero"
    )
    assert found.objective == "signed"
    assert (
        found.table["quality"].iloc[0]
        == leiden(signed, weights="signed", objective="signed", resolution=0.5, restarts=2).quality
    )
    # neurons of equal strengths and a self-synapse each: the models' null models are the same but for the unit
    ring = WeightGraph.from_matrix(3.0 * np.kron(np.eye(4), np.ones((3, 3))) + 1.0)
    for directed in (False, True):
        plain, potts = (
            resolution_profile(ring, objective=objective, directed=directed, restarts=2)
            for objective in ("modularity", "cpm")
        )
        assert potts.table["communities"].tolist() == plain.table["communities"].tolist()
        unit = (1.0 if directed else 2.0) * ring.weight.sum() / ring.n**2
        np.testing.assert_allclose(potts.table["resolution"], unit * plain.table["resolution"])
