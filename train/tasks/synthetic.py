from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from ...guard import OptionError, counted, layer_sizes, real_number, whole_number
from .samples import Samples, samples_of

LARGEST_SEED = 2**32 - 1
MOST_SAMPLES = 10**7
MOST_VALUES = 10**9
MOST_BITS = 20
RELEVANT = 3


def teacher(
    *, samples: int = 2000, features: int = 20, classes: int = 5, hidden: Sequence[int] = (30,), data_seed: int = 0
) -> Samples:
    """Labels that a random network gives to noise.

    .. math::

        x ~ N(0, I);  h_0 = x, h_l = tanh(W_l h_{l-1});  y = argmax_k (o_k - mean_k) / sd_k, o = W h

    with the weights from N(0, 1 / n_pre) and the mean and standard deviation of each output over the samples, which
    keep the classes of similar size.

    Parameters
    ----------
    samples, features, classes
        Counts.
    hidden
        Sizes of the teacher's hidden layers; none makes the classes linearly separable.
    data_seed
        Seed of the teacher and of the samples; the seed of the split is another.
    """
    count = whole_number("samples", samples, 2, MOST_SAMPLES)
    sizes = [
        whole_number("features", features, 1),
        *layer_sizes("hidden", hidden),
        whole_number("classes", classes, 2, count),
    ]
    if count * max(sizes) > MOST_VALUES:
        raise OptionError(
            "samples", samples, f"at most {MOST_VALUES // max(sizes)} for layers of {counted(max(sizes), 'neuron')}"
        )
    draw = np.random.default_rng(whole_number("data_seed", data_seed, 0, LARGEST_SEED))
    x = draw.standard_normal((count, sizes[0]))
    outputs = x
    for layer, (pre, post) in enumerate(itertools.pairwise(sizes)):
        weights = draw.standard_normal((post, pre)) / np.sqrt(pre)
        outputs = (np.tanh(outputs) if layer else outputs) @ weights.T
    standard = (outputs - outputs.mean(0)) / outputs.std(0)
    return samples_of("teacher", x, standard.argmax(1), class_names=tuple(map(str, range(classes))))


def parity(*, bits: int = 10, relevant: int | None = None, samples: int | None = None, data_seed: int = 0) -> Samples:
    """Whether an odd number of the first k of n bits are set.

    .. math::

        x in {-1, 1}^n;  y = (number of i <= k with x_i = 1) mod 2

    Parameters
    ----------
    bits, relevant
        n, at most 20, and k: 3 if none is given, or all where there are fewer.
    samples
        Count of distinct inputs, drawn at random; all :math:`2^n` if none is given.
    data_seed
        Seed of the samples; the seed of the split is another.
    """
    n = whole_number("bits", bits, 1, MOST_BITS)
    k = min(RELEVANT, n) if relevant is None else whole_number("relevant", relevant, 1, n)
    seed = whole_number("data_seed", data_seed, 0, LARGEST_SEED)
    codes = np.arange(2**n)
    if samples is not None:
        count = whole_number("samples", samples, 2, 2**n)
        codes = np.random.default_rng(seed).choice(codes, count, replace=False)
    values = (codes[:, None] >> np.arange(n)) & 1
    return samples_of("parity", 2.0 * values - 1, values[:, :k].sum(1) % 2)


def spirals(
    *, arms: int = 2, samples: int = 1000, turns: float = 1.5, noise: float = 0.02, data_seed: int = 0
) -> Samples:
    """Points on the arms of a spiral, one class an arm.

    .. math::

        u ~ U(0, 1);  phi = 2 pi (turns u + k / arms);  x = u (cos phi, sin phi) + N(0, noise^2)

    Parameters
    ----------
    arms
        Count of arms, k = 0 to arms - 1.
    samples
        Count of points, shared evenly among the arms.
    turns
        Turns of an arm around the origin.
    noise
        Standard deviation of the points around their arm; an arm's end is at distance 1 from the origin.
    data_seed
        Seed of the points; the seed of the split is another.
    """
    count = whole_number("samples", samples, 2, MOST_SAMPLES)
    arm = np.arange(count) % whole_number("arms", arms, 2, count)
    turns, noise = real_number("turns", turns, 0.0, 1e6), real_number("noise", noise, 0.0, 1e6)
    draw = np.random.default_rng(whole_number("data_seed", data_seed, 0, LARGEST_SEED))
    distance = draw.uniform(size=count)
    angle = 2 * np.pi * (turns * distance + arm / arms)
    points = distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return samples_of("spirals", points + noise * draw.standard_normal(points.shape), arm)
