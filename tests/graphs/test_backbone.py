"""Each backbone keeps what its docstring says."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from creditgraph.graphs import WeightGraph, backbone, disparity
from creditgraph.guard import OptionError


def random_graph(seed: int, n: int = 15, density: float = 0.4, *, levels: int | None = None) -> WeightGraph:
    """Signed weights with self-synapses; of few levels, many are equally strong."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n))
    if levels:
        matrix = generator.integers(1, levels + 1, (n, n)) * generator.choice([-1.0, 1.0], (n, n))
    return WeightGraph.from_matrix(matrix * (generator.random((n, n)) < density), names=[f"N{i}" for i in range(n)])


def ranking(g: WeightGraph) -> list[tuple[int, int]]:
    """Places (post, pre) from the strongest, of equal ones the last first, by plain sorting."""
    places = zip(g.post.tolist(), g.pre.tolist(), strict=True)
    w = g.adjacency()
    return sorted(places, key=lambda place: (abs(w[place]), place), reverse=True)


def places(g: WeightGraph) -> set[tuple[int, int]]:
    return set(zip(g.post.tolist(), g.pre.tolist(), strict=True))


@given(st.integers(0, 10_000), st.floats(0, 1), st.sampled_from([None, 3]))
def test_strongest_is_exact(seed: int, fraction: float, levels: int | None) -> None:
    """Fails when the count is off where weights are equal, others than the strongest stay, or a weight changes."""
    g = random_graph(seed, levels=levels)
    kept = backbone(g, "strongest", fraction=fraction)
    assert places(kept) == set(ranking(g)[: round(fraction * g.synapses)])
    assert np.array_equal(kept.adjacency()[kept.adjacency() != 0], g.adjacency()[kept.adjacency() != 0])
    assert kept.names == g.names


@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([None, 2]))
def test_top_k_of_each_neuron(seed: int, k: int, levels: int | None) -> None:
    """Fails when a neuron keeps more or fewer than k, or weaker ones than it has."""
    g = random_graph(seed, levels=levels)
    order = ranking(g)
    outgoing = {place for neuron in range(g.n) for place in [p for p in order if p[1] == neuron][:k]}
    incoming = {place for neuron in range(g.n) for place in [p for p in order if p[0] == neuron][:k]}
    assert places(backbone(g, "top_k", k=k, side="outgoing")) == outgoing
    assert places(backbone(g, "top_k", k=k, side="incoming")) == incoming
    assert places(backbone(g, "top_k", k=k)) == outgoing | incoming


def test_disparity_is_the_integral_it_stands_for() -> None:
    """Fails when the closed form is another: alpha = 1 - (k - 1) times the integral of (1 - x)^(k - 2) up to p."""
    g = random_graph(1)
    w = np.abs(g.adjacency())
    for side, axis in (("outgoing", 0), ("incoming", 1)):
        found = disparity(g, side=side)
        for synapse in range(g.synapses):
            post, pre = g.post[synapse], g.pre[synapse]
            line = w[:, pre] if axis == 0 else w[post]
            k, p = np.count_nonzero(line), w[post, pre] / line.sum()
            expected = 1 - (k - 1) * integrate.quad(lambda x, k=k: (1 - x) ** (k - 2), 0, p)[0] if k > 1 else 1.0
            assert found[synapse] == pytest.approx(expected, abs=1e-10)


def test_disparity_by_hand() -> None:
    """Fails when directions are exchanged, a lone synapse is significant, or either side is not the smaller alpha.

    Neuron 0 sends 8, 1, 1: shares 0.8 and 0.1, alphas 0.2^2 = 0.04 and 0.9^2 = 0.81. Neuron 4 receives 1 and 3:
    alphas 1 - 1/4 and 1 - 3/4.
    """
    g = WeightGraph(5, [0, 0, 0, 1], [1, 2, 4, 4], [-8.0, 1.0, 1.0, 3.0])
    np.testing.assert_allclose(disparity(g, side="outgoing"), [0.04, 0.81, 0.81, 1.0])
    np.testing.assert_allclose(disparity(g, side="incoming"), [1.0, 1.0, 0.75, 0.25])
    np.testing.assert_allclose(disparity(g), [0.04, 0.81, 0.75, 0.25])
    assert backbone(g, "disparity", alpha=0.05).weight.tolist() == [-8.0]
    assert backbone(g, "disparity", alpha=0.3, side="incoming").weight.tolist() == [3.0]
    assert backbone(g, "disparity", alpha=1.0, side="outgoing").synapses == 3
    assert disparity(WeightGraph.from_matrix(np.zeros((2, 2)))).size == 0


def test_disparity_knows_no_unit() -> None:
    """Fails when very large or small weights overflow or vanish."""
    g = random_graph(2)
    for scale in (1e307, 1e-300):
        np.testing.assert_allclose(disparity(g.with_weights(g.weight * scale)), disparity(g), atol=1e-12)


@given(st.integers(0, 10_000), st.floats(0.02, 0.5), st.sampled_from([None, 3]))
def test_spanning_tree_is_networkx_maximum_spanning_tree(seed: int, density: float, levels: int | None) -> None:
    """Fails when the tree is not of maximal weight, joins too few neurons, or keeps the weaker synapse of a pair."""
    g = random_graph(seed, density=density, levels=levels)
    w = np.abs(g.adjacency())
    pairs = nx.Graph()
    pairs.add_nodes_from(range(g.n))
    pairs.add_weighted_edges_from(
        (i, j, max(w[i, j], w[j, i])) for i in range(g.n) for j in range(i) if w[i, j] or w[j, i]
    )
    tree = nx.maximum_spanning_tree(pairs)
    kept = backbone(g, "spanning_tree")
    assert kept.synapses == g.n - nx.number_connected_components(pairs) == tree.number_of_edges()
    assert np.abs(kept.weight).sum() == pytest.approx(tree.size(weight="weight"), rel=1e-12)
    assert nx.is_forest(nx.Graph(kept.to_networkx().edges)) if kept.synapses else True
    for post, pre in places(kept):
        assert w[post, pre] >= w[pre, post]


def test_spanning_tree_and_the_strongest() -> None:
    """Fails when the two parts are anything but joined."""
    g = random_graph(3)
    both = places(backbone(g, "spanning_tree", fraction=0.2))
    assert both == places(backbone(g, "spanning_tree")) | places(backbone(g, "strongest", fraction=0.2))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("strongest", {}, "fraction: got None"),
        ("strongest", {"fraction": 1.5}, "fraction: got 1.5"),
        ("strongest", {"fraction": 0.5, "k": 2}, "k: got 2, expected nothing for the backbone strongest"),
        ("top_k", {"k": 0}, "k: got 0"),
        ("top_k", {}, "k: got None"),
        ("top_k", {"k": 2, "side": "incomming"}, "did you mean 'incoming'"),
        ("disparity", {"alpha": 0.0}, "alpha: got 0.0"),
        ("disparity", {}, "alpha: got None"),
        ("spaning_tree", {}, "did you mean 'spanning_tree'"),
    ],
)
def test_bad_options(method: str, options: dict[str, object], message: str) -> None:
    """Fails when an option is guessed, or another method's is ignored in silence."""
    with pytest.raises(OptionError, match=message):
        backbone(random_graph(0), method, **options)  # type: ignore[arg-type]
