from __future__ import annotations

from dataclasses import replace

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from creditgraph.graphs import WeightGraph, null_model
from creditgraph.guard import DataError, OptionError


def random_matrix(seed: int = 0, n: int = 12, density: float = 0.3) -> np.ndarray:
    """Signed weights with self-synapses, reciprocal pairs and two isolated neurons."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < density)
    matrix[3, 3] = -0.1 / 3
    matrix[[n - 1, 5], :] = 0.0
    matrix[:, [n - 1, 5]] = 0.0
    return matrix


def dressed(seed: int = 0) -> WeightGraph:
    n = 12
    return WeightGraph.from_matrix(
        random_matrix(seed),
        layers=[i % 3 for i in range(n)],
        roles=["input" if i < 4 else "hidden" for i in range(n)],
        names=[f"<b>№{i}</b>" for i in range(n)],
    )


@pytest.mark.parametrize("graph", [WeightGraph.from_matrix(random_matrix()), dressed()], ids=["bare", "dressed"])
@pytest.mark.parametrize("library", ["networkx", "igraph", "scipy", "dense"])
def test_round_trip_is_lossless(graph: WeightGraph, library: str) -> None:
    """Fails when a conversion transposes, rounds a weight, drops a self-synapse or isolated neuron, or an attribute."""
    marks = {"layers": graph.layers, "roles": graph.roles, "names": graph.names}
    back = {
        "networkx": lambda: WeightGraph.from_networkx(graph.to_networkx()),
        "igraph": lambda: WeightGraph.from_igraph(graph.to_igraph()),
        "scipy": lambda: WeightGraph.from_matrix(graph.to_scipy(), **marks),
        "dense": lambda: WeightGraph.from_matrix(graph.adjacency(), **marks),
    }[library]()
    assert back == graph
    assert back.same_as(graph)
    np.testing.assert_array_equal(back.adjacency(), random_matrix())


def test_direction_of_foreign_graphs() -> None:
    """Fails when pre and post are exchanged, which a round trip cannot see."""
    g = WeightGraph.from_matrix([[0.0, 0.0], [7.0, 0.0]])
    assert (g.pre.tolist(), g.post.tolist()) == ([0], [1])
    assert list(g.to_networkx().edges(data="weight")) == [(0, 1, 7.0)]
    assert g.to_igraph().get_edgelist() == [(0, 1)]
    assert g.to_scipy()[1, 0] == 7.0
    assert WeightGraph.from_networkx(nx.DiGraph([(0, 1)])).adjacency().tolist() == [[0, 0], [1, 0]]


def test_views() -> None:
    """Fails when a view keeps a wrong sign or the synapses of another."""
    g = WeightGraph.from_matrix([[0.0, -2.0], [3.0, 0.5]])
    assert g.adjacency(weights="absolute").tolist() == [[0, 2], [3, 0.5]]
    assert g.adjacency(weights="positive").tolist() == [[0, 0], [3, 0.5]]
    assert g.adjacency(weights="negative").tolist() == [[0, 2], [0, 0]]
    assert g.view("signed") == g
    assert g.to_igraph(weights="negative").es["weight"] == [2.0]
    with pytest.raises(OptionError, match=r"weights.*'absolut'.*did you mean 'absolute'"):
        g.view("absolut")


def test_equality_sees_every_part() -> None:
    """Fails when equality ignores a weight, a synapse, an isolated neuron or a mark."""
    g = dressed()
    assert g == dressed()
    assert g != dressed(1)
    assert g != g.with_weights(np.nextafter(g.weight, 9))
    for part in ("layers", "roles", "names"):
        marks = {"layers": g.layers, "roles": g.roles, "names": g.names, part: None}
        other = WeightGraph(g.n, g.pre, g.post, g.weight, **marks)
        assert g != other
        assert other != g
    assert WeightGraph.from_matrix([[1.0]]) != WeightGraph.from_matrix([[1.0, 0], [0, 0]])
    assert g != "graph"


def test_synapses_are_ordered_and_zero_is_none() -> None:
    """Fails when a graph depends on the order its synapses were given in, or counts a zero as a synapse."""
    g = WeightGraph(3, [2, 0, 1], [0, 1, 2], [1.0, 0.0, 3.0])
    assert (g.pre.tolist(), g.post.tolist(), g.weight.tolist()) == ([2, 1], [0, 2], [1.0, 3.0])
    sparse = scipy.sparse.coo_array(([1.0, 2.0, 0.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    assert WeightGraph.from_matrix(sparse).adjacency().tolist() == [[0, 3], [0, 0]]
    with pytest.raises(ValueError, match="read-only"):
        g.weight[0] = 5.0


def test_float32_weights_are_kept_exactly() -> None:
    """Fails when a float32 weight is changed on its way to a graph."""
    matrix = random_matrix().astype(np.float32)
    assert np.array_equal(WeightGraph.from_matrix(matrix).adjacency().astype(np.float32), matrix)


def test_layers_there_and_back() -> None:
    """Fails when a block lands between the wrong layers or comes back transposed."""
    generator = np.random.default_rng(0)
    blocks = [generator.normal(size=shape) for shape in ((4, 3), (5, 4), (2, 5))]
    g = WeightGraph.from_layers(blocks)
    assert g.n == 14
    assert g.layers is not None
    assert np.bincount(g.layers).tolist() == [3, 4, 5, 2]
    assert g.roles == ("input",) * 3 + ("hidden",) * 9 + ("output",) * 2
    np.testing.assert_array_equal(g.adjacency()[3:7, :3], blocks[0])
    for block, back in zip(blocks, g.to_layers(), strict=True):
        np.testing.assert_array_equal(block, back)
    assert WeightGraph.from_igraph(g.to_igraph()).to_layers()[1].tolist() == blocks[1].tolist()
    shuffled = WeightGraph.from_matrix(np.array([[0, 0, 4.0], [6.0, 0, 0], [0, 0, 0]]), layers=[1, 2, 0])
    assert [block.tolist() for block in shuffled.to_layers()] == [[[4.0]], [[6.0]]]


def test_layers_that_are_none() -> None:
    """Fails when synapses that skip or stay in a layer vanish from the blocks without a word."""
    with pytest.raises(DataError, match=r"1 do not lead to the next layer.*from neuron 0 .layer 0. to 2 .layer 2"):
        WeightGraph(3, [0, 0], [1, 2], [1.0, 1.0], layers=[0, 1, 2]).to_layers()
    with pytest.raises(DataError, match=r"layer 1 of 0..2 is empty"):
        WeightGraph(2, [0], [1], [1.0], layers=[0, 2]).to_layers()
    with pytest.raises(DataError, match="the graph has none"):
        WeightGraph.from_matrix([[1.0]]).to_layers()
    with pytest.raises(DataError, match="expected 2 columns"):
        WeightGraph.from_layers([np.ones((2, 3)), np.ones((2, 4))])
    with pytest.raises(DataError, match="at least one weight matrix"):
        WeightGraph.from_layers([])


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[np.nan]], "NaN or infinite"),
        ([[0, np.inf], [0, 0]], r"first at index \(0, 1\)"),
        ([[1.0, 2.0]], "1 x 2"),
        (np.zeros((0, 0)), "empty"),
        (np.zeros(3), "2 dimensions"),
        ([["a"]], "real numbers"),
        (scipy.sparse.csr_array(np.array([[np.nan]])), "NaN"),
        (scipy.sparse.csr_array(np.ones((1, 2))), "1 x 2"),
        (scipy.sparse.coo_array(np.ones(3)), "sparse array of shape"),
        (scipy.sparse.csr_array(np.array([[1j]])), "real numbers"),
        (np.array([[np.longdouble(1e300) ** 2]]), "NaN or infinite"),
        (scipy.sparse.coo_array(([1e308, 1e308], ([0, 0], [0, 0])), shape=(1, 1)), "NaN or infinite"),
    ],
)
def test_bad_matrices(matrix: object, message: str) -> None:
    """Fails when bad weights raise a library's error, or none."""
    with pytest.raises(DataError, match=message):
        WeightGraph.from_matrix(matrix)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pre": [0, 0], "post": [1, 1], "weight": [1.0, 2.0]}, "given more than once, the first from neuron 0 to 1"),
        ({"pre": [0], "post": [2], "weight": [1.0]}, "post: got neuron indices from 2 to 2, expected 0 to 1"),
        ({"pre": [-1], "post": [1], "weight": [1.0]}, "pre: got neuron indices from -1"),
        ({"pre": [0.5], "post": [1], "weight": [1.0]}, "pre: got values of type float64"),
        ({"pre": [0], "post": [1], "weight": [1.0, 2.0]}, "1, 1 and 2 values"),
        ({"layers": [0]}, "layers: got 1 value"),
        ({"layers": [0.5, 1]}, "layers: expected whole numbers"),
        ({"roles": "ab"}, "roles"),
        ({"names": ["a", 2]}, "names: expected a text"),
        ({"names": 5}, "names: got int, expected a text"),
    ],
)
def test_bad_fields(fields: dict[str, object], message: str) -> None:
    """Fails when a graph that contradicts itself can be built."""
    with pytest.raises(DataError, match=message):
        WeightGraph(**({"n": 2, "pre": [0], "post": [1], "weight": [1.0]} | fields))


