from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from creditgraph.analysis import false_discovery, lesions
from creditgraph.analysis.lesions import composition_strata, matched_set
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError

SIZES = [4, 12, 12, 3]


def layered() -> WeightGraph:
    generator = np.random.default_rng(0)
    return WeightGraph.from_layers([generator.normal(size=(b, a)) for a, b in pairwise(SIZES)])


def specialists(neurons: np.ndarray) -> np.ndarray:
    """Class 0 needs hidden neurons 4-9, class 1 needs 10-15 and 16-21 a little, class 2 needs nobody."""
    hurt = [(neurons >= 4) & (neurons < 10), (neurons >= 10) & (neurons < 22), neurons < 0]
    return np.array([part.sum() for part in hurt], dtype=float)


def test_communities_that_a_class_needs() -> None:
    """Fails when the excess is not of the loss beside its controls, or a class that needs nobody comes out."""
    membership = np.repeat([0, 1, 2, 3, 4], [10, 6, 6, 6, 3])
    found = lesions(specialists, layered(), membership, controls=199, seed=1).set_index(["community", "class"])
    special = found.loc[(0, 0)]
    assert special["neurons"] == 6
    assert special["loss"] == 6
    # one control in 924 is the community itself
    assert special["p_value"] <= 2 / 200
    # of 6 of the 12 neurons of the first hidden layer, 3 are of the community on average
    assert special["control_mean"] == pytest.approx(3, abs=0.3)
    assert special["excess"] == special["loss"] - special["control_mean"]
    assert special["z"] == pytest.approx(special["excess"] / special["control_sd"])
    assert found.loc[(1, 1), "p_value"] == 1 / 200
    assert found.loc[(1, 0), "p_value"] == 1.0
    assert found.xs(2, level="class")["p_value"].dropna().tolist() == [1.0] * 4
    assert (found["intact"].dropna() == 0).all()
    tested = found[found["neurons"] > 0]
    assert tested["q_value"].tolist() == false_discovery(tested["p_value"].to_numpy(float)).tolist()


def test_inputs_and_outputs_are_spared() -> None:
    """Fails when the task itself is lesioned unasked, or sparing nobody is not possible."""
    seen = []

    def evaluate(neurons: np.ndarray) -> list[float]:
        seen.append(neurons)
        return [0.0]

    membership = np.repeat([0, 1], [16, 15])
    lesions(evaluate, layered(), membership, controls=5)
    assert len(seen) == 1 + 2 * 6
    assert seen[0].tolist() == []
    assert seen[1].tolist() == list(range(4, 16))
    assert all(((neurons >= 4) & (neurons < 28)).all() for neurons in seen)
    seen.clear()
    lesions(evaluate, layered(), membership, spared=[], controls=5)
    assert seen[1].tolist() == list(range(16))
    seen.clear()
    lesions(evaluate, layered(), membership, spared=[0, 30], controls=5)
    assert not any(np.isin([0, 30], neurons).any() for neurons in seen)


def test_controls_have_the_same_composition() -> None:
    """Fails when a control has other counts of neurons in a layer or role, or a neuron twice."""
    seen = []
    g = layered()
    membership = np.zeros(g.n, dtype=int)
    membership[[4, 5, 16, 17, 18]] = 1
    lesions(lambda neurons: seen.append(neurons) or [1.0], g, membership, controls=50)
    small = [neurons for neurons in seen if len(neurons) == 5]
    assert len(small) == 51
    assert all(np.bincount(g.layers[neurons], minlength=4).tolist() == [0, 2, 3, 0] for neurons in small)
    assert all(len(set(neurons.tolist())) == 5 for neurons in small)
    assert len({tuple(neurons) for neurons in small}) > 40


def test_sets_are_uniform() -> None:
    """Fails when some neurons come into controls more often than others: a closed count over all sets."""
    generator = np.random.default_rng(0)
    open_to, strata = np.array([True] * 5 + [False] + [True] * 3), np.repeat([0, 1], [6, 3])
    drawn = [tuple(matched_set(np.array([0, 1, 6]), open_to, strata, generator)) for _ in range(6000)]
    possible = {(*pair, single) for pair in combinations(range(5), 2) for single in (6, 7, 8)}
    counts = {chosen: drawn.count(chosen) for chosen in set(drawn)}
    assert set(counts) == possible
    chi_squared = sum((count - 200) ** 2 / 200 for count in counts.values())
    assert chi_squared < 58  # the 99.9th percentile with 29 degrees of freedom


