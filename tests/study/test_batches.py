import itertools

import pytest

from creditgraph.study import ConnectomeOptions, Study, SweepOptions
from creditgraph.study.batches import MEMBERS, batches_of
from creditgraph.study.store import cells_of


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
