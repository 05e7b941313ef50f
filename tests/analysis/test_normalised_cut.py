from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import scipy.sparse
from sklearn.cluster import SpectralClustering
from sklearn.manifold import spectral_embedding
from threadpoolctl import threadpool_limits

from creditgraph.analysis import clusterability, compare, normalised_cut, null_statistics, spectral_communities
from creditgraph.analysis.normalised_cut import SpectralCuts, _embedding
from creditgraph.graphs import WeightGraph
from creditgraph.guard import DataError, OptionError


def random_matrix(seed: int, n: int = 24, density: float = 0.4) -> np.ndarray:
    """Signed weights with self-synapses."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, n)) * (generator.random((n, n)) < density)


def layered(seed: int, within: float = 1.0, sizes: tuple[int, ...] = (12, 16, 16, 8)) -> WeightGraph:
    """Three groups through all layers, whose inner weights are so many times as strong."""
    generator = np.random.default_rng(seed)
    groups = [np.arange(size) % 3 for size in sizes]
    return WeightGraph.from_layers(
        [
            generator.normal(size=(len(post), len(pre))) * np.where(post[:, None] == pre, within, 1.0)
            for pre, post in pairwise(groups)
        ]
    )


def path(*weights: float) -> WeightGraph:
    """A chain of neurons."""
    return WeightGraph.from_matrix(np.diag(weights, k=1))


def test_cut_by_hand() -> None:
    """Fails when a synapse counts once in a volume, a cut is counted from one side only, or signs cancel."""
    assert normalised_cut(path(1, -2, 1), [0, 0, 1, 1]) == 2 / 4 + 2 / 4
    assert normalised_cut(path(1, 2, 4), [0, 0, 1, 1]) == 2 / 4 + 2 / 10
    assert normalised_cut(path(1, 2, 4), [7, 3, 3, 3]) == 1 / 1 + 1 / 13
    assert normalised_cut(path(1, 2, 4), [0, 1, 2, 3]) == 4
    assert normalised_cut(path(1, 2, 4), [0, 0, 0, 0]) == 0
    # a self-synapse of weight 3 adds 6 to the volume, as in W + W^T
    loop = WeightGraph.from_matrix([[3, 1, 0], [0, 0, 2], [0, 0, 0]])
    assert normalised_cut(loop, [0, 1, 1]) == pytest.approx(1 / 7 + 1 / 5)
    assert normalised_cut(path(1, -2, 1), [0, 0, 1, 1], weights="negative") == 2
    assert normalised_cut(path(1, -2, 1), [0, 0, 1, 1], weights="positive") == 0


def test_cut_of_networkx() -> None:
    """Fails when directions, self-synapses or more than two communities are counted otherwise than by networkx."""
    for seed in range(4):
        g = WeightGraph.from_matrix(random_matrix(seed))
        labels = np.random.default_rng(seed).integers(0, 2 + seed, g.n)
        peer = nx.from_numpy_array(g.adjacency(weights="absolute") + g.adjacency(weights="absolute").T)
        for i, loop in enumerate(np.diag(g.adjacency(weights="absolute"))):
            if loop:
                # networkx adds a self-loop twice to the strength of its node
                peer[i][i]["weight"] = loop
        sets = [set(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)]
        parts = [nx.cut_size(peer, one, weight="weight") / nx.volume(peer, one, weight="weight") for one in sets]
        assert normalised_cut(g, labels) == pytest.approx(sum(parts), rel=1e-12)
        if len(sets) == 2:
            assert normalised_cut(g, labels) == pytest.approx(nx.normalized_cut_size(peer, *sets, weight="weight"))


def test_isolated_neurons_are_left_out() -> None:
    """Fails when a neuron without synapses gives NaN, costs a cluster, or counts in a cut."""
    pairs = scipy.sparse.block_diag([np.ones((3, 3)), np.zeros((2, 2)), 2 * np.ones((4, 4))])
    g = WeightGraph.from_matrix(pairs)
    found = spectral_communities(g, 2)
    assert found.tolist() == [1, 1, 1, 2, 3, 0, 0, 0, 0]
    assert normalised_cut(g, found) == 0.0
    bridged = WeightGraph.from_matrix([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    assert normalised_cut(bridged, [0, 0, 1, 2]) == normalised_cut(bridged, [0, 0, 1, 0]) == 1 / 3 + 1


@pytest.mark.parametrize(("n", "density"), [(60, 0.4), (240, 0.1)])
def test_spectral_communities_of_scikit_learn(n: int, density: float) -> None:
    """Fails when places have another scale, or eigenvectors another order, than scikit-learn's; dense and sparse."""
    labels = np.arange(n) % 4
    matrix = np.abs(random_matrix(1, n, density)) * np.where(labels[:, None] == labels, 8.0, 1.0)
    # scikit-learn leaves self-synapses out, we do not
    np.fill_diagonal(matrix, 0.0)
    peer = SpectralClustering(4, affinity="precomputed", random_state=0).fit(matrix + matrix.T)
    ours = spectral_communities(WeightGraph.from_matrix(matrix), 4)
    assert compare(ours, peer.labels_, method="ari") == 1.0
    assert compare(ours, labels, method="ari") > 0.98
    theirs = spectral_embedding(matrix + matrix.T, n_components=6, drop_first=False, random_state=0)
    places = _embedding(scipy.sparse.csr_array(matrix + matrix.T), 6, 0)
    # eigenvectors have no sign
    assert np.abs(places) == pytest.approx(np.abs(theirs), abs=1e-6 * np.abs(theirs).max())


