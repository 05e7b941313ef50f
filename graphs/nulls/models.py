"""The null models by name, and their samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...guard import OptionError, choice, whole_number
from ..weight_graph import WeightGraph, weight_graph
from .dyad_exchanges import shuffle_dyads_strength
from .exchanges import shuffle_strength
from .pruned import pruned_alike
from .rewiring import rewire
from .shuffles import shuffle_block, shuffle_dyads, shuffle_nonzero, sign_shuffle
from .strengths import strength

RANDOM = {
    "shuffle_nonzero": shuffle_nonzero,
    "shuffle_block": shuffle_block,
    "shuffle_dyads": shuffle_dyads,
    "sign_shuffle": sign_shuffle,
    "rewire": rewire,
    "strength": strength,
    "shuffle_strength": shuffle_strength,
    "shuffle_dyads_strength": shuffle_dyads_strength,
}

# null models of other weights, and the option that gives those
GIVEN = {"initial": "initial", "shuffled_labels": "trained"}

NULL_MODELS = (*RANDOM, *GIVEN)

Weights = WeightGraph | npt.NDArray[Any] | Callable[[int], Any]


def null_model(
    g: WeightGraph, name: str, *, seed: int, initial: Weights | None = None, trained: Weights | None = None
) -> WeightGraph:
    """One sample of a null model: a graph that keeps what the model's name says and is random in all else.

    A symmetric graph (``W = W^T``: an undirected network, an edge being a synapse each way) stays symmetric. What is
    said of synapses below then holds of its edges, and self-synapses keep their weights; else a network whose halves
    agree would be held against networks whose halves do not, and differ from them whatever its structure. (A graph of
    self-synapses alone has no edge and is none of these.) The shuffles and "strength" return a graph without synapses
    as it is.

    Layers, roles, names, types, positions and untrained weights of the neurons are the graph's own in every sample.

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

        "sign_shuffle": the magnitudes stay where they are; the signs are permuted among all synapses. Kept: who is
        connected, every ``|w|``, how many synapses of each sign. Destroyed: which of them are positive, hence the types
        of neurons. Needs both signs (of edges: among them, self-synapses aside).

        "rewire": synapses a -> b and c -> d become a -> d and c -> b, over and over, within each block of layers where
        there are any. Kept: every in- and out-degree (in each block), the weights as a set, the weights of each
        neuron's outgoing synapses as a set, hence its out-strength. Self-synapses stay where they are and none arises.
        Destroyed: who is connected to whom, in-strengths, reciprocity. (Of edges: degrees are kept and the
        weights as a set, strengths are not.)

        "strength": as "shuffle_strength" below, and then weights are scaled by turns for each neuron's input and output
        until its strengths are those of `g` (iterative proportional fitting, finished by Newton's steps where it is
        slow). Kept: who is connected, all signs, the positive and negative in- and out-strength of each neuron to 1e-9,
        the weights as a set nearly. Destroyed: which synapse of a neuron is strong, as far as strengths leave a choice.
        Where they leave none (a neuron's only synapse, a tree), weights stay as they are.

        "shuffle_strength": the synapses stay where they are; two magnitudes of one sign change places, over and over
        (Metropolis), each such arrangement being the less likely the further strengths are from those of `g`. Kept: who
        is connected, all signs, the positive and the negative weights as sets; the positive and negative in- and
        out-strength of each neuron nearly: to a tenth of the root sum of squares of its weights, which is 1 % of the
        strength of 100 equal synapses and 10 % of that of a single one (standard deviations). Destroyed: which synapse
        of a neuron is strong, as far as strengths leave a choice. It sets out from `g` and ends when the ranks of
        weights hardly move further from where they were; what was not destroyed makes a test find less, not more.

        "shuffle_dyads_strength": as "shuffle_strength", reciprocity kept: what changes places are the two weights of
        reciprocal pairs of neurons, together, or of one pair with each other; the weights of synapses without a
        counterpart; and those of self-synapses. Kept: who is connected, the weights as a set (signs go with them, as
        far as the strengths of each sign allow), which two weights answer each other, and strengths nearly, as above.
        Destroyed: which pair of a neuron is strong, as far as strengths leave a choice. Of edges it is
        "shuffle_strength".

        "initial": untrained weights, pruned alike: of the matrix `initial`, as many of the strongest synapses (by
        ``|w|``) as `g` has, in each block of layers where there are any. Of equal ones the first, row by row, are
        pruned first. (Of edges and of self-synapses, each as many, from weights that are symmetric too.) Kept: the
        count of synapses, and whatever structure the untrained network had. Destroyed: what training did.

        "shuffled_labels": weights trained on shuffled labels, pruned alike, as above from `trained`. Kept: the count of
        synapses, and what training does whatever is to be learned. Destroyed: what the labels taught.
    seed
        Seed of the sample.
    initial, trained
        For "initial" the untrained weights (`g.initial`, say), for "shuffled_labels" those trained on shuffled labels:
        ``W[post, pre]``, shape (n, n), as a matrix or graph (then every seed gives the same sample), or a function of a
        seed that draws or trains them.

    Raises
    ------
    OptionError
        If the name is unknown, or `initial` or `trained` is missing or not asked for.
    DataError
        If layers or signs are needed and absent, nothing can be rewired, strengths cannot be fitted, or the weights
        given have another size or fewer synapses than `g`, or are not symmetric where it is.

    References
    ----------
    Rewiring: Maslov and Sneppen, Science 296 (2002). Wirings reachable by such exchanges are drawn uniformly; without
    new self-synapses a few exceptional degree sequences fall into parts that no exchange joins (Berger and
    Mueller-Hannemann, 2010). Fitting: Deming and Stephan, Annals of Mathematical Statistics 11 (1940); Newton's steps:
    Knight and Ruiz, IMA Journal of Numerical Analysis 33 (2013). Exchanges: Metropolis and others, Journal of Chemical
    Physics 21 (1953). "shuffle_dyads", "shuffle_strength", the fit of its weights sign by sign, and
    "shuffle_dyads_strength" are ours.
    """
    weight_graph("g", g)
    choice("null", name, NULL_MODELS)
    whole_number("seed", seed, 0)
    for option, given in (("initial", initial), ("trained", trained)):
        if given is not None and GIVEN.get(name) != option:
            raise OptionError(option, given, f"nothing for the null model {name}")
    if name in RANDOM:
        return RANDOM[name](g, np.random.default_rng(seed))
    option, weights = ("initial", initial) if name == "initial" else ("trained", trained)
    if weights is None:
        kind = "the untrained weights" if name == "initial" else "weights trained on shuffled labels"
        own = ", such as g.initial" if name == "initial" and g.initial is not None else ""
        raise OptionError(option, None, f"{kind}, for the null model {name}{own}")
    return pruned_alike(g, option, weights(seed) if callable(weights) else weights)


def null_models(
    g: WeightGraph,
    name: str,
    *,
    samples: int,
    seed: int,
    initial: Weights | None = None,
    trained: Weights | None = None,
) -> Iterator[WeightGraph]:
    """Yield independent samples of a null model; sample i depends on `seed` and i only.

    Parameters
    ----------
    g, name, initial, trained
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
        yield null_model(g, name, seed=int(drawn), initial=initial, trained=trained)
