"""Spreadsheets (xlsx) with a matrix or a list of synapses, and the neurons beside; openpyxl reads and writes them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...guard import CreditgraphError, DataError, FileError, OptionError, suggestion
from ..convert import node_attributes
from ..weight_graph import WeightGraph
from .adjacency import adjacency_table
from .archives import check_size
from .marks import check_texts
from .markup import refuse_definitions

WEIGHTS, INITIAL, NEURONS = "weights", "initial", "neurons"

# columns, and texts of a cell, that the format has room for
COLUMNS = 16_384
TEXT = r"[^\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]{0,32767}"


def read_spreadsheet(path: Path, sheet: str | None) -> dict[str, pd.DataFrame]:
    """Tables of text of a sheet (the one called weights, or else the first) and of those called initial and neurons.

    Raises
    ------
    FileError
        If openpyxl is not installed, the file is none, damaged, or would fill the memory.
    OptionError
        If there is no sheet of that name.
    """
    openpyxl = _openpyxl(path)
    try:
        check_size(path)
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")):
                    with archive.open(name) as member:
                        refuse_definitions(path, member)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            names = book.sheetnames
            chosen = sheet if sheet is not None else WEIGHTS if WEIGHTS in names else names[0]
            if chosen not in names:
                raise OptionError("weight", sheet, "one of the sheets " + ", ".join(names), suggestion(sheet, names))
            # only in a book of ours do the other sheets belong to the weights
            others = [name for name in (INITIAL, NEURONS) if chosen == WEIGHTS and name in names]
            return {
                role: _cells(path, book[name])
                for role, name in {WEIGHTS: chosen, **{name: name for name in others}}.items()
            }
        finally:
            book.close()
    except (CreditgraphError, OSError, MemoryError):
        raise
    except Exception as error:
        # whatever a damaged book makes of its reader
        reason = " ".join(str(error).split())[:200]
        raise FileError(
            f"{path}: cannot be read as a spreadsheet ({reason}); is it damaged, or another format?"
        ) from error


def write_spreadsheet(g: WeightGraph, path: Path, orientation: str) -> bytes:
    """Content of a spreadsheet with sheets weights, initial (where there are untrained weights) and neurons.

    Raises
    ------
    DataError
        If there are more neurons than columns, or a text does not fit into a cell.
    """
    openpyxl = _openpyxl(path)
    if g.n >= COLUMNS:
        raise DataError(
            f"neurons: got {g.n}, expected at most {COLUMNS - 1} in a spreadsheet; write npz or an edge list"
        )
    check_texts(g, TEXT, "a cell of a spreadsheet")
    marks = node_attributes(g)
    sheets = {WEIGHTS: adjacency_table(g, orientation)}
    if g.initial is not None:
        sheets[INITIAL] = adjacency_table(g.initial, orientation)
    columns = {"neuron": list(range(g.n)), **marks}
    sheets[NEURONS] = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_cell(openpyxl, sheet, value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(openpyxl: Any, sheet: Any, value: Any) -> Any:
    cell = openpyxl.cell.WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        # a name that begins with an equals sign is no formula
        cell.data_type = "s"
    elif isinstance(value, float):
        # left to itself, openpyxl writes 16 digits, and numbers need up to 17
        cell.value = repr(value)
        cell.data_type = "n"
    return cell


def _cells(path: Path, sheet: Any) -> pd.DataFrame:
    rows = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise FileError(f"{path}: sheet {sheet.title} is empty, expected a table")
    width = max(len(row) for row in rows)
    cells = np.array([row + [""] * (width - len(row)) for row in rows], dtype=object)
    used = np.flatnonzero((cells != "").any(axis=0))
    return pd.DataFrame(cells[:, : used[-1] + 1])


def _openpyxl(path: Path) -> Any:
    try:
        import openpyxl
        import openpyxl.cell
    except ImportError as error:
        raise FileError(
            f"{path}: spreadsheets need openpyxl; install it with pip install openpyxl, or use csv or npz"
        ) from error
    return openpyxl
