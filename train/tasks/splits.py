from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...guard import DataError, counted
from .samples import Samples
from .task import Classes


class Split(NamedTuple):
    """Indices of the samples in each part."""

    train: Classes
    validation: Classes
    test: Classes


def split(source: str, samples: Samples, *, seed: int, test_fraction: float, validation_fraction: float) -> Split:
    """Draw the parts, stratified by class.

    The test part is drawn first, the validation part from the rest, so that asking for validation leaves the test part
    as it is.

    Parameters
    ----------
    source
        What the data are called in errors.
    samples
        What to split; a fixed test part stays the test part.
    seed
        The same seed gives the same split.
    test_fraction, validation_fraction
        Shares of all samples, or, where the test part is fixed, of the others.

    Raises
    ------
    DataError
        If a class would have no sample to train on, or a part is smaller than the number of classes.
    """
    free = len(samples.y) - samples.fixed_test
    rest, test = np.arange(free), np.arange(free, len(samples.y))
    _each_class_present(source, samples, rest)
    if not samples.fixed_test:
        rest, test = _drawn(source, samples, rest, math.ceil(test_fraction * free), seed)
    validation = rest[:0]
    if validation_fraction > 0:
        rest, validation = _drawn(source, samples, rest, math.ceil(validation_fraction * free), seed)
    _each_class_present(source, samples, rest)
    return Split(rest, validation, test)


def _drawn(source: str, samples: Samples, indices: Classes, count: int, seed: int) -> tuple[Classes, Classes]:
    """Indices that stay, and those of `count` samples that are drawn."""
    # scikit-learn takes seconds to load, and networks can be trained without it
    from sklearn.model_selection import train_test_split

    y = samples.y[indices]
    sizes = np.bincount(y, minlength=len(samples.class_names))
    rarest = int(sizes.argmin())
    if sizes[rarest] < 2:
        raise DataError(
            f"{source}: too few samples of class '{samples.class_names[rarest]}' ({sizes[rarest]}), expected at least "
            "2 of each class in what is split"
        )
    smallest = min(count, len(y) - count)
    if smallest < len(sizes):
        raise DataError(
            f"{source}: a part of {counted(max(smallest, 0), 'sample')} cannot hold "
            f"{counted(len(sizes), 'class', 'classes')}; "
            "give more samples, or other fractions for test and validation"
        )
    stay, out = train_test_split(indices, test_size=count, random_state=seed, stratify=y)
    return stay, out


def _each_class_present(source: str, samples: Samples, train: Classes) -> None:
    counts = np.bincount(samples.y[train], minlength=len(samples.class_names))
    if not counts.all():
        missing = samples.class_names[int(counts.argmin())]
        raise DataError(f"{source}: no sample of class '{missing}' to train on; give more samples or smaller parts")
