import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, write_graph
from creditgraph.guard import CreditgraphError, DataError, OptionError
from creditgraph.study import (
    analyse,
)

QUICK = {"samples": 9, "restarts": 2, "parts": ["stability"], "workers": 1}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"nulls": ["initial"]}, DataError, "the null model initial needs a run"),
        ({"objectives": ["layered"]}, DataError, "layers: the objective layered needs them"),
        ({"weights": "change"}, DataError, "untrained weights"),
        ({"restart": 3}, OptionError, "did you mean 'restarts'"),
        ({"parts": ["sructure"]}, OptionError, "did you mean 'structure'"),
        ({"samples": 1}, OptionError, "samples: got 1"),
        ({"options": 3}, OptionError, "AnalysisOptions"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(planted, tmp_path, options, error, message):
    """Guards against a library's traceback for an option that does not fit."""
    write_graph(planted.graph, tmp_path / "network.npz")
    with pytest.raises(error, match=message) as raised:
        analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, **options})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("given", [5, None])
def test_a_source_that_is_no_path_is_told(given):
    with pytest.raises(OptionError, match="source"):
        analyse(given)


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        (np.zeros((5, 5)), {}, "network: the graph has no synapse"),
        (-np.ones((5, 5)), {"weights": "positive"}, "network: the graph has no positive synapse"),
        (np.eye(5, k=1), {"nulls": ["initial"]}, "network: the null model initial needs a run"),
        (np.eye(5, k=1), {"nulls": ["shuffle_block"]}, "network: the null model shuffle_block needs layers"),
        (np.eye(5, k=1), {"nulls": ["sign_shuffle"]}, "nulls: got 'sign_shuffle', expected another"),
        (np.eye(5, k=1), {"objectives": ["layered"]}, "layer"),
        (np.ones((5, 5)), {"nulls": ["rewire"]}, "nulls: got 'rewire', expected another .*; shuffle_nonzero"),
    ],
)
def test_a_mistake_leaves_no_folder(tmp_path, weights, options, message):
    """Guards against folders of analyses that were never begun; one that was there stays."""
    file = write_graph(WeightGraph.from_matrix(weights), tmp_path / "network.graphml")
    for out in (tmp_path / "out", tmp_path):
        with pytest.raises(CreditgraphError, match=message):
            analyse(file, out, **QUICK, **options)
        assert [path.name for path in tmp_path.iterdir()] == ["network.graphml"]
