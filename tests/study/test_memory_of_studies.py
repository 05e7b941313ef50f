"""The memory that a study may take: kept, told in one line where it is too little, and of no influence on results."""

import dataclasses
import os
import sys

import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.study import ConnectomeOptions, LayeredOptions, RecurrentOptions, Study, SweepOptions, memory, run
from creditgraph.study.batches import batches_of
from creditgraph.study.cli import main
from creditgraph.study.memory import divided
from creditgraph.study.store import RunDirectory, cells_of
from creditgraph.study.training import Training, train_batch
from creditgraph.train.sweeps.memory import Need, free_memory

GIB = 2**30
SWEEP = SweepOptions(learning_rates=[0.1, 0.5], seeds=8, snapshots=3)
PARITY = {"task": "parity", "task_options": {"bits": 5}, "epochs": 2, "batch_size": 6}
STUDIES = (
    Study(
        name="connectome",
        connectome=ConnectomeOptions(n=10, pruning=[0.5, 0.6], iterations=20),
        sweep=dataclasses.replace(SWEEP, seeds=2),
    ),
    Study(name="layered", experiment="layered", layered=LayeredOptions(hidden=[9, 5], **PARITY), sweep=SWEEP),
    Study(
        name="recurrent",
        experiment="recurrent",
        recurrent=RecurrentOptions(hidden=3, max_steps=50, **{**PARITY, "epochs": 1}),
        sweep=SWEEP,
    ),
)
LARGE = Study(
    name="large",
    connectome=ConnectomeOptions(n=1000, pruning=[0.8, 0.9]),
    sweep=SweepOptions(learning_rates=[0.1, 0.2], seeds=20),
)


def least_memory(study):
    """Bytes that one network of a study takes at least, as the study itself tells."""
    with pytest.raises(OptionError, match=r"^memory: got 1, expected at least \d+ bytes") as caught:
        divided(study, workers=1, memory=1)
    return int(caught.value.allowed.split()[2])


def trained(study, folder, memory):
    """All bytes that training leaves of the networks of a study, and the count of batches."""
    directory = RunDirectory.of(study, folder)
    division = divided(study, workers=2, memory=memory)
    for batch in division.batches:
        train_batch(Training(directory, study, batch, "call", os.getpid(), division.memory))
    found = {}
    for cell in cells_of(study):
        for file in directory.folder(cell).iterdir():
            found[cell, file.name] = file.read_bytes()
    return found, division


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_any_memory_gives_the_same_networks(study, tmp_path, monkeypatch):
    """Guards against networks whose numbers depend on which others are trained beside them, or that are left out."""
    monkeypatch.setattr(os, "fsync", lambda file: None)
    least = least_memory(study)
    ample, wide = trained(study, tmp_path / "ample", None)
    scant, tight = trained(study, tmp_path / "scant", least)
    assert {len(batch.cells) for batch in tight.batches} == {1}
    assert len(tight.batches) > len(wide.batches)
    assert (tight.workers, tight.short, wide.workers, wide.short) == (1, True, 2, False)
    assert len(ample) > 5 * len(cells_of(study))
    assert ample == scant


def test_batches_on_an_accelerator_fit_into_what_is_free_there(monkeypatch):
    """Guards against all networks of a study in one batch, whatever the size of the GPU."""
    monkeypatch.setattr(memory, "usable_device", lambda name: torch.device("cuda"))
    for free, batches in ((200 * GIB, 1), (2 * GIB, 2), (GIB, 4)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, free=free: (free, 300 * GIB))
        division = divided(LARGE, workers=4)
        assert (len(division.batches), division.workers, division.short) == (batches, 1, False)
        assert division.memory == free // 2
    # 40 members of two prunings: weights of 4 MB, four times, in half of a GiB
    assert max(len(batch.cells) for batch in division.batches) * 16e6 < division.memory


def test_what_is_free_is_asked_of_the_device(monkeypatch):
    """Guards against a GPU that is taken to have the processor's memory."""
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (3 * GIB, 8 * GIB))
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 9 * GIB)
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: 2 * GIB)
    assert free_memory(torch.device("cuda")) == 3 * GIB
    assert free_memory(torch.device("mps")) == 7 * GIB


def test_networks_of_a_study_are_divided_alike_whatever_the_workers():
    """Guards against checkpoints that are lost where a run goes on with more workers."""
    divisions = [divided(LARGE, workers=workers, memory=GIB) for workers in (1, 2, 64)]
    assert divisions[0].batches == divisions[1].batches == divisions[2].batches
    assert divisions[2].short
    for division in divisions:
        assert division.workers * division.memory <= GIB


def test_networks_of_a_control_rule_stay_together(monkeypatch):
    """Guards against members that learn in other company where memory is short, and differ in their last bits."""
    study = Study(experiment="layered", layered=LayeredOptions(hidden=[5], rule="hebbian", **PARITY), sweep=SWEEP)
    whole = divided(study, workers=1)
    assert whole.batches == batches_of(study, accelerated=False)
    with pytest.raises(OptionError, match="2 networks that a control rule trains together"):
        divided(study, workers=1, memory=least_memory(dataclasses.replace(study, layered=STUDIES[1].layered)))
    monkeypatch.setattr(memory, "usable_device", lambda name: torch.device("cuda"))
    monkeypatch.setattr(memory, "_need", lambda *given: Need(seed=100, member=10, buffers=5, together=sys.maxsize))
    assert divided(study, workers=1, memory=1040).batches == batches_of(study, accelerated=True)
    with pytest.raises(OptionError, match="at least 1040 bytes for 16 networks that a control rule trains together"):
        divided(study, workers=1, memory=1039)


def test_batches_whose_size_is_that_of_their_data_are_not_divided(monkeypatch):
    """Guards against the data of one seed that are loaded for each network, since they fill an eighth of the memory."""
    study = STUDIES[1]
    monkeypatch.setattr(memory, "_need", lambda *given: Need(seed=1000, member=10, buffers=5))
    assert divided(study, workers=1, memory=1100).batches == batches_of(study, accelerated=False)
    assert {len(each.cells) for each in divided(study, workers=1, memory=1020).batches} == {1}
    monkeypatch.setattr(memory, "_need", lambda *given: Need(seed=0, member=1000, buffers=5))
    assert {len(each.cells) for each in divided(study, workers=1, memory=3000).batches} == {1}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_network_that_is_too_large_is_told_in_one_line_before_anything_is_written(study, tmp_path):
    """Guards against a traceback, and a run directory that can never be finished."""
    with pytest.raises(OptionError, match=r"^memory: got 1000, expected at least \d+ bytes .* 1 member") as caught:
        run(study, tmp_path / "runs", memory="1 kB")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_the_command_takes_memory_and_no_file_does(capsys, tmp_path):
    """Guards against a limit that is left out, or that gives a run another folder: it is of the machine."""
    assert main(["run", "connectome", "--memory=2 MB", "--out", str(tmp_path / "runs")]) == 2
    assert "memory: got 2000000, expected at least" in capsys.readouterr().err
    assert "memory" not in str(STUDIES[0].to_dict())
    with pytest.raises(OptionError, match=r"got 'sweep\.memory"):
        Study.from_dict({"sweep": {"memory": "4 GiB"}})
