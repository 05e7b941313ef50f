"""Null models that keep the synapses where they are and exchange their weights or signs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..weight_graph import WeightGraph, layer_blocks
from .undirected import edges_of


def shuffle_nonzero(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the weights among all synapses, or edges."""
    edges = edges_of(g)
    if edges is not None:
        return edges.with_weights(g, generator.permutation(g.weight[edges.forward]))
    return g.with_weights(generator.permutation(g.weight))


def shuffle_block(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the weights of synapses, or edges, within each block of layers."""
    if g.layers is None:
        raise DataError("layers: the null model shuffle_block needs them, and the graph has none")
    edges = edges_of(g)
    if edges is not None:
        return edges.with_weights(g, _permuted(g.weight[edges.forward], edges.blocks(g), generator))
    return g.with_weights(_permuted(g.weight, layer_blocks(g), generator))


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
    """Permute the signs among all synapses, or edges; the magnitudes stay."""
    signs = np.sign(g.weight)
    if (signs > 0).all() or (signs < 0).all():
        raise DataError(
            "weights: all have one sign, so the null model sign_shuffle changes nothing; give the graph with its signs"
        )
    edges = edges_of(g)
    if edges is not None:
        chosen = edges.forward
        return edges.with_weights(g, generator.permutation(signs[chosen]) * np.abs(g.weight[chosen]))
    return g.with_weights(generator.permutation(signs) * np.abs(g.weight))


def _permuted(
    weight: npt.NDArray[np.float64], blocks: npt.NDArray[np.int64], generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Weights permuted among those of the same block."""
    found = np.empty_like(weight)
    found[np.argsort(blocks, kind="stable")] = weight[np.lexsort((generator.random(len(weight)), blocks))]
    return found
