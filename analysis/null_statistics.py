from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graphs import NULL_MODELS, WeightGraph, null_model
from ..graphs.weight_graph import weight_graph
from ..guard import DataError, OptionError, choice, finite_array, whole_number, work_through, worker_count

# views of what training changed, whose signs are those of the view "change"
CHANGES = {"change": "signed", "absolute_change": "absolute"}

Statistic = Callable[[WeightGraph, int], Any]


@dataclass(frozen=True, eq=False)
class NullSamples:
    """Samples of a null model of a view of a graph, each drawn by its number, in whatever process.

    The models that shuffle, rewire or fit weights do so to the view that is tested (of "positive", the positive weights
    among their synapses), so that what they keep really stays; of all weights, they would move the signs, and with them
    the wiring of the positive view. Models that bring weights of their own, and "sign_shuffle", give a network, of
    which the view is taken.

    Parameters
    ----------
    g, null, initial, trained
        See :func:`creditgraph.graphs.null_model`.
    weights
        The view.
    seed
        Seed of the series, as for :func:`creditgraph.graphs.null_models`.

    Raises
    ------
    OptionError
        If the null model is unknown, or leaves the view as it is.
    """

    g: WeightGraph
    null: str
    weights: str
    seed: int
    initial: Any = None
    trained: Any = None

    def __post_init__(self) -> None:
        weight_graph("g", self.g)
        choice("null", self.null, NULL_MODELS)
        whole_number("seed", self.seed, 0)
        self.g.view(self.weights)
        if self.null == "sign_shuffle" and self.weights in ("absolute", "absolute_change"):
            raise OptionError("weights", self.weights, "a view that signs matter to, for the null model sign_shuffle")
        if self.null == "initial" and self.weights in CHANGES:
            raise OptionError("weights", self.weights, "a view of the weights themselves, for the null model initial")

    def draw(self, sample: int) -> WeightGraph:
        """View of sample number `sample`, which depends on that number and the seed only."""
        seed = int(np.random.SeedSequence((self.seed, sample)).generate_state(1)[0])
        if self.null == "sign_shuffle":
            changed = self.weights in CHANGES
            drawn = null_model(self.g.view("change") if changed else self.g, self.null, seed=seed)
            return drawn.view(CHANGES.get(self.weights, self.weights))
        if self.null in ("initial", "shuffled_labels"):
            drawn = null_model(self.g, self.null, seed=seed, initial=self.initial, trained=self.trained)
            return drawn.view(self.weights)
        view = self.g.view(self.weights)
        return null_model(view, self.null, seed=seed, initial=self.initial, trained=self.trained)


def refuse_single(initial: Any, trained: Any) -> None:
    """Refuse a single network in the place of a null model: it is one sample, and no z or p comes of that.

    Raises
    ------
    OptionError
        If either is given and no function.
    """
    for option, given in (("initial", initial), ("trained", trained)):
        if given is not None and not callable(given):
            raise OptionError(
                option,
                f"a single network ({type(given).__name__})",
                "a function of a seed that gives one for each sample",
                "one network is one sample, however often it is searched",
            )


def null_statistics(
    g: WeightGraph,
    statistic: Statistic,
    *,
    null: str = "shuffle_nonzero",
    samples: int = 20,
    seed: int = 0,
    weights: str = "absolute",
    initial: Any = None,
    trained: Any = None,
    workers: int | None = 1,
) -> npt.NDArray[np.float64]:
    """A statistic of every sample of a null model.

    Parameters
    ----------
    g
        The graph.
    statistic
        Called with the view of a sample, a graph to be read as it is (``weights="signed"``), and a seed of the
        sample's own; returns a number or an array, of the same shape for all.
    null, initial, trained
        Null model; see :func:`creditgraph.graphs.null_model`. What of the graph it shuffles: see
        :class:`creditgraph.analysis.null_statistics.NullSamples`.
    samples
        How many, at least 1; sample i is the same however many there are.
    seed
        Seed of the series.
    weights
        View of the weights.
    workers
        How many processes share the samples; None for one each core. The result does not depend on it.

    Returns
    -------
    numpy.ndarray
        Shape (samples, ...).

    Raises
    ------
    OptionError
        If an option is impossible, or the statistic is no function.
    DataError
        If a sample cannot be drawn, or the statistic is not finite or changes its shape.

    Examples
    --------
    >>> g = WeightGraph.from_matrix([[0.0, 1.0], [3.0, 0.0]])
    >>> null_statistics(g, lambda sample, seed: sample.weight.sum(), samples=3).tolist()
    [4.0, 4.0, 4.0]
    """
    if not callable(statistic):
        raise OptionError("statistic", statistic, "a function of a sample and a seed")
    whole_number("samples", samples, 1)
    drawn = NullSamples(g, null, weights, seed, initial, trained)
    share = min(worker_count(workers), samples)
    tasks = [_Samples(drawn, statistic, range(first, samples, share)) for first in range(share)]
    values: list[Any] = [None] * samples
    for found in work_through(_statistics, tasks, workers=share):
        for sample, value in found:
            values[sample] = value
    shapes = {value.shape for value in values}
    if len(shapes) > 1:
        raise DataError(f"statistic: got values of shapes {sorted(shapes)}, expected one shape for all samples")
    return np.stack(values)


@dataclass(frozen=True)
class _Samples:
    """Samples that one process draws, by their numbers."""

    drawn: NullSamples
    statistic: Statistic
    numbers: range


def _statistics(task: _Samples) -> list[tuple[int, npt.NDArray[np.float64]]]:
    found = []
    for sample in task.numbers:
        seed = int(np.random.SeedSequence((task.drawn.seed, sample, 1)).generate_state(1)[0])
        value = task.statistic(task.drawn.draw(sample), seed)
        found.append((sample, finite_array("statistic", value).astype(np.float64)))
    return found
