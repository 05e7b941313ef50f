from __future__ import annotations

import pandas as pd
import pytest

from creditgraph.guard import FileError, OptionError
from creditgraph.study import demonstrations
from creditgraph.study.demonstrations import demonstrate


def check(found, out, figures):
    names = sorted(path.name for path in out.iterdir())
    assert sorted(path.name for path in found.files) == names
    assert {name.removesuffix(".png") for name in names if name.endswith(".png")} == figures
    assert {name.removesuffix(".svg") for name in names if name.endswith(".svg")} == figures
    for name, table in found.tables.items():
        path = out / f"{name}.csv"
        read = pd.read_csv(path) if path.exists() else pd.read_parquet(out / f"{name}.parquet")
        assert len(read) == len(table)
        assert list(read.columns) == list(table.columns)
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


def test_long_tables_are_parquet(tmp_path, monkeypatch):
    """Guards against a summary or a table that is lost on its way to the disk."""
    table = pd.DataFrame({"a": range(5)})
    monkeypatch.setattr(demonstrations, "ROWS_OF_A_CSV", 4)
    monkeypatch.setitem(
        demonstrations.DEMONSTRATIONS, "dale", lambda seeds, progress: (table.head(2), {"long": table}, {})
    )
    found = demonstrate("dale", tmp_path)
    assert [path.name for path in found.files] == ["long.parquet", "summary.csv"]
    assert pd.read_parquet(tmp_path / "long.parquet").equals(table)
