"""Reports of samples, and the null models of signs and of shuffled labels."""

from __future__ import annotations

import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, null_model, null_report
from creditgraph.guard import DataError, OptionError


def mixed() -> WeightGraph:
    generator = np.random.default_rng(6)
    return WeightGraph.from_matrix((generator.normal(size=(40, 40)) + 0.5) * (generator.random((40, 40)) < 0.3))


def test_sign_shuffle_keeps_magnitudes() -> None:
    """Fails when a magnitude moves, the count of negative synapses changes, or signs stay where they were."""
    g = mixed()
    sample = null_model(g, "sign_shuffle", seed=0)
    assert np.array_equal(np.abs(sample.adjacency()), np.abs(g.adjacency()))
    assert (sample.weight < 0).sum() == (g.weight < 0).sum()
    negative = float((g.weight < 0).mean())
    by_chance = negative**2 + (1 - negative) ** 2
    assert abs((sample.weight == g.weight).mean() - by_chance) < 0.1
    dale = WeightGraph.from_matrix(np.ones((20, 20)) * np.where(np.arange(20) < 10, 1.0, -1.0))
    assert set(dale.sign_types()) == {"excitatory", "inhibitory"}
    assert set(null_model(dale, "sign_shuffle", seed=0).sign_types()) == {"mixed"}


def test_pairs_that_are_torn_apart_are_seen() -> None:
    """Fails when a report calls pairs kept that are not, or lost where they moved or were turned round."""
    matrix = mixed().adjacency()
    g = WeightGraph.from_matrix(matrix)
    assert null_report(g, g).same_pairs
    assert null_report(g, WeightGraph.from_matrix(matrix.T)).same_pairs
    assert null_report(g, null_model(g, "shuffle_dyads", seed=0)).same_pairs
    assert not null_report(g, null_model(g, "shuffle_nonzero", seed=0)).same_pairs
    assert not null_report(g, g.view("absolute")).same_pairs


def test_sign_shuffle_of_one_sign_is_refused() -> None:
    """Fails when a sample that is the graph itself passes for one of a null model."""
    for view in ("absolute", "negative"):
        with pytest.raises(DataError, match="all have one sign"):
            null_model(mixed().view(view), "sign_shuffle", seed=0)
    with pytest.raises(DataError, match="all have one sign"):
        null_model(mixed().view("negative").with_weights(-mixed().view("negative").weight), "sign_shuffle", seed=0)


def test_shuffled_labels_are_pruned_alike() -> None:
    """Fails when the weights given are not asked for anew with each seed, or keep another count of synapses."""
    g = mixed()

    def trained(seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(40, 40))

    sample = null_model(g, "shuffled_labels", seed=3, trained=trained)
    threshold = np.sort(np.abs(trained(3)), axis=None)[-g.synapses]
    assert np.array_equal(sample.adjacency(), np.where(np.abs(trained(3)) >= threshold, trained(3), 0.0))
    with pytest.raises(OptionError, match="trained: got None, expected weights trained on shuffled labels"):
        null_model(g, "shuffled_labels", seed=0)
    with pytest.raises(OptionError, match=r"initial: .*nothing for the null model shuffled_labels"):
        null_model(g, "shuffled_labels", seed=0, initial=trained, trained=trained)
    with pytest.raises(DataError, match="trained: got trained weights of 39 neurons, expected 40"):
        null_model(g, "shuffled_labels", seed=0, trained=np.ones((39, 39)))


def test_report_by_hand() -> None:
    """Fails when a share or an error is counted otherwise than it says."""
    g = WeightGraph(4, [0, 1, 2, 3], [1, 0, 1, 3], [2.0, -4.0, 1.0, 5.0])
    sample = WeightGraph(4, [0, 1, 2, 3], [1, 0, 0, 3], [2.0, -5.0, 1.0, 5.0])
    report = null_report(g, sample)
    assert not report.same_wiring
    assert report.overlap == 0.75
    assert report.unmoved == 0.5
    assert not report.same_degrees
    assert not report.same_weights
    # two of the three synapses between neurons answer each other, before and after
    assert report.reciprocity == report.null_reciprocity == 2 / 3
    # neuron 0 had no positive input and now has
    assert report.in_strength_error == np.inf
    assert report.out_strength_error == 0.25
    same = null_report(g, g)
    assert (same.overlap, same.unmoved, same.in_strength_error) == (1.0, 1.0, 0.0)
    assert same.same_wiring
    assert same.same_degrees
    assert same.same_weights
    turned = null_report(g, g.with_weights(-g.weight))
    assert turned.same_magnitudes
    assert not turned.same_weights
    assert turned.unmoved == 0.0


def test_report_of_other_graphs() -> None:
    """Fails when graphs of different size are compared, or an empty graph divides by zero."""
    with pytest.raises(DataError, match="sample: got 3 neurons, expected 40"):
        null_report(mixed(), WeightGraph.from_matrix(np.eye(3)))
    empty = WeightGraph.from_matrix(np.zeros((2, 2)))
    report = null_report(empty, empty)
    assert (report.overlap, report.reciprocity) == (0.0, 0.0)
    assert report.same_wiring
