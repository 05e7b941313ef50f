"""Figures over tidy tables: each returns a matplotlib figure that belongs to no window, for a page or a notebook."""

from .matrices import community_order, community_table, reordered_matrices, weight_table
from .modularity import modularity_curves, modularity_differences
from .nulls import null_distributions
from .style import png, svg
from .training import training_curves, training_summary
from .verification import verification_errors

__all__ = [
    "community_order",
    "community_table",
    "modularity_curves",
    "modularity_differences",
    "null_distributions",
    "png",
    "reordered_matrices",
    "svg",
    "training_curves",
    "training_summary",
    "verification_errors",
    "weight_table",
]
