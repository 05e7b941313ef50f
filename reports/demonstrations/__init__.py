"""Pages of demonstrations: each has its question, its answer with numbers, its figures and its words in one file."""

from .content import DemonstrationContent
from .page import DEMONSTRATIONS, ROWS_BESIDE, demonstration_page, write_demonstration

__all__ = ["DEMONSTRATIONS", "ROWS_BESIDE", "DemonstrationContent", "demonstration_page", "write_demonstration"]
