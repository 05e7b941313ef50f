from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..layered import LayeredNetwork
from ..plasticity import Update, from_effective_credits
from .rule import ControlRule, output_credit, register_rule


@register_rule
class FeedbackAlignment(ControlRule):
    r"""Errors come back through fixed random weights (Lillicrap et al. 2016).

    .. math:: \delta_{l-1} = (B_l^T \delta_l) * \sigma'(s_{l-1})

    with :math:`\delta_m` the output's effective credit and :math:`B_l`, shaped and drawn like the initial
    :math:`W_l` but apart from it, in the place of :math:`W_l`.
    """

    name = "feedback_alignment"

    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Equation 4 with errors that came back through random weights."""
        rates = network.fire(x)
        feedback = self.random_feedback(network, [(w.shape[1], w.shape[2]) for w in network.weights])
        effective = [output_credit(network, rates, y)]
        for weights, balance in zip(feedback[:0:-1], rates.balances[-2::-1], strict=True):
            effective.append(torch.bmm(effective[-1], weights) * balance)
        return from_effective_credits(rates, effective[::-1])
