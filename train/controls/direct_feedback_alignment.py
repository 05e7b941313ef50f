from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..layered import LayeredNetwork
from ..plasticity import Update, from_effective_credits
from .rule import ControlRule, output_credit, register_rule


@register_rule
class DirectFeedbackAlignment(ControlRule):
    r"""Each hidden layer receives the output's error through fixed random weights of its own (Nokland 2016).

    .. math:: \delta_l = (B_l \delta_m) * \sigma'(s_l)

    with :math:`\delta_m` the output's effective credit and :math:`B_l` drawn from N(0, 1 / n_out).
    """

    name = "direct_feedback_alignment"

    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Equation 4 with errors that came straight from the output."""
        rates = network.fire(x)
        error = output_credit(network, rates, y)
        feedback = self.random_feedback(network, [(size, network.sizes[-1]) for size in network.sizes[1:-1]])
        hidden = [
            torch.bmm(error, weights.mT) * balance
            for weights, balance in zip(feedback, rates.balances[:-1], strict=True)
        ]
        return from_effective_credits(rates, [*hidden, error])
