import pandas as pd
import pytest

from creditgraph.study import (
    CommunitiesOptions,
    ConnectomeOptions,
    LayeredOptions,
    NullOptions,
    Study,
    SweepOptions,
    pipeline,
)


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


@pytest.fixture
def bare(monkeypatch):
    """Runs without the check of exactness and the page of the report, which take seconds."""
    monkeypatch.setattr(pipeline, "verify", lambda progress: pd.DataFrame())
    monkeypatch.setattr(pipeline, "write_report", lambda content, folder: folder / "index.html")
