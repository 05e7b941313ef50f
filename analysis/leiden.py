from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import igraph
import numpy as np
import numpy.typing as npt

from ..graphs import WeightGraph
from ..guard import choice, real_number, whole_number, work_through, worker_count
from .engines import Engine, climb, complete_engine, joined_pairs, multiplex_engine, seeded, sparse_engine
from .enumeration import MOST_NEURONS, best_partitions
from .membership import community_labels
from .objectives import Objective, objective_of, view_for
from .partitions import Partition, relabelled
from .starts import STARTS

DIRECTIONS = ("maximise", "minimise")

# Up to this many neurons, moves may follow all pairs instead of synapses only (1,500: 1.1 million pairs).
COMPLETE_NEURONS = 1_500


def leiden(
    g: WeightGraph,
    *,
    weights: str = "absolute",
    objective: str = "modularity",
    direction: str = "maximise",
    directed: bool = False,
    resolution: float = 1.0,
    restarts: int = 10,
    seed: int = 0,
    initial_membership: Any = None,
    workers: int | None = 1,
) -> Partition:
    r"""Communities by the Leiden algorithm: the best of several restarts, each run to convergence.

    Maximal modularity finds communities that are connected within; minimal modularity finds anti-communities, connected
    across (off-diagonal blocks). Which engine is asked, and what, depends on the objective:

    - Maximal "modularity" and "cpm": igraph, along the synapses. It is always given the constant Potts model with the
      neurons' strengths (Traag, Waltman and van Eck 2019),

      .. math:: \sum_{ij} \left(A_{ij} - \frac{\gamma}{2m} k_i k_j\right) \delta(g_i, g_j) = 2 m Q

      since its own modularity drops self-synapses and, in directed graphs, in-strengths.
    - Anything else, up to 1,500 neurons: igraph on the complete graph, each pair of neurons an edge that weighs what it
      adds to the objective. Moves along synapses alone cannot bring neurons together that have no synapse between
      them, which is what anti-communities are made of. For "signed" and "layered" it is also faster and finds more
      than leidenalg.
    - Above that, where a complete graph is too large: "signed" and "layered" by leidenalg, a layer of its multiplex for
      each part; minimal "modularity" and "cpm" by igraph. Moves follow synapses: expect less of a minimum there, above
      all of sparse graphs.
    - Up to 9 neurons, no engine: all partitions (21,147 of 9 neurons) are scored, and each restart is the best of them,
      so that all restarts agree. Where several are equally good but for rounding, each restart draws one of these: how
      alike the restarts are then tells how alike the best partitions are, and no longer how sure the search is.

    Each result is scored by :func:`creditgraph.analysis.quality`.

    Parameters
    ----------
    g
        The graph.
    weights
        View of the weights: "absolute", "positive", "negative", or a view with signs for "signed" and "cpm".
    objective
        "modularity", "signed", "layered" or "cpm"; see :func:`creditgraph.analysis.quality`.
    direction
        "maximise" or "minimise".
    directed
        Whether the direction of synapses counts; False for "layered".
    resolution
        Gamma, above 0; for "cpm" in units of weight.
    restarts
        How many runs, at least 1; of equally good ones the first is taken.
    seed
        Seed of all restarts. The result depends on it, the graph and the options only, not on `workers`; the state of
        ``random`` is left alone, and igraph is left with the module ``random`` as its generator, its default.
    initial_membership
        Partition that the first restart starts from, shape (n,): a warm start, whose result is never worse than it. Up
        to 9 neurons, it is the first restart's result where none is better.
    workers
        How many processes share the restarts; None for one each core. Processes take seconds to start.

    Returns
    -------
    Partition
        The best partition, and those of all restarts.

    Raises
    ------
    OptionError
        If an option is impossible, or two do not go together.
    DataError
        If the view has no synapse, or weights that the objective does not allow; if layers are needed and absent.

    References
    ----------
    Traag, Waltman and van Eck, "From Louvain to Leiden", Scientific Reports 9 (2019). Minimising, pairs as edges, and
    starts other than from single neurons (:mod:`creditgraph.analysis.starts`) are ours.
    """
    check_search(direction=direction, resolution=resolution, restarts=restarts, seed=seed)
    landscape = Landscape.of(g, weights=weights, directed=directed, objective=objective)
    return landscape.search(
        direction,
        resolution=resolution,
        restarts=restarts,
        seed=seed,
        initial_membership=initial_membership,
        workers=worker_count(workers),
    )


def check_search(*, direction: str, resolution: float, restarts: int, seed: int) -> None:
    """Raise :class:`OptionError` if a search cannot be as asked."""
    choice("direction", direction, DIRECTIONS)
    real_number("resolution", resolution, above=0.0)
    whole_number("restarts", restarts, 1)
    whole_number("seed", seed, 0)


