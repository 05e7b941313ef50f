"""Files of others: connectomes, edge lists, matrices; nothing is merged, dropped or guessed without a word."""

from __future__ import annotations

import warnings
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

from creditgraph.graphs import GraphFileWarning, WeightGraph, read_graph
from creditgraph.guard import DataError, OptionError

EDGES = "Source,Target,Weight\nAVAL,AVAR,2\nAVAR,AVAL,-1.5\nAVAL,AVAR,-3\nRIM,RIM,4\nAVAL,RIM,0\n"


def file(tmp_path: Path, text: str, name: str = "c.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def quietly(path: Path, **options: object) -> WeightGraph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GraphFileWarning)
        return read_graph(path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("duplicates", "merged"), [("sum", -1.0), ("mean", -0.5), ("first", 2.0), ("strongest", -3.0)])
def test_duplicates_as_asked(tmp_path: Path, duplicates: str, merged: float) -> None:
    """Fails when parallel synapses are merged otherwise than asked, or without a word."""
    with pytest.warns(GraphFileWarning, match=rf"1 parallel synapse merged \({duplicates}\); 1 synapse of weight zero"):
        g = read_graph(file(tmp_path, EDGES), duplicates=duplicates)
    assert g.names == ("AVAL", "AVAR", "RIM")
    assert g.adjacency().tolist() == [[0, -1.5, 0], [merged, 0, 0], [0, 0, 4]]


def test_duplicates_are_refused_unless_asked(tmp_path: Path) -> None:
    """Fails when a connectome with parallel synapses is read by guess."""
    with pytest.raises(DataError, match=r"1 is parallel .* from neuron AVAL to AVAR; say duplicates='sum'"):
        read_graph(file(tmp_path, EDGES))


def test_self_synapses_and_isolated_neurons(tmp_path: Path) -> None:
    """Fails when they are dropped unasked, stay though asked to go, or go without a word."""
    path = file(tmp_path, "pre,post,weight\na,b,1\nc,c,2\n")
    assert read_graph(path).adjacency().tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 2]]
    with pytest.raises(DataError, match="1 leads from a neuron to itself, the first at neuron c"):
        read_graph(path, self_synapses="refuse")
    with pytest.warns(GraphFileWarning, match="1 self-synapse dropped$"):
        assert read_graph(path, self_synapses="drop").names == ("a", "b", "c")
    with pytest.warns(GraphFileWarning, match="1 self-synapse dropped; 1 isolated neuron dropped"):
        assert read_graph(path, self_synapses="drop", isolated="drop").names == ("a", "b")
    with pytest.raises(DataError, match="all are isolated"):
        quietly(file(tmp_path, "pre,post,weight\nc,c,2\n"), self_synapses="drop", isolated="drop")


def test_missing_weights(tmp_path: Path) -> None:
    """Fails when a synapse without a weight gets one by guess."""
    path = file(tmp_path, "pre,post,weight\na,b,1.5\nb,a,\n")
    with pytest.raises(
        DataError, match=r"weight: 1 of 2 synapses has no weight, the first in row 3, .* say missing_weights='drop'"
    ):
        read_graph(path)
    with pytest.warns(GraphFileWarning, match="1 synapse without a weight dropped"):
        assert read_graph(path, missing_weights="drop").weight.tolist() == [1.5]
    with pytest.warns(GraphFileWarning, match="1 synapse without a weight given -2"):
        assert sorted(read_graph(path, missing_weights=-2).weight) == [-2.0, 1.5]
    with pytest.warns(GraphFileWarning, match="no synapse has a weight: each counts 1"):
        assert read_graph(file(tmp_path, "from,to\na,b\n")).weight.tolist() == [1.0]


