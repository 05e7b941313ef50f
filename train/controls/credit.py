from __future__ import annotations

from typing import Any

from torch import Tensor

from ..layered import LayeredNetwork
from ..plasticity import Update
from .rule import ControlRule, register_rule


@register_rule
class Credit(ControlRule):
    """The credit rule itself (Fan and Mysore 2024, eqs. 1-4), for comparison under the same interface."""

    name = "credit"

    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Fire, assign credit, and return the change of the synapses."""
        rates = network.fire(x)
        return network.plasticity(rates, network.assign_credit(rates, y))
