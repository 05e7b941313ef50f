"""The null model that keeps strengths: iterative proportional fitting of shuffled weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..weight_graph import WeightGraph
from .undirected import edges_of

# largest relative error of a strength, and iterations at most to get there
TOLERANCE = 1e-9
ITERATIONS = 10_000


def strength(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Shuffle the magnitudes of each sign on its synapses and fit them to the in- and out-strengths of that sign."""
    edges = edges_of(g)
    weight, shuffled = g.weight.copy(), g.weight.copy()
    for sign in (1.0, -1.0):
        part = np.flatnonzero(sign * g.weight > 0)
        if edges is None:
            shuffled[part] = generator.permutation(g.weight[part])
        else:
            same = np.flatnonzero(sign * g.weight[edges.forward] > 0)
            drawn = generator.permutation(g.weight[edges.forward[same]])
            shuffled[edges.forward[same]] = shuffled[edges.back[same]] = drawn
        if len(part):
            weight[part] = sign * _fitted(g.n, g.pre[part], g.post[part], sign * g.weight[part], sign * shuffled[part])
    if edges is None:
        return g.with_weights(weight)
    # the fit of a symmetric start is symmetric but for rounding
    return edges.with_weights(g.with_weights(weight), (weight[edges.forward] + weight[edges.back]) / 2)


def _fitted(
    n: int,
    pre: npt.NDArray[np.int32],
    post: npt.NDArray[np.int32],
    magnitude: npt.NDArray[np.float64],
    shuffled: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Shuffled magnitudes, fitted to the strengths of the given ones."""
    # without a scale, sums of the largest numbers would overflow
    scale = magnitude.max()
    wanted = magnitude / scale
    out, into = np.bincount(pre, wanted, n), np.bincount(post, wanted, n)
    fitted: npt.NDArray[np.float64] = shuffled / scale
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
