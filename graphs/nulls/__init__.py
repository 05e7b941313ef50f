"""Null models: random graphs that keep what their names say, and reports of what a sample kept."""

from .models import NULL_MODELS, null_model, null_models
from .report import NullReport, null_report

__all__ = ["NULL_MODELS", "NullReport", "null_model", "null_models", "null_report"]
