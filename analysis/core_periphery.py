from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import DataError, counted, finite_array, whole_number
from .objectives import view_for

FEWEST = 4

# Weights are scaled so that the strongest is about 1; pairs whose variance is below this are equal but for rounding.
EQUAL = 1e-12

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class CorePeriphery:
    """A network divided into a core and a periphery, with all that was asked to find it.

    Parameters
    ----------
    core
        Whether a neuron is in the core, shape (n,).
    score
        Correlation with the ideal pattern; see :func:`core_periphery`.
    weights, restarts, seed
        What was asked.
    scores
        Best score of every restart, shape (restarts,).
    """

    core: npt.NDArray[np.bool_]
    score: float
    weights: str
    restarts: int
    seed: int
    scores: Floats

    def __repr__(self) -> str:
        return (
            f"CorePeriphery(neurons={len(self.core)}, core={int(self.core.sum())}, score={self.score:.6g},"
            f" weights={self.weights!r}, restarts={self.restarts}, seed={self.seed})"
        )


def core_periphery(g: WeightGraph, *, weights: str = "absolute", restarts: int = 5, seed: int = 0) -> CorePeriphery:
    r"""Core and periphery that fit the discrete model of Borgatti and Everett best.

    With V the view of the weights and ``A = V + V^T``, the score is Pearson's correlation of :math:`A_{ij}` with

    .. math:: \Delta_{ij} = 1 \text{ if i and j are both in the core, } 0 \text{ if both are in the periphery}

    over all pairs i < j but those of a core and a peripheral neuron, which are left out: the model asks for a core that
    is coupled within and a periphery that is not, and leaves open how strongly they are coupled to each other (so that
    in an ideal network a single neuron may be on either side). Core and periphery have at least two neurons each. The
    score is at least 0, and 1 for a perfect core and periphery.

    The search is ours, after Kernighan and Lin: neurons change sides one by one, the best one first though it may cost
    something, each once; the best state on the way is kept, and this is repeated until it no longer gains. The first
    restart begins with the strongest neurons as core (of all sizes the best), the others with random cores.

    Parameters
    ----------
    g
        The graph, of at least 4 neurons. Self-synapses do not count.
    weights
        View of the weights: "absolute", "positive", "negative", or "signed" where no weight is below 0.
    restarts
        How many searches, at least 1.
    seed
        Seed of all restarts.

    Returns
    -------
    CorePeriphery
        The best of the restarts. Where all pairs are equally strong, the score is 0 and nobody is in the core.

    Raises
    ------
    DataError
        If the graph has fewer than 4 neurons, or the view no synapse or a negative weight.

    References
    ----------
    Borgatti and Everett, "Models of core/periphery structures", Social Networks 21 (2000).
    Kernighan and Lin, "An efficient heuristic procedure for partitioning graphs", Bell System Technical Journal 49
    (1970).

    Examples
    --------
    >>> wheel = WeightGraph.from_matrix([[0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]])
    >>> found = core_periphery(wheel)
    >>> found.core.tolist(), round(found.score, 6)
    ([True, True, False, False], 1.0)
    """
    whole_number("restarts", restarts, 1)
    whole_number("seed", seed, 0)
    # Numba takes a second to import, and few callers need it
    from .core_moves import climb, strongest_core

    matrix = coupling(g, weights)
    order = np.argsort(-matrix.sum(axis=1), kind="stable")
    cores = np.empty((restarts, g.n), dtype=bool)
    for restart in range(restarts):
        generator = np.random.default_rng((seed, restart))
        cores[restart] = _random_core(g.n, generator) if restart else strongest_core(matrix, order)
        climb(matrix, cores[restart])
    scores = np.array([split_correlation(matrix, core) for core in cores])
    best = int(np.argmax(scores))
    return CorePeriphery(
        core=cores[best], score=float(scores[best]), weights=weights, restarts=restarts, seed=seed, scores=scores
    )


def core_periphery_score(g: WeightGraph, core: Any, *, weights: str = "absolute") -> float:
    """Score of a given core; see :func:`core_periphery`.

    Parameters
    ----------
    g, weights
        As there.
    core
        Whether a neuron is in the core, shape (n,), bool.

    Raises
    ------
    DataError
        If the core is no such array, or core or periphery has fewer than two neurons.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]])
    >>> round(core_periphery_score(g, [False, False, True, True]), 6)
    -1.0
    """
    given = finite_array("core", core, ndim=1)
    if given.dtype != bool or len(given) != g.n:
        raise DataError(
            f"core: got {counted(len(given), 'value')} of type {given.dtype}, expected True or False for "
            f"{counted(g.n, 'neuron')}"
        )
    if min(int(given.sum()), int((~given).sum())) < 2:
        raise DataError("core: core and periphery need at least two neurons each, or there are no pairs to compare")
    return split_correlation(coupling(g, weights), given)


def coupling(g: WeightGraph, weights: str) -> Floats:
    """``V + V^T`` of a view without negative weights, its diagonal 0, for at least 4 neurons."""
    view = view_for(g, "modularity", weights=weights, directed=False)
    if g.n < FEWEST:
        raise DataError(
            f"g: got a graph of {counted(g.n, 'neuron')}, expected at least {FEWEST}: two for a core, two outside it"
        )
    matrix = view.adjacency()
    matrix += matrix.T.copy()
    np.fill_diagonal(matrix, 0.0)
    return matrix


def split_correlation(matrix: Floats, core: npt.NDArray[np.bool_]) -> float:
    """Correlation of a core with ``V + V^T``; 0 where core or periphery has no pair, or all pairs are equal."""
    within = [matrix[np.ix_(group, group)][np.triu_indices(int(group.sum()), 1)] for group in (core, ~core)]
    values = np.concatenate(within)
    if not len(within[0]) or not len(within[1]) or values.var() <= EQUAL:
        return 0.0
    return float(np.corrcoef(values, np.arange(len(values)) < len(within[0]))[0, 1])


def _random_core(n: int, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    core = np.zeros(n, dtype=bool)
    core[generator.permutation(n)[: int(generator.integers(2, n - 1))]] = True
    return core
