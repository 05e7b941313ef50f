"""The rules that train networks, in words: a page says which one did, and takes none for the credit rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from . import labels
from .content import ReportContent

CREDIT = "credit"


@dataclass(frozen=True)
class ControlRule:
    """A rule of learning beside the credit rule.

    Attributes
    ----------
    name
        What it is called.
    does
        What it does, a sentence without its full stop.
    source
        Author and year as a sentence cites them; empty where there is none.
    key
        Key of that source in the bibliography.
    """

    name: str
    does: str = ""
    source: str = ""
    key: str = ""

    @property
    def cited(self) -> str:
        """Its name and, where it has one, its source."""
        return f"{self.name} ({self.source})" if self.source else self.name


CONTROLS = {
    "backprop": ControlRule(
        "backpropagation",
        "Weights follow minus the gradient, taken by automatic differentiation; by the theorem of Fan and Mysore "
        "(2024) the credit rule with f = σ′ would make the same changes up to rounding",
    ),
    "feedback_alignment": ControlRule(
        "feedback alignment",
        "Errors come back through fixed random weights in the place of the network's own",
        "Lillicrap et al. 2016",
        "lillicrap2016",
    ),
    "direct_feedback_alignment": ControlRule(
        "direct feedback alignment",
        "Each hidden layer receives the error of the output through fixed random weights of its own",
        "Nøkland 2016",
        "nokland2016",
    ),
    "hebbian": ControlRule(
        "Oja's Hebbian rule",
        "Hidden layers learn without any error, the output layer by the delta rule",
        "Oja 1982",
        "oja1982",
    ),
    "readout_only": ControlRule(
        "the delta rule in the output layer alone",
        "All layers before it stay as they were drawn",
    ),
}


def control_rule_of(content: ReportContent) -> ControlRule | None:
    """The control rule that trained the networks of a study; None where the credit rule did."""
    return control_rule(content.kind, content.configuration)


def control_rule(kind: str, configuration: Mapping[str, Any]) -> ControlRule | None:
    """The control rule of a study's options, those of its `kind` among them; None where the credit rule trained."""
    options = configuration.get(kind)
    name = options.get("rule", CREDIT) if isinstance(options, Mapping) else CREDIT
    if name == CREDIT:
        return None
    return CONTROLS.get(str(name)) or ControlRule(labels.short(str(name).replace("_", " "), labels.LONGEST))


def not_credit(rule: ControlRule) -> str:
    """Which rule trained the networks, as a sentence that no reader can take for the credit rule's."""
    return f"The networks were trained with {rule.cited}, a control rule, not with the credit rule."


def verified(content: ReportContent) -> pd.DataFrame:
    """The exactness table; without rows where a control rule trained the networks, for it is about the credit rule."""
    return content.verification if control_rule_of(content) is None else content.verification.iloc[:0]
