"""Whether an analysis asks its questions of the weights, the objective and the null models that it was told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from creditgraph.analysis import leiden, planted_structure
from creditgraph.graphs import WeightGraph, backbone, null_models, null_report, write_graph
from creditgraph.guard import CreditgraphError, DataError, OptionError
from creditgraph.study import AnalysisOptions, LayeredOptions, NullOptions, Study, SweepOptions, analyse, pipeline, run
from creditgraph.study.analyses import across
from creditgraph.study.analyses.course import at_matched_loss
from creditgraph.study.analyses.labels import with_named_consensus
from creditgraph.study.analyses.networks import FileNetwork
from creditgraph.study.analyses.notes import notes_of
from creditgraph.study.analyses.sources import Source, source_of
from creditgraph.study.analyses.strengths import kept_in_words
from creditgraph.study.analyses.tables import tables_of

QUICK = {"samples": 2, "restarts": 2, "parts": ["stability"]}


def analysed(g: WeightGraph, **options: object) -> dict[str, pd.DataFrame]:
    return tables_of(FileNetwork("network", g), AnalysisOptions.from_dict({**QUICK, **options}))


def said(g: WeightGraph, **options: object) -> str:
    source = Source("network", "a graph", "", (FileNetwork("network", g),), None, ())
    return " ".join(notes_of(source, AnalysisOptions.from_dict({**QUICK, **options})))


@pytest.fixture(scope="module")
def dale() -> WeightGraph:
    """18 neurons, the last six of them inhibitory."""
    random = np.random.default_rng(0)
    signs = np.where(np.arange(18) < 12, 1.0, -1.0)
    return WeightGraph.from_matrix(random.random((18, 18)) * (random.random((18, 18)) < 0.5) * signs)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = Study(
        name="asked",
        experiment="layered",
        layered=LayeredOptions(hidden=[8], epochs=2),
        sweep=SweepOptions(learning_rates=[0.1], seeds=1, snapshots=0, matched_losses=[2.3]),
        nulls=NullOptions(models=["shuffle_block", "initial"], samples=2),
    )
    with pytest.MonkeyPatch.context() as bare:
        # checks of exactness and the page take seconds
        bare.setattr(pipeline, "verify", lambda progress: pd.DataFrame())
        bare.setattr(pipeline, "write_report", lambda content, folder: folder / "index.html")
        return run(study, tmp_path_factory.mktemp("runs"), workers=1).path


def test_blocks_and_roles_of_changes_are_of_changes(trained):
    """Guards against blocks of |W| under the name of what training changed."""
    options = AnalysisOptions.from_dict({**QUICK, "weights": "change", "nulls": ["shuffle_block"]})
    network = source_of(trained, options, print).networks[0]
    g = network.load(options)
    change = g.adjacency() - g.initial.adjacency()
    found = tables_of(network, options)
    assert found["blocks"]["sum"].sum() == pytest.approx(np.abs(change).sum())
    assert np.abs(change).sum() < 0.9 * np.abs(g.adjacency()).sum()
    np.testing.assert_allclose(found["neurons"]["strength"], (change + change.T).sum(axis=0), atol=1e-9)


def test_profile_and_roles_follow_the_objective_and_structure_says_its_own(dale):
    """Guards against a profile of plain modularity beside communities of another objective, without a word."""
    found = analysed(dale, objectives=["signed"], parts=["resolution", "structure"])
    row = found["resolution"].iloc[25]
    best = leiden(dale, objective="signed", weights="signed", resolution=row["resolution"], restarts=2)
    assert row["quality"] == best.quality
    for name in ("resolution", "plateaus"):
        assert set(found[name]["weights"]) <= {"signed"}
        assert set(found[name]["objective"]) <= {"signed"}
    assert found["structure"][["weights", "objective"]].drop_duplicates().to_numpy().tolist() == [
        ["absolute", "modularity"]
    ]
    matrix = dale.adjacency()
    np.fill_diagonal(matrix, 0.0)
    np.testing.assert_allclose(found["neurons"]["strength"], (matrix + matrix.T).sum(axis=0), atol=1e-9)


def test_what_options_do_not_reach_is_said(dale):
    """Guards against options that are taken and change nothing."""
    everything = {"parts": ["resolution", "structure"]}
    assert said(dale, **everything) == ""
    of_signed = said(dale, objectives=["signed"], resolution=2.0, **everything)
    assert (
        "verdict on structure is always of plain undirected modularity at a resolution of 1, of absolute" in of_signed
    )
    assert "profile over resolutions is of the signed modularity of signed weights" in of_signed
    assert "Communities are of signed weights; their blocks and weights are of absolute weights" in of_signed
    assert "--directed does not reach" in said(dale, directed=True, **everything)
    assert "in units of the mean weight" in said(dale, objectives=["cpm"], **everything)


def test_null_models_of_strengths_come_with_how_closely_they_keep_them(dale):
    """Guards against strengths that are called kept and are not."""
    nearly = "shuffle_strength", "shuffle_dyads_strength"
    table = analysed(dale, nulls=["strength", "shuffle_nonzero", *nearly])["kept_strengths"]
    view = dale.view("absolute")
    for null, largest in (("strength", 1e-8), *((each, 0.5) for each in nearly)):
        found = table[table["null"] == null].iloc[0]
        reports = [null_report(view, sample) for sample in null_models(view, null, samples=2, seed=0)]
        assert found["in_strength_error"] == max(each.in_strength_error for each in reports) < largest
        assert found["out_strength_error"] == max(each.out_strength_error for each in reports)
        assert 0 < found["usual_error"] < found[["in_strength_error", "out_strength_error"]].max()
    assert len(table) == 3
    assert len(set(kept_in_words(table).split("keep the neurons"))) == 4
    assert f"{100 * table['usual_error'].iloc[1]:.2g} % (median; " in kept_in_words(table)
    assert "kept_strengths" not in analysed(dale)


def test_neurons_of_one_sign_have_a_type_unless_the_graph_says_one(dale):
    """Guards against networks of excitatory and inhibitory neurons of whose communities nobody knows the mixture."""
    found = analysed(dale)["composition"]
    assert set(found["mark"]) == {"type by sign"}
    counts = found.groupby("value")["neurons"].sum()
    assert counts["inhibitory"] <= 6 < counts["excitatory"]
    matrix = dale.adjacency()
    matrix[0, 1] = -1.0
    assert "composition" not in analysed(WeightGraph.from_matrix(matrix))
    said_so = WeightGraph.from_matrix(dale.adjacency(), types=["a"] * 9 + ["b"] * 9)
    assert set(analysed(said_so)["composition"]["mark"]) == {"type"}


def test_networks_at_matched_loss_stand_beside_every_null_model(trained):
    """Guards against a trend at matched loss that is told of one of several null models."""
    options = AnalysisOptions.from_dict({**QUICK, "parts": ["trajectory"]})
    network = source_of(trained, options, print).networks[0]
    found = at_matched_loss(network, options, 0)["at_matched_loss"]
    assert found["null"].tolist() == ["shuffle_block", "initial"] * (len(found) // 2)
    assert (found["quality"] == found["quality"].iloc[0]).all()
    assert found["null_mean"].nunique() == len(found)


def test_the_interval_reaches_the_comparison_at_matched_loss(monkeypatch):
    """Guards against Student's intervals under the name of the bootstrap."""
    random = np.random.default_rng(3)
    keys = {"weights": "absolute", "direction": "maximise", "null": "shuffle_nonzero"}
    rows = [
        {**keys, "learning_rate": rate, "seed": seed, "quality": random.gamma(1.0), "null_mean": 0.1}
        for rate in (0.1, 0.3)
        for seed in range(5)
    ]
    scores = pd.DataFrame(rows).assign(objective="modularity", z=1.0, p_value=0.5)
    nulls = scores.assign(sample=0)
    monkeypatch.setattr(across, "trends_and_power", lambda own: (pd.DataFrame(), pd.DataFrame()))
    monkeypatch.setattr(across, "likeness", lambda neurons: {})
    tables = {"scores": scores, "nulls": nulls, "neurons": scores, "at_matched_loss": scores.assign(target=0.5)}
    student, bootstrap = (across.across(tables, interval)["matched"] for interval in ("student", "bootstrap"))
    assert (student["difference_low"] != bootstrap["difference_low"]).all()


