import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from inspect import signature
from pathlib import Path

import pytest
import yaml

from creditgraph.graphs import read_graph
from creditgraph.study import AnalysisOptions, Study
from creditgraph.study.analyses.options import READ_AS
from creditgraph.study.cli import main
from creditgraph.study.store import RunDirectory

PATIENCE = 300
"""Seconds until something must have happened, on a machine that is busy with other things."""


def says(capsys, *arguments):
    """Run the command; return its exit code, what it printed, and what it printed as errors."""
    code = main([str(each) for each in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "the following arguments are required: STUDY; see `creditgraph run --help`"),
        (["rum"], "invalid choice: 'rum'"),
        ([], "required: COMMAND"),
        (["run", "connectome", "--sweep.seed=3"], "unknown option --sweep.seed; did you mean '--sweep.seeds'?"),
        (["run", "connectome", "--sweep.seeds=0"], "sweep.seeds: got 0, expected a number of seeds of at least 1"),
        (["run", "connectome", "--sweep.seeds=two"], "sweep.seeds: got 'two', expected a number of seeds"),
        (
            ["run", "connectome", "--connectome.pruning=1.5"],
            "connectome.pruning: got 1.5, expected a finite number from 0",
        ),
        (["run", "connectome", "--connectome.noise=nan"], "connectome.noise: got 'nan'"),
        (["run", "connectome", "--connectome.noise=.nan"], "connectome.noise: got nan"),
        (["run", "connectome", "--connectome.n", "-3"], "connectome.n: got -3, expected a whole number from 2"),
        (["run", "connectome", "--workers=0"], "workers: got 0"),
        (["run", "conectome"], "no such study file; did you mean 'connectome'?"),
        (["reproduce", "--nulls.samples=lots"], "nulls.samples: got 'lots', expected a whole number from 2 to"),
        (["run", "connectome", "--sweep.learning_rates=1e39"], "sweep.learning_rates: got 1e+39"),
        (
            ["run", "connectome", "--connectome.pruning=1"],
            "connectome.pruning: got 1.0, expected a fraction that leaves",
        ),
        (["run", "connectome", "--name=2024-13-45", "--sweep.seeds=0"], "sweep.seeds: got 0"),
        (["run", "connectome", "--connectome.n=" + "[" * 3000], "connectome.n: got"),
        (["run", "connectome", "--sweep.seeds=[" + "9" * 30 + "]"], "sweep.seeds: got 9"),
        (["report", "nowhere"], "nowhere: there is no such folder"),
        (["verify", "--seed=x"], "seed: got 'x', expected a whole number"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(capsys, tmp_path, monkeypatch, arguments, message):
    """Guards against a traceback, a silent success, or a folder half-written for input that is no good."""
    monkeypatch.chdir(tmp_path)
    code, out, err = says(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("creditgraph: ")
    assert message in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [[], ["run"], ["reproduce"], ["verify"], ["report"]])
def test_help(capsys, command):
    """Guards against a command without help, or help that cannot be printed."""
    with pytest.raises(SystemExit) as done:
        main([*command, "--help"])
    assert done.value.code == 0
    assert "usage: creditgraph" in capsys.readouterr().out


def test_run_prints_the_verdicts_and_ends_with_the_path_of_the_report(capsys, small_connectome, tmp_path, no_drawings):
    """Guards against a user who does not know what came out, or where it is."""
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(small_connectome.to_dict()))
    arguments = [
        "run",
        tmp_path / "study.yaml",
        "--out",
        tmp_path / "runs",
        "--workers",
        "1",
        "--sweep.learning_rates=0.01,0.1,0.3",
    ]
    code, out, err = says(capsys, *arguments)
    assert code == 0
    assert "exactness: before training, the rule's updates are compared with autograd's, once for each run" in err
    page = Path(out.splitlines()[-1])
    assert page.name == "index.html"
    assert page.is_file()
    assert page.is_relative_to(RunDirectory.of(small_connectome, tmp_path / "runs").path)
    assert "maximal Q of absolute weights, against shuffled weights (shuffle_nonzero)" in " ".join(out.split())
    told = " ".join(out.split())
    assert "Page's test over 2 seeds" in told
    for verdict in ("Communities: whether", "Anti-modular structure: whether", "cannot be told"):
        assert verdict in told
    assert f"are added by: creditgraph report {page.parent.parent} --analyse" in told
    code, out, err = says(capsys, *arguments)
    assert code == 0
    assert "exactness" not in err
    assert "nothing was done twice" in out
    assert out.splitlines()[-1] == str(page)
    assert "cannot be told" in " ".join(out.split())
    page.unlink()
    code, out, _ = says(capsys, "report", page.parent.parent)
    assert code == 0
    assert page.is_file()
    assert "maximal Q of absolute weights, against shuffled weights (shuffle_nonzero)" in " ".join(out.split())
    assert "cannot be told" in " ".join(out.split())


@pytest.fixture
def start():
    """Start a command in a process group of its own, of which nothing is left when the test is over."""
    started = []

    def start(command):
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True, preexec_fn=hearing)
        )
        return started[-1]

    def hearing():
        # a shell makes what it puts in the background ignore Ctrl-C, and so these tests
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.slow
def test_no_worker_outlives_a_killed_run(tmp_path, start):
    """Guards against orphans that write into the folder of the next call, or eat the machine."""
    command = [
        *(sys.executable, "-m", "creditgraph.study", "reproduce", "--out", str(tmp_path), "--workers=2"),
        *("--connectome.n=100", "--connectome.iterations=1000000"),
    ]
    running = start(command)
    deadline = time.monotonic() + PATIENCE
    while len(list(tmp_path.glob("connectome/*/checkpoints/*/standing.json"))) < 2:
        assert time.monotonic() < deadline, "no batch was begun"
        time.sleep(0.05)
    running.kill()
    running.wait()
    while _alive(running.pid):
        assert time.monotonic() < deadline, "a worker outlived its run"
        time.sleep(0.1)


