"""Which null models can differ from a network at all."""

from __future__ import annotations

import numpy as np

from ...graphs import WeightGraph, null_model
from ...guard import DataError

# a graph of which so large a share of all possible synapses is there has no room to rewire them
ALMOST_COMPLETE = 0.9


def shuffle_of(g: WeightGraph, view: str) -> str | None:
    """The null model of what is looked at besides scores: None where there is nothing that it could change."""
    shown = g.view(view)
    if not uniform(shown):
        # layers differ in the size of their weights for other reasons
        return "shuffle_nonzero" if shown.layers is None else "shuffle_block"
    # equal weights have nothing to shuffle
    return "rewire" if rewirable(shown) else None


def uniform(view: WeightGraph) -> bool:
    """Whether all weights are equal, so that shuffling them changes nothing."""
    return view.synapses == 0 or bool((view.weight == view.weight[0]).all())


def rewirable(view: WeightGraph) -> bool:
    """Whether synapses can exchange their ends, and have room for more than a few exchanges."""
    return view.synapses < ALMOST_COMPLETE * _possible(view) and can_exchange_ends(view)


def can_exchange_ends(view: WeightGraph) -> bool:
    """Whether any two synapses can exchange their ends."""
    try:
        null_model(view, "rewire", seed=0)
    except DataError:
        return False
    return True


def _possible(view: WeightGraph) -> int:
    """How many synapses could be there: between layers that have any, or between all neurons."""
    if view.layers is None:
        return view.n * (view.n - 1)
    _, ranks, sizes = np.unique(view.layers, return_inverse=True, return_counts=True)
    pairs = np.unique(np.stack([ranks[view.post], ranks[view.pre]]), axis=1)
    return int((sizes[pairs[0]] * sizes[pairs[1]]).sum())
