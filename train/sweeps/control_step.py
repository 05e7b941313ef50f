"""One learning step of many layered networks by a control rule, whatever that rule is."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from ..controls import ControlRule
from ..layered import LayeredNetwork
from .layered_step import LARGEST_WEIGHT
from .parameters import ParameterRow, layered_row


class ControlStep:
    r"""Learning steps of layered networks side by side, by a rule that takes the credit rule's place.

    With the update :math:`\Delta` that the rule computes at the weights W and biases b of each member on its own batch
    (a mean over the samples), and the member's learning rate r:

    .. math:: W \leftarrow W + r \, \Delta W, \quad b \leftarrow b + r \, \Delta b

    It has the attributes and methods of :class:`~creditgraph.train.sweeps.layered_step.LayeredStep`, but asks
    :meth:`~creditgraph.train.controls.ControlRule.update` for the change, with its checks and temporaries. (Ours.)

    Parameters
    ----------
    rule
        Any rule; it is asked for all members at once. What it draws for itself depends on its own seed and on the seed
        of each member alone.
    network
        A network with the sizes, activation and loss of all members; it is left alone.
    seeds
        Seed of each member.
    parameters
        Weights and biases, (members, numbers), as :func:`layered_row` has them, to start from.
    learning_rates
        r of each member, (members,).
    alive
        Which members learn, (members,), bool; by default all. The others stay as they are.

    Attributes
    ----------
    alive
        Whether each member's weights and biases are still within bounds, (members,), bool. A step that would bring one
        beyond 1e6 in magnitude, or to NaN, is not made, and the member stays as it is from then on.
    made
        Steps made by each member, (members,), int64.

    Notes
    -----
    A member comes out the same whatever the other members up to rounding: within 1e-5 of its norm in float32, 1e-12 in
    float64. It is not the same to the bit, since the products of a batch of matrices depend in their last bits on how
    the matrices lie in memory. The same members from the same parameters do come out the same to the bit on the
    processor.
    """

    def __init__(
        self,
        rule: ControlRule,
        network: LayeredNetwork,
        *,
        seeds: Sequence[int],
        parameters: Tensor,
        learning_rates: Tensor,
        alive: Tensor | None = None,
    ) -> None:
        members, self._depth = len(parameters), len(network.sizes) - 1
        # products depend in their last bits on where numbers lie in memory: each tensor begins in a piece of its own
        views = layered_row(network.sizes).tensors(parameters)
        tensors = [each.clone(memory_format=torch.contiguous_format) for each in views]
        self._rule = rule
        # a copy shares the activation and the loss; to make one anew would draw initial weights for nothing
        self._network = copy.copy(network)
        self._network.members, self._network.seeds = members, list(seeds)
        self._take([*tensors[: self._depth], *(each.squeeze(2) for each in tensors[self._depth :])])
        self._learning_rates = learning_rates
        self.alive = torch.ones(members, dtype=torch.bool, device=parameters.device) if alive is None else alive.clone()
        self.made = torch.zeros(members, dtype=torch.int64, device=parameters.device)

    @property
    def parameters(self) -> Tensor:
        """Weights and biases of each member, (members, numbers), a copy."""
        return ParameterRow.rows(self._tensors())

    @torch.no_grad()
    def learn(self, inputs: Tensor, targets: Tensor, samples: Tensor) -> None:
        """One step of all members.

        Parameters
        ----------
        inputs, targets
            Samples of all seeds, (any, n_in), and their classes in one-hot code, (any, n_out).
        samples
            Rows of them that make the batches, (members * batch,), members slowest.
        """
        network = self._network
        x, y = (each[samples].view(network.members, -1, each.shape[1]) for each in (inputs, targets))
        update = self._rule.update(network, x, y.argmax(-1) if network.loss.linear_outputs else y)
        old = self._tensors()
        new = [
            torch.addcmul(values, change, self._per_member(self._learning_rates, values))
            for values, change in zip(old, [*update.weights, *update.biases], strict=True)
        ]
        # NaN goes through both maxima and compares as false
        largest = torch.stack([each.flatten(1).abs().amax(1) for each in new]).amax(0)
        self.alive &= largest <= LARGEST_WEIGHT
        self.made += self.alive
        self._take([torch.where(self._per_member(self.alive, n), n, o) for n, o in zip(new, old, strict=True)])

    def _tensors(self) -> list[Tensor]:
        return [*self._network.weights, *self._network.biases]

    def _take(self, tensors: Sequence[Tensor]) -> None:
        self._network.weights, self._network.biases = list(tensors[: self._depth]), list(tensors[self._depth :])

    @staticmethod
    def _per_member(numbers: Tensor, like: Tensor) -> Tensor:
        return numbers.view(-1, *(1,) * (like.ndim - 1))
