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


def test_numpys_own_format_of_numbers_is_read(tmp_path: Path) -> None:
    """Fails when neurons are called 1.000000000000000000e+00, in the order in which they come."""
    np.savetxt(tmp_path / "edges.txt", np.array([[10, 2, 0.5], [2, 0, 0.25]]), header="pre post weight")
    g = read_graph(tmp_path / "edges.txt")
    assert g.names == ("0", "2", "10")
    assert synapses(g) == {(2, 1, 0.5), (1, 0, 0.25)}


@pytest.mark.parametrize("other", ["2.5", "out"])
def test_labels_are_numbers_in_all_columns_or_in_none(tmp_path: Path, other: str) -> None:
    """Fails when a neuron is 2 where it sends and 2.0 where it receives, because of another that is no whole number."""
    g = read_graph(written(tmp_path / "edges.csv", f"pre,post,weight\n1.0,2.0,1\n2.0,{other},2\n"))
    assert (g.names, synapses(g)) == (("1.0", "2.0", other), {(0, 1, 1.0), (1, 2, 2.0)})
    g = read_graph(written(tmp_path / "matrix.csv", f",1.0,2.0,{other}\n1.0,0,1,2\n2.0,3,0,4\n"))
    assert g.names == ("1.0", "2.0", other)
    (tmp_path / "few.csv").write_text("pre,post,weight\n1.0,2.0,1\n")
    (tmp_path / "few.neurons.csv").write_text(f"neuron,layer\n1.0,0\n2.0,1\n{other},1\n")
    assert read_graph(tmp_path / "few.csv").names == ("1.0", "2.0", other)


def test_labels_that_a_file_tells_apart_stay_apart(tmp_path: Path) -> None:
    """Fails when 1.0 and 1.00 become one neuron."""
    g = read_graph(written(tmp_path / "edges.csv", "pre,post,weight\n1.0,3,1\n1.00,3,2\n"))
    assert g.names == ("1.0", "3", "1.00")


@pytest.mark.parametrize("cell", ["nan", "NA", "x"])
def test_a_bad_cell_in_the_corner_of_a_symmetric_matrix_is_no_name(tmp_path: Path, cell: str) -> None:
    """Fails when a matrix loses a neuron since its first row and column are the same."""
    text = f"{cell},0.5,0.3,0.2\n0.5,0,0.1,0.7\n0.3,0.1,0,0.4\n0.2,0.7,0.4,0\n"
    with pytest.raises(DataError, match="row 1, column 1"):
        read_graph(written(tmp_path / "matrix.csv", text))


def test_labels_that_begin_with_the_mark_of_comments(tmp_path: Path) -> None:
    """Fails when rows or corners are taken for comments, and their synapses or names are lost."""
    rows = "#n1,#n2,0.5\n#n2,#n3,0.4\n#n3,#n1,0.4\n"
    for separator in (",", " ", "\t"):
        path = written(tmp_path / "edges.csv", rows.replace(",", separator))
        g = read_graph(path, source=0, target=1, weight=2)
        assert g.names == ("#n1", "#n2", "#n3")
        assert g.synapses == 3
    for separator in (",", "\t"):
        text = "#,b,a,c\na,1,2,3\nb,4,5,6\nc,7,8,9\n".replace(",", separator)
        g = read_graph(written(tmp_path / "matrix.csv", text), orientation="pre_post")
        assert {(g.names[pre], g.names[post]): weight for pre, post, weight in synapses(g)}["a", "b"] == 1
    with pytest.raises(FileError, match="may be a comment or a row"):
        read_graph(written(tmp_path / "edges.csv", "#n1,n2,0.5\nn2,n3,0.4\n"), source=0, target=1, weight=2)


@pytest.mark.parametrize(
    "text",
    [
        "pre,post,weight\r0,1,2\r1,2,\r2,0,1\r",
        "pre,post,weight\n0,1,2\n1,2,\n2,0,1\n   \n",
        "pre,post,weight\n0,1,2\n1," + "z" * 140_000 + ",\n2,0,1\n",
    ],
)
def test_blank_cells_at_the_end_are_no_short_rows(tmp_path: Path, text: str) -> None:
    """Fails when old ends of lines, a line of spaces or a long label are refused where a weight is blank."""
    assert read_graph(written(tmp_path / "edges.csv", text), missing_weights=1.0).synapses == 3


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
    corner = labelled("abc")
    corner[0][0] = "post\\pre"
    for initial in (MATRIX, labelled("abc")):
        g = read_graph(book(tmp_path / "g.xlsx", weights=corner, initial=initial))
        assert g.view("change").synapses == 0
    twice = [["a", *MATRIX[0]], ["a", *MATRIX[1]], ["b", *MATRIX[2]]]
    with pytest.raises(DataError, match=r"differ or have a name twice, for one 'a'"):
        read_graph(book(tmp_path / "g.xlsx", weights=twice, initial=[twice[0], twice[2], twice[1]]))
    strange = labelled("abc")
    strange[0][3] = strange[3][0] = "d"
    with pytest.raises(DataError, match=r"initial: the untrained weights are of 3 neurons .* for one '[cd]'"):
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
