"""What must be said of the null model that keeps the strengths of neurons: how closely, and where it misleads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import null_statistics
from ...graphs import WeightGraph, null_report

STRENGTH = "strength"
TOO_EVEN = (
    "The null model strength calls too many networks significant: 48 % of random networks with heavy-tailed weights, "
    "at a level of 5 %, because fitted weights are more even than those of such a network. A score that stands out "
    "from it, and from no other null model, is no finding."
)


@dataclass(frozen=True)
class _Kept:
    """What a sample kept of a view."""

    view: WeightGraph

    def __call__(self, sample: WeightGraph, seed: int) -> npt.NDArray[np.float64]:
        del seed
        kept = null_report(self.view, sample)
        return np.array([kept.in_strength_error, kept.out_strength_error, kept.unmoved])


def kept_strengths(g: WeightGraph, views: Iterable[str], samples: int, seed: int) -> pd.DataFrame:
    """How closely samples of the null model keep strengths, of the samples that scores of the same seed stand beside.

    Returns
    -------
    DataFrame
        One row per view of the weights: `weights`, `null`, `samples`; `in_strength_error` and `out_strength_error`, the
        largest relative error of any neuron of any sample; `unmoved`, the mean share of synapses whose weight is what
        it was.
    """
    rows = []
    for weights in dict.fromkeys(views):
        view = g.view(weights)
        measured = null_statistics(g, _Kept(view), null=STRENGTH, samples=samples, seed=seed, weights=weights)
        rows.append(
            {
                "weights": weights,
                "null": STRENGTH,
                "samples": samples,
                "in_strength_error": float(measured[:, 0].max()),
                "out_strength_error": float(measured[:, 1].max()),
                "unmoved": float(measured[:, 2].mean()),
            }
        )
    return pd.DataFrame(rows)


def kept_in_words(kept: pd.DataFrame) -> str:
    """What the table says, in a sentence."""
    worst = kept[["in_strength_error", "out_strength_error"]].to_numpy(np.float64).max()
    return (
        f"Samples of the null model strength keep every neuron's in- and out-strength to a relative error of "
        f"{worst:.0e}; {100 * kept['unmoved'].mean():.0f} % of their synapses have the weight that they had "
        "(table kept_strengths)."
    )
