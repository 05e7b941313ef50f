"""The engines that do the iterations of algorithm 1, and which of them there is for a device."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ...guard import OptionError, choice
from . import compiled
from . import dynamics as tensors
from .dynamics import Dynamics, Population

ENGINES = ("auto", "compiled", "tensor")


@dataclass(frozen=True)
class Engine:
    """What does the iterations, and measures weights for the records.

    Attributes
    ----------
    advance
        Does some iterations, see :func:`~creditgraph.train.connectome.dynamics.advance`.
    weight_sizes
        Frobenius norm and mean magnitude of each member's weights.
    imbalance
        E-I imbalance of each member, of its weights and rates.
    at_once
        Members whose temporary tensors are made at the same time, at most.
    """

    advance: Callable[[Population, Dynamics, Tensor, range], None]
    weight_sizes: Callable[[Tensor], tuple[Tensor, Tensor]]
    imbalance: Callable[[Tensor, Tensor], Tensor]
    at_once: int


def chosen_engine(
    name: str, *, n: int, dynamics: Dynamics, shared: bool, dtype: torch.dtype, device: torch.device
) -> str:
    """Name of the engine that will work on a device: ``compiled`` or ``tensor``.

    Parameters
    ----------
    name
        The one wished for, or ``auto``.
    n, dynamics, dtype, device
        Of the simulation.
    shared
        Whether rates and credits are given the same noise.

    Raises
    ------
    OptionError
        If it is unknown or does not work there.
    """
    if choice("engine", name, ENGINES) == "tensor":
        return "tensor"
    obstacle = _obstacle(n=n, dynamics=dynamics, shared=shared, dtype=dtype, device=device)
    if name == "compiled" and obstacle:
        raise OptionError("engine", name, "tensor or auto", obstacle)
    return "tensor" if obstacle else "compiled"


def made_engine(name: str, device: torch.device, *, at_once: int) -> Engine:
    """The engine of that name for a device.

    Parameters
    ----------
    name
        ``compiled`` or ``tensor``.
    device
        Where the state is.
    at_once
        Members whose temporary tensors fit together.
    """
    if name == "compiled" and device.type == "cpu":
        module = compiled
        return Engine(module.advance, module.weight_sizes, module.imbalance, at_once)
    weight_sizes = partial(tensors.weight_sizes, at_once=at_once)
    imbalance = partial(tensors.imbalance, at_once=at_once)
    if name == "compiled":
        from .cuda import CudaIterations

        return Engine(CudaIterations(), weight_sizes, imbalance, at_once)
    return Engine(partial(tensors.advance, at_once=at_once), weight_sizes, imbalance, at_once)


def _obstacle(*, n: int, dynamics: Dynamics, shared: bool, dtype: torch.dtype, device: torch.device) -> str | None:
    """Why there is nothing compiled for a device."""
    if device.type == "cpu":
        return None
    if device.type != "cuda":
        return f"compiled runs on the processor and on CUDA GPUs, not on {device}"
    try:
        from .cuda import compile_for

        compile_for(n=n, dynamics=dynamics, shared=shared, dtype=dtype, device=device)
    # whatever Triton, its compilers or the driver lack
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        return f"its kernel cannot be compiled for {device} ({textwrap.shorten(reason, 200)})"
    return None
