"""Recurrent networks trained with the credit rule over learning rates x seeds, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...guard import whole_number
from ..members import float_dtype, usable_device
from ..recurrent import RecurrentNetwork
from .alignment import FEWEST, held_neurons
from .data import SweepData, TaskSource
from .layered_step import LARGEST_WEIGHT
from .measuring import MEASURED_AT_ONCE, PROBE, imbalance, losses_and_accuracies, probe_means
from .memory import memory_left, sweep_need
from .parameters import ParameterRow
from .recurrent_dynamics import RecurrentDynamics, RecurrentStep
from .sweep import DIVERGED, NO_EQUILIBRIUM, RUNNING, Measured, Sweep, Trained, sweep_keys
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
    A member comes out the same to the bit on the processor whatever the other members, the memory and the number of
    threads. Equilibria are always sought from 0, never from those of an earlier step: where there are several, which
    one is found must not depend on the order of the batches.

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
        memory: int | str | None = None,
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
        held = held_neurons(hidden + data.outputs, samples=max(batch_size, FEWEST), pre=data.features, recurrent=True)
        n = data.features + hidden + data.outputs
        row = ParameterRow(((n, n), (n, 1)))
        at_once = max(batch_size, MEASURED_AT_ONCE) * 9 * (data.features + held)
        need = sweep_need(
            numbers=row.size,
            snapshots=timetable.taken,
            member_bytes=(2 * row.size + 4 * held * (data.features + held) + at_once) * dtype.itemsize,
            data_bytes=data.bytes,
            seeds=len(seeds),
            dtype=dtype,
            device=device,
        )
        free = memory_left(need, numbers=row.size, members=len(keys), seeds=len(seeds), memory=memory, device=device)
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
        self._absent = held - (start.n - start.inputs)
        self._synapses = self._among_held(start.mask.unsqueeze(0).to(dtype))[0]
        super().__init__(
            keys,
            data,
            timetable,
            row=row,
            initial=ParameterRow.rows([start.weights, start.biases]),
            need=need,
            free=free,
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

    def _among_held(self, weights: Tensor) -> Tensor:
        """Weights (members, n, n) onto the hidden and output neurons, and before these onto neurons that there are not.

        These have no synapses and no biases; they only make members lie alike in memory (:mod:`.alignment`).
        """
        inputs, absent = self.inputs, self._absent
        free = weights.shape[1] - inputs
        held = weights.new_zeros(len(weights), absent + free, inputs + absent + free)
        held[:, absent:, :inputs] = weights[:, inputs:, :inputs]
        held[:, absent:, inputs + absent :] = weights[:, inputs:, inputs:]
        return held

    def _held_parameters(self, members: Tensor) -> tuple[Tensor, Tensor]:
        """Weights and biases of some members as :meth:`_among_held` has them."""
        weights, biases = self._row.tensors(self._numbers[members.to(self._numbers.device)])
        thresholds = functional.pad(biases[:, self.inputs :], (0, 0, self._absent, 0))
        return self._among_held(weights), thresholds

    def _train_chunk(self, members: Tensor, steps: range) -> Trained:
        chosen = members.to(self._numbers.device)
        held_weights, held_biases = self._held_parameters(members)
        status = torch.from_numpy(self._status[members.numpy()]).to(self._numbers.device)
        step = RecurrentStep(
            self._dynamics,
            self._synapses,
            weights=held_weights,
            biases=held_biases,
            learning_rates=self._learning_rates[chosen],
            largest=LARGEST_WEIGHT,
            settled=status != NO_EQUILIBRIUM,
            bounded=status != DIVERGED,
        )
        with np.errstate(all="ignore"):
            for samples in self._data.batches(self._seed_index[members], steps):
                step.learn(self._data.inputs, self._data.targets, samples)
        numbers, inputs, absent = self._numbers[chosen], self.inputs, self._absent
        weights, biases = self._row.tensors(numbers)
        weights[:, inputs:, :inputs] = step.weights[:, absent:, :inputs]
        weights[:, inputs:, inputs:] = step.weights[:, absent:, inputs + absent :]
        biases[:, inputs:] = step.biases[:, absent:]
        return Trained(numbers, _status(step.settled, step.bounded), step.made)

    @torch.no_grad()
    def _measure_chunk(self, members: Tensor, parts: Sequence[str], *, probe: bool) -> Measured:
        weights, biases = self._held_parameters(members)
        dynamics, seeds = self._dynamics, self._seed_index[members]
        settled = torch.ones(len(members), dtype=torch.bool, device=weights.device)

        def outputs(x: Tensor) -> Tensor:
            fired = dynamics.fire(weights, biases, x.mT)
            settled.logical_and_(fired.settled)
            return fired.rates[:, -dynamics.outputs :].mT

        with np.errstate(all="ignore"):
            values = losses_and_accuracies(self._data, parts, seeds, loss=dynamics.loss, outputs=outputs)
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
        watched = slice(self._absent, self._absent + self.hidden if self.hidden else None)
        own = slice(0, self._data.samples["train"])
        probed = probe_means(*([each[:, watched, own]] for each in (uneven, fired.balances, credits)))
        return probed, settled & fired.settled

    def _tensors(self, numbers: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        weights, biases = self._row.tensors(numbers)
        return [weights], [biases.squeeze(2)]


def _status(settled: Tensor, bounded: Tensor) -> Tensor:
    return torch.where(settled, torch.where(bounded, RUNNING, DIVERGED), NO_EQUILIBRIUM)