def test_columns_by_name_or_number(tmp_path: Path) -> None:
    """Fails when the wrong column is taken, or a first row that is no header gets lost."""
    path = file(tmp_path, "id;cell A;cell B;n\n1;x;y;3\n2;y;x;4\n")
    with pytest.raises(DataError, match=r"expected a number|a square one"):
        read_graph(path)
    with pytest.raises(DataError, match=r"source: got columns id, cell a, cell b, n, none called pre, source"):
        read_graph(path, format="edges")
    with pytest.warns(GraphFileWarning, match="c.csv: columns not read: id$"):
        g = read_graph(path, source="cell B", target="cell A", weight="n")
    assert g.names == ("y", "x")
    assert g.adjacency().tolist() == [[0, 4], [3, 0]]
    with pytest.raises(OptionError, match=r"source: got 'cellA'.*did you mean 'cell A'"):
        read_graph(path, source="cellA", target="cell B")
    headless = file(tmp_path, "10 2 0.5\n2   10 0.25\n2 9 1\n", "c.txt")
    g = read_graph(headless, source=0, target=1, weight=2)
    assert g.names == ("2", "9", "10")
    assert g.adjacency().tolist() == [[0, 0, 0.5], [1, 0, 0], [0.25, 0, 0]]
    with pytest.raises(OptionError, match="weight: got 3, expected a column from 0 to 2"):
        read_graph(headless, source=0, target=1, weight=3)
    both = file(tmp_path, "pre,source,post\na,b,c\n")
    with pytest.raises(DataError, match="2 of them called"):
        read_graph(both)


def test_tables_of_neurons(tmp_path: Path) -> None:
    """Fails when listed neurons lose their order, isolated ones vanish, or an unusable column passes unsaid."""
    edges = file(tmp_path, "pre,post,weight\nb,a,1\n")
    table = file(tmp_path, "id,layer,type,x,y,note\na,1,exc,0,1,?\nlone,2,inh,2,3,?\nb,L4,exc,4,5,?\n", "cells.csv")
    expected = r"layer left out: not all are whole numbers of at least 0; columns of neurons not read: note$"
    with pytest.warns(GraphFileWarning, match=expected):
        g = read_graph(edges, neurons=table)
    assert g.names == ("a", "lone", "b")
    assert g.types == ("exc", "inh", "exc")
    assert g.layers is None
    assert g.positions is not None
    assert g.positions.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert g.adjacency()[0, 2] == 1.0
    # a table beside the file is found by its name
    table.rename(tmp_path / "c.neurons.csv")
    assert quietly(edges) == g
    with pytest.raises(DataError, match="the table of neurons has no 'z'"):
        read_graph(file(tmp_path, "pre,post\nz,a\n"))
    with pytest.raises(DataError, match="column id names 1 neuron twice"):
        read_graph(edges, neurons=file(tmp_path, "id\na\na\n", "twice.csv"))
    with pytest.raises(DataError, match="got columns cell, expected one of neuron"):
        read_graph(edges, neurons=file(tmp_path, "cell\na\n", "none.csv"))


