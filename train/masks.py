"""Masks of synapses: which neuron may receive from which, as boolean matrices [post, pre].

Neurons are ordered input, hidden, output. Input neurons receive from none: their rates are clamped.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..guard import DataError, OptionError, choice, counted, fraction, layer_sizes, true_or_false, whole_number
from .members import LARGEST_SEED

FEWEST_ON_A_RING = 3
"""Fewer neurons have no two neighbours."""


def all_to_all_mask(inputs: int, hidden: int, outputs: int, *, self_synapses: bool = False) -> Tensor:
    """Every hidden and output neuron receives from all neurons, from itself only with `self_synapses`.

    Examples
    --------
    >>> all_to_all_mask(1, 1, 1).int()
    tensor([[0, 0, 0],
            [1, 0, 1],
            [1, 1, 0]], dtype=torch.int32)
    """
    n = _neurons(inputs, hidden, outputs)
    mask = torch.ones(n, n, dtype=torch.bool)
    if not true_or_false("self_synapses", self_synapses):
        mask.fill_diagonal_(False)
    mask[:inputs] = False
    return mask


def layered_mask(sizes: Sequence[int]) -> Tensor:
    """Every neuron receives from all neurons of the layer before its own; `sizes` has the input layer first.

    Raises
    ------
    OptionError
        If there are fewer than two layers or a size is not a whole number of at least 1.

    Examples
    --------
    >>> layered_mask([1, 1, 1]).int()
    tensor([[0, 0, 0],
            [1, 0, 0],
            [0, 1, 0]], dtype=torch.int32)
    """
    layer = _layers(sizes)
    return layer[:, None] == layer[None, :] + 1


def skip_mask(sizes: Sequence[int]) -> Tensor:
    """Every neuron receives from all neurons of all layers before its own; `sizes` has the input layer first.

    Raises
    ------
    OptionError
        As :func:`layered_mask`.

    Examples
    --------
    >>> skip_mask([1, 1, 1]).int()
    tensor([[0, 0, 0],
            [1, 0, 0],
            [1, 1, 0]], dtype=torch.int32)
    """
    layer = _layers(sizes)
    return layer[:, None] > layer[None, :]


def random_mask(
    inputs: int, hidden: int, outputs: int, *, density: float = 0.5, seed: int = 0, self_synapses: bool = False
) -> Tensor:
    """Each synapse of :func:`all_to_all_mask` exists with probability `density`, whatever the others do.

    Raises
    ------
    OptionError
        If the density is outside 0 to 1 or the seed is no whole number of at least 0.
    """
    share = fraction("density", density)
    generator = torch.Generator().manual_seed(whole_number("seed", seed, 0, LARGEST_SEED))
    n = _neurons(inputs, hidden, outputs)
    drawn = torch.rand(n, n, generator=generator, dtype=torch.float64) < share
    return drawn & all_to_all_mask(inputs, hidden, outputs, self_synapses=self_synapses)


def small_world_mask(
    inputs: int, hidden: int, outputs: int, *, neighbours: int = 4, rewiring: float = 0.1, seed: int = 0
) -> Tensor:
    """Small world: neurons on a ring receive from their nearest neighbours, some synapses are moved at random.

    A directed version (ours) of the graph of Watts and Strogatz (1998), Nature 393, 440-442, by networkx's
    ``watts_strogatz_graph``: the two directions between neurons are rewired apart, by two draws. The places of the
    neurons on the ring are drawn too, so that inputs lie among the others; then the synapses onto inputs are removed.

    Parameters
    ----------
    inputs, hidden, outputs
        Counts of neurons.
    neighbours
        Neurons that each receives from before rewiring, half of them on either side: even, from 2 to n - 1.
    rewiring
        Probability that a synapse is moved, 0 to 1.
    seed
        Seed of places and rewiring.

    Returns
    -------
    Tensor
        (n, n), bool; before synapses onto inputs are removed it has n * neighbours synapses.

    Raises
    ------
    OptionError
        If an option is out of its range.
    """
    # networkx takes long to load, and only this mask needs it
    import networkx as nx

    n = _neurons(inputs, hidden, outputs)
    if n < FEWEST_ON_A_RING:
        raise OptionError("mask", "small_world", f"a network of at least {FEWEST_ON_A_RING} neurons")
    if whole_number("neighbours", neighbours, 2, n - 1) % 2:
        raise OptionError("neighbours", neighbours, "an even number, half of them on either side")
    share = fraction("rewiring", rewiring)
    random = np.random.default_rng(whole_number("seed", seed, 0))
    upper, lower = (
        nx.to_numpy_array(nx.watts_strogatz_graph(n, neighbours, share, seed=random), nodelist=range(n)) > 0
        for _ in range(2)
    )
    places = random.permutation(n)
    mask = torch.from_numpy((np.triu(upper) | np.tril(lower))[np.ix_(places, places)])
    mask[:inputs] = False
    return mask


def edges_mask(pre: Any, post: Any, n: int) -> Tensor:
    """Synapses from the neurons `pre` to the neurons `post`, two arrays of indices, such as a weight graph's edges.

    Parameters
    ----------
    pre, post
        One index each a synapse, 0 to n - 1.
    n
        Count of neurons.

    Raises
    ------
    DataError
        If the arrays differ in length, are no whole numbers or name a neuron that there is not.

    Examples
    --------
    >>> edges_mask([0, 1], [1, 2], 3).int()
    tensor([[0, 0, 0],
            [1, 0, 0],
            [0, 1, 0]], dtype=torch.int32)
    """
    n = whole_number("n", n, 1)
    mask = torch.zeros(n, n, dtype=torch.bool)
    ends = [np.asarray(each) for each in (pre, post)]
    if any(each.ndim != 1 or (each.size and each.dtype.kind not in "iu") for each in ends):
        raise DataError("edges: got arrays that are no lists of whole numbers, expected indices of neurons")
    sources, targets = (each.astype(np.int64) for each in ends)
    if len(sources) != len(targets):
        raise DataError(
            f"edges: got {counted(len(sources), 'source')} and {counted(len(targets), 'target')}, expected "
            "as many of each"
        )
    both = np.concatenate([sources, targets])
    if both.size and (both.min() < 0 or both.max() >= n):
        raise DataError(f"edges: got neurons from {both.min()} to {both.max()}, expected 0 to {n - 1}")
    mask[torch.from_numpy(targets), torch.from_numpy(sources)] = True
    return mask


def _layered(inputs: int, hidden: int, outputs: int, *, layers: Sequence[int] | None = None) -> Tensor:
    return layered_mask([inputs, *_hidden_layers(hidden, layers), outputs])


def _skip(inputs: int, hidden: int, outputs: int, *, layers: Sequence[int] | None = None) -> Tensor:
    return skip_mask([inputs, *_hidden_layers(hidden, layers), outputs])


MASKS: dict[str, Callable[..., Tensor]] = {
    "layered": _layered,
    "skip": _skip,
    "all_to_all": all_to_all_mask,
    "random": random_mask,
    "small_world": small_world_mask,
}


def named_mask(
    name: str, inputs: int, hidden: int, outputs: int, *, options: Mapping[str, Any] | None = None
) -> Tensor:
    """Return the mask of that name, boolean (n, n) [post, pre].

    ============ ============================================ =============================
    name         synapses                                     options with their defaults
    ============ ============================================ =============================
    layered      from the layer before                        layers: sizes of the hidden
                                                              layers, by default one layer
    skip         from all layers before                       layers
    all_to_all   from all                                     self_synapses=False
    random       each with a probability                      density=0.5, seed=0,
                                                              self_synapses=False
    small_world  from neighbours on a ring, some moved        neighbours=4, rewiring=0.1,
                                                              seed=0
    ============ ============================================ =============================

    Raises
    ------
    OptionError
        If the name or an option is unknown, or an option is out of its range.
    """
    make = MASKS[choice("mask", name, MASKS)]
    allowed = [each.name for each in inspect.signature(make).parameters.values() if each.kind is each.KEYWORD_ONLY]
    if options is not None and not isinstance(options, Mapping):
        raise OptionError("mask_options", options, "a mapping of options to their values")
    given = {} if options is None else dict(options)
    for option in given:
        choice("mask_options", option, allowed)
    return make(inputs, hidden, outputs, **given)


def checked_mask(mask: Any, inputs: int, n: int) -> Tensor:
    """Return a mask as a boolean tensor (n, n) if the input neurons, the first ones, have no incoming synapses.

    Raises
    ------
    DataError
        If it is not boolean, has another shape, or gives an input neuron an incoming synapse.
    """
    try:
        found = mask.detach().cpu().clone() if isinstance(mask, Tensor) else torch.tensor(mask)
    except (ValueError, TypeError, RuntimeError) as error:
        raise DataError(f"mask: got something that is no matrix, expected a boolean matrix of {n} x {n}") from error
    if found.dtype != torch.bool or found.shape != (n, n):
        raise DataError(
            f"mask: got shape {tuple(found.shape)} of {found.dtype}, expected a boolean matrix of {n} x {n} [post, pre]"
        )
    if bool(found[:inputs].any()):
        raise DataError(
            f"mask: got synapses onto input neurons (rows 0 to {inputs - 1}), expected none: they are clamped"
        )
    return found


def _neurons(inputs: int, hidden: int, outputs: int) -> int:
    """How many neurons there are, the counts checked."""
    counts = {"inputs": inputs, "hidden": hidden, "outputs": outputs}
    return sum(whole_number(name, count, 0) for name, count in counts.items())


def _layers(sizes: Sequence[int]) -> Tensor:
    """The layer of each neuron, (n,), from 0."""
    return torch.repeat_interleave(torch.tensor(layer_sizes("sizes", sizes, fewest=2)))


def _hidden_layers(hidden: int, layers: Sequence[int] | None) -> list[int]:
    if layers is None:
        return [hidden] if hidden else []
    sizes = layer_sizes("layers", layers)
    if sum(sizes) != hidden:
        raise OptionError("layers", list(layers), f"sizes that add up to the {hidden} hidden neurons")
    return sizes
