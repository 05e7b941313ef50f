from __future__ import annotations

import inspect
import os
from collections.abc import Callable

from ...guard import OptionError, choice, real_number, suggestion, true_or_false, whole_number
from .digits import digits
from .idx import fashion_mnist, idx, mnist
from .labels import shuffled
from .mnist5k import mnist5k
from .samples import Samples
from .scaling import fit_scaling
from .splits import split
from .synthetic import parity, spirals, teacher
from .tables import table
from .task import Task

LARGEST_SEED = 2**32 - 1
LARGEST_SHARE = 0.95
ROUNDING = 1e-9
LOADERS: dict[str, Callable[..., Samples]] = {
    each.__name__: each for each in (digits, mnist5k, mnist, fashion_mnist, idx, table, teacher, parity, spirals)
}
TASKS = tuple(LOADERS)
OF_ALL = ("seed", "test_fraction", "validation_fraction", "shuffled_labels")
"""Options of all tasks."""


def load_task(
    name: str,
    *,
    seed: int = 0,
    test_fraction: float = 0.2,
    validation_fraction: float = 0.0,
    shuffled_labels: bool = False,
    path: str | os.PathLike[str] | None = None,
    **options: object,
) -> Task:
    """Load a task and split it by seed, stratified by class.

    Parameters
    ----------
    name
        ``digits``: 1,797 images of handwritten digits, 8 x 8 pixels, that come with scikit-learn.
        ``mnist5k``: 5,000 images of MNIST, 28 x 28 pixels, that come with the extra ``mnist``.
        ``mnist``, ``fashion_mnist``, ``idx``: IDX files in the folder `path`.
        ``table``: a ``.npz`` or ``.csv`` file, `path`; options `label`, `scaling`.
        ``teacher``: options `samples`, `features`, `classes`, `hidden`, `data_seed`.
        ``parity``: options `bits`, `relevant`, `samples`, `data_seed`.
        ``spirals``: options `arms`, `samples`, `turns`, `noise`, `data_seed`.
    seed
        Seed of the split and of the shuffling of labels; the same seed gives the same parts.
    test_fraction
        Share of the samples kept for testing, between 0.05 and 0.95. Files with a test part of their own (IDX files
        that begin with ``t10k``, arrays ``x_test`` and ``y_test``) are tested on that instead, and `parameters` says
        None.
    validation_fraction
        Share of the samples (of all, or of those that are no fixed test part) kept for choosing between networks, 0
        for none. The test part does not depend on it.
    shuffled_labels
        Permute the labels of the training part, so that nothing but the samples themselves can be learned. The labels
        of the validation and test part are left alone.
    path
        File or folder of a task that reads one.
    **options
        Of the task, see `name`.

    Raises
    ------
    OptionError
        For an unknown task or option, or a value out of range.
    FileError
        For a file that is missing, malformed or cut off.
    DataError
        For values that are no finite numbers, or too few samples or classes to split.

    Examples
    --------
    >>> task = load_task("parity", bits=6, validation_fraction=0.25)
    >>> len(task.x_train), len(task.x_validation), len(task.x_test), task.features, task.class_names
    (35, 16, 13, 6, ('0', '1'))
    """
    load = LOADERS[choice("task", name, LOADERS)]
    seed = whole_number("seed", seed, minimum=0, maximum=LARGEST_SEED)
    test_fraction = real_number("test_fraction", test_fraction, 0.05, LARGEST_SHARE)
    validation_fraction = real_number("validation_fraction", validation_fraction, 0.0, LARGEST_SHARE)
    shuffle = true_or_false("shuffled_labels", shuffled_labels)
    if path is not None:
        options = {"path": path, **options}
    bound = _bound(name, load, options)
    samples = load(**bound)
    most = LARGEST_SHARE - (0 if samples.fixed_test else test_fraction)
    if validation_fraction > most + ROUNDING:
        raise OptionError("validation_fraction", validation_fraction, f"at most {most:g} beside the test part")
    parts = split(name, samples, seed=seed, test_fraction=test_fraction, validation_fraction=validation_fraction)
    scale = fit_scaling(name, samples.scaling, samples.x[parts.train])
    x_train, x_validation, x_test = (scale(samples.x[part]) for part in parts)
    y_train, y_validation, y_test = (samples.y[part] for part in parts)
    return Task(
        name=name,
        x_train=x_train,
        y_train=shuffled(y_train, seed) if shuffle else y_train,
        x_validation=x_validation,
        y_validation=y_validation,
        x_test=x_test,
        y_test=y_test,
        class_names=samples.class_names,
        parameters={
            "seed": seed,
            "test_fraction": None if samples.fixed_test else test_fraction,
            "validation_fraction": validation_fraction,
            "shuffled_labels": shuffle,
            **bound,
        },
    )


def _bound(name: str, load: Callable[..., Samples], options: dict[str, object]) -> dict[str, object]:
    """The options of a task, those that were not given by their defaults."""
    known = {option: parameter.default for option, parameter in inspect.signature(load).parameters.items()}
    for option in options:
        if option not in known:
            allowed = "one of " + ", ".join(known) if known else "none, the task has no options"
            raise OptionError(f"option of task {name}", option, allowed, suggestion(option, [*known, *OF_ALL]))
    return known | options
