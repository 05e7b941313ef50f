"""Communities of weight graphs, and how far they can be told from chance."""

if __name__ != "creditgraph.analysis":
    raise ImportError("import creditgraph.analysis: the bare name analysis would load a second copy of every class")

from .leiden import leiden
from .modularity import modularity
from .partitions import Partition, compare
from .significance import Significance, significance
from .trends import effects, false_discovery, trends

__all__ = [
    "Partition",
    "Significance",
    "compare",
    "effects",
    "false_discovery",
    "leiden",
    "modularity",
    "significance",
    "trends",
]
