"""Tables on the firmness of one network's communities say which network that is."""

from __future__ import annotations

import pandas as pd
import pytest

from creditgraph.reports.stability_tables import consensus_table, plateaus_table, restart_agreement_table

ASKED = {"weights": "absolute", "objective": "modularity", "direction": "maximise"}
CONSENSUS = {
    "communities": 3,
    "alone": 0,
    "threshold": 0.4,
    "similarity": 0.9,
    "rounds": 2,
    "converged": True,
    "restarts": 5,
}
PLATEAUS = {
    "low": 0.5,
    "high": 2.0,
    "communities": 3,
    "width": 1.4,
    "null_width": 0.7,
    "p_value": 0.17,
    "agreement": 0.9,
    "lowest_similarity": 0.95,
    "null": "rewire",
    "samples": 5,
    "directed": False,
}
AGREEMENT = {"restarts": 5} | {
    f"{measure}{end}": 0.5
    for measure in ("ami", "nmi", "ari", "vi", "element_centric")
    for end in ("", "_low", "_high")
}
TABLES = [(consensus_table, CONSENSUS), (plateaus_table, PLATEAUS), (restart_agreement_table, AGREEMENT)]


@pytest.mark.parametrize(("make", "row"), TABLES, ids=["consensus", "plateaus", "restarts"])
def test_networks_of_a_run_are_named_by_learning_rate_pruning_and_seed(make, row):
    """Guards against a table, taken from its page, of which nobody knows the network."""
    keys = {"network": "r0.1_p0.8_s3", "learning_rate": 0.1, "pruning": 0.8, "seed": 3}
    made = make(pd.DataFrame([{**keys, **ASKED, **row}]))
    shown = dict(zip([column.heading for column in made.shown], [cell.text for cell in made.rows[0]], strict=True))
    assert (shown["learning rate r"], shown["pruning"], shown["seed"]) == ("0.1", "0.8", "3")
    assert (shown["weights"], shown["score"]) == ("absolute weights", "maximal Q")


@pytest.mark.parametrize(("make", "row"), TABLES, ids=["consensus", "plateaus", "restarts"])
def test_the_network_of_a_file_is_named_by_the_file(make, row):
    """Guards against a learning rate of a file, and against a table without any name."""
    headings = [column.heading for column in make(pd.DataFrame([{"network": "worm", **ASKED, **row}])).shown]
    assert headings[0] == "network"
    assert "learning rate r" not in headings
    without = [column.heading for column in make(pd.DataFrame([row])).shown]
    assert not {"network", "seed", "weights"} & set(without)
