"""The page of a single network's analysis."""

from .content import AnalysisContent
from .page import analysis_page, write_analysis

__all__ = ["AnalysisContent", "analysis_page", "write_analysis"]
