from __future__ import annotations

import os
import warnings
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ...guard import DataError, FileError, OptionError, choice, counted, plural, suggestion
from .samples import Samples, samples_of
from .scaling import SCALINGS

SHOWN = 8
LABEL = "label"
KINDS = "a file .npz, .csv or .csv.gz"
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


class _Read(NamedTuple):
    """What a file holds: inputs, labels, and how many samples at the end are its own test part."""

    inputs: npt.NDArray[Any]
    labels: npt.NDArray[Any]
    test: int = 0


def table(*, path: str | os.PathLike[str] | None = None, label: str = LABEL, scaling: str = "standardise") -> Samples:
    """Samples from a file of the user's.

    Parameters
    ----------
    path
        A ``.npz`` file with the arrays ``x`` (samples, features), or with more dimensions, and ``y`` (samples,), and
        where there is a test part, ``x_test`` and ``y_test``; or a ``.csv`` file (also ``.csv.gz``) with a header and
        one row a sample.
    label
        Column of the CSV file that holds the class; all others are features. Classes may be texts; spaces around them
        and around names of columns do not count.
    scaling
        How features are scaled, see :func:`fit_scaling`: ``standardise``, ``unit`` or ``none``.

    Raises
    ------
    FileError
        If the file is missing or cannot be read as what its name says.
    DataError
        If values are missing or no numbers, labels no classes, or columns have no name or share one.
    """
    choice("scaling", scaling, SCALINGS)
    if not isinstance(path, str | os.PathLike):
        raise OptionError("path", path, KINDS)
    file = Path(path)
    if not file.is_file():
        raise FileError(f"{file}: is not a file; give a .npz, .csv or .csv.gz")
    name = file.name.lower()
    if name.endswith(".npz"):
        if label != LABEL:
            raise OptionError("label", label, "none for a .npz file, whose classes are its array y")
        read = _read_npz(file)
    elif name.endswith((".csv", ".csv.gz")):
        read = _read_csv(file, label)
    else:
        raise OptionError("path", str(file), KINDS)
    return samples_of(str(file), read.inputs, read.labels, fixed_test=read.test, scaling=scaling)


def _read_npz(path: Path) -> _Read:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = list(archive.files)
            arrays = {name: archive[name] for name in ("x", "y", "x_test", "y_test") if name in names}
    except Exception as error:
        # what NumPy and zipfile raise for damaged files has no common base
        reason = " ".join(str(error).split()) or type(error).__name__
        if "pickle" in reason:
            reason = "it is no archive of NumPy's, or holds Python objects, which are never unpickled"
        raise FileError(
            f"{path}: cannot be read as arrays of numbers or texts ({reason}); save it with numpy.savez(x=..., y=...)"
        ) from error
    wanted = ["x", "y"] if not {"x_test", "y_test"} & set(arrays) else ["x", "y", "x_test", "y_test"]
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise DataError(f"{path}: has no array {' and no array '.join(missing)}, only {_few(names) or 'none'}")
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise FileError(f"{path}: is damaged, its arrays are none; save it with numpy.savez(x=..., y=...)")
    further = [name for name in names if name not in arrays and name.startswith(("x", "y", "X", "Y"))]
    if further:
        others = f"{plural(len(further), 'an array', 'arrays')} {_few(further)}"
        raise DataError(
            f"{path}: has {others} beside x and y that would not be read; save x and y, and x_test and y_test "
            "where there is a test part"
        )
    for name in wanted:
        if arrays[name].ndim == 0 or (name in ("x", "x_test") and arrays[name].ndim == 1):
            of_one = f"; of one feature, save {name}[:, None]" if arrays[name].ndim else ""
            shape = "(samples, features)" if name in ("x", "x_test") else "(samples,)"
            raise DataError(f"{path}: array {name} has shape {arrays[name].shape}, expected {shape}{of_one}")
    if "x_test" not in arrays:
        return _Read(arrays["x"], arrays["y"])
    if not len(arrays["x_test"]):
        raise DataError(f"{path}: arrays x_test and y_test are empty; leave them out to have a test part drawn")
    for part in ("", "_test"):
        if arrays["x" + part].shape[:1] != arrays["y" + part].shape[:1]:
            raise DataError(f"{path}: arrays x{part} and y{part} differ in length, expected one label a sample")
    inputs, labels = (_joined(path, arrays[name], arrays[f"{name}_test"], name) for name in "xy")
    return _Read(inputs, labels, len(arrays["y_test"]))


