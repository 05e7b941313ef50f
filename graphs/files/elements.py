"""The elements of GraphML and GEXF files, made such that networkx loses none of them."""

from __future__ import annotations

import io
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ...guard import DataError, counted, plural, setting

# what says of a graph, and of an edge, whether edges lead one way
OF_GRAPH = {"graphml": "edgedefault", "gexf": "defaultedgetype"}
OF_EDGE = {"graphml": "directed", "gexf": "type"}
ONE_WAY = {"true": True, "1": True, "directed": True, "false": False, "0": False, "undirected": False}
MUTUAL = "mutual"


@dataclass(frozen=True)
class Elements:
    """A file as networkx can read it, and what must come of it.

    Parameters
    ----------
    content
        The file itself, or its content with other edges.
    nodes
        Identifiers of its nodes.
    edges
        Count of its edges, mutual ones twice where edges lead one way.
    loops
        Identifiers of undirected loops among directed edges.
    """

    content: Path | io.BytesIO
    nodes: frozenset[str]
    edges: int
    loops: frozenset[str] = frozenset()


def elements(path: Path, kind: str, directed: bool | None, notes: list[str]) -> Elements:
    """The elements of a GraphML or GEXF file, each edge with an identifier of its own and all of them of one sort.

    Where some edges lead one way and others do not, and `directed` does not say how all are meant, the others become
    two, one each way; that is noted.

    networkx keeps only the last of parallel edges with one identifier, and the first of several graphs.

    Raises
    ------
    DataError
        If there are several graphs, or a node has no identifier of its own.
    """
    root = ElementTree.parse(path).getroot()
    graphs = [child for child in root if child.tag.rpartition("}")[2] == "graph"]
    if len(graphs) > 1:
        raise DataError(f"the file holds {len(graphs)} graphs, expected one; write each to a file of its own")
    if not graphs:
        return Elements(path, frozenset(), 0)
    graph = graphs[0]
    node_tag, edge_tag = (graph.tag.removesuffix("graph") + name for name in ("node", "edge"))
    nodes = [node.get("id") for node in root.iter(node_tag)]
    known = frozenset(node for node in nodes if node is not None)
    if len(known) < len(nodes):
        raise DataError(
            f"nodes: {counted(len(nodes) - len(known), 'has', 'have')} no id, or that of another; give "
            "each one of its own"
        )
    edges = list(root.iter(edge_tag))
    sorts = [edge.get(OF_EDGE[kind]) for edge in edges]
    default = graph.get(OF_GRAPH[kind]) == "directed"
    ways = [ONE_WAY.get(str(sort).lower(), default) for sort in sorts if sort != MUTUAL]
    # asked to lead one way, edges go from their source, which networkx keeps of directed ones only
    one_way = bool(directed) or (ways[0] if ways else default)
    loops: list[ElementTree.Element] = []
    if len(set(ways)) == 2:
        one, of_all = sum(ways), counted(len(ways), "edge")
        together = f"{one} of {of_all} {plural(one, 'is', 'are')} directed and the others undirected"
        one_way = directed is not False
        if directed is None:
            undirected = [
                edge
                for edge, sort in zip(edges, sorts, strict=True)
                if sort != MUTUAL and not ONE_WAY.get(str(sort).lower(), default)
            ]
            for edge in undirected:
                edge.set(OF_EDGE[kind], MUTUAL)
            loops = [edge for edge in undirected if edge.get("source") == edge.get("target")]
            sorts = [edge.get(OF_EDGE[kind]) for edge in edges]
            notes.append(
                f"{together}: each undirected one read as a synapse each way (say {setting('directed')} to read all "
                "alike)"
            )
        else:
            notes.append(f"{together}: all read as {'directed' if one_way else 'undirected'}")
    ends = [(str(edge.get("source")), str(edge.get("target"))) for edge in edges]
    if one_way:
        ends += [(b, a) for (a, b), sort in zip(ends, sorts, strict=True) if sort == MUTUAL and a != b]
    pairs = {end if one_way else (min(end), max(end)) for end in ends}
    content: Path | io.BytesIO = path
    if len(pairs) < len(ends) or one_way != default or any(way != one_way for way in ways):
        graph.set(OF_GRAPH[kind], "directed" if one_way else "undirected")
        content = _rewritten(root, edge_tag, OF_EDGE[kind], one_way)
    # what was rewritten has identifiers anew
    return Elements(content, known, len(ends), frozenset(str(edge.get("id")) for edge in loops))


def _rewritten(root: ElementTree.Element, tag: str, sort: str, one_way: bool) -> io.BytesIO:
    """The file with edges numbered, mutual ones as two where edges lead one way, and none of a sort of its own."""
    number = 0
    for parent in list(root.iter()):
        children: list[ElementTree.Element] = []
        for child in parent:
            children.append(child)
            if child.tag != tag:
                continue
            if child.attrib.pop(sort, None) == MUTUAL and one_way and child.get("source") != child.get("target"):
                back = copy(child)
                back.attrib = {**child.attrib, "source": child.attrib["target"], "target": child.attrib["source"]}
                children.append(back)
        for edge in children:
            if edge.tag == tag:
                edge.set("id", str(number))
                number += 1
        if len(children) > len(parent):
            parent[:] = children
    # in XML a bare carriage return reads as a line feed
    return io.BytesIO(ElementTree.tostring(root).replace(b"\r", b"&#13;"))