def test_rows_of_a_matrix_are_presynaptic_unless_said(tmp_path: Path) -> None:
    """Fails when the orientation of a matrix is taken for granted in silence, or turned."""
    path = file(tmp_path, "0,2\n0,0\n")
    with pytest.warns(GraphFileWarning, match="rows read as presynaptic neurons"):
        g = read_graph(path)
    assert (g.pre.tolist(), g.post.tolist()) == ([0], [1])
    assert read_graph(path, orientation="pre_post") == g
    assert read_graph(path, orientation="post_pre").pre.tolist() == [1]
    with pytest.raises(OptionError, match=r"orientation: .*did you mean 'post_pre'"):
        read_graph(path, orientation="postpre")
    with pytest.raises(OptionError, match="directed: got False, expected nothing for a file of format adjacency"):
        read_graph(path, directed=False)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (",a,b\na,0,2\nb,0,0\n", ("a", "b")),
        ("name,a,b\na,0,2\nb,0,0\n", ("a", "b")),
        ("a,b\n0,2\n0,0\n", ("a", "b")),
        ("5,7\n0,2\n0,0\n", ("5", "7")),
        ("a,0,2\nb,0,0\n", ("a", "b")),
        (",a,b\nb,0,0\na,0,2\n", ("b", "a")),
        (",b\na,2\n", ("a", "b")),
        ("\ta\tb\na\t\t2\nb\t\t\n", ("a", "b")),
    ],
    ids=["corner", "titled", "columns", "numbers", "rows", "turned", "rectangle", "blank"],
)
def test_matrices_with_names(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    """Fails when names of rows or columns become weights, or a weight lands between others than it names."""
    g = quietly(file(tmp_path, text), format="adjacency", orientation="pre_post")
    assert g.names == names
    pre, post = ("5", "7") if names == ("5", "7") else ("a", "b")
    assert (g.pre.tolist(), g.post.tolist(), g.weight.tolist()) == ([names.index(pre)], [names.index(post)], [2.0])


def test_matrices_that_are_none(tmp_path: Path) -> None:
    """Fails when a matrix that is not square or has a name twice is read somehow."""
    for text, message in (
        ("1,2,3\n4,5,6\n", "a matrix of 2 x 3"),
        (",a,a\nb,1,2\nc,3,4\n", "columns: 'a' occurs twice"),
        (",a,b\na,1,x\nb,3,4\n", "weight: got 'x' in row 2 \\('a'\\), column 3 \\('b'\\), expected a number"),
        (
            ",a,b\na,1,inf\nb,3,4\n",
            "weight: got 'inf' in row 2 \\('a'\\), column 3 \\('b'\\), expected a finite number",
        ),
        ("1,2\n3,nan\n", "weight: 1 of 4 values is missing \\('nan'\\), the first in row 2, column 2; write 0"),
    ):
        with pytest.raises(DataError, match=message):
            quietly(file(tmp_path, text))


def test_archives_of_others(tmp_path: Path) -> None:
    """Fails when a sparse or dense matrix is read transposed, or one of several is picked by guess."""
    w = np.array([[0.0, 2.0], [0.0, 0.0]])
    for save in (scipy.sparse.csr_array, scipy.sparse.coo_array, scipy.sparse.csc_matrix, scipy.sparse.dia_array):
        scipy.sparse.save_npz(tmp_path / "s.npz", save(w))
        assert read_graph(tmp_path / "s.npz", orientation="post_pre") == WeightGraph.from_matrix(w)
        assert read_graph(tmp_path / "s.npz", orientation="pre_post") == WeightGraph.from_matrix(w.T)
    np.savez(tmp_path / "d.npz", connectome=w, sizes=np.ones(3))
    with pytest.warns(GraphFileWarning, match="rows read as presynaptic"):
        assert read_graph(tmp_path / "d.npz") == WeightGraph.from_matrix(w.T)
    np.savez(tmp_path / "d.npz", gap=w, chemical=w * 2)
    with pytest.raises(ValueError, match=r"got gap \(2, 2\), chemical \(2, 2\), expected one square matrix; name it"):
        read_graph(tmp_path / "d.npz")
    assert read_graph(tmp_path / "d.npz", weight="chemical", orientation="post_pre").weight.tolist() == [4.0]
    with pytest.raises(OptionError, match="did you mean 'chemical'"):
        read_graph(tmp_path / "d.npz", weight="chemica")


def test_undirected_networks(tmp_path: Path) -> None:
    """Fails when an undirected edge gives one synapse, edges a-b and b-a are not parallel, or nothing is said."""
    path = file(tmp_path, "source,target,weight\na,b,2\nb,a,4\na,a,1\n")
    assert read_graph(path).adjacency().tolist() == [[1, 4], [2, 0]]
    with pytest.raises(DataError, match="1 is parallel"):
        read_graph(path, directed=False)
    message = r"1 parallel synapse merged \(first\); 2 undirected edges read as a synapse each way"
    with pytest.warns(GraphFileWarning, match=message):
        assert read_graph(path, directed=False, duplicates="first").adjacency().tolist() == [[2, 2], [2, 0]]
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 2.0)])
    for name, write in (("u.graphml", nx.write_graphml), ("u.gexf", nx.write_gexf)):
        write(graph, tmp_path / name)
        with pytest.warns(GraphFileWarning, match="1 undirected edge read as a synapse each way"):
            assert read_graph(tmp_path / name).adjacency().tolist() == [[0, 2], [2, 0]]
        assert read_graph(tmp_path / name, directed=True).synapses == 1


GRAPHML = """<?xml version="1.0"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="w" for="edge" attr.name="count" attr.type="int"><default>3</default></key>
<key id="t" for="node" attr.name="type" attr.type="string"><default>excitatory</default></key>
<graph edgedefault="directed"><node id="n0"><data key="t">inhibitory</data></node><node id="n1"/>
<edge source="n0" target="n1"/><edge source="n1" target="n0"><data key="w">5</data></edge></graph></graphml>"""


