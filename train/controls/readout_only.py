from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..layered import LayeredNetwork
from ..plasticity import Update, from_effective_credits
from .rule import ControlRule, output_credit, register_rule


@register_rule
class ReadoutOnly(ControlRule):
    """The output layer learns by the delta rule; all layers before it stay as they were drawn."""

    name = "readout_only"

    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Changes of the output layer; 0 elsewhere."""
        rates = network.fire(x)
        hidden = [torch.zeros_like(each) for each in rates[1:-1]]
        return from_effective_credits(rates, [*hidden, output_credit(network, rates, y)])
