import dataclasses
import itertools

import pytest

from creditgraph.guard import OptionError
from creditgraph.study import ConnectomeOptions, LayeredOptions, Study, SweepOptions
from creditgraph.study.batches import MEMBERS, batches_of
from creditgraph.study.store import cells_of
from creditgraph.study.sweeps import one_network, sweep_of


def study(rates, seeds, **options):
    return Study(
        sweep=SweepOptions(learning_rates=[0.1 + each for each in range(rates)], seeds=seeds),
        connectome=ConnectomeOptions(n=10, pruning=[0.5, 0.6]),
        **options,
    )


@pytest.mark.parametrize("experiment", ["connectome", "layered", "recurrent"])
@pytest.mark.parametrize("accelerated", [False, True])
def test_every_network_is_in_one_batch_in_the_order_of_a_sweep(experiment, accelerated):
    """Guards against a network that is never trained, trained twice, or stored under another's name."""
    for rates, seeds in itertools.product((1, 2, 5, 8), (1, 3, 5, 40)):
        made = study(rates, seeds, experiment=experiment)
        batches = batches_of(made, accelerated=accelerated)
        cells = [cell for batch in batches for cell in batch.cells]
        assert len(set(cells)) == len(cells)
        assert set(cells) == set(cells_of(made))
        assert len({batch.name for batch in batches}) == len(batches)
        for batch in batches:
            prunings = (0.5, 0.6) if experiment == "connectome" else (None,)
            assert [(cell.learning_rate, cell.pruning, cell.seed) for cell in batch.cells] == list(
                itertools.product(batch.learning_rates, prunings, batch.seeds)
            )


@pytest.mark.parametrize("experiment", ["connectome", "layered"])
@pytest.mark.parametrize("accelerated", [False, True])
def test_batches_that_do_not_fit_are_halved_until_they_do(experiment, accelerated):
    """Guards against networks lost or doubled as a batch is halved, and parts that take the checkpoints of others."""
    made = study(5, 7, experiment=experiment)
    named = {}
    for most in (1, 2, 3, 7, 100):
        batches = batches_of(made, accelerated=accelerated, fits=lambda batch, most=most: len(batch.cells) <= most)
        cells = [cell for batch in batches for cell in batch.cells]
        assert len(set(cells)) == len(cells)
        assert set(cells) == set(cells_of(made))
        assert max(len(batch.cells) for batch in batches) <= most
        assert len({batch.name for batch in batches}) == len(batches)
        for batch in batches:
            assert named.setdefault(batch.name, batch.cells) == batch.cells


def test_there_are_enough_batches_for_the_cores_and_none_is_too_large():
    """Guards against cores that are idle, and batches that outgrow the memory."""
    assert len(batches_of(study(8, 5, experiment="layered"), accelerated=False)) == 10
    assert len(batches_of(study(8, 5), accelerated=True)) == 1
    many = batches_of(study(3, 300, experiment="layered"), accelerated=False)
    assert max(len(batch.cells) for batch in many) <= MEMBERS + 2
    large = Study(sweep=SweepOptions(learning_rates=[0.1, 0.2], seeds=20), connectome=ConnectomeOptions(n=8000))
    assert {len(batch.cells) for batch in batches_of(large, accelerated=False)} == {1}


def test_networks_of_one_seed_are_kept_together():
    """Guards against batches that draw the same noise, or load the same data, more often than need be."""
    assert {len(batch.seeds) for batch in batches_of(study(8, 5), accelerated=False)} == {1}


def test_a_study_says_how_often_losses_are_matched():
    """Guards against matched losses that can only be found at the end of an epoch, and shuffled labels that match."""
    layered = LayeredOptions(task="parity", task_options={"bits": 7}, hidden=[5], epochs=1, batch_size=4)
    sweep = SweepOptions(learning_rates=[0.1], seeds=1, matched_losses=[0.5], evaluate_every=3)
    every = {}
    for given in (3, None):
        study = Study(experiment="layered", layered=layered, sweep=dataclasses.replace(sweep, evaluate_every=given))
        batch = batches_of(study, accelerated=False)[0]
        every[given] = sweep_of(study, batch).parameters["evaluate_every"]
        shuffled = sweep_of(study, dataclasses.replace(batch, shuffled=True))
        assert shuffled.parameters["evaluate_every"] is None
    # 102 samples to train on, 25 steps an epoch
    assert every == {3: 3, None: 2}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layered": {"batch_size": 5000}}, r"^layered\.batch_size: got 5000"),
        ({"sweep": {"snapshots": [10**6]}}, r"^sweep\.snapshots: got 1000000, expected steps of at most"),
    ],
)
def test_what_only_the_sweep_can_tell_is_named_as_the_study_names_it(changes, message):
    """Guards against an error about an option that is not in the study's file by that name."""
    study = Study.from_dict({"experiment": "layered", **changes})
    with pytest.raises(OptionError, match=message):
        one_network(study)
