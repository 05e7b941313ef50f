"""How slow is slow enough: the angle to the gradient as the three timescales approach each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import pandas as pd
import torch
from torch import Tensor

from ..guard import real_number, whole_numbers
from .layered import LayeredNetwork
from .plasticity import Update
from .recurrent import RecurrentNetwork
from .timescales import integrate_timescales

AFTERWARDS = 30
"""Steps of a sweep after the clamps have ended."""


def timescale_sweep(
    network: LayeredNetwork | RecurrentNetwork,
    x: object,
    y: object,
    *,
    credit_every: Sequence[int] = (1, 3, 10, 30),
    plasticity_every: Sequence[int] = (1, 10, 100),
    overlaps: Sequence[int] = (30, 100, 300),
    learning_rate: float = 1e-2,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """How slow is slow enough: the angle to the gradient over both periods and the overlap of the windows.

    Input and output are clamped from the first step on, while rates and credits are still on their way, for as long as
    the overlap; then both clamps end and another 30 steps follow. An event of plasticity has the rate
    :math:`r k_w / overlap`, so that all combinations learn about as much in all.

    Parameters
    ----------
    network, x, y
        As in :func:`integrate_timescales`.
    credit_every, plasticity_every, overlaps
        Steps; all combinations are run.
    learning_rate
        r of all events in the overlap together.
    progress
        Called after each combination with those done and those in all.

    Returns
    -------
    pandas.DataFrame
        One row a member and combination: seed, credit_every, plasticity_every, overlap, angle (degrees; missing where
        nothing was learned), inside (share of the change that fell into the overlap), length (norm of the accumulated
        change over events of plasticity in the overlap, relative to the gradient's: 1 where each event is the
        gradient).
    """
    combinations = list(
        itertools.product(
            whole_numbers("overlaps", overlaps, 1),
            whole_numbers("credit_every", credit_every, 1),
            whole_numbers("plasticity_every", plasticity_every, 1),
        )
    )
    rate = real_number("learning_rate", learning_rate, above=0)
    tables = []
    for done, (overlap, k_c, k_w) in enumerate(combinations):
        found = integrate_timescales(
            network,
            x,
            y,
            steps=overlap + AFTERWARDS,
            credit_every=k_c,
            plasticity_every=k_w,
            input_window=(0, overlap),
            output_window=(0, overlap),
            learning_rate=rate * k_w / overlap,
        )
        events = overlap // k_w
        tables.append(
            pd.DataFrame(
                {
                    "seed": network.seeds,
                    "credit_every": k_c,
                    "plasticity_every": k_w,
                    "overlap": overlap,
                    "angle": found.angle.cpu().numpy(),
                    "inside": found.inside.cpu().numpy(),
                    "length": (_norm(found.accumulated) / _norm(found.gradient) / max(events, 1)).cpu().numpy(),
                }
            )
        )
        if progress is not None:
            progress(done + 1, len(combinations))
    return pd.concat(tables, ignore_index=True)


def _norm(update: Update[Tensor]) -> Tensor:
    both = torch.cat([update.weights.flatten(1), update.biases], 1)
    norm: Tensor = torch.linalg.vector_norm(both.double(), dim=1)
    return norm
