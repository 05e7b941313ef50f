"""Losses that a run has before any weight changed, where the view of the weights is their change."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from creditgraph.analysis import matched_loss
from creditgraph.study import (
    CommunitiesOptions,
    LayeredOptions,
    NullOptions,
    Study,
    SweepOptions,
    analyse,
)
from creditgraph.study.analyses.across import _with_unchanged

OPTIONS = {
    "weights": "absolute_change",
    "objectives": ["modularity"],
    "nulls": ["shuffle_nonzero"],
    "samples": 2,
    "restarts": 2,
    "parts": ["trajectory"],
    "workers": 1,
    "directions": ["maximise"],
}


@pytest.mark.parametrize("losses", [[100.0], [100.0, 2.2]], ids=["never changed", "once changed"])
def test_a_loss_reached_at_step_0_is_missing_and_told(bare_run, tmp_path, no_page, losses):
    """Guards against a crash on the graph without synapses that no change makes, and against a silent gap."""
    study = Study(
        name="early",
        experiment="layered",
        layered=LayeredOptions(hidden=[8], epochs=2, batch_size=200),
        sweep=SweepOptions(learning_rates=[0.3, 0.5], seeds=2, snapshots=0, matched_losses=losses),
        communities=CommunitiesOptions(directions=["maximise"], restarts=2),
        nulls=NullOptions(models=["shuffle_block"], samples=2),
    )
    tables = analyse(bare_run(study, tmp_path / "runs"), tmp_path / "out", **OPTIONS).tables
    early = tables["at_matched_loss"].query("target == 100")
    assert early["unchanged"].all()
    assert early[["quality", "null_mean", "z", "p_value"]].isna().all(axis=None)
    (answer,) = tables["matched_answers"].query("target == 100").to_dict("records")
    assert answer["answer"] == "not tested"
    assert answer["note"].endswith("4 networks left out: at this loss before any weight changed")
    assert "no network reached" not in answer["note"]
    others = tables["at_matched_loss"].query("target != 100")
    assert others["quality"].notna().all()
    assert len(others) == 4 * (len(losses) - 1)


def test_only_answers_that_lack_networks_say_so():
    """Guards against a note at targets, or questions, that lack nothing."""
    rows = []
    for target, rate, seed in itertools.product((1.0, 2.0), (0.1, 0.2, 0.3), range(3)):
        unchanged = (target, rate, seed) == (2.0, 0.1, 0)
        quality, null_mean = (float("nan"), float("nan")) if unchanged else (0.3 + rate, 0.1)
        row = {"weights": "absolute_change", "direction": "maximise", "null": "initial", "target": target}
        row |= {"learning_rate": rate, "seed": seed, "quality": quality, "null_mean": null_mean, "unchanged": unchanged}
        rows.append(row)
    matched = pd.DataFrame(rows)
    fixed = matched[matched["target"] == 1.0].drop(columns=["target", "unchanged"])
    answers = _with_unchanged(matched_loss(matched, fixed).comparison, matched)
    notes = dict(zip(answers["target"], answers["note"], strict=True))
    assert "1 network left out: at this loss before any weight changed" in notes[2.0]
    assert "left out" not in notes[1.0]
