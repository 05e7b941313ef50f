from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from .task import Classes

SHUFFLE_STREAM = 1


def class_indices(
    source: str, labels: npt.NDArray[Any], class_names: tuple[str, ...] | None = None
) -> tuple[Classes, tuple[str, ...]]:
    """Class of each label, from 0, and what the classes are called.

    Parameters
    ----------
    source
        What the data are called in errors.
    labels
        Whole numbers (also as floats), truth values or texts, (samples,).
    class_names
        What the labels 0, 1, ... are called; without it, the distinct labels in order are the classes.

    Raises
    ------
    DataError
        If labels are missing, of another type, fractions, or out of the range of `class_names`.

    Examples
    --------
    >>> class_indices("pets", np.array(["dog", "cat", "dog"]))
    (array([1, 0, 1]), ('cat', 'dog'))
    """
    if labels.dtype.kind == "f":
        labels = _whole(source, labels)
    if labels.dtype.kind not in "biuU":
        raise DataError(f"{source}: got labels of type {labels.dtype}, expected whole numbers or texts")
    values, indices = np.unique(labels, return_inverse=True)
    if class_names is None:
        return indices.astype(np.int64), tuple(str(value) for value in values)
    if values[0] < 0 or values[-1] >= len(class_names):
        wrong = values[0] if values[0] < 0 else values[-1]
        raise DataError(f"{source}: got the label {wrong}, expected labels from 0 to {len(class_names) - 1}")
    return labels.astype(np.int64), class_names


def shuffled(labels: Classes, seed: int) -> Classes:
    """Labels in a random order, so that they tell nothing of their samples; counts of classes stay.

    Examples
    --------
    >>> labels = np.arange(6) % 2
    >>> sorted(shuffled(labels, seed=0).tolist())
    [0, 0, 0, 1, 1, 1]
    """
    return np.random.default_rng([seed, SHUFFLE_STREAM]).permutation(labels)


def _whole(source: str, labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if not np.isfinite(labels).all():
        first = int(np.argmin(np.isfinite(labels)))
        raise DataError(f"{source}: the label of sample {first} is missing, NaN or infinite")
    fractions = labels != np.round(labels)
    if fractions.any():
        raise DataError(
            f"{source}: got the label {labels[fractions.argmax()]:g}, expected classes (whole numbers or texts)"
        )
    if np.abs(labels).max() >= 2**53:
        raise DataError(f"{source}: labels beyond 2^53 are not told apart as floats, expected whole numbers or texts")
    return labels.astype(np.int64)
