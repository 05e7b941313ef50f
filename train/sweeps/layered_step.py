"""One learning step of many layered networks: the credit rule in buffers that are made once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from ..activations import Activation
from ..losses import Loss
from .alignment import FEWEST, at_least_two, held_neurons, held_sizes
from .in_place import LINEAR, in_place
from .parameters import ParameterRow, layered_row
from .safe_steps import SafeSteps

LARGEST_WEIGHT = 1e6


class LayeredStep:
    r"""Learning steps of layered networks side by side, without checks, temporaries or waiting for the device.

    With the neurons before the samples of a batch of B, for each member and with its learning rate r:

    .. math::
        X_l &= \sigma(W_l X_{l-1} + b_l) \\
        E_m &= \tfrac{r}{B} \, C_m * f(S_m), \quad E_l = (W_{l+1}^T E_{l+1}) * f(S_l) \\
        W_l &\leftarrow W_l + E_l X_{l-1}^T, \quad b_l \leftarrow b_l + E_l 1

    with the output clamp :math:`C_m = -dL/dX_m` and :math:`f = \sigma'`. These are equations 1 to 4 of Fan and Mysore
    2024 as :class:`~creditgraph.train.layered.LayeredNetwork` has them, but that the learning rate and the mean over
    the batch enter at the output clamp: credits are linear in it, so that they arrive at the synapses scaled. Where
    the outputs are linear, f = 1 there. The input neurons' credits, which change nothing, are left out.

    On the processor, with one thread, a member comes out the same to the bit whatever the members beside it: where
    sizes do not fill the processor's vectors, layers are held with more neurons, without synapses, biases or rates, and
    a batch of one sample has it twice (:mod:`.alignment`).

    Parameters
    ----------
    sizes
        Neurons of each layer, the input first.
    activation, loss
        Of all members.
    parameters
        Weights and biases, (members, numbers), as :func:`layered_row` has them, to start from.
    learning_rates
        r of each member, (members,).
    batch
        Samples a step.
    alive
        Which members learn, (members,), bool; by default all. The others stay as they are.
    largest_input
        Largest Euclidean norm of a sample. Where it is given, weights on the processor are changed in place and not
        looked at for as many steps as surely leave them within bounds (:mod:`.safe_steps`), with the same results.

    Attributes
    ----------
    alive
        Whether each member's weights and biases are still within bounds, (members,), bool. A step that would bring one
        beyond 1e6 in magnitude, or to NaN, is not made, and the member stays as it is from then on.
    made
        Steps made by each member, (members,), int64.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation,
        loss: Loss,
        *,
        parameters: Tensor,
        learning_rates: Tensor,
        batch: int,
        alive: Tensor | None = None,
        largest_input: float | None = None,
    ) -> None:
        members, self._depth, batch = len(parameters), len(sizes) - 1, max(batch, FEWEST)
        self._now = Blocks(sizes, parameters, batch=batch)
        self._next = Blocks(sizes, torch.zeros_like(parameters), batch=batch)
        new = parameters.new_zeros
        inputs = self._now.sizes[0]
        x = new(members, batch, held_neurons(inputs, samples=batch, pre=batch))[:, :, :inputs]
        targets = new(members, batch, sizes[-1])
        self._samples, self._targets = (x[:, :, : sizes[0]].flatten(0, 1), targets.flatten(0, 1)), targets.mT
        # all that is held of each layer, then the neurons that there are, and those that there are not
        self._rates = [x.mT, *(new(members, size, batch) for size in self._now.sizes[1:])]
        self._rates_transposed = [each.mT for each in self._rates]
        self._pre = [each[:, :size] for each, size in zip(self._rates, sizes, strict=True)]
        self._absent = [each[:, size:] for each, size in zip(self._rates, sizes, strict=True)]
        self._credits = [torch.zeros_like(each) for each in self._rates[1:]]
        self._post = [each[:, :size] for each, size in zip(self._credits, sizes[1:], strict=True)]
        self._scratch = [torch.zeros_like(each) for each in self._rates[1:]]
        self._predicted = new(members, sizes[-1], batch)
        last = LINEAR if loss.linear_outputs else in_place(activation)
        self._sigmas = [*[in_place(activation)] * (self._depth - 1), last]
        self._softmax = loss.linear_outputs
        self._scale = (learning_rates / batch).view(-1, 1, 1)
        self._extremes = new(2, len(self._now.flat), members)
        self._waits = parameters.device.type == "cpu"
        self._foresight: SafeSteps | None = None
        if self._waits and largest_input is not None:
            self._foresight = SafeSteps(
                sizes,
                batch=batch,
                activation=activation.name,
                softmax=self._softmax,
                largest_input=largest_input,
                largest_weight=LARGEST_WEIGHT,
            )
        self._largest_rate = float(learning_rates.max())
        self._safe, self._all_alive = 0, False
        self.alive = torch.ones(members, dtype=torch.bool, device=parameters.device) if alive is None else alive.clone()
        self.made = torch.zeros(members, dtype=torch.int64, device=parameters.device)

    @property
    def parameters(self) -> Tensor:
        """Weights and biases of each member, (members, numbers), a copy."""
        return self._now.rows()

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
        self._gather(inputs, targets, at_least_two(samples, len(self.alive)))
        self._fire()
        self._clamp()
        if not self._safe and self._all_alive and self._foresight is not None:
            self._safe = self._foreseen(self._foresight)
        if self._safe:
            self._assign_and_change(self._now)
            self._safe -= 1
            self.made += 1
        else:
            self._assign_and_change(self._next)
            self._keep()

    def _gather(self, inputs: Tensor, targets: Tensor, samples: Tensor) -> None:
        torch.index_select(inputs, 0, samples, out=self._samples[0])
        torch.index_select(targets, 0, samples, out=self._samples[1])

    def _fire(self) -> None:
        rates, now = self._rates, self._now
        for layer, sigma in enumerate(self._sigmas):
            torch.baddbmm(now.biases[layer], now.incoming[layer], self._pre[layer], out=rates[layer + 1])
            sigma.fire(rates[layer + 1])
            if self._absent[layer + 1].shape[1]:
                self._absent[layer + 1].zero_()

    def _clamp(self) -> None:
        outputs, clamp = self._pre[-1], self._post[-1]
        if self._softmax:
            outputs = torch.softmax(outputs, 1, out=self._predicted)
        torch.sub(self._targets, outputs, out=clamp)
        clamp.mul_(self._scale)

    def _assign_and_change(self, new: Blocks) -> None:
        """Write the weights after the step to blocks, which may be those that it begins from."""
        now = self._now
        for layer in reversed(range(self._depth)):
            credits = self._credits[layer]
            self._sigmas[layer].weigh(credits, self._rates[layer + 1], self._scratch[layer])
            torch.sum(credits, 2, keepdim=True, out=self._next.biases[layer])
            if layer > 0:
                torch.bmm(now.transposed[layer], self._post[layer], out=self._credits[layer - 1])
            torch.baddbmm(now.weights[layer], credits, self._rates_transposed[layer], out=new.weights[layer])
        torch.add(self._next.all_biases, now.all_biases, out=new.all_biases)

    def _foreseen(self, foresight: SafeSteps) -> int:
        """Steps that are surely safe for all members, from where they are."""
        weights, biases = (
            [float(torch.linalg.vector_norm(each.flatten(1), dim=1).max()) for each in kind]
            for kind in (self._now.weights, self._now.biases)
        )
        return foresight.count(weights, biases, self._largest_rate)

    def _keep(self) -> None:
        for block, highest, lowest in zip(self._next.flat, *self._extremes, strict=True):
            torch.amax(block, 1, out=highest)
            torch.amin(block, 1, out=lowest)
        # the largest magnitude is the highest value or minus the lowest; NaN goes through and compares as false
        self._extremes[1].neg_()
        self.alive &= self._extremes.amax((0, 1)) <= LARGEST_WEIGHT
        self.made += self.alive
        self._all_alive = self._waits and bool(self.alive.all())
        if self._all_alive:
            self._now, self._next = self._next, self._now
            return
        for new, old in zip(self._next.flat, self._now.flat, strict=True):
            torch.where(self.alive.unsqueeze(1), new, old, out=old)


