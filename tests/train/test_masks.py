from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.masks import (
    MASKS,
    all_to_all_mask,
    checked_mask,
    edges_mask,
    layered_mask,
    named_mask,
    random_mask,
    skip_mask,
    small_world_mask,
)


def test_all_to_all_has_every_synapse_but_onto_inputs_and_self():
    """Guards against a transposed mask: inputs send but do not receive."""
    mask = all_to_all_mask(2, 3, 1)
    assert mask.sum() == 4 * 5
    assert not mask[:2].any()
    assert mask[2:, :2].all()
    assert not mask.diagonal().any()


def test_layered_mask_joins_consecutive_layers_only():
    """Guards against synapses that skip a layer or run backwards."""
    mask = layered_mask([2, 3, 1])
    expected = np.zeros((6, 6), dtype=bool)
    expected[2:5, 0:2] = True
    expected[5, 2:5] = True
    assert np.array_equal(mask.numpy(), expected)


@pytest.mark.parametrize("sizes", [[3], [3, 0], [3, 2.5], 3, "32", None])
def test_bad_sizes_are_named(sizes):
    """Guards against an empty layer that cuts the network in two."""
    with pytest.raises(OptionError, match="sizes: got"):
        layered_mask(sizes)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones((3, 3)), "expected a boolean matrix of 3 x 3"),
        (np.zeros((3, 2), dtype=bool), r"got shape \(3, 2\)"),
        (np.ones((3, 3), dtype=bool), "got synapses onto input neurons"),
        ("layered", "expected a boolean matrix of 3 x 3"),
    ],
)
def test_bad_masks_are_named(mask, message):
    """Guards against weights where a mask was meant, and clamped neurons that would be driven."""
    with pytest.raises(DataError, match=message):
        checked_mask(mask, 1, 3)


def test_checked_mask_is_a_copy():
    """Guards against a network whose synapses change when the caller's array does."""
    for given in (all_to_all_mask(1, 1, 1), all_to_all_mask(1, 1, 1).numpy()):
        checked = checked_mask(given, 1, 3)
        given[:] = False
        assert torch.equal(checked, all_to_all_mask(1, 1, 1))


def test_self_synapses_are_all_to_all_with_the_diagonal():
    """Guards against self-synapses onto inputs, or an option that is ignored."""
    mask = all_to_all_mask(2, 3, 1, self_synapses=True)
    assert mask[2:].all()
    assert not mask[:2].any()


def test_skip_mask_joins_each_layer_to_all_later_ones():
    """Guards against synapses within a layer or backwards."""
    mask = skip_mask([2, 1, 2, 1])
    layer = [0, 0, 1, 2, 2, 3]
    assert mask.tolist() == [[layer[pre] < layer[post] for pre in range(6)] for post in range(6)]
    assert torch.equal(skip_mask([2, 3]), layered_mask([2, 3]))


def test_random_mask_has_its_density_and_seed():
    """Guards against a density that is a threshold, and a seed that does not decide."""
    mask = random_mask(20, 150, 30, density=0.3, seed=7)
    possible = all_to_all_mask(20, 150, 30)
    assert not mask[~possible].any()
    # 35,820 possible synapses: the standard deviation of the density is 0.0024
    assert mask[possible].float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert torch.equal(mask, random_mask(20, 150, 30, density=0.3, seed=7))
    assert not torch.equal(mask, random_mask(20, 150, 30, density=0.3, seed=8))
    assert torch.equal(random_mask(2, 5, 1, density=1), all_to_all_mask(2, 5, 1))
    assert not random_mask(2, 5, 1, density=0).any()
    with_self = random_mask(2, 5, 1, density=1, self_synapses=True)
    assert torch.equal(with_self, all_to_all_mask(2, 5, 1, self_synapses=True))


def test_small_world_without_rewiring_is_a_ring():
    """Guards against wrong neighbours: seen as a graph, every neuron that is no input hears from exactly 4 others."""
    mask = small_world_mask(3, 16, 1, neighbours=4, rewiring=0, seed=1)
    assert mask[3:].sum(1).tolist() == [4] * 17
    assert not mask[:3].any()
    assert not mask.diagonal().any()
    # no inputs: the whole ring, and a ring lattice of 4 neighbours has clustering 1/2
    ring = small_world_mask(0, 20, 0, neighbours=4, rewiring=0, seed=1).numpy()
    graph = nx.from_numpy_array(ring, create_using=nx.DiGraph)
    assert nx.average_clustering(graph) == pytest.approx(0.5)
    assert nx.reciprocity(graph) == 1


