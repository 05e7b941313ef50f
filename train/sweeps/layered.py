"""Layered networks trained with the credit rule, or a control rule, over learning rates x seeds, side by side."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...guard import choice, layer_sizes
from ..controls import RULES, control_rule
from ..layered import LayeredNetwork
from ..members import float_dtype, usable_device
from .alignment import FEWEST, aligned, held_neurons, held_sizes
from .control_step import ControlStep
from .data import SweepData, TaskSource
from .layered_measure import layered_outputs, layered_probe
from .layered_step import LayeredStep
from .measuring import MEASURED_AT_ONCE, PROBE, losses_and_accuracies
from .memory import LARGEST_CHUNK, memory_left, sweep_need
from .parameters import ParameterRow, layered_row
from .sweep import DIVERGED, RUNNING, Measured, Sweep, Trained, sweep_keys
from .timetable import SNAPSHOTS, Timetable


class LayeredSweep(Sweep):
    """Train one layered network for each learning rate and seed, side by side.

    Seeds are paired across learning rates: members that share a seed share the initial weights, the split into training
    and test data, and the order of the batches. A member whose weights leave the range of finite numbers (or
    exceed 1e6 in magnitude) is frozen at its last state within bounds and recorded as diverged, and so is one whose
    loss is not finite when it is measured; the others go on undisturbed.

    Parameters
    ----------
    task
        Name of a task, see :func:`load_task`, or a function that returns the :class:`Task` of a seed.
    hidden
        Sizes of the hidden layers; may be empty.
    learning_rates, seeds
        The sweep; members are ordered learning rate first, seed fastest.
    epochs, batch_size
        Passes over the training data, and samples a step. Samples beyond the last full batch of an epoch wait for a
        later epoch's order.
    activation, loss
        See :class:`LayeredNetwork`.
    rule
        ``credit``, or the name of any other rule of :func:`control_rule` to train with in its place: from the same
        initial weights, on the same data and batches. What the rule draws (random feedback) depends on the seed of the
        member, so that it is the same at all its learning rates.
    test_fraction
        Share of the samples kept for testing.
    task_options
        Further options of :func:`load_task`, such as ``{"validation_fraction": 0.1}``.
    snapshots
        Count of snapshots of all weights, evenly spaced in the logarithm of the step, step 0 and the last among them;
        or a list of steps; 0 for none.
    matched_losses
        Training losses: the weights of each member are kept when its loss, taken over the whole training set, is first
        found at or below each of them.
    evaluate_every
        Steps between two such looks, besides those before the first step and after each epoch; None for about a tenth
        of an epoch. A look takes a pass of all training samples through the network, about a third of what an epoch of
        learning takes.
    memory
        Bytes that data, members and buffers may take on the device, a whole number or such as ``"4 GiB"``; by default
        half of what is free.
    dtype, device
        Of all tensors; ``auto`` is a CUDA GPU if there is one, else the processor.

    Raises
    ------
    OptionError
        If an option is impossible, or there is not enough memory.
    DataError
        If the tasks of the seeds do not fit together.

    Notes
    -----
    On the processor a member trained with the credit rule comes out the same to the bit whatever the other members, the
    memory, the number of threads, and the steps that are asked for at a time. With another rule only the other members
    matter, within 1e-5 of its norm in float32 and 1e-12 in float64. Other rules check each
    batch, so that an accelerator is waited for at each step. Threads are those of ``torch.get_num_threads()``; each
    trains a chunk of members alone.

    Examples
    --------
    >>> sweep = LayeredSweep("parity", hidden=[8], learning_rates=[0.1, 0.5], seeds=[0, 1], epochs=2, batch_size=16)
    >>> result = sweep.run()
    >>> result.members["status"].tolist(), result.weights[0].shape
    (['completed', 'completed', 'completed', 'completed'], torch.Size([4, 8, 10]))
    """

    def __init__(
        self,
        task: TaskSource = "digits",
        *,
        hidden: Sequence[int] = (128, 64),
        learning_rates: Sequence[float],
        seeds: Sequence[int],
        epochs: int = 20,
        batch_size: int = 64,
        activation: str = "tanh",
        loss: str = "cross_entropy",
        rule: str = "credit",
        test_fraction: float = 0.2,
        task_options: Mapping[str, Any] | None = None,
        snapshots: int | Sequence[int] = SNAPSHOTS,
        matched_losses: Sequence[float] = (),
        evaluate_every: int | None = None,
        memory: int | str | None = None,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        keys, seeds = sweep_keys(learning_rates, seeds)
        self._rule = choice("rule", rule, RULES)
        inner, dtype = layer_sizes("hidden", hidden), float_dtype(dtype)
        device = usable_device(device, dtype)
        data = SweepData(
            task,
            seeds=seeds,
            batch_size=batch_size,
            test_fraction=test_fraction,
            task_options=task_options,
            dtype=dtype,
            device=device,
        )
        timetable = Timetable(
            epochs=epochs,
            steps_per_epoch=data.steps,
            snapshots=snapshots,
            matched_losses=matched_losses,
            evaluate_every=evaluate_every,
        )
        sizes = [data.features, *inner, data.outputs]
        row = layered_row(sizes)
        need = sweep_need(
            numbers=row.size,
            snapshots=timetable.taken,
            member_bytes=_member_bytes(sizes, batch_size, dtype, controlled=rule != "credit"),
            data_bytes=data.bytes,
            seeds=len(seeds),
            dtype=dtype,
            device=device,
            # what a control rule learns depends in its last bits on which members learn together
            together=1 if rule == "credit" else LARGEST_CHUNK if device.type == "cpu" else sys.maxsize,
        )
        free = memory_left(need, numbers=row.size, members=len(keys), seeds=len(seeds), memory=memory, device=device)
        start = LayeredNetwork(
            sizes, activation=activation, loss=loss, members=len(seeds), seed=seeds, dtype=dtype, device=device
        )
        self.sizes, self._activation, self._loss = sizes, start.activation, start.loss
        super().__init__(
            keys,
            data,
            timetable,
            row=row,
            initial=ParameterRow.rows([*start.weights, *start.biases]),
            need=need,
            free=free,
            parameters={"sizes": sizes, "activation": activation, "loss": loss, "rule": rule, "dtype": str(dtype)},
        )
        # views: the initial weights are held once
        start.weights, start.biases = self._tensors(self._initial)
        self._start = start

    def _train_chunk(self, members: Tensor, steps: range) -> Trained:
        step = self._step(members)
        with np.errstate(all="ignore"):
            for samples in self._data.batches(self._seed_index[members], steps):
                step.learn(self._data.inputs, self._data.targets, samples)
        return Trained(step.parameters, torch.where(step.alive, RUNNING, DIVERGED), step.made)

    def _step(self, members: Tensor) -> LayeredStep | ControlStep:
        """Steps of some members from where they are."""
        chosen = members.to(self._numbers.device)
        parameters, learning_rates, alive = self._numbers[chosen], self._learning_rates[chosen], self._running(members)
        if self._rule != "credit":
            return ControlStep(
                control_rule(self._rule),
                self._start,
                seeds=[self.keys[member][1] for member in members.tolist()],
                parameters=parameters,
                learning_rates=learning_rates,
                alive=alive,
            )
        return LayeredStep(
            self.sizes,
            self._activation,
            self._loss,
            parameters=parameters,
            learning_rates=learning_rates,
            batch=self._data.batch_size,
            alive=alive,
            largest_input=self._data.largest_input,
        )

    def _measure_chunk(self, members: Tensor, parts: Sequence[str], *, probe: bool) -> Measured:
        if _thin(self.sizes) and len(members) < FEWEST:
            twice = self._measure_chunk(members.repeat(FEWEST), parts, probe=probe)
            return Measured(twice.values[:1], twice.status[:1])
        tensors = self._row.tensors(self._numbers[members.to(self._numbers.device)])
        depth, seeds = len(self.sizes) - 1, self._seed_index[members]
        weights, biases = [aligned(each) for each in tensors[:depth]], tensors[depth:]

        def outputs(x: Tensor) -> Tensor:
            return layered_outputs(weights, biases, x, activation=self._activation, loss=self._loss)

        with np.errstate(all="ignore"):
            values = losses_and_accuracies(self._data, parts, seeds, loss=self._loss, outputs=outputs)
            if probe:
                x, targets, classes = self._data.some("train", seeds, PROBE)
                y = classes if self._loss.linear_outputs else targets
                probed = layered_probe(
                    weights,
                    biases,
                    x,
                    y,
                    samples=min(PROBE.stop, self._data.samples["train"]),
                    activation=self._activation,
                    loss=self._loss,
                )
                values = torch.cat([values, probed], 1)
        return Measured(values, torch.full((len(members),), RUNNING))

    def _tensors(self, numbers: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        tensors = self._row.tensors(numbers)
        depth = len(self.sizes) - 1
        return tensors[:depth], [each.squeeze(2) for each in tensors[depth:]]


def _thin(sizes: Sequence[int]) -> bool:
    """Whether products of a single row are among those that fire a network, which takes two members at a time then."""
    return 1 in sizes[1:]


def _member_bytes(sizes: Sequence[int], batch: int, dtype: torch.dtype, *, controlled: bool) -> int:
    """Bytes of one member's buffers: parameters twice, inputs and targets, and three tensors a layer.

    A control rule makes new tensors at each step: at most seven in the place of each of the parameters (random feedback
    and what it is drawn in among them), inputs and targets three times, and five a layer.
    """
    batch = max(batch, FEWEST)
    held = list(sizes) if controlled else held_sizes(sizes, batch)
    neurons, ends = sum(held[1:]), held_neurons(held[0], samples=batch, pre=batch) + sizes[-1]
    learning = batch * (3 * ends + 5 * neurons if controlled else ends + sizes[-1] + 3 * neurons)
    at_once = max(learning, (FEWEST if _thin(sizes) else 1) * MEASURED_AT_ONCE * sum(sizes))
    return ((7 if controlled else 3) * layered_row(held).size + at_once) * dtype.itemsize
