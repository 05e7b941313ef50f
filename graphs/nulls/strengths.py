"""The null model that keeps strengths: proportional fitting of exchanged weights, by turns and by Newton's steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from ...guard import DataError
from ..weight_graph import WeightGraph
from .exchanges import shuffle_strength
from .undirected import edges_of

# largest relative error of a strength, and iterations at most to get there, by turns and by Newton's steps
TOLERANCE = 1e-9
ITERATIONS = 10_000
STEPS = 50

# largest change of the logarithm of a weight in one of Newton's steps
LONGEST = 50.0


def strength(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Exchange weights as :func:`shuffle_strength` does, and fit them to the in- and out-strengths of each sign.

    A fit of weights shuffled at random would be far more even than heavy-tailed weights are; these have little to mend.
    Self-synapses of an undirected network are no edges: they stay, and edges are fitted to the strengths of edges.
    """
    edges = edges_of(g)
    weight, shuffled = g.weight.copy(), shuffle_strength(g, generator).weight
    fitted = np.ones(g.synapses, dtype=bool) if edges is None else g.pre != g.post
    for sign in (1.0, -1.0):
        part = np.flatnonzero(fitted & (sign * g.weight > 0))
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
    out, into = (np.bincount(end, wanted, n).astype(np.float64, copy=False) for end in (pre, post))
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
        if TOLERANCE < error < np.inf:
            fitted, error = _finished(n, pre, post, fitted, out, into)
        fitted *= scale
    if not error <= TOLERANCE or not (np.isfinite(fitted) & (fitted > 0)).all():
        raise DataError(
            f"weights: the null model strength did not converge in {ITERATIONS} iterations and {STEPS} of Newton's"
            f" steps (largest relative error of a strength {error:.1e}, expected {TOLERANCE:g}); use shuffle_nonzero,"
            " or a denser graph"
        )
    return fitted


def _finished(
    n: int,
    pre: npt.NDArray[np.int32],
    post: npt.NDArray[np.int32],
    fitted: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
    into: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], float]:
    r"""The weights that the turns would come to in the end, and the largest relative error of a strength.

    Turns are slow where few synapses join the parts of a network. Both seek the factors :math:`e^{u_j}, e^{v_i}` of the
    neurons' outputs and inputs that minimize the convex :math:`\sum x_{ij} e^{u_j + v_i} - \sum_j out_j u_j - \sum_i
    in_i v_i`, which only one matrix of weights does; here by Newton's steps, solved by conjugate gradients (as Knight
    and Ruiz, IMA Journal of Numerical Analysis 33 (2013), balance matrices) and halved until the function falls (ours).
    """
    start, end = pre.astype(np.int64), n + post.astype(np.int64)
    wanted = np.concatenate([out, into])
    some = wanted > 0
    for step in range(STEPS + 1):
        found = np.bincount(start, fitted, 2 * n) + np.bincount(end, fitted, 2 * n)
        error = float(np.abs(found[some] / wanted[some] - 1.0).max())
        if not error > TOLERANCE or step == STEPS:
            break
        # with strengths scaled to 1, the matrix of second derivatives has a diagonal of ones
        root = np.sqrt(np.where(some, found, 1.0))
        half = scipy.sparse.csr_array((fitted / root[start] / root[end], (start, end)), shape=(2 * n, 2 * n))
        matrix = half + half.T + scipy.sparse.eye_array(2 * n)
        slope = wanted - found
        change = scipy.sparse.linalg.cg(matrix, slope / root, rtol=1e-12, maxiter=10 * n)[0] / root
        change *= min(1.0, LONGEST / np.abs(change[start] + change[end]).max())
        total, drop = float(fitted.sum()), float(slope @ change)
        share = 1.0
        while share > TOLERANCE:
            tried = fitted * np.exp(share * (change[start] + change[end]))
            # of steps that change the function by its rounding only, the whole one is taken
            if tried.sum() - total - share * float(wanted @ change) <= 1e-15 * total - 1e-4 * share * drop:
                break
            share /= 2
        fitted = tried
    return fitted, error