def test_false_positives_stay_at_the_level() -> None:
    """Fails when a community of random neurons is called special more often than p says."""
    g = WeightGraph.from_matrix(np.ones((30, 30)))
    p_values = []
    for seed in range(300):
        generator = np.random.default_rng(seed)
        worth = generator.normal(size=30)
        membership = generator.permutation(np.append([0] * 10, np.arange(1, 21)))
        found = lesions(lambda neurons, worth=worth: [worth[neurons].sum()], g, membership, controls=19, seed=seed)
        p_values.append(float(found["p_value"][0]))
    # 300 draws at 5 %: 15 expected, beyond 27 once in a thousand
    assert 5 <= sum(p <= 0.05 for p in p_values) <= 27
    assert np.mean(p_values) == pytest.approx(0.525, abs=0.06)


def test_seed_and_order() -> None:
    """Fails when the same seed gives other controls, or the controls of a community depend on the others."""
    generator = np.random.default_rng(0)
    worth = generator.normal(size=31)
    membership = np.repeat([0, 1, 2, 3], [10, 6, 6, 9])

    def table(labels: np.ndarray, seed: int) -> list:
        found = lesions(lambda neurons: [worth[neurons].sum()], layered(), labels, controls=9, seed=seed)
        return found.loc[found["community"] == 1, "control_mean"].tolist()

    merged = np.where(membership == 3, 2, membership)
    assert table(membership, 5) == table(membership, 5) == table(merged, 5)
    assert table(membership, 5) != table(membership, 6)


def test_strata_without_layers_or_roles() -> None:
    """Fails when a graph without layers has no strata, or layers and roles are not told apart together."""
    assert composition_strata(WeightGraph.from_matrix(np.ones((3, 3)))).tolist() == [0, 0, 0]
    both = WeightGraph.from_matrix(np.ones((4, 4)), layers=[5, 5, 9, 9], roles=["a", "b", "a", "a"])
    assert composition_strata(both).tolist() == [0, 1, 2, 2]
    typed = WeightGraph.from_matrix(np.ones((4, 4)), layers=[5, 5, 9, 9], types=["e", "i", "i", "e"])
    assert composition_strata(typed).tolist() == [0, 1, 3, 2]


def test_controls_have_as_many_inhibitory_neurons() -> None:
    """Fails when a community of inhibitory neurons is held against sets of excitatory ones."""
    g = WeightGraph.from_matrix(np.ones((40, 40)), types=["excitatory"] * 30 + ["inhibitory"] * 10)
    silenced = []
    lesions(lambda neurons: silenced.append(neurons) or np.zeros(2), g, [0] * 30 + [1] * 10, controls=9)
    counts = {(int((each < 30).sum()), int((each >= 30).sum())) for each in silenced}
    assert counts == {(0, 0), (30, 0), (0, 10)}


def test_mistakes_are_told() -> None:
    """Fails when an evaluation that cannot be used, or neurons that are none, get NaN or a traceback."""
    g, membership = layered(), np.repeat([0, 1], [16, 15])
    with pytest.raises(DataError, match="evaluate: 1 value is NaN"):
        lesions(lambda neurons: [np.nan], g, membership)
    with pytest.raises(DataError, match="returned 3 losses, expected 2, as of the intact network"):
        lesions(lambda neurons: np.zeros(3 if len(neurons) else 2), g, membership)
    with pytest.raises(DataError, match="evaluate: got an array of shape \\(\\)"):
        lesions(lambda neurons: 1.0, g, membership)
    with pytest.raises(OptionError, match="evaluate"):
        lesions([1.0], g, membership)
    with pytest.raises(OptionError, match="spared: got \\[31\\], expected indices of neurons from 0 to 30"):
        lesions(specialists, g, membership, spared=[31])
    with pytest.raises(DataError, match="no community has 40 neurons"):
        lesions(specialists, g, membership, smallest=40)
    with pytest.raises(OptionError, match="controls: got 1"):
        lesions(specialists, g, membership, controls=1)
