"""What files give several times or in several sorts: the user says what becomes of it, and nothing goes in silence."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from creditgraph.graphs import GraphFileWarning, WeightGraph, read_graph, write_graph
from creditgraph.guard import DataError
from creditgraph.guard.spelling import options_named, spelt_for_command

# of the weights 1 and -3 from neuron 0 to 1
MERGED = {"sum": -2.0, "mean": -1.0, "first": 1.0, "strongest": -3.0}

HEADS = {
    "graphml": '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" attr.name="weight"'
    ' attr.type="double"/>{}</graphml>',
    "gexf": '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">{}</gexf>',
}


def markup(path: Path, edges: list[tuple[str, str, float, str]], default: str = "directed", graphs: int = 1) -> Path:
    """A file with nodes a, b, c and edges (source, target, weight, other attributes)."""
    nodes = "".join(f'<node id="{name}" label="{name}"/>' for name in "abc")
    if path.suffix == ".gexf":
        lines = "".join(f'<edge source="{a}" target="{b}" weight="{w}" {more}/>' for a, b, w, more in edges)
        graph = f'<graph defaultedgetype="{default}"><nodes>{nodes}</nodes><edges>{lines}</edges></graph>'
    else:
        lines = "".join(
            f'<edge source="{a}" target="{b}" {more}><data key="w">{w}</data></edge>' for a, b, w, more in edges
        )
        graph = f'<graph edgedefault="{default}">{nodes}{lines}</graph>'
    path.write_text(HEADS[path.suffix[1:]].format(graph * graphs))
    return path


def repeated(path: Path) -> Path:
    """A file with synapses of 1 and -3 from neuron 0 to 1, and of 5 from 1 to 0."""
    if path.suffix[1:] in HEADS:
        return markup(path, [("a", "b", 1.0, 'id="e"'), ("b", "a", 5.0, 'id="f"'), ("a", "b", -3.0, 'id="e"')])
    entries = np.array([1.0, -3.0, 5.0]), (np.array([0, 0, 1]), np.array([1, 1, 0]))
    if path.stem == "own":
        np.savez(path, n=2, pre=entries[1][0], post=entries[1][1], weight=entries[0])
    elif path.stem == "coo":
        scipy.sparse.save_npz(path, scipy.sparse.coo_array(entries, shape=(2, 2)))
    else:
        small = entries[0].astype(np.int8), np.array([1, 1, 0]), np.array([0, 2, 3])
        scipy.sparse.save_npz(path, scipy.sparse.csr_matrix(small, shape=(2, 2)))
    return path


@pytest.mark.parametrize("name", ["coo.npz", "csr.npz", "own.npz", "g.graphml", "g.gexf"])
def test_repeated_synapses_are_merged_as_asked(tmp_path: Path, name: str) -> None:
    """Fails when a reader sums repeats, or keeps the last of them, before the user is asked."""
    path = repeated(tmp_path / name)
    matrix = {"orientation": "pre_post"} if path.stem in ("coo", "csr") else {}
    with pytest.raises(
        DataError, match=r"1 is parallel to another, the first from neuron (0|a) to (1|b); say duplicates='sum'"
    ):
        read_graph(path, **matrix)  # type: ignore[arg-type]
    for duplicates, merged in MERGED.items():
        with pytest.warns(GraphFileWarning, match=rf"1 parallel synapse merged \({duplicates}\)$"):
            g = read_graph(path, duplicates=duplicates, **matrix)  # type: ignore[arg-type]
        assert g.adjacency()[:2, :2].tolist() == [[0, 5], [merged, 0]]


@pytest.mark.parametrize("field", ["pre", "initial_pre"])
def test_repeats_beside_untrained_weights_are_refused(tmp_path: Path, field: str) -> None:
    """Fails when untrained weights are matched with one of several synapses, or the advice is of no use."""
    g = WeightGraph.from_matrix([[0, 1], [2, 0]], initial=[[0, 3], [4, 0]])
    with np.load(write_graph(g, tmp_path / "g.npz")) as archive:
        arrays = dict(archive)
    own = field.removesuffix("pre")
    arrays |= {own + end: arrays[own + end][[0, 0]] for end in ("pre", "post")}
    np.savez(tmp_path / "g.npz", **arrays)
    with pytest.raises(DataError, match="synapses: 1 is given twice in a file with untrained weights"):
        read_graph(tmp_path / "g.npz", duplicates="sum")
    arrays[field] = arrays[field][:1]
    np.savez(tmp_path / "g.npz", **arrays)
    with pytest.raises(DataError, match=f"{own}weight: got 1, 2 and 2 values, expected as many"):
        read_graph(tmp_path / "g.npz")


def test_mutual_edges(tmp_path: Path) -> None:
    """Fails when one way of a mutual edge hides an edge of its own, or the other way round."""
    edges = [("b", "a", 1.0, ""), ("a", "b", 2.0, 'type="mutual"'), ("c", "c", 3.0, 'type="mutual"')]
    path = markup(tmp_path / "g.gexf", edges)
    with pytest.raises(DataError, match="1 is parallel to another"):
        read_graph(path)
    with pytest.warns(GraphFileWarning, match=r"1 parallel synapse merged \(sum\)$"):
        assert read_graph(path, duplicates="sum").adjacency().tolist() == [[0, 3, 0], [2, 0, 0], [0, 0, 3]]


@pytest.mark.parametrize(
    ("name", "way"), [("g.graphml", 'directed="false"'), ("g.gexf", 'type="undirected"')], ids=["graphml", "gexf"]
)
def test_edges_of_both_sorts(tmp_path: Path, name: str, way: str) -> None:
    """Fails when such a file is called damaged, is read by guess, or cannot be read as the user says."""
    path = markup(tmp_path / name, [("a", "b", 1.0, ""), ("b", "c", 2.0, way)])
    both = "1 of 2 edges is directed and the others undirected"
    with pytest.warns(
        GraphFileWarning, match=rf"{both}: each undirected one read as a synapse each way \(say directed="
    ):
        assert read_graph(path).adjacency().tolist() == [[0, 0, 0], [1, 0, 2], [0, 2, 0]]
    with (
        spelt_for_command(),
        options_named({"directed": "file_directed"}),
        pytest.warns(GraphFileWarning, match=r"\(say --file_directed= to read all alike\)$"),
    ):
        read_graph(path)
    with pytest.warns(GraphFileWarning, match=f"{both}: all read as directed$"):
        assert read_graph(path, directed=True).adjacency().tolist() == [[0, 0, 0], [1, 0, 0], [0, 2, 0]]
    with pytest.warns(GraphFileWarning, match=f"{both}: all read as undirected; 2 undirected edges"):
        assert read_graph(path, directed=False).adjacency().tolist() == [[0, 1, 0], [1, 0, 2], [0, 2, 0]]
    # edges that all differ from what the graph says are of one sort
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GraphFileWarning)
        assert read_graph(markup(path, [("a", "b", 1.0, way)])).synapses == 2


@pytest.mark.parametrize("name", ["g.graphml", "g.gexf"])
def test_what_is_not_read_is_refused(tmp_path: Path, name: str) -> None:
    """Fails when the second graph of a file, a graph within a node, or the first of two nodes is lost unsaid."""
    path = markup(tmp_path / name, [("a", "b", 1.0, "")], graphs=2)
    with pytest.raises(DataError, match=rf"{name}: the file holds 2 graphs, expected one"):
        read_graph(path)
    text = markup(path, [("a", "b", 1.0, "")]).read_text()
    path.write_text(text.replace('id="c"', 'id="a"'))
    with pytest.raises(DataError, match="nodes: 1 has no id, or that of another"):
        read_graph(path)
    within = '<graph edgedefault="directed"><node id="d"/><edge source="d" target="a"/></graph>'
    if path.suffix == ".gexf":
        within = '<edges><edge id="9" source="c" target="a"/></edges>'
    path.write_text(text.replace('<node id="c" label="c"/>', f'<node id="c" label="c">{within}</node>'))
    with pytest.raises(DataError, match=r"\d nodes? and 1 edge of the file lie where they are not read"):
        read_graph(path)
