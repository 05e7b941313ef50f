"""Layered networks trained with the credit rule over learning rates x seeds, all of them in one batch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional

from ..guard import OptionError, real_number, real_numbers, whole_number, whole_numbers
from .layered import LayeredNetwork
from .tasks import load_task

LARGEST_WEIGHT = 1e6


@dataclass(frozen=True)
class SweepResult:
    """What a sweep over layered networks leaves behind.

    Attributes
    ----------
    weights, biases
        One tensor a layer, (members, post, pre) and (members, post): the last state that was finite.
    initial_weights
        The weights before training, shaped as `weights`.
    members
        One row a member: learning_rate, seed, status (``completed`` or ``diverged``), iteration (steps done).
    training
        One row a member and epoch (0 is before training): learning_rate, seed, epoch, train_loss, train_accuracy,
        test_loss, test_accuracy. Losses are means over the samples; a member's rows end where it diverged.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    initial_weights: list[Tensor]
    members: pd.DataFrame
    training: pd.DataFrame


class LayeredSweep:
    """Train one layered network for each learning rate and seed, side by side.

    Seeds are paired across learning rates: members that share a seed share the initial weights, the split into training
    and test data, and the order of the batches. A member whose weights leave the range of finite numbers (or
    exceed 1e6 in magnitude) is frozen at its last finite state and recorded as diverged; the others go on undisturbed.

    Parameters
    ----------
    task
        Name of a task, see :func:`load_task`.
    hidden
        Sizes of the hidden layers.
    learning_rates, seeds
        The sweep; members are ordered learning rate first, seed fastest.
    epochs, batch_size
        Passes over the training data, and samples a step. Samples beyond the last full batch of an epoch wait for a
        later epoch's order.
    activation, loss
        See :class:`LayeredNetwork`.
    test_fraction
        Share of the samples kept for testing.
    dtype, device
        Of all tensors.
    """

    def __init__(
        self,
        task: str = "digits",
        *,
        hidden: Sequence[int] = (128, 64),
        learning_rates: Sequence[float],
        seeds: Sequence[int],
        epochs: int = 20,
        batch_size: int = 64,
        activation: str = "tanh",
        loss: str = "cross_entropy",
        test_fraction: float = 0.2,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        self.learning_rates = real_numbers("learning_rates", learning_rates, above=0.0)
        self.seeds = whole_numbers("seeds", seeds, minimum=0)
        self.epochs = whole_number("epochs", epochs, minimum=1)
        self.batch_size = whole_number("batch_size", batch_size, minimum=1)
        real_number("test_fraction", test_fraction, 0.05, 0.95)
        for size in hidden:
            whole_number("hidden", size, minimum=1)
        self.keys = list(itertools.product(self.learning_rates, self.seeds))
        self._tasks = [load_task(task, seed=seed, test_fraction=test_fraction) for seed in self.seeds]
        first = self._tasks[0]
        if self.batch_size > len(first.x_train):
            raise OptionError("batch_size", batch_size, f"at most the number of training samples, {len(first.x_train)}")
        self.network = LayeredNetwork(
            [first.features, *hidden, first.classes],
            activation=activation,
            loss=loss,
            members=len(self.keys),
            seed=[seed for _, seed in self.keys],
            dtype=dtype,
            device=device,
        )
        self._rates = torch.tensor([rate for rate, _ in self.keys], dtype=dtype, device=device)
        self._seed_of_member = [self.seeds.index(seed) for _, seed in self.keys]

    def run(self, progress: Callable[[int, int], None] | None = None) -> SweepResult:
        """Train all members.

        Parameters
        ----------
        progress
            Called after each epoch with the epochs done and the epochs in all.
        """
        network = self.network
        initial = [weights.clone() for weights in network.weights]
        x_train, y_train = self._data("x_train", "y_train")
        x_test, y_test = self._data("x_test", "y_test")
        generators = [torch.Generator().manual_seed(seed) for seed in self.seeds]
        samples = x_train.shape[1]
        steps = samples // self.batch_size
        alive = torch.ones(len(self.keys), dtype=torch.bool, device=x_train.device)
        ended = torch.full((len(self.keys),), self.epochs * steps)
        history = [self._evaluate(0, alive, x_train, y_train, x_test, y_test)]
        each = torch.arange(len(self.seeds), device=x_train.device)[:, None]
        for epoch in range(1, self.epochs + 1):
            orders = torch.stack([torch.randperm(samples, generator=generator) for generator in generators])
            orders = orders.to(x_train.device)
            for step in range(steps):
                batch = orders[:, step * self.batch_size : (step + 1) * self.batch_size]
                x = x_train[each, batch][self._seed_of_member]
                y = y_train[each, batch][self._seed_of_member]
                diverged = self._step(x, y, alive)
                ended[diverged.cpu()] = (epoch - 1) * steps + step
                alive &= ~diverged
            history.append(self._evaluate(epoch, alive, x_train, y_train, x_test, y_test))
            if progress is not None:
                progress(epoch, self.epochs)
        members = pd.DataFrame(
            {
                "learning_rate": [rate for rate, _ in self.keys],
                "seed": [seed for _, seed in self.keys],
                "status": ["completed" if ok else "diverged" for ok in alive.tolist()],
                "iteration": ended.tolist(),
            }
        )
        training = pd.concat(history, ignore_index=True).sort_values(["learning_rate", "seed", "epoch"])
        return SweepResult(
            [weights.clone() for weights in network.weights],
            [biases.clone() for biases in network.biases],
            initial,
            members,
            training.reset_index(drop=True),
        )

    def _step(self, x: Tensor, y: Tensor, alive: Tensor) -> Tensor:
        """One step of all members that are alive; says which of them diverged in it."""
        network = self.network
        rates = network.fire(x)
        update = network.plasticity(rates, network.assign_credit(rates, self._targets(y)))
        rate = self._rates
        changes = [
            (old, old + rate.view(-1, *[1] * (old.ndim - 1)) * change)
            for old, change in zip([*network.weights, *network.biases], [*update.weights, *update.biases], strict=True)
        ]
        # NaN compares as false, so it counts as out of bounds too
        within = torch.stack([(new.abs() <= LARGEST_WEIGHT).flatten(1).all(1) for _, new in changes]).all(0)
        keep = alive & within
        for old, new in changes:
            old.copy_(torch.where(keep.view(-1, *[1] * (old.ndim - 1)), new, old))
        return alive & ~within

    def _data(self, inputs: str, classes: str) -> tuple[Tensor, Tensor]:
        """Inputs (seeds, samples, features) and classes (seeds, samples) of one part of the split."""
        weights = self.network.weights[0]
        x = torch.stack([torch.from_numpy(getattr(task, inputs)) for task in self._tasks])
        y = torch.stack([torch.from_numpy(getattr(task, classes)) for task in self._tasks])
        return x.to(weights.device, weights.dtype), y.to(weights.device)

    def _targets(self, classes: Tensor) -> Tensor:
        """Targets of the loss: the classes themselves, or their one-hot code where the loss takes real numbers."""
        if self.network.loss.linear_outputs:
            return classes
        return functional.one_hot(classes, self.network.sizes[-1]).to(self.network.dtype)

    def _evaluate(
        self, epoch: int, alive: Tensor, x_train: Tensor, y_train: Tensor, x_test: Tensor, y_test: Tensor
    ) -> pd.DataFrame:
        columns: dict[str, object] = {
            "learning_rate": [rate for rate, _ in self.keys],
            "seed": [seed for _, seed in self.keys],
            "epoch": epoch,
        }
        for part, x, y in (("train", x_train, y_train), ("test", x_test, y_test)):
            targets = y[self._seed_of_member]
            outputs = self.network.fire(x[self._seed_of_member])[-1]
            columns[f"{part}_loss"] = (
                self.network.loss.value(outputs, self._targets(targets)).mean(1).double().cpu().numpy()
            )
            columns[f"{part}_accuracy"] = (outputs.argmax(-1) == targets).double().mean(1).cpu().numpy()
        return pd.DataFrame(columns)[alive.cpu().numpy()]