def test_small_world_rewired_is_small_and_directed():
    """Guards against rewiring that does nothing, makes or loses synapses, or keeps every pair reciprocal."""
    rewired = small_world_mask(0, 200, 0, neighbours=6, rewiring=0.2, seed=3)
    ring = small_world_mask(0, 200, 0, neighbours=6, rewiring=0, seed=3)
    assert rewired.sum() == ring.sum() == 1200
    paths = [
        nx.average_shortest_path_length(nx.from_numpy_array(each.numpy(), create_using=nx.DiGraph))
        for each in (rewired, ring)
    ]
    assert paths[0] < 0.4 * paths[1]
    assert 0.4 < nx.reciprocity(nx.from_numpy_array(rewired.numpy(), create_using=nx.DiGraph)) < 0.9
    assert torch.equal(rewired, small_world_mask(0, 200, 0, neighbours=6, rewiring=0.2, seed=3))
    assert not torch.equal(rewired, small_world_mask(0, 200, 0, neighbours=6, rewiring=0.2, seed=4))


def test_edges_are_synapses_from_pre_to_post():
    """Guards against a transposed mask from a graph's arrays."""
    mask = edges_mask(np.array([0, 0, 2]), np.array([1, 2, 2]), 3)
    assert mask.int().tolist() == [[0, 0, 0], [1, 0, 0], [1, 0, 1]]
    assert not edges_mask([], [], 2).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: all_to_all_mask(-1, 3, 2), "inputs: got -1, expected a whole number of at least 0"),
        (lambda: all_to_all_mask(1.5, 3, 2), "inputs: got 1.5"),
        (lambda: random_mask(1, -3, 2), "hidden: got -3"),
        (lambda: small_world_mask(1, 0, 1), "small_world.*at least 3 neurons"),
        (lambda: edges_mask([0], [1], -1), "n: got -1"),
    ],
)
def test_bad_counts_are_named(make, message):
    """Guards against masks of another size than anybody asked for."""
    with pytest.raises(OptionError, match=message):
        make()


@pytest.mark.parametrize(
    ("pre", "post", "message"),
    [
        ([0, 1], [1], "got 2 sources and 1 target,"),
        ([0.5], [1], "no lists of whole numbers"),
        ([[0]], [[1]], "no lists of whole numbers"),
        ([0], [3], "neurons from 0 to 3, expected 0 to 2"),
        ([-1], [1], "neurons from -1"),
    ],
)
def test_bad_edges_are_named(pre, post, message):
    """Guards against a negative index that silently counts from the end."""
    with pytest.raises(DataError, match=message):
        edges_mask(pre, post, 3)


def test_names_give_the_masks_they_name():
    """Guards against a name bound to another mask, or options that are dropped."""
    assert set(MASKS) == {"layered", "skip", "all_to_all", "random", "small_world"}
    assert torch.equal(named_mask("layered", 2, 5, 1), layered_mask([2, 5, 1]))
    assert torch.equal(named_mask("layered", 2, 0, 1), layered_mask([2, 1]))
    assert torch.equal(named_mask("layered", 2, 5, 1, options={"layers": [3, 2]}), layered_mask([2, 3, 2, 1]))
    assert torch.equal(named_mask("skip", 2, 5, 1, options={"layers": [3, 2]}), skip_mask([2, 3, 2, 1]))
    assert torch.equal(named_mask("all_to_all", 2, 5, 1), all_to_all_mask(2, 5, 1))
    options = {"density": 0.4, "seed": 3}
    assert torch.equal(named_mask("random", 2, 5, 1, options=options), random_mask(2, 5, 1, density=0.4, seed=3))
    assert torch.equal(named_mask("small_world", 2, 5, 1, options={"seed": 3}), small_world_mask(2, 5, 1, seed=3))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("small world", {}, "did you mean 'small_world'"),
        ("random", {"densty": 0.3}, "mask_options: got 'densty', .*did you mean 'density'"),
        ("random", {"density": 1.5}, "density: got 1.5"),
        ("random", {"seed": -1}, "seed: got -1"),
        ("all_to_all", {"self_synapses": "no"}, "self_synapses: got 'no'"),
        ("all_to_all", {"seed": 1}, "mask_options: got 'seed'"),
        ("layered", {"layers": [3, 3]}, "layers: got .* add up to the 5 hidden neurons"),
        ("layered", {"layers": 5}, "layers: got 5"),
        ("small_world", {"neighbours": 3}, "neighbours: got 3, expected an even number"),
        ("small_world", {"neighbours": 8}, "neighbours: got 8, expected a whole number from 2 to 7"),
        ("small_world", {"rewiring": -0.1}, "rewiring: got -0.1"),
    ],
)
def test_bad_names_and_options_are_named(name, options, message):
    """Guards against an option that is silently ignored, or a library's traceback."""
    with pytest.raises(OptionError, match=message):
        named_mask(name, 2, 5, 1, options=options)