def test_defaults_of_graphml(tmp_path: Path) -> None:
    """Fails when the default of an attribute counts as a missing one, or an attribute cannot be chosen."""
    path = file(tmp_path, GRAPHML, "g.graphml")
    g = read_graph(path, weight="count")
    assert g.adjacency().tolist() == [[0, 5], [3, 0]]
    assert g.types == ("inhibitory", "excitatory")
    assert g.names == ("n0", "n1")
    with pytest.warns(GraphFileWarning, match="no synapse has a weight"):
        assert read_graph(path).weight.tolist() == [1.0, 1.0]
    with pytest.raises(OptionError, match="did you mean 'count'"):
        read_graph(path, weight="counts")


GEXF = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">
<graph mode="dynamic" defaultedgetype="directed" timeformat="double">
<attributes class="node" mode="dynamic"><attribute id="0" title="rate" type="float"/></attributes>
<nodes><node id="7" label="AVA" start="0" end="9"><attvalues><attvalue for="0" value="1" start="0" end="4"/></attvalues>
<viz:position x="1.5" y="-2" z="0"/></node>
<node id="9" label="RIM"><viz:position x="0" y="1" z="2"/></node></nodes>
<edges><edge id="0" source="7" target="9" weight="2.5" start="1" end="3"/></edges></graph></gexf>"""


def test_gexf_of_gephi(tmp_path: Path) -> None:
    """Fails when attributes in time stop the reader, or labels and positions are lost."""
    with pytest.warns(GraphFileWarning, match="attributes of nodes not read: rate$"):
        g = read_graph(file(tmp_path, GEXF, "g.gexf"))
    assert g.names == ("AVA", "RIM")
    assert g.positions is not None
    assert g.positions.tolist() == [[1.5, -2, 0], [0, 1, 2]]
    assert (g.pre.tolist(), g.post.tolist(), g.weight.tolist()) == ([0], [1], [2.5])


def test_spreadsheets_of_others(tmp_path: Path) -> None:
    """Fails when the first sheet is not read, another cannot be named, or a list of synapses is taken for a matrix."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "hermaphrodite"
    for row in ([None, "a", "b"], ["a", None, 2], ["b", 0.5, None]):
        book.active.append(row)
    male = book.create_sheet("male")
    for row in (["pre", "post", "weight"], ["x", "y", 7]):
        male.append(row)
    book.save(tmp_path / "c.xlsx")
    with pytest.warns(GraphFileWarning, match="rows read as presynaptic.*; 2 blank cells read as no synapse"):
        g = read_graph(tmp_path / "c.xlsx")
    assert g.names == ("a", "b")
    assert g.adjacency().tolist() == [[0, 0.5], [2, 0]]
    g = read_graph(tmp_path / "c.xlsx", weight="male")
    assert (g.names, g.weight.tolist()) == (("x", "y"), [7.0])
    with pytest.raises(OptionError, match="weight: got 'mal', expected one of the sheets"):
        read_graph(tmp_path / "c.xlsx", weight="mal")


def test_large_numbers_as_labels(tmp_path: Path) -> None:
    """Fails when the identifiers of a connectome are taken for indices and make a graph of billions of neurons."""
    g = read_graph(file(tmp_path, "pre,post,weight\n720575940612345678,720575940600000001,5\n"))
    assert g.names == ("720575940600000001", "720575940612345678")
    assert g.adjacency().tolist() == [[0, 5], [0, 0]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "pre,post,weight\na,b,1\nb,a,nan\n",
            "weight: 1 of 2 synapses has no weight, the first in row 3, column 'weight'; leave them out",
        ),
        ("pre,post,weight\na,b,\nb,a,x\n", "weight: got 'x' in row 3, column 'weight', expected a number"),
        ("pre,post,weight,initial\na,b,1,-\n", "initial: got '-' in row 2, column 'initial'"),
        ("hello world\n", "got 1 x 2 cells without numbers among them, .* as a matrix, .* say source= and target="),
        ("a,b,c\nx,y,1\n", "got 'y' in row 2 .* of a table of edges say source= and target= the columns of both"),
    ],
)
def test_where_a_table_is_wrong_is_told(tmp_path: Path, text: str, message: str) -> None:
    """Fails when a number that is none must be looked for by hand, or prose passes for a matrix of no rows."""
    with pytest.raises(DataError, match=message):
        read_graph(file(tmp_path, text))
