"""Pages and figures: what a study shows, from tables and partitions that are already computed."""

if __name__ != "creditgraph.reports":
    raise ImportError("import creditgraph.reports: the bare name reports would load a second copy of every class")

from .answer import Verdict, answer, other_answers, verdict
from .content import MatrixExample, ReportContent
from .figures import (
    balance_costs,
    community_order,
    dale_balance,
    dale_costs,
    development_modules,
    modularity_curves,
    modularity_differences,
    null_distributions,
    reordered_matrices,
    retrograde_amplitude,
    rule_curves,
    synaptic_ratio,
    timescale_angles,
    timescale_raster,
    training_curves,
    training_summary,
    verification_errors,
)
from .page import write_report
from .tables import Column, Table, networks_table, scores_table, trends_table

__all__ = [
    "Column",
    "MatrixExample",
    "ReportContent",
    "Table",
    "Verdict",
    "answer",
    "balance_costs",
    "community_order",
    "dale_balance",
    "dale_costs",
    "development_modules",
    "modularity_curves",
    "modularity_differences",
    "networks_table",
    "null_distributions",
    "other_answers",
    "reordered_matrices",
    "retrograde_amplitude",
    "rule_curves",
    "scores_table",
    "synaptic_ratio",
    "timescale_angles",
    "timescale_raster",
    "training_curves",
    "training_summary",
    "trends_table",
    "verdict",
    "verification_errors",
    "write_report",
]
