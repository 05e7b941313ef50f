from __future__ import annotations

import numpy as np
import pytest

from creditgraph.graphs import NULL_MODELS, WeightGraph, null_model, null_models
from creditgraph.guard import DataError, OptionError


def layered() -> WeightGraph:
    generator = np.random.default_rng(1)
    blocks = [generator.normal(loc=3, size=(20, 10)), generator.normal(loc=-50, size=(15, 20))]
    for block in blocks:
        block[generator.random(block.shape) < 0.5] = 0.0
    return WeightGraph.from_layers(blocks, names=[str(i) for i in range(45)])


def recurrent(n: int = 30) -> WeightGraph:
    generator = np.random.default_rng(2)
    return WeightGraph.from_matrix(generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.3))


def untrained(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(30, 30))


@pytest.mark.parametrize("name", ["shuffle_nonzero", "shuffle_block"])
def test_shuffles_keep_the_mask_and_the_weights(name: str) -> None:
    """Fails when a shuffle moves a synapse, loses a weight, or leaves the weights where they were."""
    g = layered()
    sample = null_model(g, name, seed=3)
    assert np.array_equal(sample.pre, g.pre)
    assert np.array_equal(sample.post, g.post)
    assert np.array_equal(np.sort(sample.weight), np.sort(g.weight))
    assert (sample.weight == g.weight).mean() < 0.05
    assert sample.roles == g.roles
    assert sample.names == g.names
    assert np.array_equal(sample.layers, g.layers)


def test_shuffle_block_keeps_the_weights_of_each_block() -> None:
    """Fails when shuffle_block mixes blocks; shuffle_nonzero must, so that the test can tell."""
    g = layered()
    for block, shuffled in zip(g.to_layers(), null_model(g, "shuffle_block", seed=0).to_layers(), strict=True):
        assert np.array_equal(np.sort(block, axis=None), np.sort(shuffled, axis=None))
    mixed = null_model(g, "shuffle_nonzero", seed=0).to_layers()
    assert (mixed[0] < -20).any()
    with pytest.raises(DataError, match=r"layers: .*shuffle_block"):
        null_model(recurrent(), "shuffle_block", seed=0)


def test_shuffles_are_uniform() -> None:
    """Fails when some permutations are likelier than others: each weight lands on each synapse equally often."""
    g = WeightGraph.from_layers([np.array([[1.0, 2.0, 3.0]])])
    for name in ("shuffle_nonzero", "shuffle_block"):
        landed = np.array([sample.weight for sample in null_models(g, name, samples=3000, seed=0)])
        for weight in (1.0, 2.0, 3.0):
            assert np.abs((landed == weight).mean(axis=0) - 1 / 3).max() < 0.04


def test_shuffle_destroys_strengths() -> None:
    """Fails when a shuffle keeps which neurons are strong."""
    g = WeightGraph.from_matrix(np.outer(np.arange(1.0, 41.0), np.ones(40)))
    strength = null_model(g, "shuffle_nonzero", seed=0).adjacency().sum(axis=1)
    assert abs(np.corrcoef(strength, np.arange(40))[0, 1]) < 0.5


def test_initial_is_pruned_alike() -> None:
    """Fails when the untrained network keeps another count of synapses, or not its strongest."""
    g = recurrent()
    sample = null_model(g, "initial", seed=5, initial=untrained)
    magnitude = np.abs(untrained(5))
    threshold = np.sort(magnitude, axis=None)[-g.synapses]
    assert sample.synapses == g.synapses
    assert np.array_equal(sample.adjacency(), np.where(magnitude >= threshold, untrained(5), 0.0))
    fixed = null_model(g, "initial", seed=1, initial=untrained(5))
    assert fixed == sample == null_model(g, "initial", seed=2, initial=WeightGraph.from_matrix(untrained(5)))


