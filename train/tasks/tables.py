from __future__ import annotations

import os
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from ...guard import DataError, FileError, OptionError, choice, suggestion
from .samples import Samples, samples_of
from .scaling import SCALINGS

SHOWN_COLUMNS = 8


def table(*, path: str | os.PathLike[str] | None = None, label: str = "label", scaling: str = "standardise") -> Samples:
    """Samples from a file of the user's.

    Parameters
    ----------
    path
        A ``.npz`` file with the arrays ``x`` (samples, features), or with more dimensions, and ``y`` (samples,); or a
        ``.csv`` file (also ``.csv.gz``) with a header and one row a sample.
    label
        Column of the CSV file that holds the class; all others are features. Classes may be texts.
    scaling
        How features are scaled, see :func:`fit_scaling`: ``standardise``, ``unit`` or ``none``.

    Raises
    ------
    FileError
        If the file is missing or cannot be read as what its name says.
    DataError
        If values are missing or no numbers, or labels no classes.
    """
    choice("scaling", scaling, SCALINGS)
    if not isinstance(path, str | os.PathLike):
        raise OptionError("path", path, "a file .npz, .csv or .csv.gz")
    file = Path(path)
    if not file.is_file():
        raise FileError(f"{file}: is not a file; give a .npz, .csv or .csv.gz")
    if file.suffix == ".npz":
        inputs, labels = _read_npz(file)
    elif file.name.endswith((".csv", ".csv.gz")):
        inputs, labels = _read_csv(file, label)
    else:
        raise OptionError("path", str(file), "a file .npz, .csv or .csv.gz")
    return samples_of(str(file), inputs, labels, scaling=scaling)


def _read_npz(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files if name in ("x", "y")}
            held = ", ".join(archive.files[:SHOWN_COLUMNS]) or "none"
    except Exception as error:
        # what NumPy and zipfile raise for damaged files has no common base
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FileError(
            f"{path}: cannot be read as arrays of numbers or texts ({reason}); save it with numpy.savez(x=..., y=...)"
        ) from error
    missing = [name for name in ("x", "y") if name not in arrays]
    if missing:
        raise DataError(f"{path}: has no array {' and no array '.join(missing)}, only {held}")
    return arrays["x"], arrays["y"]


def _read_csv(path: Path, label: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    try:
        with warnings.catch_warnings():
            # a row longer than the header would lose its last values with a warning only
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, index_col=False, low_memory=False)
    except (pd.errors.ParserWarning, ValueError, OSError, EOFError, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise FileError(f"{path}: cannot be read as a CSV table ({reason})") from error
    columns = [str(name) for name in frame.columns]
    if not isinstance(label, str) or label not in columns:
        few = ", ".join(columns[:SHOWN_COLUMNS]) + (", ..." if len(columns) > SHOWN_COLUMNS else "")
        raise OptionError("label", label, f"a column of {path}: {few}", suggestion(label, columns))
    if frame.empty:
        raise DataError(f"{path}: has a header but no row, expected one row a sample")
    features = frame.drop(columns=label)
    for name in features.columns:
        values = features[name]
        if values.isna().any():
            raise DataError(f"{path}: column '{name}' has no value in row {int(values.isna().argmax()) + 1}")
        if not (is_numeric_dtype(values) or is_bool_dtype(values)):
            raise DataError(f"{path}: column '{name}' holds texts, expected numbers; leave it out or encode it")
    labels = frame[label]
    if labels.isna().any():
        raise DataError(f"{path}: column '{label}' has no value in row {int(labels.isna().argmax()) + 1}")
    texts = not (is_numeric_dtype(labels) or is_bool_dtype(labels))
    return features.to_numpy(np.float64), labels.astype(str).to_numpy(np.str_) if texts else labels.to_numpy()
