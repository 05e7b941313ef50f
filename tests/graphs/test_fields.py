"""Types, positions and untrained weights of a graph; parts of it; arrays that are shared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from creditgraph.graphs import WeightGraph, backbone, null_model
from creditgraph.guard import DataError


def dressed(n: int = 9) -> WeightGraph:
    generator = np.random.default_rng(0)
    return WeightGraph.from_matrix(
        generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.5),
        layers=[i // 3 for i in range(n)],
        roles=["input"] * n,
        names=[f"N{i}" for i in range(n)],
        types=["excitatory" if i % 2 else "inhibitory" for i in range(n)],
        positions=generator.normal(size=(n, 3)),
        initial=generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.5),
    )


def marks(g: WeightGraph) -> tuple[object, ...]:
    assert g.positions is not None
    assert g.layers is not None
    return g.layers.tolist(), g.roles, g.names, g.types, g.positions.tolist(), g.initial


@pytest.mark.parametrize(
    "derive",
    [
        lambda g: g.with_weights(g.weight * 2),
        lambda g: g.with_weights(np.where(g.weight > 0, g.weight, 0.0)),
        lambda g: g.view("absolute"),
        lambda g: g.view("positive"),
        lambda g: g.keep_synapses(g.weight > 1),
        lambda g: backbone(g, "top_k", k=1),
        lambda g: null_model(g, "shuffle_block", seed=0),
        lambda g: null_model(g, "rewire", seed=0),
        lambda g: null_model(g, "strength", seed=0),
        lambda g: null_model(replace(g, layers=g.layers * 0), "initial", seed=0, initial=np.ones((9, 9))),
        lambda g: g.subgraph(np.arange(9)),
    ],
)
def test_fields_survive(derive: object) -> None:
    """Fails when what is derived from a graph loses what is known of its neurons."""
    g = dressed()
    derived = derive(g)  # type: ignore[operator]
    if not (derived.layers == g.layers).all():
        derived = replace(derived, layers=g.layers)
    assert marks(derived) == marks(g)


def test_change_by_hand() -> None:
    """Fails when the change is taken of magnitudes, over the trained synapses only, or with the sign turned."""
    g = WeightGraph.from_matrix([[0, 2.0], [-1.0, 4.0]], initial=[[5.0, 2.0], [3.0, 0]], names=["a", "b"])
    assert g.adjacency(weights="change").tolist() == [[-5, 0], [-4, 4]]
    assert g.adjacency(weights="absolute_change").tolist() == [[5, 0], [4, 4]]
    change = g.view("change")
    assert change.synapses == 3
    assert change.names == ("a", "b")
    assert change.initial is None
    for view in ("change", "absolute_change"):
        with pytest.raises(DataError, match="initial: the graph has no untrained weights"):
            change.view(view)


def test_untrained_weights_are_read_as_weights_are() -> None:
    """Fails when a matrix, a sparse matrix and a graph of untrained weights differ, or one of another size passes."""
    w0 = np.array([[0.0, -2.0], [1.5, 0.0]])
    forms = [w0, w0.tolist(), scipy.sparse.csr_array(w0), WeightGraph.from_matrix(w0, names=["x", "y"])]
    graphs = [WeightGraph.from_matrix(np.eye(2), initial=form) for form in forms]
    assert all(g == graphs[0] for g in graphs)
    assert graphs[0].initial == WeightGraph.from_matrix(w0)
    assert graphs[0] != WeightGraph.from_matrix(np.eye(2))
    assert graphs[0] != WeightGraph.from_matrix(np.eye(2), initial=w0 * 2)
    with pytest.raises(DataError, match="initial: got untrained weights of 3 neurons, expected 2"):
        WeightGraph.from_matrix(np.eye(2), initial=np.eye(3))
    with pytest.raises(DataError, match="initial: 1 value is NaN"):
        WeightGraph.from_matrix(np.eye(2), initial=[[np.nan, 0], [0, 0]])


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        (np.zeros((2, 4)), r"expected \(2, 2\) or \(2, 3\)"),
        (np.zeros((3, 2)), "positions: got an array of shape"),
        (np.zeros(2), "expected 2 dimensions"),
        ([[0, np.nan], [0, 0]], "positions: 1 value is NaN"),
        ([["a", "b"], ["c", "d"]], "expected real numbers"),
    ],
)
def test_bad_positions(positions: object, message: str) -> None:
    """Fails when positions of other neurons, or none, are kept."""
    with pytest.raises(DataError, match=message):
        WeightGraph.from_matrix(np.eye(2), positions=positions)  # type: ignore[arg-type]


def test_types_by_sign() -> None:
    """Fails when types go by incoming synapses, or a neuron without outgoing ones gets one."""
    g = WeightGraph.from_matrix([[0, -1, 2, 0], [3, 0, -4, 0], [5, -6, 0, 0], [1, -1, 1, 0]])
    assert g.sign_types() == ("excitatory", "inhibitory", "mixed", "none")
    with pytest.raises(DataError, match="types: got 1 value"):
        replace(g, types=["excitatory"])


@given(st.data())
def test_subgraph_is_the_submatrix(data: st.DataObject) -> None:
    """Fails when a subgraph loses a synapse, or its neurons come in another order than asked for."""
    g = dressed()
    chosen = data.draw(st.lists(st.integers(0, 8), min_size=1, unique=True))
    part = g.subgraph(chosen)
    assert np.array_equal(part.adjacency(), g.adjacency()[np.ix_(chosen, chosen)])
    assert part.names == tuple(g.names[i] for i in chosen)  # type: ignore[index]
    assert np.array_equal(part.positions, g.positions[chosen])  # type: ignore[arg-type,index]
    assert part.layers.tolist() == g.layers[chosen].tolist()  # type: ignore[union-attr,index]
    assert np.array_equal(part.initial.adjacency(), g.initial.adjacency()[np.ix_(chosen, chosen)])  # type: ignore[union-attr]
    mask = np.isin(np.arange(9), chosen)
    assert g.subgraph(mask) == g.subgraph(sorted(chosen))


@pytest.mark.parametrize("neurons", [[], [0, 0], [9], [-1], [0.5], [True, False], "ab"])
def test_bad_subgraphs(neurons: object) -> None:
    """Fails when an empty subgraph, a neuron twice, or a mask of another length is accepted."""
    with pytest.raises(DataError, match="neurons: "):
        dressed().subgraph(neurons)  # type: ignore[arg-type]


def test_bad_masks_of_synapses() -> None:
    """Fails when indices pass for a mask, which would keep others than meant."""
    for kept in ([0, 1], [True], None):
        with pytest.raises(DataError, match="kept: got"):
            dressed().keep_synapses(kept)  # type: ignore[arg-type]


def test_arrays_are_shared_where_they_can_be() -> None:
    """Fails when arrays that need no change are copied: of the constructor, of csr arrays, and back to scipy."""
    pre, post = np.array([1, 0, 2], dtype=np.int32), np.array([0, 1, 1], dtype=np.int32)
    weight, positions = np.array([1.0, 2.0, 3.0]), np.zeros((3, 2))
    layers = np.zeros(3, dtype=np.int32)
    g = WeightGraph(3, pre, post, weight, positions=positions, layers=layers)
    for ours, given_ in (
        (g.pre, pre),
        (g.post, post),
        (g.weight, weight),
        (g.positions, positions),
        (g.layers, layers),
    ):
        assert np.shares_memory(ours, given_)  # type: ignore[arg-type]
    sparse = g.to_scipy()
    assert np.shares_memory(sparse.data, weight)
    assert np.shares_memory(sparse.indices, pre)
    again = WeightGraph.from_matrix(sparse)
    assert again == replace(g, positions=None, layers=None)
    assert np.shares_memory(again.weight, weight)
    assert np.shares_memory(again.pre, pre)
    assert np.shares_memory(g.with_weights(weight).pre, pre)
    assert np.shares_memory(g.view("absolute").post, post)
    assert g.view("signed") is g
    # in another order they must be copied, and what was given stays as it was
    turned = WeightGraph(3, pre[::-1], post[::-1], weight[::-1])
    assert not np.shares_memory(turned.weight, weight)
    assert weight.tolist() == [1.0, 2.0, 3.0]


def test_a_sparse_matrix_is_left_as_it_was() -> None:
    """Fails when entries given twice are summed in the user's own matrix."""
    twice = scipy.sparse.csr_array((np.array([1.0, 2.0]), np.array([1, 1]), np.array([0, 2, 2])), shape=(2, 2))
    assert WeightGraph.from_matrix(twice).adjacency().tolist() == [[0, 3], [0, 0]]
    assert twice.data.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("library", ["networkx", "igraph"])
def test_types_and_positions_go_through_libraries(library: str) -> None:
    """Fails when a library's graph loses types or positions, in two or in three dimensions."""
    for columns in (2, 3):
        g = replace(dressed(), initial=None, positions=dressed().positions[:, :columns])  # type: ignore[index]
        back = getattr(WeightGraph, f"from_{library}")(getattr(g, f"to_{library}")())
        assert back == g
    graph = g.to_networkx()
    assert graph.nodes[4]["x"] == g.positions[4, 0]  # type: ignore[index]
    assert graph.nodes[4]["type"] == "inhibitory"
    for node in graph:
        del graph.nodes[node]["y"]
    assert WeightGraph.from_networkx(graph).positions is None
