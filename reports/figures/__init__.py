"""Figures over tidy tables: each returns a matplotlib figure that belongs to no window, for a page or a notebook."""

from .accuracy import accuracy_curves
from .blocks import block_maps
from .flow import community_flow
from .forest import group_differences, group_scores
from .group_similarity import group_similarity_map
from .hover import Spot, spots
from .lesions import class_selectivity, lesion_matrix
from .matrices import community_order, community_table, reordered_matrices, reordered_matrix, weight_table
from .modularity import modularity_curves, modularity_differences
from .network import network_drawing
from .nulls import null_distributions
from .phase import phase_diagram
from .resolution import resolution_curves
from .roles import neuron_roles
from .rule import development_modules, retrograde_amplitude, synaptic_ratio, timescale_angles, timescale_raster
from .rule_training import balance_costs, dale_balance, dale_costs, rule_curves
from .scores import score_samples
from .stability import similarity_map, stability_map
from .statistics import matched_loss_curves, power_curves
from .style import community_colours, lay_out, pdf, png, svg
from .training import balance_curves, training_curves, training_summary
from .trajectory import trajectory_events
from .verification import verification_errors

__all__ = [
    "Spot",
    "accuracy_curves",
    "balance_costs",
    "balance_curves",
    "block_maps",
    "class_selectivity",
    "community_colours",
    "community_flow",
    "community_order",
    "community_table",
    "dale_balance",
    "dale_costs",
    "development_modules",
    "group_differences",
    "group_scores",
    "group_similarity_map",
    "lay_out",
    "lesion_matrix",
    "matched_loss_curves",
    "modularity_curves",
    "modularity_differences",
    "network_drawing",
    "neuron_roles",
    "null_distributions",
    "pdf",
    "phase_diagram",
    "png",
    "power_curves",
    "reordered_matrices",
    "reordered_matrix",
    "resolution_curves",
    "retrograde_amplitude",
    "rule_curves",
    "score_samples",
    "similarity_map",
    "spots",
    "stability_map",
    "svg",
    "synaptic_ratio",
    "timescale_angles",
    "timescale_raster",
    "training_curves",
    "training_summary",
    "trajectory_events",
    "verification_errors",
    "weight_table",
]
