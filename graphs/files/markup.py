"""GraphML and GEXF, read and written through networkx."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat

import numpy as np

from ...guard import CreditgraphError, DataError, FileError, OptionError, counted, suggestion
from ..convert import AXES, node_attributes
from ..weight_graph import WeightGraph
from .edge_lists import edges_with_initial, listing
from .elements import elements
from .foreign import ForeignNetwork
from .marks import COLUMNS, check_texts, read_marks
from .numbers import are_indices, floats, is_missing

if TYPE_CHECKING:
    import networkx as nx

# what networkx adds by itself: numbers of edges, how things are drawn, when they are there
STRUCTURE = {"graphml": ("id",), "gexf": ("id", "viz", "start", "end", "spells", "slices", "pid", "mode")}

# the characters of XML 1.0
CHARACTERS = r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*"


def write_markup(g: WeightGraph, kind: str) -> bytes:
    """Content of a GraphML or GEXF file: nodes 0 to n - 1, edges from pre to post, attributes weight and initial.

    Raises
    ------
    DataError
        If a text holds a character that XML lacks.
    """
    import networkx as nx

    check_texts(g, CHARACTERS, "XML")
    graph: nx.DiGraph[int] = nx.DiGraph()
    marks = node_attributes(g)
    if kind == "gexf":
        marks |= _drawn(g)
    graph.add_nodes_from((neuron, {name: values[neuron] for name, values in marks.items()}) for neuron in range(g.n))
    edges = edges_with_initial(g)
    ends = zip(edges["pre"].tolist(), edges["post"].tolist(), strict=True)
    names = [name for name in ("weight", "initial") if name in edges]
    values = zip(*(edges[name].tolist() for name in names), strict=True)
    graph.add_edges_from((*end, dict(zip(names, value, strict=True))) for end, value in zip(ends, values, strict=True))
    content = io.BytesIO()
    if kind == "gexf":
        nx.write_gexf(graph, content)
    else:
        nx.write_graphml_xml(graph, content)
    # in XML a bare carriage return reads as a line feed
    return content.getvalue().replace(b"\r", b"&#13;")


def read_markup(path: Path, kind: str, weight: str | None, directed: bool | None) -> ForeignNetwork:
    """The network of a GraphML or GEXF file.

    Raises
    ------
    FileError
        If the file is no such file, damaged, or defines entities.
    DataError
        If it holds several graphs or graphs within nodes.
    OptionError
        If no edge has the attribute that was named.
    """
    notes: list[str] = []
    graph, loops = _parsed(path, kind, directed, notes)
    nodes = list(graph.nodes)
    labels = [str(node) for node in nodes]
    if are_indices(labels, len(labels)):
        order = np.argsort([int(label) for label in labels]).tolist()
        nodes, labels = [nodes[i] for i in order], [labels[i] for i in order]
    number = {node: i for i, node in enumerate(nodes)}
    marks = _marks(graph, nodes, labels, notes)
    edges: list[tuple[Any, Any, dict[str, Any]]] = list(graph.edges(data=True))
    weights, first_missing = _weights(graph, edges, weight)
    _tell_attributes(graph, edges, weight, STRUCTURE[kind], notes)
    return ForeignNetwork(
        len(nodes),
        np.array([number[edge[0]] for edge in edges], dtype=np.int64),
        np.array([number[edge[1]] for edge in edges], dtype=np.int64),
        weights,
        marks,
        initial=_initial(edges),
        directed=graph.is_directed(),
        notes=notes,
        first_missing=first_missing,
        doubled=np.array([str(edge[2].get("id")) in loops for edge in edges], dtype=bool) if loops else None,
    )


def refuse_definitions(path: Path, file: IO[bytes]) -> None:
    """Refuse XML with a document type: by its entities a small file fills the memory or reads other files.

    Raises
    ------
    FileError
        If there is one, or the beginning of the file is no XML.
    """

    def refuse(*_: Any) -> None:
        raise FileError(f"{path}: defines a document type, which may hold entities; remove the line <!DOCTYPE ...>")

    started: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: started.append(name)
    try:
        # a document type stands before the first element
        while not started and (piece := file.read(1 << 16)):
            parser.Parse(piece, False)
    except expat.ExpatError as error:
        raise FileError(f"{path}: is no XML ({error}); is it damaged, or another format?") from error


def _parsed(path: Path, kind: str, directed: bool | None, notes: list[str]) -> tuple[nx.Graph[Any], frozenset[str]]:
    """The graph of networkx, and identifiers of its undirected loops among directed edges."""
    import networkx as nx

    with path.open("rb") as file:
        refuse_definitions(path, file)
    try:
        given = elements(path, kind, directed, notes)
        graph = nx.read_gexf(given.content) if kind == "gexf" else nx.read_graphml(given.content)
    except (CreditgraphError, OSError, MemoryError):
        raise
    except Exception as error:
        # whatever a damaged file makes of its reader
        reason = " ".join(str(error).split())[:200]
        raise FileError(f"{path}: cannot be read as {kind} ({reason}); is it damaged, or another format?") from error
    nodes, edges = len(given.nodes - set(graph)), given.edges - graph.number_of_edges()
    if nodes or edges > 0:
        raise DataError(
            f"{counted(nodes, 'node')} and {counted(edges, 'edge')} of the file lie where they are not "
            "read, such as in a graph within a"
            " node; put all into one graph"
        )
    return graph, given.loops


def _marks(graph: nx.Graph[Any], nodes: list[Any], labels: list[str], notes: list[str]) -> dict[str, Any]:
    defaults = graph.graph.get("node_default", {})
    columns = {name: [graph.nodes[node].get(name, defaults.get(name)) for node in nodes] for name in COLUMNS}
    places = [graph.nodes[node].get("viz", {}).get("position") for node in nodes]
    if any(places) and not any(value is not None for axis in AXES for value in columns[axis]):
        columns |= {axis: [place and place.get(axis) for place in places] for axis in AXES}
    for name in ("role", "name", "type"):
        # an empty text is written as none
        if any(value is not None for value in columns[name]):
            columns[name] = ["" if value is None else value for value in columns[name]]
    marks = read_marks(columns, notes)
    titles = [str(graph.nodes[node].get("label", label)) for node, label in zip(nodes, labels, strict=True)]
    if "names" not in marks and not (titles == labels and are_indices(labels, len(labels))):
        marks["names"] = tuple(titles)
    return marks


def _weights(graph: nx.Graph[Any], edges: list[tuple[Any, Any, dict[str, Any]]], name: str | None) -> tuple[Any, str]:
    """Weights of edges, NaN where they are missing, and where the first of those is that others have or say so."""
    wanted = "weight" if name is None else name
    found = {attribute for *_, attributes in edges for attribute in attributes}
    default = graph.graph.get("edge_default", {}).get(wanted)
    if name is not None and name not in found and default is None:
        raise OptionError("weight", name, "an attribute of edges: " + ", ".join(sorted(found)), suggestion(name, found))
    values = [attributes.get(wanted, default) for *_, attributes in edges]
    weights = np.full(len(values), np.nan)
    words = np.array([is_missing(value) and value is not None for value in values], dtype=bool)
    present = np.array([value is not None for value in values], dtype=bool) & ~words
    try:
        weights[present] = floats("weight", [value for value, there in zip(values, present, strict=True) if there])
    except TypeError as error:
        raise DataError(
            "weight: got a list, expected a number for each edge; weights that change in time are not read"
        ) from error
    if present.all() or not (words.any() or present.any()):
        return weights, ""
    source, target, _ = edges[int(np.argmin(present))]
    return weights, f"the edge from {str(source)[:30]} to {str(target)[:30]}"


def _tell_attributes(
    graph: nx.Graph[Any],
    edges: list[tuple[Any, Any, dict[str, Any]]],
    weight: str | None,
    structure: tuple[str, ...],
    notes: list[str],
) -> None:
    """Add notes that name the attributes of nodes and of edges that are not read."""
    of_nodes = {name for _, attributes in graph.nodes(data=True) for name in attributes}
    of_edges = {name for *_, attributes in edges for name in attributes}
    read = {"weight" if weight is None else weight, "initial", *structure}
    for what, others in (("nodes", of_nodes - {*COLUMNS, *structure, "label"}), ("edges", of_edges - read)):
        if others:
            notes.append(f"attributes of {what} not read: {listing(sorted(map(str, others)))}")


def _initial(edges: list[tuple[Any, Any, dict[str, Any]]]) -> Any:
    if not edges or not all("initial" in attributes for *_, attributes in edges):
        return None
    return floats("initial", [attributes["initial"] for *_, attributes in edges])


def _drawn(g: WeightGraph) -> dict[str, list[Any]]:
    """Names and positions where programs that draw GEXF look for them."""
    found: dict[str, list[Any]] = {}
    if g.names is not None:
        found["label"] = list(g.names)
    if g.positions is not None:
        flat = [[*place, 0.0][:3] for place in g.positions.tolist()]
        found["viz"] = [{"position": dict(zip(AXES, place, strict=True))} for place in flat]
    return found
