from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from ..guard import DataError, OptionError, counted, fraction, several
from .partitions import relabelled
from .similarity import labels_of, similarity_matrix


def align(partitions: Iterable[Any], *, reference: Any = None, overlap: float = 0.1) -> list[npt.NDArray[np.int64]]:
    r"""Labels under which the same community has the same label in every partition, and so the same colour.

    How far communities A and B are the same is their Jaccard overlap, :math:`|A \cap B| / |A \cup B|`. The partitions
    are labelled in the order given, each in three steps:

    1. Its communities are matched one to one with those of the partition before (or of the reference) so that the sum
       of overlaps is as large as can be (the assignment problem). Pairs below `overlap` are no match.
    2. Communities left over are matched in the same way with labels that the partition before (the reference) lacks,
       by the neurons that bore them last, so that a community that comes back has its label back.
    3. Communities still left over are new: they get labels never used, the largest community first.

    Parameters
    ----------
    partitions
        Partitions, or labels as whole numbers, shape (n,) each, in order of learning rate or time; or an array of
        labels, shape (partitions, n).
    reference
        None: each is matched with the partition before, the first keeps its labels. A partition: all are matched with
        it. "medoid": all are matched with the one that is most like the others (mean element-centric similarity, of
        equal ones the first), which suits seeds, that have no order.
    overlap
        Least Jaccard overlap of two communities with one label, from 0 to 1; they always share a neuron.

    Returns
    -------
    list of ndarray
        Labels of each partition, shape (n,). Labels of the first (of the reference) are numbered from 0 in their order.

    Raises
    ------
    DataError
        If the partitions are of different numbers of neurons, or there are none.

    References
    ----------
    Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2 (1955). The three
    steps are ours.

    Examples
    --------
    >>> [labels.tolist() for labels in align([[0, 0, 0, 1, 1, 1], [5, 5, 5, 2, 2, 7], [3, 3, 3, 3, 3, 3]])]
    [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 2], [0, 0, 0, 0, 0, 0]]
    """
    least = fraction("overlap", overlap)
    memberships = labels_of(partitions)
    fixed = _reference(reference, memberships)
    before = memberships[0] if fixed is None else fixed
    bearers = {label: before == label for label in range(int(before.max()) + 1)}
    aligned = []
    for membership in memberships:
        anchor = before if fixed is None else fixed
        labels = _labelled(membership, anchor, bearers, least)
        in_anchor = set() if fixed is None else set(range(int(fixed.max()) + 1))
        # a label of the reference keeps meaning the reference's community
        bearers |= {label: labels == label for label in np.unique(labels).tolist() if label not in in_anchor}
        aligned.append(labels)
        before = labels
    return aligned


