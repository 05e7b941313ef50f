"""The figures of a page with their words: captions (n, seeds, null), texts for those who do not see them, data."""

from .findings import function, similarity, statistics, structure, trajectory
from .illustration import Illustration
from .learning import exactness, learning, verification
from .study import communities, stability
from .weights import every_matrix, matrices

__all__ = [
    "Illustration",
    "communities",
    "every_matrix",
    "exactness",
    "function",
    "learning",
    "matrices",
    "similarity",
    "stability",
    "statistics",
    "structure",
    "trajectory",
    "verification",
]
