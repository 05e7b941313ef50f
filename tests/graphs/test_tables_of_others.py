"""Tables that other programs write: comments above them, spaces in cells, whole numbers as floats, rows cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from creditgraph.graphs import WeightGraph, read_graph
from creditgraph.guard import CreditgraphError, DataError, FileError

pytestmark = pytest.mark.filterwarnings("ignore::creditgraph.graphs.GraphFileWarning")

EDGES = np.array([[0, 1, 0.5], [1, 2, 0.25], [2, 0, -3.0]])
MATRIX = [[0, 1, 2], [3, 0, 4], [5, 6, 0]]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def synapses(g: WeightGraph) -> set[tuple[int, int, float]]:
    return set(zip(g.pre.tolist(), g.post.tolist(), g.weight.tolist(), strict=True))


@pytest.mark.parametrize("separator", [" ", ",", "\t"])
def test_a_table_that_numpy_writes_with_its_names_in_a_comment(tmp_path: Path, separator: str) -> None:
    """Fails when the mark of a comment counts as a column, which makes neurons of weights."""
    header = separator.join(["pre", "post", "weight"])
    np.savetxt(tmp_path / "edges.txt", EDGES, fmt="%g", header=header, delimiter=separator)
    g = read_graph(tmp_path / "edges.txt")
    assert (g.n, g.names) == (3, None)
    assert synapses(g) == {(0, 1, 0.5), (1, 2, 0.25), (2, 0, -3.0)}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comments_above_a_table_are_passed_over(tmp_path: Path, mark: str, end: str) -> None:
    """Fails when a line about a file is taken for its first row."""
    lines = ["# made by a program", "", "# on a day", "pre,post,weight", "0,1,0.5", "1,2,0.25", "2,0,-3"]
    g = read_graph(written(tmp_path / "edges.csv", mark + end.join(lines)))
    assert synapses(g) == {(0, 1, 0.5), (1, 2, 0.25), (2, 0, -3.0)}
    matrix = tmp_path / "matrix.txt"
    np.savetxt(matrix, MATRIX, fmt="%g", header="a matrix of weights")
    assert read_graph(matrix, orientation="pre_post").synapses == 6
    with pytest.raises(FileError, match="is empty"):
        read_graph(written(tmp_path / "comment.csv", "# nothing else"))


def test_spaces_around_cells_do_not_make_neurons(tmp_path: Path) -> None:
    """Fails when '1' and ' 1' are two neurons, of which one only sends and the other only receives."""
    g = read_graph(written(tmp_path / "edges.csv", "pre, post, weight\n0, 1, 0.5\n1, 0, 0.3\n"))
    assert synapses(g) == {(0, 1, 0.5), (1, 0, 0.3)}
    g = read_graph(written(tmp_path / "matrix.csv", ", a, b\na, 0, 1\nb, 2, 0\n"))
    assert (g.names, synapses(g)) == (("a", "b"), {(0, 1, 1.0), (1, 0, 2.0)})


def test_numbers_of_neurons_may_be_written_as_floats(tmp_path: Path) -> None:
    """Fails when '1.0' and '1' are two neurons, as pandas writes a column that had a gap."""
    table = pd.DataFrame({"pre": [0.0, 1.0], "post": [1, 2], "weight": [1.0, 2.0]})
    table.to_csv(tmp_path / "edges.csv", index=False)
    g = read_graph(tmp_path / "edges.csv")
    assert (g.n, g.names, synapses(g)) == (3, None, {(0, 1, 1.0), (1, 2, 2.0)})


def test_rows_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    """Fails when a file that ends too early is read as a network with fewer synapses."""
    for separator in (",", " "):
        text = "0,1,2\n1,0\n3,4,0\n".replace(",", separator)
        with pytest.raises(FileError, match=r"short\.csv: row 2 has 2 cells, expected 3; is the file cut off"):
            read_graph(written(tmp_path / "short.csv", text))
    assert read_graph(written(tmp_path / "blank.csv", "0,1,2\n1,0,\n3,4,0\n")).synapses == 5


def test_a_corner_may_have_a_name(tmp_path: Path) -> None:
    """Fails when names of neurons that are numbers are taken for weights because pandas named their column."""
    for names in ("123", "abc"):
        text = f"id,{','.join(names)}\n" + "".join(
            f"{name},{','.join(map(str, row))}\n" for name, row in zip(names, MATRIX, strict=True)
        )
        g = read_graph(written(tmp_path / "matrix.csv", text), orientation="post_pre")
        assert g.names == tuple(names)
        np.testing.assert_array_equal(g.adjacency(), MATRIX)


def book(path: Path, **sheets: list[list[object]]) -> Path:
    file = Workbook()
    file.remove(file.active)
    for name, rows in sheets.items():
        sheet = file.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file.save(path)
    return path


def labelled(names: str) -> list[list[object]]:
    """A sheet of MATRIX with its neurons, a, b and c, in another order."""
    places = ["abc".index(name) for name in names]
    return [["", *names], *([name, *(MATRIX[i][j] for j in places)] for name, i in zip(names, places, strict=True))]


@pytest.mark.parametrize("orientation", ["post_pre", "pre_post"])
def test_untrained_weights_of_a_workbook_are_read_as_the_others_are(tmp_path: Path, orientation: str) -> None:
    """Fails when the change since the start is that of a matrix from its transpose, or of neurons in another order."""
    sheets = ({"weights": MATRIX, "initial": MATRIX}, {"weights": labelled("abc"), "initial": labelled("cab")})
    for each in sheets:
        g = read_graph(book(tmp_path / "g.xlsx", **each), orientation=orientation)
        assert g.view("change").synapses == 0
        assert g.synapses == 6
    strange = labelled("abc")
    strange[0][3] = strange[3][0] = "d"
    with pytest.raises(DataError, match=r"initial: the untrained weights are of 3 neurons .* for one in '[cd]'"):
        read_graph(book(tmp_path / "g.xlsx", weights=labelled("abc"), initial=strange))


GRAPHML = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="w" for="edge" attr.name="weight" attr.type="double"/><graph edgedefault="{sort}">
<node id="0"/><node id="1"/><node id="2"/><edge source="2" target="0"><data key="w">5</data></edge>
<edge source="1" target="2"><data key="w">7</data></edge>{more}</graph></graphml>"""
GEXF = """<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="{sort}">
<nodes><node id="0" label="0"/><node id="1" label="1"/><node id="2" label="2"/></nodes>
<edges><edge id="0" source="2" target="0" weight="5"/><edge id="1" source="1" target="2" weight="7"/></edges>
</graph></gexf>"""


