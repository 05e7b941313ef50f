"""The same data in the same order for networks that are to be compared: one split and one order of batches a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from ..guard import OptionError, whole_number, whole_numbers
from .fitting import of_kind
from .layered import LayeredNetwork
from .tasks import load_task


class PairedData:
    """A task's data for networks whose members are seeds.

    Parameters
    ----------
    task
        Name of a task, see :func:`load_task`.
    seeds
        One a member: it gives the split, and the order of the batches. Splits and orders are those of
        :class:`LayeredSweep` with the same seeds.
    batch_size
        Samples a step; samples beyond the last full batch of an epoch wait for a later epoch's order.
    loss
        Loss whose targets are made: classes, or their one-hot code.
    dtype
        Of the inputs.
    task_options
        Further options of :func:`load_task`, such as ``{"path": "cells.csv"}``.

    Attributes
    ----------
    features, classes
        Counts of input features and of classes.
    steps
        Batches an epoch.
    """

    def __init__(
        self,
        task: str,
        *,
        seeds: Sequence[int],
        batch_size: int = 64,
        loss: str = "cross_entropy",
        dtype: torch.dtype = torch.float64,
        task_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.seeds = whole_numbers("seeds", seeds, minimum=0)
        self.loss = loss
        self.dtype = dtype
        tasks = [load_task(task, seed=seed, **(task_options or {})) for seed in self.seeds]
        self.features, self.classes = tasks[0].features, tasks[0].classes
        self.parts = {
            part: (
                torch.stack([torch.from_numpy(getattr(each, f"x_{part}")).to(dtype) for each in tasks]),
                torch.stack([torch.from_numpy(getattr(each, f"y_{part}")) for each in tasks]),
            )
            for part in ("train", "test")
        }
        samples = self.parts["train"][0].shape[1]
        self.batch_size = whole_number("batch_size", batch_size, 1)
        if self.batch_size > samples:
            raise OptionError("batch_size", batch_size, f"at most the number of training samples, {samples}")
        self.steps = samples // self.batch_size

    def epochs(self, count: int) -> Iterator[Iterator[tuple[Tensor, Tensor]]]:
        """Go through the training data `count` times; each epoch gives its batches (x, y), members first.

        An epoch's order is drawn when the epoch begins, so epochs are gone through in order, each of them to its end.
        """
        x, y = self.parts["train"]
        each = torch.arange(len(self.seeds))[:, None]
        generators = [torch.Generator().manual_seed(seed) for seed in self.seeds]
        for _ in range(whole_number("epochs", count, 1)):
            orders = torch.stack([torch.randperm(x.shape[1], generator=generator) for generator in generators])
            batches = orders[:, : self.steps * self.batch_size].reshape(-1, self.steps, self.batch_size).unbind(1)
            yield ((x[each, batch], self.targets(y[each, batch])) for batch in batches)

    def probe(self, samples: int = 256) -> tuple[Tensor, Tensor]:
        """The first training samples of each member: a fixed batch to measure on."""
        x, y = self.parts["train"]
        return x[:, :samples], self.targets(y[:, :samples])

    def targets(self, classes: Tensor) -> Tensor:
        """Targets of the loss: the classes, or their one-hot code where the loss takes real numbers."""
        if self.loss == "cross_entropy":
            return classes
        return functional.one_hot(classes, self.classes).to(self.dtype)

    def evaluate(self, network: LayeredNetwork) -> pd.DataFrame:
        """Loss and accuracy of each member: seed, train_loss, train_accuracy, test_loss, test_accuracy."""
        of_kind("network", network, LayeredNetwork)
        columns: dict[str, object] = {"seed": self.seeds}
        for part, (x, classes) in self.parts.items():
            outputs = network.fire(x)[-1]
            columns[f"{part}_loss"] = network.loss.value(outputs, self.targets(classes)).mean(1).double().numpy()
            columns[f"{part}_accuracy"] = (outputs.argmax(-1) == classes).double().mean(1).numpy()
        return pd.DataFrame(columns)
