"""The data of a sweep: one task a seed, in one tensor, and the order of its batches as a function of seed and epoch."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ...guard import DataError, OptionError, real_number, whole_number
from ..tasks import Task, load_task
from .alignment import held_samples

PARTS = ("train", "validation", "test")

TaskSource = str | Callable[[int], Task]


class SweepData:
    """Training, validation and test samples of each seed, and their batches.

    Parameters
    ----------
    task
        Name of a task, see :func:`load_task`, or a function of the seed that returns a :class:`Task`. The tasks of all
        seeds have the same numbers of samples, features and classes.
    seeds
        Seeds of the sweep; each gives the split of the samples, and their order in each epoch.
    test_fraction, task_options
        Options of :func:`load_task`.
    batch_size
        Samples a step. Samples beyond the last full batch of an epoch are left out of it; the next epoch has another
        order.
    dtype, device
        Of the inputs.

    Attributes
    ----------
    inputs, targets, classes
        All samples, each once however many seeds and parts have it: (any, features), classes in one-hot code, and
        classes.
    samples
        Samples of a seed, by part: ``train``, ``test``, and ``validation`` where there is one.
    largest_class
        Share of the largest class among the samples of each seed, (seeds,), by part: what always naming it reaches.
    features, outputs
        Numbers of input features and of classes.
    steps
        Batches an epoch.
    fingerprint
        SHA-256 of all samples.
    largest_input
        Largest Euclidean norm of the inputs of a sample.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If the tasks of two seeds have different shapes, or samples are no finite numbers, or classes out of range.
    """

    def __init__(
        self,
        task: TaskSource,
        *,
        seeds: Sequence[int],
        batch_size: int,
        test_fraction: float = 0.2,
        task_options: Mapping[str, Any] | None = None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self.seeds = list(seeds)
        batch_size = whole_number("batch_size", batch_size, minimum=1)
        load = _loader(task, test_fraction, task_options)
        distinct, digest = DistinctSamples(), hashlib.sha256()
        places: dict[str, list[Tensor]] = {part: [] for part in PARTS}
        shapes: dict[str, set[tuple[int, ...]]] = {part: set() for part in PARTS}
        largest: dict[str, list[float]] = {part: [] for part in PARTS}
        for seed in self.seeds:
            # one at a time: a task's own arrays are in double precision and go as soon as they are copied
            loaded = load(seed)
            for part in PARTS:
                x, y = _part(loaded, part, seed)
                converted = torch.from_numpy(x).to(dtype).numpy()
                if not np.isfinite(converted).all():
                    raise DataError(
                        f"task of seed {seed}: some {part} samples are beyond the range of {dtype}; scale them, or "
                        "take float64"
                    )
                digest.update(converted.data)
                digest.update(y.data)
                shapes[part].add((*x.shape, loaded.classes))
                places[part].append(distinct.places(converted, y))
                largest[part].append(float(np.bincount(y).max() / len(y)) if len(y) else 0.0)
        self.features, self.outputs = loaded.features, loaded.classes
        for part, found in shapes.items():
            if len(found) > 1:
                raise DataError(
                    f"task: the {part} samples of the seeds have (samples, features, classes) {sorted(found)}, "
                    "expected the same for each seed"
                )
        inputs, classes = distinct.all()
        self.largest_input = float(torch.linalg.vector_norm(inputs, dim=1).max())
        self.inputs, self.classes = inputs.to(device), classes.to(device)
        self.targets = functional.one_hot(self.classes, self.outputs).to(dtype)
        self.samples = {part: found[0].numel() for part, found in places.items() if found[0].numel()}
        self.largest_class = {part: np.array(largest[part]) for part in self.samples}
        self._train = torch.stack(places["train"])
        # on the processor the two share their memory
        self._places = {"train": self._train.to(device)}
        self._places |= {part: torch.stack(places[part]).to(device) for part in self.samples if part != "train"}
        self.fingerprint = digest.hexdigest()
        if batch_size > self.samples["train"]:
            allowed = f"at most the number of training samples, {self.samples['train']}"
            raise OptionError("batch_size", batch_size, allowed)
        self.batch_size = batch_size
        self.steps = self.samples["train"] // batch_size
        self._drawing = threading.Lock()
        self._drawn = 0
        self._generators: list[torch.Generator] = []
        self._orders = torch.empty(0)

    @property
    def bytes(self) -> int:
        """Bytes of all samples, of where those of each seed are, and of an epoch's order."""
        # the order has the numbers of `_train`
        tensors = [self.inputs, self.targets, self.classes, *self._places.values(), self._train]
        return sum(each.numel() * each.element_size() for each in tensors)

    def batches(self, seeds: Tensor, steps: range) -> Tensor:
        """Rows of the training samples that make the batches of some steps of one epoch.

        The order of a seed's samples in its epoch e is the e-th permutation that its random generator draws.

        Parameters
        ----------
        seeds
            Index of the seed of each member, (members,), on the CPU.
        steps
            Steps counted from the first of the training; all in one epoch.

        Returns
        -------
        Tensor
            (steps, members * batch_size), int64, on the device of the samples.
        """
        epoch, first = divmod(steps.start, self.steps)
        orders = self._order(epoch)[:, first * self.batch_size : (first + len(steps)) * self.batch_size]
        by_step = orders.view(len(orders), len(steps), self.batch_size).transpose(0, 1)
        # put together on the device, which is sent one order a seed and epoch, however many members share it
        return by_step.index_select(1, seeds.to(self.inputs.device)).flatten(1)

    def some(self, part: str, seeds: Tensor, samples: slice) -> tuple[Tensor, Tensor, Tensor]:
        """Some samples of a part for each member, the last of them repeated until members lie alike in memory.

        Returns
        -------
        tuple
            Inputs (members, samples, features), one-hot classes, and classes (members, samples).
        """
        places = self._places[part][:, samples]
        last = places.shape[1] - 1
        filled = torch.arange(held_samples(last + 1), device=places.device).clamp(max=last)
        chosen = places[seeds.to(places.device)][:, filled]
        return self.inputs[chosen], self.targets[chosen], self.classes[chosen]

    def _order(self, epoch: int) -> Tensor:
        """Rows of the training samples in the order of an epoch, (seeds, samples), on the device of the samples."""
        samples = self.samples["train"]
        with self._drawing:
            if epoch + 1 < self._drawn or not self._drawn:
                self._generators = [torch.Generator().manual_seed(seed) for seed in self.seeds]
                self._drawn = 0
            while self._drawn <= epoch:
                drawn = [torch.randperm(samples, generator=generator) for generator in self._generators]
                self._orders = self._train.gather(1, torch.stack(drawn)).to(self.inputs.device)
                self._drawn += 1
            return self._orders


