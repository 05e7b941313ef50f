"""Sweeps: many networks over learning rates and seeds, trained side by side."""

from .layered import LayeredSweep
from .recurrent import RecurrentSweep
from .result import Snapshots, SweepResult, SweepSummary

__all__ = ["LayeredSweep", "RecurrentSweep", "Snapshots", "SweepResult", "SweepSummary"]
