"""Matrices on the page of a run that was analysed by its backbone are of that backbone."""

from __future__ import annotations

import numpy as np
import pytest

from creditgraph.reports.illustrations.weights import matrices
from creditgraph.study import AnalysisOptions, analyse
from creditgraph.study.analyses.notes import notes_of
from creditgraph.study.analyses.page import content_of_run
from creditgraph.study.analyses.sources import source_of


@pytest.fixture(scope="module")
def run(bare_run, small_connectome, tmp_path_factory):
    return bare_run(small_connectome, tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("backbone", ["none", "strongest:0.25"])
def test_matrices_and_their_captions_are_of_the_backbone(run, tmp_path, no_page, backbone):
    """Guards against weights in a figure that the communities beside it were not found in."""
    options = AnalysisOptions.from_dict(
        {"backbone": backbone, "samples": 2, "restarts": 2, "parts": ["stability"], "directions": ["maximise"]}
    )
    found = analyse(run, tmp_path, options=options, workers=1)
    source = source_of(run, options, lambda _: None)
    content = content_of_run(source, found.tables, options, "")
    counts = {np.count_nonzero(example.matrix) for example in content.matrices}
    whole = round(0.4 * 24 * 24)
    assert counts == ({round(0.25 * whole)} if backbone != "none" else {whole})
    (figure,) = matrices(content)
    assert ("Weights of the backbone strongest:0.25 of 3 single networks" in figure.caption) == (backbone != "none")
    assert np.count_nonzero(content.matrices[0].matrix) * 3 == len(figure.further["weights"])
    assert not [note for note in notes_of(source, options) if "Matrices" in note]
