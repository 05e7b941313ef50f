from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditgraph.analysis import align, align_chains, compare
from creditgraph.guard import DataError, OptionError


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_permuted_labels_are_recovered(data: st.DataObject) -> None:
    """Fails when a partition under other names does not get back the names of the first."""
    first = np.unique(data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=30)), return_inverse=True)[1]
    others = [np.array(data.draw(st.permutations(range(20))))[first] for _ in range(3)]
    for reference in (None, "medoid", first):
        for labels in align([first, *others], reference=reference):
            assert labels.tolist() == first.tolist()


@given(
    st.integers(2, 20).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 5), min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
@settings(max_examples=60, deadline=None)
def test_only_names_change(partitions: list[list[int]]) -> None:
    """Fails when two communities of one partition get one label, or neurons change community."""
    for given_labels, labels in zip(partitions, align(partitions), strict=True):
        assert compare(given_labels, labels, method="vi") == 0.0


def test_one_that_leaves_and_comes_back() -> None:
    """Fails when a community that comes back gets another colour, or a new one takes the label of one that is gone."""
    before = [0, 0, 0, 0, 1, 1, 1, 2, 2]
    without = [0, 0, 0, 0, 1, 1, 1, 1, 1]
    after = [5, 5, 5, 9, 1, 1, 1, 2, 2]
    found = [labels.tolist() for labels in align([before, without, after])]
    assert found[1] == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert found[2] == [0, 0, 0, 3, 1, 1, 1, 2, 2]


def test_the_best_sum_of_overlaps_wins() -> None:
    """Fails when communities are matched one by one, by overlap, size or order, instead of all together."""
    # overlaps 5/11 and 0 on the diagonal, 3/8 and 3/8 across: taking the largest first would reach less
    first = [0] * 8 + [1] * 3
    second = [0] * 5 + [1] * 3 + [0] * 3
    assert align([first, second])[1].tolist() == [1] * 5 + [0] * 3 + [1] * 3


def test_a_reference_is_not_moved() -> None:
    """Fails when, with a reference, labels drift along the chain instead."""
    # the neurons of community 0 are replaced two by two until none of the first is left
    steps = [[int(not start <= neuron < start + 4) for neuron in range(12)] for start in (0, 2, 4, 6, 8)]
    by_chain = align(steps)
    by_reference = align(steps, reference=steps[0])
    assert by_chain[-1].tolist() == steps[-1]
    assert by_reference[1].tolist() == steps[1]
    assert by_reference[-1].tolist() == [0] * 8 + [1] * 4
    medoid = align(steps, reference="medoid")
    assert medoid[2].tolist() == steps[2]


def test_what_is_new_keeps_its_label() -> None:
    """Fails when a community that the reference lacks has another colour in each partition."""
    found = align([[0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 5, 5]], reference=[0, 0, 1, 1, 1, 1])
    assert [labels.tolist() for labels in found] == [[0, 0, 1, 1, 2, 2]] * 2


def test_small_overlaps_are_no_match() -> None:
    """Fails when a community that shares few neurons with another takes its label, or the bound is not inclusive."""
    first = [0] * 10 + [1] * 10
    second = [0] * 19 + [1]
    # of the second community, the overlap is 1 of 10 neurons
    assert align([first, second], overlap=0.1)[1].tolist() == second
    assert align([first, second], overlap=0.11)[1].tolist() == [0] * 19 + [2]
    # the bound 0 still asks for a neuron in common
    assert align([[0, 0, 1], [0, 1, 2]], overlap=0.0)[1].tolist() == [0, 2, 1]


def test_what_is_refused() -> None:
    """Fails when nothing, other neurons or an unknown reference are aligned."""
    with pytest.raises(DataError, match="got none"):
        align([])
    with pytest.raises(DataError, match="got 1 label, expected one for each of the 2"):
        align([[0, 1], [0]])
    with pytest.raises(DataError, match="reference: got 3 labels"):
        align([[0, 1]], reference=[0, 1, 2])
    with pytest.raises(OptionError, match="reference: got 'median'"):
        align([[0, 1]], reference="median")


def chains_of(seed: int) -> list[dict[float, np.ndarray]]:
    """Three seeds over three learning rates, of which one network diverged; neurons wander a little."""
    generator = np.random.default_rng(seed)
    chains = []
    for place in range(3):
        labels = np.repeat(np.arange(4), (9, 7, 5, 3))
        chain = {}
        for rate in (0.1, 0.2, 0.4):
            labels = np.where(generator.random(24) < 0.15, generator.integers(0, 5, 24), labels)
            chain[rate] = labels
        if place == 1:
            del chain[0.4]
        chains.append(chain)
    return chains


@pytest.mark.parametrize("seed", range(5))
def test_chains_do_not_depend_on_the_labels_given(seed: int) -> None:
    """Fails when a permutation of labels, in any partition of any chain, changes a colour anywhere."""
    chains = chains_of(seed)
    generator = np.random.default_rng(100 + seed)
    permuted = [{rate: generator.permutation(50)[labels] for rate, labels in chain.items()} for chain in chains]
    for one, other in zip(align_chains(chains), align_chains(permuted), strict=True):
        assert one.keys() == other.keys()
        for rate, labels in one.items():
            assert labels.tolist() == other[rate].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_chains_are_renamed_and_never_torn(seed: int) -> None:
    """Fails when two communities get one label, or matching with the first takes back what a chain has aligned."""
    chains = chains_of(seed)
    found = align_chains(chains)
    for chain, labels in zip(chains, found, strict=True):
        own = align(list(chain.values()))
        assert list(labels) == list(chain)
        together = np.concatenate(list(labels.values()))
        assert compare(np.concatenate(own), together, method="vi") == pytest.approx(0.0, abs=1e-12)
        for rate, partition in chain.items():
            assert compare(partition, labels[rate], method="vi") == 0.0
    # all seeds started from the same groups, and most neurons stay there
    for labels in found[1:]:
        assert (labels[0.1] == found[0][0.1]).mean() > 0.5


def test_a_label_of_no_other_chain_is_new_and_handed_on() -> None:
    """Fails when two seeds give one label to communities that share nothing, or each its own to one that they share."""
    first = {1.0: [0] * 6 + [1] * 6}
    second = {1.0: [0] * 6 + [1] * 5 + [2]}
    third = {1.0: [0] * 5 + [7] + [1] * 5 + [2]}
    found = [chain[1.0].tolist() for chain in align_chains([first, second, third])]
    assert found[1] == [0] * 6 + [1] * 5 + [2]
    assert found[2] == [0] * 5 + [3] + [1] * 5 + [2]


def test_chains_that_are_none_are_refused() -> None:
    """Fails when nothing to align gives an IndexError."""
    for given_chains in ([], [{}]):
        with pytest.raises(DataError, match="chains"):
            align_chains(given_chains)
    with pytest.raises(DataError, match="labels"):
        align_chains([{0.1: [0, 1]}, {0.1: [0, 1, 1]}])


def test_positions_that_the_first_chain_lacks_do_not_count_against_a_match() -> None:
    """Fails when a first network that diverged at most learning rates leaves the others with labels of their own."""
    partition = [0] * 6 + [1] * 4
    short, long = {1.0: partition}, {float(rate): partition for rate in range(1, 13)}
    for chains in ([short, long], [long, short]):
        found = align_chains(chains)
        assert all(labels.tolist() == partition for chain in found for labels in chain.values())