def test_initial_prunes_the_first_of_equal_weights_first() -> None:
    """Fails when ties are broken otherwise than in the pruning of Algorithm 1 (lowest index first)."""
    g = WeightGraph.from_matrix(np.diag([1.0, 1.0, 0.0]))
    sample = null_model(g, "initial", seed=0, initial=np.ones((3, 3)))
    assert sample.adjacency().tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 1]]


def test_initial_is_pruned_alike_in_each_block() -> None:
    """Fails when a layered null has more synapses between some layers than the trained network."""
    g = layered()
    start = WeightGraph.from_layers([np.full((20, 10), 0.1), np.full((15, 20), 9.0)])
    sample = null_model(g, "initial", seed=0, initial=start)
    counts = [np.count_nonzero(block) for block in g.to_layers()]
    assert [np.count_nonzero(block) for block in sample.to_layers()] == counts
    assert sample.names == g.names


def test_initial_that_cannot_be_pruned_alike() -> None:
    """Fails when a null with fewer synapses or neurons than the graph passes for one pruned alike."""
    g = recurrent()
    with pytest.raises(DataError, match="expected at least"):
        null_model(g, "initial", seed=0, initial=np.eye(30))
    with pytest.raises(DataError, match="of 29 neurons, expected 30"):
        null_model(g, "initial", seed=0, initial=np.ones((29, 29)))
    with pytest.raises(DataError, match="NaN"):
        null_model(g, "initial", seed=0, initial=np.full((30, 30), np.nan))
    with pytest.raises(OptionError, match="untrained weights"):
        null_model(g, "initial", seed=0)
    with pytest.raises(OptionError, match=r"initial: .*shuffle_nonzero"):
        null_model(g, "shuffle_nonzero", seed=0, initial=np.ones((30, 30)))
    with pytest.raises(OptionError, match="did you mean 'shuffle_nonzero'"):
        null_model(g, "shuffle_nonzer", seed=0)


@pytest.mark.parametrize("name", NULL_MODELS)
def test_samples_are_seeded_and_independent(name: str) -> None:
    """Fails when samples repeat, depend on how many are drawn, or are not repeated by the same seed."""
    g = WeightGraph.from_matrix(recurrent().adjacency(), layers=[0] * 30)
    given = {"initial": {"initial": untrained}, "shuffled_labels": {"trained": untrained}}.get(name, {})
    few = list(null_models(g, name, samples=3, seed=7, **given))
    many = list(null_models(g, name, samples=6, seed=7, **given))
    assert few == many[:3]
    weights = {sample.adjacency().tobytes() for sample in many}
    assert len(weights) == 6
    assert not weights & {s.adjacency().tobytes() for s in null_models(g, name, samples=6, seed=8, **given)}


def dyadic(n: int = 30) -> WeightGraph:
    """Signed weights of which reciprocal ones are alike, single ones around 100 and self-synapses around 1000."""
    generator = np.random.default_rng(4)
    matrix = generator.normal(size=(n, n))
    matrix = matrix + matrix.T + 0.01 * generator.normal(size=(n, n))
    mask = generator.random((n, n)) < 0.5
    matrix = np.where(mask & ~mask.T, 100.0 + matrix, matrix) * mask
    np.fill_diagonal(matrix, 1000.0 + generator.random(n))
    return WeightGraph.from_matrix(matrix)


def reciprocal(g: WeightGraph) -> np.ndarray:
    """The two weights of each reciprocal pair, by the definition; shape (pairs, 2)."""
    w = g.adjacency()
    return np.array([(w[i, j], w[j, i]) for i in range(g.n) for j in range(i) if w[i, j] and w[j, i]])