def align_chains(
    chains: Sequence[Mapping[float, Any]], *, overlap: float = 0.1
) -> list[dict[float, npt.NDArray[np.int64]]]:
    r"""Labels under which a community has one label along each of several chains, and over all of them.

    A chain is the partitions of one seed in order of learning rate (or time). Each is aligned in itself by
    :func:`align`, partition by partition. Then every chain is matched with the first as a whole: a community of a chain
    is the set of its pairs (position, neuron), and communities of two chains are as far the same as these sets overlap
    (Jaccard). So a chain is never torn, and labels that the first lacks are handed on from chain to chain, as
    :func:`align` does for communities that come back.

    The result does not depend on the labels given: before anything else, communities of every partition are numbered by
    falling size, of equal sizes by their lowest neuron.

    Parameters
    ----------
    chains
        The partitions of each chain, or labels as whole numbers, shape (n,), by their position; chains may lack
        positions, where a network diverged say, and are compared where they have them.
    overlap
        Least Jaccard overlap of two communities with one label, from 0 to 1.

    Returns
    -------
    list of dict
        Labels of each partition, shape (n,), by chain and position.

    Raises
    ------
    DataError
        If there is no chain, one has no partition, or partitions are of different numbers of neurons.

    Notes
    -----
    Neuron i of one seed and neuron i of another are the same only where the network's construction makes them so (its
    inputs and outputs). Elsewhere one label over seeds says that communities lie at the same places, no more.

    Examples
    --------
    >>> first = {0.1: [0, 0, 0, 1, 1], 0.2: [1, 1, 0, 0, 0]}
    >>> second = {0.1: [4, 4, 3, 3, 3], 0.2: [0, 0, 0, 1, 1]}
    >>> [[labels.tolist() for labels in chain.values()] for chain in align_chains([first, second])]
    [[[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]], [[0, 0, 1, 1, 1], [0, 0, 0, 1, 1]]]
    """
    least = fraction("overlap", overlap)
    if not several(chains) or not all(isinstance(chain, Mapping) for chain in chains):
        raise DataError("chains: expected for each its partitions by position, such as {0.1: labels, 0.2: labels}")
    if not chains or not all(chains):
        raise DataError("chains: expected at least one, of at least one partition each")
    positions = sorted({position for chain in chains for position in chain})
    everything = labels_of([chain[position] for chain in chains for position in sorted(chain)])
    nobody = np.zeros(everything.shape[1], dtype=np.bool_)
    canonical = iter([relabelled(membership, nobody) for membership in everything])
    stacks = []
    for chain in chains:
        rows = np.full((len(positions), everything.shape[1]), -1, dtype=np.int64)
        own = align([next(canonical) for _ in chain], overlap=least)
        for position, labels in zip(sorted(chain), own, strict=True):
            rows[positions.index(position)] = labels
        stacks.append(rows.ravel())
    first = stacks[0]
    bearers = {label: first == label for label in range(int(first.max()) + 1)}
    fixed = set(bearers)
    for place, stack in enumerate(stacks[1:], 1):
        present = stack >= 0
        there = {label: bearer[present] for label, bearer in bearers.items()}
        stack[present] = _labelled(stack[present], first[present], there, least)
        bearers |= {label: stack == label for label in np.unique(stack[present]).tolist() if label not in fixed}
        stacks[place] = stack
    shape = (len(positions), everything.shape[1])
    return [
        {position: stack.reshape(shape)[positions.index(position)] for position in chain}
        for chain, stack in zip(chains, stacks, strict=True)
    ]


def _reference(reference: Any, memberships: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
    if reference is None:
        return None
    if isinstance(reference, str):
        if reference != "medoid":
            raise OptionError("reference", reference, "None, 'medoid' or a partition")
        likeness = similarity_matrix(memberships, method="element_centric").sum(axis=1)
        return np.asarray(memberships[int(np.argmax(likeness.round(12)))])
    fixed: npt.NDArray[np.int64] = labels_of([reference])[0]
    if len(fixed) != memberships.shape[1]:
        raise DataError(
            f"reference: got {counted(len(fixed), 'label')}, expected one for each of the "
            f"{counted(memberships.shape[1], 'neuron')}"
        )
    return fixed


def _labelled(
    membership: npt.NDArray[np.int64],
    anchor: npt.NDArray[np.int64],
    bearers: dict[int, npt.NDArray[np.bool_]],
    least: float,
) -> npt.NDArray[np.int64]:
    """One partition under labels of the anchor, then of those gone, then new ones."""
    communities = [membership == community for community in range(int(membership.max()) + 1)]
    names: dict[int, int] = {}
    # below 0: the anchor says nothing of these neurons, so they count neither for nor against
    known, everywhere = anchor >= 0, np.ones(len(anchor), dtype=np.bool_)
    present = np.unique(anchor[known]).tolist()
    gone = [label for label in bearers if label not in set(present)]
    for labels, sets, where in (
        (present, [anchor == label for label in present], known),
        (gone, [bearers[label] for label in gone], everywhere),
    ):
        left = [community for community in range(len(communities)) if community not in names]
        if left and labels:
            of_left = np.array([communities[community] for community in left])
            jaccard = _jaccard(of_left[:, where], np.array(sets)[:, where])
            for row, column in zip(*linear_sum_assignment(jaccard, maximize=True), strict=True):
                if jaccard[row, column] > 0 and jaccard[row, column] >= least:
                    names[left[row]] = labels[column]
    new = [community for community in range(len(communities)) if community not in names]
    first = max(bearers) + 1
    for label, community in enumerate(sorted(new, key=lambda community: -int(communities[community].sum())), first):
        names[community] = label
    return np.array([names[community] for community in range(len(communities))], dtype=np.int64)[membership]


def _jaccard(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Jaccard overlap of each set of neurons with each, shapes (sets, n), to (sets, sets)."""
    shared = one.astype(np.float64) @ other.T.astype(np.float64)
    sizes, others = one.sum(axis=1)[:, None], other.sum(axis=1)[None]
    # a set may have no neuron here
    return np.asarray(shared / np.maximum(sizes + others - shared, 1))
