"""Weights that are missing in a file, and what of a file is not read: both are told, neither is guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from creditgraph.graphs import GraphFileWarning, read_graph
from creditgraph.guard import DataError

WORDS = ["NaN", "nan", "NA", "null", "NULL", "N/A", "#N/A", "None", "", " "]


def file(tmp_path: Path, text: str, name: str = "c.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("word", WORDS)
def test_of_edges_it_is_told_how_many_weights_are_missing_and_where(tmp_path: Path, word: str) -> None:
    """Fails when a word for a missing weight is called a wrong number, or read as one."""
    path = file(tmp_path, f"pre,post,weight\na,b,1\nb,c,{word}\nc,a,{word}\n")
    with pytest.raises(
        DataError,
        match=r"weight: 2 of 3 synapses have no weight, the first in row 3, column 'weight'; leave them out of the "
        r"file or write 0 there, or say missing_weights='drop' to leave them out, or a number$",
    ):
        read_graph(path)
    with pytest.warns(GraphFileWarning, match="2 synapses without a weight dropped"):
        assert read_graph(path, missing_weights="drop").weight.tolist() == [1]


def test_a_column_of_words_is_no_column_of_ones(tmp_path: Path) -> None:
    """Fails when a file whose weights are all NA is read as one whose synapses all count 1."""
    with pytest.raises(DataError, match="2 of 2 synapses have no weight, the first in row 2"):
        read_graph(file(tmp_path, "pre,post,weight\na,b,NA\nb,c,NA\n"))
    with pytest.warns(GraphFileWarning, match="no synapse has a weight: each counts 1"):
        read_graph(file(tmp_path, "pre,post,weight\na,b,\nb,c,\n"))


@pytest.mark.parametrize("word", [word for word in WORDS if word.strip()])
@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{w},1,2\n3,0,{w}\n4,5,0\n", "2 of 9 values are missing .*, the first in row 1, column 1"),
        (",a,b\na,0,{w}\nb,1,0\n", r"1 of 4 values is missing .*, the first in row 2 \('a'\), column 3 \('b'\)"),
        ("1,2\n{w},0\n", "1 of 4 values is missing .*, the first in row 2, column 1"),
    ],
    ids=["bare", "named", "first column"],
)
def test_of_a_matrix_it_is_told_how_many_are_missing_and_where(
    tmp_path: Path, word: str, text: str, where: str
) -> None:
    """Fails when NA in a matrix is called a wrong number, passes for a neuron's name, or is read as 0."""
    with pytest.raises(DataError, match=f"weight: {where}; write 0 where there is no synapse"):
        read_graph(file(tmp_path, text.format(w=word)), orientation="pre_post")


def test_of_a_spreadsheet_too(tmp_path: Path) -> None:
    """Fails when the cells of a spreadsheet are told otherwise than those of a text."""
    book = Workbook()
    for row in ([0, "NA", 2], [1, 0, 3], [1, "NA", 0]):
        book.active.append(row)
    book.save(tmp_path / "c.xlsx")
    with pytest.raises(DataError, match=r"2 of 9 values are missing .*, the first in row 1, column 2; write 0"):
        read_graph(tmp_path / "c.xlsx", orientation="pre_post")


def test_of_graphml_too(tmp_path: Path) -> None:
    """Fails when NaN in an attribute is called infinite, or no edge is named."""
    head = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" attr.name="weight" '
        'attr.type="double"/><graph edgedefault="directed"><node id="a"/><node id="b"/>'
    )
    edges = "".join(
        f'<edge source="{a}" target="{b}"><data key="w">{weight}</data></edge>'
        for a, b, weight in (("a", "b", 1), ("b", "a", "NaN"))
    )
    path = file(tmp_path, f"{head}{edges}</graph></graphml>", "c.graphml")
    with pytest.raises(DataError, match="1 of 2 synapses has no weight, the first in the edge from b to a; leave"):
        read_graph(path)


def test_what_is_not_read_is_told_once(tmp_path: Path) -> None:
    """Fails when a column of the user's is passed over without a word."""
    path = file(tmp_path, "pre,post,weight,delay,kind\na,b,1,2,x\n")
    with pytest.warns(GraphFileWarning) as caught:
        read_graph(path)
    assert [str(each.message) for each in caught] == [f"{path}: columns not read: delay, kind"]
    with pytest.warns(GraphFileWarning, match=r"columns not read: 2, 4$"):
        read_graph(file(tmp_path, "a b 9 1 7\n", "d.txt"), source=0, target=1, weight=3)


def test_attributes_that_are_not_read_are_told(tmp_path: Path) -> None:
    """Fails when an attribute of a graph file is passed over without a word."""
    path = file(
        tmp_path,
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="w" for="edge" attr.name="weight" attr.type="double"/>'
        '<key id="d" for="edge" attr.name="delay" attr.type="double"/>'
        '<key id="s" for="node" attr.name="size" attr.type="double"/>'
        '<graph edgedefault="directed"><node id="a"><data key="s">1</data></node><node id="b"/>'
        '<edge source="a" target="b"><data key="w">1</data><data key="d">3</data></edge></graph></graphml>',
        "c.graphml",
    )
    with pytest.warns(
        GraphFileWarning, match="attributes of nodes not read: size; attributes of edges not read: delay$"
    ):
        read_graph(path)


def test_arrays_that_are_not_read_are_told(tmp_path: Path) -> None:
    """Fails when the one matrix of an archive is read and the rest of it is passed over without a word."""
    np.savez(tmp_path / "c.npz", w=np.eye(3), delays=np.arange(3))
    with pytest.warns(GraphFileWarning, match="arrays not read: delays$"):
        read_graph(tmp_path / "c.npz", orientation="pre_post")


def test_a_neuron_may_be_named_na(tmp_path: Path) -> None:
    """Fails when the name of a neuron is taken for a missing weight."""
    with pytest.warns(GraphFileWarning):
        g = read_graph(file(tmp_path, "neuron,1,2,NA\n1,0,1,1\n2,1,0,1\nNA,1,1,0\n"), format="adjacency")
    assert g.names == ("1", "2", "NA")


def test_attributes_that_are_structure_in_gexf_only_are_told_of_in_graphml(tmp_path: Path) -> None:
    """Fails when a GraphML file's start or mode is passed over without a word."""
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" attr.name="weight" '
        'attr.type="double"/><key id="s" for="edge" attr.name="start" attr.type="string"/><graph '
        'edgedefault="directed"><node id="a"/><node id="b"/><edge source="a" target="b"><data key="w">1</data>'
        '<data key="s">x</data></edge></graph></graphml>'
    )
    with pytest.warns(GraphFileWarning, match="attributes of edges not read: start"):
        read_graph(file(tmp_path, text, "g.graphml"))
