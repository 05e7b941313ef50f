"""Which format a file of a graph has."""

from __future__ import annotations

import os
from pathlib import Path

from ...guard import FileError, choice, setting

FORMATS = ("graphml", "gexf", "edges", "adjacency", "npz", "safetensors", "xlsx")
ORIENTATIONS = ("post_pre", "pre_post")

# formats of plain text tables: which of the two a file holds is seen from its first row
TABLES = (".csv", ".tsv", ".txt", ".edges", ".edgelist")
SUFFIXES = {
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".npz": "npz",
    ".safetensors": "safetensors",
    ".xlsx": "xlsx",
}

# files of PyTorch and others that could run code when they are read
PICKLED = (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib")


def file_format(path: Path, given: str | None) -> str | None:
    """The format that was asked for, or else that of the file's suffix; None for a table of either kind.

    Raises
    ------
    FileError
        If the suffix is none of those known.
    OptionError
        If the format is unknown.
    """
    if given is not None:
        return choice("format", given, FORMATS)
    suffix = path.suffix.lower()
    if suffix in TABLES:
        return None
    if suffix in PICKLED:
        raise FileError(
            f"{path}: files of pickled objects are not read, since they can run code; save the weights with "
            "safetensors.torch.save_file(model.state_dict(), 'model.safetensors') and read that"
        )
    if suffix not in SUFFIXES:
        known = ", ".join([*SUFFIXES, *TABLES])
        raise FileError(
            f"{path}: got a file name that ends on '{suffix}', expected {known}; or say {setting('format')}"
        )
    return SUFFIXES[suffix]


def graph_files(folder: str | os.PathLike[str]) -> list[Path]:
    """The files of a folder whose names end like a graph file's, in order of their names; tables of neurons are none.

    Raises
    ------
    FileError
        If the folder cannot be read.
    """
    place = Path(folder)
    try:
        found = [file for file in place.iterdir() if file.is_file() and not file.name.startswith(".")]
    except OSError as error:
        raise FileError(f"{folder}: cannot be read ({error.strerror or error})") from error
    graphs = [file for file in found if file.suffix.lower() in {*SUFFIXES, *TABLES}]
    neurons = {companion(file) for file in graphs}
    return sorted(file for file in graphs if file not in neurons)


def companions(path: str | os.PathLike[str]) -> list[Path]:
    """The files that are read with a graph file unasked: of a table the one of its neurons, if that is beside it."""
    file = Path(path)
    return [beside for beside in (companion(file),) if file.suffix.lower() in TABLES and beside.is_file()]


def companion(path: Path) -> Path:
    """The table of neurons beside a table of synapses."""
    return path.with_name(f"{path.stem}.neurons.csv")