def _alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_ctrl_c_stops_at_once_with_one_line_and_the_next_call_goes_on(tmp_path, start, capsys, no_drawings):
    """Guards against a traceback, orphaned workers, or lost work when a user interrupts."""
    command = [
        *("reproduce", "--out", str(tmp_path), "--sweep.learning_rates=0.01,0.1,0.3"),
        *("--connectome.n=40", "--connectome.iterations=2000", "--nulls.samples=2", "--nulls.models=shuffle_nonzero"),
    ]
    running = start([sys.executable, "-m", "creditgraph.study", *command, "--workers=2"])
    deadline = time.monotonic() + PATIENCE
    while not list(tmp_path.glob("connectome/*/cells/*/TRAINED")):
        assert time.monotonic() < deadline, "no cell was trained"
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "interrupted; what is done is kept" in err
    kept = {mark: mark.stat().st_mtime_ns for mark in tmp_path.glob("connectome/*/cells/*/TRAINED")}
    assert kept
    code, out, err = says(capsys, *command, "--workers=1", "--sweep.seeds=5")
    assert code == 0, err
    assert kept == {mark: mark.stat().st_mtime_ns for mark in kept}
    assert len(list(tmp_path.glob("connectome/*/cells/*/TRAINED"))) == 15
    assert Path(out.splitlines()[-1]).is_file()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("--sweep.snapshots=5", {"sweep": {"snapshots": 5}}),
        ("--sweep.snapshots=0,10", {"sweep": {"snapshots": [0, 10]}}),
        ("--sweep.matched_losses=0.5,0.1", {"sweep": {"matched_losses": [0.5, 0.1]}}),
        ("--layered.task_options={bits: 8}", {"layered": {"task_options": {"bits": 8}}}),
        ("--layered.task_path=2024", {"layered": {"task_path": "2024"}}),
        ("--layered.hidden=8,4", {"layered": {"hidden": [8, 4]}}),
    ],
)
def test_options_on_the_command_line_are_read_as_in_a_file(monkeypatch, given, expected):
    """Guards against a list, a mapping or a path that a shell cannot give."""
    seen = []
    monkeypatch.setattr(Study, "from_file", lambda path, overrides: seen.append(overrides) or Study(name="x" * 101))
    assert main(["run", "connectome", given]) == 2
    ((section, options),) = expected.items()
    assert seen == [{f"{section}.{name}": value for name, value in options.items()}]


def test_every_option_of_reading_that_has_another_name_here_is_in_the_table_of_names():
    """Guards against advice and documentation that name options which the command does not have."""
    table = (Path(__file__).parents[2] / "docs" / "graphs.md").read_text(encoding="utf-8")
    read, known = signature(read_graph).parameters, {each.name for each in fields(AnalysisOptions)}
    for name in set(read) - {"path"}:
        own = READ_AS.get(name, name)
        assert own in known
        assert f"`--{own}=" in table
    assert set(READ_AS) <= set(read)


@pytest.mark.parametrize(
    "command",
    [
        ["analyse", "missing.npz"],
        ["report", "missing"],
        ["run", "connectome", "--sweep.seed=3"],
        ["analyse", "x", "--restart=3"],
        ["compare", "a", "b", "--restart=3"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_before_anything_large_is_loaded(command):
    """Guards against seconds of waiting for the answer that a name is misspelt."""
    script = (
        "import sys; from creditgraph.study.cli import main; code = main(sys.argv[1:]);"
        "print(code, *({'torch', 'igraph', 'seaborn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["2"], done.stderr
