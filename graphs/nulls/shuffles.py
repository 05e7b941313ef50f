"""Null models that keep the synapses where they are and exchange their weights or signs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...guard import DataError
from ..layers import layer_blocks
from ..weight_graph import WeightGraph
from .undirected import answers, edges_of


def shuffle_nonzero(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the weights among all synapses, or edges."""
    edges = edges_of(g)
    if edges is not None:
        return edges.with_weights(g, generator.permutation(g.weight[edges.forward]))
    # a permutation of no values is made in place, which the weights of a graph refuse
    return g.with_weights(generator.permutation(g.weight)) if g.synapses else g


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
    partner = answers(g)
    answered = partner >= 0
    pair = np.flatnonzero(answered & (g.pre < g.post))
    ends = np.stack([pair, partner[pair]])
    drawn = weight[ends[:, generator.permutation(len(pair))]]
    weight[ends] = np.where(generator.random(len(pair)) < 0.5, drawn, drawn[::-1])
    # of an undirected network every synapse is answered, and self-synapses, which are no edges, keep their weights
    if edges_of(g) is None:
        for alone in (np.flatnonzero(~answered), np.flatnonzero(g.pre == g.post)):
            weight[alone] = generator.permutation(weight[alone])
    return g.with_weights(weight)


def sign_shuffle(g: WeightGraph, generator: np.random.Generator) -> WeightGraph:
    """Permute the signs among all synapses, or edges; the magnitudes stay."""
    edges = edges_of(g)
    moved = g.weight if edges is None else g.weight[edges.forward]
    if (moved > 0).all() or (moved < 0).all():
        whose = "" if edges is None else " edges"
        raise DataError(
            f"weights: all{whose} have one sign, so the null model sign_shuffle changes nothing; give the graph with"
            " its signs"
        )
    weight = generator.permutation(np.sign(moved)) * np.abs(moved)
    return g.with_weights(weight) if edges is None else edges.with_weights(g, weight)


def _permuted(
    weight: npt.NDArray[np.float64], blocks: npt.NDArray[np.int64], generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Weights permuted among those of the same block."""
    found = np.empty_like(weight)
    found[np.argsort(blocks, kind="stable")] = weight[np.lexsort((generator.random(len(weight)), blocks))]
    return found
