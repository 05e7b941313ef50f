"""Analyses of graph files: what is found, stored and told."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from creditgraph.analysis import compare, expected_co_assignment, leiden, significance
from creditgraph.graphs import (
    BACKBONES,
    FORMATS,
    NULL_MODELS,
    VIEWS,
    GraphFileWarning,
    WeightGraph,
    read_graph,
    write_graph,
)
from creditgraph.guard import CreditgraphError, FileError
from creditgraph.study import (
    AnalysisOptions,
    analyse,
    report,
)
from creditgraph.study.analyses import options as declared
from creditgraph.study.analyses import page
from creditgraph.study.analyses import tables as study_tables
from creditgraph.study.analyses.backbones import PARAMETERS
from creditgraph.study.analyses.pace import RESOLUTIONS
from creditgraph.study.analyses.sources import source_of
from creditgraph.study.cli import main
from creditgraph.study.progress import Progress

QUICK = {"samples": 9, "restarts": 2, "parts": ["stability"], "workers": 1}


def test_options_name_what_the_rooms_know():
    """Guards against a null model, view or format that the command refuses because its list is old."""
    assert set(declared.NULLS) == set(NULL_MODELS)
    assert set(declared.VIEWS) == set(VIEWS)
    assert set(declared.FORMATS) == {"auto", *FORMATS}
    assert set(PARAMETERS) == set(BACKBONES)


@pytest.mark.parametrize("suffix", ["graphml", "gexf", "csv", "npz", "xlsx"])
def test_the_planted_communities_are_found_in_a_file_of_every_format(planted, suffix, tmp_path, no_page):
    """Guards against a reader that loses weights or the order of neurons."""
    file = tmp_path / f"network.{suffix}"
    write_graph(planted.graph, file)
    found = analyse(file, tmp_path, **QUICK)
    neurons = found.tables["neurons"].sort_values("neuron")
    assert compare(neurons["community"].to_numpy(), planted.membership) == 1.0
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(found.path / f"{name}.parquet"), table)
        assert len(pd.read_csv(found.path / f"{name}.csv")) == len(table)


def test_scores_are_those_of_the_analysis_room(planted, tmp_path, no_page):
    """Guards against options that do not reach the search, or a null model under another's name."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, nulls=["strength"], seed=5, resolution=1.2, **QUICK)
    row = found.tables["scores"].set_index("direction").loc["maximise"]
    search = {"restarts": 2, "seed": 5, "resolution": 1.2}
    best = leiden(planted.graph, **search)
    test = significance(planted.graph, null="strength", samples=9, **search)
    assert row["quality"] == best.quality == test.observed
    assert row["z"] == test.z
    assert row["null"] == "strength"
    qualities = found.tables["nulls"].query("direction == 'maximise'")["quality"].to_numpy()
    np.testing.assert_array_equal(qualities, test.null)


def test_what_was_done_is_not_done_again_and_what_has_changed_is(planted, tmp_path, no_page):
    """Guards against lost work, and against results of a corrupt file."""
    file = tmp_path / "network.npz"
    write_graph(planted.graph, file)
    first = analyse(file, tmp_path, **QUICK)
    assert first.analysed == 1
    assert analyse(file, tmp_path, **QUICK).analysed == 0
    stored = first.path / "networks" / "network" / "scores.parquet"
    stored.write_bytes(b"nothing")
    again = analyse(file, tmp_path, **QUICK)
    assert again.analysed == 1
    pd.testing.assert_frame_equal(again.tables["scores"], first.tables["scores"])


def test_resolutions_are_held_against_a_null_model(planted, tmp_path, no_page):
    """Guards against plateaus that nothing tells from those of random networks."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **{**QUICK, "samples": 3, "parts": ["resolution"]})
    resolution, plateaus = found.tables["resolution"], found.tables["plateaus"]
    assert set(resolution["null"]) == {"shuffle_nonzero"}
    assert set(resolution["samples"]) == {3}
    assert (resolution["null_communities_low"] <= resolution["null_communities_high"]).all()
    # planted communities stay over a wider range than any of shuffled weights
    assert plateaus["p_value"].iloc[0] == 1 / 4
    assert plateaus["communities"].iloc[0] == 3


def test_consensus_says_its_threshold(planted, tmp_path, no_page):
    """Guards against a consensus of which nobody knows what counted as together."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, **QUICK)
    partitions = leiden(planted.graph, restarts=2, seed=0).memberships
    assert found.tables["consensus"]["threshold"].tolist() == [expected_co_assignment(partitions)]
    measured = found.tables["restart_agreement"].set_index("direction").loc["maximise"]
    for method in ("ami", "nmi", "ari", "vi", "element_centric"):
        assert measured[method] == pytest.approx(compare(*partitions, method=method), abs=1e-12)


