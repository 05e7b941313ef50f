"""Memory and time of a large layered network, 784-1024-512-10 with all of its 1.3 million synapses.

Each question is asked in a child process of its own, whose peak memory the system tells: the search for maximal
modularity, the same on one sample of a null model, minimal modularity, and layered modularity.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from multiprocessing.connection import Connection

import numpy as np
import pandas as pd
from measure import parser, peak_mib, write_results

SIZES = (784, 1024, 512, 10)
QUICK = (78, 102, 51, 10)
LIMIT_GIB = 4.0


def graph(sizes: tuple[int, ...]):
    """Gaussian weights of unit variance for each neuron's input."""
    from creditgraph.graphs import WeightGraph

    generator = np.random.default_rng(0)
    return WeightGraph.from_layers(
        [generator.normal(size=(above, below)) / below**0.5 for below, above in pairwise(sizes)]
    )


def leiden_alone(sizes: tuple[int, ...], **search: object) -> tuple[float, int]:
    """Quality and synapses."""
    from creditgraph.analysis import leiden

    g = graph(sizes)
    return leiden(g, **search).quality, g.synapses  # type: ignore[arg-type]


def with_one_null(sizes: tuple[int, ...], **search: object) -> tuple[float, int]:
    """Quality of the network minus that of one shuffle, and synapses."""
    from creditgraph.analysis import leiden
    from creditgraph.graphs import null_model

    g = graph(sizes)
    null = null_model(g.view("absolute"), "shuffle_block", seed=0)
    gap = leiden(g, **search).quality - leiden(null, **search).quality  # type: ignore[arg-type]
    return gap, g.synapses


QUESTIONS: dict[str, tuple[Callable[..., tuple[float, int]], dict[str, object]]] = {
    "maximal modularity": (leiden_alone, {"restarts": 2}),
    "the same, minus one shuffle's": (with_one_null, {"restarts": 2}),
    "minimal modularity": (leiden_alone, {"restarts": 2, "direction": "minimise"}),
    "layered modularity": (leiden_alone, {"restarts": 1, "objective": "layered"}),
}


def asked(pipe: Connection, sizes: tuple[int, ...], name: str) -> None:
    """Answer a question in a child process."""
    function, search = QUESTIONS[name]
    started = time.perf_counter()
    value, synapses = function(sizes, **search)
    seconds = time.perf_counter() - started
    pipe.send({"quality": value, "synapses": synapses, "seconds": seconds, "peak_gib": peak_mib() / 2**10})


def main() -> None:
    """Ask every question, print, write."""
    options = parser(__doc__).parse_args()
    sizes = QUICK if options.quick else SIZES
    context = multiprocessing.get_context("spawn")
    rows = []
    for name in QUESTIONS:
        mine, theirs = context.Pipe()
        child = context.Process(target=asked, args=(theirs, sizes, name))
        child.start()
        theirs.close()
        rows.append({"question": name, **mine.recv()})
        child.join()
        print("{question}: {quality:.4f}, {seconds:.1f} s, peak {peak_gib:.2f} GiB".format(**rows[-1]), flush=True)
    table = pd.DataFrame(rows)
    print(f"{table['synapses'].max():,} synapses; highest peak {table['peak_gib'].max():.2f} of {LIMIT_GIB:g} GiB")
    write_results("large_graph", table, options.out)
    if table["peak_gib"].max() > LIMIT_GIB:
        sys.exit(f"more than {LIMIT_GIB:g} GiB")


if __name__ == "__main__":
    main()