def test_planted_groups_are_found_in_layers() -> None:
    """Fails when clean groups are not beyond shuffles within layers, or p and z look towards high cuts."""
    g = layered(0, within=4.0)
    found = clusterability(g, clusters=3, samples=19, seed=2)
    assert found.p_value == 1 / 20
    assert found.z < -4
    assert found.observed == normalised_cut(g, found.membership) < found.null.min()
    assert (found.null_mean, found.null_sd) == (found.null.mean(), pytest.approx(found.null.std(ddof=1)))
    # groups coupled to each other more than within are cut less cleanly than chance
    assert clusterability(layered(0, within=0.2), clusters=3, samples=19, seed=2).p_value > 0.05


def test_random_networks_are_rarely_clusterable() -> None:
    """Fails when p is not uniform where weights are random: another clustering for data than for samples."""
    networks = [layered(seed, sizes=(8, 10, 6)) for seed in range(20)]
    p = np.array([clusterability(g, clusters=2, samples=4, seed=seed).p_value for seed, g in enumerate(networks)])
    # of 20 uniform values on 0.2 .. 1: at most 9 of 0.2 (more in 0.3 % of draws), mean 0.6 +- 3 standard errors
    assert (p == 0.2).sum() <= 9
    assert 0.41 < p.mean() < 0.79


def test_same_whatever_the_workers_and_threads() -> None:
    """Fails when a sample's cut depends on who computes it, or on how many threads."""
    g = layered(3)
    alone = clusterability(g, clusters=4, samples=2, seed=1)
    shared = clusterability(g, clusters=4, samples=2, seed=1, workers=2)
    assert np.array_equal(alone.null, shared.null)
    assert alone.observed == shared.observed
    with threadpool_limits(2):
        assert np.array_equal(clusterability(g, clusters=4, samples=2, seed=1).null, alone.null)
    assert not np.array_equal(clusterability(g, clusters=4, samples=2, seed=2).null, alone.null)


def test_cuts_at_several_counts_share_their_samples() -> None:
    """Fails when a count's cut depends on which others are asked for, or samples on the count."""
    g = layered(4)
    cuts = null_statistics(g, SpectralCuts((2, 5)), null="shuffle_block", samples=3, seed=5)
    for place, clusters in enumerate((2, 5)):
        found = clusterability(g, clusters=clusters, samples=3, seed=5)
        assert found.null.tolist() == pytest.approx(cuts[:, place].tolist(), rel=1e-9)


def test_fewer_places_than_clusters() -> None:
    """Fails when equal neurons give a warning of a library, or labels with gaps."""
    g = WeightGraph.from_matrix(scipy.sparse.block_diag([np.ones((3, 3)), np.ones((5, 5))]))
    assert len(np.unique(spectral_communities(g, 2))) == 2
    star = np.zeros((6, 6))
    star[0, 1:] = 1.0
    found = spectral_communities(WeightGraph.from_matrix(star), 6)
    assert np.array_equal(np.unique(found), np.arange(found.max() + 1))


def test_unit_of_weights_does_not_matter() -> None:
    """Fails when very large or small weights overflow to NaN."""
    g = layered(5)
    cut = normalised_cut(g, spectral_communities(g, 3))
    for factor in (2.0**1000, 2.0**-900):
        scaled = g.with_weights(g.weight * factor)
        assert normalised_cut(scaled, spectral_communities(scaled, 3)) == cut


def test_mistakes_are_told() -> None:
    """Fails when an impossible question gets a traceback of a library, or NaN."""
    g = path(1, 2, 4)
    with pytest.raises(OptionError, match="clusters: got 5, expected at most the 4 neurons that have synapses"):
        spectral_communities(g, 5)
    with pytest.raises(OptionError, match="clusters: got 1"):
        clusterability(g, clusters=1)
    with pytest.raises(OptionError, match="samples: got 1"):
        clusterability(g, clusters=2, samples=1)
    with pytest.raises(DataError, match="shuffle_block needs them"):
        clusterability(g, clusters=2)
    with pytest.raises(DataError, match="no negative synapse"):
        normalised_cut(g, [0, 0, 1, 1], weights="negative")
    with pytest.raises(DataError, match="1 of 2 synapses is negative"):
        normalised_cut(path(1, -2), [0, 0, 1], weights="signed")
    with pytest.raises(DataError, match="got 3 labels"):
        normalised_cut(g, [0, 0, 1])
    with pytest.raises(DataError, match="expected a WeightGraph"):
        spectral_communities(np.ones((3, 3)), 2)
