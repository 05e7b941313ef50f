"""Run studies in forked processes that are killed at random moments; write down what became of them.

Forking after the imports makes a run cost tenths of a second, so that many can be killed.
"""

import itertools
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import yaml

import creditgraph.study.pipeline as pipeline
import creditgraph.study.training as training
import creditgraph.train.checkpoint as checkpoint
from creditgraph.study import Study
from creditgraph.study.batches import batches_of
from creditgraph.study.cli import main
from creditgraph.study.store import RunDirectory
from creditgraph.study.sweeps import sweep_of

SIGNALS = (signal.SIGKILL, signal.SIGINT)
FEWEST_RESUMED = 3


def begin(study_file, out, log):
    """Fork a process that runs the study; return its id."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGINT, signal.default_int_handler)
    newest = checkpoint.Checkpoints.newest

    def logged(self):
        state = newest(self)
        with open(log, "a") as file:
            file.write("begun\n" if state is None else "resumed\n")
        return state

    checkpoint.Checkpoints.newest = logged
    code = 99
    try:
        code = main(["run", str(study_file), "--out", str(out), "--workers", "1"])
    except KeyboardInterrupt:
        code = 130
    finally:
        os._exit(code)


def ended(child, seconds):
    """Exit code of a process, minus the signal that killed it, or None if it still runs after that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    return None


def resumed(log):
    """How many times a checkpoint was taken up."""
    return log.read_text().split().count("resumed") if log.exists() else 0


def kill_at_random(study_file, folder, verification, kills, draw):
    """Run a study whole, then others alike that are killed again and again; return what happened."""
    study = Study.from_file(study_file)
    # loads or compiles what a run would, so that the moments of the kills are not spent on that
    sweep_of(study, batches_of(study, accelerated=False)[0]).advance(1)

    def prepared(name):
        path = RunDirectory.of(study, folder / name).path
        path.mkdir(parents=True)
        shutil.copy(verification, path / "verification.parquet")
        return path

    runs, deaths, log = [prepared("whole")], [], folder / "log"
    start = time.monotonic()
    assert ended(begin(study_file, folder / "whole", folder / "log-of-whole"), 300) == 0
    whole = time.monotonic() - start
    # where a kill falls is chance: go on until some fell where a checkpoint was there to be taken up
    while len(deaths) < kills or (resumed(log) < FEWEST_RESUMED and len(deaths) < 5 * kills):
        runs.append(prepared(f"killed-{len(runs)}"))
        # longer and longer, so that a machine that has become slow gets to the end as well
        for patience in itertools.count(5):
            child = begin(study_file, folder / f"killed-{len(runs) - 1}", log)
            code = ended(child, draw.uniform(0.0, whole * patience / 10))
            if code is None:
                chosen = SIGNALS[len(deaths) % 2]
                os.kill(child, chosen)
                code = ended(child, 300)
                # it may have ended by itself just before
                deaths += [[chosen.name, code]] if code else []
            if code == 0:
                break
    return {
        "runs": [str(path) for path in runs],
        "deaths": deaths,
        "resumed": resumed(log),
        "seconds": whole,
    }


if __name__ == "__main__":
    checkpoint.SECONDS_A_CALL = 0.002
    training.SECONDS_BETWEEN_CHECKPOINTS = 0.0
    checkpoint.LARGEST_SHARE = 1.0
    pipeline.write_report = lambda content, out: Path(out) / "index.html"
    folder, kills, files = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    draw = random.Random(0)
    found = {}
    for file in files:
        name = yaml.safe_load(Path(file).read_text())["name"]
        found[name] = kill_at_random(file, folder / name, folder / "verification.parquet", kills, draw)
    (folder / "found.json").write_text(json.dumps(found))
