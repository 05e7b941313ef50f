from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import leiden, null_statistics, significance
from creditgraph.analysis.null_statistics import NullSamples
from creditgraph.graphs import NULL_MODELS, WeightGraph, null_models
from creditgraph.guard import DataError, OptionError


def signed_graph(seed: int = 0, n: int = 24) -> WeightGraph:
    generator = np.random.default_rng(seed)
    trained, untrained = generator.normal(size=(2, n, n)) * (generator.random((n, n)) < 0.4)
    return WeightGraph.from_matrix(trained, layers=np.arange(n) // 8, initial=untrained)


def drawn(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(24, 24))


def given(null: str) -> dict[str, object]:
    return {"initial": {"initial": drawn}, "shuffled_labels": {"trained": drawn}}.get(null, {})


@pytest.mark.parametrize("null", [name for name in NULL_MODELS if name not in ("initial", "shuffled_labels")])
@pytest.mark.parametrize("weights", ["absolute", "positive", "signed", "change"])
def test_samples_are_those_of_the_null_model(null: str, weights: str) -> None:
    """Fails when a sample is of another graph than the tested view, or of another number than null_models says."""
    g = signed_graph()
    if null == "sign_shuffle" and weights == "absolute":
        with pytest.raises(OptionError, match="weights: got 'absolute', expected a view that signs matter to"):
            NullSamples(g, null, weights, 5)
        return
    if null == "sign_shuffle":
        whole = g.view("change") if weights == "change" else g
        view = "signed" if weights == "change" else weights
        expected = [sample.view(view) for sample in null_models(whole, null, samples=3, seed=5)]
    else:
        expected = list(null_models(g.view(weights), null, samples=3, seed=5))
    samples = NullSamples(g, null, weights, 5)
    # in any order
    for number in (2, 0, 1):
        assert samples.draw(number).same_as(expected[number])


@pytest.mark.parametrize("null", ["initial", "shuffled_labels"])
def test_samples_of_other_weights(null: str) -> None:
    """Fails when weights that are given are not pruned like the whole network before the view is taken."""
    g = signed_graph()
    expected = [sample.view("positive") for sample in null_models(g, null, samples=2, seed=1, **given(null))]
    samples = NullSamples(g, null, "positive", 1, **given(null))
    assert all(samples.draw(number).same_as(expected[number]) for number in (0, 1))


def test_statistics_by_value() -> None:
    """Fails when a sample's value is dropped, out of its place, or its seed shared with another."""
    g = signed_graph()

    def corner(sample: WeightGraph, seed: int) -> list[float]:
        return [sample.weight[0], seed]

    found = null_statistics(g, corner, samples=4, seed=2, weights="absolute")
    expected = [sample.weight[0] for sample in null_models(g.view("absolute"), "shuffle_nonzero", samples=4, seed=2)]
    assert found[:, 0].tolist() == expected
    assert len(set(found[:, 1])) == 4
    assert np.array_equal(null_statistics(g, corner, samples=6, seed=2)[:4], found)


def test_statistics_that_cannot_be() -> None:
    """Fails when NaN or ragged values pass, or impossible options reach the null model."""
    g = signed_graph()
    with pytest.raises(DataError, match="statistic: 1 value is NaN"):
        null_statistics(g, lambda sample, seed: np.nan, samples=2)
    with pytest.raises(DataError, match=r"statistic: got values of shapes .*expected one shape"):
        null_statistics(g, lambda sample, seed: np.zeros(seed % 7), samples=8)
    for options, message in (
        ({"samples": 0}, "samples: got 0"),
        ({"null": "shuffle"}, "null: got 'shuffle'"),
        ({"weights": "abs"}, "weights: got 'abs'"),
        ({"null": "initial"}, "initial: got None"),
        ({"null": "initial", "weights": "change", "initial": drawn}, "weights: got 'change'"),
        ({"workers": 0}, "workers: got 0"),
    ):
        with pytest.raises(OptionError, match=message):
            null_statistics(g, lambda sample, seed: 0.0, **options)


@pytest.mark.parametrize(
    "search",
    [
        {"objective": "signed", "weights": "signed"},
        {"objective": "signed", "weights": "change", "directed": True},
        {"objective": "layered", "weights": "negative"},
        {"objective": "cpm", "weights": "signed", "resolution": 0.3},
    ],
)
def test_significance_of_every_objective(search: dict[str, object]) -> None:
    """Fails when a sample is searched for another objective than the graph: each repeated, to the bit."""
    g = signed_graph(3)
    found = significance(g, samples=3, restarts=2, seed=4, **search)
    assert found.partition.objective == search["objective"]
    assert found.observed == leiden(g, restarts=2, seed=4, **search).quality
    view = g.view(str(search["weights"]))
    for number, sample in enumerate(null_models(view, "shuffle_nonzero", samples=3, seed=4)):
        own = int(np.random.SeedSequence((4, number, 1)).generate_state(1)[0])
        assert found.null[number] == leiden(sample, restarts=2, seed=own, **(search | {"weights": "signed"})).quality


@pytest.mark.parametrize("null", NULL_MODELS)
def test_significance_of_every_null_model(null: str) -> None:
    """Fails when a null model cannot be asked for by name."""
    g = signed_graph(1)
    found = significance(g, null=null, weights="positive", samples=3, restarts=1, **given(null))
    assert found.null_model == null
    # samples differ, unless the model left no choice
    assert len(set(found.null)) == 3


@pytest.mark.slow
@pytest.mark.parametrize("null", ["shuffle_nonzero", "initial"])
def test_workers_change_nothing(null: str) -> None:
    """Fails when the result depends on how many processes share the samples."""
    g = signed_graph(2)
    options = {"null": null, "samples": 5, "restarts": 2, "seed": 7, "direction": "minimise", **given(null)}
    alone = significance(g, **options)
    for workers in (2, 3):
        shared = significance(g, workers=workers, **options)
        assert np.array_equal(shared.null, alone.null)
        assert np.array_equal(shared.partition.memberships, alone.partition.memberships)
        assert (shared.z, shared.p_value) == (alone.z, alone.p_value)
