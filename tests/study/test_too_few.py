"""That nothing can be told with so few samples is said before the work."""

import numpy as np
import pytest

from creditgraph.analysis import least_p_value
from creditgraph.graphs import WeightGraph, write_graph
from creditgraph.study import analyse, compare
from creditgraph.study.progress import Progress
from creditgraph.study.too_few import too_few


class Heard(Progress):
    """Keeps what it is told."""

    def __init__(self):
        super().__init__()
        self.warned = []

    def warn(self, message):
        self.warned.append(message)


@pytest.fixture
def files(tmp_path):
    written = []
    for seed in range(2):
        weights = np.random.default_rng(seed).random((20, 20))
        written.append(write_graph(WeightGraph.from_matrix(weights), tmp_path / f"network{seed}.npz"))
    return written


@pytest.mark.parametrize("seeds", [None, 1, 2, 3, 5])
@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("samples", [2, 5, 18, 19, 38, 39])
def test_as_many_samples_as_it_says_are_enough_and_one_less_is_not(samples, sides, seeds):
    """Guards against an advice that helps nobody, or asks for too much."""
    said = too_few(samples, "samples", seeds=seeds, sides=sides)
    least = sides / 2 * least_p_value([samples] * (seeds or 1))
    assert (said is None) == (least <= 0.05)
    if said:
        enough = int(said.partition("samples=")[2].split()[0])
        assert too_few(enough, "samples", seeds=seeds, sides=sides) is None
        assert too_few(enough - 1, "samples", seeds=seeds, sides=sides) is not None
        assert ("or more seeds" in said) == (seeds is not None)


@pytest.mark.parametrize(("samples", "warned"), [(18, 1), (19, 0)])
def test_an_analysis_of_a_file_says_so(files, tmp_path, no_page, samples, warned):
    """Guards against minutes of searching to a result that cannot be one."""
    heard = Heard()
    analyse(files[0], tmp_path, samples=samples, restarts=2, parts=["stability"], workers=1, progress=heard)
    assert sum("take samples=19 or more" in note for note in heard.warned) == warned


def test_a_comparison_says_so_once_for_all_that_it_concerns(files, tmp_path):
    """Guards against the samples that are enough for one side of a test being taken for enough of both."""
    heard = Heard()
    compare(files, tmp_path, samples=19, restarts=2, workers=1, directions=["maximise"], progress=heard)
    (few,) = [note for note in heard.warned if "no q can be below" in note]
    assert few.startswith("network0 and network1: with 19 null samples no q can be below 0.1,")
    assert few.endswith("take samples=39 or more")
