"""Tables with a row for each synapse, and the tables of neurons beside them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...guard import DataError, OptionError, counted, setting, suggestion
from ...guard.spelling import known_as
from ..convert import node_attributes
from ..weight_graph import WeightGraph
from .foreign import ForeignNetwork
from .marks import COLUMNS, read_marks
from .numbers import are_indices, floats, is_missing

# names of columns, whatever their case
SOURCES = ("pre", "source", "from", "src", "presynaptic", "sender")
TARGETS = ("post", "target", "to", "dst", "postsynaptic", "receiver")
WEIGHTS = ("weight",)
NEURONS = ("neuron", "id", "node", "name", "label")
LARGEST = 2.0**53
NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")

Column = str | int


def has_edges(table: pd.DataFrame) -> bool:
    """Whether the first row of a table names the two ends of synapses."""
    head = _head(table)
    return any(name in head for name in SOURCES) and any(name in head for name in TARGETS)


def read_edges(
    table: pd.DataFrame,
    source: Column | None,
    target: Column | None,
    weight: Column | None,
    neurons: pd.DataFrame | None,
) -> ForeignNetwork:
    """The network of a table of texts with a row for each synapse."""
    given = [column for column in (source, target, weight) if column is not None]
    headless = any(isinstance(column, int) for column in given)
    body = table if headless else table.iloc[1:]
    ends = [
        _column(table, name, column, known)
        for name, column, known in (("source", source, SOURCES), ("target", target, TARGETS))
    ]
    columns = [body[end] for end in ends]
    whole = are_whole(*columns, *([] if neurons is None else [_key_column(neurons)]))
    labels = [np.array(as_keys(column, whole=whole), dtype=object) for column in columns]
    for name, texts in zip(("source", "target"), labels, strict=True):
        blank = np.flatnonzero(texts == "")
        if len(blank):
            row = int(blank[0]) + (1 if headless else 2)
            raise DataError(
                f"{known_as(name)}: {counted(len(blank), 'row has', 'rows have')} none, the first of them "
                f"row {row} of the table"
            )
    notes: list[str] = []
    known, marks = _neurons(neurons, np.stack(labels, axis=1).ravel(), notes, whole)
    number = {label: i for i, label in enumerate(known)}
    try:
        places = [np.fromiter(map(number.__getitem__, texts), np.int32, len(texts)) for texts in labels]
    except KeyError as error:
        raise DataError(
            f"neurons: the table of neurons has no '{str(error.args[0])[:60]}', which a synapse names"
        ) from None
    weights, first_missing = _weights(table, body, weight, headless)
    network = ForeignNetwork(len(known), places[0], places[1], weights, marks, notes=notes, first_missing=first_missing)
    _tell_columns(table, [*ends, *_weight_column(table, weight, headless)], headless, notes)
    if not headless and "initial" in _head(table):
        column = _head(table).index("initial")
        network.initial = floats(
            "initial", body[column].astype(object).to_numpy(), lambda place: f"row {place + 2}, column 'initial'"
        )
    return network


def as_keys(texts: Iterable[str], *, whole: bool) -> list[str]:
    """Labels of neurons as they are told apart: without spaces around them, and 1.0 as 1 where all are `whole`."""
    labels = [str(text).strip() for text in texts]
    return [_as_whole(label) or label for label in labels] if whole else labels


def are_whole(*columns: Iterable[str]) -> bool:
    """Whether all labels are whole numbers, of which some are written as 1.0 or 1e+00, as programs do.

    Not where two labels of one column would become one: these are different in a file that tells them apart.
    """
    several = [set(as_keys(column, whole=False)) for column in columns]
    if not all(_as_whole(label) for labels in several for label in labels):
        return False
    return all(len(set(map(_as_whole, labels))) == len(labels) for labels in several)


def _as_whole(label: str) -> str:
    """A label that is a whole number without its fraction and exponent, or nothing where it is none."""
    if label.isdecimal():
        return label
    if not NUMBER.fullmatch(label) or not (number := float(label)).is_integer() or number >= LARGEST:
        return ""
    return str(int(number))


def name_neurons(network: ForeignNetwork, table: pd.DataFrame) -> None:
    """Give the neurons of a matrix the fields of a table of neurons, matched by their labels."""
    own = list(network.marks.get("names", map(str, range(network.n))))
    labels, marks = _listed(table, network.notes, are_whole(own, _key_column(table)))
    if sorted(own) != sorted(labels):
        strange = sorted(set(own) ^ set(labels)) or own
        raise DataError(
            f"neurons: the matrix has {len(own)} and the table of neurons {len(labels)}, which differ, for one in"
            f" '{strange[0][:60]}'"
        )
    if own != labels:
        place = {label: i for i, label in enumerate(labels)}
        order = [place[label] for label in own]
        marks = {field: [values[i] for i in order] for field, values in marks.items()}
    network.marks = marks


def edges_table(g: WeightGraph, separator: str) -> str:
    """Text of a table with columns pre, post and weight, and initial where there are untrained weights."""
    edges = edges_with_initial(g)
    return pd.DataFrame(edges).to_csv(index=False, sep=separator, lineterminator="\n")


def edges_with_initial(g: WeightGraph) -> dict[str, npt.NDArray[Any]]:
    """Columns pre, post, weight; and initial over the synapses of either, 0 where there is none."""
    if g.initial is None:
        return {"pre": g.pre, "post": g.post, "weight": g.weight}
    places = [graph.post.astype(np.int64) * g.n + graph.pre for graph in (g, g.initial)]
    either = np.union1d(*places)
    columns = {"pre": either % g.n, "post": either // g.n}
    for name, graph, place in zip(("weight", "initial"), (g, g.initial), places, strict=True):
        columns[name] = np.zeros(len(either))
        columns[name][np.searchsorted(either, place)] = graph.weight
    return columns


def neurons_table(g: WeightGraph) -> str:
    """Text of a table with a row for each neuron: its number and its fields."""
    table = pd.DataFrame({"neuron": range(g.n), **node_attributes(g)})
    return table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)


def _neurons(
    table: pd.DataFrame | None, mentioned: npt.NDArray[Any], notes: list[str], whole: bool
) -> tuple[list[str], dict[str, Any]]:
    """Labels of the neurons in order, and their fields."""
    if table is not None:
        return _listed(table, notes, whole)
    labels: list[str] = pd.unique(pd.Series(mentioned, dtype=object)).tolist()
    if all(label.isdecimal() for label in labels):
        labels.sort(key=int)
    return labels, {} if are_indices(labels, len(labels)) else {"names": tuple(labels)}


def _key(table: pd.DataFrame) -> str:
    """The column of a table of neurons that has their labels."""
    head = _head(table)
    key = next((name for name in NEURONS if name in head), None)
    if key is None:
        raise DataError(f"neurons: got columns {listing(head)}, expected one of " + ", ".join(NEURONS))
    return key


def _key_column(table: pd.DataFrame) -> pd.Series[str]:
    return table.iloc[1:][_head(table).index(_key(table))]


def _listed(table: pd.DataFrame, notes: list[str], whole: bool) -> tuple[list[str], dict[str, Any]]:
    head, key, body = _head(table), _key(table), table.iloc[1:]
    labels = as_keys(_key_column(table), whole=whole)
    if len(set(labels)) < len(labels):
        raise DataError(f"neurons: column {key} names {counted(len(labels) - len(set(labels)), 'neuron')} twice")
    columns = {name: body[head.index(name)].astype(object).tolist() for name in COLUMNS if name in head}
    marks = read_marks(columns, notes)
    others = [name for name in head if name not in (*COLUMNS, key)]
    if others:
        notes.append(f"columns of neurons not read: {listing(others)}")
    if "names" not in marks and not are_indices(labels, len(labels)):
        marks["names"] = tuple(labels)
    return labels, marks


def _weight_column(table: pd.DataFrame, weight: Column | None, headless: bool) -> list[int]:
    """The column of the weights in a list, which is empty where there is none."""
    if weight is None and (headless or not any(name in _head(table) for name in WEIGHTS)):
        return []
    return [_column(table, "weight", weight, WEIGHTS)]


def _weights(
    table: pd.DataFrame, body: pd.DataFrame, weight: Column | None, headless: bool
) -> tuple[npt.NDArray[np.float64], str]:
    """Weights, NaN where they are missing, and where the first that a word such as NA stands for is."""
    found = np.full(len(body), np.nan)
    columns = _weight_column(table, weight, headless)
    if not columns:
        return found, ""
    texts = body[columns[0]].astype(object).map(str.strip).to_numpy()
    words = np.fromiter(map(is_missing, texts), bool, len(texts))
    (absent,) = np.nonzero(words | (texts == ""))
    (present,) = np.nonzero(~words & (texts != ""))
    called = columns[0] if headless else f"'{str(table.iloc[0, columns[0]])[:30]}'"

    def where(place: int) -> str:
        return f"row {place + (1 if headless else 2)}, column {called}"

    found[present] = floats("weight", texts[present], lambda place: where(int(present[place])))
    # where no weight is written at all, each counts 1; a word says that there was one
    known = words.any() or 0 < len(absent) < len(texts)
    return found, where(int(absent[0])) if known else ""


def _tell_columns(table: pd.DataFrame, read: list[int], headless: bool, notes: list[str]) -> None:
    """Add a note that names the columns of a table of edges that are not read."""
    names = [str(column) for column in range(table.shape[1])] if headless else [str(name) for name in table.iloc[0]]
    known = {*read, *([] if headless or "initial" not in _head(table) else [_head(table).index("initial")])}
    others = [name or f"(column {column})" for column, name in enumerate(names) if column not in known]
    if others:
        notes.append(f"columns not read: {listing(others)}")


def _column(table: pd.DataFrame, option: str, given: Column | None, known: Iterable[str]) -> int:
    """Position of a column that was named, numbered from 0, or is called as such columns are."""
    head = _head(table)
    if isinstance(given, int):
        if not 0 <= given < len(head):
            raise OptionError(option, given, f"a column from 0 to {len(head) - 1}")
        return given
    if given is None:
        found = [head.index(name) for name in known if name in head]
        if len(found) != 1:
            which = "none" if not found else f"{len(found)} of them"
            raise DataError(
                f"{known_as(option)}: got columns {listing(head)}, {which} called {', '.join(known)}; say "
                f"{setting(option)} the column's name, or its number from 0 in a file without names"
            )
        return found[0]
    names = [str(name) for name in table.iloc[0]]
    if given not in names:
        raise OptionError(option, given, f"one of the columns {listing(names)}", suggestion(given, names))
    return names.index(given)


def _head(table: pd.DataFrame) -> list[str]:
    return [str(name).strip().lower() for name in table.iloc[0]]


def listing(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    several = list(names)
    shortened = ", ".join(name[:30] for name in several[:6])
    return shortened + (f" and {len(several) - 6} more" if len(several) > 6 else "")
