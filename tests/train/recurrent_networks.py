"""Small recurrent networks, and data for them, of known seeds."""

from __future__ import annotations

import torch

from creditgraph.train.recurrent import RecurrentNetwork

INPUTS, HIDDEN, OUTPUTS = 5, 12, 4
N = INPUTS + HIDDEN + OUTPUTS


def randn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def targets(loss, *shape, seed=1):
    if loss == "cross_entropy":
        return torch.randint(OUTPUTS, shape, generator=torch.Generator().manual_seed(seed))
    return randn(*shape, OUTPUTS, seed=seed)


def network(**options):
    net = RecurrentNetwork(INPUTS, HIDDEN, OUTPUTS, **{"dtype": torch.float64, "seed": 2, **options})
    net.biases = (0.2 + 0.2 * randn(net.members, N, seed=3)).to(net.dtype)
    return net