def test_foreign_multigraphs() -> None:
    """Fails when parallel edges of a foreign graph are merged or dropped without being asked."""
    several = nx.MultiDiGraph()
    several.add_weighted_edges_from([(0, 1, 1.0), (0, 1, 2.5), (1, 0, 4.0)])
    doubled = igraph.Graph(2, [(0, 1), (0, 1), (1, 0)], directed=True, edge_attrs={"weight": [1.0, 2.5, 4.0]})
    for read, graph in ((WeightGraph.from_networkx, several), (WeightGraph.from_igraph, doubled)):
        with pytest.raises(DataError, match=r"1 is parallel to another, the first from 0 to 1; .*duplicates='sum'"):
            read(graph)
        assert read(graph, duplicates="sum").adjacency().tolist() == [[0, 4], [3.5, 0]]
        with pytest.raises(OptionError, match="duplicates"):
            read(graph, duplicates="mean")


def test_foreign_weights() -> None:
    """Fails when an edge without a weight gets one by guess beside others, or a text passes for a weight."""
    bare = nx.DiGraph([(0, 1), (1, 2)])
    assert WeightGraph.from_networkx(bare).weight.tolist() == [1.0, 1.0]
    assert WeightGraph.from_igraph(igraph.Graph(2, [(0, 1)], directed=True)).weight.tolist() == [1.0]
    bare.edges[0, 1]["weight"] = 2.0
    with pytest.raises(DataError, match="1 of 2 edges has none"):
        WeightGraph.from_networkx(bare)
    bare.edges[1, 2]["weight"] = "3"
    with pytest.raises(DataError, match="weight: got values of type"):
        WeightGraph.from_networkx(bare)
    bare.edges[1, 2]["weight"] = float("nan")
    with pytest.raises(DataError, match="weight: 1 value is NaN"):
        WeightGraph.from_networkx(bare)


