"""The three timescales of recurrent networks side by side, neurons before samples, as a sweep runs them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..activations import Activation
from ..losses import Loss
from .alignment import aligned, at_least_two
from .in_place import in_place
from .settling import settle


@dataclass(frozen=True)
class Equilibrium:
    """Rates of the hidden and output neurons of some members, and what the credits need of them.

    Attributes
    ----------
    rates
        x, (members, free neurons, samples).
    balances
        f(s), likewise.
    settled
        Whether all samples of a member have an equilibrium, (members,), bool.
    """

    rates: Tensor
    balances: Tensor
    settled: Tensor


@dataclass(frozen=True)
class RecurrentDynamics:
    """What all members share: the rule of :class:`~creditgraph.train.recurrent.RecurrentNetwork` by plain iteration.

    Attributes
    ----------
    inputs, outputs
        Counts of neurons.
    activation, loss
        Of all members.
    clamped
        Whether the outputs' credits are held (``clamp``) or receive on top (``inject``).
    tolerance, max_steps
        Of the equilibria.
    """

    inputs: int
    outputs: int
    activation: Activation
    loss: Loss
    clamped: bool
    tolerance: float
    max_steps: int

    def fire(self, weights: Tensor, biases: Tensor, x: Tensor) -> Equilibrium:
        """Equation 1, x = sigma(W x + b), from rates of 0.

        Parameters
        ----------
        weights, biases
            Onto the hidden and output neurons, (members, free, n) and (members, free, 1).
        x
            Clamped rates of the input neurons, (members, inputs, samples).
        """
        drive = torch.baddbmm(biases, weights[:, :, : self.inputs], x)
        among = weights[:, :, self.inputs :].contiguous()
        sigma = in_place(self.activation)
        nonlinear = slice(0, -self.outputs if self.loss.linear_outputs else None)

        def step(state: Tensor, new: Tensor, drive: Tensor, among: Tensor) -> Tensor:
            torch.baddbmm(drive, among, state, out=new)
            sigma.fire(new[:, nonlinear])
            return new

        rates, settled = settle(step, (drive, among), tolerance=self.tolerance, max_steps=self.max_steps, floor=1.0)
        balances = torch.ones_like(rates)
        hidden = rates[:, nonlinear]
        sigma.weigh(balances[:, nonlinear], hidden, torch.empty_like(hidden))
        return Equilibrium(rates, balances, settled)

    def assign_credit(self, weights: Tensor, fired: Equilibrium, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Equations 2 and 3, c = J c + e with J = W^T diag(f), from credits of 0.

        Parameters
        ----------
        weights
            As for :meth:`fire`.
        fired
            What that returned.
        targets
            One-hot classes, (members, outputs, samples).

        Returns
        -------
        tuple
            Credits (members, free, samples), and whether all samples of a member have an equilibrium.
        """
        among = weights[:, :, self.inputs :].clone()
        if self.clamped:
            # a held credit is one that nothing is sent back to
            among[:, :, -self.outputs :] = 0
        outputs = fired.rates[:, -self.outputs :]
        injected = torch.zeros_like(fired.rates)
        injected[:, -self.outputs :] = targets - (outputs.softmax(1) if self.loss.linear_outputs else outputs)

        def step(state: Tensor, new: Tensor, injected: Tensor, back: Tensor, balances: Tensor) -> Tensor:
            return torch.baddbmm(injected, back, state * balances, out=new)

        return settle(
            step,
            (injected, among.mT.contiguous(), fired.balances),
            tolerance=self.tolerance,
            max_steps=self.max_steps,
            floor=torch.finfo(injected.dtype).tiny,
        )


class RecurrentStep:
    """Learning steps of recurrent networks side by side.

    Parameters
    ----------
    dynamics
        What all members share.
    mask
        Where synapses onto hidden and output neurons are, (free, n).
    weights, biases
        Onto the hidden and output neurons, (members, free, n) and (members, free, 1); changed in place.
    learning_rates
        r of each member, (members,).
    largest
        Magnitude beyond which a weight or bias has diverged.
    settled, bounded
        The attributes of these names at the start; by default all true.

    Attributes
    ----------
    settled, bounded
        Whether each member has had an equilibrium, and weights within bounds, in all its steps, (members,), bool. A
        step in which either fails is not made, and the member is left alone from then on.
    made
        Steps made by each member, (members,), int64.
    """

    def __init__(
        self,
        dynamics: RecurrentDynamics,
        mask: Tensor,
        *,
        weights: Tensor,
        biases: Tensor,
        learning_rates: Tensor,
        largest: float,
        settled: Tensor | None = None,
        bounded: Tensor | None = None,
    ) -> None:
        self._dynamics, self._mask, self._largest = dynamics, mask.to(weights.dtype), largest
        self.weights, self.biases, self._learning_rates = weights, biases, learning_rates
        every = torch.ones(len(weights), dtype=torch.bool, device=weights.device)
        self.settled, self.bounded = ((every if each is None else each).clone() for each in (settled, bounded))
        self.made = torch.zeros(len(weights), dtype=torch.int64, device=weights.device)

    @torch.no_grad()
    def learn(self, inputs: Tensor, targets: Tensor, samples: Tensor) -> None:
        """One step of all members, as :meth:`~creditgraph.train.sweeps.layered_step.LayeredStep.learn` takes it."""
        living = (self.settled & self.bounded).nonzero().squeeze(1)
        if not len(living):
            return
        rows = at_least_two(samples, len(self.weights)).view(len(self.weights), -1)[living]
        x, y = aligned(inputs[rows]).mT, targets[rows].mT
        weights, biases = self.weights[living], self.biases[living]
        fired = self._dynamics.fire(weights, biases, x)
        credits, credited = self._dynamics.assign_credit(weights, fired, y)
        # the learning rate and the mean over the batch are taken on the credits: they are fewer than the synapses
        effective = credits.mul_(fired.balances).mul_((self._learning_rates[living] / x.shape[2]).view(-1, 1, 1))
        rates = aligned(torch.cat([x, fired.rates], 1))
        new_weights = torch.baddbmm(weights, effective, rates.mT).mul_(self._mask)
        new_biases = biases + effective.sum(2, keepdim=True)
        settled = fired.settled & credited
        extremes = [each.flatten(1).abs().amax(1) for each in (new_weights, new_biases)]
        # NaN compares as false
        bounded = (extremes[0] <= self._largest) & (extremes[1] <= self._largest)
        made = living[settled & bounded]
        self.weights[made], self.biases[made] = new_weights[settled & bounded], new_biases[settled & bounded]
        self.made[made] += 1
        self.settled[living] = settled
        # without an equilibrium nothing is said of the weights
        self.bounded[living] = bounded | ~settled