def test_notes_tell_short_null_models_and_what_was_not_measured():
    """Guards against results that are missing without a word."""
    scores = pd.DataFrame(
        {
            "objective": ["signed", "signed", "cpm"],
            "null": ["strength", "shuffled_labels", "strength"],
            "samples": [20, 3, 20],
        }
    )
    lost = pd.DataFrame({"network": ["a"], "part": ["function"], "reason": ["it does not settle"]})
    tables = {"scores": scores, "networks": pd.DataFrame({"network": ["a", "b"]}), "unmeasured": lost}
    notes = " ".join(page._notes(tables, "signed"))
    assert "Q on this page is signed modularity" in notes
    assert "Scores of constant Potts model are in the tables" in notes
    assert "Weights trained on shuffled labels: 3 samples of this null model" in notes
    assert "1 of 2 networks: it does not settle" in notes


def test_signed_weights_are_scored_by_the_signed_objective(tmp_path, no_page):
    """Guards against defaults that do not go together."""
    generator = np.random.default_rng(2)
    g = WeightGraph.from_matrix(generator.normal(size=(20, 20)) * (generator.random((20, 20)) < 0.4))
    write_graph(g, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, weights="signed", **QUICK)
    assert set(found.tables["scores"]["objective"]) == {"signed"}
    best = leiden(g, objective="signed", weights="signed", restarts=2, seed=0)
    assert found.tables["scores"]["quality"].iloc[0] == best.quality


def test_a_file_of_a_hostile_name_and_with_synapses_merged_says_so_and_stays_in_its_folder(tmp_path):
    """Guards against a name that leaves the folder or runs as HTML, and against silent merging."""
    file = tmp_path / "..<script>alert(1)<script>.csv"
    file.write_text(
        "pre,post,weight\n" + "".join(f"{i},{(i + 1) % 6},1\n{i},{(i + 2) % 6},2\n" for i in range(6)) + "0,1,5\n"
    )
    with pytest.raises(CreditgraphError, match="parallel to another"):
        analyse(file, tmp_path / "out", **QUICK)
    found = analyse(file, tmp_path / "out", duplicates="sum", **QUICK)
    assert found.path.parent.parent == tmp_path / "out"
    page = found.report.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "sum" in page


def test_another_table_of_neurons_is_another_input(tmp_path):
    """Guards against the results of a table of neurons that has been edited since."""
    (tmp_path / "edges.csv").write_text("pre,post,weight\na,b,1\nb,c,2\nc,a,3\n")
    table, checksums = tmp_path / "marks.csv", set()
    options = AnalysisOptions(neuron_table=str(table))
    for layer in ("0", "1"):
        table.write_text(f"neuron,layer\na,0\nb,{layer}\nc,1\n")
        checksums.add(source_of(tmp_path / "edges.csv", options, print).checksum)
    assert len(checksums) == 2


def test_what_training_changed_in_a_model_of_pytorch_is_analysed(tmp_path, no_page):
    """Guards against layers or untrained weights that are lost on the way, and against stale untrained weights."""
    generator = np.random.default_rng(0)
    for name in ("before", "after"):
        blocks = {f"{2 * i}.weight": generator.normal(size=shape) for i, shape in enumerate([(9, 6), (5, 9)])}
        save_file(blocks, tmp_path / f"{name}.safetensors")
    options = {"weights": "absolute_change", "initial": str(tmp_path / "before.safetensors"), **QUICK}
    found = analyse(tmp_path / "after.safetensors", tmp_path / "out", **options)
    with pytest.warns(GraphFileWarning):
        g = read_graph(tmp_path / "after.safetensors", initial=tmp_path / "before.safetensors")
    best = leiden(g, weights="absolute_change", restarts=2, seed=0)
    scores = found.tables["scores"].set_index(["objective", "null"])["quality"]
    assert scores["modularity", "shuffle_block"] == best.quality
    assert set(found.tables["neurons"]["layer"]) == {0, 1, 2}
    save_file({name: 2 * block for name, block in blocks.items()}, tmp_path / "before.safetensors")
    with pytest.raises(FileError, match=r"after\.safetensors or .*before\.safetensors: has changed since"):
        report(found.path)
    assert analyse(tmp_path / "after.safetensors", tmp_path / "out", **options).path != found.path
    options["initial"] = str(tmp_path / "after.safetensors")
    with pytest.raises(CreditgraphError, match="after: no weight has changed, the untrained weights are the same"):
        analyse(tmp_path / "after.safetensors", tmp_path / "out", **options)