class DistinctSamples:
    """Samples, each kept once however often it comes: the tasks of many seeds are often splits of the same samples."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        self._inputs: list[npt.NDArray[np.floating[Any]]] = []
        self._classes: list[npt.NDArray[np.int64]] = []

    def places(self, x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.int64]) -> Tensor:
        """Where each of some samples, (samples, features), and its class, (samples,), are among all, (samples,)."""
        places, new = np.empty(len(y), np.int64), []
        for row, (values, label) in enumerate(zip(x, y, strict=True)):
            key = hashlib.blake2b(values, digest_size=16, salt=label.tobytes()).digest()
            places[row] = self._known.setdefault(key, count := len(self._known))
            if places[row] == count:
                new.append(row)
        self._inputs.append(x[new])
        self._classes.append(y[new])
        return torch.from_numpy(places)

    def all(self) -> tuple[Tensor, Tensor]:
        """Inputs and classes of all samples."""
        return torch.from_numpy(np.concatenate(self._inputs)), torch.from_numpy(np.concatenate(self._classes))


def _loader(task: TaskSource, test_fraction: float, task_options: Mapping[str, Any] | None) -> Callable[[int], Task]:
    options = {} if task_options is None else task_options
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise OptionError("task_options", task_options, "a dictionary of options of load_task")
    if taken := {"name", "seed", "test_fraction"} & set(options):
        raise OptionError("task_options", dict(options), f"options of load_task other than {', '.join(sorted(taken))}")
    if not isinstance(task, str) and callable(task):
        if options:
            raise OptionError("task_options", dict(options), "none where the task is a function of the seed")
        return task
    fraction = real_number("test_fraction", test_fraction, 0.05, 0.95)
    return lambda seed: load_task(task, seed=seed, test_fraction=fraction, **options)


def _part(task: Task, part: str, seed: int) -> tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.int64]]:
    """Inputs and classes of one part of a task, checked, since the steps no longer do."""
    name = f"task of seed {seed}: {part} samples"
    try:
        x, y = (np.asarray(getattr(task, f"{array}_{part}")) for array in "xy")
        features, classes = task.features, task.classes
    except (AttributeError, TypeError, ValueError) as error:
        raise DataError(f"task: got {type(task).__name__} for seed {seed}, expected a Task ({error})") from error
    if x.ndim != 2 or y.shape != x.shape[:1] or x.shape[1] != features:
        raise DataError(f"{name}: got shapes {x.shape} and {y.shape}, expected (samples, {features}) and (samples,)")
    if x.dtype.kind not in "biuf":
        raise DataError(f"{name}: got inputs of type {x.dtype}, expected real numbers")
    if not np.isfinite(x).all():
        raise DataError(f"{name}: some are NaN or infinite, expected finite numbers")
    if y.dtype.kind not in "iu" or (y.size and (y.min() < 0 or y.max() >= classes)):
        raise DataError(f"{name}: got classes of type {y.dtype} or out of range, expected 0 to {classes - 1}")
    if part != "validation" and not y.size:
        raise DataError(f"{name}: there are none")
    return np.ascontiguousarray(x, np.float64), y.astype(np.int64)
