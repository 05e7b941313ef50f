"""The command on a page, for a reader who has nothing else."""

import dataclasses
import shlex

import pytest
import yaml

from creditgraph.study import ConnectomeOptions, NullOptions, Study, SweepOptions
from creditgraph.study.command_parser import parser_of_all
from creditgraph.study.commands import overrides
from creditgraph.study.repeat import folder_of, repeat
from creditgraph.study.study_file import bundled_studies

BUNDLED = {name: Study.from_file(path) for name, path in bundled_studies().items()}
CONNECTOME, LAYERED = BUNDLED["connectome"], BUNDLED["layered-digits"]


def read_back(command):
    """The study that a command runs, read as the command line reads it."""
    options = parser_of_all().parse_args(shlex.split(command)[1:])
    return Study.from_file(options.study, overrides(options))


def changed(study, **sections):
    return dataclasses.replace(
        study, **{name: dataclasses.replace(getattr(study, name), **given) for name, given in sections.items()}
    )


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_study_is_repeated_by_its_name(name):
    """Guards against a path on somebody else's disk, where a name does."""
    assert repeat(BUNDLED[name]) == (f"creditgraph run {name}", {})


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (changed(CONNECTOME, sweep={"seeds": 3, "learning_rates": [1e-5, 0.1]}), "--sweep.learning_rates=1e-05,0.1"),
        (changed(CONNECTOME, sweep={"seeds": [4, 7]}), "--sweep.seeds=4,7"),
        (changed(CONNECTOME, sweep={"seeds": [4]}), "'--sweep.seeds=[4]'"),
        (changed(CONNECTOME, sweep={"snapshots": [5]}), "'--sweep.snapshots=[5]'"),
        (
            changed(CONNECTOME, connectome={"pruning": [0.5]}, communities={"directed": True}),
            "--communities.directed=true",
        ),
        (changed(LAYERED, layered={"rule": "hebbian", "hidden": [8, 4]}), "--layered.rule=hebbian"),
        (changed(LAYERED, layered={"task": "parity", "task_options": {"bits": 5}}), "--layered.task_options="),
        (changed(LAYERED, sweep={"matched_losses": [0.5]}), "'--sweep.matched_losses=[0.5]'"),
        (dataclasses.replace(CONNECTOME, name="mine"), "run connectome --name=mine"),
        (dataclasses.replace(CONNECTOME, question="\u202e'; rm -rf $(x)\""), "--question="),
    ],
)
def test_a_bundled_study_with_other_options_is_repeated_by_them(study, said):
    """Guards against an option that is lost, or that the command line reads otherwise than it was."""
    command, files = repeat(study)
    if command.isprintable() and "question" not in said:
        assert files == {}
        assert said in command
    assert (read_back(command) if not files else Study.from_dict(yaml.safe_load(files["study.yaml"]))) == study


@pytest.mark.parametrize(
    "study",
    [
        Study(name="mine", question="Mine?", connectome=ConnectomeOptions(n=40), nulls=NullOptions(samples=3)),
        dataclasses.replace(CONNECTOME, question="w" * 1000),
        dataclasses.replace(CONNECTOME, question="two\nlines"),
        dataclasses.replace(CONNECTOME, question="\u202e</script>"),
        Study(name="mine", experiment="recurrent", sweep=SweepOptions(seeds=2)),
    ],
)
def test_any_other_study_is_repeated_by_its_file_which_the_page_holds(study, tmp_path):
    """Guards against a command that takes a file which the reader does not have, or another than the study's."""
    command, files = repeat(study)
    assert command == "creditgraph run study.yaml"
    (tmp_path / "study.yaml").write_text(files["study.yaml"], encoding="utf-8")
    assert Study.from_file(tmp_path / "study.yaml") == study


def test_the_folder_of_the_repeated_run_is_told():
    """Guards against a second command that does not find what the first has made."""
    assert str(folder_of(CONNECTOME)) == f"runs/connectome/{CONNECTOME.hash()}"


def test_a_folder_of_the_same_name_changes_nothing(tmp_path, monkeypatch):
    """Guards against reading whatever lies in the working directory as a bundled study."""
    (tmp_path / "connectome").write_text("name: other\n")
    monkeypatch.chdir(tmp_path)
    assert repeat(CONNECTOME) == ("creditgraph run connectome", {})
