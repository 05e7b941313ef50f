import pandas as pd
import pytest

from creditgraph.analysis import planted_structure
from creditgraph.study import (
    CommunitiesOptions,
    ConnectomeOptions,
    LayeredOptions,
    NullOptions,
    Study,
    SweepOptions,
    pipeline,
)
from creditgraph.study.analyses import pipeline as analyses


@pytest.fixture(scope="session")
def small_connectome():
    """A connectome study that runs in seconds."""
    return Study(
        name="small",
        connectome=ConnectomeOptions(n=24, pruning=[0.6], iterations=40),
        sweep=SweepOptions(learning_rates=[0.01, 0.1, 0.3], seeds=2),
        communities=CommunitiesOptions(restarts=2),
        nulls=NullOptions(samples=3),
    )


@pytest.fixture(scope="session")
def small_layered():
    """A layered study that runs in seconds."""
    return Study(
        name="small-layered",
        experiment="layered",
        layered=LayeredOptions(hidden=[10], epochs=2, batch_size=200),
        sweep=SweepOptions(learning_rates=[0.01, 0.1, 1.0], seeds=2),
        communities=CommunitiesOptions(restarts=2, weights=["absolute", "positive"]),
        nulls=NullOptions(models=["shuffle_block", "initial"], samples=3),
    )


def strip(patched):
    patched.setattr(pipeline, "verify", lambda progress: pd.DataFrame())
    patched.setattr(pipeline, "write_report", lambda content, folder: folder / "index.html")


@pytest.fixture
def bare(monkeypatch):
    """Runs without the check of exactness and the page of the report, which take seconds."""
    strip(monkeypatch)


@pytest.fixture(scope="session")
def bare_run():
    """Run a study on one worker as under `bare`; return the folder of the run."""

    def bare_run(study, out):
        with pytest.MonkeyPatch.context() as patched:
            strip(patched)
            return pipeline.run(study, out, workers=1).path

    return bare_run


@pytest.fixture(scope="session")
def planted():
    """A network of known communities."""
    return planted_structure("block-diagonal", n=40, strength=5.0, seed=3)


@pytest.fixture
def no_page(monkeypatch):
    """Analyses without their page, which takes seconds."""
    monkeypatch.setattr(analyses, "write_page_of", lambda source, tables, options, folder, command: folder.path)
