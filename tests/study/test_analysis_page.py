"""What the page of an analysis hands to its figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from creditgraph.graphs import WeightGraph
from creditgraph.study.analyses import page


def test_the_drawing_gets_the_whole_network():
    """Guards against thinning before the figure: it would call the strongest synapses all of them."""
    graph = WeightGraph.from_matrix(np.random.default_rng(0).normal(size=(40, 40)))
    neurons = pd.DataFrame(
        {"neuron": range(40), "community": np.arange(40) % 3, "participation": 0.5, "within_module_z": 0.0}
    )
    blocks = pd.DataFrame({"post": [0], "pre": [0], "mean": 1.0, "density": 1.0, "ratio": 1.0})
    drawing = page._of_network({"neurons": neurons, "blocks": blocks}, graph, "").drawing
    assert drawing.graph.synapses == 1600
    assert drawing.membership.tolist() == neurons["community"].tolist()
