from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..graphs import WeightGraph
from ..graphs.weight_graph import weight_graph
from ..guard import DataError
from .membership import community_labels

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class BlockMatrices:
    """Weights within and between communities; entry ``[a, b]`` is onto community a (post) from community b (pre).

    Parameters
    ----------
    labels
        Label of each community, rising, shape (communities,).
    sizes
        Neurons of each, shape (communities,).
    sum
        Sum of the weights of the block, shape (communities, communities).
    pairs
        Ordered pairs of neurons that could have a synapse. A neuron with itself is one only where the graph has
        self-synapses.
    synapses
        Pairs that have one.
    expected
        Sum expected by the configuration model, ``k_in_a k_out_b / m`` with the communities' summed in- and
        out-strengths and m the sum of all weights; None where a weight is negative, for which there is no such model.
    weights
        The view of the weights.
    """

    labels: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    sum: Floats
    pairs: npt.NDArray[np.int64]
    synapses: npt.NDArray[np.int64]
    expected: Floats | None
    weights: str

    @property
    def mean(self) -> Floats:
        """Mean weight of a possible pair, absent synapses counted as 0; 0 where no pair is possible."""
        return self.sum / np.maximum(self.pairs, 1)

    @property
    def density(self) -> Floats:
        """Share of the possible pairs that have a synapse, from 0 to 1; 0 where no pair is possible."""
        return self.synapses / np.maximum(self.pairs, 1)

    @property
    def ratio(self) -> Floats:
        """Observed sum by expected sum: 1 as by chance, above on the diagonal for communities.

        It is 1 where nothing is expected, since then there is nothing either.

        Raises
        ------
        DataError
            If a weight is negative.
        """
        if self.expected is None:
            raise DataError("ratio: negative weights have no configuration model; ask for weights absolute")
        nothing = self.expected == 0
        return np.where(nothing, 1.0, self.sum / np.where(nothing, 1.0, self.expected))

    def table(self) -> pd.DataFrame:
        """One row per block: `post`, `pre`, `sum`, `mean`, `density`, `synapses`, `pairs`, `expected`, `ratio`.

        `expected` and `ratio` are missing (pd.NA) where a weight is negative.
        """
        size = len(self.labels)
        signed = self.expected is None
        columns = {
            "post": np.repeat(self.labels, size),
            "pre": np.tile(self.labels, size),
            "sum": self.sum.ravel(),
            "mean": self.mean.ravel(),
            "density": self.density.ravel(),
            "synapses": self.synapses.ravel(),
            "pairs": self.pairs.ravel(),
            "expected": pd.array(
                [pd.NA] * size**2 if self.expected is None else self.expected.ravel(), dtype="Float64"
            ),
            "ratio": pd.array([pd.NA] * size**2 if signed else self.ratio.ravel(), dtype="Float64"),
        }
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        return (
            f"BlockMatrices(communities={len(self.labels)}, neurons={int(self.sizes.sum())}, weights={self.weights!r})"
        )


def block_matrices(g: WeightGraph, membership: Any, *, weights: str = "absolute") -> BlockMatrices:
    r"""Weights within and between the communities of a partition.

    .. math:: S_{ab} = \sum_{i \in a, j \in b} V_{ij}, \quad E_{ab} = \frac{1}{m}
        \Big(\sum_{i \in a} k^{in}_i\Big) \Big(\sum_{j \in b} k^{out}_j\Big)

    with V the view of the weights. The diagonal of ``S - E``, summed and divided by m, is the directed modularity.

    Parameters
    ----------
    g
        The graph.
    membership
        A partition, or whole numbers, shape (n,).
    weights
        View of the weights; see :meth:`creditgraph.graphs.WeightGraph.view`.

    Raises
    ------
    DataError
        If the membership has another length or is not of whole numbers, or the sum of the weights is too large a
        number.

    References
    ----------
    Leicht and Newman, "Community structure in directed networks", PRL 100 (2008), for the expectation.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 3, 0], [1, 0, 2], [0, 0, 0]])
    >>> blocks = block_matrices(g, [0, 0, 1])
    >>> blocks.sum.tolist()
    [[4.0, 2.0], [0.0, 0.0]]
    >>> blocks.mean.tolist()
    [[2.0, 1.0], [0.0, 0.0]]
    """
    view = weight_graph("g", g).view(weights)
    own = community_labels(membership, g.n)
    given = np.asarray(getattr(membership, "membership", membership))
    labels, sizes = np.unique(given, return_counts=True)
    size = len(labels)
    block = own[view.post] * size + own[view.pre]
    total = np.bincount(block, view.weight, size**2).astype(np.float64, copy=False).reshape(size, size)
    with np.errstate(over="ignore"):
        if not np.isfinite(np.abs(total).sum()):
            raise DataError("weights: their sum is too large a number; divide them first")
    pairs = np.outer(sizes, sizes)
    if not (view.pre == view.post).any():
        pairs -= np.diag(sizes)
    expected = None
    if not (view.weight < 0).any():
        m = float(total.sum())
        expected = np.outer(total.sum(1) / m, total.sum(0)) if m else np.zeros_like(total)
    return BlockMatrices(
        labels=labels.astype(np.int64),
        sizes=sizes.astype(np.int64),
        sum=total,
        pairs=pairs.astype(np.int64),
        synapses=np.bincount(block, minlength=size**2).reshape(size, size),
        expected=expected,
        weights=weights,
    )
