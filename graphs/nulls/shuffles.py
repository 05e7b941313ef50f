"""Null models that keep the synapses where they are and exchange their weights or signs."""

from __future__ import annotations

import numpy as np

from ...guard import DataError
from ..weight_graph import WeightGraph, layer_blocks


def shuffle_nonzero(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the weights among all synapses."""
    return g.with_weights(generator.permutation(g.weight))


def shuffle_block(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the weights within each block of layers."""
    if g.layers is None:
        raise DataError("layers: the null model shuffle_block needs them, and the graph has none")
    blocks = layer_blocks(g)
    weight = np.empty_like(g.weight)
    weight[np.argsort(blocks, kind="stable")] = g.weight[np.lexsort((generator.random(g.synapses), blocks))]
    return g.with_weights(weight)


def shuffle_dyads(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the pairs of weights among reciprocal pairs of neurons, the others among themselves."""
    weight = g.weight.copy()
    places = g.post.astype(np.int64) * g.n + g.pre
    mirrored = g.pre.astype(np.int64) * g.n + g.post
    partner = np.searchsorted(places, mirrored)
    answered = np.append(places, -1)[partner] == mirrored
    pair = np.flatnonzero(answered & (g.pre < g.post))
    ends = np.stack([pair, partner[pair]])
    drawn = weight[ends[:, generator.permutation(len(pair))]]
    weight[ends] = np.where(generator.random(len(pair)) < 0.5, drawn, drawn[::-1])
    for alone in (np.flatnonzero(~answered), np.flatnonzero(g.pre == g.post)):
        weight[alone] = generator.permutation(weight[alone])
    return g.with_weights(weight)


def sign_shuffle(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the signs among all synapses; the magnitudes stay."""
    signs = np.sign(g.weight)
    if (signs > 0).all() or (signs < 0).all():
        raise DataError(
            "weights: all have one sign, so the null model sign_shuffle changes nothing; give the graph with its signs"
        )
    return g.with_weights(generator.permutation(signs) * np.abs(g.weight))
