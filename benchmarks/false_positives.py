"""How often `significance` calls a random network significant at 5 %.

Networks without any structure beyond their null model, of several kinds; of each, the share with p of at most 0.05.
With 19 samples p is 1/20, 2/20, ..., and a network that is but one more sample of its null model gets p = 1/20 exactly
one time in 20. The interval is Wilson's of 95 %. Against null models that keep strengths the rate may be lower: their
samples set out from the network, and strengths may leave little to be shuffled.

    python benchmarks/false_positives.py --kinds 'answered, pairs and strengths' --networks 300
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from measure import parser, write_results
from scipy.stats import binomtest

from creditgraph.analysis import significance
from creditgraph.graphs import WeightGraph
from creditgraph.guard import cores, work_through

NEURONS = 40
SAMPLES = 19
RESTARTS = 2
LEVEL = 0.05


def dense(seed: int) -> WeightGraph:
    """Gaussian weights between all neurons."""
    return WeightGraph.from_matrix(np.random.default_rng(seed).normal(size=(NEURONS, NEURONS)))


def pruned(seed: int) -> WeightGraph:
    """The strongest fifth of Gaussian weights, as algorithm 1 prunes them."""
    return WeightGraph.from_matrix(strongest(untrained(seed), 0.2))


def sparse(seed: int) -> WeightGraph:
    """Heavy-tailed weights on a random tenth of the pairs."""
    generator = np.random.default_rng(seed)
    mask = generator.random((NEURONS, NEURONS)) < 0.1
    return WeightGraph.from_matrix(generator.standard_t(2, size=(NEURONS, NEURONS)) * mask)


def undirected(seed: int) -> WeightGraph:
    """Heavy-tailed weights on a random eighth of the pairs, an edge being a synapse each way."""
    generator = np.random.default_rng(seed)
    upper = np.triu(generator.lognormal(size=(NEURONS, NEURONS)) * (generator.random((NEURONS, NEURONS)) < 0.125), 1)
    return WeightGraph.from_matrix(upper + upper.T)


def heavy(seed: int) -> WeightGraph:
    """Heavy-tailed weights on three tenths of the pairs."""
    generator = np.random.default_rng(seed)
    mask = generator.random((NEURONS, NEURONS)) < 0.3
    return WeightGraph.from_matrix(generator.lognormal(size=(NEURONS, NEURONS)) * mask)


def answered(seed: int) -> WeightGraph:
    """Heavy-tailed weights on three tenths of the pairs, each answered by one of about the same size."""
    generator = np.random.default_rng(seed)
    upper = np.triu(generator.lognormal(size=(NEURONS, NEURONS)) * (generator.random((NEURONS, NEURONS)) < 0.3), 1)
    return WeightGraph.from_matrix(upper + upper.T * generator.lognormal(sigma=0.2, size=(NEURONS, NEURONS)))


def layered(seed: int) -> WeightGraph:
    """Layers of 16, 16 and 8 neurons, the second block twice as strong."""
    generator = np.random.default_rng(seed)
    return WeightGraph.from_layers([generator.normal(size=(16, 16)), 2.0 * generator.normal(size=(8, 16))])


def untrained(seed: int) -> np.ndarray:
    """Weights before anything was learned or pruned."""
    return np.random.default_rng((seed, 1)).normal(size=(NEURONS, NEURONS))


def strongest(matrix: np.ndarray, kept: float) -> np.ndarray:
    """The matrix with the weaker weights set to 0."""
    return np.where(np.abs(matrix) >= np.quantile(np.abs(matrix), 1.0 - kept), matrix, 0.0)


def other_untrained(seed: int) -> np.ndarray:
    """Untrained weights that no tested network has."""
    return untrained(10**9 + seed)


KINDS: dict[str, tuple[Callable[[int], WeightGraph], dict[str, object]]] = {
    "dense, maximal": (dense, {}),
    "dense, minimal": (dense, {"direction": "minimise"}),
    "pruned, maximal": (pruned, {}),
    "pruned, beside initial": (pruned, {"null": "initial", "initial": other_untrained}),
    "sparse, directed": (sparse, {"directed": True}),
    "layered": (layered, {"objective": "layered", "null": "shuffle_block"}),
    "undirected, shuffled": (undirected, {}),
    "undirected, rewired": (undirected, {"null": "rewire"}),
    "heavy, rewired": (heavy, {"null": "rewire"}),
    "heavy, strength": (heavy, {"null": "strength"}),
    "pruned, strength": (pruned, {"null": "strength"}),
    "undirected, strength": (undirected, {"null": "strength"}),
    "heavy, strengths shuffled": (heavy, {"null": "shuffle_strength"}),
    "pruned, strengths shuffled": (pruned, {"null": "shuffle_strength"}),
    "undirected, strengths shuffled": (undirected, {"null": "shuffle_strength"}),
    "signed": (pruned, {"objective": "signed", "weights": "signed"}),
    "signed, signs shuffled": (pruned, {"objective": "signed", "weights": "signed", "null": "sign_shuffle"}),
    "heavy, pairs shuffled": (heavy, {"null": "shuffle_dyads"}),
    "heavy, pairs and strengths": (heavy, {"null": "shuffle_dyads_strength"}),
    "pruned, pairs and strengths": (pruned, {"null": "shuffle_dyads_strength"}),
    "answered, pairs shuffled": (answered, {"null": "shuffle_dyads"}),
    "answered, pairs and strengths": (answered, {"null": "shuffle_dyads_strength"}),
}


def p_value(item: tuple[str, int]) -> tuple[str, int, float]:
    """Kind, number of the network and its p."""
    kind, number = item
    make, options = KINDS[kind]
    found = significance(make(number), samples=SAMPLES, restarts=RESTARTS, seed=number, **options)  # type: ignore[arg-type]
    return kind, number, found.p_value


def main() -> None:
    """Test, count, write."""
    arguments = parser(__doc__)
    arguments.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS), metavar="KIND")
    arguments.add_argument("--networks", type=int, default=1000, help="of each kind; with --quick at most 40")
    options = arguments.parse_args()
    if options.networks < 1:
        arguments.error("--networks: expected at least 1")
    networks = min(options.networks, 40) if options.quick else options.networks
    items = [(kind, number) for number in range(networks) for kind in options.kinds]
    found = pd.DataFrame(work_through(p_value, items, workers=cores()), columns=["kind", "network", "p_value"])
    rows = []
    for kind in options.kinds:
        p = found.loc[found["kind"] == kind, "p_value"]
        positives = int((p <= LEVEL).sum())
        interval = binomtest(positives, networks).proportion_ci(method="wilson")
        rows.append(
            {
                "kind": kind,
                "networks": networks,
                "positives": positives,
                "percent": 100 * positives / networks,
                "low": 100 * interval.low,
                "high": 100 * interval.high,
                "mean_p": p.mean(),
            }
        )
    table = pd.DataFrame(rows)
    print(f"{NEURONS} neurons, {SAMPLES} samples, {RESTARTS} restarts, p of at most {LEVEL:g}; in per cent:")
    print(table.round(3).to_string(index=False))
    # those of some kinds do not take the place of all
    name = "false_positives" if len(options.kinds) == len(KINDS) else "false_positives_of_some"
    write_results(name, table, options.out)


if __name__ == "__main__":
    main()
