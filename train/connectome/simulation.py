"""Algorithm 1: networks driven by noise alone, wired by the credit rule, pruned each iteration."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ...guard import choice, fraction, real_number, real_numbers, whole_number, whole_numbers
from ..activations import activation as named_activation
from ..members import float_dtype, usable_device
from ..sweeps.result import SweepSummary
from ..sweeps.timetable import Timetable
from .dynamics import Dynamics
from .engines import chosen_engine, made_engine
from .memory import connectome_need, members_at_once
from .noise import NOISE_BLOCK, Noise
from .records import ConnectomeResult, Recording, record, recorded_iterations
from .state import check_state, check_values, identity, initial_population, put_away, set_values, take_up

CLAMPS = ("constant", "identity")
NOISE_MODES = ("independent", "shared")
SELF_SYNAPSES = ("kept", "none")
# Products of two such numbers are still finite in float32, so that what grows beyond is seen and never NaN.
LARGEST_OPTION = 1e18


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
        ``compiled``, on the processor and, where Triton can compile, on CUDA GPUs, is by far the faster, and on the
        processor a member is the same to the bit whatever the other members and the number of threads; ``tensor``,
        on any device, equal to rounding; ``auto`` takes the first where it can.
    iterations
        Iterations planned, at least 1: ``steps_total`` of :meth:`advance`.
    snapshots
        Weights to keep on the way: after these iterations, or so many of them, evenly spaced in the logarithm of the
        iteration over those planned, with the first state (iteration 0) and the last. None by default: each is as large
        as the weights themselves.
    memory
        Bytes that weights and temporary tensors may take on the device, a whole number or such as ``"4 GiB"``; by
        default half of what is free. The tensor engine takes as many members at a time as fit.

    Attributes
    ----------
    weights, rates, credits
        The state, (members, n, n), (members, n), (members, n). They may be set before a run, for all members or, shaped
        without the first axis, for each alike. Rates start at 0 and credits at 0, clamped credits at 1.
    keys
        (learning rate, pruning, seed) of each member.
    engine
        The engine that works: ``compiled`` or ``tensor``.

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
        memory: int | str | None = None,
    ) -> None:
        self.n = whole_number("n", n, minimum=1)
        learning_rates = real_numbers("learning_rates", learning_rates, 0.0, LARGEST_OPTION)
        pruning = real_numbers("pruning", pruning, 0.0, 1.0)
        self.seeds = whole_numbers("seeds", seeds, minimum=0)
        self.keys = list(itertools.product(learning_rates, pruning, self.seeds))
        noise = real_number("noise", noise, 0.0, LARGEST_OPTION)
        shared = choice("noise_mode", noise_mode, NOISE_MODES) == "shared"
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
        members = len(self.keys)
        self._planned = whole_number("iterations", iterations, minimum=1)
        self._course = 0, self._planned
        plan = Timetable(epochs=1, steps_per_epoch=self._planned, snapshots=snapshots)
        self.engine = chosen_engine(
            engine, n=self.n, dynamics=self._dynamics, shared=shared, dtype=dtype, device=device
        )
        need = connectome_need(
            n=self.n, snapshots=plan.taken, compiled=self.engine == "compiled", dtype=dtype, device=device
        )
        at_once = members_at_once(need, n=self.n, members=members, seeds=len(self.seeds), memory=memory, device=device)
        self._engine = made_engine(self.engine, device, at_once=at_once)
        self._population = initial_population(
            self.keys, self.seeds, self.n, scale=scale, clamped=self._dynamics.clamped, dtype=dtype, device=device
        )
        self._noise = Noise(self.seeds, self.n, scale=noise, shared=shared, like=self._population.weights)
        self._identity = identity(
            self.keys, self._dynamics, n=self.n, noise=noise, shared=shared, scale=scale, plan=plan, dtype=dtype
        )
        self._iteration = 0
        self._recording = Recording(self.keys, plan.snapshot_steps)

    @property
    def weights(self) -> Tensor:
        """Weights W[m, post, pre], (members, n, n)."""
        return self._population.weights

    @weights.setter
    def weights(self, values: Any) -> None:
        set_values(self._population, "weights", values)
        if not self._iteration:
            self._recording.forget()

    @property
    def rates(self) -> Tensor:
        """Rates x, (members, n)."""
        return self._population.rates

    @rates.setter
    def rates(self, values: Any) -> None:
        set_values(self._population, "rates", values)

    @property
    def credits(self) -> Tensor:
        """Credits c, (members, n)."""
        return self._population.credits

    @credits.setter
    def credits(self, values: Any) -> None:
        set_values(self._population, "credits", values)

    @property
    def steps_done(self) -> int:
        """Iterations done."""
        return self._iteration

    @property
    def steps_total(self) -> int:
        """Iterations planned, or more where a call of :meth:`run` went or goes beyond, those done among them."""
        return max(self._course[1], self._planned)

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
        else:
            self._go_on_as_planned()
        start = self._iteration
        # once, not at every record: it passes over all weights
        self._set_out()
        for stop in [each for each in recorded_iterations(*self._course) if each > start]:
            self._record_until(stop)
            if progress is not None:
                progress(stop - start, self._course[1] - start)
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
        self._go_on_as_planned()
        end = min(self._iteration + whole_number("steps", steps, minimum=0), self._course[1])
        self._set_out()
        self._record_until(end)

    def _go_on_as_planned(self) -> None:
        """Where a call of :meth:`run` ended before the iterations that are planned, set out for these."""
        if self._course[1] <= self._iteration < self._planned:
            self._course = self._iteration, self._planned

    def _record_until(self, end: int) -> None:
        """Do iterations up to `end`, with the records and snapshots that fall on the way."""
        records = set(recorded_iterations(*self._course))
        stops = records | self._recording.snapshot_steps
        for stop in sorted({end} | {each for each in stops if self._iteration < each < end}):
            done = self._iteration
            self._advance_to(stop)
            if stop > done and stop in records:
                sizes = self._engine.weight_sizes(self.weights)
                imbalance = self._engine.imbalance(self.weights, self.rates)
                self._recording.add(record(self._population, sizes, imbalance))
            self._recording.keep(stop, self.weights)

    def result(self) -> ConnectomeResult:
        """What the simulation leaves behind so far."""
        self._set_out()
        return self._recording.result(self._population)

    def summary(self) -> SweepSummary:
        """Where the simulation stands."""
        return SweepSummary(int(self._population.alive.sum()), len(self.keys), None, None)

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that the rest of the simulation depends on, and all that is recorded, as numeric arrays.

        A simulation made with the same options that takes it up by :meth:`restore` goes on to the same result, to the
        bit on a processor.
        """
        self._set_out()
        return {
            **put_away(self._population),
            **self._recording.put_away(self._population),
            "identity": self._identity,
            "course": np.array([self._iteration, *self._course], np.int64),
        }

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up a state that :meth:`state` gave, of a simulation made with the same options.

        Raises
        ------
        DataError
            If it is that of another simulation, or damaged; this one is then as it was.
        """
        check_state(state, self.state(), self._recording.snapshot_steps)
        take_up(self._population, state)
        self._iteration, first, last = state["course"].tolist()
        self._course = first, last
        self._recording.take_up(state, self.weights)

    def _set_out(self) -> None:
        """Check a state that may have been set, and before the first iteration keep it."""
        check_values(self._population, self._dynamics)
        self._recording.begin(self.weights)

    def _advance_to(self, iteration: int) -> None:
        while self._iteration < iteration:
            block, offset = divmod(self._iteration, NOISE_BLOCK)
            steps = min(iteration - self._iteration, NOISE_BLOCK - offset)
            noise = self._noise.block(block, further=(block + 1) * NOISE_BLOCK < self.steps_total)
            self._engine.advance(self._population, self._dynamics, noise, range(offset, offset + steps))
            self._iteration += steps
