from __future__ import annotations

import json

import pytest
import torch

from creditgraph.guard import FileError, OptionError
from creditgraph.study import exactness
from creditgraph.study.exactness import CHECKS, verify, write_verification
from creditgraph.study.transcription import SIGMAS
from creditgraph.train.activations import ACTIVATIONS
from creditgraph.train.balance import BALANCES
from creditgraph.train.dale import NON_NEGATIVE, DaleLaw
from creditgraph.train.layered import LayeredNetwork
from creditgraph.train.losses import LOSSES
from creditgraph.train.recurrent import RecurrentNetwork


@pytest.fixture(scope="module")
def table():
    return verify(seed=0)


def test_the_rule_is_exact(table):
    """Guards against an inexact rule: every activation, loss and depth within its bound."""
    assert table["holds"].all(), table[~table["holds"]]
    assert (table["error"] <= table["bound"]).all()


def test_the_table_covers_what_it_should(table):
    """Guards against cases that silently went missing, and bounds that were widened."""
    assert set(table["check"]) == set(CHECKS)
    assert set(SIGMAS) == set(ACTIVATIONS)
    assert set(table.loc[table["network"] == "layered", "bound"]) == {1e-12}
    assert set(table.loc[table["network"] == "recurrent", "bound"]) == {1e-9}
    gradients = table[table["check"] == "gradient"]
    layered = gradients[gradients["network"] == "layered"]
    assert len(layered) == len(ACTIVATIONS) * len(LOSSES) * 6
    assert set(layered["depth"]) == {1, 2, 3, 4, 5, 6}
    assert set(layered["batch"]) == {1, 2, 7, 16, 33, 64}
    recurrent = gradients[gradients["network"] == "recurrent"]
    for credit in ("inject", "clamp"):
        cases = recurrent[recurrent["credit"] == credit]
        assert len(cases) == len(set(zip(cases["activation"], cases["loss"], strict=True)))
        assert len(cases) == len(ACTIVATIONS) * len(LOSSES)
    assert set(gradients["balance"]) == {"derivative"}
    equations = table[table["check"] == "equations"]
    found = set(zip(equations["credit"], equations["activation"], equations["balance"], strict=True))
    wanted = {(c, a, b) for c in ("layered", "inject", "clamp") for a in ACTIVATIONS for b in BALANCES}
    assert found == {each for each in wanted if each[0] == "clamp" or each[2] != "derivative"}
    for check, activations in (("projected_gradient", NON_NEGATIVE), ("slow_timescales", ACTIVATIONS)):
        rows = table[table["check"] == check]
        kinds = {(network, activation) for network in ("layered", "recurrent") for activation in activations}
        assert set(zip(rows["network"], rows["activation"], strict=True)) == kinds


def test_progress_counts_to_the_end_and_the_seed_decides(table):
    """Guards against a bar that stops short, and a table that cannot be repeated."""
    seen = []
    again = verify(seed=0, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(k + 1, len(table)) for k in range(len(table))]
    # sums may be split otherwise among threads: the last digit of an error may differ, its size may not
    assert again["error"].to_numpy() == pytest.approx(table["error"].to_numpy(), rel=0.5, abs=1e-14)


@pytest.mark.parametrize("network", [LayeredNetwork, RecurrentNetwork])
def test_a_wrong_rule_is_found(network, monkeypatch):
    """Guards against a comparison that cannot fail: an update 1e-6 too large breaks every row of its kind."""
    right = network.plasticity

    def wrong(self, *arguments):
        update = right(self, *arguments)
        if isinstance(update.biases, list):
            update.biases[-1].mul_(1 + 1e-6)
        else:
            update.biases.mul_(1 + 1e-6)
        return update

    monkeypatch.setattr(network, "plasticity", wrong)
    broken = verify(seed=0)
    kind = "layered" if network is LayeredNetwork else "recurrent"
    # the timescales change synapses event by event, not by the networks' own plasticity
    own = (broken["network"] == kind) & (broken["check"] != "slow_timescales")
    assert not broken.loc[own, "holds"].any()
    assert broken.loc[~own, "holds"].all()


def broken_rows(monkeypatch, owner, name, wrong):
    monkeypatch.setattr(owner, name, wrong)
    table = verify(seed=0)
    return table[~table["holds"]]


def test_a_balance_function_that_is_ignored_is_found(monkeypatch):
    """Guards against rows of balance functions that compare the rule with itself."""
    broken = broken_rows(
        monkeypatch,
        LayeredNetwork,
        "_balance_functions",
        lambda self, f: [self.activation.derivative] * (len(self.sizes) - 1),
    )
    of_balances = broken[broken["balance"] != "derivative"]
    assert set(of_balances["network"]) == {"layered"}
    assert set(of_balances["activation"]) >= {"tanh", "sigmoid", "shifted_sigmoid", "softplus"}


def test_a_projection_left_out_is_found(monkeypatch):
    """Guards against rows of Dale's law in which no synapse ever meets its bound."""
    broken = broken_rows(monkeypatch, DaleLaw, "impose", lambda self: None)
    assert set(broken["check"]) == {"projected_gradient"}
    assert set(broken["network"]) == {"layered", "recurrent"}


def test_timescales_that_are_not_slow_are_found(monkeypatch):
    """Guards against rows of timescales that hold whether or not firing and credit come to rest."""
    right = exactness.integrate_timescales

    def fast(net, x, y, **options):
        return right(net, x, y, **{**options, "steps": 3, "credit_every": 1, "plasticity_every": 1})

    broken = broken_rows(monkeypatch, exactness, "integrate_timescales", fast)
    assert set(broken["check"]) == {"slow_timescales"}
    assert len(broken) == 2 * len(ACTIVATIONS)


def test_nan_does_not_pass(monkeypatch):
    """Guards against a NaN that compares as within the bound."""

    def wrong(self, rates, credits):
        update = right(self, rates, credits)
        update.weights[0].fill_(torch.nan)
        return update

    right = LayeredNetwork.plasticity
    monkeypatch.setattr(LayeredNetwork, "plasticity", wrong)
    broken = verify(seed=0)
    own = (broken["network"] == "layered") & (broken["check"] != "slow_timescales")
    assert not broken.loc[own, "holds"].any()


def test_json(table, tmp_path):
    """Guards against JSON that other programs cannot read, and a verdict that hides a broken row."""
    content = json.loads(write_verification(table, tmp_path / "new" / "verify.json").read_text())
    assert content["holds"] is True
    assert len(content["rows"]) == len(table)
    assert set(content["rows"][0]) == set(table.columns)
    broken = table.copy()
    broken.loc[3, ["error", "holds"]] = [float("inf"), False]
    text = write_verification(broken, tmp_path / "broken.json").read_text()
    assert "Infinity" not in text
    assert json.loads(text)["holds"] is False
    assert json.loads(text)["rows"][3]["error"] is None


def test_bad_input_is_named(table, tmp_path):
    """Guards against a traceback for a bad seed or folder."""
    with pytest.raises(OptionError, match="seed: got -1"):
        verify(seed=-1)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        write_verification(table, tmp_path / "file" / "verify.json")
