from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..layered import LayeredNetwork
from ..plasticity import Update
from .rule import ControlRule, register_rule


@register_rule
class Backprop(ControlRule):
    """Gradient descent by automatic differentiation: minus the gradient of the mean loss.

    It shares with the network its weights, biases, activation and loss, and none of its credits or balances.
    """

    name = "backprop"

    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Minus the gradient, by autograd."""
        rates = network.fire(x)[0]
        layers = len(network.weights)
        parameters = [each.detach().clone().requires_grad_() for each in [*network.weights, *network.biases]]
        with torch.enable_grad():
            for layer in range(layers):
                s = rates @ parameters[layer].mT + parameters[layers + layer].unsqueeze(1)
                linear = layer == layers - 1 and network.loss.linear_outputs
                rates = s if linear else network.activation.function(s)
            mean_losses = network.loss.value(rates, y).mean(1)
            gradients = torch.autograd.grad(mean_losses.sum(), parameters)
        return Update([-each for each in gradients[:layers]], [-each for each in gradients[layers:]])
