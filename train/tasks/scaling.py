from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...guard import DataError
from .task import Inputs

SCALINGS = ("standardise", "unit", "none")


def fit_scaling(source: str, scaling: str, x_train: Inputs) -> Callable[[Inputs], Inputs]:
    """Fit a scaling to the training part, to be applied to all parts.

    .. math::

        standardise: (x - mean) / sd;  unit: (x - min) / (max - min)

    by feature, with the mean, the standard deviation (of the population), the minimum and the maximum of the training
    part alone. A feature that is constant there is only shifted.

    Parameters
    ----------
    source
        What the data are called in errors.
    scaling
        ``standardise``, ``unit`` or ``none``.
    x_train
        Inputs to train on, (samples, features).

    Returns
    -------
    Callable
        Scales inputs (samples, features); it raises :class:`DataError` if a result is beyond floating point's range.

    Examples
    --------
    >>> unit = fit_scaling("table", "unit", np.array([[0.0], [4.0]]))
    >>> unit(np.array([[1.0], [6.0]])).tolist()
    [[0.25], [1.5]]
    """
    if scaling == "none":
        return lambda x: x
    # what is too large here is answered below, by name
    with np.errstate(over="ignore", invalid="ignore"):
        if scaling == "standardise":
            # in double precision: single precision loses the mean of many large numbers
            shift, width = (of(x_train, axis=0, dtype=np.float64) for of in (np.mean, np.std))
        else:
            shift = x_train.min(0)
            width = x_train.max(0) - shift
    constant = x_train.min(0) == x_train.max(0)
    shift, width = np.where(constant, x_train[0], shift), np.where(constant, 1, width)

    def scale(x: Inputs) -> Inputs:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            scaled: Inputs = (x - shift) / width
        if not (np.isfinite(width).all() and np.isfinite(scaled).all()):
            raise DataError(f"{source}: features too large or too small to {scaling}; give them in other units")
        return scaled

    return scale