def test_consensus_of_a_file_is_named_after_its_communities():
    """Guards against two colours for one community on the page of a file."""
    neurons = pd.DataFrame(
        {"network": "a", "neuron": range(6), "community": [0, 0, 0, 1, 1, 1], "consensus": [1, 1, 1, 0, 0, 2]}
    )
    assert with_named_consensus({"neurons": neurons})["neurons"]["consensus"].tolist() == [0, 0, 0, 1, 1, 2]


def test_a_backbone_is_taken_before_all_else(tmp_path):
    """Guards against scores of all synapses, or null models of them, under the name of the backbone."""
    planted = planted_structure("block-diagonal", n=40, strength=5.0, seed=3).graph
    file = write_graph(planted, tmp_path / "network.npz")
    asked = AnalysisOptions(backbone="disparity:0.2", samples=2, restarts=2, parts=["stability"])
    source = source_of(file, asked, print)
    kept = backbone(planted, "disparity", alpha=0.2)
    assert f"of which {kept.synapses:,} are in the backbone disparity:0.2" in source.about
    found = tables_of(source.networks[0], asked)
    assert found["networks"]["synapses"].tolist() == [kept.synapses]
    assert found["scores"]["quality"].iloc[0] == leiden(kept, restarts=2).quality
    assert "of the backbone disparity:0.2" in " ".join(notes_of(source, asked))
    with pytest.raises(DataError, match=r"backbone: strongest:0\.0 leaves none of"):
        analyse(file, tmp_path, **QUICK, backbone="strongest:0.0", workers=1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"backbone": "disparty:0.1"}, "did you mean 'disparity'"),
        ({"backbone": "disparity"}, "expected disparity and its alpha; such as"),
        ({"backbone": "disparity:2"}, "backbone disparity: got 2"),
        ({"backbone": "top_k:1.5"}, "expected top_k and its k"),
        ({"backbone": "none:1"}, "expected none without a parameter"),
        ({"backbone": 3}, "expected none, or a method"),
        ({"backbone": "top_k:3", "weights": "change"}, "expected none with weights=change"),
    ],
)
def test_impossible_backbones_are_told_in_one_line(given, message):
    with pytest.raises(OptionError, match=message) as raised:
        AnalysisOptions.from_dict(given)
    assert isinstance(raised.value, CreditgraphError)
    assert "\n" not in str(raised.value)
