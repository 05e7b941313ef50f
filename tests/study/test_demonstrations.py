from __future__ import annotations

import re
import shutil
from html import unescape

import pandas as pd
import pytest

from creditgraph.guard import FileError, OptionError
from creditgraph.reports.demonstrations import DEMONSTRATIONS as PAGES
from creditgraph.reports.demonstrations import ROWS_BESIDE, DemonstrationContent, demonstration_page
from creditgraph.study import demonstrations, report
from creditgraph.study.cli import main
from creditgraph.study.commands import DEMONSTRATED
from creditgraph.study.demonstrations import demonstrate, redraw


def check(found, out, figures):
    for name, table in {**found.tables, "summary": found.summary}.items():
        assert pd.read_parquet(out / f"{name}.parquet").equals(table)
        assert (out / f"{name}.csv").exists() == (len(table) <= ROWS_BESIDE)
    assert found.report == out / "report" / "index.html"
    drawn = {path.name for path in (out / "report" / "figures").iterdir()}
    assert drawn == {f"{name}.{kind}" for name in figures for kind in ("svg", "png", "pdf", "csv")}
    page = found.report.read_text(encoding="utf-8")
    captions = [unescape(each) for each in re.findall(r"(?s)<figcaption>\n<p>(.*?)</p>", page)]
    assert len(captions) == len(figures)
    for caption in captions:
        assert re.search(r"\d neurons", caption), caption
        assert "seed" in caption, caption
        assert "No null model" in caption, caption
    assert len(found.answer) == 2
    assert all(re.search(r"\d", sentence) for sentence in found.answer)
    assert all(f'id="{part}"' in page for part in ("methods", "limits", "repeat", "references"))
    assert "nan" not in " ".join(found.answer).lower()
    summary = pd.read_csv(out / "summary.csv")
    assert list(summary.columns) == ["quantity", "seeds", "mean", "low", "high"]
    assert not summary["quantity"].duplicated().any()
    return summary.set_index("quantity")


@pytest.mark.slow
def test_timescales(tmp_path):
    """Guards against windows that do not confine learning, and timescales whose order does not matter."""
    seen = []
    found = demonstrate("timescales", tmp_path, seed=3, progress=lambda done, total: seen.append((done, total)))
    summary = check(found, tmp_path, {"timescales_layered", "timescales_recurrent", "how_slow"})
    assert seen == [(k + 1, 72) for k in range(72)]
    for network in ("layered", "recurrent"):
        assert summary.loc[f"{network}: share of the change inside the overlap", "low"] > 0.99
        exact = f"{network}: angle at overlap 100, k_c 1, k_w 100 (degrees)"
        fast = f"{network}: angle at overlap 100, k_c 30, k_w 1 (degrees)"
        assert summary.loc[exact, "high"] < 1e-6
        assert summary.loc[fast, "low"] > 5
    assert sorted(found.tables["angles"]["seed"].unique()) == [3, 4, 5, 6, 7]


@pytest.mark.slow
def test_predictions(tmp_path):
    """Guards against predictions that are drawn from other networks, and a ratio that is not exact."""
    found = demonstrate("predictions", tmp_path)
    summary = check(found, tmp_path, {"retrograde_amplitude", "synaptic_ratio", "development"})
    for activation in ("sigmoid", "tanh"):
        balanced = summary.loc[f"{activation}: relative amplitude, balanced", "low"]
        for state in ("silent", "saturated"):
            assert balanced > summary.loc[f"{activation}: relative amplitude, {state}", "high"]
    assert summary.loc["dw / g: largest error in units of rounding", "high"] <= 4
    assert found.tables["development"].groupby("schedule").size().to_dict() == dict.fromkeys(
        ("falling", "rising", "constant 0.3", "constant 0.017", "constant 0.001"), 60
    )


@pytest.mark.slow
def test_dale(tmp_path):
    """Guards against a cost of Dale's law that is measured on other networks."""
    summary = check(demonstrate("dale", tmp_path), tmp_path, {"dale_costs", "dale_balance"})
    assert summary.loc["dale: largest angle (degrees)", "low"] > 1
    assert summary.loc["dale: share of synapses at 0 at the end", "low"] > 0


@pytest.mark.slow
def test_balance(tmp_path):
    """Guards against costs of balance functions that are not told apart."""
    summary = check(demonstrate("balance", tmp_path), tmp_path, {"balance"})
    assert summary.loc["derivative, step 200: angle", "high"] < 1e-9
    assert summary.loc["boxcar, step 200: angle", "low"] > 5


