from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Inputs = npt.NDArray[np.floating[Any]]
Classes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """A classification task, split into parts to train on, to choose by (if asked for) and to test on.

    Attributes
    ----------
    name
        Name of the task.
    x_train, x_validation, x_test
        Inputs, (samples, features); images are scaled to 0..1.
    y_train, y_validation, y_test
        Class of each sample, (samples,), from 0. Where labels were shuffled, `y_train` is.
    class_names
        What the classes are called, in their order.
    parameters
        What the task was loaded with.
    """

    name: str
    x_train: Inputs
    y_train: Classes
    x_validation: Inputs
    y_validation: Classes
    x_test: Inputs
    y_test: Classes
    class_names: tuple[str, ...]
    parameters: Mapping[str, object]

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def features(self) -> int:
        """Number of input features."""
        return int(self.x_train.shape[1])
