from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from ...guard import DataError, FileError, OptionError, choice, write_whole
from ..weight_graph import WeightGraph, weight_graph
from .adjacency import adjacency_table
from .archives import write_archive
from .edge_lists import edges_table, neurons_table
from .formats import ORIENTATIONS, companion, file_format
from .marks import check_texts
from .markup import write_markup
from .spreadsheets import write_spreadsheet


def write_graph(
    g: WeightGraph, path: str | os.PathLike[str], *, format: str | None = None, orientation: str | None = None
) -> Path:
    """Write a graph to a file that :func:`read_graph` reads back equal, to the bit.

    Parameters
    ----------
    g
        The graph.
    path
        The file. Beside a table of text (csv, tsv, txt) comes a table of the neurons, ``<stem>.neurons.csv``.
    format
        "graphml", "gexf", "edges", "adjacency", "npz" or "xlsx"; by default by the suffix, of a table of text "edges".
    orientation
        Of "adjacency" and "xlsx": "post_pre" (the default), a row for each postsynaptic neuron, or "pre_post". The
        corner of the table says which.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DataError
        If the format cannot hold the graph: a character that XML lacks, more neurons than a sheet has columns,
        untrained weights in an adjacency table.
    FileError
        If the suffix is unknown, openpyxl is missing for xlsx, or the file cannot be written.
    OptionError
        If an option is impossible, or means nothing for this format.
    """
    weight_graph("g", g)
    file = Path(path)
    kind = file_format(file, format) or "edges"
    if kind == "safetensors":
        raise FileError(f"{file}: graphs are not written as safetensors, which is for the layers of models; write npz")
    if orientation is not None:
        choice("orientation", orientation, ORIENTATIONS)
        if kind not in ("adjacency", "xlsx"):
            raise OptionError("orientation", orientation, f"nothing for a file of format {kind}")
    rows_columns = orientation or "post_pre"
    if kind == "npz":
        return write_whole(file, write_archive(g))
    if kind == "xlsx":
        return write_whole(file, write_spreadsheet(g, file, rows_columns))
    if kind in ("graphml", "gexf"):
        return write_whole(file, write_markup(g, kind))
    check_texts(g, r"(?s:[^\ud800-\udfff]*)", "a text file")
    if kind == "adjacency" and g.initial is not None:
        raise DataError("initial: an adjacency table has no room for untrained weights; write npz, xlsx or edges")
    separator = "\t" if file.suffix.lower() == ".tsv" else ","
    table = edges_table(g, separator) if kind == "edges" else _text(adjacency_table(g, rows_columns), separator)
    write_whole(companion(file), neurons_table(g))
    return write_whole(file, table)


def _text(rows: list[list[object]], separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue()
