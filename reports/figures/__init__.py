"""Figures over tidy tables: each returns a matplotlib figure that belongs to no window, for a page or a notebook."""

from .matrices import community_order, community_table, reordered_matrices, weight_table
from .modularity import modularity_curves, modularity_differences
from .nulls import null_distributions
from .rule import development_modules, retrograde_amplitude, synaptic_ratio, timescale_angles, timescale_raster
from .rule_training import balance_costs, dale_balance, dale_costs, rule_curves
from .style import png, svg
from .training import training_curves, training_summary
from .verification import verification_errors

__all__ = [
    "balance_costs",
    "community_order",
    "community_table",
    "dale_balance",
    "dale_costs",
    "development_modules",
    "modularity_curves",
    "modularity_differences",
    "null_distributions",
    "png",
    "reordered_matrices",
    "retrograde_amplitude",
    "rule_curves",
    "svg",
    "synaptic_ratio",
    "timescale_angles",
    "timescale_raster",
    "training_curves",
    "training_summary",
    "verification_errors",
    "weight_table",
]
