"""Algorithm 1: networks driven by noise alone, wired by the credit rule, pruned each iteration."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, fraction, real_number, real_numbers, whole_number, whole_numbers
from . import connectome_compiled, connectome_dynamics
from .activations import activation as named_activation
from .connectome_dynamics import Dynamics, Population
from .connectome_memory import members_at_once
from .connectome_records import (
    RECORDED,
    ConnectomeResult,
    members_table,
    record,
    recorded_iterations,
    training_table,
)
from .members import as_real_tensor, float_dtype, usable_device
from .pruning import pruned_count
from .sweeps.result import SweepSummary
from .sweeps.timetable import Timetable

CLAMPS = ("constant", "identity")
NOISE_MODES = ("independent", "shared")
SELF_SYNAPSES = ("kept", "none")
ENGINES = ("auto", "compiled", "tensor")
NOISE_BLOCK = 64
# Products of two such numbers are still finite in float32, so that what grows beyond is seen and never NaN.
LARGEST_OPTION = 1e18
# What changes as the simulation goes on; learning rates, counts and seeds stay as they were made.
STATE = ("weights", "rates", "credits", "alive", "iterations", "mean_balance")


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
    iterations
        Iterations planned, at least 1: ``steps_total`` of :meth:`advance`.
    snapshots
        Weights to keep on the way: after these iterations, or so many of them, evenly spaced in the logarithm of the
        iteration over those planned, with the first state (iteration 0) and the last. None by default: each is as large
        as the weights themselves.
    memory
        Bytes that weights and temporary tensors may take on the device; by default half of what is free. The tensor
        engine takes as many members at a time as fit.

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
        If an option is unknown, of the wrong type or out of range, or there is not enough memory.

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
        iterations: int = 1500,
        snapshots: int | Sequence[int] = 0,
        memory: int | None = None,
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
        dtype = float_dtype(dtype)
        device = usable_device(device, dtype)
        self._engine = _engine(engine, device)
        members = len(self.keys)
        self._course = 0, whole_number("iterations", iterations, minimum=1)
        plan = Timetable(epochs=1, steps_per_epoch=self.steps_total, snapshots=snapshots)
        self._snapshot_steps = plan.snapshot_steps
        self._at_once = members_at_once(
            n=self.n,
            members=members,
            seeds=len(self.seeds),
            snapshots=plan.taken,
            compiled=self._engine is connectome_compiled,
            dtype=dtype,
            device=device,
            memory=memory,
        )
        self._advance = (
            connectome_compiled.advance
            if self._engine is connectome_compiled
            else partial(connectome_dynamics.advance, at_once=self._at_once)
        )
        seed_index = torch.tensor([self.seeds.index(seed) for _, _, seed in self.keys], device=device)
        # to their precision on the processor: not every device has double precision
        drawn = torch.stack([torch.from_numpy(_initial_weights(seed, self.n) * scale).to(dtype) for seed in self.seeds])
        self._population = Population(
            weights=drawn.to(device)[seed_index],
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
        self._noise_block: tuple[int, Tensor] | None = None
        self._iteration = 0
        self._initial_weights: Tensor | None = None
        self._history: list[npt.NDArray[np.float64]] = []
        self._snapshots: dict[int, Tensor] = {}

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

    @property
    def steps_done(self) -> int:
        """Iterations done."""
        return self._iteration

    @property
    def steps_total(self) -> int:
        """Iterations planned, those done among them."""
        return self._course[1]

    def run(
        self, iterations: int | None = None, progress: Callable[[int, int], None] | None = None
    ) -> ConnectomeResult:
        """Do some iterations; a second call goes on where the first ended, as if both had been one.

        Parameters
        ----------
        iterations
            Count of iterations, at least 1; by default those that are left of the planned ones. About 60 of them,
            evenly spaced and with the first and the last, are recorded in the table of training.
        progress
            Called now and then with the iterations of this call that are done, and all of them.

        Raises
        ------
        OptionError
            If `iterations` is not a whole number of at least 1.
        DataError
            If the state that was set holds NaN, infinity, or magnitudes beyond `divergence`.
        """
        if iterations is not None:
            self._course = self._iteration, self._iteration + whole_number("iterations", iterations, minimum=1)
        start = self._iteration
        # once, not at every record: it passes over all weights
        self._set_out()
        for stop in [each for each in recorded_iterations(*self._course) if each > start]:
            self._record_until(stop)
            if progress is not None:
                progress(stop - start, self.steps_total - start)
        return self.result()

    def advance(self, steps: int) -> None:
        """Do so many more iterations, or those that are left of the planned ones if these are fewer.

        Raises
        ------
        OptionError
            If `steps` is not a whole number of at least 0.
        DataError
            If the state that was set holds NaN, infinity, or magnitudes beyond `divergence`.
        """
        end = min(self._iteration + whole_number("steps", steps, minimum=0), self.steps_total)
        self._set_out()
        self._record_until(end)

    def _record_until(self, end: int) -> None:
        """Do iterations up to `end`, with the records and snapshots that fall on the way."""
        records, snapshots = set(recorded_iterations(*self._course)), self._snapshot_steps
        for stop in sorted({end} | {each for each in records.union(snapshots) if self._iteration < each < end}):
            done = self._iteration
            self._advance_to(stop)
            if stop > done and stop in records:
                sizes = self._engine.weight_sizes(self.weights)
                self._history.append(record(self._population, sizes, self._engine.imbalance(self.weights, self.rates)))
            if stop in snapshots and stop not in self._snapshots:
                self._snapshots[stop] = self.weights.cpu().clone()

    def result(self) -> ConnectomeResult:
        """What the simulation leaves behind so far."""
        initial = self._set_out()
        return ConnectomeResult(
            weights=self.weights.clone(),
            initial_weights=initial.clone(),
            members=members_table(self.keys, self._population),
            training=training_table(self.keys, self._recorded()),
            snapshots=self._kept(),
            snapshot_steps=list(self._snapshots),
        )

    def summary(self) -> SweepSummary:
        """Where the simulation stands."""
        return SweepSummary(int(self._population.alive.sum()), len(self.keys), None, None)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that the rest of the simulation depends on, and all that is recorded, as numeric arrays.

        A simulation made with the same options that takes it up by :meth:`restore` goes on to the same result, to the
        bit on a processor.
        """
        initial = self._set_out()
        changing = {name: getattr(self._population, name).cpu().numpy().copy() for name in STATE}
        return changing | {
            "keys": np.array(self.keys, np.float64),
            "course": np.array([self._iteration, *self._course], np.int64),
            "initial_weights": initial.cpu().numpy().copy(),
            "history": self._recorded(),
            "snapshots": self._kept().numpy(),
            "snapshots_taken": np.array(list(self._snapshots), np.int64),
        }

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up a state that :meth:`state` gave, of a simulation made with the same options.

        Raises
        ------
        DataError
            If it is that of another simulation.
        """
        expected = self.state()
        open_ended = {"history": 1, "snapshots": 1, "snapshots_taken": 1}
        if state.keys() != expected.keys():
            raise DataError("state: not that of a simulation of algorithm 1")
        for name, now in expected.items():
            given, free = state[name], open_ended.get(name, 0)
            if given.dtype != now.dtype or given.ndim != now.ndim or given.shape[free:] != now.shape[free:]:
                raise DataError(
                    f"state: {name} has shape {given.shape} of {given.dtype}, expected {now.shape} of {now.dtype}; it "
                    "is that of another simulation"
                )
        if not np.array_equal(state["keys"], expected["keys"]):
            raise DataError("state: it is that of other learning rates, prunings or seeds")
        for name in STATE:
            getattr(self._population, name).copy_(torch.from_numpy(state[name]))
        self._iteration, first, last = state["course"].tolist()
        self._course = first, last
        self._initial_weights = torch.from_numpy(state["initial_weights"].copy()).to(self.weights)
        self._history = list(state["history"].copy())
        kept = torch.from_numpy(state["snapshots"].copy())
        self._snapshots = dict(zip(state["snapshots_taken"].tolist(), kept, strict=True))

    def _set_out(self) -> Tensor:
        """Check a state that may have been set, and before the first iteration keep it; return the initial weights."""
        self._check_state()
        if self._initial_weights is None:
            self._initial_weights = self.weights.clone()
            if 0 in self._snapshot_steps:
                self._snapshots[0] = self.weights.cpu().clone()
        return self._initial_weights

    def _recorded(self) -> npt.NDArray[np.float64]:
        """What is recorded so far, (records, members, 8)."""
        return np.stack(self._history) if self._history else np.empty((0, len(self.keys), 1 + len(RECORDED)))

    def _kept(self) -> Tensor:
        """Snapshots so far, (snapshots, members, n, n), on the processor."""
        if self._snapshots:
            return torch.stack(list(self._snapshots.values()))
        return torch.empty(0, *self.weights.shape, dtype=self.weights.dtype)

    def _advance_to(self, iteration: int) -> None:
        while self._iteration < iteration:
            block, offset = divmod(self._iteration, NOISE_BLOCK)
            steps = min(iteration - self._iteration, NOISE_BLOCK - offset)
            self._advance(self._population, self._dynamics, self._noise(block), range(offset, offset + steps))
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


def _engine(name: str, device: torch.device) -> ModuleType:
    compiled = choice("engine", name, ENGINES) == "compiled" or (name == "auto" and device.type == "cpu")
    if compiled and device.type != "cpu":
        raise OptionError("engine", name, "tensor or auto", f"compiled runs on the processor, not on {device}")
    return connectome_compiled if compiled else connectome_dynamics


def _initial_weights(seed: int, n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng([seed, 0]).standard_normal((n, n))
