from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..graphs import WeightGraph
from ..guard import DataError, OptionError, counted, real_number, whole_number
from .core_periphery import FEWEST, CorePeriphery, core_periphery
from .false_discovery import false_discovery
from .leiden import Landscape
from .null_statistics import null_statistics, refuse_single
from .partitions import Partition
from .significance import standing

KINDS = ("block-diagonal", "off-diagonal", "core-periphery")
NONE = "none"

# what each kind of structure drives its score to
DIRECTIONS = ("maximise", "minimise", "maximise")


@dataclass(frozen=True, eq=False, repr=False)
class StructureVerdict:
    """Which large-scale structure a network has, and the three tests that say so.

    Parameters
    ----------
    verdict
        "block-diagonal", "off-diagonal", "core-periphery" or "none".
    table
        One row per kind of structure: `structure`, `score`, `null_mean`, `null_sd`, `z` (above 0 where there is more of
        the structure than in the null model), `p_value`, `q_value`, `holds`.
    maximal, minimal
        The partitions of maximal and of minimal modularity.
    core
        The best core and periphery.
    null
        The three scores of each sample, shape (samples, 3).
    weights, null_model, samples, restarts, seed, level
        What was asked.
    """

    verdict: str
    table: pd.DataFrame
    maximal: Partition
    minimal: Partition
    core: CorePeriphery
    null: npt.NDArray[np.float64]
    weights: str
    null_model: str
    samples: int
    restarts: int
    seed: int
    level: float

    def __repr__(self) -> str:
        z = ", ".join(f"{kind}: {value:.3g}" for kind, value in zip(KINDS, self.table["z"], strict=True))
        return f"StructureVerdict({self.verdict!r}, z=({z}), weights={self.weights!r}, null={self.null_model!r})"


def structure(
    g: WeightGraph,
    *,
    weights: str = "absolute",
    null: str = "shuffle_nonzero",
    samples: int = 99,
    restarts: int = 3,
    seed: int = 0,
    workers: int | None = 1,
    level: float = 0.05,
    initial: Any = None,
    trained: Any = None,
) -> StructureVerdict:
    r"""Whether a network is block-diagonal, off-diagonal, has a core and periphery, or none of these.

    Three scores, in the undirected sense, are each compared with those of the same samples of a null model:

    ============== ================================================== =========================
    structure      score                                              more of it
    ============== ================================================== =========================
    block-diagonal maximal modularity (:func:`leiden`)                higher than in the null
    off-diagonal   minimal modularity (:func:`leiden`)                lower than in the null
    core-periphery correlation with a core (:func:`core_periphery`)   higher than in the null
    ============== ================================================== =========================

    A structure *holds* where the Benjamini-Hochberg q-value of its one-sided p, over the three, is at most `level`. The
    verdict is the structure that holds; of several that do, the one with the greatest z (of equal ones the first
    above), and "none" where none does.

    The rule is ours. The z of different scores are not strictly on one scale, so where two hold with z close to each
    other, read the table rather than the verdict: real networks have more than one. How often the rule is right is in
    docs/structure.md.

    The null model decides the question. The shuffles keep who is connected to whom: they ask what the weights add to
    the wiring, and structure of the wiring alone goes unnoticed. Models that rewire ask about wiring and weights
    together. Models that keep strengths ask whether a core is more than a matter of strong neurons.

    Parameters
    ----------
    g
        The graph, of at least 4 neurons.
    weights
        View of the weights: "absolute", "positive", "negative", or "signed" where no weight is below 0.
    null, initial, trained
        Null model; see :func:`creditgraph.graphs.null_model`. What is shuffled is the view.
    samples
        How many samples; at least ``3 / level - 1``, since a single structure that holds needs p of ``level / 3``.
    restarts
        Of each of the three searches, on the graph and on every sample.
    seed
        Seed of all searches and samples; the result depends on nothing else, whatever the number of workers.
    workers
        Processes that share the samples; None for one on each core.
    level
        Greatest q-value that counts, above 0 and below 1.

    Returns
    -------
    StructureVerdict
        The verdict and all that led to it.

    Raises
    ------
    OptionError
        If an option is impossible, such as too few samples for the level.
    DataError
        If the graph has fewer than 4 neurons, or the view no synapse or a negative weight.

    Examples
    --------
    >>> from creditgraph.analysis import planted_structure
    >>> g = planted_structure("off-diagonal", n=40, strength=4.0, seed=1).graph
    >>> structure(g, samples=59).verdict
    'off-diagonal'
    """
    refuse_single(initial, trained)
    real_number("level", level, maximum=1.0, above=0.0)
    whole_number("restarts", restarts, 1)
    whole_number("seed", seed, 0)
    needed = max(2, int(np.ceil(len(KINDS) / level * (1 - 1e-12))) - 1)
    if whole_number("samples", samples, 1) < needed:
        raise OptionError("samples", samples, f"at least {needed}, or no q-value of one of three can reach {level:g}")
    landscape = Landscape.of(g, weights=weights, directed=False)
    if g.n < FEWEST:
        raise DataError(f"g: got a graph of {counted(g.n, 'neuron')}, expected at least {FEWEST}")
    scores = null_statistics(
        g,
        # what the landscape keeps for searches to come would cross to other processes with it
        _Scores(landscape if workers == 1 else replace(landscape), restarts),
        null=null,
        samples=samples,
        seed=seed,
        weights=weights,
        initial=initial,
        trained=trained,
        workers=workers,
    )
    searched = _searches(landscape, restarts, seed)
    observed = np.array([searched[0].quality, searched[1].quality, searched[2].score])
    table = _tests(observed, scores, level)
    holding = table[table["holds"]]
    verdict = NONE if holding.empty else str(holding["structure"].iloc[int(np.argmax(holding["z"]))])
    return StructureVerdict(
        verdict=verdict,
        table=table,
        maximal=searched[0],
        minimal=searched[1],
        core=searched[2],
        null=scores,
        weights=weights,
        null_model=null,
        samples=samples,
        restarts=restarts,
        seed=seed,
        level=float(level),
    )


