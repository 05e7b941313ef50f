from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..guard import choice, real_number, whole_number

TASKS = ("digits",)


@dataclass(frozen=True)
class Task:
    """A classification task, split into a training and a test part.

    Attributes
    ----------
    name
        Name of the task.
    x_train, x_test
        Inputs, (samples, features), scaled to 0..1.
    y_train, y_test
        Class of each sample, (samples,), from 0.
    classes
        Number of classes.
    """

    name: str
    x_train: npt.NDArray[np.float64]
    y_train: npt.NDArray[np.int64]
    x_test: npt.NDArray[np.float64]
    y_test: npt.NDArray[np.int64]
    classes: int

    @property
    def features(self) -> int:
        """Number of input features."""
        return int(self.x_train.shape[1])


def load_task(name: str, *, seed: int = 0, test_fraction: float = 0.2) -> Task:
    """Load a task and split it, stratified by class.

    Parameters
    ----------
    name
        ``digits``: the 1,797 images of handwritten digits, 8 x 8 pixels, that come with scikit-learn.
    seed
        Seed of the split; the same seed gives the same split.
    test_fraction
        Share of the samples kept for testing, between 0.05 and 0.95.

    Raises
    ------
    OptionError
        For an unknown task or a fraction out of range.
    """
    choice("task", name, TASKS)
    whole_number("seed", seed, minimum=0, maximum=2**32 - 1)
    real_number("test_fraction", test_fraction, 0.05, 0.95)
    # scikit-learn takes seconds to load, and networks can be trained without it
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, digits = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        images / 16.0, digits.astype(np.int64), test_size=test_fraction, random_state=seed, stratify=digits
    )
    return Task(name, x_train, y_train, x_test, y_test, classes=10)
