"""Normalised cuts: how little of their strength communities share with the rest, and whether chance does as well."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg
import scipy.sparse
from scipy.sparse.linalg import ArpackError, eigsh

from ..graphs import WeightGraph
from ..guard import DataError, OptionError, counted, whole_number
from .membership import community_labels
from .null_statistics import null_statistics, refuse_single
from .objectives import view_for
from .partitions import relabelled
from .significance import spread, standing

# starts of k-means; as many as scikit-learn's spectral clustering makes
STARTS = 10

# neurons up to which all eigenvectors cost less than the search for a few
DENSE = 200


@dataclass(frozen=True, eq=False)
class Clusterability:
    """A normalised cut beside those of a null model.

    Parameters
    ----------
    observed
        Normalised cut of the graph, divided by :func:`spectral_communities`.
    null
        The same of each sample of the null model, shape (samples,).
    null_mean, null_sd
        Their mean and standard deviation (n - 1).
    z
        ``(observed - null_mean) / null_sd``: below 0 where the graph is cut more cleanly than chance is. Where all
        samples are equal, as for :class:`creditgraph.analysis.Significance`.
    p_value
        ``(1 + count) / (1 + samples)``, with the count of samples whose cut is as low as observed or lower.
    membership
        Community of each neuron, shape (n,), labelled as by :func:`spectral_communities`.
    clusters, weights, null_model, samples, seed
        What was asked.
    """

    observed: float
    null: npt.NDArray[np.float64]
    null_mean: float
    null_sd: float
    z: float
    p_value: float
    membership: npt.NDArray[np.int64]
    clusters: int
    weights: str
    null_model: str
    samples: int
    seed: int


@dataclass(frozen=True)
class SpectralCuts:
    """Normalised cuts of a graph's spectral communities, a statistic for :func:`creditgraph.analysis.null_statistics`.

    Parameters
    ----------
    counts
        Numbers of clusters. Their communities are found in one embedding, in as many of its leading dimensions as
        there are clusters; this costs little more than the largest of them.
    """

    counts: tuple[int, ...]

    def __call__(self, view: WeightGraph, seed: int) -> npt.NDArray[np.float64]:
        """Cut at each of the counts, shape (counts,), of a graph whose weights are read as they are."""
        scaled = view_for(view, "modularity", weights="signed", directed=False)
        return np.array([_cut(scaled, labels) for labels in _spectral(scaled, self.counts, seed)])


def normalised_cut(g: WeightGraph, membership: Any, *, weights: str = "absolute") -> float:
    r"""Normalised cut of a partition: the strength that leaves each community, as a share of all its strength.

    With V the view of the weights and :math:`A = V + V^T`,

    .. math:: \sum_c \frac{\mathrm{cut}(c)}{\mathrm{vol}(c)}, \qquad
        \mathrm{cut}(c) = \sum_{i \in c,\, j \notin c} A_{ij}, \qquad \mathrm{vol}(c) = \sum_{i \in c,\, j} A_{ij}

    from 0, where no synapse joins two communities, to the number of communities, where every synapse does.

    Parameters
    ----------
    g
        The graph. A self-synapse counts twice in the volume of its community, as in undirected modularity.
    membership
        A partition, or whole numbers, shape (n,).
    weights
        View of the weights, without negative ones.

    Returns
    -------
    float
        The cut. Neurons without synapses in this view add nothing, and a community of such neurons alone, which has no
        volume, is left out of the sum (ours).

    Raises
    ------
    DataError
        If the view has no synapse or a negative weight, or the membership another length than the graph.

    References
    ----------
    Shi and Malik, "Normalized cuts and image segmentation", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 22 (2000), for two communities; the sum over more is that of Filan and others, "Clusterability in
    Neural Networks", arXiv 2103.03386 (2021).

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> normalised_cut(g, [0, 0, 1, 1])
    1.0
    """
    view = view_for(g, "modularity", weights=weights, directed=False)
    return _cut(view, community_labels(membership, g.n))


def spectral_communities(
    g: WeightGraph, clusters: int, *, weights: str = "absolute", seed: int = 0
) -> npt.NDArray[np.int64]:
    r"""Communities by normalised spectral clustering, which looks for a small normalised cut.

    The eigenvectors of the greatest eigenvalues of :math:`D^{-1/2} A D^{-1/2}`, divided by :math:`D^{1/2}`, one for
    each cluster (A as in :func:`normalised_cut`, D its strengths), give each neuron a place; scikit-learn's k-means,
    the best of ten starts, divides these. So does its ``SpectralClustering`` with the affinity "precomputed", but for
    self-synapses, which count here as they do in the cut; our eigenvectors are found without factorising the matrix, in
    less than half the time.

    Parameters
    ----------
    g
        The graph.
    clusters
        How many, from 2 to the count of neurons with synapses.
    weights
        View of the weights, without negative ones.
    seed
        Seed of the eigenvectors' iteration and of k-means.

    Returns
    -------
    ndarray
        Community of each neuron, shape (n,); labels from 0 by falling size. Neurons without synapses in this view are
        set apart before, each alone, with the last labels. Where neurons are embedded at fewer points than there are
        clusters, as in a graph of fewer cliques, there are fewer communities.

    Raises
    ------
    OptionError
        If the number of clusters or the seed is impossible.
    DataError
        If the view has no synapse or a negative weight, or its eigenvectors are not found.

    References
    ----------
    Shi and Malik (2000). von Luxburg, "A tutorial on spectral clustering", Statistics and Computing 17 (2007).

    Examples
    --------
    >>> pair = [[0, 1], [1, 0]]
    >>> g = WeightGraph.from_matrix(scipy.sparse.block_diag([pair, pair, [[0]]]))
    >>> spectral_communities(g, 2).tolist()
    [0, 0, 1, 1, 2]
    """
    whole_number("seed", seed, 0)
    view = view_for(g, "modularity", weights=weights, directed=False)
    return _spectral(view, (whole_number("clusters", clusters, 2),), seed)[0]


def clusterability(
    g: WeightGraph,
    *,
    clusters: int = 12,
    null: str = "shuffle_block",
    samples: int = 20,
    seed: int = 0,
    weights: str = "absolute",
    initial: Any = None,
    trained: Any = None,
    workers: int | None = 1,
) -> Clusterability:
    """Whether a graph can be cut into so many groups more cleanly than chance allows.

    The graph and every sample of the null model are divided by :func:`spectral_communities` into as many clusters, and
    the normalised cuts compared, one-sided towards low ones. The answer depends on `clusters` and on `null`: ask for
    several (``benchmarks/clusterability.py``).

    Parameters
    ----------
    g
        The graph.
    clusters
        How many, at least 2.
    null
        Null model; see :func:`creditgraph.graphs.null_model`. "shuffle_block" permutes the weights of the synapses
        between two layers; Filan and others permute zeros with them, which is the same in networks without zeros.
    samples
        How many samples, at least 2. The smallest p-value is ``1 / (1 + samples)``.
    seed
        Seed of the observed communities, the samples and theirs.
    weights
        View of the weights.
    initial, trained
        For the null model "initial" the untrained weights, for "shuffled_labels" those trained on shuffled labels.
    workers
        How many processes share the samples; None for one each core. The result does not depend on it.

    Returns
    -------
    Clusterability
        The observed cut, the null's, z and p.

    Raises
    ------
    OptionError
        If an option is impossible.
    DataError
        If the view of the graph or of a sample has no synapse or a negative weight.

    References
    ----------
    Filan, Casper, Hod, Wild, Critch and Russell, "Clusterability in Neural Networks", arXiv 2103.03386 (2021). The
    other null models, views, z, and communities that are set apart are ours.
    """
    whole_number("samples", samples, 2)
    refuse_single(initial, trained)
    membership = spectral_communities(g, clusters, weights=weights, seed=seed)
    observed = normalised_cut(g, membership, weights=weights)
    cuts = null_statistics(
        g,
        SpectralCuts((int(clusters),)),
        null=null,
        samples=samples,
        seed=seed,
        weights=weights,
        initial=initial,
        trained=trained,
        workers=workers,
    )[:, 0]
    z, p_value = standing(observed, cuts, "minimise")
    return Clusterability(
        observed=observed,
        null=cuts,
        null_mean=float(cuts.mean()),
        null_sd=spread(cuts),
        z=z,
        p_value=p_value,
        membership=membership,
        clusters=int(clusters),
        weights=weights,
        null_model=null,
        samples=samples,
        seed=seed,
    )


def _cut(view: WeightGraph, labels: npt.NDArray[np.int64]) -> float:
    size = int(labels.max()) + 1
    pre, post = labels[view.pre], labels[view.post]
    volume = np.bincount(pre, view.weight, size) + np.bincount(post, view.weight, size)
    crossing = np.where(pre != post, view.weight, 0.0)
    leaving = np.bincount(pre, crossing, size) + np.bincount(post, crossing, size)
    held = volume > 0
    return float((leaving[held] / volume[held]).sum())


def _spectral(view: WeightGraph, counts: tuple[int, ...], seed: int) -> list[npt.NDArray[np.int64]]:
    """Communities at each count of clusters, of a view scaled to weights of at most 1."""
    # scikit-learn takes a second to import, and few callers need it
    from sklearn.cluster import k_means
    from threadpoolctl import threadpool_limits

    entries = scipy.sparse.csr_array((view.weight, (view.post, view.pre)), shape=(view.n, view.n))
    matrix = scipy.sparse.csr_array(entries + entries.T)
    connected = np.diff(matrix.indptr) > 0
    joined = np.flatnonzero(connected)
    for count in counts:
        if count > len(joined):
            raise OptionError(
                "clusters", count, f"at most the {counted(len(joined), 'neuron')} that have synapses in this view"
            )
    found = []
    # threads would add up in another order each time
    with warnings.catch_warnings(), threadpool_limits(1):
        # fewer places than clusters: see the docstring of spectral_communities
        warnings.filterwarnings("ignore", "Number of distinct clusters")
        places = _embedding(matrix[joined][:, joined], max(counts), seed)
        for count in counts:
            labels = np.zeros(view.n, dtype=np.int64)
            labels[joined] = k_means(places[:, :count], count, random_state=seed % 2**32, n_init=STARTS)[1]
            found.append(relabelled(labels, ~connected))
    return found


def _embedding(matrix: scipy.sparse.csr_array[Any], dimensions: int, seed: int) -> npt.NDArray[np.float64]:
    """Leading eigenvectors of a walk on the graph, by falling eigenvalue, shape (neurons, dimensions)."""
    n = matrix.shape[0]
    root = np.sqrt(np.asarray(matrix.sum(axis=1)))
    normed = matrix.copy()
    normed.data /= np.repeat(root, np.diff(matrix.indptr)) * root[matrix.indices]
    if n <= DENSE or 2 * dimensions >= n:
        # where an eigenvalue is there several times, as in a graph in parts, this finds it each time
        vectors = scipy.linalg.eigh(normed.toarray(), subset_by_index=[n - dimensions, n - 1])[1]
    else:
        start = np.random.default_rng(seed).uniform(-1.0, 1.0, n)
        try:
            vectors = eigsh(normed, k=dimensions, which="LA", v0=start, ncv=min(n, max(64, 2 * dimensions + 1)))[1]
        except ArpackError as error:
            raise DataError(
                f"weights: the {counted(dimensions, 'eigenvector')} for so many clusters were not found"
            ) from error
    return np.asarray(vectors[:, ::-1] / root[:, None])