@dataclass(frozen=True)
class _Scores:
    """The three scores of a sample, searched as the graph was."""

    landscape: Landscape
    restarts: int

    def __call__(self, sample: WeightGraph, seed: int) -> list[float]:
        landscape = Landscape.of(sample, weights="signed", directed=False, like=self.landscape)
        maximal, minimal, core = _searches(landscape, self.restarts, seed)
        return [maximal.quality, minimal.quality, core.score]


def _searches(landscape: Landscape, restarts: int, seed: int) -> tuple[Partition, Partition, CorePeriphery]:
    maximal = landscape.search("maximise", resolution=1.0, restarts=restarts, seed=seed)
    minimal = landscape.search("minimise", resolution=1.0, restarts=restarts, seed=seed)
    core = core_periphery(landscape.view, weights="signed", restarts=restarts, seed=seed)
    return maximal, minimal, replace(core, weights=landscape.weights)


def _tests(observed: npt.NDArray[np.float64], null: npt.NDArray[np.float64], level: float) -> pd.DataFrame:
    standings = [standing(float(observed[i]), null[:, i], direction) for i, direction in enumerate(DIRECTIONS)]
    signs = np.array([-1.0 if direction == "minimise" else 1.0 for direction in DIRECTIONS])
    p_values = np.array([p for _, p in standings])
    q_values = false_discovery(p_values)
    return pd.DataFrame(
        {
            "structure": KINDS,
            "score": observed,
            "null_mean": null.mean(axis=0),
            "null_sd": null.std(axis=0, ddof=1),
            "z": signs * np.array([z for z, _ in standings]),
            "p_value": p_values,
            "q_value": q_values,
            # 3 / 300 is 0.01, whatever rounding says
            "holds": q_values <= level * (1 + 1e-12),
        }
    )