def _joined(path: Path, first: npt.NDArray[Any], last: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """Training and test samples behind each other."""
    texts = [array.dtype.kind in "SU" for array in (first, last)]
    if first.ndim != last.ndim or first.shape[1:] != last.shape[1:] or texts[0] != texts[1]:
        raise DataError(
            f"{path}: arrays {name} and {name}_test do not fit together: {first.dtype} of shape {first.shape} and "
            f"{last.dtype} of shape {last.shape}"
        )
    return np.concatenate([first, last])


def _read_csv(path: Path, label: str) -> _Read:
    columns = _columns(path)
    if not isinstance(label, str) or label not in columns:
        for separator, called in OTHER_SEPARATORS.items():
            if len(columns) == 1 and separator in columns[0]:
                raise FileError(f"{path}: its columns are separated by {called}; save it with commas")
        raise OptionError("label", label, f"a column of {path}: {_few(columns)}", suggestion(label, columns))
    try:
        with warnings.catch_warnings():
            # a row longer than the header would lose its last values with a warning only
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, index_col=False, low_memory=False, skipinitialspace=True)
    except (pd.errors.ParserWarning, ValueError, OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    if frame.empty:
        raise DataError(f"{path}: has a header but no row, expected one row a sample")
    frame.columns = pd.Index(columns)
    features = frame.drop(columns=label)
    for name in features.columns:
        values = features[name]
        if values.isna().any():
            raise DataError(f"{path}: column '{name}' has no value in row {_first(values.isna())}")
        if not (is_numeric_dtype(values) or is_bool_dtype(values)):
            raise DataError(f"{path}: column '{name}' holds texts, expected numbers; leave it out or encode it")
        infinite = np.isinf(values.to_numpy(np.float64))
        if infinite.any():
            raise DataError(f"{path}: column '{name}' is infinite in row {_first(infinite)}, expected finite numbers")
    labels = frame[label]
    texts = not (is_numeric_dtype(labels) or is_bool_dtype(labels))
    if texts:
        labels = labels.astype("string").str.strip()
    missing = labels.isna() | (labels == "") if texts else labels.isna()
    if missing.any():
        raise DataError(
            f"{path}: column '{label}' has no value in row {_first(missing)}: it is empty or such as NA, N/A, null or "
            "None, which no class can be called"
        )
    return _Read(features.to_numpy(np.float64), labels.to_numpy(np.str_) if texts else labels.to_numpy())


def _columns(path: Path) -> list[str]:
    """Names of the columns as they are written, which pandas would make unique."""
    try:
        header = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False, skipinitialspace=True)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    columns = [str(name).strip() for name in header.iloc[0]]
    if "" in columns:
        raise DataError(
            f"{path}: column {columns.index('') + 1} of {len(columns)} has no name, as if it numbered the rows; give "
            "it a name, or save the table without it (index=False in pandas)"
        )
    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if twice:
        raise DataError(f"{path}: {counted(columns.count(twice[0]), 'column is', 'columns are')} called '{twice[0]}'")
    return columns


def _unreadable(path: Path, error: Exception) -> FileError:
    if isinstance(error, UnicodeDecodeError):
        return FileError(f"{path}: cannot be read as a CSV table (it is not in UTF-8); save it in UTF-8")
    reason = " ".join(str(error).split())
    return FileError(f"{path}: cannot be read as a CSV table ({reason})")


def _first(marked: Any) -> int:
    """Row, from 1 and without the header, of the first that is marked."""
    return int(np.argmax(np.asarray(marked))) + 1


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
