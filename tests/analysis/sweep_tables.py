"""Tables of a sweep with known differences, which the tests of statistics share."""

from __future__ import annotations

import numpy as np
import pandas as pd

RATES = (0.001, 0.01, 0.1, 0.3)
RISING = np.array([[0.1, 0.2, 0.3, 0.4], [0.15, 0.18, 0.33, 0.5], [0.0, 0.3, 0.2, 0.6]])


def tables(
    difference: np.ndarray, *, samples: int = 4, directions: tuple[str, ...] = ("maximise",), pruning: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of a sweep whose quality exceeds its null mean by `difference`, shape (seeds, learning rates)."""
    communities, nulls = [], []
    for direction in directions:
        for seed, row in enumerate(difference):
            for rate, value in zip(RATES, row, strict=False):
                if np.isnan(value):
                    continue
                keys = {"learning_rate": rate, "pruning": 0.8, "seed": seed, "weights": "absolute"}
                keys |= {"direction": direction, "null": "shuffle_nonzero"}
                if not pruning:
                    del keys["pruning"]
                null = 0.1 * seed + np.arange(samples) / 100
                communities.append(
                    {
                        **keys,
                        "quality": null.mean() + value,
                        "null_mean": null.mean(),
                        "z": value / null.std(ddof=1),
                        "p_value": 0.05 if value > 0.25 else 0.06,
                    }
                )
                nulls += [{**keys, "sample": i, "quality": quality} for i, quality in enumerate(null)]
    return pd.DataFrame(communities), pd.DataFrame(nulls)
