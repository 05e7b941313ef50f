"""Which view of the weights a question is asked of."""

from __future__ import annotations

from .options import AnalysisOptions

# views with signs, by the view of their sizes
SIZES = {"signed": "absolute", "change": "absolute_change"}


def view_of(options: AnalysisOptions, objective: str) -> str:
    """The view of the weights that an objective is about."""
    if objective == "signed":
        return options.weights if options.weights in SIZES else "signed"
    return options.weights


def sizes_of(weights: str) -> str:
    """The view of the sizes of a view: plain modularity, blocks and cores are not defined of negative weights.

    Examples
    --------
    >>> sizes_of("change"), sizes_of("positive")
    ('absolute_change', 'positive')
    """
    return SIZES.get(weights, weights)
