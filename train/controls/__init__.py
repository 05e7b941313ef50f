"""Rules to compare the credit rule with: same data, initial weights and batches, another change of the synapses."""

from ..plasticity import from_effective_credits

# a module that is imported here enters its rule into the register
from . import backprop, credit, direct_feedback_alignment, feedback_alignment, hebbian, readout_only
from .rule import RULES, ControlRule, control_rule, output_credit, register_rule

__all__ = [
    "RULES",
    "ControlRule",
    "backprop",
    "control_rule",
    "credit",
    "direct_feedback_alignment",
    "feedback_alignment",
    "from_effective_credits",
    "hebbian",
    "output_credit",
    "readout_only",
    "register_rule",
]
