"""Recurrent networks trained with the credit rule over learning rates x seeds, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...guard import whole_number
from ..members import float_dtype, usable_device
from ..recurrent import RecurrentNetwork
from .data import SweepData, TaskSource
from .layered_measure import imbalance, probe_means
from .layered_step import LARGEST_WEIGHT
from .parameters import ParameterRow
from .recurrent_dynamics import RecurrentDynamics, RecurrentStep
from .sweep import DIVERGED, MEASURED_AT_ONCE, NO_EQUILIBRIUM, PROBE, RUNNING, Measured, Sweep, Trained, sweep_keys
from .timetable import SNAPSHOTS, Timetable


class RecurrentSweep(Sweep):
    """Train one recurrent network for each learning rate and seed, side by side.

    Each step is that of :meth:`RecurrentNetwork.learn` by plain iteration: rates from 0 to rest, credits from 0 to
    rest, plasticity. Members are iterated together and leave as they settle. A member with a sample that finds no
    equilibrium of rates or credits, while it learns or while it is measured, is frozen at its last state and recorded
    as ``no_equilibrium``; one whose weights would exceed 1e6 in magnitude, as ``diverged``. The others go on
    undisturbed.

    Parameters
    ----------
    task
        Name of a task, see :func:`load_task`, or a function that returns the :class:`Task` of a seed.
    hidden
        Count of hidden neurons.
    learning_rates, seeds
        The sweep; members are ordered learning rate first, seed fastest, and paired by seed.
    epochs, batch_size, test_fraction, task_options, snapshots, matched_losses, evaluate_every, memory, dtype, device
        As in :class:`LayeredSweep`.
    activation, loss, credit, mask, mask_options, gain, tolerance, max_steps
        As in :class:`RecurrentNetwork`. A named mask is the same for all members.

    Raises
    ------
    OptionError
        If an option is impossible, or there is not enough memory.
    DataError
        If the tasks of the seeds do not fit together, or the mask does not fit the neurons.

    Notes
    -----
    Equilibria are always sought from 0, never from those of an earlier step: where there are several, which one is
    found must not depend on the order of the batches.

    Examples
    --------
    >>> sweep = RecurrentSweep("parity", hidden=6, learning_rates=[0.1], seeds=[0, 1], epochs=1, batch_size=32)
    >>> result = sweep.run()
    >>> result.members["status"].tolist(), result.weights[0].shape
    (['completed', 'completed'], torch.Size([2, 18, 18]))
    """

    def __init__(
        self,
        task: TaskSource = "digits",
        *,
        hidden: int = 64,
        learning_rates: Sequence[float],
        seeds: Sequence[int],
        epochs: int = 20,
        batch_size: int = 64,
        activation: str = "tanh",
        loss: str = "cross_entropy",
        credit: str = "inject",
        mask: Any = "all_to_all",
        mask_options: Mapping[str, Any] | None = None,
        gain: float = 0.5,
        tolerance: float | None = None,
        max_steps: int = 1000,
        test_fraction: float = 0.2,
        task_options: Mapping[str, Any] | None = None,
        snapshots: int | Sequence[int] = SNAPSHOTS,
        matched_losses: Sequence[float] = (),
        evaluate_every: int | None = None,
        memory: int | None = None,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        keys, seeds = sweep_keys(learning_rates, seeds)
        hidden, dtype = whole_number("hidden", hidden, 0), float_dtype(dtype)
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
        start = RecurrentNetwork(
            data.features,
            hidden,
            data.outputs,
            activation=activation,
            loss=loss,
            credit=credit,
            mask=mask,
            mask_options=mask_options,
            members=len(seeds),
            seed=seeds,
            dtype=dtype,
            device=device,
            gain=gain,
            tolerance=tolerance,
            max_steps=max_steps,
        )
        self.mask, self.inputs, self.hidden, self.n = start.mask, start.inputs, hidden, start.n
        self._dynamics = RecurrentDynamics(
            inputs=start.inputs,
            outputs=start.outputs,
            activation=start.activation,
            loss=start.loss,
            clamped=start.credit == "clamp",
            tolerance=start.tolerance,
            max_steps=start.max_steps,
        )
        row = ParameterRow(((start.n, start.n), (start.n, 1)))
        at_once = max(batch_size, MEASURED_AT_ONCE) * 9 * start.n
        super().__init__(
            keys,
            data,
            timetable,
            row=row,
            initial=ParameterRow.rows([start.weights, start.biases]),
            member_bytes=(5 * row.size + at_once) * dtype.itemsize,
            memory=memory,
            parameters={
                "inputs": start.inputs,
                "hidden": hidden,
                "outputs": start.outputs,
                "activation": activation,
                "loss": loss,
                "credit": credit,
                "synapses": [int(each) for each in np.packbits(start.mask.cpu().numpy())],
                "gain": start.gain,
                "tolerance": start.tolerance,
                "max_steps": start.max_steps,
                "dtype": str(dtype),
            },
        )

    def _train_chunk(self, members: Tensor, steps: range) -> Trained:
        chosen = members.to(self._numbers.device)
        numbers = self._numbers[chosen]
        weights, biases = self._row.tensors(numbers)
        step = RecurrentStep(
            self._dynamics,
            self.mask[self.inputs :],
            weights=weights[:, self.inputs :].contiguous(),
            biases=biases[:, self.inputs :].contiguous(),
            learning_rates=self._learning_rates[chosen],
            largest=LARGEST_WEIGHT,
        )
        inputs, targets = self._data.inputs["train"], self._data.targets["train"]
        with np.errstate(all="ignore"):
            for samples in self._data.batches(self._seed_index[members], steps):
                step.learn(inputs, targets, samples)
        weights[:, self.inputs :], biases[:, self.inputs :] = step.weights, step.biases
        return Trained(numbers, _status(step.settled, step.bounded), step.made)

    @torch.no_grad()
    def _measure_chunk(self, members: Tensor, parts: Sequence[str], *, probe: bool) -> Measured:
        weights, biases = self._row.tensors(self._numbers[members.to(self._numbers.device)])
        weights, biases = weights[:, self.inputs :].contiguous(), biases[:, self.inputs :].contiguous()
        dynamics, seeds = self._dynamics, self._seed_index[members]
        settled = torch.ones(len(members), dtype=torch.bool, device=weights.device)
        columns = []
        with np.errstate(all="ignore"):
            for part in parts:
                samples = self._data.samples[part]
                loss = correct = torch.zeros(len(members), dtype=torch.float64, device=weights.device)
                for first in range(0, samples, MEASURED_AT_ONCE):
                    x, targets, classes = self._data.some(part, seeds, slice(first, first + MEASURED_AT_ONCE))
                    fired = dynamics.fire(weights, biases, x.mT)
                    settled &= fired.settled
                    outputs = fired.rates[:, -dynamics.outputs :].mT
                    y = classes if dynamics.loss.linear_outputs else targets
                    loss = loss + dynamics.loss.value(outputs, y).sum(1, dtype=torch.float64)
                    correct = correct + (outputs.argmax(-1) == classes).sum(1)
                columns.extend([loss / samples, correct / samples])
            values = torch.stack(columns, 1)
            if probe:
                probed, found = self._probe(weights, biases, seeds)
                values, settled = torch.cat([values, probed], 1), settled & found
        return Measured(values, _status(settled, torch.ones_like(settled)))

    def _probe(self, weights: Tensor, biases: Tensor, seeds: Tensor) -> tuple[Tensor, Tensor]:
        """Imbalance, mean balance and credit norm of the hidden neurons, (members, 3), and who has an equilibrium."""
        x, targets, _ = self._data.some("train", seeds, PROBE)
        fired = self._dynamics.fire(weights, biases, x.mT)
        credits, settled = self._dynamics.assign_credit(weights, fired, targets.mT)
        rates = torch.cat([x.mT, fired.rates], 1)
        net = torch.baddbmm(biases, weights, rates)
        uneven = imbalance(net, torch.baddbmm(biases.abs(), weights.abs(), rates.abs()))
        watched = slice(0, self.hidden or None)
        probed = probe_means([uneven[:, watched]], [fired.balances[:, watched]], [credits[:, watched]])
        return probed, settled & fired.settled

    def _tensors(self, numbers: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        weights, biases = self._row.tensors(numbers)
        return [weights], [biases.squeeze(2)]


def _status(settled: Tensor, bounded: Tensor) -> Tensor:
    return torch.where(settled, torch.where(bounded, RUNNING, DIVERGED), NO_EQUILIBRIUM)
