"""Algorithm 1: networks driven by noise alone, on the processor and on GPUs."""

from .records import ConnectomeResult
from .simulation import ConnectomeSimulation

__all__ = ["ConnectomeResult", "ConnectomeSimulation"]
