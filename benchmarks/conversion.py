"""Weight graphs to igraph beside igraph's own routes, side by side in one run, and the memory that each takes.

Each route starts from the same thing (the arrays pre, post and weight, or a dense matrix) and ends with a directed
igraph graph with weights. Ours checks the synapses and their order on the way, and then is igraph's iterator of pairs,
the fastest that it has: it can be no faster than that. Peak memory is that of a process of its
own, with Python, its libraries and the arrays (the row "nothing" has no more than these).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable

import igraph
import numpy as np
import pandas as pd
import scipy.sparse
from measure import parser, peak_mib, ratio, side_by_side, write_results

from creditgraph.graphs import WeightGraph

OURS = "creditgraph"
NOTHING = "nothing"


class Network:
    """Random synapses, n neurons, in the order of the weight matrix."""

    def __init__(self, n: int, synapses: int) -> None:
        generator = np.random.default_rng(0)
        place = np.sort(generator.choice(n * n, synapses, replace=False))
        self.n = n
        self.pre, self.post = (place % n).astype(np.int32), (place // n).astype(np.int32)
        self.weight = generator.normal(size=synapses)

    def dense(self) -> np.ndarray:
        """Matrix with rows of presynaptic neurons, as igraph reads it."""
        matrix = np.zeros((self.n, self.n))
        matrix[self.pre, self.post] = self.weight
        return matrix

    def routes(self) -> dict[str, Callable[[], igraph.Graph]]:
        """Ways from the arrays to an igraph graph."""
        n, pre, post, weight = self.n, self.pre, self.post, self.weight

        def pairs() -> igraph.Graph:
            edges = list(zip(pre.tolist(), post.tolist(), strict=True))
            return igraph.Graph(n, edges, directed=True, edge_attrs={"weight": weight.tolist()})

        def iterator() -> igraph.Graph:
            edges = zip(pre.tolist(), post.tolist(), strict=True)
            return igraph.Graph(n, edges, directed=True, edge_attrs={"weight": weight.tolist()})

        def added() -> igraph.Graph:
            graph = igraph.Graph(n, directed=True)
            graph.add_edges(list(zip(pre.tolist(), post.tolist(), strict=True)), {"weight": weight.tolist()})
            return graph

        def array() -> igraph.Graph:
            return igraph.Graph(n, np.column_stack([pre, post]), directed=True, edge_attrs={"weight": weight.tolist()})

        def tuples() -> igraph.Graph:
            edges = zip(pre.tolist(), post.tolist(), weight.tolist(), strict=True)
            return igraph.Graph.TupleList(edges, directed=True, weights=True)

        def frame() -> igraph.Graph:
            edges = pd.DataFrame({"source": pre, "target": post, "weight": weight})
            return igraph.Graph.DataFrame(edges, directed=True, use_vids=True)

        return {
            OURS: lambda: WeightGraph(n, pre, post, weight).to_igraph(),
            "igraph, list of pairs": pairs,
            "igraph, iterator of pairs": iterator,
            "igraph, add_edges": added,
            "igraph, array": array,
            "igraph, TupleList": tuples,
            "igraph, DataFrame": frame,
            "igraph, scipy sparse": lambda: igraph.Graph.Weighted_Adjacency(
                scipy.sparse.coo_matrix((weight, (pre, post)), shape=(n, n))
            ),
            "igraph, dense": lambda: igraph.Graph.Weighted_Adjacency(self.dense()),
        }

    def dense_routes(self) -> dict[str, Callable[[], igraph.Graph]]:
        """Ways from a dense matrix to an igraph graph."""
        matrix = self.dense()
        return {
            OURS: lambda: WeightGraph.from_matrix(matrix.T).to_igraph(),
            "igraph, dense": lambda: igraph.Graph.Weighted_Adjacency(matrix),
            "igraph, scipy sparse": lambda: igraph.Graph.Weighted_Adjacency(scipy.sparse.coo_matrix(matrix)),
        }


def peak(options: argparse.Namespace, route: str) -> float:
    """MiB of a process that takes a route from the arrays, at most."""
    command = [sys.executable, __file__, "--neurons", options.neurons, "--synapses", options.synapses, "--peak", route]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Time all routes in turns and print the ratio of each to ours."""
    arguments = parser(__doc__)
    arguments.add_argument("--neurons", type=int, default=2330, help="as many as 784-1024-512-10 has")
    arguments.add_argument("--synapses", type=int, default=1_300_000)
    arguments.add_argument("--repeats", type=int, default=7)
    arguments.add_argument("--peak", help="print the MiB of a process that takes a single route, and end")
    options = arguments.parse_args()
    if options.quick:
        options.neurons, options.synapses, options.repeats = 500, 50_000, 3
    network = Network(options.neurons, options.synapses)
    if options.peak:
        kept = network.routes().get(options.peak, lambda: None)()
        print(peak_mib())
        del kept
        return
    results: dict[str, object] = {"peak_mib_of_nothing": peak(options, NOTHING)}
    print(f"{NOTHING}: {results['peak_mib_of_nothing']:.0f} MiB")
    for start, routes in (("arrays", network.routes()), ("dense matrix", network.dense_routes())):
        print(f"from {start}, {options.neurons} neurons, {options.synapses} synapses")
        seconds = side_by_side(routes, repeats=options.repeats)
        rows = []
        for name in routes:
            times = ratio(seconds, name, OURS)
            median = float(seconds[seconds.contestant == name].seconds.median())
            memory = peak(options, name) if start == "arrays" else None
            rows.append({"route": name, "seconds": median, "times_ours": times, "peak_mib": memory})
            taken = "" if memory is None else f"{memory:7.0f} MiB"
            print(f"  {name:26} {median:7.3f} s  {taken}  {times} times ours")
        results[start] = {"routes": rows, "seconds": seconds}
    write_results("conversion", results, options.out)


if __name__ == "__main__":
    main()