@pytest.mark.slow
def test_controls(tmp_path):
    """Guards against control rules that pass for the rule."""
    summary = check(demonstrate("controls", tmp_path), tmp_path, {"rules"})
    for rate in ("0.03", "0.1", "0.3"):
        assert summary.loc[f"backprop, r = {rate}: distance", "high"] < 1e-12
        for rule in ("feedback_alignment", "direct_feedback_alignment", "hebbian", "readout_only"):
            assert summary.loc[f"{rule}, r = {rate}: distance", "low"] > 0.1


def test_bad_input_is_named(tmp_path, monkeypatch):
    """Guards against minutes of work before a misspelt name or a folder that cannot be written is told."""
    with pytest.raises(OptionError, match=r"what: got .* did you mean 'controls'"):
        demonstrate("control", tmp_path)
    with pytest.raises(OptionError, match="seed: got -1"):
        demonstrate("dale", tmp_path, seed=-1)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        demonstrate("dale", tmp_path / "file" / "out")


@pytest.mark.parametrize("held", ["study.yaml", "analysis.yaml", "comparison.yaml", "notes.txt", "demonstration.json"])
def test_a_folder_of_anything_else_is_left_as_it_is(tmp_path, held, capsys):
    """Guards against a run, an analysis or another demonstration that is overwritten by a demonstration's page."""
    (tmp_path / held).write_text('{"what": "dale"}')
    (tmp_path / "environment.json").write_text("of the run")
    assert main(["verify", "--report", str(tmp_path)]) == 2
    assert "which is not of the demonstration exactness; choose a new or an empty folder" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        held: '{"what": "dale"}',
        "environment.json": "of the run",
    }
    # what an earlier version put into a run's folder makes no demonstration of it
    if held == "study.yaml":
        (tmp_path / "demonstration.json").write_text('{"what": "exactness"}')
        with pytest.raises(FileError, match=r"holds study\.yaml"):
            demonstrate("exactness", tmp_path)


def test_the_command_knows_every_demonstration():
    """Guards against a demonstration that has no page, or that the command does not take."""
    assert [*demonstrations.DEMONSTRATIONS] == [*PAGES] == [*DEMONSTRATED, "exactness"]


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    """The demonstration that takes least time; tests that change its folder work on copies."""
    return demonstrate("exactness", tmp_path_factory.mktemp("exact"), seed=5)


def copied(found, tmp_path):
    return shutil.copytree(found.report.parents[1], tmp_path / "exact")


def test_exactness(exact):
    """Guards against a page of comparisons whose seeds are not those that were drawn."""
    summary = check(exact, exact.report.parents[1], {"exactness"})
    table = exact.tables["verification"]
    assert summary["seeds"].sum() == len(table)
    assert f"208 seeds ({5} to {5 + 207})" in exact.report.read_text(encoding="utf-8")
    assert "creditgraph verify --report=exactness --seed=5" in exact.report.read_text(encoding="utf-8")
    assert exact.answer[0].startswith("Yes: 208 of 208 comparisons keep their bound")
    broken = table.assign(holds=table.index > 0)
    content = DemonstrationContent("exactness", [5], exact.summary, {"verification": broken}, {})
    assert demonstration_page(content).answer[0].startswith("No: 207 of 208")


def test_a_demonstration_is_drawn_again_by_report(exact, tmp_path, capsys):
    """Guards against a page that only minutes of work bring back, and one of tables that have changed."""
    folder = copied(exact, tmp_path)
    page = folder / "report" / "index.html"
    page.unlink()
    assert main(["report", str(folder)]) == 0
    assert page.read_bytes() == exact.report.read_bytes()
    told = capsys.readouterr().out
    assert "Yes: 208 of 208" in told
    assert told.splitlines()[-1].endswith("exact/report/index.html")
    with pytest.raises(OptionError, match="is a demonstration, not a run"):
        report(folder, analyse=True)
    (folder / "verification.parquet").write_bytes(b"")
    with pytest.raises(FileError, match="not finished, or changed since; say `creditgraph demonstrate` again"):
        report(folder)


def test_a_demonstration_that_was_stopped_is_none(exact, tmp_path, monkeypatch):
    """Guards against old numbers that pass for those of a command that did not come to its end."""

    def stopped(seeds, progress):
        raise KeyboardInterrupt

    monkeypatch.setitem(demonstrations.DEMONSTRATIONS, "exactness", stopped)
    folder = copied(exact, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        demonstrate("exactness", folder)
    with pytest.raises(FileError, match="not finished"):
        redraw(folder)
