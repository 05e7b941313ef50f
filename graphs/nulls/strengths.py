"""The null model that keeps strengths: iterative proportional fitting of shuffled weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..weight_graph import WeightGraph

# largest relative error of a strength, and iterations at most to get there
TOLERANCE = 1e-9
ITERATIONS = 10_000


def strength(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Shuffle the magnitudes of each sign on its synapses and fit them to the in- and out-strengths of that sign."""
    weight = g.weight.copy()
    for sign in (1.0, -1.0):
        part = np.flatnonzero(sign * g.weight > 0)
        if len(part):
            weight[part] = sign * _fitted(g.n, g.pre[part], g.post[part], sign * g.weight[part], generator)
    return g.with_weights(weight)


def _fitted(
    n: int,
    pre: npt.NDArray[np.int32],
    post: npt.NDArray[np.int32],
    magnitude: npt.NDArray[np.float64],
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    # without a scale, sums of the largest numbers would overflow
    scale = magnitude.max()
    wanted = magnitude / scale
    out, into = np.bincount(pre, wanted, n), np.bincount(post, wanted, n)
    fitted = generator.permutation(wanted)
    error = np.inf
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        for _ in range(ITERATIONS):
            fitted *= (into / np.bincount(post, fitted, n))[post]
            found = np.bincount(pre, fitted, n)
            # each step mends one side exactly: what it has to mend is the error of the step before
            error = float(np.abs(found[pre] / out[pre] - 1.0).max())
            if not error > TOLERANCE:
                break
            fitted *= (out / found)[pre]
    fitted *= scale
    if not error <= TOLERANCE or not (np.isfinite(fitted) & (fitted > 0)).all():
        raise DataError(
            f"weights: the null model strength did not converge in {ITERATIONS} iterations (largest relative error of"
            f" a strength {error:.1e}, expected {TOLERANCE:g}); use shuffle_nonzero, or a denser graph"
        )
    return fitted
