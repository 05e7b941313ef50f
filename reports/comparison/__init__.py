"""The page that sets runs, studies and foreign networks side by side."""

from .answer import comparison_answer
from .content import ComparisonContent
from .page import comparison_page, write_comparison

__all__ = ["ComparisonContent", "comparison_answer", "comparison_page", "write_comparison"]
