from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor

from ..layered import LayeredNetwork
from ..plasticity import Update, from_effective_credits, synaptic_change
from .rule import ControlRule, output_credit, register_rule


@register_rule
class Hebbian(ControlRule):
    r"""Hidden layers learn by Oja's rule, without any error; the output layer learns by the delta rule.

    .. math:: \Delta w_{ij} = x_i (x_j - x_i w_{ij})

    (Oja 1982, for each neuron by itself; with the rate after the activation as :math:`x_i`.) Hidden biases stay.
    """

    name = "hebbian"

    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Oja's changes of hidden layers, the delta rule's of the output layer."""
        rates = network.fire(x)
        hidden = [torch.zeros_like(each) for each in rates[1:-1]]
        changes = from_effective_credits(rates, [*hidden, output_credit(network, rates, y)])
        for layer, (pre, post) in enumerate(itertools.pairwise(rates[:-1])):
            decay = post.square().mean(1).unsqueeze(-1) * network.weights[layer]
            changes.weights[layer] = synaptic_change(post, pre, pre.shape[1]) - decay
        return changes
