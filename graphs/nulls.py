from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..guard import DataError, OptionError, choice, whole_number
from .weight_graph import WeightGraph, layer_blocks, weight_graph, weight_matrix

NULL_MODELS = ("shuffle_nonzero", "shuffle_block", "shuffle_dyads", "initial")

Initial = WeightGraph | npt.NDArray[Any] | Callable[[int], Any]


def null_model(g: WeightGraph, name: str, *, seed: int, initial: Initial | None = None) -> WeightGraph:
    """One sample of a null model: a graph that keeps what the model's name says and is random in all else.

    Parameters
    ----------
    g
        The graph to be held against chance.
    name
        "shuffle_nonzero": the synapses stay where they are; their weights are permuted among all of them. Kept: who is
        connected, self-synapses, the weights as a set. Destroyed: which weight is where, hence strengths.

        "shuffle_block": as above, within each block (layer of post, layer of pre). Kept besides: the weights of each
        block as a set. Needs layers.

        "shuffle_dyads": as "shuffle_nonzero", reciprocity kept: the two weights of a reciprocal pair of neurons (a
        synapse each way) move together to another such pair, turned round by the toss of a coin; weights of synapses
        without a counterpart are permuted among these, those of self-synapses among self-synapses. Kept besides: which
        two weights answer each other, hence their correlation. Destroyed: which pair of neurons has them.

        "initial": untrained weights, pruned alike: of the matrix `initial`, as many of the strongest synapses (by
        ``|w|``) as `g` has, in each block of layers where there are any. Of equal ones the first, row by row, are
        pruned first. Kept: the count of synapses, and whatever structure the untrained network had. Destroyed: what
        training did.
    seed
        Seed of the sample.
    initial
        For "initial": the untrained weights ``W[post, pre]``, shape (n, n), as a matrix or graph (then every seed gives
        the same sample), or a function of a seed that draws them.

    Raises
    ------
    OptionError
        If the name is unknown, or `initial` is missing or not asked for.
    DataError
        If layers are needed and absent, or the untrained weights have another size or fewer synapses than `g`.
    """
    weight_graph("g", g)
    choice("null", name, NULL_MODELS)
    whole_number("seed", seed, 0)
    if name != "initial" and initial is not None:
        raise OptionError("initial", initial, f"nothing for the null model {name}")
    if name == "initial":
        if initial is None:
            raise OptionError("initial", None, "the untrained weights, for the null model initial")
        return _pruned_alike(g, initial(seed) if callable(initial) else initial)
    generator = np.random.default_rng(seed)
    if name == "shuffle_nonzero":
        return g.with_weights(generator.permutation(g.weight))
    if name == "shuffle_dyads":
        return g.with_weights(_shuffled_dyads(g, generator))
    if g.layers is None:
        raise DataError("layers: the null model shuffle_block needs them, and the graph has none")
    blocks = layer_blocks(g)
    weight = np.empty_like(g.weight)
    weight[np.argsort(blocks, kind="stable")] = g.weight[np.lexsort((generator.random(g.synapses), blocks))]
    return g.with_weights(weight)


def null_models(
    g: WeightGraph, name: str, *, samples: int, seed: int, initial: Initial | None = None
) -> Iterator[WeightGraph]:
    """Yield independent samples of a null model; sample i depends on `seed` and i only.

    Parameters
    ----------
    g, name, initial
        As for :func:`null_model`.
    samples
        How many, at least 1.
    seed
        Seed of the whole series.
    """
    whole_number("samples", samples, 1)
    whole_number("seed", seed, 0)
    for sample in range(samples):
        drawn = np.random.SeedSequence((seed, sample)).generate_state(1)[0]
        yield null_model(g, name, seed=int(drawn), initial=initial)


def _shuffled_dyads(g: WeightGraph, generator: np.random.Generator) -> npt.NDArray[np.float64]:
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
    return weight


def _pruned_alike(g: WeightGraph, initial: Any) -> WeightGraph:
    matrix = weight_matrix("initial", initial)
    if len(matrix) != g.n:
        raise DataError(f"initial: got untrained weights of {len(matrix)} neurons, expected {g.n}, as in the graph")
    full = WeightGraph.from_matrix(matrix, layers=g.layers, roles=g.roles, names=g.names)
    blocks, wanted = layer_blocks(full), layer_blocks(g)
    size = 1 + max(int(blocks.max(initial=0)), int(wanted.max(initial=0)))
    counts, targets = np.bincount(blocks, minlength=size), np.bincount(wanted, minlength=size)
    if (counts < targets).any():
        block = int(np.argmax(counts < targets))
        place = ""
        if g.layers is not None:
            known = np.unique(g.layers)
            post, pre = divmod(block, len(known))
            place = f" from layer {known[pre]} to layer {known[post]}"
        raise DataError(
            f"initial: the untrained weights have {counts[block]} synapses{place}, expected at least the"
            f" {targets[block]} that the graph has"
        )
    magnitude = np.abs(full.weight)
    kept = np.concatenate(
        [_strongest(np.flatnonzero(blocks == block), magnitude, targets[block]) for block in np.flatnonzero(targets)]
        or [np.empty(0, dtype=np.int64)]
    )
    kept.sort()
    return WeightGraph(
        g.n, full.pre[kept], full.post[kept], full.weight[kept], layers=g.layers, roles=g.roles, names=g.names
    )


def _strongest(candidates: npt.NDArray[Any], magnitude: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    values = magnitude[candidates]
    threshold = np.partition(values, len(values) - count)[len(values) - count]
    above = candidates[values > threshold]
    level = candidates[values == threshold]
    return np.concatenate([above, level[len(level) - (count - len(above)) :]])
