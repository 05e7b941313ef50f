"""Partitions that searches start from: every neuron alone, drawn groups, or groups by leading eigenvectors."""

from __future__ import annotations

import random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .objectives import Objective

# Entries this much smaller than the largest have no sign to speak of: they are noise of the computation.
NOTHING = 1e-6

# An eigenvector half converged is as good a start.
TOLERANCE = 1e-4
ITERATIONS = 200


class Start(NamedTuple):
    """A partition to start from.

    Parameters
    ----------
    groups
        How many groups; 0 for every neuron alone. A power of 2 where they are leading ones.
    leading
        Whether they are those of :func:`leading_groups`; else drawn.
    """

    groups: int
    leading: bool = False

    def membership(self, objective: Objective, sign: float, generator: random.Random) -> list[int] | None:
        """Group of each neuron; None for every neuron alone."""
        if not self.groups:
            return None
        if self.leading:
            return leading_groups(objective, sign, generator, vectors=self.groups.bit_length() - 1)
        return generator.choices(range(self.groups), k=objective.view.n)


# Restart by restart, searches start from these in turns. Measured (benchmarks/minimal_starts.py): minimising, leading
# groups reach lower than any drawn ones. Maximising, all starts do as well; on small graphs those from single neurons
# can all miss the optimum.
STARTS = {
    "maximise": (Start(0), Start(2), Start(0), Start(4)),
    "minimise": (
        *(Start(4, leading=True), Start(2, leading=True)),
        *(Start(groups) for groups in (4, 8, 3, 2, 5, 6)),
    ),
}


def leading_groups(objective: Objective, sign: float, generator: random.Random, *, vectors: int) -> list[int]:
    r"""Group of each neuron by the signs of its entries in the leading eigenvectors of an objective's pairs.

    With ``M_ij`` what neurons i and j add when both are in one community (:meth:`Objective.pairs`) and ``s_i`` 1 or -1,
    the quality of two groups is, but for a constant,

    .. math:: \tfrac{1}{4} \sum_{ij} M_{ij} s_i s_j,

    and the leading eigenvector of M makes it largest where s may be any vector of the same length; to minimise, that of
    -M, so that the ends of synapses come apart. It is asked of

    .. math:: D^{-1/2} (\pm M) D^{-1/2}, \quad D_{ii} = \sum_j |W_{ij}| + |W_{ji}|

    instead, since the eigenvectors of M itself are those of a few strong neurons where networks are sparse. A second
    vector splits each half again. Neurons without a sign, such as those of another component, are drawn. M is never
    built: a product takes the synapses once.

    Parameters
    ----------
    objective
        What is optimised.
    sign
        1 to maximise, -1 to minimise.
    generator
        Draws the first vector, and groups where there is no sign.
    vectors
        How many eigenvectors; there are 2 to that power groups.

    References
    ----------
    Newman, "Finding community structure in networks using the eigenvectors of matrices", Physical Review E 74 (2006),
    036104, whose section on the most negative eigenvalues finds bipartite structure. Its use as a start for the Leiden
    algorithm, the scaling, and signed, directed and layered objectives are ours.
    """
    # most searches maximise
    import scipy.sparse
    import scipy.sparse.linalg

    view, n = objective.view, objective.view.n
    synapses = scipy.sparse.csr_array((view.weight / objective.unit, (view.post, view.pre)), shape=(n, n))
    both = (synapses + synapses.T).tocsr()
    strength = np.bincount(view.post, np.abs(view.weight), n) + np.bincount(view.pre, np.abs(view.weight), n)
    scale = np.zeros(n)
    scale[strength > 0] = strength[strength > 0] ** -0.5

    def product(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        scaled = vector.ravel() * scale
        result = np.asarray(both @ scaled, np.float64)
        for part in objective.parts:
            # sums, not dot products: threads of a linear algebra library would change the last digit
            out, into = float((part.out * scaled).sum()), float((part.into * scaled).sum())
            result -= part.sign * part.factor * (part.into * out + part.out * into)
        return sign * scale * result

    drawn = np.random.default_rng(generator.getrandbits(64))
    bits = drawn.integers(0, 2, (n, vectors))
    found = np.zeros((n, vectors))
    # of n neurons, the solver gives fewer than n
    solved = min(vectors, n - 1)
    try:
        _, found[:, :solved] = scipy.sparse.linalg.eigsh(
            scipy.sparse.linalg.LinearOperator((n, n), product, dtype=np.float64),
            k=solved,
            which="LA",
            v0=drawn.standard_normal(n),
            tol=TOLERANCE,
            maxiter=ITERATIONS,
        )
    except scipy.sparse.linalg.ArpackNoConvergence as error:
        found[:, : error.eigenvectors.shape[1]] = error.eigenvectors
    except scipy.sparse.linalg.ArpackError:
        # of a matrix of zeros, for one: all are drawn
        pass
    clear = np.abs(found) > NOTHING * np.abs(found).max(axis=0)
    bits[clear] = found[clear] > 0
    labels: list[int] = (bits << np.arange(vectors)).sum(axis=1).tolist()
    return labels