@dataclass(frozen=True, eq=False)
class Landscape:
    """A view of a graph to be searched, any number of times.

    Parameters
    ----------
    view
        The graph as :func:`creditgraph.analysis.objectives.view_for` gives it.
    weights, directed, objective
        What the view is, and what it is searched for.
    lender
        A landscape with the same synapses, whose igraph graph serves this one too.
    """

    view: WeightGraph
    weights: str
    directed: bool
    objective: str = "modularity"
    lender: Landscape | None = None

    @classmethod
    def of(
        cls,
        g: WeightGraph,
        *,
        weights: str,
        directed: bool,
        objective: str = "modularity",
        like: Landscape | None = None,
    ) -> Landscape:
        """Landscape of a graph; one `like` it lends what it can."""
        view = view_for(g, objective, weights=weights, directed=directed)
        same = (
            like is not None
            and like.directed == directed
            and like.view.n == view.n
            and np.array_equal(like.view.pre, view.pre)
            and np.array_equal(like.view.post, view.post)
        )
        return cls(view, weights, directed, objective, like if same else None)

    def search(
        self,
        direction: str,
        *,
        resolution: float,
        restarts: int,
        seed: int,
        initial_membership: Any = None,
        workers: int = 1,
    ) -> Partition:
        """Best partition of several restarts; see :func:`leiden`."""
        view, isolated = self.view, self.isolated
        warm = None if initial_membership is None else community_labels(initial_membership, view.n)
        few = view.n <= MOST_NEURONS
        # processes would take longer to start than all partitions of few neurons to be scored
        share = 1 if few else min(workers, restarts)
        tasks = [
            _Restarts(
                # what it keeps for searches to come, and its lender, would cross to other processes with it
                self if share == 1 else replace(self, lender=None),
                direction,
                resolution,
                seed,
                warm,
                range(first, restarts, share),
            )
            for first in range(share)
        ]
        memberships = np.empty((restarts, view.n), dtype=np.int64)
        for found in work_through(_draws if few else _climbs, tasks, workers=share):
            for restart, membership in found:
                memberships[restart] = membership
        objective = self.objective_at(resolution)
        qualities = np.array([objective.value(membership) for membership in memberships])
        best = int(np.argmin(qualities) if direction == "minimise" else np.argmax(qualities))
        return Partition(
            membership=memberships[best],
            quality=float(qualities[best]),
            objective=self.objective,
            direction=direction,
            weights=self.weights,
            directed=self.directed,
            resolution=resolution,
            restarts=restarts,
            seed=seed,
            isolated=int(isolated.sum()),
            memberships=memberships,
            qualities=qualities,
            initial_membership=warm,
        )

    def objective_at(self, resolution: float) -> Objective:
        """What is optimised, at a resolution."""
        return objective_of(self.view, self.objective, directed=self.directed, resolution=resolution)

    @property
    def isolated(self) -> npt.NDArray[np.bool_]:
        """Which neurons have no synapse and are set apart; the constant Potts model counts them as all others."""
        if self.objective == "cpm":
            return np.zeros(self.view.n, dtype=np.bool_)
        apart = np.ones(self.view.n, dtype=np.bool_)
        apart[self.view.pre] = apart[self.view.post] = False
        return apart

    def engine(self, objective: Objective, sign: float) -> Engine:
        """Engine that raises an objective of this landscape, or its negative by a `sign` of -1."""
        single = self.objective in ("modularity", "cpm")
        if self.view.n <= COMPLETE_NEURONS and not (single and sign > 0):
            return complete_engine(objective, sign)
        if single:
            return sparse_engine(objective, sign, self._joined)
        return multiplex_engine(objective, sign)

    @cached_property
    def _joined(self) -> tuple[igraph.Graph, npt.NDArray[np.int64]]:
        return joined_pairs(self.view, directed=self.directed) if self.lender is None else self.lender._joined


@dataclass(frozen=True)
class _Restarts:
    """Restarts of a search that one process runs, by their numbers."""

    landscape: Landscape
    direction: str
    resolution: float
    seed: int
    warm: npt.NDArray[np.int64] | None
    numbers: range


def _climbs(task: _Restarts) -> list[tuple[int, npt.NDArray[np.int64]]]:
    landscape, starts = task.landscape, STARTS[task.direction]
    objective = landscape.objective_at(task.resolution)
    sign = -1.0 if task.direction == "minimise" else 1.0
    engine = landscape.engine(objective, sign)

    def value(membership: npt.NDArray[np.int64]) -> float:
        return sign * objective.value(membership)

    found = []
    for restart in task.numbers:
        with seeded(task.seed, restart) as generator:
            if restart == 0 and task.warm is not None:
                start: list[int] | None = task.warm.tolist()
            else:
                start = starts[restart % len(starts)].membership(objective, sign, generator)
            reached = -math.inf if start is None else value(np.asarray(start))
            membership = climb(engine, value, start=start, generator=generator, reached=reached)
        found.append((restart, relabelled(membership, landscape.isolated)))
    return found


def _draws(task: _Restarts) -> list[tuple[int, npt.NDArray[np.int64]]]:
    """The best of all partitions for each restart; of several, drawn ones."""
    landscape = task.landscape
    objective = landscape.objective_at(task.resolution)
    sign = -1.0 if task.direction == "minimise" else 1.0
    best = best_partitions(objective, sign, apart=landscape.isolated)
    found = []
    for restart in task.numbers:
        drawn = best[np.random.default_rng((task.seed, restart)).integers(len(best))] if len(best) > 1 else best[0]
        if restart == 0 and task.warm is not None:
            # as good as the best but for rounding, it is among them
            warm = relabelled(task.warm, landscape.isolated)
            if any(np.array_equal(warm, relabelled(each, landscape.isolated)) for each in best):
                drawn = warm
        found.append((restart, relabelled(drawn, landscape.isolated)))
    return found