def test_foreign_nodes() -> None:
    """Fails when nodes that are no numbers lose their names, or numbered ones their order."""
    named = nx.DiGraph()
    named.add_nodes_from(["AVAL", "AVAR", "RIM"])
    named.add_edge("AVAR", "AVAL", weight=3.0)
    g = WeightGraph.from_networkx(named)
    assert g.names == ("AVAL", "AVAR", "RIM")
    assert g.adjacency()[0, 1] == 3.0
    backwards = nx.DiGraph()
    backwards.add_nodes_from([1, 0])
    backwards.add_edge(1, 0)
    g = WeightGraph.from_networkx(backwards)
    assert g.names is None
    assert (g.pre.tolist(), g.post.tolist()) == ([1], [0])
    named.nodes["RIM"]["layer"] = 2
    with pytest.raises(DataError, match="layer: 2 of 3 neurons have none"):
        WeightGraph.from_networkx(named)
    for empty in (nx.DiGraph(), igraph.Graph()):
        with pytest.raises(DataError, match="expected at least one"):
            (WeightGraph.from_networkx if isinstance(empty, nx.DiGraph) else WeightGraph.from_igraph)(empty)


def test_foreign_undirected() -> None:
    """Fails when an undirected edge gives a synapse in one direction only, or a self-loop half an edge's weight."""
    expected = [[2.0, 2.0], [2.0, 0.0]]
    undirected = nx.Graph()
    undirected.add_weighted_edges_from([(0, 1, 2.0), (0, 0, 1.0)])
    assert WeightGraph.from_networkx(undirected).adjacency().tolist() == expected
    assert WeightGraph.from_networkx(undirected.to_directed()).adjacency().tolist() == [[1.0, 2.0], [2.0, 0.0]]
    same = igraph.Graph(2, [(0, 1), (0, 0)], edge_attrs={"weight": [2.0, 1.0]})
    assert WeightGraph.from_igraph(same).adjacency().tolist() == expected


