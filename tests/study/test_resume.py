import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from creditgraph.study import (
    CommunitiesOptions,
    ConnectomeOptions,
    LayeredOptions,
    NullOptions,
    RecurrentOptions,
    Study,
    SweepOptions,
)
from creditgraph.study.store import RunDirectory

KILLS = 8
FEW = {"communities": CommunitiesOptions(restarts=1), "nulls": NullOptions(models=["initial"], samples=2)}
STUDIES = (
    Study(
        name="connectome",
        connectome=ConnectomeOptions(n=40, pruning=[0.6], iterations=4000),
        sweep=SweepOptions(learning_rates=[0.01, 0.1], seeds=2, snapshots=5),
        **FEW,
    ),
    Study(
        name="layered",
        experiment="layered",
        layered=LayeredOptions(hidden=[10], epochs=6, batch_size=50, validation_fraction=0.1),
        sweep=SweepOptions(learning_rates=[0.1, 1.0], seeds=2, matched_losses=[1.0]),
        **FEW,
    ),
    # sizes that fill no vector of the processor, members that diverge within an epoch, and no stop there
    Study(
        name="uneven",
        experiment="layered",
        layered=LayeredOptions(
            task="parity",
            task_options={"bits": 7},
            hidden=[9, 5],
            activation="relu",
            loss="squared_error",
            epochs=40,
            batch_size=16,
        ),
        sweep=SweepOptions(learning_rates=[0.3, 1000.0], seeds=2, snapshots=0),
        **FEW,
    ),
    # members lose their equilibrium on the way
    Study(
        name="recurrent",
        experiment="recurrent",
        recurrent=RecurrentOptions(
            task="parity", task_options={"bits": 5}, hidden=5, epochs=12, batch_size=5, max_steps=60
        ),
        sweep=SweepOptions(learning_rates=[0.5, 1.2], seeds=2, snapshots=4, matched_losses=[0.69], evaluate_every=4),
        **FEW,
    ),
)

# of the uneven networks two stop, of the recurrent ones three, and are not analysed
FILES = {"connectome": 4 * 10 + 8, "layered": 4 * 10 + 8, "uneven": 2 * 8 + 2 * 4 + 7, "recurrent": 1 * 10 + 3 * 6 + 8}


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """All studies, whole and killed again and again."""
    folder = tmp_path_factory.mktemp("killed")
    # the exactness check takes seconds, and no run is killed in it here
    RunDirectory(folder).write_table("verification", pd.DataFrame())
    files = [folder / f"{study.name}.yaml" for study in STUDIES]
    for study, file in zip(STUDIES, files, strict=True):
        file.write_text(yaml.safe_dump(study.to_dict()))
    script = Path(__file__).parent / "killed_studies.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(KILLS), *map(str, files)],
        capture_output=True,
        text=True,
        # a fork cannot use the threads that OpenMP made before it, and would wait for them for ever
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "found.json").read_text())


def results(run):
    """All bytes of the cells, and of the tables over them."""
    run = Path(run)
    files = [*(run / "cells").rglob("*"), *run.glob("*.parquet")]
    return {file.relative_to(run).as_posix(): file.read_bytes() for file in files if file.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize("name", [study.name for study in STUDIES])
def test_a_run_that_is_killed_at_any_moment_goes_on_to_the_same_bytes(killed, name):
    """Guards against state that is lost, half-written or taken up wrongly when a run is killed or interrupted."""
    found = killed[name]
    assert len(found["deaths"]) >= KILLS
    assert {tuple(death) for death in found["deaths"]} == {("SIGKILL", -9), ("SIGINT", 130)}
    assert found["resumed"] >= 3, "checkpoints were taken up"
    whole, *others = found["runs"]
    expected = results(whole)
    assert len(expected) == FILES[name]
    for other in others:
        assert results(other) == expected
        assert not (Path(other) / "checkpoints").exists()
        assert not list(Path(other).rglob("*.part"))
