"""Members: networks side by side in one batch of tensors, each with its own seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..guard import DataError, OptionError, counted, finite_array, real_number, several, whole_number

DTYPES = (torch.float32, torch.float64)
LARGEST_SEED = 2**63 - 1


def member_seeds(seed: int | Sequence[int], members: int) -> list[int]:
    """One seed per member: member m takes ``seed + m``, or the m-th of a sequence (repeats are allowed).

    Raises
    ------
    OptionError
        If a seed is not a whole number of at least 0, or the sequence is not one seed per member.
    """
    if several(seed):
        each_seed = list(seed)
        if len(each_seed) != members:
            raise OptionError(
                "seed", each_seed, f"one seed for each of {counted(members, 'member')}, or a single whole number"
            )
        return [whole_number("seed", each, 0, LARGEST_SEED) for each in each_seed]
    first = whole_number("seed", seed, 0, LARGEST_SEED - members)
    return [first + m for m in range(members)]


def member_generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One random generator per member, on the CPU, so that a member's draws are the same on every device."""
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def normal_weights(generators: Sequence[torch.Generator], n_post: int, n_pre: int, variance: float) -> Tensor:
    """Draw weights from N(0, variance) for each member: (members, n_post, n_pre), float64 on the CPU."""
    draws = [torch.randn(n_post, n_pre, generator=each, dtype=torch.float64) for each in generators]
    return torch.stack(draws) * math.sqrt(variance)


def float_dtype(dtype: object) -> torch.dtype:
    """Return `dtype` if it is ``torch.float32`` or ``torch.float64``; raise :class:`OptionError` otherwise."""
    if isinstance(dtype, torch.dtype) and dtype in DTYPES:
        return dtype
    raise OptionError("dtype", dtype, "torch.float32 or torch.float64")


def usable_device(device: str | torch.device, dtype: torch.dtype = torch.float32) -> torch.device:
    """Return the device if tensors of the dtype can be made on it; ``auto`` is a CUDA GPU if there, else the CPU.

    Raises
    ------
    OptionError
        If the device is unknown or not there, or lacks the dtype, as ``mps`` lacks float64.
    """
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    try:
        found = torch.device(chosen)
        if found.type == "meta":
            raise NotImplementedError("its tensors have no numbers")
        torch.empty(1, device=found)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        allowed = "auto, or a device that this installation of torch can use, such as cpu"
        raise OptionError("device", str(device), allowed) from error
    if found.type == "mps" and dtype == torch.float64:
        raise OptionError("dtype", dtype, "torch.float32 on device mps, which has no float64")
    return found


def sums_dtype(device: torch.device) -> torch.dtype:
    """The dtype to take sums in on a device: double precision, but single on ``mps``, which has no other."""
    return torch.float32 if device.type == "mps" else torch.float64


def as_batch(name: str, data: Any, like: Tensor, neurons: int) -> Tensor:
    """Return values for each member, sample and neuron.

    Parameters
    ----------
    name
        What the data are called in errors.
    data
        Real numbers, (batch, neurons) for all members alike or (members, batch, neurons); tensor, array or lists.
    like
        A tensor (members, ...) whose members, dtype and device the result takes.
    neurons
        Count of neurons.

    Returns
    -------
    Tensor
        (members, batch, neurons); where the data are alike for all members, a view that repeats them.

    Raises
    ------
    DataError
        If the shape is another one, the batch is empty, or a value is not a finite real number.
    """
    members = like.shape[0]
    tensor = as_real_tensor(name, data, like)
    given = tuple(tensor.shape)
    if tensor.ndim == 2:
        tensor = tensor.expand(members, *given)
    if tensor.ndim != 3 or tensor.shape[0] != members or tensor.shape[2] != neurons:
        expected = f"(batch, {neurons}) or ({members}, batch, {neurons})"
        raise DataError(f"{name}: got shape {given}, expected {expected}")
    if tensor.shape[1] == 0:
        raise DataError(f"{name}: got an empty batch, expected at least one sample")
    return tensor


def as_real_tensor(name: str, data: Any, like: Tensor) -> Tensor:
    """Return `data` as a tensor of finite real numbers with the dtype and device of `like`, or raise DataError."""
    if not isinstance(data, Tensor):
        data = torch.tensor(finite_array(name, data).astype("float64"))
    if data.layout != torch.strided:
        raise DataError(f"{name}: got a sparse tensor, expected a dense one; say to_dense()")
    if data.is_complex():
        raise DataError(f"{name}: got complex numbers, expected real ones")
    tensor: Tensor = data.detach().to(dtype=like.dtype, device=like.device)
    finite = torch.isfinite(tensor)
    if not bool(finite.all()):
        count, first = int((~finite).sum()), tuple((~finite).nonzero()[0].tolist())
        raise DataError(
            f"{name}: {counted(count, 'value is', 'values are')} NaN or infinite (as {tensor.dtype}), the "
            f"first at index {first}"
        )
    return tensor


def as_learning_rates(rates: Sequence[float], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Learning rates as a tensor, in which none becomes 0 that is not.

    Raises
    ------
    OptionError
        If one that is above 0 is too small for the dtype.
    """
    held = torch.tensor(rates, dtype=dtype, device=device)
    for rate, kept in zip(rates, held.tolist(), strict=True):
        if rate > 0 and not kept:
            raise OptionError("learning_rates", rate, f"numbers that {dtype} tells from 0")
    return held


def rate_per_member(learning_rate: Any, like: Tensor) -> float | Tensor:
    """Return the learning rate r as a float, or as a tensor (members,) of finite numbers of at least 0.

    Raises
    ------
    OptionError
        If it is negative, not finite, or not one number per member.
    """
    given: Any = learning_rate
    if several(given):
        members = like.shape[0]
        if not isinstance(given, Tensor):
            given = torch.tensor(finite_array("learning_rate", given).astype("float64"))
        rates: Tensor = given.detach().to(dtype=like.dtype, device=like.device)
        if rates.shape != (members,) or not bool((torch.isfinite(rates) & (rates >= 0)).all()):
            raise OptionError(
                "learning_rate",
                given.tolist(),
                f"a number, or {counted(members, 'finite number')} of at least 0, one for each member",
            )
        return rates
    number = given.item() if isinstance(given, Tensor) else given
    return real_number("learning_rate", number, 0, torch.finfo(like.dtype).max)
