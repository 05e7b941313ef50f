from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...guard import DataError, FileError, OptionError, choice, counted, setting
from ..weight_graph import WeightGraph
from .adjacency import add_initial, looks_like_a_matrix, read_adjacency, told_orientation
from .archives import read_archive
from .edge_lists import has_edges, name_neurons, read_edges
from .foreign import ForeignNetwork, GraphFileWarning, Wishes, settled, without_isolated
from .formats import ORIENTATIONS, companion, file_format
from .markup import read_markup
from .models import read_safetensors
from .spreadsheets import INITIAL, NEURONS, WEIGHTS, read_spreadsheet
from .tables import read_table


def read_graph(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    source: str | int | None = None,
    target: str | int | None = None,
    weight: str | int | None = None,
    neurons: str | os.PathLike[str] | None = None,
    orientation: str | None = None,
    directed: bool | None = None,
    duplicates: str = "refuse",
    self_synapses: str = "keep",
    isolated: str = "keep",
    missing_weights: str | float = "refuse",
    initial: str | os.PathLike[str] | None = None,
) -> WeightGraph:
    """Read a graph from a file: of :func:`write_graph`, of another program, a connectome, a trained model.

    Parameters
    ----------
    path
        The file.
    format
        "graphml", "gexf", "edges" (a table with a row for each synapse), "adjacency" (a table that is a matrix), "npz"
        (ours, a sparse matrix of scipy, a dense matrix, or those of layers), "safetensors" (the tensors of a trained
        model, see Notes) or "xlsx" (a sheet with either table). By default by the suffix; a table of text (csv, tsv,
        txt, edgelist; separated by commas, tabs, semicolons or spaces) is one of edges if its first row names their two
        ends, and else a matrix.
    source, target
        Of a table of edges: the columns of the presynaptic and postsynaptic neuron, by name, or by number from 0 if
        the first row is no header. By default those called pre, source or from, and post, target or to.
    weight
        The column, attribute of edges, array of an npz, or sheet of an xlsx that holds the weights. By default what is
        called weight; of an npz its only square matrix; of an xlsx its first sheet. Without any, each counts 1. Of a
        trained model the matrices, separated by commas, in the order of the layers; by default as the Notes say.
    neurons
        Of a table of text: a table of the neurons with a column neuron (or id, node, name) and any of name, layer,
        role, type, x, y, z. It lists all neurons, isolated ones included. By default ``<stem>.neurons.csv`` beside the
        file, where there is one. Without, the neurons of a table of edges are those that are mentioned, by number if
        all names are whole numbers, else as first mentioned.
    orientation
        Of a matrix: "pre_post" (a row for each presynaptic neuron, as connectomes usually have it) or "post_pre"
        (a row for each postsynaptic neuron, ``W[post, pre]``). By default what the file says, as those of
        :func:`write_graph` do, else "pre_post", with a warning; of a trained model "post_pre", as PyTorch has it, where
        layers can follow each other so.
    directed
        Whether an edge is one synapse, or one each way. By default as the file says, in GraphML and GEXF edge by edge:
        of a file with edges of both sorts an undirected one becomes a synapse each way. Tables have directed edges.
    duplicates
        What becomes of synapses given several times: "refuse", or their "sum", "mean", the "first", or the
        "strongest" (of largest ``|w|``).
    self_synapses
        "keep", "drop" or "refuse".
    isolated
        "keep" or "drop" neurons without synapses.
    missing_weights
        What becomes of synapses without a weight where others have one, or whose weight is a word such as NaN or NA:
        "refuse", "drop", or a weight for them. In a matrix such words are always refused.
    initial
        A second file with the untrained weights of the same neurons, which is read with the same options.

    Returns
    -------
    WeightGraph
        With names, layers, roles, types, positions and untrained weights where the file has them.

    Warns
    -----
    GraphFileWarning
        One line with all that was merged, dropped, completed, not read, or read by default.

    Raises
    ------
    FileError
        If the file is missing, empty, damaged, of another format, or XML that defines entities.
    DataError
        If its content is no graph: weights that are no finite numbers, labels that do not match, a refused synapse.
    OptionError
        If an option is impossible, or means nothing for this format.

    Notes
    -----
    Of a trained model, tensors of two dimensions are weight matrices; others, such as biases, are left out, and the
    warning names them. Matrices whose names differ in numbers alone, ``0.weight`` and ``2.weight``, are layers in the
    order of these; of other names the shapes have to leave one order only, else `weight` is asked for. PyTorch's
    recurrent layers are known by their names (``rnn.weight_ih_l0``, ``rnn.weight_hh_l0``); of others put "recurrent:"
    before the matrix within the layer that the matrix before it leads to: ``weight="W_in,recurrent:W_rec,W_out"``. A
    single square matrix is that of a recurrent network. The graph has ``layers`` and ``roles``, and the warning says
    how layers were read.
    """
    for option, given_path in (("path", path), ("neurons", neurons), ("initial", initial)):
        if not isinstance(given_path, str | os.PathLike) and (option == "path" or given_path is not None):
            raise OptionError(option, given_path, "the path of a file")
    for option, column in (("source", source), ("target", target), ("weight", weight)):
        if column is not None and (isinstance(column, bool) or not isinstance(column, str | int)):
            raise OptionError(option, column, "a name, or the number of a column from 0")
    file = Path(path)
    wishes = Wishes(directed, duplicates, self_synapses, isolated, missing_weights)
    if orientation is not None:
        choice("orientation", orientation, ORIENTATIONS)
    kind = file_format(file, format)
    options = {
        "source": source,
        "target": target,
        "weight": weight,
        "neurons": neurons,
        "orientation": orientation,
        "directed": directed,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if initial is None:
        graph, notes = _settled(file, kind, given, wishes)
    else:
        # neurons that have no synapses now may have had some
        whole = replace(wishes, isolated="keep")
        graph, notes = _settled(file, kind, given, whole)
        untrained_file = Path(initial)
        other = file_format(untrained_file, format)
        untrained, more = _settled(untrained_file, other, given, whole)
        graph = _with_untrained(file, graph, untrained_file, untrained)
        notes += [f"untrained weights: {note}" for note in more if note not in notes]
        if isolated == "drop":
            graph = without_isolated(graph, notes)
    if notes:
        warnings.warn(f"{file}: {'; '.join(notes)}", GraphFileWarning, stacklevel=2)
    return graph


def _settled(file: Path, kind: str | None, given: dict[str, Any], wishes: Wishes) -> tuple[WeightGraph, list[str]]:
    """The graph of a file by the user's wishes, and what he should know."""
    try:
        network = _network(file, kind, given)
        return settled(network, wishes), network.notes
    except OSError as error:
        raise FileError(f"{file}: cannot be read ({error.strerror or error})") from error
    except MemoryError as error:
        raise FileError(f"{file}: is too large for the memory of this machine") from error
    except DataError as error:
        raise DataError(f"{file}: {error}") from error


def _with_untrained(file: Path, graph: WeightGraph, other: Path, untrained: WeightGraph) -> WeightGraph:
    """A graph with the weights of another of the same neurons, by their names where both have names."""
    if graph.initial is not None:
        raise OptionError("initial", str(other), f"nothing, since {file} has untrained weights itself")
    if graph.names is not None and untrained.names is not None:
        place = {name: i for i, name in enumerate(untrained.names)}
        strange = sorted(set(graph.names) ^ set(untrained.names))
        if strange or len(place) < untrained.n or graph.n != untrained.n:
            what = f"differ, for one '{strange[0][:60]}'" if strange else "are given twice"
            raise DataError(
                f"{other}: the names of its {counted(untrained.n, 'neuron')} and of the {graph.n} of {file} {what}; "
                f"list all neurons of both in a table, with {setting('neurons')}"
            )
        untrained = untrained.subgraph([place[name] for name in graph.names])
    if untrained.n != graph.n or not _same_layers(graph, untrained):
        raise DataError(
            f"{other}: got {counted(untrained.n, 'neuron')}{_of_layers(untrained)}, expected {graph.n}"
            f"{_of_layers(graph)}, as {file} has"
        )
    return replace(graph, initial=untrained)


def _same_layers(one: WeightGraph, other: WeightGraph) -> bool:
    return one.layers is None or other.layers is None or np.array_equal(one.layers, other.layers)


def _of_layers(graph: WeightGraph) -> str:
    if graph.layers is None:
        return ""
    return f" in layers of {'-'.join(map(str, np.unique(graph.layers, return_counts=True)[1]))}"


def _network(file: Path, kind: str | None, given: dict[str, Any]) -> ForeignNetwork:
    """The network of a file, read with those of the options that were given."""
    if kind in ("graphml", "gexf"):
        _only(given, kind, "weight", "directed")
        return read_markup(file, kind, _name(given), given.get("directed"))
    if kind in ("npz", "safetensors"):
        _only(given, kind, "weight", "orientation")
        reader = read_archive if kind == "npz" else read_safetensors
        return reader(file, _name(given), given.get("orientation"))
    if kind == "xlsx":
        sheets = read_spreadsheet(file, _name(given))
        table, neurons, initial = sheets[WEIGHTS], sheets.get(NEURONS), sheets.get(INITIAL)
        # the weight that was named is the sheet
        given = {name: value for name, value in given.items() if name != "weight"}
    else:
        table, neurons, initial = read_table(file), None, None
    if "neurons" in given:
        neurons = read_table(Path(given["neurons"]))
    elif kind != "xlsx" and companion(file).exists():
        neurons = read_table(companion(file))
    if kind == "edges" or (kind != "adjacency" and ({"source", "target"} & set(given) or has_edges(table))):
        _only(given, "edges", "source", "target", "weight", "neurons", "directed")
        return read_edges(table, given.get("source"), given.get("target"), given.get("weight"), neurons)
    _only(given, "adjacency", "orientation", "neurons")
    try:
        network = read_adjacency(table, given.get("orientation"))
    except DataError as error:
        if kind == "adjacency" or looks_like_a_matrix(table):
            raise
        # a table of edges without the names that tell it is the likelier mistake
        raise DataError(
            f"{error}; read as a matrix, for its first row names no two ends of synapses (as pre,post,weight does): of "
            f"a table of edges say {setting('source')} and {setting('target')} the columns of both, and "
            f"{setting('weight')} that of the weights"
        ) from error
    if initial is not None:
        # before neurons are given the names of another table
        orientation = given.get("orientation") or (None if told_orientation(initial) else told_orientation(table))
        add_initial(network, read_adjacency(initial, orientation))
    if neurons is not None:
        name_neurons(network, neurons)
    return network


def _only(given: dict[str, Any], kind: str, *allowed: str) -> None:
    for option, value in given.items():
        if option not in allowed:
            raise OptionError(option, value, f"nothing for a file of format {kind}")


def _name(given: dict[str, Any]) -> str | None:
    weight = given.get("weight")
    if weight is not None and not isinstance(weight, str):
        raise OptionError("weight", weight, "a name, for a file of this format")
    return weight
