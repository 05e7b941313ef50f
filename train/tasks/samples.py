from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import DataError, counted, finite_array, plural
from .labels import class_indices
from .task import Classes, Inputs


@dataclass(frozen=True)
class Samples:
    """What a task's loader hands over, before it is split.

    Attributes
    ----------
    x
        Inputs, (samples, features).
    y
        Class of each sample, from 0, (samples,).
    class_names
        What the classes are called.
    fixed_test
        Count of samples, the last ones, that are the test part whatever the seed; 0 where the test part is drawn.
    scaling
        How features are scaled, see :func:`fit_scaling`.
    """

    x: Inputs
    y: Classes
    class_names: tuple[str, ...]
    fixed_test: int = 0
    scaling: str = "none"


def samples_of(
    source: str,
    inputs: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    *,
    class_names: tuple[str, ...] | None = None,
    fixed_test: int = 0,
    scaling: str = "none",
) -> Samples:
    """Inputs and labels as samples, checked.

    Parameters
    ----------
    source
        What the data are called in errors.
    inputs
        Real numbers, (samples, ...); all but the first dimension become features.
    labels
        Whole numbers, truth values or texts, (samples,).
    class_names
        What the labels 0, 1, ... are called; without it, the distinct labels in order are the classes.
    fixed_test, scaling
        See :class:`Samples`.

    Raises
    ------
    DataError
        If inputs are not finite real numbers, counts differ, or labels do not make at least two classes.
    """
    x = finite_array(f"{source}: inputs", inputs)
    if x.ndim < 2 or x[:1].size == 0:
        raise DataError(f"{source}: got inputs of shape {x.shape}, expected at least one sample and one feature")
    if labels.ndim != 1 or len(labels) != len(x):
        raise DataError(
            f"{source}: got labels of shape {labels.shape} for {counted(len(x), 'sample')}, expected one a sample"
        )
    y, names = class_indices(source, labels, class_names)
    if len(names) < 2:
        raise DataError(
            f"{source}: {plural(len(x), 'the', 'all')} {counted(len(x), 'sample is', 'samples are')} of "
            f"class '{names[0]}', expected "
            "at least two classes"
        )
    x = x.reshape(len(x), -1)
    floats = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    return Samples(floats, y, names, fixed_test, scaling)