class Blocks:
    """Weights and biases of members, each layer's in one piece, which is how matrix products of a batch want them.

    Parameters
    ----------
    sizes
        Neurons of each layer.
    rows
        What to fill them with, (members, numbers), as :func:`layered_row` has them.
    batch
        Samples a step.

    Attributes
    ----------
    sizes
        Neurons that are held of each layer; those beyond the given ones have weights and biases of 0.
    weights, incoming, transposed
        Of each layer, with held neurons (members, post, pre); from the given ones alone (members, post, pre); and,
        onto the given ones alone, (members, pre, post).
    biases, all_biases
        (members, post, 1) of each layer, and of all layers, (members, neurons).
    flat
        All of them, as tensors (members, numbers).
    """

    def __init__(self, sizes: Sequence[int], rows: Tensor, *, batch: int) -> None:
        members, self.sizes = len(rows), held_sizes(sizes, batch)
        self.weights = [rows.new_zeros(members, post, pre) for pre, post in itertools.pairwise(self.sizes)]
        self.all_biases = rows.new_zeros(members, sum(self.sizes[1:]))
        self.biases = [each.unsqueeze(2) for each in torch.split(self.all_biases, self.sizes[1:], dim=1)]
        self.flat = [*(each.flatten(1) for each in self.weights), self.all_biases]
        self.incoming = [each[:, :, :pre] for each, pre in zip(self.weights, sizes[:-1], strict=True)]
        self.transposed = [each.mT[:, :, :post] for each, post in zip(self.weights, sizes[1:], strict=True)]
        self._given = [
            *(each[:, :post] for each, post in zip(self.incoming, sizes[1:], strict=True)),
            *(each[:, :post] for each, post in zip(self.biases, sizes[1:], strict=True)),
        ]
        for given, values in zip(self._given, layered_row(sizes).tensors(rows), strict=True):
            given.copy_(values)

    def rows(self) -> Tensor:
        """The rows that they were filled with, as they are now, (members, numbers)."""
        return ParameterRow.rows(self._given)