def test_trap_weighted_adjacency_of_igraph() -> None:
    """Trap 7: igraph's Weighted_Adjacency doubles symmetric matrices (plus), drops negative weights (max)."""
    matrix = np.array([[0.0, -1.0], [-1.0, 0.0]])
    assert igraph.Graph.Weighted_Adjacency(matrix.tolist(), mode="plus").es["weight"] == [-2.0]
    upper = igraph.Graph.Weighted_Adjacency([[0.0, -1.0], [0.0, 0.0]], mode="max")
    assert upper.ecount() == 0 or upper.es["weight"] != [-1.0]
    g = WeightGraph.from_matrix(matrix)
    assert g.to_igraph().es["weight"] == [-1.0, -1.0]
    assert np.array_equal(WeightGraph.from_igraph(g.to_igraph()).adjacency(), matrix)


def test_a_large_graph_converts_in_bulk() -> None:
    """Fails when a conversion walks over synapses in Python: 200,000 synapses, compared with igraph's own building."""
    import time

    generator = np.random.default_rng(0)
    n = 2000
    place = generator.choice(n * n, 200_000, replace=False)
    g = WeightGraph(n, place % n, place // n, generator.normal(size=len(place)))
    pairs = list(zip(g.pre.tolist(), g.post.tolist(), strict=True))
    start = time.perf_counter()
    igraph.Graph(n, pairs, directed=True, edge_attrs={"weight": g.weight.tolist()}).get_edgelist()
    bare = time.perf_counter() - start
    start = time.perf_counter()
    assert WeightGraph.from_igraph(g.to_igraph()) == g
    assert time.perf_counter() - start < 10 * bare + 0.5


def test_small_integers_do_not_wrap_around() -> None:
    """Fails when entries given twice are summed in int8, where 100 + 100 is -56."""
    twice = scipy.sparse.coo_array((np.array([100, 100], dtype=np.int8), ([0, 0], [1, 1])), shape=(2, 2))
    assert WeightGraph.from_matrix(twice).adjacency().tolist() == [[0, 200], [0, 0]]


def test_what_is_no_foreign_graph() -> None:
    """Fails when something else than a graph gives a library's error."""
    for read in (WeightGraph.from_networkx, WeightGraph.from_igraph):
        for given in (5, None, np.eye(2)):
            with pytest.raises(DataError, match="graph: got a value of type"):
                read(given)
    with pytest.raises(DataError, match="graph of networkx"):
        WeightGraph.from_networkx(igraph.Graph(1))
    with pytest.raises(DataError, match="blocks: got a value of type NoneType"):
        WeightGraph.from_layers(None)
    arrays = nx.DiGraph()
    arrays.add_edge(0, 1, weight=np.ones(2))
    with pytest.raises(DataError, match="weight: got an array of shape"):
        WeightGraph.from_networkx(arrays)
    arrays.add_edge(1, 0, weight=3.0)
    with pytest.raises(DataError, match="weight: "):
        WeightGraph.from_networkx(arrays)


def test_numpy_numbers_are_numbers() -> None:
    """Fails when nodes numbered by NumPy lose their numbers and become names in the order of their mention."""
    graph = nx.DiGraph()
    graph.add_edge(np.int64(1), np.int64(0), weight=4.0)
    g = WeightGraph.from_networkx(graph)
    assert g.names is None
    assert (g.pre.tolist(), g.post.tolist()) == ([1], [0])


def test_rows_and_columns_of_a_table_are_matched_by_their_labels():
    """Guards against a pandas table whose columns are in another order than its rows, and against lost names."""
    table = pd.DataFrame([[0, 1, 2], [3, 0, 4], [5, 6, 0]], index=list("bca"), columns=list("abc"))
    g = WeightGraph.from_matrix(table)
    assert g.names == ("a", "b", "c")
    for post in "abc":
        for pre in "abc":
            assert g.adjacency()["abc".index(post), "abc".index(pre)] == table.loc[post, pre]
    numbered = pd.DataFrame([[0, 1, 2], [3, 0, 5], [6, 7, 0]], index=[2, 0, 1], columns=[0, 1, 2])
    assert WeightGraph.from_matrix(numbered).adjacency().tolist() == numbered.loc[[0, 1, 2]].to_numpy().tolist()
    turned = WeightGraph.from_matrix(table, initial=10 * table.loc[list("cab"), list("bac")])
    assert turned.initial is not None
    np.testing.assert_array_equal(turned.initial.adjacency(), 10 * turned.adjacency())
    sample = null_model(turned, "initial", seed=0, initial=table.loc[list("cab"), list("bac")])
    np.testing.assert_array_equal(sample.adjacency(), turned.adjacency())
    untrained = pd.DataFrame(np.arange(9.0).reshape(3, 3), index=[2, 0, 1], columns=[2, 0, 1])
    without = WeightGraph.from_matrix(table.to_numpy(), initial=untrained).initial
    assert without is not None
    assert without.adjacency().tolist() == untrained.loc[[0, 1, 2], [0, 1, 2]].to_numpy().tolist()
    twice = [pd.DataFrame(np.eye(3), columns=list(each)) for each in ("aab", "abb")]
    with pytest.raises(DataError, match="each once, such as 'a'"):
        WeightGraph.from_matrix(twice[0], initial=twice[1])
    with pytest.raises(DataError, match="initial: the labels of the table are not the names of the neurons"):
        WeightGraph.from_matrix(table, initial=table.rename(index={"a": "x"}, columns={"a": "x"}))
    assert WeightGraph.from_matrix(table, names=["x", "y", "z"]).names == ("x", "y", "z")
    assert WeightGraph.from_matrix(pd.DataFrame(np.eye(2))).names is None
    assert WeightGraph.from_matrix(pd.DataFrame(np.eye(2), columns=["a", "b"])).names == ("a", "b")
    for index, columns in ((["a", "b"], ["a", "c"]), (["a", "a"], ["a", "a"])):
        with pytest.raises(DataError, match="rows and columns of the table have other labels, or one twice"):
            WeightGraph.from_matrix(pd.DataFrame(np.eye(2), index=index, columns=columns))
    with pytest.raises(DataError, match="expected a square one"):
        WeightGraph.from_matrix(table.iloc[:2])


def test_the_null_model_of_untrained_weights_names_the_graphs_own():
    """Guards against weights that nobody asked for, and a message that does not say where some are."""
    generator = np.random.default_rng(0)
    g = WeightGraph.from_matrix(generator.normal(size=(6, 6)), initial=generator.normal(size=(6, 6)))
    assert null_model(g, "initial", seed=0, initial=g.initial).synapses == g.synapses
    with pytest.raises(OptionError, match=r"initial: got None.*, such as g\.initial$"):
        null_model(g, "initial", seed=0)
    with pytest.raises(OptionError, match=r"for the null model initial$"):
        null_model(replace(g, initial=None), "initial", seed=0)
    with pytest.raises(DataError, match="other: got a value of type NoneType"):
        g.same_as(None)