def test_shuffle_dyads_keeps_reciprocity() -> None:
    """Fails when the two weights of a reciprocal pair part, or weights move between reciprocal, single and self."""
    g = dyadic()
    sample = null_model(g, "shuffle_dyads", seed=1)
    assert np.array_equal(sample.pre, g.pre)
    assert np.array_equal(sample.post, g.post)
    before, after = reciprocal(g), reciprocal(sample)
    assert sorted(map(tuple, np.sort(before, axis=1))) == sorted(map(tuple, np.sort(after, axis=1)))
    assert before.prod(axis=1).sum() == pytest.approx(after.prod(axis=1).sum(), rel=1e-12)
    for kind in (np.eye(30, dtype=bool), (g.adjacency().T == 0) & (g.adjacency() != 0)):
        assert np.array_equal(np.sort(g.adjacency()[kind]), np.sort(sample.adjacency()[kind]))
    # the plain shuffle does none of this, so that the test can tell
    torn = reciprocal(null_model(g, "shuffle_nonzero", seed=1))
    assert abs(np.corrcoef(torn.T)[0, 1]) < 0.5 < 0.99 < np.corrcoef(after.T)[0, 1]


def test_shuffle_dyads_destroys_the_rest() -> None:
    """Fails when weights stay where they were, or all pairs keep or all change their orientation."""
    g = dyadic()
    sample = null_model(g, "shuffle_dyads", seed=1)
    assert (sample.weight == g.weight).mean() < 0.1
    lower = set(reciprocal(g)[:, 0])
    turned = np.array([first not in lower for first in reciprocal(sample)[:, 0]])
    assert 0.35 < turned.mean() < 0.65


def test_shuffle_dyads_is_uniform() -> None:
    """Fails when a pair lands somewhere or some way round more often: two pairs have 8 arrangements."""
    g = WeightGraph(4, [0, 1, 2, 3], [1, 0, 3, 2], [1.0, 2.0, 3.0, 4.0])
    landed = [tuple(sample.weight) for sample in null_models(g, "shuffle_dyads", samples=4000, seed=0)]
    shares = {arrangement: landed.count(arrangement) / 4000 for arrangement in set(landed)}
    assert len(shares) == 8
    assert max(abs(share - 1 / 8) for share in shares.values()) < 0.025


def test_shuffle_dyads_where_there_are_none() -> None:
    """Fails when a graph without synapses or pairs cannot be shuffled, or a lone synapse changes."""
    empty = WeightGraph.from_matrix(np.zeros((2, 2)))
    assert null_model(empty, "shuffle_dyads", seed=0) == empty
    one = WeightGraph(3, [0, 2], [1, 2], [2.0, 5.0])
    assert null_model(one, "shuffle_dyads", seed=0) == one


def test_initial_names_the_layers_that_are_too_sparse() -> None:
    """Fails when the message gives the number of a block that no user knows."""
    g = layered()
    start = WeightGraph.from_layers([np.ones((20, 10)), np.eye(15, 20)])
    with pytest.raises(DataError, match=r"have 15 synapses from layer 1 to layer 2, expected at least the \d+"):
        null_model(g, "initial", seed=0, initial=start)


def test_a_matrix_is_no_graph() -> None:
    """Fails when a matrix in a graph's place gives an AttributeError."""
    with pytest.raises(DataError, match="g: got a value of type ndarray, expected a WeightGraph"):
        null_model(np.eye(3), "shuffle_nonzero", seed=0)


@pytest.mark.parametrize("name", NULL_MODELS)
def test_a_graph_without_synapses(name: str) -> None:
    """Fails when no weights cannot be permuted, numpy's error of a read-only array being the answer."""
    empty = WeightGraph.from_matrix(np.zeros((5, 5)), layers=[0, 0, 1, 1, 1])
    given = {"initial": {"initial": np.ones((5, 5))}, "shuffled_labels": {"trained": np.ones((5, 5))}}.get(name, {})
    if name in ("rewire", "sign_shuffle"):
        with pytest.raises(DataError, match="changes nothing"):
            null_model(empty, name, seed=0)
    else:
        assert null_model(empty, name, seed=0, **given) == empty