def test_a_single_network_has_all_workers_and_tells_how_far_it_is(planted, tmp_path, no_page, monkeypatch):
    """Guards against a bar that stands at 0 of 1 for minutes, and against numbers that depend on the processes."""
    told: list[tuple[int, int]] = []

    class Told(Progress):
        @contextlib.contextmanager
        def course(self, name):
            yield lambda done, total: told.append((done, total))

    used: set[int] = set()
    significance = study_tables.significance

    def noted(*arguments, workers, **options):
        used.add(workers)
        return significance(*arguments, workers=workers, **options)

    monkeypatch.setattr(study_tables, "significance", noted)
    file = write_graph(planted.graph, tmp_path / "network.npz")
    options = {**QUICK, "parts": ["structure", "resolution"], "objectives": ["modularity", "cpm"]}
    alone = analyse(file, tmp_path / "alone", **options)
    assert used == {1}
    shared = analyse(file, tmp_path / "shared", **{**options, "workers": 2}, progress=Told())
    assert used == {1, 2}
    for name, table in alone.tables.items():
        pd.testing.assert_frame_equal(shared.tables[name], table)
    counts = [done for done, _ in told]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert told[-1][0] == told[-1][1]
    assert len(set(counts)) > 4
    # what was counted before is what was done: the last steps are those of structure and of the profile
    assert counts[-1] - counts[-2] == RESOLUTIONS * (1 + QUICK["samples"])
    told.clear()
    assert analyse(file, tmp_path / "shared", **options, progress=Told()).analysed == 0
    assert not told


def test_the_command_prints_scores_and_the_path(planted, tmp_path, capsys):
    """Guards against a command that fails although everything worked, or the other way round."""
    write_graph(planted.graph, tmp_path / "network.npz")
    arguments = ["analyse", str(tmp_path / "network.npz"), "--out", str(tmp_path), "--samples=9", "--restarts=2"]
    assert main([*arguments, "--parts=stability", "--workers=1"]) == 0
    printed = capsys.readouterr().out
    assert "shuffled weights" in printed
    assert "index.html" in printed.splitlines()[-1]
    assert main(["analyse", str(tmp_path / "missing.npz")]) == 2
    assert main([*arguments, "--restart=3"]) == 2
    assert "did you mean '--restarts'" in capsys.readouterr().err


def test_options_and_input_are_stored_beside_the_results(planted, tmp_path, no_page):
    """Guards against a result that nobody can repeat."""
    write_graph(planted.graph, tmp_path / "network.npz")
    found = analyse(tmp_path / "network.npz", tmp_path, options=AnalysisOptions(seed=7), **QUICK)
    text = (found.path / "analysis.yaml").read_text()
    assert "seed: 7" in text
    assert "checksum: " in text
    assert json.loads((found.path / "environment.json").read_text())["versions"]["igraph"]


def test_a_table_of_edges_of_any_columns_is_read_from_the_command(tmp_path, capsys):
    """Guards against files whose remedy the command names but does not know."""
    random = np.random.default_rng(0)
    rows = [(i, j) for i in range(20) for j in range(20) if i != j and random.random() < 0.4]
    table = pd.DataFrame(rows, columns=["a", "b"]).assign(strength=random.random(len(rows)))
    table.loc[3, "strength"] = np.nan
    table.to_csv(tmp_path / "edges.csv", index=False)
    arguments = [
        *(
            "analyse",
            str(tmp_path / "edges.csv"),
            "--out",
            str(tmp_path / "out"),
            "--format=edges",
            "--parts=stability",
        ),
        *("--samples=2", "--restarts=2", "--workers=1", "--pre_column=a", "--post_column=b", "--weight=strength"),
    ]
    assert main(arguments) == 2
    assert "say --missing_weights=drop to leave them out" in capsys.readouterr().err
    assert main([each for each in arguments if "column" not in each]) == 2
    assert "pre_column: got columns a, b, strength, none called pre, source, from" in (err := capsys.readouterr().err)
    assert "say --pre_column= the column's name" in err
    assert main([*arguments, "--missing_weights=drop"]) == 0
    page = capsys.readouterr().out.strip().splitlines()[-1]
    networks = pd.read_csv(Path(page).parent.parent / "networks.csv")
    assert networks["synapses"].tolist() == [len(rows) - 1]
    assert main([*arguments, "--missing_weights=drob"]) == 2
    assert "missing_weights: got 'drob', expected one of refuse, drop" in capsys.readouterr().err


def test_a_table_without_names_is_read_with_its_weights_by_numbers_of_columns(tmp_path):
    """Guards against a table that can only be read without its weights."""
    (tmp_path / "bare.csv").write_text("a,b,2.5\nb,c,0.5\nc,a,1.5\n")
    for given in ("2", 2):
        options = AnalysisOptions(pre_column="0", post_column="1", weight=given)
        g = source_of(tmp_path / "bare.csv", options, print).networks[0].graph
        assert sorted(g.weight.tolist()) == [0.5, 1.5, 2.5]
    # where columns have names, a number is one too
    (tmp_path / "named.csv").write_text("pre,post,2\na,b,2.5\nb,c,0.5\nc,a,1.5\n")
    g = source_of(tmp_path / "named.csv", AnalysisOptions(weight="2"), print).networks[0].graph
    assert sorted(g.weight.tolist()) == [0.5, 1.5, 2.5]
