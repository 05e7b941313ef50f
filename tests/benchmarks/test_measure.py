import json
import runpy
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import measure
import numpy as np
import pandas as pd
import pytest
from growth import exponent, members_of
from matplotlib.figure import Figure
from measure import Ratio, parser, ratio, ratio_figure, side_by_side, write_results

from creditgraph.guard import OptionError

SCRIPTS = sorted((Path(__file__).parents[2] / "benchmarks").glob("*.py"))


def test_contestants_run_in_turns_and_none_always_first(monkeypatch):
    """Guards against timing one contestant after the other, and against the warm-up in the figures."""
    calls, clock = [], [0.0]

    def contestant(name, seconds):
        def run():
            calls.append(name)
            clock[0] += seconds

        return run

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    seconds = side_by_side({"a": contestant("a", 3.0), "b": contestant("b", 1.0)}, repeats=3)
    assert "".join(calls) == "ab" + "ab" + "ba" + "ab"
    assert len(seconds) == 6
    assert seconds.groupby("contestant")["seconds"].unique().map(list).to_dict() == {"a": [3.0], "b": [1.0]}
    assert sorted(seconds.loc[seconds["contestant"] == "b", "repeat"]) == [0, 1, 2]


def test_ratio_pairs_what_ran_in_the_same_repeat():
    """Guards against a ratio of medians, which a slow phase of the machine moves."""
    seconds = pd.DataFrame(
        {
            "contestant": ["loop", "ours", "ours", "loop", "loop", "ours"],
            "repeat": [0, 0, 1, 1, 2, 2],
            "seconds": [8.0, 2.0, 10.0, 50.0, 9.0, 3.0],
        }
    )
    assert ratio(seconds, "loop", "ours") == Ratio(4.0, 3.0, 5.0)
    assert ratio(seconds, "ours", "loop") == Ratio(0.25, 0.2, 1 / 3)
    assert str(ratio(seconds, "loop", "ours")) == "4 (3 to 5)"
    with pytest.raises(OptionError, match="contestant: got 'theirs', expected one of loop, ours"):
        ratio(seconds, "theirs", "ours")


def test_results_are_written_with_their_machine(tmp_path, capsys):
    """Guards against figures without the machine, NaN in JSON, and a GPU column that seems measured."""
    figure = Figure()
    figure.subplots().plot([1, 2])
    speed = Ratio(2.0, 1.5, 2.5)
    table = pd.DataFrame({"n": [100, 300], "seconds": [0.5, np.nan]})
    path = write_results("speed", {"ratio": speed, "growth": table, "n": np.int64(3)}, tmp_path, figure=figure)
    written = json.loads(path.read_text())
    assert written["results"] == {
        "ratio": asdict(speed),
        "growth": [{"n": 100, "seconds": 0.5}, {"n": 300, "seconds": None}],
        "n": 3,
    }
    assert written["machine"]["gpu"] == "not measured"
    assert written["machine"]["cores"] >= 1
    assert written["machine"]["versions"]["numpy"] == np.__version__
    assert "GPU columns: not measured" in capsys.readouterr().out
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / "speed.svg").read_bytes()


def test_the_exponent_of_a_power_law_is_found_in_the_larger_half():
    """Guards against a fit to the small sizes, whose fixed cost hides the growth, and against a slope upside down."""
    sizes = [1, 2, 4, 8, 16, 32]
    rows = [(size, repeat, max(speed * size**1.5, 5.0)) for size in sizes for repeat, speed in enumerate((1.0, 2.0))]
    found = exponent(pd.DataFrame(rows, columns=["size", "repeat", "seconds"]))
    assert found == pytest.approx({"median": 1.5, "low": 1.5, "high": 1.5})


@pytest.mark.parametrize("count", [1, 7, 10, 30, 1000])
def test_members_are_as_many_as_asked_for(count):
    """Guards against a figure over members that are not there."""
    rates, seeds = members_of(count)
    assert len(set(rates)) * len(set(seeds)) == count


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path.name != "measure.py"], ids=lambda path: path.stem)
def test_every_benchmark_takes_the_same_options(script, monkeypatch, capsys):
    """Guards against a script that `make bench` cannot run."""
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(script), run_name="__main__")
    assert left.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--quick", "--out", "--device"):
        assert option in shown


@pytest.mark.parametrize(
    ("given", "processor_only", "told"),
    [
        ("nowhere", False, "device: got 'nowhere', expected"),
        ("cuda", True, "expected cpu: this measures the processor"),
    ],
)
def test_a_device_that_is_not_there_ends_a_benchmark_in_one_line(given, processor_only, told, capsys):
    """Guards against a traceback of torch, and against results of the processor under an accelerator's name."""
    with pytest.raises(SystemExit) as ended:
        parser("What is measured.", processor_only=processor_only).parse_args(["--device", given])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert told in said
    assert said.count("\n") == 1


def test_ratios_are_drawn_with_their_ranges():
    """Guards against a figure that shows other numbers than the results."""
    figure = ratio_figure({"slow / fast": Ratio(2.0, 1.5, 4.0), "b": Ratio(0.5, 0.4, 0.6)}, title="Q?", caption="n")
    axes = figure.axes[0]
    centres = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert centres == [2.0, 0.5]
    assert [text.get_text() for text in axes.texts] == ["2 (1.5 to 4)", "0.5 (0.4 to 0.6)"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["slow / fast", "b"]
    assert axes.get_title(loc="left") == "Q?"


def test_peak_memory_is_that_of_the_process_and_not_of_its_parent():
    """Guards against every contestant being charged with the memory of whoever started it."""
    held = np.ones(80_000_000)
    script = "from measure import peak_mib; print(peak_mib())"
    here = Path(measure.__file__).parent
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=here)
    # both have loaded the same libraries; 610 MiB are held here alone
    assert measure.peak_mib() > float(done.stdout) + 0.5 * held.nbytes / 2**20
