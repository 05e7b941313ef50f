"""Algorithm 1: networks driven by noise alone, wired by the credit rule, pruned each iteration."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, fraction, real_number, real_numbers, whole_number, whole_numbers
from . import connectome_compiled, connectome_dynamics
from .activations import activation as named_activation
from .connectome_dynamics import Dynamics, Population
from .members import as_real_tensor, float_dtype, usable_device
from .pruning import pruned_count

CLAMPS = ("constant", "identity")
NOISE_MODES = ("independent", "shared")
SELF_SYNAPSES = ("kept", "none")
ENGINES = ("auto", "compiled", "tensor")
NOISE_BLOCK = 64
RECORDS = 60
# Products of two such numbers are still finite in float32, so that what grows beyond is seen and never NaN.
LARGEST_OPTION = 1e18
RECORDED = ("iteration", "weight_norm", "mean_abs_weight", "rate_norm", "credit_norm", "mean_balance")


@dataclass(frozen=True)
class ConnectomeResult:
    """What a simulation leaves behind.

    Attributes
    ----------
    weights
        (members, n, n), ``W[m, post, pre]``: the last state within bounds, pruned.
    initial_weights
        The weights before the first iteration, of the same shape.
    members
        One row a member: learning_rate, pruning, seed, status (``completed`` or ``diverged``), iteration (iterations
        done within bounds).
    training
        One row a member and recorded iteration: learning_rate, pruning, seed, iteration, weight_norm (Frobenius),
        mean_abs_weight (over all n^2 entries), rate_norm, credit_norm (Euclidean), mean_balance (mean of f(s) over the
        neurons). A member's rows end where it diverged.
    """

    weights: Tensor
    initial_weights: Tensor
    members: pd.DataFrame
    training: pd.DataFrame


class ConnectomeSimulation:
    """Algorithm 1 of Fan and Mysore 2024 over learning rates x prunings x seeds, all members side by side.

    One iteration, in this order:

    .. math::

        s = W x; x = sigma(s) + eps_x; c = J c + eps_c, J = W^T diag(f(s)), clamped rows as set;
        W = W + r (c * f(s)) x^T; the k = round(p n^2) smallest |w| become 0

    with the balance function ``f = sigma'``. Initial weights and noise depend on a member's seed alone, so that members
    with one seed are paired across learning rates and prunings, whatever other members there are. A member with
    a weight, a rate or a credit that is not finite or beyond `divergence` is frozen at its last state within bounds and
    recorded as diverged; the others go on undisturbed.

    Parameters
    ----------
    n
        Count of neurons, all-to-all.
    learning_rates, pruning, seeds
        The sweep: rates r, fractions p, seeds. Members are their product in this order, seeds fastest.
    noise
        Standard deviation of eps_x and eps_c.
    initial_scale
        Standard deviation of the initial weights.
    activation
        Name of sigma, see :func:`activation`.
    clamp
        The rows of J that algorithm 1 fixes to a diagonal matrix. ``constant``: those credits are held at 1, then
        noise; ``identity``: they persist, and walk at random under noise.
    clamped_fraction
        Share of the neurons, the first ones, whose credit is clamped: ``round(share n)`` of them.
    noise_mode
        ``independent`` noise for rates and credits, or ``shared``: eps_c = eps_x.
    self_synapses
        ``kept``, or ``none``: the diagonal of W stays 0 (and counts among the pruned).
    dtype, device
        Of all tensors.
    divergence
        Largest magnitude allowed.
    engine
        ``compiled``, on the processor only, where it is by far the faster and a member is the same to the bit whatever
        the other members and the number of threads; ``tensor``, on any device, equal to rounding; ``auto`` takes the
        first where it can.

    Attributes
    ----------
    weights, rates, credits
        The state, (members, n, n), (members, n), (members, n). They may be set before a run, for all members or, shaped
        without the first axis, for each alike. Rates start at 0 and credits at 0, clamped credits at 1.
    keys
        (learning rate, pruning, seed) of each member.

    Raises
    ------
    OptionError
        If an option is unknown, of the wrong type or out of range.

    Notes
    -----
    The paper leaves open: both readings of `clamp`, of `noise_mode` and of `self_synapses`, the activation, the initial
    state, the values of all parameters, and the count and ties of pruning. The defaults are ours.

    Examples
    --------
    >>> simulation = ConnectomeSimulation(n=20, learning_rates=[0.01, 0.1], pruning=[0.8], seeds=[0])
    >>> result = simulation.run(iterations=10)
    >>> (result.weights == 0).sum((1, 2)).tolist()
    [320, 320]
    """

    def __init__(
        self,
        n: int = 300,
        *,
        learning_rates: Sequence[float],
        pruning: Sequence[float] = (0.8,),
        seeds: Sequence[int] = (0,),
        noise: float = 0.1,
        initial_scale: float = 0.01,
        activation: str = "tanh",
        clamp: str = "constant",
        clamped_fraction: float = 0.1,
        noise_mode: str = "independent",
        self_synapses: str = "kept",
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
        divergence: float = 1e6,
        engine: str = "auto",
    ) -> None:
        self.n = whole_number("n", n, minimum=1)
        learning_rates = real_numbers("learning_rates", learning_rates, 0.0, LARGEST_OPTION)
        pruning = real_numbers("pruning", pruning, 0.0, 1.0)
        self.seeds = whole_numbers("seeds", seeds, minimum=0)
        self.keys = list(itertools.product(learning_rates, pruning, self.seeds))
        self.noise = real_number("noise", noise, 0.0, LARGEST_OPTION)
        self.noise_mode = choice("noise_mode", noise_mode, NOISE_MODES)
        scale = real_number("initial_scale", initial_scale, 0.0, LARGEST_OPTION)
        self._dynamics = Dynamics(
            activation=named_activation(activation),
            clamp=choice("clamp", clamp, CLAMPS),
            clamped=round(fraction("clamped_fraction", clamped_fraction) * self.n),
            self_synapses=choice("self_synapses", self_synapses, SELF_SYNAPSES) == "kept",
            divergence=real_number("divergence", divergence, maximum=LARGEST_OPTION, above=0.0),
        )
        dtype, device = float_dtype(dtype), usable_device(device)
        self._engine = _engine(engine, device)
        members = len(self.keys)
        seed_index = torch.tensor([self.seeds.index(seed) for _, _, seed in self.keys], device=device)
        drawn = torch.stack([torch.from_numpy(_initial_weights(seed, self.n) * scale) for seed in self.seeds])
        self._population = Population(
            weights=drawn.to(device, dtype)[seed_index],
            rates=torch.zeros(members, self.n, dtype=dtype, device=device),
            credits=torch.zeros(members, self.n, dtype=dtype, device=device),
            learning_rates=torch.tensor([rate for rate, _, _ in self.keys], dtype=dtype, device=device),
            pruned=torch.tensor([pruned_count(p, self.n**2) for _, p, _ in self.keys], device=device),
            seed_index=seed_index,
            alive=torch.ones(members, dtype=torch.bool, device=device),
            iterations=torch.zeros(members, dtype=torch.int64, device=device),
            mean_balance=torch.zeros(members, dtype=dtype, device=device),
        )
        self._population.credits[:, : self._dynamics.clamped] = 1
        self._initial_weights: Tensor | None = None
        self._noise_block: tuple[int, Tensor] | None = None
        self._iteration = 0
        self._history: list[Tensor] = []

    @property
    def weights(self) -> Tensor:
        """Weights W[m, post, pre], (members, n, n)."""
        return self._population.weights

    @weights.setter
    def weights(self, values: Any) -> None:
        self._set("weights", values)

    @property
    def rates(self) -> Tensor:
        """Rates x, (members, n)."""
        return self._population.rates

    @rates.setter
    def rates(self, values: Any) -> None:
        self._set("rates", values)

    @property
    def credits(self) -> Tensor:
        """Credits c, (members, n)."""
        return self._population.credits

    @credits.setter
    def credits(self, values: Any) -> None:
        self._set("credits", values)

    def run(self, iterations: int = 1500, progress: Callable[[int, int], None] | None = None) -> ConnectomeResult:
        """Do some iterations; a second call goes on where the first ended, as if both had been one.

        Parameters
        ----------
        iterations
            Count of iterations, at least 1. About 60 of them, evenly spaced and with the first and the last, are
            recorded in the table of training.
        progress
            Called now and then with the iterations of this call that are done, and all of them.

        Raises
        ------
        OptionError
            If `iterations` is not a whole number of at least 1.
        DataError
            If the state that was set holds NaN, infinity, or magnitudes beyond `divergence`.
        """
        whole_number("iterations", iterations, minimum=1)
        self._check_state()
        if self._initial_weights is None:
            self._initial_weights = self.weights.clone()
        start = self._iteration
        for done in np.unique(np.linspace(1, iterations, RECORDS).round().astype(int)).tolist():
            self._advance_to(start + done)
            self._history.append(self._record())
            if progress is not None:
                progress(done, iterations)
        return ConnectomeResult(self.weights.clone(), self._initial_weights.clone(), self._members(), self._training())

    def _advance_to(self, iteration: int) -> None:
        while self._iteration < iteration:
            block, offset = divmod(self._iteration, NOISE_BLOCK)
            steps = min(iteration - self._iteration, NOISE_BLOCK - offset)
            self._engine.advance(self._population, self._dynamics, self._noise(block), range(offset, offset + steps))
            self._iteration += steps

    def _noise(self, block: int) -> Tensor:
        """Noise over the iterations of a block, of rates and of credits or of both alike: (seeds, 2 or 1, block, n)."""
        if self._noise_block is None or self._noise_block[0] != block:
            streams = 1 if self.noise_mode == "shared" else 2
            drawn = np.zeros((len(self.seeds), streams, NOISE_BLOCK, self.n), np.float32)
            if self.noise > 0:
                for seed, noise in zip(self.seeds, drawn, strict=True):
                    # float32 whatever the precision, so that both see the same noise
                    np.random.default_rng([seed, 1, block]).standard_normal(out=noise, dtype=np.float32)
                drawn *= self.noise
            self._noise_block = block, torch.from_numpy(drawn).to(self.weights)
        return self._noise_block[1]

    def _set(self, name: str, values: Any) -> None:
        current: Tensor = getattr(self._population, name)
        given = as_real_tensor(name, values, current)
        if given.shape not in (current.shape, current.shape[1:]):
            shapes = f"{tuple(current.shape)} or {tuple(current.shape[1:])}"
            raise DataError(f"{name}: got shape {tuple(given.shape)}, expected {shapes}")
        current.copy_(given)

    def _check_state(self) -> None:
        if not self._dynamics.self_synapses:
            self.weights.diagonal(dim1=1, dim2=2).zero_()
        largest = self._dynamics.divergence
        for name in ("weights", "rates", "credits"):
            if not bool((getattr(self, name).abs() <= largest).all()):
                raise DataError(f"{name}: some are NaN, infinite, or beyond the divergence limit of {largest:g}")

    def _record(self) -> Tensor:
        """A row for each member: whether it is alive, then iteration to mean_balance; (members, 7), float64."""
        state = self._population
        norm = torch.linalg.vector_norm
        columns = (
            state.alive,
            state.iterations,
            *self._engine.weight_sizes(state.weights),
            norm(state.rates, dim=1),
            norm(state.credits, dim=1),
            state.mean_balance,
        )
        return torch.stack([each.double() for each in columns], dim=1).cpu()

    def _training(self) -> pd.DataFrame:
        history = torch.stack(self._history, dim=1).numpy()
        records = history.shape[1]
        columns = {name: history[:, :, 1 + index].ravel() for index, name in enumerate(RECORDED)}
        table = self._key_columns().loc[np.repeat(np.arange(len(self.keys)), records)].assign(**columns)
        return table[history[:, :, 0].ravel() > 0].astype({"iteration": int}).reset_index(drop=True)

    def _members(self) -> pd.DataFrame:
        state = self._population
        status = ["completed" if alive else "diverged" for alive in state.alive.tolist()]
        return self._key_columns().assign(status=status, iteration=state.iterations.cpu().numpy())

    def _key_columns(self) -> pd.DataFrame:
        return pd.DataFrame(self.keys, columns=["learning_rate", "pruning", "seed"])


def _engine(name: str, device: torch.device) -> ModuleType:
    compiled = choice("engine", name, ENGINES) == "compiled" or (name == "auto" and device.type == "cpu")
    if compiled and device.type != "cpu":
        raise OptionError("engine", name, "tensor or auto", f"compiled runs on the processor, not on {device}")
    return connectome_compiled if compiled else connectome_dynamics


def _initial_weights(seed: int, n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng([seed, 0]).standard_normal((n, n))
