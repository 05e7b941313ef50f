"""The noise of algorithm 1: a function of seed and iteration, drawn in blocks, the next one while a device computes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..threads import in_threads

NOISE_BLOCK = 64
"""Iterations of a block."""


class Noise:
    """Noise on rates and credits, the same for a seed whatever the other seeds, the precision and the device.

    Iterations ``64 b`` to ``64 b + 63`` of a seed are driven by the numbers that NumPy's generator draws from
    ``[seed, 1, b]``, in single precision. (Ours.)

    On the processor, which would only be kept from computing, a block is drawn when it is asked for. For another device
    a thread draws the next block on the processor while the device is at work with the last one.

    Parameters
    ----------
    seeds
        Seeds.
    n
        Neurons.
    scale
        Standard deviation.
    shared
        Whether rates and credits are given the same noise.
    like
        A tensor whose dtype and device the noise takes.
    """

    def __init__(self, seeds: Sequence[int], n: int, *, scale: float, shared: bool, like: Tensor) -> None:
        self._seeds, self._scale = list(seeds), scale
        self._shape = len(self._seeds), 1 if shared else 2, NOISE_BLOCK, n
        self._dtype, self._device = like.dtype, like.device
        self._pinned = self._device.type == "cuda"
        self._thread = None if self._device.type == "cpu" else ThreadPoolExecutor(1)
        self._next: tuple[int, Future[Tensor]] | None = None
        self._now: tuple[int, Tensor] | None = None

    def block(self, number: int, *, further: bool = False) -> Tensor:
        """Noise over the iterations of a block, of rates and of credits or of both alike: (seeds, 2 or 1, 64, n).

        Parameters
        ----------
        number
            Which block.
        further
            Whether the one after it will be asked for too.
        """
        if self._now is None or self._now[0] != number:
            ahead = self._next is not None and self._next[0] == number
            drawn = self._next[1].result() if self._next is not None and ahead else self._draw(number)
            # torch does not use pinned memory again before it is copied
            self._now = number, drawn.to(self._device, non_blocking=self._pinned).to(self._dtype)
            self._next = None
            if self._thread is not None and further:
                self._next = number + 1, self._thread.submit(self._draw, number + 1)
        return self._now[1]

    def _draw(self, number: int) -> Tensor:
        """A block in single precision on the processor."""
        # not torch.zeros: torch's threads, once they wrote zeros, wait for more with all of a core that the loops need
        drawn = torch.empty(self._shape, dtype=torch.float32, pin_memory=self._pinned)
        if self._scale == 0:
            drawn.numpy().fill(0.0)
        else:

            def draw_some(parts: Sequence[tuple[int, npt.NDArray[np.float32]]]) -> None:
                for seed, noise in parts:
                    np.random.default_rng([seed, 1, number]).standard_normal(out=noise, dtype=np.float32)
                    noise *= self._scale

            in_threads(draw_some, list(zip(self._seeds, drawn.numpy(), strict=True)))
        return drawn
