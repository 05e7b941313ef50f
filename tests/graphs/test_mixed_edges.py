"""Graph files in which some edges lead one way and others do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from creditgraph.graphs import GraphFileWarning, read_graph
from creditgraph.guard import DataError

EDGES = (
    ("a", "b", 1.0, "directed"),
    ("b", "c", 2.0, "undirected"),
    ("c", "c", 3.0, "undirected"),
    ("a", "a", 4.0, "directed"),
)


def written(path: Path, edges: tuple[tuple[str, str, float, str], ...], default: str) -> Path:
    """A file whose edges say themselves whether they are directed, unless that is the default."""
    nodes = "".join(f'<node id="{name}"/>' for name in "abc")
    if path.suffix == ".graphml":
        says = {"directed": ' directed="true"', "undirected": ' directed="false"'}
        lines = "".join(
            f'<edge source="{a}" target="{b}"{says[way] if way != default else ""}><data key="w">{weight}</data></edge>'
            for a, b, weight, way in edges
        )
        path.write_text(
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" attr.name="weight" '
            f'attr.type="double"/><graph edgedefault="{default}">{nodes}{lines}</graph></graphml>'
        )
        return path
    lines = "".join(
        f'<edge id="{i}" source="{a}" target="{b}" weight="{weight}" type="{way}"/>'
        for i, (a, b, weight, way) in enumerate(edges)
    ).replace(f' type="{default}"', "")
    path.write_text(
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">'
        f'<graph defaultedgetype="{default}"><nodes>{nodes}</nodes><edges>{lines}</edges></graph></gexf>'
    )
    return path


@pytest.mark.parametrize("default", ["directed", "undirected"])
@pytest.mark.parametrize("name", ["g.graphml", "g.gexf"])
def test_undirected_edges_among_directed_ones_become_a_synapse_each_way(
    tmp_path: Path, name: str, default: str
) -> None:
    """Fails when the sort of an edge is ignored, or an undirected loop weighs less than in an undirected file."""
    path = written(tmp_path / name, EDGES, default)
    with pytest.warns(GraphFileWarning, match="2 of 4 edges are directed and the others undirected: each undirected"):
        g = read_graph(path)
    # W[post, pre]: a -> b one way, b - c both ways, the loop of c twice, that of a once
    assert g.adjacency().tolist() == [[4, 0, 0], [1, 0, 2], [0, 2, 6]]
    with pytest.warns(GraphFileWarning, match="all read as directed"):
        assert read_graph(path, directed=True).adjacency().tolist() == [[4, 0, 0], [1, 0, 0], [0, 2, 3]]


def test_an_undirected_loop_has_twice_its_weight_and_twice_its_untrained_weight(tmp_path: Path) -> None:
    """Fails when views of changes show a change that never was."""
    path = written(tmp_path / "m.graphml", EDGES, "directed")
    text = path.read_text()
    key = '<key id="i" for="edge" attr.name="initial" attr.type="double"/><graph '
    text = text.replace("<graph ", key, 1)
    for weight in ("1.0", "2.0", "3.0", "4.0"):
        text = text.replace(f">{weight}</data>", f'>{weight}</data><data key="i">{weight}</data>')
    path.write_text(text)
    with pytest.warns(GraphFileWarning):
        g = read_graph(path)
    assert g.weight.max() == 6
    assert g.initial is not None
    assert not g.view("change").synapses


def test_both_ways_beside_one_of_them_are_several_synapses_for_one_pair(tmp_path: Path) -> None:
    """Fails when a directed edge and an undirected one between the same neurons overwrite each other."""
    edges = (("a", "b", 1.0, "directed"), ("b", "a", 2.0, "undirected"))
    path = written(tmp_path / "g.graphml", edges, "directed")
    with pytest.raises(DataError, match="1 is parallel to another"):
        read_graph(path)
    with pytest.warns(GraphFileWarning, match="1 of 2 edges is directed"):
        assert read_graph(path, duplicates="sum").adjacency()[:2, :2].tolist() == [[0, 2], [3, 0]]
