"""How closely the samples of null models that keep the strengths of neurons keep them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...analysis import null_statistics
from ...graphs import WeightGraph, null_report
from ...reports import labels

KEEPING = ("strength", "shuffle_strength", "shuffle_dyads_strength")
"""Null models that keep strengths: fitted, or nearly."""
MEASURED = 20
"""Of more samples the first are measured, which costs drawing them again."""


@dataclass(frozen=True)
class _Kept:
    """What a sample kept of a view."""

    view: WeightGraph

    def __call__(self, sample: WeightGraph, seed: int) -> npt.NDArray[np.float64]:
        del seed
        kept = null_report(self.view, sample)
        return np.array([kept.in_strength_error, kept.out_strength_error, self._usual_error(sample), kept.unmoved])

    def _usual_error(self, sample: WeightGraph) -> float:
        """Median relative error of the sums of the sizes of a neuron's weights, incoming and outgoing."""
        errors = []
        for end in ("post", "pre"):
            wanted, found = (np.bincount(getattr(g, end), np.abs(g.weight), minlength=g.n) for g in (self.view, sample))
            errors.append(np.abs(found[wanted > 0] / wanted[wanted > 0] - 1.0))
        return float(np.median(np.concatenate(errors))) if len(errors[0]) else 0.0


def kept_strengths(g: WeightGraph, scored: Iterable[tuple[str, str]], samples: int, seed: int) -> pd.DataFrame:
    """How closely samples of null models keep strengths, of the samples that scores of the same seed stand beside.

    Parameters
    ----------
    g
        The network.
    scored
        View of the weights and null model of scores; other null models are passed over.
    samples, seed
        Those of the scores; of more than 20 samples the first are measured.

    Returns
    -------
    DataFrame
        One row per view of the weights and null model: `weights`, `null`, `samples`; `in_strength_error` and
        `out_strength_error`, the largest relative error of any neuron of any sample; `usual_error`, the median over
        neurons and both sides, mean over samples; `unmoved`, the mean share of synapses whose weight is what it was.
    """
    rows = []
    samples = min(samples, MEASURED)
    for weights, null in dict.fromkeys(each for each in scored if each[1] in KEEPING):
        view = g.view(weights)
        measured = null_statistics(g, _Kept(view), null=null, samples=samples, seed=seed, weights=weights)
        rows.append(
            {
                "weights": weights,
                "null": null,
                "samples": samples,
                "in_strength_error": float(measured[:, 0].max()),
                "out_strength_error": float(measured[:, 1].max()),
                "usual_error": float(measured[:, 2].mean()),
                "unmoved": float(measured[:, 3].mean()),
            }
        )
    return pd.DataFrame(rows)


def kept_in_words(kept: pd.DataFrame, folder: str = "in the folder of the analysis") -> str:
    """What the table says, in a sentence for each null model, and in which folder it is."""
    said = []
    for name, rows in kept.groupby("null", sort=False):
        null = labels.capital(labels.null(str(name)))
        worst = float(rows[["in_strength_error", "out_strength_error"]].to_numpy(np.float64).max())
        error = f"{worst:.0e}" if worst else "0"
        if worst >= 1e-3:
            error = f"{100 * float(rows['usual_error'].mean()):.2g} % (median; {100 * worst:.2g} % at worst)"
        said.append(
            f"{null}: samples of this null model keep the neurons' in- and out-strengths to a relative error of "
            f"{error}; {100 * rows['unmoved'].mean():.0f} % of their synapses have the weight that they had."
        )
        if (rows["unmoved"] == 1).all():
            said.append("So it is the network itself, and nothing can be told against it.")
    return " ".join([*said, f"(kept_strengths.csv {folder}.)"])
