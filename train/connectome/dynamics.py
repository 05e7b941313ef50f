"""One iteration of algorithm 1, written in plain tensors for any device, and the state it works on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from ..activations import Activation
from ..members import sums_dtype
from ..pruning import smallest


@dataclass(frozen=True)
class Dynamics:
    """What is the same for all members of a simulation.

    Attributes
    ----------
    activation
        sigma; its derivative is the balance function f.
    clamp
        ``constant``: clamped credits are 1 before noise; ``identity``: they keep their value before noise.
    clamped
        Count of neurons whose credit is clamped, the first ones.
    self_synapses
        Whether a neuron may have a synapse onto itself.
    divergence
        Largest magnitude allowed for a weight, a rate or a credit.
    """

    activation: Activation
    clamp: str
    clamped: int
    self_synapses: bool
    divergence: float


@dataclass
class Population:
    """The state of all members; an engine advances it in place.

    Attributes
    ----------
    weights, rates, credits
        (members, n, n), (members, n), (members, n).
    learning_rates
        r of each member, (members,).
    pruned
        Count of entries pruned in each iteration, (members,), int64.
    seed_index
        Row of the noise that drives each member, (members,), int64.
    alive
        Whether a member has not diverged, (members,), bool.
    iterations
        Iterations done, (members,), int64.
    mean_balance
        Mean of f(s) over neurons in the last iteration done, (members,).
    """

    weights: Tensor
    rates: Tensor
    credits: Tensor
    learning_rates: Tensor
    pruned: Tensor
    seed_index: Tensor
    alive: Tensor
    iterations: Tensor
    mean_balance: Tensor

    def select(self, members: Tensor) -> Population:
        """Copy of the state of some members."""
        return Population(**{each.name: getattr(self, each.name)[members] for each in fields(self)})

    def put(self, members: Tensor, state: Population) -> None:
        """Write back the state of some members."""
        for each in fields(self):
            getattr(self, each.name)[members] = getattr(state, each.name)


@torch.no_grad()
def advance(population: Population, dynamics: Dynamics, noise: Tensor, steps: range, *, at_once: int) -> None:
    """Do some iterations with the members that are alive.

    Parameters
    ----------
    population
        The state, changed in place.
    dynamics
        What all members share.
    noise
        Noise of rates and of credits, (seeds, 2, any, n), or of both alike, (seeds, 1, any, n).
    steps
        Which of the noise drives the iterations, along its third axis.
    at_once
        Members to iterate together at most, see :func:`~creditgraph.train.connectome.memory.members_at_once`.
    """
    living = population.alive.nonzero()[:, 0]
    if len(living) == len(population.alive) <= at_once:
        for step in steps:
            iterate(population, dynamics, noise[:, :, step])
        return
    for members in torch.split(living, at_once):
        some = population.select(members)
        for step in steps:
            iterate(some, dynamics, noise[:, :, step])
        population.put(members, some)


def iterate(population: Population, dynamics: Dynamics, noise: Tensor) -> None:
    """One iteration of algorithm 1 of Fan and Mysore 2024.

    .. math::

        s = W x, x = sigma(s) + eps_x, c = J c + eps_c, W = W + r (c * f(s)) x^T

    with ``J = W^T diag(f(s))`` except for the clamped rows; then the smallest ``|w|`` become 0. A member with a value
    beyond bounds (before pruning) is left in the state it had and is no longer alive.

    Parameters
    ----------
    population
        The state, changed in place.
    dynamics
        What all members share.
    noise
        Noise of rates and of credits, (seeds, 2, n), or of both alike, (seeds, 1, n).
    """
    p = population
    s = torch.bmm(p.weights, p.rates.unsqueeze(2)).squeeze(2)
    balance = dynamics.activation.derivative(s)
    rates = dynamics.activation.function(s) + noise[p.seed_index, 0]
    credits = torch.bmm(p.weights.mT, (p.credits * balance).unsqueeze(2)).squeeze(2)
    clamped = slice(0, dynamics.clamped)
    credits[:, clamped] = 1 if dynamics.clamp == "constant" else p.credits[:, clamped]
    credits += noise[p.seed_index, -1]
    post = p.learning_rates.unsqueeze(1) * (credits * balance)
    weights = torch.addcmul(p.weights, post.unsqueeze(2), rates.unsqueeze(1))
    if not dynamics.self_synapses:
        weights.diagonal(dim1=1, dim2=2).zero_()
    for values in (rates, credits, weights):
        p.alive &= within_bounds(values, dynamics)
    weights.masked_fill_(smallest(weights.flatten(1), p.pruned).view(weights.shape), 0)
    p.weights.copy_(torch.where(p.alive[:, None, None], weights, p.weights))
    p.rates.copy_(torch.where(p.alive[:, None], rates, p.rates))
    p.credits.copy_(torch.where(p.alive[:, None], credits, p.credits))
    p.mean_balance.copy_(torch.where(p.alive, balance.mean(1), p.mean_balance))
    p.iterations += p.alive


def within_bounds(values: Tensor, dynamics: Dynamics) -> Tensor:
    """Whether all of each member's values are within bounds; NaN is not."""
    return (values.abs() <= dynamics.divergence).flatten(1).all(1)


def weight_sizes(weights: Tensor, *, at_once: int) -> tuple[Tensor, Tensor]:
    """Frobenius norm and mean magnitude of each member's weights, float64 where it can be.

    Parameters
    ----------
    weights
        (members, n, n).
    at_once
        Members to take together at most, which bounds the memory it takes.
    """
    dtype, norms, means = sums_dtype(weights.device), [], []
    for some in torch.split(weights.flatten(1), at_once):
        norms.append(torch.linalg.vector_norm(some, dim=1, dtype=dtype))
        means.append(some.abs().mean(1, dtype=dtype))
    return torch.cat(norms), torch.cat(means)


def imbalance(weights: Tensor, rates: Tensor, *, at_once: int) -> Tensor:
    """Mean E-I imbalance of each member's neurons, float64 where it can be; see :class:`ConnectomeResult`.

    Parameters
    ----------
    weights, rates
        (members, n, n), (members, n).
    at_once
        Members to take together at most, which bounds the memory it takes.
    """
    means, dtype = [], sums_dtype(weights.device)
    for w, x in zip(torch.split(weights, at_once), torch.split(rates, at_once), strict=True):
        inputs = w * x.unsqueeze(1)
        net = inputs.sum(2, dtype=dtype).abs()
        sizes = inputs.abs_().sum(2, dtype=dtype)
        means.append(torch.where(sizes > 0, net / sizes, 0.0).mean(1))
    return torch.cat(means)
