"""Pages and figures: what a study shows, from tables and partitions that are already computed."""

if __name__ != "creditgraph.reports":
    raise ImportError("import creditgraph.reports: the bare name reports would load a second copy of every class")

from .answer import Verdict, answer, other_answers, verdict
from .content import MatrixExample, ReportContent
from .figures import (
    community_order,
    modularity_curves,
    modularity_differences,
    null_distributions,
    reordered_matrices,
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
    "community_order",
    "modularity_curves",
    "modularity_differences",
    "networks_table",
    "null_distributions",
    "other_answers",
    "reordered_matrices",
    "scores_table",
    "training_curves",
    "training_summary",
    "trends_table",
    "verdict",
    "verification_errors",
    "write_report",
]