@pytest.mark.parametrize(("name", "text"), [("g.graphml", GRAPHML), ("g.gexf", GEXF)])
def test_edges_that_are_said_to_lead_one_way_keep_their_way(tmp_path: Path, name: str, text: str) -> None:
    """Fails when edges of a file that calls them undirected are turned round by the order of nodes."""
    path = written(tmp_path / name, text.format(sort="undirected", more=""))
    assert synapses(read_graph(path, directed=True)) == {(2, 0, 5.0), (1, 2, 7.0)}
    both = {(2, 0, 5.0), (0, 2, 5.0), (1, 2, 7.0), (2, 1, 7.0)}
    assert synapses(read_graph(path)) == both
    directed = written(tmp_path / name, text.format(sort="directed", more=""))
    assert synapses(read_graph(directed, directed=False)) == both


def test_edges_there_and_back_are_not_parallel_where_they_lead_one_way(tmp_path: Path) -> None:
    """Fails when an edge is refused as parallel to that of the other way."""
    back = '<edge source="0" target="2"><data key="w">1</data></edge>'
    path = written(tmp_path / "g.graphml", GRAPHML.format(sort="undirected", more=back))
    assert synapses(read_graph(path, directed=True)) == {(2, 0, 5.0), (1, 2, 7.0), (0, 2, 1.0)}
    with pytest.raises(CreditgraphError, match="1 is parallel to another"):
        read_graph(path)


def test_neurons_of_a_message_are_called_as_in_the_file(tmp_path: Path) -> None:
    """Fails when a user has to count to find the synapse that is meant."""
    text = "pre,post,weight\nlate,early,1\nearly,late,2\nlate,early,3\nlate,late,1\n"
    path = written(tmp_path / "edges.csv", text)
    with pytest.raises(DataError, match="the first from neuron late to early; say duplicates="):
        read_graph(path)
    with pytest.raises(DataError, match="the first at neuron late; say self_synapses="):
        read_graph(path, duplicates="sum", self_synapses="refuse")
